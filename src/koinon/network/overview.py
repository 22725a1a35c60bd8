"""The network at a glance on a day: the centres country by country, who covers whom, time bars, a map, the sources."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from urllib.parse import urlsplit

from django.db.models import Count, Max, Q
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from koinon.base.languages import DEFAULT, country_name
from koinon.base.visitor import Visitor
from koinon.network.dates import span
from koinon.network.models import (
    Contradiction,
    Coverage,
    Load,
    Membership,
    MemberState,
    Organisation,
    Phase,
    Programme,
    Stand,
)
from koinon.places import outline

Kind, State = Organisation.Kind, Organisation.State
FIRST_YEAR, YEARS = 2021, 7
_MARKS = {
    State.RUNNING: "full",
    State.SETUP: "half",
    State.PLANNED: "half",
    State.UNCLEAR: "none",
    State.ENDED: "none",
}
_HOSTS = (Membership.Role.HOST, Membership.Role.IN_CHARGE)
# How a country is drawn on the map: a running centre, one on its way, none known.
_DRAWN = {State.RUNNING: "on", State.SETUP: "soon", State.PLANNED: "soon"}


@dataclass
class Row:
    """One organisation in a list, with what is said about it on the day."""

    organisation: Organisation
    state: str = ""
    hosts: list[Membership] = field(default_factory=list)
    first: list[Organisation] = field(default_factory=list)
    second: list[Organisation] = field(default_factory=list)
    ties: list[Membership] = field(default_factory=list)
    stand: Stand = Stand.CHECKED
    unsure: str = ""

    @property
    def state_words(self) -> str:
        until = self.organisation.described_until
        if self.state == State.UNCLEAR and until:
            return _("unclear since %(year)s") % {"year": until.year}
        return str(State(self.state).label) if self.state else ""

    @property
    def mark(self) -> str:
        return _MARKS.get(State(self.state), "none") if self.state else "none"

    @property
    def more_hosts(self) -> int:
        return max(0, len(self.hosts) - 1)

    @property
    def stand_words(self) -> str:
        """How sure, in a word or two: what exactly is unsure or stale is said."""
        if self.stand == Stand.STALE and self.organisation.described_until:
            return _("Stale: its sources end in %(year)s") % {"year": self.organisation.described_until.year}
        words = {
            Stand.HELD: _("Confirmed"),
            Stand.CHECKED: _("Checked"),
            Stand.STALE: _("Stale"),
            Stand.UNSURE: self.unsure or _("Unsure"),
        }
        return words[self.stand]

    @property
    def country_name(self) -> str:
        code = self.organisation.country
        return country_name(code, get_language() or DEFAULT) if code else ""


@dataclass(frozen=True)
class Bar:
    """A line of the time bars, in months from January 2021."""

    label: str
    text: str
    a: int
    z: int
    on: bool
    guess: bool
    hole: bool = False
    url: str = ""
    words: str = ""


@dataclass(frozen=True)
class Drawn:
    """A Member State on the map."""

    code: str
    name: str
    css: str
    d: str
    label: tuple[float, float]
    small: bool
    words: str


def months(day: date, *, end: bool = False) -> int:
    """Months from January 2021 to the beginning, or the end, of a day's month; inside the drawing."""
    count = (day.year - FIRST_YEAR) * 12 + day.month - (0 if end else 1)
    return max(0, min(YEARS * 12, count))


def now_at(day: date) -> int:
    """Where a day lies on the drawing, in whole months."""
    return max(0, min(YEARS * 12, round((day.year - FIRST_YEAR) * 12 + day.month - 1 + day.day / 31)))


def years() -> list[int]:
    return [FIRST_YEAR + number for number in range(YEARS)]


