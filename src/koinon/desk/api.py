"""The desk over the API: the cases of one's desk, and what is done with them. Never a confidential one.

Tokens need the scope `desk`. Each POST takes an Idempotency-Key.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import HttpResponse
from django.utils.timezone import localdate
from ninja import Field, Router, Schema
from ninja.errors import HttpError
from pydantic import AfterValidator

from koinon.base.governance import governed
from koinon.base.guessing import guess_language
from koinon.base.problems import problem
from koinon.base.text import plain
from koinon.base.visitor import HttpRequest, require
from koinon.desk.forms import telling
from koinon.desk.who import found, on_desk
from koinon.journal.once import KeyUsed, once
from koinon.network.api_auth import by_token
from koinon.network.models import Organisation
from koinon.people.models import Person
from koinon.questions import routing
from koinon.questions.actions import publishing, working
from koinon.questions.actions.steps import Changed, NotFrom
from koinon.questions.api import KEY_HEADER, key_of, owner_of
from koinon.questions.forms import LONGEST, Words
from koinon.questions.life import Reason
from koinon.questions.models import Question
from koinon.questions.permissions import may_assign, may_publish, may_work

router = Router(tags=["desk"], auth=by_token)


class CaseOut(Schema):
    """One case as its desk sees it."""

    id: str
    number: str
    state: str
    text: str
    language: str
    place: str
    wish: str
    topics: list[str]
    owner: dict[str, Any]
    handler: str | None
    because: str
    asked_on: date
    due: date
    late: bool
    may_publish: bool
    version: int


class CasesOut(Schema):
    items: list[CaseOut]


class DoneOut(Schema):
    """What became of it. `published`: the address of the published copy, where there is one."""

    number: str
    state: str
    due: date
    published: str | None = None
    note: str = ""


class AssignIn(Schema, extra="forbid"):
    """`to`: the mail address of somebody who works at the desk."""

    to: Annotated[str, AfterValidator(plain)] = Field(max_length=254)


class ForwardIn(Schema, extra="forbid"):
    """`to`: the slug of a body that has a desk, or `operators`."""

    to: Annotated[str, AfterValidator(plain)] = Field(max_length=200)
    reason: str = Field(max_length=LONGEST)


class TextIn(Schema, extra="forbid"):
    text: str = Field(max_length=LONGEST)


class AnswerIn(Schema, extra="forbid"):
    """`publish` is heard only where the asker agreed, and where nothing in the text looks like an address or a number."""

    text: str = Field(max_length=LONGEST)
    publish: bool = False


class CloseIn(Schema, extra="forbid"):
    """Declined: `reason` from the list, and words for the asker."""

    reason: Reason
    words: str = Field("", max_length=LONGEST)


@router.get("/desk/cases", response=CasesOut, url_name="cases", summary="The cases of one's desk")
@governed("C1", GET="R")
def cases(request: HttpRequest, state: str = "", limit: int = 100) -> dict[str, Any]:
    """What stands on one's desk, due first; without the confidential ones, which no token reaches."""
    rows = on_desk(request.visitor).ordinary().select_related("desk", "place", "handler").due_first()
    if state:
        if state not in Question.State.values:
            raise HttpError(422, f"state is one of {', '.join(Question.State.values)}.")
        rows = rows.filter(state=state)
    else:
        rows = rows.open()
    return {"items": [_case(row) for row in rows[: max(1, min(limit, 500))]]}


def _case(row: Question) -> dict[str, Any]:
    return {
        "id": row.number,
        "number": row.number,
        "state": row.state,
        "text": row.text,
        "language": row.language,
        "place": row.place.key,
        "wish": row.wish,
        "topics": row.topics,
        "owner": owner_of(row),
        "handler": str(row.handler) if row.handler else None,
        "because": routing.reason_words(row.because),
        "asked_on": localdate(row.asked_at),
        "due": row.due,
        "late": row.is_late(localdate()),
        "may_publish": row.may_publish,
        "version": row.version,
    }


def _do(
    request: HttpRequest, number: str, sent: Schema, deed: Callable[[Question], dict[str, Any] | None]
) -> dict[str, Any] | HttpResponse:
    """Find the case, do it once, and tell what became of it."""
    question = found(request, number)

    def act() -> dict[str, Any]:
        more = deed(question) or {}
        question.refresh_from_db()
        done = {"number": question.number, "state": question.state, "due": question.due.isoformat()}
        return done | more

    key = key_of(request)
    try:
        return once(
            f"{request.visitor.person_id}:{request.path}:{key}" if key else "", sent.model_dump_json(), act
        )
    except KeyUsed:
        raise HttpError(422, "This Idempotency-Key came before, with another body.") from None
    except (NotFrom, Changed):
        return problem(409, "This cannot be done in the state the case is in now.", state=question.state)
    except working.NotThere:
        raise HttpError(422, "Nobody works at that desk, or it lies there already.") from None
    except working.TooOften:
        raise HttpError(422, "It was forwarded so often that it only goes to the operators now.") from None


