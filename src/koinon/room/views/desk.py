"""The moderators' desk: queues, what is on stage, the hour. Every deed is a form; the script only sends them without a new page.

Each form carries the version it was drawn from and a key, so that of two moderators the second is told, and what a lost
network made a page send twice is done once.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from koinon.agenda.models import Session
from koinon.base.governance import governed
from koinon.base.guessing import guess_language
from koinon.base.visitor import HttpRequest, require
from koinon.journal.once import KeyUsed, once
from koinon.live import tickets
from koinon.network.models import Organisation, Role
from koinon.people.models import Person
from koinon.questions.actions.steps import Changed, NotFrom
from koinon.questions.staff import KINDS
from koinon.room import board, desk_state
from koinon.room.actions import carrying, directing, lifecycle, moderating, undoing
from koinon.room.forms_moderating import (
    OPERATORS,
    AnswerForm,
    CarryForm,
    HideForm,
    HoldForm,
    NoteForm,
    OpenPollForm,
    OtherForm,
    PollForm,
    StageForm,
    WhoForm,
    WordForm,
)
from koinon.room.models import Contribution, Poll, Room
from koinon.room.permissions_moderating import may_see_desk

DONE = {
    "release": _("Shown to everybody."),
    "ready": _("Ready for the stage."),
    "stage": _("On stage."),
    "answered": _("Answered."),
    "write": _("The written answer is shown."),
    "down": _("Taken down: it is the first of what is ready."),
    "follow": _("To follow up: it needs an owner."),
    "carry": _("Handed to a desk, with a date: the author’s private page shows it."),
    "hold": _("Held back. The author reads why."),
    "merge": _("Merged. The two stay separate in the record: undo works until the report is published."),
    "apart": _("Kept apart: not suggested again."),
    "then": _("A follow-up question: ready right behind the other."),
    "up": _("Moved up."),
    "lower": _("Moved down."),
    "note": _("The note is kept, for hosts only."),
    "separate": _("Separate again, with votes counted apart."),
    "undo": _("Undone."),
    "undo_carry": _("Back in the room. The desk keeps it too, because a date was promised."),
    "open": _("The room is open."),
    "close": _("The room is closed. What stayed open lies at a desk."),
    "rehearse": _("The rehearsal begins. Everything in it is wiped at its end."),
    "rehearsed": _("The rehearsal is over and wiped."),
    "next": _("The next part has begun."),
    "back": _("Back to the part before."),
    "hold_new": _("What comes in waits for you from now on."),
    "show_new": _("What comes in is shown at once from now on."),
    "take": _("Questions are taken."),
    "stop": _("No questions are taken for now."),
    "prompt": _("The audience reads it."),
    "word": _("The speaker reads it."),
    "who": _("Kept for what is on stage."),
    "poll": _("The poll is prepared. Nobody sees it yet."),
    "poll_open": _("The poll is open, and on the wall."),
    "poll_close": _("The poll is closed."),
    "wall": _("The wall is changed."),
    "hide": _("Taken off the screens."),
}
CHANGED = _(
    "Somebody else changed this in the meantime. Below it stands as it is now; nothing was overwritten."
)
NOT_NOW = _("This cannot be done in the state it is in now.")

Fields = dict[str, Any]
Deed = Callable[[HttpRequest, Contribution, Fields, int | None], object]
RoomDeed = Callable[[HttpRequest, Room, Fields, int | None], object]


def session_for(request: HttpRequest, code: str) -> Session:
    """The session, for those who may see it; for all others there is nothing at that address."""
    found = (
        Session.objects.seen_by(request.visitor).select_related("organiser").filter(code=code[:20]).first()
    )
    if found is None or len(code) > 20:
        raise Http404
    session: Session = found
    return session


def room_for(request: HttpRequest, code: str) -> Room:
    """The room of a session that the visitor hosts."""
    session = session_for(request, code)
    require(may_see_desk(request.visitor, session))
    return lifecycle.room_of(session)


@governed("B13", GET="R")
@require_safe
@login_required
def desk(request: HttpRequest, code: str) -> HttpResponse:
    """The whole desk. `sel`: which contribution is selected; `q`: words to look for."""
    return page(request, room_for(request, code))


@governed("B13", GET="R")
@require_safe
@login_required
def inside(request: HttpRequest, code: str) -> HttpResponse:
    """The same without its frame, for a page that heard of a change."""
    room = room_for(request, code)
    return render(request, "room/_mod.html", context_of(request, room))


@governed("B13", POST="U")
@require_POST
@login_required
def here(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody sits at the desk and has this one selected: the other moderators see it."""
    room = room_for(request, code)
    person = _person(request)
    if not room._state.adding and person is not None:
        desk_state.look_in(room, person, _number(request.POST.get("sel", "")))
    return HttpResponse(status=204)


