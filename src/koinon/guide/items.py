"""What stands on a shelf: an item with its level, why it is shown and how sure it is; or a gap."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from koinon.network.dates import in_words
from koinon.network.models import Stand
from koinon.places.models import Place

NEAREST_FIRST = ("city", "region", "country", "consortium", "europe")
_SOURCES_SHOWN = 2


@dataclass(frozen=True)
class Link:
    """A way on; without an address it is a word that stands in its place."""

    label: str
    url: str = ""


@dataclass(frozen=True)
class Item:
    """One thing shown for a place.

    `level` is one of `NEAREST_FIRST`; `holds_for` names what it holds for (Emilia-Romagna, Italy, five Member States);
    `because` is a whole sentence that says why it is shown; `meta` how to reach it; `others` are more of
    the same kind and level, folded under it on the page.
    """

    type: str
    title: str
    url: str
    level: str
    holds_for: str
    because: str
    sources: tuple[str, ...]
    checked_on: date | None
    confirmed_on: date | None
    certain: bool
    stand: Stand
    note: str = ""
    said: str = ""
    mark: str = "full"
    period: str = ""
    relation: str = "now"
    hosts: tuple[Link, ...] = ()
    meta: tuple[Link, ...] = ()
    others: "tuple[Item, ...]" = ()

    @property
    def is_gap(self) -> bool:
        """Drawn with a dotted line: not there, or not there any more."""
        return self.stand == Stand.NOT_FOUND or self.relation != "now"

    @property
    def stand_class(self) -> str:
        classes = {Stand.CHECKED: "", Stand.NOT_FOUND: "unsure"}
        return classes.get(self.stand, str(self.stand))

    @property
    def stand_words(self) -> str:
        words = {
            Stand.HELD: _("Confirmed by its owner"),
            Stand.CHECKED: _("Checked"),
            Stand.STALE: _("Stale."),
            Stand.UNSURE: _("Unsure."),
            Stand.SPLIT: _("Sources disagree."),
            Stand.NOT_FOUND: _("Not found."),
        }
        return words[self.stand]

    @property
    def stand_more(self) -> str:
        """When, and what its owner says of it."""
        if self.stand == Stand.HELD and self.confirmed_on:
            return _("on %(day)s.") % {"day": in_words(self.confirmed_on)}
        if self.checked_on is None:
            return ""
        day = {"day": in_words(self.checked_on)}
        if self.stand == Stand.CHECKED:
            return _("on %(day)s. Not confirmed by its owner.") % day
        if self.stand == Stand.NOT_FOUND:
            return _("Looked for on %(day)s.") % day
        return _("Checked on %(day)s.") % day

    @property
    def stand_day(self) -> str:
        """The day alone, where there is little room."""
        day = self.confirmed_on if self.stand == Stand.HELD else self.checked_on
        return in_words(day) if day else ""

    @property
    def sources_shown(self) -> list[Link]:
        """The first sources by the name of their site; how many more there are comes last."""
        sites = list(
            {source_link(source).label: source_link(source) for source in reversed(self.sources)}.values()
        )
        shown = sites[::-1][:_SOURCES_SHOWN]
        more = len(self.sources) - len(shown)
        if more > 0:
            shown.append(
                Link(
                    ngettext("and %(n)s more source", "and %(n)s more sources", more) % {"n": more}, self.url
                )
            )
        return shown


@dataclass(frozen=True)
class Gap:
    """What is not there, said in the same size as what is: `title`, `text`, and the next step `ask` at `url`.

    `level`, `holds_for` and `sources` say where in a chain it is missing, and where that was looked for.
    """

    title: str
    text: str
    ask: str = ""
    url: str = ""
    level: str = ""
    holds_for: str = ""
    sources: tuple[str, ...] = ()

    @property
    def sources_shown(self) -> list[Link]:
        return sites(self.sources)[:_SOURCES_SHOWN]


@dataclass(frozen=True)
class Shelf:
    """One shelf: its id is a promise to the outside (INTERFACE); `template` draws its body."""

    id: str
    title: str
    note: str
    template: str
    items: Sequence[Item] = ()
    gaps: Sequence[Gap] = ()

    @property
    def chain(self) -> list[Item | Gap]:
        """Items and gaps together, each gap on the level where something is missing; history last."""
        now = [item for item in self.items if item.relation == "now"]
        history = [item for item in self.items if item.relation != "now"]
        rows: list[Item | Gap] = []
        for level in NEAREST_FIRST:
            rows += [item for item in now if item.level == level]
            rows += [gap for gap in self.gaps if gap.level == level]
        return rows + history

    @property
    def calls(self) -> list[Item]:
        """Of the shelf *money*: what is open, or opens later."""
        return [item for item in self.items if item.type == "call"]

    @property
    def programmes(self) -> list[Item]:
        """Of the shelf *money*: the programmes behind it."""
        return [item for item in self.items if item.type != "call"]

    @property
    def more_than_a_sheet(self) -> int:
        """How many rows of a table the printed sheet leaves out (the stylesheet shows three)."""
        return max(0, len(self.programmes) - 3)

    @property
    def count_words(self) -> str:
        """`3, 1 gap` beside the shelf's name in the index of the page."""
        gaps = ngettext("%(n)s gap", "%(n)s gaps", len(self.gaps)) % {"n": len(self.gaps)}
        shown = sum(item.relation == "now" for item in self.items)
        if not shown:
            return gaps if self.gaps else _("none")
        return f"{shown}, {gaps}" if self.gaps else str(shown)


def sites(sources: Sequence[str]) -> list[Link]:
    """The sources as links, each site once, in the order given."""
    found: dict[str, Link] = {}
    for source in sources:
        link = source_link(source)
        found.setdefault(link.label, link)
    return list(found.values())


def nearest_first(items: Iterable[Item]) -> list[Item]:
    """In the order city, region, country, consortium, Europe; within a level as they came."""
    return sorted(items, key=lambda item: NEAREST_FIRST.index(item.level))


def source_link(source: str) -> Link:
    """A source as the name of its site, or in its own words where it has no address."""
    for word in source.split():
        parts = urlsplit(word)
        if parts.scheme in {"http", "https"} and parts.hostname:
            return Link(parts.hostname.removeprefix("www."), word)
    return Link(source if len(source) <= 60 else source[:57].rstrip() + "…")


def level_of(place: Place) -> str:
    """The level a place itself stands on."""
    if place.code == "EU":
        return "europe"
    return {Place.Kind.LOCALITY: "city", Place.Kind.REGION: "region"}.get(Place.Kind(place.kind), "country")