def _text(text: str) -> str:
    """Under the same rules as on the page."""
    try:
        return str(Words().clean(text))
    except ValidationError as wrong:
        raise HttpError(422, f"text: {' '.join(wrong.messages)}") from None


def _path(what: str) -> str:
    return "/desk/cases/{number}/" + what


@router.post(_path("assign"), response=DoneOut, summary="Ask somebody to handle it", openapi_extra=KEY_HEADER)
@governed("C1", POST="A")
def assign(request: HttpRequest, number: str, sent: AssignIn) -> Any:
    """Who is asked accepts, gives it back, or says that there is a conflict of interest."""
    require(may_assign(request.visitor, found(request, number)))
    person = Person.objects.filter(email=sent.to.lower(), is_active=True).first()
    if person is None:
        raise HttpError(422, "Nobody who works at that desk has this address.")
    return _do(request, number, sent, lambda q: _none(working.assign(q, by=request.visitor, to=person)))


@router.post(_path("forward"), response=DoneOut, summary="To another desk", openapi_extra=KEY_HEADER)
@governed("C1", POST="U")
def forward(request: HttpRequest, number: str, sent: ForwardIn) -> Any:
    """With a reason that the asker reads."""
    require(may_work(request.visitor, found(request, number)))
    to = None
    if sent.to != "operators":
        try:
            to = Organisation.objects.seen_by(request.visitor).get(slug=sent.to)
        except ObjectDoesNotExist:
            raise HttpError(422, "There is no body with this slug.") from None
    reason = _text(sent.reason)
    language, _sure = guess_language(reason)
    return _do(
        request,
        number,
        sent,
        lambda q: _none(working.forward(q, by=request.visitor, to=to, reason=reason, language=language)),
    )


@router.post(_path("reply"), response=DoneOut, summary="Ask the asker", openapi_extra=KEY_HEADER)
@governed("C1", POST="U")
def reply(request: HttpRequest, number: str, sent: TextIn) -> Any:
    """The clock stands until the asker answers."""
    require(may_work(request.visitor, found(request, number)))
    text = _text(sent.text)
    language, _sure = guess_language(text)
    return _do(
        request,
        number,
        sent,
        lambda q: _none(working.ask_back(q, by=request.visitor, text=text, language=language)),
    )


@router.post(_path("note"), response=DoneOut, summary="A note for colleagues", openapi_extra=KEY_HEADER)
@governed("C4", POST="C")
def note(request: HttpRequest, number: str, sent: TextIn) -> Any:
    """The asker never sees it."""
    require(may_work(request.visitor, found(request, number)))
    text = _text(sent.text)
    return _do(request, number, sent, lambda q: _none(working.note(q, by=request.visitor, text=text)))


@router.post(
    _path("answer"), response=DoneOut, url_name="case_answer", summary="Answer", openapi_extra=KEY_HEADER
)
@governed("C1", POST="U")
def answer(request: HttpRequest, number: str, sent: AnswerIn) -> Any:
    """In writing; `publish` also publishes a copy with the first line of the question, where all that is needed is there."""
    require(may_work(request.visitor, found(request, number)))
    text = _text(sent.text)
    language, _sure = guess_language(text)

    def deed(question: Question) -> dict[str, Any]:
        now = working.answer(question, by=request.visitor, text=text, language=language)
        if not sent.publish:
            return {}
        if not now.may_publish or not may_publish(request.visitor, now):
            return {"note": "Answered, not published: the asker did not agree, or publishing is not yours."}
        if telling(now.title, text):
            return {"note": "Answered, not published: a person has to take out what could tell who asked."}
        made = publishing.publish(
            now,
            by=request.visitor,
            asked=now.title,
            text=text,
            language=language,
            asked_language=now.language,
            places=[now.place],
            topics=now.topics,
        )
        return {"published": made.get_absolute_url()}

    return _do(request, number, sent, deed)


@router.post(_path("close"), response=DoneOut, summary="Decline", openapi_extra=KEY_HEADER)
@governed("C1", POST="U")
def close(request: HttpRequest, number: str, sent: CloseIn) -> Any:
    """With a reason from the list; the asker is told and may complain once."""
    require(may_work(request.visitor, found(request, number)))
    words = _text(sent.words) if sent.words else str(sent.reason.label)
    language, _sure = guess_language(words)
    return _do(
        request,
        number,
        sent,
        lambda q: _none(
            working.decline(q, by=request.visitor, reason=sent.reason, words=words, language=language)
        ),
    )


def _none(_done: object) -> None:
    """What the action gives back is not what the API tells."""
    return
