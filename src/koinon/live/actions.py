"""Telling those who listen that something changed. An action calls `announce` and nothing else."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from koinon.live import notify
from koinon.live.models import Change, Channel, new_epoch

KEPT_FOR = timedelta(days=1)
_CHANNEL, _CHANGE = Channel._meta.db_table, Change._meta.db_table
_COUNT = (
    f"INSERT INTO {_CHANNEL} (name, number, epoch) VALUES (%s, %s, %s)"  # noqa: S608  our own table
    f" ON CONFLICT (name) DO UPDATE SET number = {_CHANNEL}.number + excluded.number RETURNING number"
)

# As written out as the count: through Django's objects it costs as much as the votes that it tells of.
_ADD = (
    f"INSERT INTO {_CHANGE} (channel, number, about, data, at_once, at)"  # noqa: S608  our own table
    " VALUES (%s, %s, %s, %s, %s, %s)"
)


@dataclass(frozen=True)
class News:
    """One change to announce: what it is about (`question`, `votes`, …), and what a page needs to show it."""

    about: str
    data: Mapping[str, Any] = field(default_factory=dict)
    at_once: bool = False


def announce(channel: str, about: str, data: Mapping[str, Any], *, at_once: bool = False) -> int:
    """Tell all who listen on `channel` that something changed; returns the change's number.

    Call it inside the transaction of the deed: the change is written with it or not at all, and goes out after the commit,
    gathered with others for some tens of milliseconds, or `at_once` (what happens on stage). The number comes from the
    channel's row, which stays locked until the commit, so that nobody who has seen a number can miss a smaller one.
    So announce late in the transaction, and on several channels in the order of their names, lest two wait for each other; and
    where many things were done at once (a commit of the writer), once for all of them.
    Everything in `data` is sent to everybody who may listen on this channel: it must be JSON, and state what holds now
    (totals, not differences). Of several changes about `votes` in one frame the page gets one, the later laid over the earlier
    (`sources.Source.merged`).
    """
    return announce_many(channel, [News(about, data, at_once)])


def announce_many(channel: str, news: Iterable[News]) -> int:
    """As `announce`, for several changes of one channel at a time; returns the number of the last (0: there was none)."""
    given = [(one, _text(one.data)) for one in news]
    if not given:
        return 0
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(_COUNT, [channel, len(given), new_epoch()])
        last = int(cursor.fetchone()[0])
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        cursor.executemany(
            _ADD,
            [
                (channel, number, one.about, text, one.at_once, now)
                for number, (one, text) in enumerate(given, start=last - len(given) + 1)
            ],
        )
        hurry = any(one.at_once for one, _ in given)
        transaction.on_commit(lambda: notify.tell(channel, at_once=hurry))
    return last


@transaction.atomic
def forget_channel(channel: str) -> None:
    """Wipe a channel with all its changes (a rehearsal that is over). Who listens gets a `reset`, or is cut."""
    Channel.objects.filter(name=channel).delete()
    Change.objects.filter(channel=channel).delete()
    transaction.on_commit(lambda: notify.tell(channel, at_once=True))


def forget_old() -> int:
    """Changes are kept for a day: they only carry what changed to those who listen now."""
    gone, _ = Change.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()
    return gone


def _text(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
