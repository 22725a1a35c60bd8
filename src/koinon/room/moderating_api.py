"""The moderators' side of a room over the API: a host's token does what the desk does. Each POST takes an Idempotency-Key."""

from collections.abc import Callable
from typing import Annotated, Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpResponse
from ninja import Field, Router, Schema
from ninja.errors import HttpError
from pydantic import AfterValidator

from koinon.agenda.models import Session
from koinon.base.governance import governed
from koinon.base.guessing import guess_language
from koinon.base.problems import problem
from koinon.base.text import plain
from koinon.base.visitor import HttpRequest, require
from koinon.journal.once import KeyUsed, once
from koinon.network.api_auth import by_token
from koinon.network.models import Organisation
from koinon.questions.actions.steps import Changed, NotFrom
from koinon.questions.api import KEY_HEADER, key_of
from koinon.questions.forms import LONGEST, Words
from koinon.room.actions import carrying, moderating
from koinon.room.forms_moderating import OPERATORS
from koinon.room.models import Contribution, Room
from koinon.room.permissions_moderating import may_moderate, may_see_desk

router = Router(tags=["room"], auth=by_token)

Short = Annotated[str, AfterValidator(plain)]


class NothingIn(Schema, extra="forbid"):
    """`{}`."""


class RoomAnswerIn(Schema, extra="forbid"):
    """`live`: it was answered on stage; a `text` stands beside it. Not live: the text is the answer."""

    text: str = Field("", max_length=LONGEST)
    live: bool


class MergeIn(Schema, extra="forbid"):
    """`into`: the number of the contribution that it is one with."""

    into: int = Field(ge=1, le=2**53)


class DeclineIn(Schema, extra="forbid"):
    """The author reads both; `other` needs words."""

    reason: Contribution.Reason
    words: Short = Field("", max_length=500)


class CarryIn(Schema, extra="forbid"):
    """`to`: the slug of a body that has a desk, `operators`, or empty: where it goes from its place."""

    to: Short = Field("", max_length=200)


class ModeratedOut(Schema):
    """What became of it. `desk`: who owns it and by when, once it lies at a desk."""

    id: int
    state: str
    votes: int
    into: int | None = None
    desk: dict[str, Any] | None = None


def _path(what: str) -> str:
    return "/sessions/{code}/questions/{number}/" + what


@router.post(
    _path("approve"),
    response=ModeratedOut,
    url_name="room_approve",
    summary="Show what waits to everybody",
    openapi_extra=KEY_HEADER,
)
@governed("B6", POST="M")
def approve(request: HttpRequest, code: str, number: int, sent: NothingIn) -> Any:
    """What was held back before is shown, too."""
    return _do(request, code, number, sent, lambda row: moderating.release(row, by=request.visitor))


@router.post(
    _path("stage"),
    response=ModeratedOut,
    url_name="room_stage",
    summary="Put on stage",
    openapi_extra=KEY_HEADER,
)
@governed("B7", POST="M")
def stage(request: HttpRequest, code: str, number: int, sent: NothingIn) -> Any:
    """What was on stage and has no answer is the first of what is ready again."""
    return _do(request, code, number, sent, lambda row: moderating.put_on_stage(row, by=request.visitor))


@router.post(
    _path("answer"),
    response=ModeratedOut,
    url_name="room_answer",
    summary="Answered, live or in writing",
    openapi_extra=KEY_HEADER,
)
@governed("B7", POST="M")
def answer(request: HttpRequest, code: str, number: int, sent: RoomAnswerIn) -> Any:
    """The text under the same rules as on the page."""
    if not sent.live and not sent.text:
        raise HttpError(422, "text: an answer that was not given live needs words.")
    text = _words(sent.text) if sent.text else ""

    def deed(row: Contribution) -> object:
        return moderating.answer(
            row,
            by=request.visitor,
            text=text,
            language=guess_language(text, hint=row.language)[0] if text else "",
            live=sent.live,
            answered_by="" if sent.live else row.room.session.organiser_name,
        )

    return _do(request, code, number, sent, deed)


