"""Voting: one vote a voice and contribution; the total is the number of rows, always."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import F

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
from koinon.room.permissions import may_write_now

_TABLE = Vote._meta.db_table
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
        elif not may_write_now(room):
            answers[place] = not_open()
        elif not (voice := voice_to_vote(room, job.ticket)):
            needs = room.session.votes_need_account
            answers[place] = (
                problem(401, "Voting in this session needs signing in.") if needs else only_listens()
            )
        else:
            last[row.pk, voice] = job.data.voted
    differences = Counter(_put_in([pair for pair, voted in last.items() if voted]))
    differences.subtract(_take_out([pair for pair, voted in last.items() if not voted]))
    changed: dict[Room, dict[int, int]] = defaultdict(dict)
    by_key = {room.pk: room for room in rooms.values()}
    for pk, more in sorted(differences.items()):
        if more:
            Contribution.objects.filter(pk=pk).update(votes=F("votes") + more)
    totals = dict(Contribution.objects.filter(pk__in={pk for pk, _voice in last}).values_list("pk", "votes"))
    for pk, more in differences.items():
        if more:
            changed[by_key[rows[pk].room_id]][pk] = totals[pk]
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


def _shown(jobs: Sequence[Job], rooms: dict[str, Room]) -> dict[int, Contribution]:
    """What these jobs vote for, as far as it is shown."""
    wanted = {job.data.contribution for job in jobs}
    rows = Contribution.objects.filter(pk__in=wanted, room__in=[room.pk for room in rooms.values()]).shown()
    return {row.pk: row for row in rows.only("pk", "room_id", "state")}


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


def _asked(statement: str, pairs: list[tuple[int, str]]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for pair in pairs for value in pair])
        return [row[0] for row in cursor.fetchall()]


def _chunks(pairs: list[Any]) -> Iterator[list[Any]]:
    # In one order everywhere, so that two writers never wait for each other.
    ordered = sorted(pairs)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]
