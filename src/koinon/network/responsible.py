"""Who is responsible for a place on a day: the chain from its region to Europe, and what is missing in it.

The guide asks this. Six queries, whatever the place: programmes, their areas, centres and consortia, whom those cover, who
hosts or leads them, and how far the centres were.
"""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from koinon.base.languages import DEFAULT, country_name
from koinon.journal import versions
from koinon.network.dates import in_words, span
from koinon.network.models import (
    Coverage,
    Membership,
    Organisation,
    Phase,
    Programme,
    ProgrammeArea,
    Stand,
)
from koinon.network.models.facts import is_stale
from koinon.places.models import Place

State = Organisation.State
Article14 = Programme.Article14
_HOSTS = (Membership.Role.HOST, Membership.Role.IN_CHARGE)
# Which of several programmes comes first: one that has a priority for social innovation, then one that supports it, then
# the general ones; food and material help last.
_ORDER = {
    Article14.PRIORITY: 0,
    Article14.OBJECTIVE: 0,
    Article14.IN_COUNTRY: 1,
    Article14.SUPPORT: 2,
    Article14.NONE: 3,
    Article14.UNKNOWN: 3,
    Article14.NOT_EXPECTED: 9,
}
_HAS_PRIORITY = {Article14.PRIORITY, Article14.OBJECTIVE, Article14.IN_COUNTRY}


@dataclass(frozen=True)
class Responsible:
    """One link of the chain. `relation` is `now` for who serves on the day, `former` or `later` for history.

    `note` is ours, in the language of the page; `said` is what the facts note, in English.
    """

    level: str
    kind: str
    title: str
    holds_for: str
    because: str
    url: str
    sources: list[str]
    checked_on: date
    confirmed_on: date | None
    certain: bool
    stand: Stand
    note: str = ""
    said: str = ""
    organisation: Organisation | None = None
    programmes: tuple[Programme, ...] = ()
    hosts: tuple[Membership, ...] = ()
    state: str = ""
    relation: str = "now"
    period: str = ""


@dataclass(frozen=True)
class Gap:
    """What is not there, in a whole sentence, and what to do about it."""

    text: str
    ask: str
    level: str = "country"
    title: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Money:
    """A programme that a place may turn to."""

    programme: Programme
    holds_for: str
    level: str
    because: str
    article14: str
    rate: str
    budget: str
    stand: Stand
    sources: list[str]
    checked_on: date
    confirmed_on: date | None
    certain: bool

    @property
    def title(self) -> str:
        return self.programme.title

    @property
    def url(self) -> str:
        """Where to read on: the programme's own page, else its authority's."""
        if self.programme.url or self.programme.authority_url:
            return self.programme.url or self.programme.authority_url
        authority = self.programme.authority
        return authority.get_absolute_url() if authority else ""


@dataclass
class Answer:
    """What the network knows for a place on a day."""

    place: Place
    day: date
    is_today: bool
    links: list[Responsible] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    inside: list[Programme] = field(default_factory=list)
    money: list[Money] = field(default_factory=list)


def chain(place: Place, day: date, *, today: date | None = None) -> list[Responsible]:
    """Who is responsible for a place on a day, nearest first."""
    return answer(place, day, today=today).links


def gaps(place: Place, day: date, *, today: date | None = None) -> list[Gap]:
    """What is missing in the chain of a place."""
    return answer(place, day, today=today).gaps


def programmes_for(place: Place) -> list[Money]:
    """The programmes that hold for the whole of a place, regional ones first."""
    found = _Network(place, timezone.localdate())
    return [_money(found, programme) for programme in found.regional + found.national]


def answer(place: Place, day: date, *, today: date | None = None) -> Answer:
    """The chain, what is missing in it, the programmes inside the place, and the programmes as money."""
    found = _Network(place, day, is_today=day == (today or timezone.localdate()))
    made = Answer(place, day, is_today=found.is_today)
    _authorities(found, made)
    _centre(found, made)
    _consortia(found, made)
    _europe(found, made)
    made.inside = found.inside
    made.money = [_money(found, programme) for programme in found.regional + found.national]
    return made