class Network:
    """The network on a day, as a visitor sees it. Each question is asked of the database once, whatever is shown."""

    def __init__(self, day: date, visitor: Visitor, *, is_today: bool) -> None:
        self.day, self.visitor, self.is_today = day, visitor, is_today

    @cached_property
    def organisations(self) -> list[Organisation]:
        """All that existed on the day."""
        rows = Organisation.objects.seen_by(self.visitor).on(self.day).defer("loaded")
        return sorted(rows, key=lambda row: (self._country(row.country), row.name.casefold(), row.pk))

    @cached_property
    def consortia(self) -> list[Organisation]:
        """All consortia, of any time, in the order in which they began."""
        rows = Organisation.objects.seen_by(self.visitor).consortia().defer("loaded")
        return list(rows.order_by("generation", "acronym", "pk"))

    @cached_property
    def coverage(self) -> dict[int, list[Coverage]]:
        found: dict[int, list[Coverage]] = {}
        for row in Coverage.objects.all().defer("loaded").order_by("country"):
            found.setdefault(row.consortium_id, []).append(row)
        return found

    @cached_property
    def ties(self) -> list[Membership]:
        """Who belongs to whom on the day."""
        rows = Membership.objects.on(self.day).select_related("member", "within")
        return list(rows.defer("loaded", "member__loaded", "within__loaded").leads_first())

    @cached_property
    def phases(self) -> dict[int, Phase]:
        found: dict[int, Phase] = {}
        for row in Phase.objects.on(self.day).defer("loaded"):
            found.setdefault(row.centre_id, row)
        return found

    def _country(self, code: str) -> str:
        return country_name(code, get_language() or DEFAULT).casefold() if code else "\uffff"

    @cached_property
    def rows(self) -> list[Row]:
        return [self._row(row) for row in self.organisations]

    @property
    def centres(self) -> list[Row]:
        return [row for row in self.rows if row.organisation.kind == Kind.CENTRE]

    def _row(self, organisation: Organisation) -> Row:
        row = Row(organisation)
        row.ties = [tie for tie in self.ties if tie.member_id == organisation.pk and self._seen(tie.within)]
        row.stand = organisation.stand
        if organisation.kind == Kind.CENTRE:
            self._centre(row)
        elif organisation.kind == Kind.CONSORTIUM and not organisation.dates_certain:
            row.stand, row.unsure = Stand.UNSURE, _("Dates unsure")
        return row

    def _seen(self, organisation: Organisation) -> bool:
        return organisation.published or organisation.pk in self._own

    @cached_property
    def _own(self) -> frozenset[int]:
        return frozenset(row.pk for row in self.organisations if not row.published)

    def _centre(self, row: Row) -> None:
        centre = row.organisation
        phase = self.phases.get(centre.pk)
        row.state = phase.state if phase else centre.state
        if self.is_today and centre.edited_at:
            row.state = centre.state
        row.hosts = [
            tie
            for tie in self.ties
            if tie.within_id == centre.pk and tie.role in _HOSTS and self._seen(tie.member)
        ]
        for consortium in self.consortia:
            if any(cover.country == centre.country for cover in self.coverage.get(consortium.pk, [])):
                (row.first if consortium.generation == 1 else row.second).append(consortium)
        state_unsure = not centre.state_certain or bool(phase and not phase.certain)
        host_unsure = not centre.host_certain or any(not tie.certain for tie in row.hosts)
        if not self.is_today:
            host_unsure = host_unsure or any(not tie.dates_certain for tie in row.hosts)
        if not centre.certain:
            row.stand, row.unsure = Stand.UNSURE, _("Unsure")
        elif state_unsure and host_unsure:
            row.stand, row.unsure = Stand.UNSURE, _("Host and state unsure")
        elif host_unsure:
            row.stand, row.unsure = Stand.UNSURE, _("Host unsure")
        elif state_unsure:
            row.stand, row.unsure = Stand.UNSURE, _("State unsure")

    @cached_property
    def bars(self) -> list[Bar]:
        found = []
        for row in self.consortia:
            codes = " ".join(cover.country for cover in self.coverage.get(row.pk, []))
            found.append(
                Bar(
                    label=row.short,
                    text=codes,
                    a=months(row.since) if row.since else 0,
                    z=months(row.until, end=True) if row.until else YEARS * 12,
                    on=row.holds_on(self.day),
                    guess=not row.dates_certain,
                    url=row.get_absolute_url(),
                    words=span(row),
                )
            )
        return found

    @cached_property
    def map(self) -> list[Drawn]:
        """The Member States, drawn by the state of their centre on the day."""
        states = {row.organisation.country: row for row in self.centres}
        found = []
        for country in outline.countries().values():
            if not country.eu:
                continue
            row = states.get(country.code)
            css = _DRAWN.get(State(row.state), "no") if row and row.state else "no"
            name = country_name(country.code, get_language() or DEFAULT)
            words = {
                "on": _("%(country)s: centre running"),
                "soon": _("%(country)s: centre being set up or planned"),
                "no": _("%(country)s: no centre known"),
            }[css] % {"country": name}
            found.append(Drawn(country.code, name, css, country.d, country.label, country.small, words))
        return sorted(found, key=lambda drawn: drawn.name)

    @property
    def map_counts(self) -> dict[str, int]:
        return dict(Counter(drawn.css for drawn in self.map))

    @property
    def countries_without_host(self) -> int:
        return sum(1 for row in self.centres if not row.hosts)

    @property
    def running(self) -> int:
        return sum(1 for row in self.centres if row.state == State.RUNNING)

    @cached_property
    def tally(self) -> dict[str, int]:
        """The figures that stand above the directory and on the first page: counted once, the same everywhere."""
        kinds = Counter(row.kind for row in self.organisations)
        apart = {Kind.CENTRE, Kind.EUROPEAN_CENTRE, Kind.CONSORTIUM, Kind.AUTHORITY}
        return {
            "countries": len(self.map),
            "first": sum(1 for row in self.consortia if row.generation == 1),
            "second": sum(1 for row in self.consortia if row.generation == 2),
            "now": sum(1 for row in self.consortia if row.holds_on(self.day)),
            "organisations": sum(number for kind, number in kinds.items() if kind not in apart),
            "authorities": kinds.get(Kind.AUTHORITY, 0),
            "running": self.running,
            "coming": sum(row.state in {State.SETUP, State.PLANNED} for row in self.centres),
            "without_host": self.countries_without_host,
        }

    @property
    def countries_covered(self) -> set[str]:
        """The Member States that a consortium of the day serves."""
        on = {row.pk for row in self.consortia if row.holds_on(self.day)}
        return {cover.country for pk in on for cover in self.coverage.get(pk, [])}