@router.post(
    _path("merge"),
    response=ModeratedOut,
    url_name="room_merge",
    summary="One with another",
    openapi_extra=KEY_HEADER,
)
@governed("B7", POST="M")
def merge(request: HttpRequest, code: str, number: int, sent: MergeIn) -> Any:
    """A voice that voted for both counts once; both askers keep their receipts."""

    def deed(row: Contribution) -> object:
        into = Contribution.objects.filter(room=row.room_id, pk=sent.into).first()
        if into is None:
            raise moderating.NotThere
        into.room = row.room
        return moderating.merge(row, by=request.visitor, into=into)

    return _do(request, code, number, sent, deed)


@router.post(
    _path("decline"),
    response=ModeratedOut,
    url_name="room_decline",
    summary="Hold back, with a reason",
    openapi_extra=KEY_HEADER,
)
@governed("B8", POST="M")
def decline(request: HttpRequest, code: str, number: int, sent: DeclineIn) -> Any:
    """The author reads the reason and the words; nobody else does."""
    if sent.reason == Contribution.Reason.OTHER and not sent.words.strip():
        raise HttpError(422, "words: say the other reason in words; the author reads them.")
    return _do(
        request,
        code,
        number,
        sent,
        lambda row: moderating.hold_back(row, by=request.visitor, reason=sent.reason, words=sent.words),
    )


@router.post(
    _path("carry"),
    response=ModeratedOut,
    url_name="room_carry",
    summary="Hand to a desk",
    openapi_extra=KEY_HEADER,
)
@governed("B7", POST="M")
def carry(request: HttpRequest, code: str, number: int, sent: CarryIn) -> Any:
    """The receipt that its asker holds goes on at the desk."""

    def deed(row: Contribution) -> object:
        to = None
        if sent.to and sent.to != OPERATORS:
            try:
                to = Organisation.objects.seen_by(request.visitor).get(slug=sent.to)
            except ObjectDoesNotExist:
                raise HttpError(422, "There is no body with this slug.") from None
        return carrying.carry(row, by=request.visitor, to=to, to_operators=sent.to == OPERATORS)

    return _do(request, code, number, sent, deed)


def _do(
    request: HttpRequest,
    code: str,
    number: int,
    sent: Schema,
    deed: Callable[[Contribution], object],
) -> dict[str, Any] | HttpResponse:
    """Find it, do it once for its key, and tell what became of it."""
    row = _found(request, code, number)

    def act() -> dict[str, Any]:
        deed(row)
        return _out(Contribution.objects.select_related("question__desk", "carry_to").get(pk=row.pk))

    key = key_of(request)
    mark = f"{request.visitor.person_id}:{request.path}:{key}" if key else ""
    try:
        return once(mark, sent.model_dump_json(), act)
    except KeyUsed:
        raise HttpError(422, "This Idempotency-Key came before, with another body.") from None
    except (NotFrom, Changed):
        row.refresh_from_db()
        return problem(409, "This cannot be done in the state it is in now.", state=row.state)
    except moderating.NotThere:
        raise HttpError(422, "into: there is no such contribution in this room, or it has ended.") from None
    except carrying.NoDesk:
        raise HttpError(422, "to: nobody works at that desk.") from None


def _found(request: HttpRequest, code: str, number: int) -> Contribution:
    """The contribution, for who hosts its session; a session one may not see is not there."""
    session = Session.objects.seen_by(request.visitor).filter(code=code[:20]).first()
    if session is None or len(code) > 20 or not 0 < number < 2**53:
        raise Http404
    require(may_see_desk(request.visitor, session))
    room = Room.objects.filter(pk=session.pk).first()
    row = Contribution.objects.filter(room=session.pk, pk=number).first()
    if room is None or row is None:
        raise Http404
    row.room = room
    require(may_moderate(request.visitor, room))
    return row


def _out(row: Contribution) -> dict[str, Any]:
    desk: dict[str, Any] | None = None
    if row.question is not None:
        desk = {"name": row.question.desk_name, "due": row.question.due.isoformat()}
    elif row.carry_to is not None:
        desk = {"name": row.carry_to.name, "due": None}
    return {"id": row.pk, "state": row.state, "votes": row.votes, "into": row.merged_into_id, "desk": desk}


def _words(text: str) -> str:
    try:
        return str(Words().clean(text))
    except ValidationError as wrong:
        raise HttpError(422, f"text: {' '.join(wrong.messages)}") from None