def programmes_around(place: Place) -> tuple[int, ...]:
    """The regional programmes that hold for the whole of a place: what tells its answer from its country's others.

    Known in the process for the version of the data that holds; no query otherwise.
    """
    if place.code == "EU":
        return ()
    areas = _areas(versions.known())
    found = {pk for code in (place.nuts, *place.ancestor_codes()) for pk in areas.get(code, ())}
    return tuple(sorted(found))


@lru_cache(maxsize=1)
def _areas(version: int) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    rows = ProgrammeArea.objects.filter(programme__published=True, programme__level=Programme.Level.REGIONAL)
    for nuts, programme in rows.values_list("nuts", "programme_id"):
        found[nuts] = (*found.get(nuts, ()), programme)
    return found


def forget() -> None:
    """Ask anew the next time (for tests, whose changes are undone without a new version)."""
    _areas.cache_clear()
    _country.cache_clear()


class _Country:
    """What the database holds about a country (or, for "", about Europe as a whole) on a day; each part asked once."""

    def __init__(self, country: str, day: date) -> None:
        self.country, self.day = country, day

    @cached_property
    def programmes(self) -> list[Programme]:
        rows = Programme.objects.public().filter(country=self.country).select_related("authority")
        return list(rows.defer("loaded", "authority__loaded"))

    @cached_property
    def areas(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        rows = ProgrammeArea.objects.filter(programme__country=self.country)
        for programme, nuts in rows.values_list("programme_id", "nuts"):
            found.setdefault(programme, []).append(nuts)
        return found

    @cached_property
    def organisations(self) -> list[Organisation]:
        european = Q(kind=Organisation.Kind.EUROPEAN_CENTRE)
        if not self.country:
            wanted = european | Q(kind=Organisation.Kind.CONSORTIUM)
        else:
            covering = Coverage.objects.filter(country=self.country).values("consortium")
            wanted = european | Q(kind=Organisation.Kind.CENTRE, country=self.country) | Q(pk__in=covering)
        rows = Organisation.objects.public().filter(wanted).defer("loaded")
        return list(rows.order_by("since", "pk"))

    def of_kind(self, kind: str) -> list[Organisation]:
        return [row for row in self.organisations if row.kind == kind]

    @cached_property
    def coverage(self) -> dict[int, list[Coverage]]:
        found: dict[int, list[Coverage]] = {}
        consortia = [row.pk for row in self.of_kind(Organisation.Kind.CONSORTIUM)]
        for row in Coverage.objects.filter(consortium__in=consortia).defer("loaded").order_by("pk"):
            found.setdefault(row.consortium_id, []).append(row)
        return found

    @cached_property
    def ties(self) -> dict[int, list[Membership]]:
        """Who hosts or leads, at any time, by what is hosted or led."""
        found: dict[int, list[Membership]] = {}
        rows = (
            Membership.objects.public()
            .filter(
                within__in=[row.pk for row in self.organisations],
                role__in=[*_HOSTS, Membership.Role.LEAD],
            )
            .select_related("member")
            .defer("loaded", "member__loaded")
            .leads_first()
        )
        for row in rows:
            found.setdefault(row.within_id, []).append(row)
        return found

    @cached_property
    def phases(self) -> dict[int, list[Phase]]:
        found: dict[int, list[Phase]] = {}
        centres = [row.pk for row in self.of_kind(Organisation.Kind.CENTRE)]
        for row in Phase.objects.filter(centre__in=centres).on(self.day).defer("loaded"):
            found.setdefault(row.centre_id, []).append(row)
        return found


@lru_cache(maxsize=200)
def _country(country: str, day: date, version: int) -> _Country:
    """The same for all places of a country, as long as the version of the data holds."""
    return _Country(country, day)


class _Network:
    """What the network knows about one place: its country's part, and which of it reaches the place."""

    def __init__(self, place: Place, day: date, *, is_today: bool = True) -> None:
        self.place, self.day, self.is_today = place, day, is_today
        self.is_europe = place.code == "EU"
        self.country = "" if self.is_europe else place.country
        self.codes = [] if self.is_europe else [place.nuts, *place.ancestor_codes()[:-1]]
        known = _country(self.country, day, versions.known())
        self.programmes, self.areas = known.programmes, known.areas
        self.of_kind, self.coverage = known.of_kind, known.coverage
        self.ties, self.phases = known.ties, known.phases

    @property
    def country_name(self) -> str:
        return country_name(self.country, get_language() or DEFAULT)

    @property
    def where(self) -> str:
        """The name of the place itself, in the language of the page where it has one."""
        return self.place.display_name()

    @cached_property
    def national(self) -> list[Programme]:
        rows = [row for row in self.programmes if row.level == Programme.Level.NATIONAL]
        return sorted(rows, key=_rank)

    @cached_property
    def regional(self) -> list[Programme]:
        """Regional programmes that hold for the whole of the place, the narrowest first."""
        found = []
        for row in self.programmes:
            around = [nuts for nuts in self.areas.get(row.pk, []) if nuts in self.codes]
            if row.level == Programme.Level.REGIONAL and around:
                found.append((-max(map(len, around)), *_rank(row), row.pk, row))
        return [entry[-1] for entry in sorted(found, key=lambda entry: entry[:-1])]

    @cached_property
    def inside(self) -> list[Programme]:
        """Regional programmes that hold for a part of the place only."""
        whole = {row.pk for row in self.regional}
        return [
            row
            for row in self.programmes
            if row.level == Programme.Level.REGIONAL
            and row.pk not in whole
            and self.place.level < 3
            and any(nuts.startswith(self.place.code) for nuts in self.areas.get(row.pk, []))
        ]

    def on_the_day(self, organisation: Organisation) -> list[Membership]:
        return [tie for tie in self.ties.get(organisation.pk, []) if tie.holds_on(self.day)]


def _rank(programme: Programme) -> tuple[int, bool, str]:
    order = _ORDER.get(Article14(programme.art14_status), 3)
    return (order, not programme.esf_plus_confirmed, programme.code)


def _region_of(found: _Network, programme: Programme) -> str:
    """What a regional programme holds for, as its file names it."""
    return programme.region or found.country_name


def _authorities(found: _Network, made: Answer) -> None:
    """The authorities of the regional programmes, then those of the national ones; each once a level."""
    for level, programmes in (("region", found.regional), ("country", found.national)):
        groups: dict[int | None, list[Programme]] = {}
        for programme in programmes:
            if programme.authority is None:
                made.links.append(_programme_alone(found, level, programme))
                made.gaps.append(_no_authority(found, programme))
            else:
                groups.setdefault(programme.authority_id, []).append(programme)
        for group in groups.values():
            made.links.append(_authority(found, level, group))
            if not any(programme.authority_certain for programme in group):
                made.gaps.append(_unsure_authority(found, group[0]))


def _authority(found: _Network, level: str, programmes: list[Programme]) -> Responsible:
    authority, first = programmes[0].authority, programmes[0]
    assert authority is not None
    holds_for = _region_of(found, first) if level == "region" else found.country_name
    titles = ", ".join(_("“%(title)s”") % {"title": programme.title} for programme in programmes)
    because = ngettext(
        "It is the managing authority of the ESF+ programme %(titles)s, which holds for %(place)s.",
        "It is the managing authority of %(count)s ESF+ programmes that hold for %(place)s: %(titles)s.",
        len(programmes),
    ) % {"titles": titles, "place": holds_for, "count": len(programmes)}
    note = ""
    if any(programme.art14_status in _HAS_PRIORITY for programme in programmes):
        note = _("A priority of its own for social innovation is known.")
    certain = authority.certain and any(programme.authority_certain for programme in programmes)
    if not found.is_today:
        certain = False
        note = _("Who managed it on that day was not looked up: the authority is that of %(day)s.") % {
            "day": in_words(authority.checked_on)
        }
    sources = list(dict.fromkeys([*authority.sources, *(s for row in programmes for s in row.sources)]))
    return Responsible(
        level=level,
        kind="authority",
        title=authority.name,
        holds_for=holds_for,
        because=because,
        url=authority.get_absolute_url(),
        sources=sources,
        checked_on=authority.checked_on,
        confirmed_on=authority.confirmed_on,
        certain=certain,
        stand=_stand(authority, certain),
        note=note,
        organisation=authority,
        programmes=tuple(programmes),
    )


def _programme_alone(found: _Network, level: str, programme: Programme) -> Responsible:
    """A programme whose authority is not known: it is shown all the same."""
    holds_for = _region_of(found, programme) if level == "region" else found.country_name
    return Responsible(
        level=level,
        kind="programme",
        title=programme.title,
        holds_for=holds_for,
        because=_("This ESF+ programme holds for %(place)s. Who manages it was not found.")
        % {"place": holds_for},
        url=programme.url or programme.authority_url,
        sources=programme.sources,
        checked_on=programme.checked_on,
        confirmed_on=programme.confirmed_on,
        certain=False,
        stand=Stand.NOT_FOUND,
        programmes=(programme,),
    )


def _no_authority(found: _Network, programme: Programme) -> Gap:
    return Gap(
        text=_("The managing authority of the ESF+ programme “%(title)s” was not found.")
        % {"title": programme.title},
        ask=_("Ask the federal or national authority, or tell us if you know who manages it."),
        level="region" if programme.level == Programme.Level.REGIONAL else "country",
        title=_("Managing authority not found"),
        sources=tuple(programme.sources),
    )


def _unsure_authority(found: _Network, programme: Programme) -> Gap:
    return Gap(
        text=_("Who manages the ESF+ programme “%(title)s” was not confirmed by a source.")
        % {"title": programme.title},
        ask=_("Check with the authority named, and tell us if it is another."),
        level="region" if programme.level == Programme.Level.REGIONAL else "country",
        title=_("Managing authority unsure"),
        sources=tuple(programme.sources),
    )


def _centre(found: _Network, made: Answer) -> None:
    """The national centre that existed on the day, with its hosts of that day."""
    if found.is_europe:
        return
    centres = found.of_kind(Organisation.Kind.CENTRE)
    there = [row for row in centres if row.holds_on(found.day)]
    shown = 0
    for centre in there:
        hosts = tuple(tie for tie in found.on_the_day(centre) if tie.role in _HOSTS)
        phase = next(iter(found.phases.get(centre.pk, [])), None)
        state = phase.state if phase else centre.state
        if not hosts and not centre.certain:
            made.gaps.append(_no_host(found, centre))
            shown += 1
            continue
        made.links.append(_centre_link(found, made, centre, hosts, state, phase))
        shown += 1
        if state == State.UNCLEAR:
            made.gaps.append(
                Gap(
                    text=_("Whether %(country)s has a national competence centre that works is unclear.")
                    % {"country": found.country_name},
                    ask=_("Ask the managing authority, or tell us if you know."),
                    title=_("National competence centre: unclear"),
                    sources=tuple(centre.sources),
                )
            )
        elif state == State.PLANNED:
            made.gaps.append(
                Gap(
                    text=_("A national competence centre is planned in %(country)s; it does not run yet.")
                    % {"country": found.country_name},
                    ask=_("Ask the body that is to set it up, or the managing authority."),
                    title=_("National competence centre: planned"),
                    sources=tuple(centre.sources),
                )
            )
    if shown:
        return
    building = [row for centre in centres for row in found.phases.get(centre.pk, [])]
    building = [row for row in building if row.state == State.SETUP]
    words = {"country": found.country_name, "day": in_words(found.day)}
    if building:
        text = _("On %(day)s the national competence centre of %(country)s was still being set up.") % words
    else:
        text = _("No national competence centre of %(country)s was found for %(day)s.") % words
    made.gaps.append(
        Gap(
            text=text,
            ask=_("Ask the consortium of that day, or the managing authority."),
            title=_("National competence centre: none on that day"),
            sources=tuple(building[0].sources) if building else (),
        )
    )


def _no_host(found: _Network, centre: Organisation) -> Gap:
    return Gap(
        text=_(
            "No national competence centre was found in %(country)s: a centre is said to be being set up, but no source"
            " names who hosts it."
        )
        % {"country": found.country_name},
        ask=_("Ask the managing authority or the European centre, or tell us if you know the host."),
        title=_("National competence centre: no host found"),
        sources=tuple(centre.sources),
    )


def _centre_link(
    found: _Network,
    made: Answer,
    centre: Organisation,
    hosts: tuple[Membership, ...],
    state: str,
    phase: Phase | None,
) -> Responsible:
    country = found.country_name
    sentences = {
        State.RUNNING: _("It is the national competence centre for social innovation of %(country)s."),
        State.SETUP: _(
            "It is the national competence centre for social innovation of %(country)s; it is being set up."
        ),
        State.PLANNED: _("It is planned as the national competence centre of %(country)s."),
        State.UNCLEAR: _(
            "It was named for %(country)s; whether it works as a national competence centre is unclear."
        ),
        State.ENDED: _("It was the national competence centre of %(country)s until its end."),
    }
    because = sentences[State(state or State.UNCLEAR)] % {"country": country}
    if not made.is_today and state in {State.RUNNING, State.SETUP, State.ENDED}:
        then = (
            _("On %(day)s the national competence centre of %(country)s was being set up.")
            if state == State.SETUP
            else _("On %(day)s it was the national competence centre of %(country)s.")
        )
        because = then % {"country": country, "day": in_words(found.day)}
    certain = (
        centre.certain and centre.state_certain and centre.host_certain and all(tie.certain for tie in hosts)
    )
    if not made.is_today:
        certain = certain and bool(phase and phase.certain) and all(tie.dates_certain for tie in hosts)
        certain = certain and centre.is_exact_on(found.day)
    said = centre.note if made.is_today else (phase.note if phase else "")
    return Responsible(
        level="country",
        kind="centre",
        title=centre.name,
        holds_for=country,
        because=because,
        url=centre.get_absolute_url(),
        sources=centre.sources,
        checked_on=centre.checked_on,
        confirmed_on=centre.confirmed_on,
        certain=certain,
        stand=_stand(centre, certain, centre.described_until if made.is_today else None),
        note="" if hosts else _("Who hosted it on that day was not seen."),
        said=said,
        organisation=centre,
        hosts=hosts,
        state=state,
        period=span(centre),
    )


def _consortia(found: _Network, made: Answer) -> None:
    """Who covers the country on the day; as history, who did before and who does after."""
    consortia = found.of_kind(Organisation.Kind.CONSORTIUM)
    now, past, later = [], [], []
    for row in consortia:
        if row.holds_on(found.day):
            now.append(row)
        elif row.until and row.until < found.day:
            past.append(row)
        else:
            later.append(row)
    made.links += [_consortium(found, row, "now") for row in now]
    if found.is_europe:
        return
    if not now:
        words = {"country": found.country_name, "day": in_words(found.day)}
        text = (
            _("No consortium or project of the network covers %(country)s today.")
            if made.is_today
            else _("No consortium or project of the network covered %(country)s on %(day)s.")
        )
        made.gaps.append(
            Gap(
                text=text % words,
                ask=_("Ask the European centre, or tell us if you know of one."),
                level="consortium",
                title=_("Consortium: none found"),
            )
        )
    made.links += [_consortium(found, row, "former") for row in reversed(past)]
    made.links += [_consortium(found, row, "later") for row in later]


def _consortium(found: _Network, row: Organisation, relation: str) -> Responsible:
    countries = [cover.country for cover in found.coverage.get(row.pk, [])]
    language = get_language() or DEFAULT
    names = ", ".join(country_name(code, language) for code in countries)
    period = span(row)
    words = {"country": found.country_name, "names": names, "period": period, "count": len(countries)}
    if found.is_europe:
        because = _("It covers %(names)s, %(period)s.") % words
    elif relation == "now":
        because = _("%(country)s is one of the Member States it covers: %(names)s, %(period)s.") % words
    elif relation == "former":
        because = _("It covered %(country)s before: %(names)s, %(period)s.") % words
    else:
        because = _("It covers %(country)s later: %(names)s, %(period)s.") % words
    leads = [tie for tie in found.ties.get(row.pk, []) if tie.role == Membership.Role.LEAD]
    notes = []
    if not row.dates_certain:
        notes.append(_("Its dates are unsure."))
    if not row.lead_name:
        notes.append(_("Its lead was not found."))
    elif not row.lead_certain:
        notes.append(_("Its lead is not confirmed."))
    certain = row.certain and row.dates_certain and row.is_exact_on(found.day)
    return Responsible(
        level="consortium",
        kind="consortium",
        title=f"{row.acronym}: {row.name}" if row.acronym and row.acronym not in row.name else row.name,
        holds_for=ngettext("%(count)s Member State", "%(count)s Member States", len(countries)) % words,
        because=because,
        url=row.get_absolute_url(),
        sources=row.sources,
        checked_on=row.checked_on,
        confirmed_on=row.confirmed_on,
        certain=certain,
        stand=_stand(row, certain),
        note=" ".join(notes),
        organisation=row,
        hosts=tuple(leads),
        relation=relation,
        period=period,
    )


def _europe(found: _Network, made: Answer) -> None:
    """The European centre, where it existed on the day."""
    for row in found.of_kind(Organisation.Kind.EUROPEAN_CENTRE):
        if not row.holds_on(found.day):
            continue
        hosts = tuple(found.on_the_day(row))
        certain = row.certain and row.is_exact_on(found.day)
        link = Responsible(
            level="europe",
            kind="european_centre",
            title=row.name,
            holds_for=_("Europe"),
            because=_(
                "It serves all Member States: grants for transnational projects and communities of practice."
            ),
            url=row.get_absolute_url(),
            sources=row.sources,
            checked_on=row.checked_on,
            confirmed_on=row.confirmed_on,
            certain=certain,
            stand=_stand(row, certain),
            note="" if row.is_exact_on(found.day) else _("Since when in that year was not seen."),
            organisation=row,
            hosts=hosts,
            state=row.state,
            period=span(row),
        )
        made.links.append(link)


def _money(found: _Network, programme: Programme) -> Money:
    regional = programme.level == Programme.Level.REGIONAL
    holds_for = _region_of(found, programme) if regional else found.country_name
    certain = programme.certain and programme.esf_plus_confirmed
    if programme.art14_status == Article14.UNKNOWN:
        article14 = _("not known")
    elif programme.art14_status == Article14.NOT_EXPECTED:
        article14 = _("Food and material help: no priority for social innovation is expected.")
    elif programme.art14_priority:
        article14 = programme.art14_priority
    else:
        article14 = str(programme.get_art14_status_display())
    rate = f"{programme.art14_rate.normalize():f} %" if programme.art14_rate is not None else ""
    return Money(
        programme=programme,
        holds_for=holds_for,
        level="region" if regional else "country",
        because=_("This ESF+ programme holds for %(place)s.") % {"place": holds_for},
        article14=article14,
        rate=rate,
        budget=programme.art14_amount or programme.budget,
        stand=_stand(programme, certain),
        sources=programme.sources,
        checked_on=programme.checked_on,
        confirmed_on=programme.confirmed_on,
        certain=certain,
    )


def _stand(row: Organisation | Programme, certain: bool, described_until: date | None = None) -> Stand:
    if not certain:
        return Stand.UNSURE
    if is_stale(row.checked_on, row.confirmed_on, described_until):
        return Stand.STALE
    return Stand.HELD if row.confirmed_on else Stand.CHECKED
