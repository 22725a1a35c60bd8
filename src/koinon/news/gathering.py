"""What is new for who follows what: the entries of the journal, each thing as everybody may read it now, and why it is told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language

from koinon.base.languages import DEFAULT
from koinon.journal import fresh
from koinon.journal.fresh import Event, Fresh, Source
from koinon.news import subjects
from koinon.news.models import Follow

Thing = tuple[str, str]


@dataclass(frozen=True)
class Line:
    """One new thing as a page, a mail or a feed tells it: what happened, and why it is told here."""

    item: Fresh
    source: Source
    what: str
    why: str
    when: datetime
    number: int

    @property
    def thing(self) -> Thing:
        return (self.source.name, self.item.key)


@dataclass(frozen=True)
class Group:
    """New things of one kind, the newest first. `address`: the page that lists all of them, without a language."""

    heading: str
    lines: Sequence[Line]
    address: str


@dataclass(frozen=True)
class Section:
    """What is new about one thing that is followed."""

    named: subjects.Named
    follow: Follow
    groups: Sequence[Group]

    @property
    def lines(self) -> list[Line]:
        return [line for group in self.groups for line in group.lines]


class Window:
    """Everything that happened after one entry of the journal up to another; things are loaded once for each language."""

    def __init__(self, after: int, upto: int) -> None:
        self.after, self.upto = after, upto
        self.sources = {source.name: source for source in fresh.sources}
        self.events: dict[Thing, list[Event]] = fresh.events(after, upto) if upto > after else {}
        self._items: dict[str, dict[Thing, Fresh]] = {}
        self._where: subjects.Where | None = None
        self._named: dict[tuple[str, str, str], subjects.Named | None] = {}

    def named(self, kind: str, key: str) -> subjects.Named | None:
        """What is followed, in the language that is spoken; asked once however many follow it."""
        asked = (kind, key, get_language() or DEFAULT)
        if asked not in self._named:
            self._named[asked] = subjects.find(kind, key)
        return self._named[asked]

    @property
    def items(self) -> dict[Thing, Fresh]:
        """The things that everybody may read now, in the language that is spoken."""
        language = get_language() or DEFAULT
        if language not in self._items:
            self._items[language] = dict(self._load())
        return self._items[language]

    def _load(self) -> Iterable[tuple[Thing, Fresh]]:
        for source in fresh.sources:
            keys = [key for name, key in self.events if name == source.name]
            if keys:
                for item in source.load(keys):
                    yield (source.name, item.key), item

    @property
    def where(self) -> subjects.Where:
        if self._where is None:
            self._where = subjects.where(self.items.values())
        return self._where

    def lines(
        self, kind: str, key: str, *, levels: Sequence[str], groups: Sequence[str] = (), after: int = 0
    ) -> list[Line]:
        """What is new after an entry for who follows this, the newest first."""
        fits = subjects.question(kind, key, levels)
        found = []
        for thing, item in self.items.items():
            source = self.sources[thing[0]]
            if groups and source.name not in groups:
                continue
            happened = [event for event in self.events[thing] if event.number > after]
            if happened and (why := fits(item, self.where)):
                found.append(self._line(source, item, happened, why))
        return sorted(found, key=lambda line: -line.number)

    def all_lines(self) -> list[Line]:
        """Everything that is new, for everybody; the newest first."""
        found = [
            self._line(self.sources[thing[0]], item, self.events[thing], "")
            for thing, item in self.items.items()
        ]
        return sorted(found, key=lambda line: -line.number)

    def _line(self, source: Source, item: Fresh, happened: Sequence[Event], why: str) -> Line:
        told = min(happened, key=lambda event: source.weight(event.verb))
        last = happened[-1]
        return Line(item, source, str(source.verbs[told.verb]), why, last.when, last.number)

    def sections(self, follows: Iterable[Follow], after: int) -> list[Section]:
        """What is new for one follower, by what is followed; a thing that fits several is told once, at the first."""
        told: set[Thing] = set()
        found = []
        for follow in follows:
            if follow.kind == subjects.LETTER:
                continue
            lines = [
                line
                for line in self.lines(
                    follow.kind,
                    follow.key,
                    levels=follow.levels,
                    groups=follow.groups,
                    after=max(after, follow.begins_after),
                )
                if line.thing not in told
            ]
            if lines and (named := self.named(follow.kind, follow.key)) is not None:
                told |= {line.thing for line in lines}
                found.append(Section(named, follow, grouped(lines, named)))
        return found


def grouped(lines: Sequence[Line], named: subjects.Named) -> list[Group]:
    """By kind of thing, in the order of the sources."""
    return [
        Group(str(source.heading), chosen, subjects.news_of(named, source.name))
        for source in fresh.sources
        if (chosen := [line for line in lines if line.source.name == source.name])
    ]