@dataclass(frozen=True)
class Source:
    """A file of facts: how many records, how many of them sure, when made."""

    file: str
    title: str
    records: int
    sure: int
    generated: date | None


def contradictions() -> list[Contradiction]:
    """What sources disagree about, all of it."""
    return list(Contradiction.objects.defer("loaded"))


def sources() -> list[Source]:
    """The files of facts with their counts, as they stand in the house."""
    made = {row.file: row for row in Load.objects.all()}
    by_kind = {
        row["kind"]: (row["n"], row["sure"])
        for row in Organisation.objects.values("kind")
        .annotate(n=Count("pk"), sure=Count("pk", filter=_sure()))
        .order_by()
    }
    centre, consortium = Kind.CENTRE, Kind.CONSORTIUM
    made_elsewhere = {centre, Kind.EUROPEAN_CENTRE, consortium, Kind.AUTHORITY}

    def of(*kinds: str) -> tuple[int, int]:
        pairs = [by_kind.get(kind, (0, 0)) for kind in kinds]
        return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)

    others = [kind for kind in by_kind if kind not in made_elsewhere]
    programmes = Programme.objects.public()
    states = MemberState.objects.all()
    counted = (
        ("consortia.json", _("Consortia and projects, with their calls"), of(consortium)),
        ("organisations.json", _("Organisations"), of(*others)),
        ("centres.json", _("National centres and the European centre"), of(centre, Kind.EUROPEAN_CENTRE)),
        (
            "programmes.json",
            _("ESF+ programmes"),
            (programmes.count(), programmes.filter(certain=True).count()),
        ),
        ("member_states.json", _("Member States"), (states.count(), states.filter(certain=True).count())),
        (
            "history.json",
            _("Phases of centres over time"),
            (Phase.objects.count(), Phase.objects.filter(certain=True).count()),
        ),
        (
            "contradictions.json",
            _("Where sources disagree"),
            (Contradiction.objects.count(), Contradiction.objects.filter(certain=True).count()),
        ),
    )
    return [
        Source(file, title, number, sure, made[file].generated if file in made else None)
        for file, title, (number, sure) in counted
    ]


def _sure() -> Q:
    return Q(certain=True)


def checked_latest() -> date | None:
    """The day on which facts were last checked."""
    found: date | None = Organisation.objects.aggregate(day=Max("checked_on"))["day"]
    return found


def host_of(address: str) -> str:
    """A source in a few letters: the name of the site, or the text itself."""
    return (urlsplit(address).hostname or address).removeprefix("www.") if "://" in address else address


def count_words(number: int) -> str:
    return ngettext("%(n)s organisation", "%(n)s organisations", number) % {"n": number}
