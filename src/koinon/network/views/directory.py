"""The directory: who is in the network, on a day, by country, kind, state and how sure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest as DjangoRequest
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from koinon.base.exits import Column, Listing, exit_name
from koinon.base.governance import governed
from koinon.base.languages import DEFAULT, country_name
from koinon.base.paging import page_of
from koinon.base.text import fold
from koinon.base.visitor import HttpRequest
from koinon.network.dates import in_words
from koinon.network.models import Organisation, Stand
from koinon.network.overview import Network, Row, now_at, years
from koinon.network.views import asked

A_PAGE = 50
Kind, State = Organisation.Kind, Organisation.State
SURE = ("confirmed", "checked", "unsure")
FOUNDING, SECOND, BETWEEN = date(2021, 10, 13), date(2022, 6, 1), date(2024, 1, 1)

LISTING: Listing[Row] = Listing(
    name="network",
    title=gettext_lazy("The directory of the network"),
    columns=(
        Column("slug", lambda row: row.organisation.slug),
        Column("name", lambda row: row.organisation.name),
        Column("name_local", lambda row: row.organisation.name_local),
        Column("kind", lambda row: row.organisation.kind),
        Column("country", lambda row: row.organisation.country),
        Column("city", lambda row: row.organisation.city),
        Column("state", lambda row: row.state),
        Column("hosts", lambda row: [tie.member.name for tie in row.hosts]),
        Column("website", lambda row: row.organisation.website),
        Column("since", lambda row: row.organisation.since),
        Column("until", lambda row: row.organisation.until),
        Column("certain", lambda row: row.organisation.certain and row.stand != Stand.UNSURE),
        Column("sources", lambda row: row.organisation.sources),
        Column("checked_on", lambda row: row.organisation.checked_on),
        Column("confirmed_on", lambda row: row.organisation.confirmed_on),
    ),
    entry_title=lambda row: row.organisation.name,
    entry_url=lambda row: row.organisation.get_absolute_url(),
    entry_updated=lambda row: row.organisation.confirmed_on or row.organisation.checked_on,
)


@dataclass(frozen=True)
class Choice:
    """One box of a filter: its value, its words, how many there are, whether it is ticked."""

    value: str
    label: str
    count: int
    ticked: bool


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    day: date
    q: str
    kinds: list[str]
    countries: list[str]
    states: list[str]
    sure: list[str]

    def address(self, **more: str) -> str:
        """The same question as an address, with something else in it."""
        pairs = [("q", self.q)] if self.q else []
        pairs += [("kind", kind) for kind in self.kinds]
        pairs += [("country", code) for code in self.countries]
        pairs += [("state", state) for state in self.states]
        pairs += [("sure", sure) for sure in self.sure]
        if self.day != timezone.localdate():
            pairs.append(("on", self.day.isoformat()))
        pairs = [pair for pair in pairs if pair[0] not in more] + [(k, v) for k, v in more.items() if v]
        return "?" + urlencode(pairs)


@governed("A1")
@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    """Who is in the network: the national centres, or what is chosen, on the day that is asked for."""
    wanted = _asked(request)
    today = timezone.localdate()
    network = Network(wanted.day, request.visitor, is_today=wanted.day == today)
    found = _found(network.rows, wanted)
    if answer := LISTING.answer(request, found):
        return answer
    page = page_of(request, found, A_PAGE)
    chosen = set(wanted.kinds)
    context = {
        "asked": wanted,
        "network": network,
        "is_today": network.is_today,
        "day_words": in_words(wanted.day),
        "page": page,
        "earlier": wanted.address(page=str(page.number - 1)) if page.has_previous() else "",
        "later": wanted.address(page=str(page.number + 1)) if page.has_next() else "",
        "heading": _heading(wanted, len(found), network.is_today),
        "only_centres": bool(chosen) and chosen <= {Kind.CENTRE},
        "facets": _facets(network.rows, wanted),
        "filters_set": sum(map(bool, (wanted.countries, wanted.states, wanted.sure, chosen - {Kind.CENTRE}))),
        "presets": _presets(wanted, today),
        "years": years(),
        "now": now_at(wanted.day),
        "exits": [(exit_name(name), wanted.address(format=name)) for name in ("csv", "json", "xlsx", "atom")],
        "tally": network.tally,
    }
    return render(request, "network/directory.html", context)


def _asked(request: DjangoRequest) -> Asked:
    q = asked.text(request)
    kinds = asked.among(request, "kind", set(Kind.values))
    countries = [code.upper() for code in request.GET.getlist("country") if code]
    countries = [{"GR": "EL", "GB": "UK"}.get(code, code) for code in countries]
    if not all(len(code) == 2 and code.isascii() and code.isalpha() for code in countries):
        asked.among(request, "country", set())
    # Without a wish the national centres are shown; who types something looks everywhere.
    if not kinds and not q and "kind" not in request.GET:
        kinds = [] if countries else [Kind.CENTRE.value]
    return Asked(
        day=asked.day(request),
        q=q,
        kinds=kinds,
        countries=countries,
        states=asked.among(request, "state", set(State.values)),
        sure=asked.among(request, "sure", set(SURE)),
    )


def _sure(row: Row) -> str:
    if row.stand == Stand.HELD:
        return "confirmed"
    return "checked" if row.stand == Stand.CHECKED else "unsure"


def _matches(row: Row, words: list[str]) -> bool:
    organisation = row.organisation
    hosts = " ".join(tie.member.name for tie in row.hosts)
    text = " ".join(
        (
            organisation.name,
            organisation.name_local,
            organisation.acronym,
            organisation.city,
            row.country_name,
            country_name(organisation.country, DEFAULT) if organisation.country else "",
            organisation.country,
            hosts,
        )
    )
    folded = fold(text)
    return all(word in folded for word in words)


def _found(rows: Iterable[Row], wanted: Asked, *, without: str = "") -> list[Row]:
    """What fits, leaving out one filter where its own boxes are counted."""
    words = fold(wanted.q).split()
    if wanted.q and not words:
        return []
    tests: dict[str, Any] = {
        "kind": lambda row: not wanted.kinds or row.organisation.kind in wanted.kinds,
        "country": lambda row: not wanted.countries or row.organisation.country in wanted.countries,
        "state": lambda row: not wanted.states or row.state in wanted.states,
        "sure": lambda row: not wanted.sure or _sure(row) in wanted.sure,
        "q": lambda row: not words or _matches(row, words),
    }
    tests.pop(without, None)
    return [row for row in rows if all(test(row) for test in tests.values())]


def _facets(rows: list[Row], wanted: Asked) -> list[tuple[str, str, bool, list[Choice]]]:
    """Each filter with its boxes and how many each would show: name, heading, whether open, boxes."""
    kinds = Counter(row.organisation.kind for row in _found(rows, wanted, without="kind"))
    states = Counter(row.state for row in _found(rows, wanted, without="state") if row.state)
    sure = Counter(_sure(row) for row in _found(rows, wanted, without="sure"))
    countries = Counter(
        row.organisation.country
        for row in _found(rows, wanted, without="country")
        if row.organisation.country
    )
    language = get_language() or DEFAULT
    sure_words = {
        "confirmed": _("Confirmed by owner"),
        "checked": _("Checked by us"),
        "unsure": _("Something unsure"),
    }
    named = sorted(countries, key=lambda code: country_name(code, language))
    return [
        (
            "kind",
            _("Kind"),
            True,
            [
                Choice(kind, _capital(str(Kind(kind).label)), kinds.get(kind, 0), kind in wanted.kinds)
                for kind in Kind.values
                if kinds.get(kind) or kind in wanted.kinds
            ],
        ),
        (
            "state",
            pgettext("filter", "State of the centre"),
            True,
            [
                Choice(state, _capital(str(State(state).label)), states.get(state, 0), state in wanted.states)
                for state in State.values
                if states.get(state) or state in wanted.states
            ],
        ),
        (
            "sure",
            _("How sure"),
            True,
            [Choice(key, sure_words[key], sure.get(key, 0), key in wanted.sure) for key in SURE],
        ),
        (
            "country",
            _("Country"),
            bool(wanted.countries),
            [
                Choice(code, country_name(code, language), countries[code], code in wanted.countries)
                for code in named
            ],
        ),
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _presets(wanted: Asked, today: date) -> list[tuple[str, str, str, bool]]:
    """The days one click away: address, words, why, whether it is the one shown."""
    days = (
        (FOUNDING, in_words(FOUNDING), _("the founding session")),
        (SECOND, in_words(SECOND), ""),
        (BETWEEN, in_words(BETWEEN), _("between the two")),
        (today, _("Today"), ""),
    )
    return [
        (wanted.address(on="" if day == today else day.isoformat()), words, why, day == wanted.day)
        for day, words, why in days
    ]


def _heading(wanted: Asked, number: int, is_today: bool) -> str:
    centres = set(wanted.kinds) == {Kind.CENTRE}
    words = {"n": number, "day": in_words(wanted.day)}
    if centres and is_today:
        return _("%(n)s national centres, today") % words
    if centres:
        return _("%(n)s national centres, %(day)s") % words
    if is_today:
        return _("%(n)s organisations, today") % words
    return _("%(n)s organisations, %(day)s") % words
