"""Where a question goes: the nearest body that is there to help and has a desk here, and why.

A competence centre comes first, because it is there for every place of its country; then the authority of the region or the
country, the consortium, Europe, and at last the operators of this installation, who are always there. Nobody is promised
who has not joined: a body without a desk is passed over, and that is said and counted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koinon.base.workdays import add_working_days
from koinon.network import responsible
from koinon.network.models import Organisation
from koinon.places.models import Place
from koinon.questions.models import Desk, Question
from koinon.questions.models.desks import DEFAULT_DAYS, TAKE_DAYS
from koinon.questions.staff import staffed

CENTRE, AUTHORITY, CONSORTIUM, EUROPE, OPERATORS = "centre", "authority", "consortium", "europe", "operators"
PRACTICE = "practice"
_ORDER = (CENTRE, AUTHORITY, CONSORTIUM, EUROPE)
_NEARNESS = ("city", "region", "country", "consortium", "europe")


@dataclass(frozen=True)
class Body:
    """One body that answers for a place, on the rung of the ladder where it stands."""

    rung: str
    level: str
    organisation: Organisation


@dataclass(frozen=True)
class Route:
    """Where a question goes. `desk` None: the operators. `missing`: bodies nearer that have no desk, nearest first."""

    desk: Organisation | None
    rung: str
    missing: tuple[Body, ...]
    days: int
    take_days: int
    because: Mapping[str, Any]

    def due(self, start: date) -> date:
        return add_working_days(start, self.days, country_of(self.desk))

    def take_by(self, start: date) -> date:
        return add_working_days(start, self.take_days, country_of(self.desk))


def ladder(place: Place, day: date) -> list[Body]:
    """The bodies that answer for a place on a day: centres, authorities, consortia, Europe; nearest first on each rung."""
    found: list[Body] = []
    for link in responsible.answer(place, day).links:
        if link.relation != "now" or link.organisation is None:
            continue
        found.append(Body(_rung(link.kind, link.organisation), link.level, link.organisation))
    unique = {body.organisation.pk: body for body in reversed(found)}
    bodies = [body for body in found if unique.get(body.organisation.pk) is body]
    return sorted(bodies, key=lambda body: (_ORDER.index(body.rung), _NEARNESS.index(body.level)))


def _rung(kind: str, organisation: Organisation) -> str:
    if kind == "centre":
        return CENTRE
    if organisation.kind == Organisation.Kind.CONSORTIUM:
        return CONSORTIUM
    if organisation.kind == Organisation.Kind.EUROPEAN_CENTRE:
        return EUROPE
    return AUTHORITY


def route(place: Place, day: date, *, language: str = "", after: Iterable[int] = ()) -> Route:
    """Where a question from a place goes. `after`: bodies that are out (they declined, or it is escalated past them).

    On one rung the desk that writes the language of the question comes first, then the one with the fewest open questions;
    without a `language` nobody asks yet, and the first is named.
    """
    bodies = [body for body in ladder(place, day) if body.organisation.pk not in set(after)]
    there = staffed(body.organisation for body in bodies)
    promises = _promises(body.organisation.pk for body in bodies)
    open_now = _load(there) if len(there) > 1 and language else {}

    def worth(body: Body) -> tuple[int, int, bool, int, int]:
        languages = body.organisation.languages or []
        return (
            _ORDER.index(body.rung),
            _NEARNESS.index(body.level),
            bool(language) and language not in languages,
            open_now.get(body.organisation.pk, 0),
            body.organisation.pk,
        )

    ready = sorted((body for body in bodies if body.organisation.pk in there), key=worth)
    if not ready:
        return _to(None, place, OPERATORS, (DEFAULT_DAYS, TAKE_DAYS), tuple(bodies))
    chosen = ready[0]
    before = [b for b in bodies if b.organisation.pk not in there and worth(b)[:2] < worth(chosen)[:2]]
    others = [body for body in ready[1:] if worth(body)[:2] == worth(chosen)[:2]]
    chose_by = ""
    if others:
        chose_by = "language" if worth(chosen)[2] < worth(others[0])[2] else "load"
    promised = promises.get(chosen.organisation.pk, (DEFAULT_DAYS, TAKE_DAYS))
    return _to(chosen.organisation, place, chosen.rung, promised, tuple(before), chose_by)


def to(desk: Organisation | None, *, place: Place, rung: str) -> Route:
    """The route to a desk that is chosen already, with what that desk promises."""
    return _to(desk, place, rung, promise(desk))


def _to(
    desk: Organisation | None,
    place: Place,
    rung: str,
    promised: tuple[int, int],
    missing: tuple[Body, ...] = (),
    chose_by: str = "",
) -> Route:
    because: dict[str, Any] = {"rung": rung, "place": place.name}
    if desk is not None:
        because["body"] = desk.name
    if missing:
        because["missing"] = [body.organisation.name for body in missing]
    if chose_by:
        because["chose_by"] = chose_by
    return Route(desk, rung, missing, *promised, because)


def promise(desk: Organisation | None) -> tuple[int, int]:
    """What a desk promises: working days until an answer, and until somebody takes it by name."""
    found = _promises([desk.pk]) if desk is not None else {}
    return found.get(desk.pk, (DEFAULT_DAYS, TAKE_DAYS)) if desk is not None else (DEFAULT_DAYS, TAKE_DAYS)


def _promises(organisations: Iterable[int]) -> dict[int, tuple[int, int]]:
    rows = Desk.objects.filter(organisation__in=list(organisations))
    return {row.organisation_id: (row.days, row.take_days) for row in rows}


def country_of(desk: Organisation | None) -> str:
    """Whose public holidays count for a desk; the institutions' place where a body is of no single country."""
    return desk.country if desk is not None and desk.country else "EU"


