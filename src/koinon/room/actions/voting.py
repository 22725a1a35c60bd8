"""Voting: one vote a voice and contribution; the total is the number of rows, always."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from koinon.base.keys import LARGEST
from koinon.live.tickets import Ticket
from koinon.live.writer import Answer, Job, problem
from koinon.room import state
from koinon.room.actions.common import (
    gone,
    in_order,
    not_open,
    only_listens,
    room_for,
    rooms_of,
    voice_to_vote,
)
from koinon.room.models import Contribution, Room, Vote

_TABLE = Vote._meta.db_table
_COUNTED = Contribution._meta.db_table
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Voting:
    """Whether a voice is for a contribution. Said twice it changes nothing."""

    code: str
    contribution: int
    voted: bool


def commit(jobs: Sequence[Job]) -> list[Answer]:
    """Write many votes in this transaction and answer each; of one voice about one thing the last counts.

    One statement puts in what is new, one takes out, one a total; the totals of a room go out as one change.
    """
    rooms = rooms_of(jobs)
    rows = _shown(jobs, rooms)
    answers: dict[int, Answer] = {}
    last: dict[tuple[int, str], bool] = {}
    for place, job in enumerate(jobs):
        room = room_for(job, rooms)
        row = rows.get(job.data.contribution)
        if room is None or row is None or row.room_id != room.pk:
            answers[place] = gone()
        elif not room.is_open:
            answers[place] = not_open()
        elif not (voice := voice_to_vote(room, job.ticket)):
            needs = room.session.votes_need_account
            answers[place] = (
                problem(401, "Voting in this session needs signing in.") if needs else only_listens()
            )
        else:
            last[job.data.contribution, voice] = job.data.voted
    differences = Counter(_put_in([pair for pair, voted in last.items() if voted]))
    differences.subtract(_take_out([pair for pair, voted in last.items() if not voted]))
    changed: dict[Room, dict[int, int]] = defaultdict(dict)
    by_key = {room.pk: room for room in rooms.values()}
    # Totals change under the lock of their room alone, so those that were read above hold still.
    totals = {pk: row.votes for pk, row in rows.items()}
    for pk, total in _count({pk: more for pk, more in differences.items() if more}):
        totals[pk] = changed[by_key[rows[pk].room_id]][pk] = total
    for room, news in changed.items():
        state.tell_votes(room, news)
    for place, job in enumerate(jobs):
        if place not in answers:
            pk = job.data.contribution
            answers[place] = Answer(200, {"id": pk, "votes": totals[pk], "voted": job.data.voted})
    return in_order(answers, jobs)


@transaction.atomic
def vote(room: Room, contribution: int, *, by: Ticket, voted: bool) -> Answer:
    """One vote, as the doors write many."""
    return commit([Job(Voting(room.session.code, contribution, voted), by)])[0]


@dataclass(frozen=True, slots=True)
class _Row:
    room_id: int
    votes: int


def _shown(jobs: Sequence[Job], rooms: dict[str, Room]) -> dict[int, _Row]:
    """What these jobs vote for, as far as it is shown (`ContributionSet.shown`, written out: it is asked for each commit)."""
    wanted = sorted({job.data.contribution for job in jobs if job.data.contribution <= LARGEST})
    keys = [room.pk for room in rooms.values()]
    if not wanted or not keys:
        return {}
    of, within, states = (", ".join(["%s"] * len(some)) for some in (wanted, keys, Contribution.SHOWN))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, room_id, votes FROM {_COUNTED}"  # noqa: S608  our own table
            f" WHERE id IN ({of}) AND room_id IN ({within}) AND state IN ({states})",
            [*wanted, *keys, *map(str, Contribution.SHOWN)],
        )
        return {pk: _Row(room, votes) for pk, room, votes in cursor.fetchall()}


def _put_in(pairs: list[tuple[int, str]]) -> Iterator[int]:
    """Insert what is not there yet; gives the contribution of each row that is new."""
    for some in _chunks(pairs):
        places = ", ".join(["(%s, %s)"] * len(some))
        yield from _asked(
            f"INSERT INTO {_TABLE} (contribution_id, voice) VALUES {places}"  # noqa: S608  our own table
            " ON CONFLICT (contribution_id, voice) DO NOTHING RETURNING contribution_id",
            some,
        )


def _take_out(pairs: list[tuple[int, str]]) -> Iterator[int]:
    """Delete what is there; gives the contribution of each row that is gone."""
    for some in _chunks(pairs):
        places = ", ".join(["(%s, %s)"] * len(some))
        yield from _asked(
            f"DELETE FROM {_TABLE} WHERE (contribution_id, voice) IN (VALUES {places})"  # noqa: S608
            " RETURNING contribution_id",
            some,
        )


def _count(differences: dict[int, int]) -> Iterator[tuple[int, int]]:
    """All totals in one statement, in one order; gives each with its new total."""
    ordered = sorted(differences.items())
    for start in range(0, len(ordered), _AT_ONCE):
        some = ordered[start : start + _AT_ONCE]
        cases = " ".join(["WHEN %s THEN %s"] * len(some))
        keys = ", ".join(["%s"] * len(some))
        values = [value for pair in some for value in pair] + [pk for pk, _more in some]
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {_COUNTED} SET votes = votes + CASE id {cases} ELSE 0 END"  # noqa: S608
                f" WHERE id IN ({keys}) RETURNING id, votes",
                values,
            )
            yield from cursor.fetchall()


def _asked(statement: str, pairs: list[tuple[int, str]]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for pair in pairs for value in pair])
        return [row[0] for row in cursor.fetchall()]


def _chunks(pairs: list[Any]) -> Iterator[list[Any]]:
    # In one order everywhere, so that two writers never wait for each other.
    ordered = sorted(pairs)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]