@governed("B13", GET="R")
@require_safe
@login_required
def ticket(request: HttpRequest, code: str) -> HttpResponse:
    """A new ticket for the moderators' stream, where the old one has grown too old."""
    room = room_for(request, code)
    return HttpResponse(stream_address(request, room), content_type="text/plain")


def _release(request: HttpRequest, row: Contribution, typed: Fields, version: int | None) -> object:
    return moderating.release(row, by=request.visitor, version=version)


def _ready(request: HttpRequest, row: Contribution, typed: Fields, version: int | None) -> object:
    return moderating.make_ready(row, by=request.visitor, version=version)


def _stage(request: HttpRequest, row: Contribution, typed: Fields, version: int | None) -> object:
    return moderating.put_on_stage(row, by=request.visitor, answering=typed["answering"], version=version)


def _answered(request: HttpRequest, row: Contribution, typed: Fields, version: int | None) -> object:
    return moderating.answer(row, by=request.visitor, version=version)


def _write(request: HttpRequest, row: Contribution, typed: Fields, version: int | None) -> object:
    language = guess_language(typed["text"], hint=row.language)[0]
    return moderating.answer(
        row,
        by=request.visitor,
        text=typed["text"],
        language=language,
        live=False,
        answered_by=row.room.session.organiser_name,
        version=version,
    )


def _down(request: HttpRequest, row: Contribution, typed: Fields, version: int | None) -> object:
    return moderating.take_down(row, by=request.visitor, version=version)


def _follow(request: HttpRequest, row: Contribution, typed: Fields, version: int | None) -> object:
    return moderating.follow_up(row, by=request.visitor, version=version)


def _carry(request: HttpRequest, row: Contribution, typed: Fields, version: int | None) -> object:
    chosen = typed["to"]
    return carrying.carry(
        row,
        by=request.visitor,
        to=typed["bodies"].get(chosen),
        to_operators=chosen == OPERATORS,
        version=version,
    )


def _hold(request: HttpRequest, row: Contribution, typed: Fields, version: int | None) -> object:
    return moderating.hold_back(
        row, by=request.visitor, reason=typed["reason"], words=typed["words"], version=version
    )


def _merge(request: HttpRequest, row: Contribution, typed: Fields, version: int | None) -> object:
    return moderating.merge(row, by=request.visitor, into=_other(row, typed), version=version)


def _apart(request: HttpRequest, row: Contribution, typed: Fields, version: int | None) -> object:
    return moderating.keep_apart(row, by=request.visitor, other=_other(row, typed))


def _then(request: HttpRequest, row: Contribution, typed: Fields, version: int | None) -> object:
    return moderating.follow_on(row, by=request.visitor, other=_other(row, typed), version=version)


def _up(request: HttpRequest, row: Contribution, typed: Fields, version: int | None) -> object:
    return moderating.reorder(row, by=request.visitor, way=-1, version=version)


def _lower(request: HttpRequest, row: Contribution, typed: Fields, version: int | None) -> object:
    return moderating.reorder(row, by=request.visitor, way=1, version=version)


def _note(request: HttpRequest, row: Contribution, typed: Fields, version: int | None) -> object:
    return moderating.note(row, by=request.visitor, text=typed["text"], version=version)


def _separate(request: HttpRequest, row: Contribution, typed: Fields, version: int | None) -> object:
    return undoing.separate(row, by=request.visitor)


