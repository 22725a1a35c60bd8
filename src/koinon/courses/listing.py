"""The courses as a list: what an address asks for, what fits, how many each further filter would show.

Known in the process for the version of the data; how seats stand is asked for the rows of a page.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest as DjangoRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from koinon.base.exits import Column, Listing
from koinon.base.languages import DEFAULT, ENDONYMS, language_name
from koinon.base.text import fold
from koinon.courses.models import Cohort, Course, Module
from koinon.courses.models.translations import mark_of
from koinon.courses.words import Level, ModuleKind, Pace
from koinon.journal import versions
from koinon.network.views import asked as typed
from koinon.practices import concepts


@dataclass(frozen=True)
class Dates:
    """One set of dates, as lists need it."""

    pk: int
    starts_on: date
    ends_on: date
    last_day: date
    capacity: int | None
    note: str


@dataclass(frozen=True)
class Row:
    """A published course; its title and sentence as they were written, and in other languages."""

    slug: str
    language: str
    titles: dict[str, tuple[str, str]]
    states: dict[str, str]
    modules: int
    told: dict[str, int]
    level: str
    minutes: int
    pace: str
    takes_learners: bool
    gives_certificate: bool
    topics: tuple[str, ...]
    competences: tuple[str, ...]
    organiser: str
    organiser_slug: str
    dates: tuple[Dates, ...]
    places: tuple[str, ...]
    has_session: bool
    published_at: datetime
    changed_at: datetime
    is_demo: bool
    folded: str

    @property
    def url(self) -> str:
        return reverse("courses:course", args=[self.slug])

    @property
    def read_in(self) -> str:
        wanted = get_language() or DEFAULT
        return wanted if wanted in self.titles else self.language

    @property
    def title(self) -> str:
        return self.titles[self.read_in][0]

    @property
    def lead(self) -> str:
        return self.titles[self.read_in][1]

    @property
    def state(self) -> str:
        return self.states[self.read_in]

    @property
    def level_words(self) -> str:
        return str(Level(self.level).label)

    @property
    def next_dates(self) -> Dates | None:
        """The next dates for which one can enrol."""
        today = timezone.localdate()
        return next((one for one in self.dates if one.last_day >= today), None)

    @property
    def when(self) -> str:
        """`now`, `dates` or `over`: when one can begin."""
        if self.pace == Pace.SELF:
            return "now"
        return "dates" if self.next_dates is not None else "over"

    @property
    def effort(self) -> str:
        return effort_words(self.minutes)

    @property
    def languages_words(self) -> str:
        """In which languages, as one sentence for each."""
        page = get_language() or DEFAULT
        parts = [_("%(language)s, original") % {"language": capfirst(language_name(self.language, page))}]
        for code, state in self.states.items():
            if code == self.language:
                continue
            name = {
                "language": capfirst(language_name(code, page)),
                "told": self.told.get(code, 0),
                "all": self.modules,
            }
            if not self.told.get(code, 0):
                parts.append(_("%(language)s, this page only") % name)
            elif self.told[code] < self.modules:
                parts.append(_("%(language)s, %(told)s of %(all)s modules") % name)
            elif state == "machine":
                parts.append(_("%(language)s, by a machine") % name)
            elif state == "outdated":
                parts.append(_("%(language)s, outdated") % name)
            else:
                parts.append(_("%(language)s, by a person") % name)
        return "; ".join(parts)


def effort_words(minutes: int) -> str:
    """How much work it is, in words: minutes up to an hour and a half, then hours."""
    from django.utils.translation import ngettext

    if minutes < 90:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours = -(-minutes // 60)
    return ngettext("about %(n)d hour", "about %(n)d hours", hours) % {"n": hours}


def rows() -> tuple[Row, ...]:
    """All published courses, those that begin next first. No query once the version of the data is known."""
    return _rows(versions.known())


@lru_cache(maxsize=1)
def _rows(version: int) -> tuple[Row, ...]:
    courses = Course.objects.public().select_related("organiser").newest_first()
    courses = courses.prefetch_related("cohorts", "modules", "translations", "places")
    return tuple(_row(course) for course in courses)


def forget() -> None:
    """Ask anew the next time (for tests, whose changes are undone without a new version)."""
    _rows.cache_clear()


def _row(course: Course) -> Row:
    assert course.published_at is not None
    titles = {course.language: (course.title, course.lead)}
    states = {course.language: "original"}
    mark = mark_of(course.texts, course.language)
    modules: list[Module] = list(course.modules.all())
    told = Counter(module.language for module in modules)
    there = {(module.pk, module.language) for module in modules}
    for row in course.translations.all():
        if row.module_id is None:
            if row.language != course.language:
                titles[row.language] = (
                    str(row.texts.get("title") or course.title),
                    str(row.texts.get("lead") or course.lead),
                )
                states[row.language] = row.state_for(mark)
        elif (row.module_id, row.language) not in there:
            told[row.language] += 1
    words = [text for pair in titles.values() for text in pair]
    words += [course.about, course.outcomes, course.organiser.name, *(module.title for module in modules)]
    return Row(
        slug=course.slug,
        language=course.language,
        titles=titles,
        states=dict(sorted(states.items(), key=lambda pair: pair[1] != "original")),
        modules=len(modules),
        told=dict(told),
        level=course.level,
        minutes=course.minutes,
        pace=course.pace,
        takes_learners=course.takes_learners,
        gives_certificate=course.gives_certificate,
        topics=tuple(course.topics),
        competences=tuple(course.competences),
        organiser=course.organiser.name,
        organiser_slug=course.organiser.slug if course.organiser.published else "",
        dates=tuple(_dates(one) for one in course.cohorts.all()),
        places=tuple(place.code for place in course.places.all()),
        has_session=any(module.session_id and module.kind == ModuleKind.VIDEO for module in modules),
        published_at=course.published_at,
        changed_at=course.changed_at,
        is_demo=course.is_demo,
        folded=fold(" ".join(words)),
    )


def _dates(one: Cohort) -> Dates:
    return Dates(one.pk, one.starts_on, one.ends_on, one.last_day, one.capacity, one.note)


LISTING: Listing[Row] = Listing(
    name="courses",
    title=gettext_lazy("Courses"),
    columns=(
        Column("slug", lambda row: row.slug),
        Column("title", lambda row: row.title),
        Column("lead", lambda row: row.lead),
        Column("read_in", lambda row: row.read_in),
        Column("language_state", lambda row: row.state),
        Column("language", lambda row: row.language),
        Column("languages", lambda row: sorted(row.titles)),
        Column("level", lambda row: row.level),
        Column("minutes", lambda row: row.minutes),
        Column("modules", lambda row: row.modules),
        Column("pace", lambda row: row.pace),
        Column("starts_on", lambda row: row.next_dates.starts_on if row.next_dates else None),
        Column("ends_on", lambda row: row.next_dates.ends_on if row.next_dates else None),
        Column("takes_learners", lambda row: row.takes_learners),
        Column("certificate", lambda row: row.gives_certificate),
        Column("topics", lambda row: list(row.topics)),
        Column("competences", lambda row: list(row.competences)),
        Column("organiser", lambda row: row.organiser),
        Column("published_on", lambda row: row.published_at.date()),
        Column("invented", lambda row: row.is_demo),
        Column("url", lambda row: row.url),
    ),
    entry_title=lambda row: row.title,
    entry_url=lambda row: row.url,
    entry_updated=lambda row: row.changed_at,
)


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    count: int
    ticked: bool


@dataclass(frozen=True)
class Facet:
    name: str
    heading: str
    is_open: bool
    choices: list[Choice]


NAMES = ("when", "language", "level", "topic", "organiser")
_VALUES: dict[str, Callable[[Row], Iterable[str]]] = {
    "when": lambda row: (row.when,),
    "language": lambda row: row.titles,
    "level": lambda row: (row.level,),
    "topic": lambda row: row.topics,
    "organiser": lambda row: (row.organiser_slug,) if row.organiser_slug else (),
}
_KNOWN: dict[str, set[str]] = {
    "when": {"now", "dates", "over"},
    "language": set(ENDONYMS),
    "level": set(Level.values),
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    q: str
    ticked: dict[str, tuple[str, ...]]

    @property
    def is_filtered(self) -> bool:
        return bool(self.q or any(self.ticked.values()))

    @property
    def filters_set(self) -> int:
        return sum(map(bool, self.ticked.values()))

    def address(self, **more: str) -> str:
        """The same question as an address, with something else in it."""
        pairs = [("q", self.q)] if self.q else []
        pairs += [(name, value) for name in NAMES for value in self.ticked[name]]
        kept = [pair for pair in pairs if pair[0] not in more]
        return "?" + urlencode(kept + [(name, value) for name, value in more.items() if value])


def asked(request: DjangoRequest) -> Asked:
    """What an address asks for; 400 for what is not offered."""
    ticked = {
        name: tuple(typed.among(request, name, _KNOWN[name]))
        if name in _KNOWN
        else tuple(value[:120].replace("\x00", "") for value in request.GET.getlist(name)[:30] if value)
        for name in NAMES
    }
    return Asked(typed.text(request).strip(), ticked)


class Catalogue:
    """All published courses, and those that fit what is asked."""

    def __init__(self, wanted: Asked) -> None:
        self.wanted = wanted
        self.all = rows()
        self.found = sorted(self._found(), key=_order)

    def _found(self, *, without: str = "") -> list[Row]:
        """What fits, leaving out one filter where its own boxes are counted."""
        words = fold(self.wanted.q).split()
        found = [row for row in self.all if all(word in row.folded for word in words)]
        for name in NAMES:
            ticked = set(self.wanted.ticked[name])
            if ticked and name != without:
                found = [row for row in found if ticked.intersection(_VALUES[name](row))]
        return found

    def facets(self) -> list[Facet]:
        """Each filter with its boxes, and how many courses each would show beside the other filters."""
        headings: dict[str, tuple[str, bool]] = {
            "when": (_("When"), True),
            "language": (_("Language"), True),
            "level": (_("Level"), True),
            "topic": (_("Topic"), False),
            "organiser": (_("By"), False),
        }
        found = []
        for name, (heading, is_open) in headings.items():
            counts = Counter(value for row in self._found(without=name) for value in _VALUES[name](row))
            ticked = self.wanted.ticked[name]
            labels = self._labels(name, {*counts, *ticked})
            order = _ORDERS.get(name, {})
            values = sorted(
                {*counts, *ticked}, key=lambda one: (order.get(one, 99), -counts[one], labels[one])
            )
            choices = [Choice(one, labels[one], counts[one], one in ticked) for one in values[:40]]
            if choices:
                found.append(Facet(name, heading, is_open or bool(ticked), choices))
        return found

    def _labels(self, name: str, values: set[str]) -> dict[str, str]:
        language = get_language() or DEFAULT
        if name == "language":
            return {code: capfirst(language_name(code, language)) for code in values}
        if name == "topic":
            return {key: concepts.label(key, language) for key in values}
        if name == "organiser":
            names = {row.organiser_slug: row.organiser for row in self.all}
            return {slug: names.get(slug, slug) for slug in values}
        words: dict[str, Any] = (
            {level.value: str(level.label) for level in Level}
            if name == "level"
            else {"now": _("Start today"), "dates": _("Begins on a date"), "over": _("Over, material stays")}
        )
        return {value: words[value] for value in values}


_ORDERS = {
    "when": {"now": 0, "dates": 1, "over": 2},
    "level": {level: place for place, level in enumerate(Level.values)},
}


def _order(row: Row) -> tuple[int, date]:
    """Begin today, then by the date on which it begins, then what is over; within these the newest first."""
    place = {"now": 0, "dates": 1, "over": 2}[row.when]
    if row.next_dates is not None and place == 1:
        return place, row.next_dates.starts_on
    return place, date.min
