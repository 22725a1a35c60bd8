"""What figures are counted from: everything public that a body did, as flat rows, known in the process for the version that holds.

Reading it takes the same few queries whatever is shown; each figure is a count over these rows, so that the overview, a body's
page, a place's page and a report can never disagree.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.db.models import Count, Q
from django.utils import timezone

from koinon.agenda.models import Session
from koinon.courses.models import Course
from koinon.journal import versions
from koinon.network import overview
from koinon.network.models import Membership, Organisation
from koinon.network.visitor import ANYONE
from koinon.peers.models import Exchange
from koinon.places.models import Place
from koinon.practices import listing
from koinon.questions.models import Answer
from koinon.questions.register import LEAST

SESSIONS, ANSWERS, COURSES, EXCHANGES, PRACTICES = "sessions", "answers", "courses", "exchanges", "practices"
KINDS = (SESSIONS, ANSWERS, COURSES, EXCHANGES, PRACTICES)


@dataclass(frozen=True)
class Fact:
    """One public thing: who did it, on which day it counts, and for which places with all they lie in.

    `people`: how many came, where at least five did; None where fewer came or nobody counted.
    """

    kind: str
    key: str
    bodies: frozenset[int]
    day: date
    places: frozenset[str]
    people: int | None = None


def facts() -> tuple[Fact, ...]:
    """Everything, in no particular order. No query once the version is known and the day is the same."""
    return _facts(versions.known(), timezone.localdate())


def forget() -> None:
    """Ask anew the next time (for tests, whose changes are undone without a new version)."""
    _facts.cache_clear()
    _network.cache_clear()


@lru_cache(maxsize=1)
def _facts(version: int, day: date) -> tuple[Fact, ...]:
    return (*_sessions(), *_answers(), *_courses(), *_exchanges(), *_practices())


def _sessions() -> Iterator[Fact]:
    state = Session.State
    over = Q(state=state.ENDED) | Q(state=state.PLANNED, ends_at__lt=timezone.now())
    came = Count("registrations", filter=Q(registrations__attended_at__isnull=False))
    for row in Session.objects.public().filter(over).annotate(came=came).prefetch_related("places"):
        came_there: int = row.came  # type: ignore[attr-defined]
        people = came_there if came_there >= LEAST else None
        places = _around(row.places.all())
        yield Fact(SESSIONS, row.code, _bodies(row.organiser_id), row.day, places, people)


def _answers() -> Iterator[Fact]:
    for row in Answer.objects.public().prefetch_related("places"):
        day = timezone.localdate(row.published_at)
        yield Fact(ANSWERS, str(row.pk), _bodies(row.body_id), day, _around(row.places.all()))


def _courses() -> Iterator[Fact]:
    for row in Course.objects.public().prefetch_related("places"):
        day = timezone.localdate(row.published_at)
        yield Fact(COURSES, row.slug, _bodies(row.organiser_id), day, _around(row.places.all()))


def _exchanges() -> Iterator[Fact]:
    for row in Exchange.objects.public().with_sides():
        sides = [side for side in (row.first_organisation, row.second_organisation) if side]
        countries = frozenset({"EU", *(side.country for side in sides if side.country)})
        day = timezone.localdate(row.result_at)
        yield Fact(EXCHANGES, row.code, frozenset(side.pk for side in sides), day, countries)


def _practices() -> Iterator[Fact]:
    keys = dict(Organisation.objects.values_list("slug", "pk"))
    for row in listing.rows():
        bodies = frozenset(keys[one.slug] for one in row.bodies if one.part != "took" and one.slug in keys)
        yield Fact(PRACTICES, row.slug, bodies, timezone.localdate(row.published_at), _around(row.places))


def _bodies(key: int | None) -> frozenset[int]:
    return frozenset() if key is None else frozenset({key})


def _around(places: Iterable[Place]) -> frozenset[str]:
    """The places with all they lie in; what names none holds for all of Europe."""
    found = {"EU"}
    for place in places:
        found |= {place.pk, *place.ancestor_codes()}
    return frozenset(found)


Span = tuple[date | None, date | None]
"""From one day to another, both included; None where it is open or not known, as in the directory."""
ALWAYS: tuple[Span, ...] = ((None, None),)


@dataclass(frozen=True)
class Circle:
    """Bodies, each with the days on which it counts."""

    spans: dict[int, tuple[Span, ...]]

    def holds(self, bodies: Iterable[int], day: date) -> bool:
        """Whether one of these bodies counts on this day."""
        return any(
            (first is None or first <= day) and (last is None or day <= last)
            for body in bodies
            for first, last in self.spans.get(body, ())
        )

    def within(self, body: str, day: str) -> Q:
        """The same as a condition on rows: the names of their column of the body, and of the day."""
        found = Q(pk__in=[])
        for key, spans in self.spans.items():
            for first, last in spans:
                one = Q(**{body: key})
                if first is not None:
                    one &= Q(**{f"{day}__gte": first})
                if last is not None:
                    one &= Q(**{f"{day}__lte": last})
                found |= one
        return found

    def in_period(self, first: date | None, last: date | None) -> frozenset[int]:
        """Those that count on some day of a period."""
        return frozenset(
            body
            for body, spans in self.spans.items()
            if any(
                (since is None or last is None or since <= last)
                and (until is None or first is None or first <= until)
                for since, until in spans
            )
        )

    def only(self, body: int) -> "Circle":
        """One of them, on its days."""
        return Circle({body: self.spans.get(body, ())})


@dataclass(frozen=True)
class Tree:
    """How bodies belong together: consortia that run today with their members, and centres; who belonged to which from when to when."""

    consortia: tuple[Organisation, ...]
    centres: tuple[Organisation, ...]
    others: tuple[Organisation, ...]
    members: dict[int, frozenset[int]]
    served: dict[int, frozenset[str]]
    tally: dict[str, int]
    belonged: dict[int, dict[int, tuple[Span, ...]]]

    def circle_of(self, organisation: Organisation) -> Circle:
        """Whose deeds count for a body: its own; for a consortium also those of its members, of the days on which they belonged to it."""
        own: dict[int, tuple[Span, ...]] = {organisation.pk: ALWAYS}
        if organisation.kind != Organisation.Kind.CONSORTIUM:
            return Circle(own)
        return Circle(self.belonged.get(organisation.pk, {}) | own)


def network() -> Tree:
    return _network(versions.known(), timezone.localdate())


@lru_cache(maxsize=1)
def _network(version: int, day: date) -> Tree:
    known = overview.Network(day, ANYONE, is_today=True)
    running = tuple(row for row in known.consortia if row.holds_on(day))
    members: dict[int, set[int]] = defaultdict(set)
    spans: dict[int, dict[int, set[Span]]] = defaultdict(lambda: defaultdict(set))
    rows = Membership.objects.public().values_list("member", "within", "since", "until")
    for member, within, since, until in rows:
        spans[within][member].add((since, until))
        if (since is None or since <= day) and (until is None or day <= until):
            members[within].add(member)
    kind = Organisation.Kind
    return Tree(
        consortia=running,
        centres=tuple(row.organisation for row in known.centres),
        others=tuple(row for row in known.organisations if row.kind not in {kind.CENTRE, kind.CONSORTIUM}),
        members={key: frozenset(found) for key, found in members.items()},
        served={
            row.pk: frozenset(cover.country for cover in known.coverage.get(row.pk, [])) for row in running
        },
        tally=known.tally,
        belonged={key: {one: tuple(days) for one, days in found.items()} for key, found in spans.items()},
    )