DEEDS: dict[str, tuple[Deed, type[forms.Form] | None]] = {
    "release": (_release, None),
    "ready": (_ready, None),
    "stage": (_stage, StageForm),
    "answered": (_answered, None),
    "write": (_write, AnswerForm),
    "down": (_down, None),
    "follow": (_follow, None),
    "carry": (_carry, CarryForm),
    "hold": (_hold, HoldForm),
    "merge": (_merge, OtherForm),
    "apart": (_apart, OtherForm),
    "then": (_then, OtherForm),
    "up": (_up, None),
    "lower": (_lower, None),
    "note": (_note, NoteForm),
    "separate": (_separate, None),
}


@governed("B7", POST="M")
@require_POST
@login_required
def act(request: HttpRequest, code: str, number: int, deed: str) -> HttpResponse:
    """One deed on one contribution (B6 M, B7 M, B8 M)."""
    room = room_for(request, code)
    if deed not in DEEDS or number > 2**53:
        raise Http404
    row = get_object_or_404(Contribution.objects.select_related("place", "carry_to"), room=room.pk, pk=number)
    row.room = room
    do, form_class = DEEDS[deed]
    form = (
        carry_form(row, request.POST) if form_class is CarryForm else (form_class or forms.Form)(request.POST)
    )
    if not form.is_valid():
        return page(request, room, status=422, selected=row.pk, open_form=deed, forms_given={deed: form})
    typed = {**form.cleaned_data, "bodies": getattr(form, "bodies", {})}
    after = row.pk if deed not in {"merge", "carry", "hold", "ready", "answered"} else None
    return _do(request, room, deed, lambda: do(request, row, typed, _version(request)), row.pk, after)


def _open(request: HttpRequest, room: Room, typed: Fields, version: int | None) -> object:
    return lifecycle.open_room(room.session, by=request.visitor)


def _close(request: HttpRequest, room: Room, typed: Fields, version: int | None) -> object:
    return lifecycle.close_room(room.session, by=request.visitor)


def _rehearse(request: HttpRequest, room: Room, typed: Fields, version: int | None) -> object:
    return lifecycle.begin_rehearsal(room.session, by=request.visitor)


def _rehearsed(request: HttpRequest, room: Room, typed: Fields, version: int | None) -> object:
    return lifecycle.end_rehearsal(room.session, by=request.visitor)


def _next(request: HttpRequest, room: Room, typed: Fields, version: int | None) -> object:
    return directing.move_on(room, by=request.visitor, way=1, version=version)


def _back(request: HttpRequest, room: Room, typed: Fields, version: int | None) -> object:
    return directing.move_on(room, by=request.visitor, way=-1, version=version)


def _switch(**what: bool) -> RoomDeed:
    def do(request: HttpRequest, room: Room, typed: Fields, version: int | None) -> object:
        return directing.switch(room, by=request.visitor, version=version, **what)

    return do


def _prompt(request: HttpRequest, room: Room, typed: Fields, version: int | None) -> object:
    return directing.prompt(room, by=request.visitor, text=typed["text"])


def _word(request: HttpRequest, room: Room, typed: Fields, version: int | None) -> object:
    return directing.tell_speaker(room, by=request.visitor, text=typed["text"])


def _who(request: HttpRequest, room: Room, typed: Fields, version: int | None) -> object:
    seconds = typed["seconds"] or room.stage_seconds
    return directing.say_who_answers(room, by=request.visitor, who=typed["who"], seconds=seconds)


def _undo(request: HttpRequest, room: Room, typed: Fields, version: int | None) -> object:
    return undoing.undo(room, by=request.visitor)


def _poll(request: HttpRequest, room: Room, typed: Fields, version: int | None) -> object:
    return directing.prepare_poll(room, by=request.visitor, **typed)


def _question_on_wall(request: HttpRequest, room: Room, typed: Fields, version: int | None) -> object:
    return directing.show_on_wall(room, None, by=request.visitor)


