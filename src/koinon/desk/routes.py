"""Where a case could go: the bodies that answer for its place, other bodies with a desk, and the operators of this site."""

from dataclasses import dataclass
from datetime import date

from koinon.network.models import Organisation, Role
from koinon.questions import routing
from koinon.questions.matching import stems
from koinon.questions.models import Desk, Question
from koinon.questions.models.desks import DEFAULT_DAYS
from koinon.questions.staff import KINDS, staffed

OPERATORS = "operators"


@dataclass(frozen=True)
class Way:
    """One body of the ladder: how many working days its desk promises; None where nobody works for it here yet."""

    organisation: Organisation
    days: int | None


def ways(question: Question, today: date) -> list[Way]:
    """The bodies that answer for the place of a question, nearest first, without the desk where it lies."""
    bodies = [
        body.organisation
        for body in routing.ladder(question.place, today)
        if body.organisation.pk != question.desk_id
    ]
    there = staffed(bodies)
    promised = dict(Desk.objects.filter(organisation__in=there).values_list("organisation", "days"))
    return sorted(
        (Way(body, promised.get(body.pk, DEFAULT_DAYS) if body.pk in there else None) for body in bodies),
        key=lambda way: way.days is None,
    )


def other_desks(question: Question) -> list[Organisation]:
    """Every body with a desk today, but the one where it lies."""
    staff = Role.objects.today().filter(kind__in=KINDS, person__is_active=True)
    rows = Organisation.objects.public().filter(pk__in=staff.values("organisation"))
    return list(rows.exclude(pk=question.desk_id or 0).by_name())


def same_before(question: Question, candidates: "list[Question]", most: int = 3) -> list[Question]:
    """Which of these may be the same question: by the beginnings of the words they share."""
    asked = set(stems(question.text))
    if not asked:
        return []
    scored = []
    for other in candidates:
        words = set(stems(other.text))
        score = len(asked & words) / len(asked | words) if words else 0.0
        if score >= 0.25:
            scored.append((score, other.pk, other))
    return [other for _score, _pk, other in sorted(scored, reverse=True, key=lambda row: row[:2])[:most]]
