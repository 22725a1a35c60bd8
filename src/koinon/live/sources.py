"""Who knows what a channel shows and who may listen: upper floors put their answers here, by the beginning of the name.

sources["room"] = Source(snapshot=…, may_listen=…)      # for `room:CODE` and `room:CODE:desk`
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Source:
    """What is asked about the channels of one kind. Called from a thread with its own database connection, never often.

    `snapshot(channel)` gives all that those who listen may see of it now, as JSON can hold it; None where there is no such
    channel. It is called inside one read transaction, rendered once, and shared by all who join.

    `may_listen(channel, persons)` gives those of `persons` who still may; 0 among them stands for everybody who listens
    without being signed in. Asked at joining and then each second for all who listen at once: who is not in the answer is
    cut off within a second. It must not cost more for many persons than for one.

    Of changes about something in `merged` those of one frame are sent as one, their data merged, later over earlier: they
    carry totals.
    """

    snapshot: Callable[[str], dict[str, Any] | None]
    may_listen: Callable[[str, set[int]], set[int]]
    merged: frozenset[str] = field(default_factory=lambda: frozenset({"votes"}))


sources: dict[str, Source] = {}


def source_of(channel: str) -> Source | None:
    """The source of this channel, found by what stands before the first colon."""
    return sources.get(channel.partition(":")[0])
