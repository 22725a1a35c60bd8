"""The list of published reviews: what an address asks for, what fits, how many each filter would show."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import urlencode

from django.http import HttpRequest as DjangoRequest
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from koinon.base.exits import Column, Listing
from koinon.base.languages import DEFAULT, country_name
from koinon.base.text import fold
from koinon.journal import versions
from koinon.network.views import asked as typed
from koinon.peers.listing import Choice, Facet, forgetting
from koinon.peers.reviews.models import PeerReview
from koinon.peers.reviews.words import ReviewKind
from koinon.practices import concepts

LISTING: Listing[PeerReview] = Listing(
    name="peer-reviews",
    title=gettext_lazy("Peer reviews, study visits, mentoring"),
    columns=(
        Column("code", lambda row: row.code),
        Column("kind", lambda row: row.kind),
        Column("stands", lambda row: row.stands),
        Column("title", lambda row: row.title),
        Column("question", lambda row: row.question),
        Column("language", lambda row: row.language),
        Column("host", lambda row: row.organisation.name),
        Column("host_slug", lambda row: row.organisation.slug),
        Column("topics", lambda row: list(row.topics)),
        Column("languages", lambda row: list(row.languages)),
        Column("place", lambda row: row.place.key if row.place else None),
        Column("country", lambda row: row.country),
        Column("first_day", lambda row: row.first_day),
        Column("last_day", lambda row: row.last_day),
        Column("peers_wanted", lambda row: row.wanted),
        Column("call_until", lambda row: row.call_until),
        Column("terms", lambda row: row.terms),
        Column("invented", lambda row: row.is_demo),
        Column("url", lambda row: row.get_absolute_url()),
    ),
    entry_title=lambda row: row.title,
    entry_url=lambda row: row.get_absolute_url(),
    entry_updated=lambda row: row.published_at or row.changed_at,
)

NAMES = ("kind", "topic", "country", "now")
_VALUES: dict[str, Callable[[PeerReview], Iterable[str]]] = {
    "kind": lambda row: (row.kind,),
    "topic": lambda row: row.topics,
    "country": lambda row: (row.country,) if row.country else (),
    "now": lambda row: ("open",) if row.calls else (),
}
_KNOWN: dict[str, set[str]] = {"kind": set(ReviewKind.values), "now": {"open"}}


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
        return "?" + urlencode(pairs + [(name, value) for name, value in more.items() if value])


def asked(request: DjangoRequest) -> Asked:
    """What an address asks for; 400 for what is not offered."""
    ticked = {
        name: tuple(typed.among(request, name, _KNOWN[name]))
        if name in _KNOWN
        else tuple(value[:80].replace("\x00", "") for value in request.GET.getlist(name)[:30] if value)
        for name in NAMES
    }
    return Asked(typed.text(request).strip(), ticked)


def rows(day: date | None = None) -> tuple[PeerReview, ...]:
    """All that is published, the newest first. No query once the version of the data is known."""
    return _rows(versions.known(), day or timezone.localdate())


@lru_cache(maxsize=2)
def _rows(version: int, day: date) -> tuple[PeerReview, ...]:
    return tuple(PeerReview.objects.public().with_host().newest_first())


def forget() -> None:
    """Ask anew the next time (for tests, whose changes are undone without a new version)."""
    _rows.cache_clear()


forgetting.append(forget)


class Board:
    """All that is published, and what of it fits what is asked."""

    def __init__(self, wanted: Asked) -> None:
        self.wanted = wanted
        self.all = rows()
        self.found = self._found()

    def _found(self, *, without: str = "") -> list[PeerReview]:
        words = fold(self.wanted.q).split()
        ticked = {
            name: set(values) for name, values in self.wanted.ticked.items() if values and name != without
        }
        return [
            row
            for row in self.all
            if all(values.intersection(_VALUES[name](row)) for name, values in ticked.items())
            and (not words or all(word in _folded(row) for word in words))
        ]

    def facets(self) -> list[Facet]:
        """Each filter with its boxes, and how many each would show beside the other filters."""
        language = get_language() or DEFAULT
        headings = {
            "now": (_("Now"), True),
            "kind": (_("Kind"), True),
            "topic": (_("Topic"), False),
            "country": (_("Country"), False),
        }
        found = []
        for name, (heading, is_open) in headings.items():
            counts = Counter(value for row in self._found(without=name) for value in _VALUES[name](row))
            ticked = self.wanted.ticked[name]
            labels = {value: _label(name, value, language) for value in {*counts, *ticked}}
            values = sorted(labels, key=lambda value: (-counts[value], labels[value]))
            choices = [Choice(value, labels[value], counts[value], value in ticked) for value in values]
            found.append(Facet(name, heading, is_open or bool(ticked), choices[:60]))
        return [facet for facet in found if facet.choices]


def _label(name: str, value: str, language: str) -> str:
    if name == "country":
        return country_name(value, language)
    if name == "topic":
        return concepts.label(value, language)
    return capfirst(str(ReviewKind(value).label)) if name == "kind" else _("Peers are called for")


def _folded(row: PeerReview) -> str:
    place = row.place.latin if row.place is not None else ""
    return fold(" ".join([row.title, row.question, row.organisation.name, place]))
