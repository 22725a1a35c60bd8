"""Handing a question on: from the room to a desk, with the receipt its asker holds, an owner and a date.

No question is lost: at the close everything that is open lies at a desk (`carry_all_open`).
"""

from django.db import transaction
from django.utils import timezone

from koinon.base.visitor import Visitor, require
from koinon.network.models import Organisation
from koinon.places.models import Place
from koinon.questions import routing
from koinon.questions.actions import carrying
from koinon.questions.actions.steps import Changed, NotFrom
from koinon.questions.models import Question
from koinon.questions.staff import people_at
from koinon.room import desk_state, state
from koinon.room.actions.deeds import deed, lock, lock_room
from koinon.room.models import Contribution, Room
from koinon.room.permissions_moderating import may_moderate

State = Contribution.State


class NoDesk(Exception):
    """Nobody works at the desk it should go to."""


def place_of(contribution: Contribution) -> Place:
    """From where it is asked: its own place, the session's only one, the organiser's country, or Europe as a whole."""
    if contribution.place is not None:
        return contribution.place
    session = contribution.room.session
    places = list(session.places.all()[:2])
    if len(places) == 1:
        return places[0]
    country = session.organiser.country if session.organiser is not None else ""
    found = Place.objects.filter(pk=country).first() if country else None
    return found or Place.objects.get(pk="EU")


def suggested(contribution: Contribution) -> routing.Route:
    """Where it would go by itself, and by when it would be answered."""
    return routing.route(place_of(contribution), timezone.localdate(), language=contribution.language)


@transaction.atomic
def carry(
    contribution: Contribution,
    *,
    by: Visitor,
    to: Organisation | None = None,
    to_operators: bool = False,
    version: int | None = None,
) -> Contribution:
    """Hand it to a desk: `to`, the operators, or where it goes from its place. Handing it over again changes nothing.

    What nobody was shown yet is not shown by this either. In a rehearsal nothing leaves the room.
    """
    room = lock_room(contribution.room)
    require(may_moderate(by, room))
    now = lock(room, contribution.pk)[contribution.pk]
    if now.question_id is not None and now.state in {State.NEW, State.FOLLOW_UP}:
        return now
    if version is not None and now.version != version:
        raise Changed
    if now.state not in {*Contribution.OPEN, State.ANSWERED}:
        raise NotFrom
    if to is not None and not people_at(to):
        raise NoDesk
    chosen = to if to is not None or to_operators else suggested(now).desk
    was_shown, was_on_stage = now.state != State.NEW, room.stage_id == now.pk
    with deed(room, "carry", by=by, about=now, rows=[now]):
        now.carry_to = chosen
        if was_shown:
            now.state = State.FOLLOW_UP
        if was_on_stage:
            room.stage_id, room.stage_since, room.answering = None, None, ""
    if not room.rehearsal and now.question_id is None:
        _to_a_desk(now, _way(now, to, to_operators=to_operators))
    _tell(now, was_shown=was_shown)
    if was_on_stage:
        state.tell_stage(Room.objects.select_related("session", "stage").get(pk=room.pk))
    return now


@transaction.atomic
def carry_all_open(room: Room) -> list[Question]:
    """At the close: each question that has no end and lies at no desk goes where it goes from its place, or was given to.

    It stays what it was in the room: what was never shown is not shown now. Calling it again finds nothing to do.
    """
    now = lock_room(room)
    if now.rehearsal:
        return []
    open_ones = now.contributions.open().questions().filter(question=None).order_by("pk")
    carried: list[Question] = []
    for row in lock(now, *open_ones.values_list("pk", flat=True)).values():
        to = row.carry_to if row.carry_to is not None and people_at(row.carry_to) else None
        carried.append(_to_a_desk(row, _way(row, to, to_operators=False)))
        was_shown = row.state != State.NEW
        if was_shown and row.state != State.FOLLOW_UP:
            Contribution.objects.filter(pk=row.pk).update(state=State.FOLLOW_UP, version=row.version + 1)
            row.state, row.version = State.FOLLOW_UP, row.version + 1
        _tell(row, was_shown=was_shown)
    # What was merged into something that lay at a desk already.
    late = now.contributions.filter(state=State.MERGED, question=None, merged_into__question__isnull=False)
    for wording in late.select_related("merged_into__question__desk", "place", "author").order_by("pk"):
        wording.room = now
        head = wording.merged_into
        if head is not None and head.question is not None:
            _join(wording, head.question)
    return carried


def _way(contribution: Contribution, to: Organisation | None, *, to_operators: bool) -> routing.Route | None:
    """The route to what moderators chose; None: it is routed from its place."""
    if to is None and not to_operators:
        return None
    rung = "session" if to is not None else "session_operators"
    return routing.to(to, place=place_of(contribution), rung=rung)


def _to_a_desk(contribution: Contribution, way: routing.Route | None) -> Question:
    question = _carried(contribution, way, None)
    Contribution.objects.filter(pk=contribution.pk).update(question=question)
    contribution.question = question
    for wording in contribution.wordings.filter(state=State.MERGED, question=None).order_by("pk"):
        wording.room = contribution.room
        _join(wording, question)
    return question


def _join(wording: Contribution, question: Question) -> None:
    """Who asked the same in other words holds a receipt too: it lies at the same desk, as a wording."""
    there = routing.to(question.desk, place=question.place, rung=str(question.because.get("rung", "")))
    twin = _carried(wording, there, question)
    Contribution.objects.filter(pk=wording.pk).update(question=twin)


def _carried(contribution: Contribution, way: routing.Route | None, into: Question | None) -> Question:
    return carrying.carry(
        place_of(contribution),
        text=contribution.text,
        language=contribution.language,
        page_language=contribution.page_language,
        seed=contribution.seed,
        author=contribution.author,
        way=way,
        into=into,
    )


def _tell(contribution: Contribution, *, was_shown: bool) -> None:
    if was_shown or contribution.state in Contribution.SHOWN:
        state.tell_question(contribution)
    desk_state.tell_desk(contribution.room, "contribution", desk_state.brief(contribution))