def _load(organisations: Iterable[int]) -> dict[int, int]:
    rows = Question.objects.ordinary().open().filter(desk__in=list(organisations))
    return dict(rows.order_by().values_list("desk").annotate(Count("pk")))


def reason_words(because: Mapping[str, Any]) -> str:
    """Why it lies where it lies, as whole sentences in the language of the page."""
    words = {"body": because.get("body", ""), "place": because.get("place", "")}
    sentences = {
        CENTRE: _(
            "%(body)s is a competence centre for %(place)s, and is there to help every place it serves."
        ),
        AUTHORITY: _(
            "%(body)s is a managing authority for %(place)s, and the nearest body with a desk here."
        ),
        CONSORTIUM: _(
            "%(body)s is the consortium that serves %(place)s, and the nearest body with a desk here."
        ),
        EUROPE: _(
            "%(body)s serves all Member States, and is the nearest body for %(place)s with a desk here."
        ),
        OPERATORS: _(
            "No body that answers for %(place)s has a desk here yet, so the operators of this site take it."
        ),
        "forwarded": _("It was forwarded to %(body)s; the reason stands in the history."),
        "forwarded_operators": _(
            "It was forwarded to the operators of this site; the reason stands in the history."
        ),
        "call": _("%(body)s opened the call that the question is about, or keeps what is known of it here."),
        PRACTICE: _("%(body)s answers for the practice that the question is about."),
        "session": _("The moderators of the session where it was asked gave it to %(body)s."),
        "session_operators": _(
            "The moderators of the session where it was asked gave it to the operators of this site."
        ),
        "complaint": _("A complaint is decided by somebody else than who declined: by %(body)s."),
        "complaint_operators": _(
            "A complaint is decided by somebody else than who declined: by the operators of this site."
        ),
    }
    parts = [sentences.get(because.get("rung", ""), "") % words]
    if because.get("chose_by") == "language":
        parts.append(_("Of several it was chosen because it writes the language of the question."))
    elif because.get("chose_by") == "load":
        parts.append(_("Of several it was chosen because it has the fewest open questions."))
    missing = because.get("missing", [])
    if missing:
        parts.append(
            ngettext(
                "Nearer would have been %(names)s, but nobody works here for it yet.",
                "Nearer would have been %(names)s, but nobody works here for them yet.",
                len(missing),
            )
            % {"names": ", ".join(missing)}
        )
    return " ".join(part for part in parts if part)