ROOM_DEEDS: dict[str, tuple[RoomDeed, type[forms.Form] | None]] = {
    "open": (_open, None),
    "close": (_close, None),
    "rehearse": (_rehearse, None),
    "rehearsed": (_rehearsed, None),
    "next": (_next, None),
    "back": (_back, None),
    "hold_new": (_switch(holds=True), None),
    "show_new": (_switch(holds=False), None),
    "take": (_switch(takes_questions=True), None),
    "stop": (_switch(takes_questions=False), None),
    "prompt": (_prompt, WordForm),
    "word": (_word, WordForm),
    "who": (_who, WhoForm),
    "undo": (_undo, None),
    "poll": (_poll, PollForm),
    "wall": (_question_on_wall, None),
}


@governed("B13", POST="U")
@require_POST
@login_required
def run(request: HttpRequest, code: str, deed: str) -> HttpResponse:
    """One deed on the room or the hour."""
    room = room_for(request, code)
    if deed not in ROOM_DEEDS:
        raise Http404
    if room._state.adding and deed not in {"open", "rehearse"}:
        return page(request, room, status=409, trouble=NOT_NOW)
    do, form_class = ROOM_DEEDS[deed]
    form = (form_class or forms.Form)(request.POST)
    if not form.is_valid():
        return page(request, room, status=422, open_form=deed, forms_given={deed: form})
    selected = _number(request.POST.get("sel", ""))
    return _do(
        request,
        room,
        deed,
        lambda: do(request, room, form.cleaned_data, _version(request)),
        selected,
        selected,
    )


POLL_DEEDS = ("open", "close", "wall", "hide")


@governed("B13", POST="U")
@require_POST
@login_required
def poll(request: HttpRequest, code: str, number: int, deed: str) -> HttpResponse:
    """Open, close, show a poll; take words of it off the screens."""
    room = room_for(request, code)
    if deed not in POLL_DEEDS or number > 2**53:
        raise Http404
    row = get_object_or_404(Poll, room=room.pk, pk=number)
    row.room = room
    form: forms.Form = {"open": OpenPollForm, "hide": HideForm}.get(deed, forms.Form)(request.POST)
    if not form.is_valid():
        return page(request, room, status=422, trouble=_("Give a whole number of minutes from 1 to 120."))
    typed = form.cleaned_data

    def do() -> object:
        by = request.visitor
        if deed == "open":
            return directing.open_poll(row, by=by, minutes=typed["minutes"])
        if deed == "close":
            return directing.close_poll(row, by=by)
        if deed == "wall":
            return directing.show_on_wall(room, row, by=by)
        return directing.hide_words(row, by=by, words=typed["words"], hidden=typed["hidden"])

    said = {"open": "poll_open", "close": "poll_close"}.get(deed, deed)
    selected = _number(request.POST.get("sel", ""))
    return _do(request, room, said, do, selected, selected)


def _do(
    request: HttpRequest,
    room: Room,
    done: str,
    deed: Callable[[], object],
    about: int | None,
    after: int | None,
) -> HttpResponse:
    """Do it once for its key, and go back to the desk; or show the desk as it is now, and say why not."""
    key = request.POST.get("key", "")[:64]
    mark = f"{request.visitor.person_id}:{request.path}:{key}" if key else ""
    sent = {name: request.POST.getlist(name) for name in request.POST if name != "csrfmiddlewaretoken"}

    def act_once() -> dict[str, Any]:
        made = deed()
        said = "undo_carry" if done == "undo" and getattr(made, "kind", "") == "carry" else done
        return {"done": said}

    try:
        answer = once(mark, json.dumps(sent, sort_keys=True), act_once)
    except Changed:
        return page(request, _again(room), status=409, selected=about, trouble=CHANGED)
    except (NotFrom, lifecycle.NotNow, moderating.NotThere):
        return page(request, _again(room), status=409, selected=about, trouble=NOT_NOW)
    except carrying.NoDesk:
        wrong = _("Nobody works at that desk. Choose another one.")
        return page(request, _again(room), status=422, selected=about, trouble=wrong)
    except undoing.Nothing:
        wrong = _("There is nothing of yours to undo.")
        return page(request, _again(room), status=409, selected=about, trouble=wrong)
    except undoing.Over:
        wrong = _("The report is published: what it tells stays as it is.")
        return page(request, _again(room), status=409, selected=about, trouble=wrong)
    except KeyUsed:
        wrong = _("This was sent before with other words. Send it again.")
        return page(request, _again(room), status=422, selected=about, trouble=wrong)
    # A page with script says what is to be selected next.
    after = _number(request.POST.get("goto", "")) or after
    query = {"done": str(answer["done"])} | ({"sel": str(after)} if after else {})
    return redirect(f"{reverse('room:desk', args=[room.session.code])}?{urlencode(query)}")


