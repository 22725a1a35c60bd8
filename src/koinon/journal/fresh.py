"""What is new: which entries of the journal tell everybody something, and how what they speak of is shown.

Each capability registers a source in its `apps.py`. The journal is written in one line (each entry waits for the one before),
so whoever remembers the number of the last entry it told of misses nothing and tells nothing twice. What is shown is the
thing as everybody may read it when it is asked for; what nobody may read any more is not shown.

    fresh.sources.append(
        fresh.Source(
            name="calls",
            heading=_("Calls and deadlines"),
            thing="calls.call",
            verbs={"call.published": _("New"), "call.moved": _("New deadline")},
            load=load,      # keys of things → Fresh, of what is public now
        )
    )
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise

from koinon.journal.models import Entry


@dataclass(frozen=True)
class Fresh:
    """A thing as everybody may read it now. `key` is its primary key as a text; words are in the language that is spoken.

    `address` is its path without a language; `about` one line under the title; `on` the day or moment it is about (a session, a
    deadline), which goes into calendars. `places` are codes, none: for all of Europe. `organisations` and `practices` are slugs.
    `found` names it in the search (type, key), for searches that somebody follows. `event` are the lines of its event where
    calendars of its own capability write it already: the same one wherever it stands, so that nobody sees it twice.
    """

    key: str
    title: str
    address: str
    language: str = "en"
    about: str = ""
    on: date | datetime | None = None
    until: datetime | None = None
    places: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    practices: tuple[str, ...] = ()
    found: tuple[str, str] | None = None
    cancelled: bool = False
    event: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """What a capability has new: the verbs of its entries with what they say, the weightiest first, and who loads the things.

    `coming`: everything with a day or moment that lies ahead, new or not, for calendars.
    """

    name: str
    heading: str | Promise
    thing: str
    verbs: Mapping[str, str | Promise]
    load: Callable[[Sequence[str]], Iterable[Fresh]]
    coming: Callable[[], Iterable[Fresh]] | None = None

    def weight(self, verb: str) -> int:
        """Of several things that happened the one with the least weight is told."""
        return list(self.verbs).index(verb)


sources: list[Source] = []
"""What can be new, in the order in which mails and pages show it. Filled by each capability's `apps.py`."""


@dataclass(frozen=True)
class Event:
    """One entry of the journal that tells something: its number, when, and what happened."""

    number: int
    verb: str
    when: datetime


def newest() -> int:
    """The number of the last entry; 0 where there is none."""
    return Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def events(after: int, upto: int) -> dict[tuple[str, str], list[Event]]:
    """(source, key of the thing) → what happened to it after one entry up to another, in its order. One query."""
    by_verb = {(source.thing, verb): source.name for source in sources for verb in source.verbs}
    rows = Entry.objects.filter(pk__gt=after, pk__lte=upto, verb__in={verb for _thing, verb in by_verb})
    found: dict[tuple[str, str], list[Event]] = {}
    for number, verb, when, thing in rows.order_by("pk").values_list("pk", "verb", "when", "thing"):
        label, _, key = thing.partition(":")
        if source := by_verb.get((label, verb)):
            found.setdefault((source, key), []).append(Event(number, verb, when))
    return found
