"""Questions to those who did a practice: which one, who answers them, and what was answered already."""

import re
from collections.abc import Collection
from datetime import date

from koinon.network.models import Organisation
from koinon.places.models import Place
from koinon.practices import asking
from koinon.practices.models import Practice
from koinon.questions import routing
from koinon.questions.models import AboutPractice, Answer, Question
from koinon.questions.staff import staffed

SHOWN = 4
_SLUG = re.compile(r"[-A-Za-z0-9_]{1,120}")


def join_in() -> None:
    """Called once, when questions are ready."""
    asking.asking.append(asking_at)


def as_slug(value: object) -> str:
    """What may be the address of a practice; empty for all else, since an address that is wrong keeps nobody from asking."""
    typed = value if isinstance(value, str) else ""
    return typed if _SLUG.fullmatch(typed) else ""


def named(slug: object) -> Practice | None:
    """The practice that one asks about: only one that everybody reads."""
    key = as_slug(slug)
    if not key:
        return None
    return (
        Practice.objects.public()
        .select_related("organisation", "centre", "owner", "shown")
        .filter(slug=key)
        .first()
    )


def who_answers(practice: Practice, *, after: Collection[int] = ()) -> Organisation | None:
    """The centre that looks after it, if somebody works there; else the body that did it; None: who is nearest to the place."""
    bodies = [
        body for body in (practice.centre, practice.organisation) if body is not None and body.pk not in after
    ]
    there = staffed(bodies) if bodies else set()
    return next((body for body in bodies if body.pk in there), None)


def way(
    practice: Practice | None,
    place: Place,
    day: date,
    *,
    language: str = "",
    after: Collection[int] = (),
) -> routing.Route:
    """Where a question goes: to who answers for the practice that it is about, else by the place."""
    body = who_answers(practice, after=after) if practice is not None else None
    if body is not None:
        return routing.to(body, place=place, rung=routing.PRACTICE)
    return routing.route(place, day, language=language, after=after)


def about_of(question: Question) -> Practice | None:
    """The practice that a question is about, as long as everybody may read it."""
    if question.confidential:
        return None
    kept = AboutPractice.objects.filter(question=question).values("practice")
    return Practice.objects.public().select_related("shown").filter(pk__in=kept).first()


def asking_at(practice: Practice) -> asking.Asking:
    """For the page of a practice: where a question about it goes, and what was published of those before."""
    body = who_answers(practice)
    asked = AboutPractice.objects.filter(practice=practice, question__confidential=False).values("question")
    rows = Answer.objects.public().filter(question__in=asked).newest_first()[:SHOWN]
    return asking.Asking(
        to=body.name if body is not None else "",
        is_centre=body is not None and body.pk == practice.centre_id,
        answers=tuple((row.get_absolute_url(), row.title, row.asked_language) for row in rows),
    )