def _again(room: Room) -> Room:
    return lifecycle.room_of(room.session)


def page(request: HttpRequest, room: Room, *, status: int = 200, **more: Any) -> HttpResponse:
    """The desk as it is now."""
    if not room._state.adding and (person := _person(request)) is not None:
        desk_state.look_in(room, person, more.get("selected") or _number(request.GET.get("sel", "")))
    return render(request, "room/moderate.html", context_of(request, room, **more), status=status)


def context_of(
    request: HttpRequest,
    room: Room,
    *,
    selected: int | None = None,
    open_form: str = "",
    forms_given: dict[str, forms.Form] | None = None,
    trouble: object = "",
) -> dict[str, Any]:
    chosen = selected or _number(request.GET.get("sel", ""))
    words = "".join(request.GET.get("q", "")[:100].split("\x00"))
    if room._state.adding:
        shown: dict[str, Any] = board.empty(room)
    else:
        shown = board.board(room, request.visitor, selected=chosen, words=words)
    given = forms_given or {}
    row = shown["chosen"].it if shown["chosen"] else None
    return shown | {
        "code": room.session.code,
        "forms": {
            "hold": given.get("hold") or HoldForm(auto_id="hold_%s"),
            "write": given.get("write")
            or AnswerForm(auto_id="write_%s", initial={"text": row.answer if row else ""}),
            "carry": given.get("carry") or (carry_form(row) if row is not None else None),
            "note": given.get("note")
            or NoteForm(auto_id="note_%s", initial={"text": row.note if row else ""}),
            "poll": given.get("poll")
            or PollForm(
                auto_id="poll_%s", initial={"language": room.session.language, "shows_results": True}
            ),
        },
        "open_form": open_form,
        "trouble": trouble,
        "errors": [error for form in given.values() for found in form.errors.values() for error in found],
        "done": DONE.get(request.GET.get("done", "")),
        "done_key": request.GET.get("done", ""),
        "key": uuid4().hex,
        "stream": "" if room._state.adding else stream_address(request, room),
        "reasons": list(enumerate(Contribution.Reason.choices, start=1)),
    }


def carry_form(row: Contribution, data: Any = None) -> CarryForm:
    """Where it may go: by routing from its place first, then any body with a desk."""
    route = carrying.suggested(row)
    with_desk = Role.objects.today().filter(kind__in=KINDS, person__is_active=True).values("organisation")
    bodies = list(Organisation.objects.public().filter(pk__in=with_desk).by_name())
    name = route.desk.name if route.desk is not None else _("the operators of this site")
    due = route.due(timezone.localdate())
    return CarryForm(
        data,
        suggested=_("%(name)s, answers by %(day)s") % {"name": name, "day": date_format(due, "j F")},
        bodies=bodies,
        auto_id="carry_%s",
    )


def stream_address(request: HttpRequest, room: Room) -> str:
    """Where the moderators' stream is listened to, with a ticket of this person."""
    made = tickets.issue(room.desk_channel, person=request.visitor.person_id)
    path = f"/sessions/{room.session.code}/moderate/events"
    return f"{path}?{urlencode({'ticket': made})}"


def _other(row: Contribution, typed: Fields) -> Contribution:
    other = Contribution.objects.filter(room=row.room_id, pk=typed["into"]).first()
    if other is None:
        raise moderating.NotThere
    other.room = row.room
    return other


def _version(request: HttpRequest) -> int | None:
    """The version that the form was drawn from; what is none fits nothing."""
    return _number(request.POST.get("version", "")) or -1


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 16 else None


def _person(request: HttpRequest) -> Person | None:
    person: Person | None = getattr(request.visitor, "person", None)
    return person
