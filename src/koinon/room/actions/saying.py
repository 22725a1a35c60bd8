"""Saying something in a room, and what its author does with it afterwards: mend, withdraw, send to a centre instead.

Who holds the receipt's code acts; nobody else knows whose it is.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext, override

from koinon.base.guessing import guess_language
from koinon.base.languages import DEFAULT, in_language
from koinon.live.tickets import Ticket
from koinon.live.writer import Answer, Job, problem
from koinon.people.models import Person
from koinon.places.models import Place
from koinon.questions.actions import carrying
from koinon.questions.actions.receipts import code_from, tidy_code
from koinon.questions.models import Question
from koinon.questions.models.questions import hash_of
from koinon.room import hooks, state
from koinon.room.actions.carrying import place_of
from koinon.room.actions.common import (
    gone,
    in_order,
    not_open,
    only_listens,
    room_for,
    rooms_of,
    sealed,
    voice_to_speak,
)
from koinon.room.models import Contribution, Room

State = Contribution.State


class NotNow(Exception):
    """It is too far for that: the page shows what became of it."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What somebody says in a room: checked already, but for the place, which the database knows."""

    code: str
    kind: str
    text: str
    page_language: str = DEFAULT
    language: str = ""
    place: str = ""
    contact: str = ""
    may_quote: bool = False
    named: bool = False

    @property
    def digest(self) -> str:
        """A hash of all that was said: the same key with another is refused."""
        said = [self.kind, self.text, self.language, self.place, self.contact, self.may_quote, self.named]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def commit(jobs: Sequence[Job]) -> list[Answer]:
    """Write down what many say in this transaction, and answer each with its receipt.

    The same key of the same voice gives the same contribution again, also after the close; with another body it is
    refused (422). Held for approval or shown at once, as the room is at this moment.
    """
    rooms = rooms_of(jobs)
    keys: dict[int, str] = {}
    answers: dict[int, Answer] = {}
    for place, job in enumerate(jobs):
        room = room_for(job, rooms)
        if room is None:
            answers[place] = gone()
        elif not room.key:
            answers[place] = not_open()
        else:
            keys[place] = sealed(room, "say", job.ticket.voice or f"person:{job.ticket.person}", job.key)
    known = {row.key: row for row in Contribution.objects.filter(key__in=set(keys.values()))}
    places = _places(jobs)
    names = _names(jobs)
    fresh: list[Contribution] = []
    for place, key in keys.items():
        job = jobs[place]
        room = rooms[job.data.code]
        if (before := known.get(key)) is not None:
            if before.body != job.data.digest:
                answers[place] = problem(422, "This Idempotency-Key came before, with another body.")
        elif not room.is_open:
            answers[place] = not_open()
        elif not room.takes_questions and job.data.kind == Contribution.Kind.QUESTION:
            answers[place] = problem(403, "The room takes no questions at this moment.")
        elif not job.ticket.voice and job.ticket.person is None:
            answers[place] = only_listens()
        elif job.data.place and job.data.place not in places:
            answers[place] = problem(
                422,
                "Something that was sent is not as the API describes it.",
                errors=[
                    {"field": "place", "wrong": "There is no place with this key; see /api/v1/places?q="}
                ],
            )
        else:
            known[key] = _new(room, job, key, places.get(job.data.place), names)
            fresh.append(known[key])
    Contribution.objects.bulk_create(fresh)
    _tell(fresh)
    for place, key in keys.items():
        if place not in answers:
            answers[place] = Answer(201, said(known[key]))
    return in_order(answers, jobs)


@transaction.atomic
def say(what: Saying, *, by: Ticket, key: str) -> Answer:
    """One thing said, as the doors write many."""
    return commit([Job(what, by, key)])[0]


def said(row: Contribution) -> dict[str, Any]:
    """What the author holds: its number, how far it is, and the address of its private page."""
    return {"id": row.pk, "state": row.state, "receipt": f"/receipts/{code_from(row.seed)}/"}


def with_code(code: str) -> Contribution | None:
    """The contribution of a receipt, for whoever holds its code."""
    rows = Contribution.objects.select_related("room__session", "merged_into", "place", "question")
    return rows.filter(receipt=hash_of(tidy_code(code))).first()


@transaction.atomic
def reword(row: Contribution, *, text: str) -> Contribution:
    """The author mends what still waits for a moderator (B6 U)."""
    now = _lock(row)
    if now.state != State.NEW or not now.room.is_open:
        raise NotNow
    now.text = text
    now.language = guess_language(text, hint=now.page_language)[0]
    _save(now, "text", "language")
    _tell_desk(now)
    return now


