"""Whether a place may apply: a few plain questions, each answered from what the call says, never with a false yes.

Nothing here reads or writes the database: a `Case` is what somebody said, the facts are those of the call. A *yes* needs all
of it: the call is sure and open until a date, every question is answered and fits, and its keeper said that no condition is
missing here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koinon.calls.models import Call, Condition
from koinon.calls.words import Applicant, Kind, Stage
from koinon.network.dates import in_words
from koinon.network.models import Stand
from koinon.places.models import Place

Outcome = Literal["yes", "no", "ask"]
Answer = Literal["yes", "no", ""]


@dataclass(frozen=True)
class Case:
    """What somebody said of their own case; what they did not say stays empty. `own` holds the call's own questions by key."""

    place: Place | None = None
    who: str = ""
    partners: int | None = None
    abroad: int | None = None
    start: date | None = None
    months: int | None = None
    years: int | None = None
    share: int | None = None
    own: dict[int, Answer] = field(default_factory=dict)


@dataclass(frozen=True)
class Reason:
    """One line of the answer: what came of it, in words, and the text of the call that it rests on."""

    outcome: Outcome
    head: str
    text: str
    says: str = ""
    section: str = ""
    mendable: bool = False

    @property
    def mark(self) -> str:
        if self.outcome == "yes":
            return "full"
        if self.outcome == "ask":
            return "none"
        return "half" if self.mendable else "late"


@dataclass(frozen=True)
class Verdict:
    outcome: Outcome
    reasons: tuple[Reason, ...]

    @property
    def mendable(self) -> bool:
        """No, but whoever asks can see to what is missing."""
        firm = [one for one in self.reasons if one.outcome == "no"]
        return bool(firm) and all(one.mendable for one in firm)


def verdict(
    call: Call, conditions: Sequence[Condition], case: Case, *, stage: Stage, stand: Stand
) -> Verdict:
    """The answer for a case. `places` of the call are read from it (prefetch them)."""
    reasons = [
        _time(call, stage),
        _place(call, list(call.places.all()), case),
        _who(call, case),
        *(_condition(one, case) for one in conditions),
        *_trust(call, stand),
    ]
    return Verdict(overall(reasons), tuple(reasons))


def overall(reasons: Iterable[Reason]) -> Outcome:
    """One no is a no; one thing that nobody knows is a question; only all yes are a yes."""
    outcomes = {one.outcome for one in reasons}
    if "no" in outcomes:
        return "no"
    return "yes" if outcomes == {"yes"} else "ask"


def _yes(text: str, says: str = "", section: str = "") -> Reason:
    return Reason("yes", _("Yes."), text, says, section)


def _no(text: str, says: str = "", section: str = "", *, mendable: bool = False) -> Reason:
    return Reason("no", _("Missing.") if mendable else _("No."), text, says, section, mendable)


def _ask(text: str, says: str = "", section: str = "") -> Reason:
    return Reason("ask", _("Not known."), text, says, section)


def _unsaid(text: str, says: str = "", section: str = "") -> Reason:
    return Reason("ask", _("You did not say."), text, says, section)


def _time(call: Call, stage: Stage) -> Reason:
    if stage == Stage.CLOSED:
        return _no(_("It is closed."))
    if call.closes_at is None:
        # Nobody can be sure of a call that does not say until when, or only that it ends with the money.
        return _ask(_("The deadline is not stated here."), call.no_deadline)
    if stage == Stage.COMING and call.opens_on is not None:
        return _yes(_("It is not open yet: it opens on %(day)s.") % {"day": in_words(call.opens_on)})
    return _yes(_("It is open."))


def _place(call: Call, places: list[Place], case: Case) -> Reason:
    names = ", ".join(place.display_name() for place in places)
    says = call.places_says
    if case.place is None:
        return _unsaid(_("Say which place you ask for: it is open to %(places)s.") % {"places": names}, says)
    if not places:
        return _ask(_("It is not stated here where applicants have to be."), says)
    words = {"place": case.place.display_name(), "places": names}
    around = {case.place.code, *case.place.ancestor_codes(), "EU"}
    here = next((place for place in places if place.code in around), None)
    if here is not None:
        if here.code == case.place.code:
            return _yes(_("It is open to %(place)s.") % words, says)
        return _yes(_("%(place)s lies in %(here)s.") % (words | {"here": here.display_name()}), says)
    if any(case.place.code in place.ancestor_codes() for place in places):
        return _ask(
            _("It is open to a part of %(place)s only: %(places)s. Choose your own municipality or region.")
            % words,
            says,
        )
    return _no(_("%(place)s does not lie in %(places)s.") % words, says)


