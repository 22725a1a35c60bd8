"""Registering over the API: anybody may, without a token; the key to the private page goes to who proved the address."""

import secrets
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from ninja import Field, Router, Schema, Status
from ninja.errors import HttpError

from koinon.agenda.actions import registering, waiting
from koinon.agenda.forms_registration import RegisterForm
from koinon.agenda.models import Session
from koinon.agenda.permissions_registration import may_register
from koinon.agenda.registration_codes import code_from
from koinon.base.governance import governed
from koinon.base.languages import DEFAULT, ENDONYMS
from koinon.base.problems import problem
from koinon.base.visitor import HttpRequest, require
from koinon.journal.once import KeyUsed, once
from koinon.places.models import Place
from koinon.questions.api import KEY_HEADER, key_of, limited

router = Router(tags=["sessions"])
_CLOSED = {
    "closed": "Nobody registers for this session.",
    "past": "The session is over.",
    "cancelled": "The session is cancelled.",
}


class RegistrationIn(Schema, extra="forbid"):
    """An address is enough. `place` is a key; `mode` is `online` or `here`; `lang` the language of the mails."""

    email: str = Field(max_length=254)
    name: str = Field("", max_length=150)
    place: str = Field("", max_length=200)
    mode: str = Field("", max_length=6)
    lang: str = Field("", max_length=2)


class RegistrationOut(Schema):
    """A place (`coming`), or a rank in line (`waiting`).

    `receipt` opens the private page for who comes with a token and registers an own address. For all others it opens a
    page that says the same as this; whether the address was registered before is not told, and the key goes there by mail.
    """

    state: str
    rank: int | None = None
    receipt: str


@router.post(
    "/sessions/{code}/registrations",
    response={201: RegistrationOut},
    exclude_none=True,
    url_name="register",
    summary="Register for a session",
    openapi_extra=KEY_HEADER,
)
@governed("B4", POST="C")
def register(request: HttpRequest, code: str, sent: RegistrationIn) -> Status[dict[str, Any]] | HttpResponse:
    """Anybody may; no token is needed. The same address twice is one registration, and the answer is the same."""
    if refused := limited(request):
        return refused
    session = Session.objects.seen_by(request.visitor).filter(published=True, code=code[:40]).first()
    if session is None:
        raise Http404
    require(may_register(request.visitor, session))
    key, wrong, form = key_of(request), _wrong(session, sent), None
    if not wrong:
        form = RegisterForm(sent.model_dump(include={"email", "name", "place", "mode"}), session=session)
        if not form.is_valid():
            wrong = [
                {"field": name, "wrong": " ".join(map(str, errors))} for name, errors in form.errors.items()
            ]
    if wrong or form is None:
        return problem(422, "Something that was sent is not as the API describes it.", errors=wrong)
    told = {name: form.cleaned_data[name] for name in ("email", "name", "place", "mode")}

    def act() -> dict[str, Any]:
        nonce = key or secrets.token_urlsafe(16)
        made = registering.register(
            session, by=request.visitor, nonce=nonce, page_language=sent.lang or DEFAULT, **told
        )
        # What is kept under the key opens nothing: the code is made of the seed and the installation's secret.
        return {"state": made.state, "rank": made.rank, "seed": made.seed}

    who = f"{request.visitor.person_id}:{request.path}:{key}" if key else ""
    try:
        made = once(who, sent.model_dump_json(), act)
    except KeyUsed:
        raise HttpError(422, "This Idempotency-Key came before, with another body.") from None
    except registering.Closed as closed:
        return problem(409, _CLOSED[closed.why], state=closed.why)
    receipt = reverse("sessions:place", args=[code_from(made["seed"])])
    return Status(201, {"state": made["state"], "rank": made["rank"], "receipt": receipt})


def _wrong(session: Session, sent: RegistrationIn) -> list[dict[str, str]]:
    wrong: list[dict[str, str]] = []
    if sent.place and Place.objects.find(sent.place) is None:
        wrong.append({"field": "place", "wrong": "There is no place with this key; see /api/v1/places?q="})
    if sent.lang and sent.lang not in ENDONYMS:
        wrong.append({"field": "lang", "wrong": "Not one of the 24 official languages."})
    if sent.mode and sent.mode not in (modes := waiting.modes_of(session)):
        wrong.append({"field": "mode", "wrong": f"One of {', '.join(map(str, modes))}."})
    return wrong