@transaction.atomic
def withdraw(row: Contribution) -> Contribution:
    """End it, and erase what was written. Votes stay in the total of nothing; wordings of others stand by themselves again."""
    now = _lock(row)
    if now.question_id is not None:
        raise NotNow
    if now.state == State.WITHDRAWN:
        return now
    before = now.state
    head = now.merged_into
    now.state = State.WITHDRAWN
    now.text = now.name = now.contact = now.answer = now.words = now.note = ""
    now.author, now.place, now.may_quote, now.merged_into = None, None, False, None
    erased = (
        "text",
        "name",
        "contact",
        "answer",
        "words",
        "note",
        "author",
        "place",
        "may_quote",
        "merged_into",
    )
    _save(now, "state", *erased)
    for other in now.wordings.filter(state=State.MERGED).select_for_update().order_by("pk"):
        other.state, other.merged_into, other.room = State.OPEN, None, now.room
        _save(other, "state", "merged_into")
        if before in Contribution.SHOWN:
            state.tell_question(other)
        _tell_desk(other)
    room = now.room
    if room.stage_id == now.pk:
        room.stage, room.stage_since = None, None
        room.version += 1
        room.save(update_fields=["stage", "stage_since", "version"])
        state.tell_stage(room)
    if before in Contribution.SHOWN:
        state.tell_gone(now)
    elif head is not None:
        state.tell_question(Contribution.objects.select_related("room__session").get(pk=head.pk))
    _tell_desk(now)
    return now


@transaction.atomic
def carry_over(row: Contribution, *, place: Place | None = None) -> Question:
    """Make it a question at the desk of the right centre, under the same receipt. Doing it twice gives the same question.

    What was shown goes on as *to follow up*. What was never released is taken back from the room: its text is from now on
    the asker's own, at the desk. `place`: for where it is asked; else where the author is, or what the session is about.
    """
    now = _lock(row)
    if now.question is not None:
        return now.question
    if now.state in {State.WITHDRAWN, State.MERGED} or now.room.rehearsal:
        raise NotNow
    question = carrying.carry(
        place or place_of(now),
        text=now.text,
        language=now.language,
        page_language=now.page_language,
        seed=now.seed,
        author=now.author,
    )
    now.question = question
    was_new = now.state == State.NEW
    if was_new:
        now.state, now.text = State.WITHDRAWN, ""
    elif now.state in {State.OPEN, State.READY}:
        now.state = State.FOLLOW_UP
    _save(now, "question", "state", "text")
    if now.state in Contribution.SHOWN:
        state.tell_question(now)
    _tell_desk(now)
    return question


def next_step(kind: str) -> str:
    """What comes after something shared: said beside it, in the language of the page."""
    steps: dict[str, str] = {
        Contribution.Kind.EXPERIENCE: gettext("With your consent it becomes the draft of a practice."),
        Contribution.Kind.PRACTICE: gettext("A centre asks you for what it needs to be in the library."),
        Contribution.Kind.OFFER: gettext("A centre looks for who needs it, and writes to you."),
        Contribution.Kind.NEED: gettext("A centre looks for who can help, and writes to you."),
    }
    return steps.get(kind) or gettext("If time runs out, a centre answers you in writing.")


def receipt_url(row: Contribution) -> str:
    return in_language(f"/receipts/{code_from(row.seed)}/", row.page_language)


def _new(room: Room, job: Job, key: str, place: Place | None, names: dict[int, str]) -> Contribution:
    data: Saying = job.data
    seed = sealed(room, "seed", key)
    person = job.ticket.person
    is_named = data.named and person is not None and bool(names.get(person))
    return Contribution(
        room=room,
        kind=data.kind,
        text=data.text,
        language=data.language or guess_language(data.text, hint=data.page_language)[0],
        page_language=data.page_language,
        place=place,
        at=timezone.now(),
        voice=voice_to_speak(room, job.ticket),
        name=names[person] if is_named and person is not None else "",
        author_id=person if is_named else None,
        contact=data.contact,
        may_quote=data.may_quote,
        state=State.NEW if room.holds else State.OPEN,
        key=key,
        body=data.digest,
        seed=seed,
        receipt=hash_of(code_from(seed)),
    )


def _places(jobs: Sequence[Job]) -> dict[str, Place]:
    """The places that are named by their keys."""
    found = {key: Place.objects.find(key) for key in {job.data.place for job in jobs if job.data.place}}
    return {key: place for key, place in found.items() if place is not None}


def _names(jobs: Sequence[Job]) -> dict[int, str]:
    """Of those who are signed in and chose to be named."""
    wanted = {job.ticket.person for job in jobs if job.data.named and job.ticket.person is not None}
    return dict(Person.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def _tell(fresh: list[Contribution]) -> None:
    shown = [row for row in fresh if row.state in Contribution.SHOWN]
    prefetch_related_objects(shown, "wordings__place")
    for room in {row.room for row in shown}:
        state.tell_questions(room, [row for row in shown if row.room == room])
    for row in fresh:
        _tell_desk(row)


def _tell_desk(row: Contribution) -> None:
    with override(DEFAULT):
        for tell in hooks.on_said:
            tell(row)


def _lock(row: Contribution) -> Contribution:
    """Room first, then the contribution, as everywhere: nobody waits for each other."""
    room = Room.objects.select_for_update(of=("self",)).select_related("session").get(pk=row.room_id)
    now = (
        Contribution.objects.select_for_update(of=("self",))
        .select_related("question", "place")
        .get(pk=row.pk)
    )
    now.room = room
    return now


def _save(row: Contribution, *fields: str) -> None:
    row.version += 1
    row.save(update_fields=[*fields, "version"])
