"""Questions over the API: anyone asks, anyone reads what was published."""

import re
import secrets
from datetime import date
from typing import Any, Literal

from django.http import HttpRequest as DjangoRequest
from django.http import HttpResponse
from django.urls import reverse
from django.utils.timezone import localdate
from ninja import Field, Router, Schema, Status
from ninja.errors import HttpError

from koinon.base.governance import governed
from koinon.base.languages import DEFAULT, ENDONYMS
from koinon.base.problems import problem
from koinon.base.visitor import HttpRequest
from koinon.network.limits import anonymous_writes
from koinon.places.models import Place
from koinon.questions.actions import asking
from koinon.questions.forms import LONGEST, AskForm
from koinon.questions.life import Wish
from koinon.questions.matching import matches
from koinon.questions.models import Answer, Question
from koinon.questions.permissions import may_ask

router = Router(tags=["questions"])
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
KEY_HEADER = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "format": "uuid"},
        }
    ]
}


class QuestionIn(Schema, extra="forbid"):
    """A question from a place. `place` is a key (`bologna-3181928`, `ITH5`, `IT`); `lang` the language of the text."""

    text: str = Field(max_length=LONGEST)
    place: str = Field(max_length=200)
    lang: str = Field("", max_length=2)
    email: str = Field("", max_length=254)
    wish: str = Field("", max_length=20)


class OwnerOut(Schema):
    """Who answers: a body, or the operators of this installation (no address)."""

    name: str
    url: str | None


class AskedOut(Schema):
    """What the asker holds. The receipt is the only key to the private page."""

    id: str
    number: str
    owner: OwnerOut
    due: date
    receipt: str


class AnsweredOut(Schema):
    """One published answer."""

    id: int
    url: str
    question: str
    question_language: str
    answer: str
    answer_language: str
    answered_by: OwnerOut
    places: list[str]
    topics: list[str]
    sources: list[str]
    published_on: date
    valid_until: date | None
    old: bool


class AnsweredListOut(Schema):
    items: list[AnsweredOut]


def limited(request: HttpRequest) -> HttpResponse | None:
    """429 for one address without a token that wrote too much; None where it may go on."""
    if request.visitor.is_signed_in:
        return None
    seconds = anonymous_writes.wait(request.META.get("REMOTE_ADDR", ""))
    if not seconds:
        return None
    refused = problem(429, "Too many at once from this address.")
    refused.headers["Retry-After"] = str(seconds)
    return refused


def key_of(request: DjangoRequest) -> str:
    """The Idempotency-Key of a request, in small letters; empty where there is none."""
    key = request.headers.get("Idempotency-Key", "")
    if key and not UUID.fullmatch(key):
        raise HttpError(422, "Idempotency-Key is a UUID.")
    return key.lower()


@router.post("/questions", response={201: AskedOut}, url_name="ask", summary="Ask", openapi_extra=KEY_HEADER)
@governed("C1", POST="C")
def ask(request: HttpRequest, sent: QuestionIn) -> Status[dict[str, Any]] | HttpResponse:
    """Anybody may; no token is needed. It is routed at once, and has an owner and a date."""
    if not may_ask(request.visitor):
        raise HttpError(403, "This is not yours to do.")
    if refused := limited(request):
        return refused
    key = key_of(request)
    wrong: list[dict[str, str]] = []
    if Place.objects.find(sent.place) is None:
        wrong.append({"field": "place", "wrong": "There is no place with this key; see /api/v1/places?q="})
    if sent.lang and sent.lang not in ENDONYMS:
        wrong.append({"field": "lang", "wrong": "Not one of the 24 official languages."})
    if sent.wish and sent.wish not in Wish.values:
        wrong.append({"field": "wish", "wrong": f"One of {', '.join(Wish.values)}."})
    form = AskForm({"text": sent.text, "place": sent.place, "email": sent.email, "wish": sent.wish})
    if not wrong and not form.is_valid():
        wrong = [{"field": name, "wrong": " ".join(map(str, errors))} for name, errors in form.errors.items()]
    if wrong:
        return problem(422, "Something that was sent is not as the API describes it.", errors=wrong)
    try:
        question, code = asking.ask(
            form.cleaned_data["place"],
            by=request.visitor,
            text=form.cleaned_data["text"],
            email=form.cleaned_data["email"],
            wish=form.cleaned_data["wish"],
            language=sent.lang,
            page_language=sent.lang or DEFAULT,
            nonce=key or secrets.token_urlsafe(16),
            channel=Question.Channel.API,
            key=key,
        )
    except asking.KeyUsed:
        raise HttpError(422, "This Idempotency-Key came before, with another body.") from None
    return Status(
        201,
        {
            "id": question.number,
            "number": question.number,
            "owner": owner_of(question),
            "due": question.due,
            "receipt": reverse("receipts:receipt", args=[code]),
        },
    )


def owner_of(row: Question | Answer) -> dict[str, Any]:
    body = row.desk if isinstance(row, Question) else row.body
    if body is None:
        return {"name": "The operators of this installation", "url": None}
    return {"name": body.name, "url": body.get_absolute_url()}


@router.get("/questions", response=AnsweredListOut, url_name="questions", summary="Answered questions")
@governed("C6", GET="R")
def questions(
    request: DjangoRequest,
    place: str = "",
    state: Literal["answered"] = "answered",
    q: str = "",
    limit: int = 100,
) -> dict[str, Any]:
    """What was answered and published, for a place and what it lies in; `q` orders by how well the words fit.

    Only published answers can be read; open questions are their askers' own.
    """
    rows = Answer.objects.public().select_related("body").prefetch_related("places").newest_first()
    if place:
        found = Place.objects.find(place[:200])
        if found is None:
            raise HttpError(404, "There is no place with this key.")
        rows = rows.for_place(found)
    most = max(1, min(limit, 500))
    if q:
        best = [match.answer.pk for match in matches(q[:LONGEST], most=most)]
        known = {row.pk: row for row in rows.filter(pk__in=best)}
        chosen = [known[pk] for pk in best if pk in known]
    else:
        chosen = list(rows[:most])
    return {"items": [answered(row) for row in chosen]}


def answered(row: Answer) -> dict[str, Any]:
    """A published answer as the API gives it."""
    return {
        "id": row.pk,
        "url": row.get_absolute_url(),
        "question": row.asked,
        "question_language": row.asked_language,
        "answer": row.text,
        "answer_language": row.language,
        "answered_by": owner_of(row),
        "places": [place.key for place in row.places.all()],
        "topics": row.topics,
        "sources": row.sources,
        "published_on": localdate(row.published_at),
        "valid_until": row.valid_until,
        "old": row.is_old(localdate()),
    }
