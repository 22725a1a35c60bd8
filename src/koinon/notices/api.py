"""Reporting content through the API: anyone may, without a token."""

import re
from datetime import date

from django.http import Http404, HttpResponse
from django.urls import reverse
from ninja import Field, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import ConfigDict

from koinon.base.governance import governed
from koinon.base.languages import ENDONYMS
from koinon.base.problems import problem
from koinon.base.visitor import HttpRequest, require
from koinon.network.limits import anonymous_writes
from koinon.notices import actions, subjects
from koinon.notices.forms import NoticeForm
from koinon.notices.models import Notice
from koinon.notices.permissions import may_feed_back, may_send

router = Router(tags=["notices"])
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


class NoticeIn(Schema):
    """A notice. Other fields are refused."""

    model_config = ConfigDict(extra="forbid")

    about: str = Field(
        description="what it is about, as in the page’s link: `organisation:SLUG`, `site:accessibility`"
    )
    reason: Notice.Reason = Field(Notice.Reason.OTHER, description="what is wrong with it")
    text: str
    email: str = Field("", description="where the decision is told; used for nothing else")
    lang: str = Field("en", description="language of the mail about the decision")


class NoticeOut(Schema):
    """The number, the day by which it is decided, and the private page that tells what became of it."""

    number: str
    due: date
    receipt: str


@router.post(
    "/notices",
    response={201: NoticeOut},
    summary="Report content",
    openapi_extra={
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "format": "uuid"},
            }
        ]
    },
)
@governed("G1", POST="C")
def notice(request: HttpRequest, sent: NoticeIn) -> Status[dict[str, object]] | HttpResponse:
    """Anybody may; no token is needed, and who sent it is not written down."""
    found = subjects.find(sent.about, request.visitor)
    if found is None:
        raise Http404
    is_feedback = found[0] == subjects.SITE
    require(may_feed_back(request.visitor) if is_feedback else may_send(request.visitor))
    if not request.visitor.is_signed_in:
        seconds = anonymous_writes.wait(request.META.get("REMOTE_ADDR", ""))
        if seconds:
            refused = problem(429, "Too many at once from this address.")
            refused.headers["Retry-After"] = str(seconds)
            return refused
    key = request.headers.get("Idempotency-Key", "")
    if key and not _UUID.fullmatch(key):
        raise HttpError(422, "Idempotency-Key is a UUID.")
    form = NoticeForm({"fault": sent.reason, "text": sent.text, "email": sent.email}, feedback=is_feedback)
    if not form.is_valid():
        wrong = [{"field": name, "wrong": " ".join(map(str, errors))} for name, errors in form.errors.items()]
        return problem(422, "Something that was sent is not as the API describes it.", errors=wrong)
    try:
        row, code = actions.send(
            sent.about,
            by=request.visitor,
            reason=form.cleaned_data.get("fault", Notice.Reason.OTHER),
            text=form.cleaned_data["text"],
            email=form.cleaned_data["email"],
            language=sent.lang if sent.lang in ENDONYMS else "en",
            key=key.lower(),
        )
    except actions.KeyUsed:
        raise HttpError(422, "This Idempotency-Key came before, with another body.") from None
    receipt = reverse("notices:receipt", args=[code])
    return Status(201, {"number": row.number, "due": row.due, "receipt": receipt})
