"""Which offers and needs fit: an index in the process, kept up to date entry by entry, and asked in a few milliseconds.

After a change only what changed is read again: the row `Stamp` says up to where (`models/entries.py`). What is found here is
a number and its reasons; who may see it is asked of the database each time (`seen_by`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from heapq import nsmallest
from threading import Lock

from django.utils import timezone

from koinon.peers.models import Entry, Stamp
from koinon.peers.reasons import MOST_TOPICS, Facts, Reason, beside_topics, facts_of, reasons, score
from koinon.peers.words import Kind

MOST = 60
"""So many are looked at for one entry; a page shows fewer."""
_NONE: frozenset[int] = frozenset()
_OTHER_SIDE = {
    Kind.OFFER: (Kind.NEED, Kind.PARTNERS),
    Kind.NEED: (Kind.OFFER,),
    Kind.PARTNERS: (Kind.OFFER,),
}


@dataclass(frozen=True, slots=True)
class Found:
    """One entry that fits another, how well, and why."""

    pk: int
    score: int
    reasons: tuple[Reason, ...]


@dataclass
class Index:
    """What is known of all open entries; by topic and kind, and by call."""

    number: int = -1
    facts: dict[int, Facts] = field(default_factory=dict)
    by_topic: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    by_call: dict[str, set[int]] = field(default_factory=dict)

    def put(self, facts: Facts) -> None:
        """Know an entry, or know it anew."""
        self.drop(facts.pk)
        self.facts[facts.pk] = facts
        for topic in facts.topics:
            self.by_topic.setdefault((topic, facts.kind), set()).add(facts.pk)
        if facts.call:
            self.by_call.setdefault(facts.call, set()).add(facts.pk)

    def drop(self, pk: int) -> None:
        """Know it no longer."""
        facts = self.facts.pop(pk, None)
        if facts is None:
            return
        for topic in facts.topics:
            self.by_topic[topic, facts.kind].discard(pk)
        if facts.call:
            self.by_call[facts.call].discard(pk)

    def fitting(self, pk: int, *, day: date, most: int, apart: Set[int]) -> list[Found]:
        """The entries that fit one best, by their score, the newer first among equals; none that is over on this day.

        Those kept `apart` take no place among the best; they come after them where they fit.
        """
        own = self.facts.get(pk)
        if own is None or own.expires_on < day:
            return []
        shared: Counter[int] = Counter()
        for kind in _OTHER_SIDE[Kind(own.kind)]:
            for topic in own.topics:
                shared.update(self.by_topic.get((topic, kind), _NONE))
        by_topics: dict[int, list[int]] = {}
        for other_pk, number in shared.items():
            by_topics.setdefault(min(MOST_TOPICS, number), []).append(other_pk)
        if own.call:
            # Who looks for partners for the same call comes before all that only shares topics.
            by_topics[MOST_TOPICS + 1] = list(self.by_call.get(own.call, _NONE))
        facts = self.facts
        best: list[tuple[int, float, int]] = []
        aside: list[tuple[int, float, int]] = []
        for number in sorted(by_topics, reverse=True):
            here: list[tuple[int, float, int]] = []
            for other_pk in by_topics[number]:
                other = facts[other_pk]
                if other.expires_on >= day and other.owner != own.owner:
                    if other_pk in apart:
                        aside.append((-score(own, other), -other.changed, other_pk))
                    elif len(best) < most:
                        # Those of the same call share more topics or fewer; in all other groups they share as many.
                        points = score(own, other) if number > MOST_TOPICS else beside_topics(own, other)
                        here.append((-points, -other.changed, other_pk))
            # One more topic outweighs all else (`reasons.TOPIC`): what shares fewer is not needed once there are enough.
            best += nsmallest(most - len(best), here)
        return [_found(own, facts[other_pk]) for _points, _changed, other_pk in [*best, *sorted(aside)]]


def _found(own: Facts, other: Facts) -> Found:
    return Found(other.pk, score(own, other), reasons(own, other))


_index = Index()
_lock = Lock()


def fitting(
    pks: Iterable[int], *, most: int = MOST, apart: Mapping[int, Set[int]] | None = None
) -> dict[int, list[Found]]:
    """For each entry those that fit it best, as of now. One query where nothing changed since, two where something did."""
    day, aside = timezone.localdate(), apart or {}
    with _lock:
        _refresh()
        return {pk: _index.fitting(pk, day=day, most=most, apart=aside.get(pk, _NONE)) for pk in pks}


def _refresh() -> None:
    global _index
    row = Stamp.objects.filter(pk=1).values_list("number", "whole").first()
    number, whole = row or (0, 0)
    if number == _index.number:
        return
    rows = Entry.objects.select_related("place", "organisation")
    if _index.number < 0 or number < _index.number or _index.number < whole:
        _index = Index()
        # Also of bodies that are drafts: once they are published, nothing else tells that their entries are there.
        rows = rows.standing()
    else:
        rows = rows.filter(stamp__gt=_index.number)
    for entry in rows.iterator(chunk_size=2000):
        # Whether the body is published and the person here is left to `seen_by`, which is asked before anything is shown.
        if entry.is_open and entry.stamp <= number:
            _index.put(facts_of(entry))
        elif entry.stamp <= number:
            _index.drop(entry.pk)
    _index.number = number


def forget() -> None:
    """Ask anew the next time (for tests, whose changes are undone)."""
    global _index
    with _lock:
        _index = Index()
