"""Answering a poll: one ballot a voice, to be changed while the poll is open; only totals leave the table."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

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
from koinon.room.models import Ballot, Poll

SCALE = range(1, 6)


@dataclass(frozen=True, slots=True)
class Balloting:
    """What a voice answers: numbers of options (from 0), a value of the scale, or words."""

    code: str
    poll: int
    choices: tuple[int, ...] = ()
    words: str = ""


def commit(jobs: Sequence[Job]) -> list[Answer]:
    """Write many ballots in this transaction; of one voice the last counts. One change a poll goes out."""
    rooms = rooms_of(jobs)
    wanted = {job.data.poll for job in jobs if job.data.poll <= LARGEST}
    rows = Poll.objects.filter(pk__in=wanted, room__in=[room.pk for room in rooms.values()])
    polls = {poll.pk: poll for poll in rows.exclude(state=Poll.State.DRAFT)}
    by_key = {room.pk: room for room in rooms.values()}
    answers: dict[int, Answer] = {}
    ballots: dict[tuple[int, str], Ballot] = {}
    for place, job in enumerate(jobs):
        room = room_for(job, rooms)
        poll = polls.get(job.data.poll)
        if room is None or poll is None or poll.room_id != room.pk:
            answers[place] = gone()
        elif not room.is_open:
            answers[place] = not_open()
        elif not is_open(poll):
            answers[place] = problem(403, "The poll is closed.")
        elif wrong := what_is_wrong(poll, job.data):
            answers[place] = problem(
                422,
                "Something that was sent is not as the API describes it.",
                errors=[{"field": "words" if poll.kind == Poll.Kind.WORDS else "choices", "wrong": wrong}],
            )
        elif not (voice := voice_to_vote(room, job.ticket)):
            needs = room.session.votes_need_account
            answers[place] = (
                problem(401, "Voting in this session needs signing in.") if needs else only_listens()
            )
        else:
            ballots[poll.pk, voice] = Ballot(
                poll=poll, voice=voice, choices=sorted(set(job.data.choices)), words=job.data.words
            )
            answers[place] = Answer(200, {"id": poll.pk})
    # Words that a moderator took off stay off when they are changed: `hidden` is not written.
    Ballot.objects.bulk_create(
        [ballots[key] for key in sorted(ballots)],
        update_conflicts=True,
        unique_fields=["poll", "voice"],
        update_fields=["choices", "words"],
    )
    for pk in sorted({poll for poll, _voice in ballots}):
        polls[pk].room = by_key[polls[pk].room_id]
        state.tell_results(polls[pk])
    return in_order(answers, jobs)


@transaction.atomic
def answer(what: Balloting, *, by: Ticket) -> Answer:
    """One ballot, as the doors write many."""
    return commit([Job(what, by)])[0]


def is_open(poll: Poll) -> bool:
    """Open, and its time is not over."""
    in_time = poll.closes_at is None or poll.closes_at > timezone.now()
    return poll.state == Poll.State.OPEN and in_time


def what_is_wrong(poll: Poll, given: Balloting) -> str:
    """Why this is no answer to that poll; empty where it is one."""
    chosen = set(given.choices)
    if poll.kind == Poll.Kind.WORDS:
        return "" if given.words and not chosen else "A few words are wanted."
    if given.words:
        return "No words are wanted."
    if poll.kind == Poll.Kind.SCALE:
        return "" if len(chosen) == 1 and chosen <= set(SCALE) else "One number from 1 to 5."
    known = chosen <= set(range(len(poll.options)))
    if poll.kind == Poll.Kind.SEVERAL:
        return "" if chosen and known else "Numbers of options, from 0."
    return "" if len(chosen) == 1 and known else "The number of one option, from 0."