def _who(call: Call, case: Case) -> Reason:
    says = call.who_text
    if not call.who:
        return _ask(_("It is not stated here which kinds of bodies may apply."), says)
    named = ", ".join(str(Applicant(kind).label) for kind in call.who if kind in Applicant.values)
    if not case.who:
        return _unsaid(_("Say who you are: open to %(kinds)s.") % {"kinds": named}, says)
    own = str(Applicant(case.who).label)
    if case.who in call.who:
        return _yes(_("%(kind)s: may apply.") % {"kind": own}, says)
    return _no(
        _("%(kind)s: not among those who may apply, which are: %(kinds)s.") % {"kind": own, "kinds": named},
        says,
    )


def _condition(one: Condition, case: Case) -> Reason:
    rest = (one.says, one.section)
    kind = Kind(one.kind)
    if kind == Kind.UNCHECKED:
        return Reason("ask", _("Not checked here."), one.question, *rest)
    if kind in {Kind.YES, Kind.NO}:
        return _own(one, case.own.get(one.pk, ""))
    if kind in {Kind.START_FROM, Kind.START_UNTIL}:
        return _start(one, case.start)
    if one.number is None:
        return _ask(_("How many is not stated here."), *rest)
    return _number(one, kind, one.number, case)


def _own(one: Condition, answer: Answer) -> Reason:
    rest = (one.says, one.section)
    if not answer:
        return _unsaid(one.question, *rest)
    words = _("%(question)s You said yes.") if answer == "yes" else _("%(question)s You said no.")
    text = words % {"question": one.question}
    if answer == one.kind:
        return _yes(text, *rest)
    return _no(text, *rest, mendable=one.mendable)


def _start(one: Condition, start: date | None) -> Reason:
    rest = (one.says, one.section)
    if one.day is None:
        return _ask(_("The day is not stated here."), *rest)
    day = {"day": in_words(one.day)}
    early = one.kind == Kind.START_FROM
    if start is None:
        text = _("It begins on %(day)s or later.") if early else _("It begins on %(day)s at the latest.")
        return _unsaid(text % day, *rest)
    fits = start >= one.day if early else start <= one.day
    if fits:
        return _yes(_("You begin on %(start)s.") % {"start": in_words(start)}, *rest)
    text = (
        _("You would begin on %(start)s; it has to be %(day)s or later.")
        if early
        else _("You would begin on %(start)s; it has to be %(day)s at the latest.")
    )
    return _no(text % (day | {"start": in_words(start)}), *rest, mendable=one.mendable)


def _number(one: Condition, kind: Kind, number: int, case: Case) -> Reason:
    rest = (one.says, one.section)
    given = {
        Kind.PARTNERS: case.partners,
        Kind.ABROAD: case.abroad,
        Kind.MONTHS_MOST: case.months,
        Kind.MONTHS_LEAST: case.months,
        Kind.YEARS_LEAST: case.years,
        Kind.YEARS_MOST: case.years,
        Kind.SHARE: case.share,
    }[kind]
    words = {"n": number}
    needs = {
        Kind.PARTNERS: ngettext("One partner at least.", "%(n)s partners at least.", number),
        Kind.ABROAD: ngettext(
            "One partner from another Member State at least.",
            "%(n)s partners from other Member States at least.",
            number,
        ),
        Kind.MONTHS_MOST: ngettext("One month at most.", "%(n)s months at most.", number),
        Kind.MONTHS_LEAST: ngettext("One month at least.", "%(n)s months at least.", number),
        Kind.YEARS_LEAST: ngettext(
            "The body is one year old at least.", "The body is %(n)s years old at least.", number
        ),
        Kind.YEARS_MOST: ngettext(
            "The body is one year old at most.", "The body is %(n)s years old at most.", number
        ),
        Kind.SHARE: _("%(n)s per cent of its own."),
    }[kind] % words
    if given is None:
        return _unsaid(needs, *rest)
    most = kind in {Kind.MONTHS_MOST, Kind.YEARS_MOST}
    if given <= number if most else given >= number:
        return _yes(needs, *rest)
    text = _("%(needs)s You said %(given)s.") % {"needs": needs, "given": given}
    can_be_mended = one.mendable or kind in {Kind.PARTNERS, Kind.ABROAD}
    return _no(text, *rest, mendable=can_be_mended)


def _trust(call: Call, stand: Stand) -> list[Reason]:
    """What keeps from a yes though all fits: what is here may not be all, or not be so."""
    found = []
    if not call.conditions_whole:
        found.append(
            _ask(_("Whether these are all the conditions of the call is not known: its text may have more."))
        )
    if stand == Stand.SPLIT:
        found.append(_ask(_("Sources say different things about this call.")))
    elif stand in {Stand.UNSURE, Stand.STALE}:
        found.append(_ask(_("What stands here about this call is unsure, or old.")))
    return found
