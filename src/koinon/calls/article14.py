"""How Member States organise the priority of social innovation (Article 14 of Regulation (EU) 2021/1057), as far as is known.

The facts are those of the network: programmes and Member States, each with its sources, when it was checked, how sure it is.
"""

from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from koinon.base.exits import Column, Listing
from koinon.base.languages import DEFAULT, country_name
from koinon.network.models import Contradiction, Coverage, MemberState, Programme, Stand
from koinon.network.models.facts import is_stale

Known = Programme.Article14
# What is told first of a country: what is organised most plainly.
_RANK = [
    Known.PRIORITY,
    Known.OBJECTIVE,
    Known.IN_COUNTRY,
    Known.SUPPORT,
    Known.NONE,
    Known.UNKNOWN,
    Known.NOT_EXPECTED,
]
ORGANISED = {Known.PRIORITY, Known.OBJECTIVE, Known.IN_COUNTRY}


@dataclass(frozen=True)
class Cell:
    """What is known of one programme: how it is organised, the priority's name, the EU's share, the sum; source and date."""

    country: str
    country_name: str
    programme: str
    cci: str
    level: str
    region: str
    url: str
    status: str
    status_words: str
    priority: str
    rate: str
    amount: str
    note: str
    source: str
    checked_on: date
    stand: Stand
    first: str = ""
    now: str = ""

    @property
    def site(self) -> str:
        """The name of the source's site."""
        return (urlsplit(self.link).hostname or "").removeprefix("www.")

    @property
    def link(self) -> str:
        return self.source if self.source.startswith(("http://", "https://")) else ""


@dataclass
class State:
    """One Member State: its consortia then and now, what its programmes say, and of how many nothing is known."""

    code: str
    name: str
    first: list[str] = field(default_factory=list)
    now: list[str] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    programmes: int = 0
    unknown: int = 0
    not_expected: int = 0
    none: int = 0
    certain: bool = True
    checked_on: date | None = None

    @property
    def is_known(self) -> bool:
        return bool(self.cells)

    @property
    def statuses(self) -> set[str]:
        return {cell.status for cell in self.cells}

    @property
    def is_mixed(self) -> bool:
        """Its programmes do it in different ways, or not all: said, not smoothed."""
        return len(self.statuses) > 1 or (bool(self.cells) and bool(self.none))


@dataclass
class Table:
    states: list[State]
    contradictions: list[Contradiction]

    @property
    def organised(self) -> int:
        return sum(any(cell.status in ORGANISED for cell in state.cells) for state in self.states)

    @property
    def unknown(self) -> int:
        return sum(not state.cells for state in self.states)


def table(today: date) -> Table:
    """All 27, by the names of the reader's language; five queries."""
    language = get_language() or DEFAULT
    states = {
        row.code: State(
            row.code, country_name(row.code, language), certain=row.certain, checked_on=row.checked_on
        )
        for row in MemberState.objects.defer("loaded")
    }
    for cover in Coverage.objects.select_related("consortium").order_by("consortium__generation", "pk"):
        state = states.get(cover.country)
        if state is not None:
            # The first consortia were built from the call of 2020; those who cover it today come from the second round.
            shelf = state.now if cover.holds_on(today) else state.first
            if cover.consortium.short not in shelf:
                shelf.append(cover.consortium.short)
    rows = Programme.objects.public().select_related("authority").defer("loaded", "authority__loaded")
    for programme in sorted(rows, key=_order):
        state = states.get(programme.country)
        if state is None:
            continue
        state.programmes += 1
        status = Known(programme.art14_status)
        if status == Known.UNKNOWN:
            state.unknown += 1
        elif status == Known.NOT_EXPECTED:
            state.not_expected += 1
        elif status == Known.NONE:
            state.none += 1
        else:
            state.cells.append(_cell(programme, state, status))
    found = Contradiction.objects.filter(slug__in=_about_countries())
    return Table(sorted(states.values(), key=lambda state: _sorted(state.name)), list(found))


def _about_countries() -> list[str]:
    """Contradictions that concern who covers which country, or the priority itself."""
    words = ("countr", "member state", "article 14", "priority", "programme")
    rows = Contradiction.objects.values_list("slug", "subject")
    return [slug for slug, subject in rows if any(word in f"{slug} {subject}".lower() for word in words)]


def _sorted(name: str) -> str:
    from koinon.base.text import fold

    return fold(name)


def _order(row: Programme) -> tuple[str, int, bool, str]:
    rank = _RANK.index(Known(row.art14_status))
    return (row.country, rank, row.level == Programme.Level.REGIONAL, row.code)


def _cell(row: Programme, state: State, status: Known) -> Cell:
    authority = row.authority
    certain = row.art14_certain and row.certain
    if not certain:
        stand = Stand.UNSURE
    elif is_stale(row.checked_on, row.confirmed_on):
        stand = Stand.STALE
    else:
        stand = Stand.HELD if row.confirmed_on else Stand.CHECKED
    return Cell(
        country=state.code,
        country_name=state.name,
        programme=row.title,
        cci=row.cci,
        level=row.level,
        region=row.region,
        url=row.url or row.authority_url or (authority.get_absolute_url() if authority else ""),
        status=str(status.value),
        status_words=str(status.label),
        priority=row.art14_priority,
        rate=f"{row.art14_rate.normalize():f}\u00a0%" if row.art14_rate is not None else "",
        amount=row.art14_amount,
        note=row.art14_note,
        source=row.art14_source or (row.sources[0] if row.sources else ""),
        checked_on=row.checked_on,
        stand=stand,
        first=", ".join(state.first),
        now=", ".join(state.now),
    )


@dataclass(frozen=True)
class Line:
    """A line of the table as it leaves the house: a programme; or a Member State of whose programmes nothing is known."""

    state: State
    cell: Cell | None


def lines(found: Table) -> list[Line]:
    return [
        line
        for state in found.states
        for line in ([Line(state, cell) for cell in state.cells] or [Line(state, None)])
    ]


def _of(name: str, otherwise: str | None = None):  # type: ignore[no-untyped-def]
    return lambda line: getattr(line.cell, name) if line.cell is not None else otherwise


LISTING: Listing[Line] = Listing(
    name="article-14",
    title=gettext_lazy("How Member States organise the priority of social innovation"),
    columns=(
        Column("country", lambda line: line.state.code),
        Column("country_name", lambda line: line.state.name),
        Column("consortia_before", lambda line: line.state.first),
        Column("consortia_now", lambda line: line.state.now),
        Column("programmes", lambda line: line.state.programmes),
        Column("programmes_not_known", lambda line: line.state.unknown),
        Column("programmes_without", lambda line: line.state.none),
        Column("status", _of("status", "unknown")),
        Column("programme", _of("programme")),
        Column("cci", _of("cci")),
        Column("level", _of("level")),
        Column("region", _of("region")),
        Column("priority", _of("priority")),
        Column("eu_share", _of("rate")),
        Column("amount", _of("amount")),
        Column("note", _of("note")),
        Column("source", _of("source")),
        Column("checked_on", lambda line: line.cell.checked_on if line.cell else line.state.checked_on),
        Column("stand", lambda line: str(line.cell.stand.value) if line.cell else "notfound"),
    ),
    entry_title=lambda line: (
        f"{line.state.name}: {line.cell.programme}"
        if line.cell
        else _("%(state)s: not known") % {"state": line.state.name}
    ),
    entry_url=lambda line: f"/calls/article-14/#{line.state.code}",
    entry_updated=lambda line: (
        (line.cell.checked_on if line.cell else line.state.checked_on) or date(2026, 1, 1)
    ),
)
