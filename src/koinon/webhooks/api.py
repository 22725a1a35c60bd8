"""Webhooks through the API: the same as on their pages, with a token of who answers for the body."""

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpResponse
from ninja import Field, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import AfterValidator

from koinon.base.governance import governed
from koinon.base.outward import LONGEST
from koinon.base.problems import problem
from koinon.base.text import plain
from koinon.base.visitor import HttpRequest, require
from koinon.journal.once import KeyUsed, once
from koinon.network.api_auth import by_token
from koinon.news.models.follows import DEFAULT_LEVELS, Level
from koinon.places.models import Place
from koinon.practices.api_keys import KEY_HEADER, key_of
from koinon.webhooks import actions
from koinon.webhooks.forms import HookForm, body_named
from koinon.webhooks.kinds import all_kinds
from koinon.webhooks.models import Delivery, Hook
from koinon.webhooks.permissions import may_add, may_change, may_have_webhooks

router = Router(tags=["webhooks"])
Plain = Annotated[str, AfterValidator(plain)]
MOST_TYPES = 100
_NO_LONGER = "Its secret no longer holds: make a new one first."


class HookIn(Schema, extra="forbid"):
    """Where to, and of what. What is left out does not narrow."""

    organisation: Plain = Field(max_length=200, description="slug of the body it is for")
    label: Plain = Field(min_length=1, max_length=80)
    address: str = Field(
        max_length=LONGEST, description="https, port 443 or 8443, a name in the open internet"
    )
    language: str = Field("en", max_length=2, description="language of titles, where they are told in it")
    types: list[Plain] = Field(
        [], max_length=MOST_TYPES, description="kinds of events; none: all. See /api/v1/webhooks/kinds"
    )
    place: Plain = Field("", max_length=200, description="key of a place")
    levels: list[Level] = Field(
        [Level.REGION, Level.COUNTRY], max_length=4, description="of a place: what around it is told too"
    )
    topic: Plain = Field("", max_length=200)
    body: Plain = Field("", max_length=200, description="slug: only what is from this body, or about it")


class HookPatch(Schema, extra="forbid"):
    """What is to be changed; what is left out stays. `version` is the one that was read."""

    version: int = Field(ge=1, le=2**31 - 1)
    label: Plain | None = Field(None, min_length=1, max_length=80)
    address: str | None = Field(None, max_length=LONGEST)
    language: str | None = Field(None, max_length=2)
    types: list[Plain] | None = Field(None, max_length=MOST_TYPES)
    place: Plain | None = Field(None, max_length=200)
    levels: list[Level] | None = Field(None, max_length=4)
    topic: Plain | None = Field(None, max_length=200)
    body: Plain | None = Field(None, max_length=200)


class VersionIn(Schema, extra="forbid"):
    version: int = Field(ge=1, le=2**31 - 1)


class HookOut(Schema):
    """A webhook. `address` is the server alone for who only looks after the machine."""

    code: str
    organisation: str
    label: str
    address: str
    language: str
    types: list[str]
    place: str
    levels: list[str]
    topic: str
    body: str
    state: str
    because: str
    failures: int
    failing_since: datetime | None
    next_at: datetime
    told_at: datetime | None
    version: int
    url: str


class MadeOut(HookOut):
    """`secret` is given this once; null where the same request came before."""

    secret: str | None


class HookList(Schema):
    items: list[HookOut]


class KindOut(Schema):
    name: str
    kind: str
    label: str


class KindList(Schema):
    items: list[KindOut]


class DeliveryOut(Schema):
    """One try to hand an event over."""

    event: str
    type: str
    title: str
    at: datetime
    took: int
    arrived: bool
    status: int | None
    trouble: str


class DeliveryList(Schema):
    items: list[DeliveryOut]


def _seen(request: HttpRequest, code: str) -> Hook:
    rows = Hook.objects.seen_by(request.visitor).select_related("organisation", "answerable")
    found = rows.filter(code=code[:16]).first()
    if found is None:
        raise Http404
    return found


def _out(request: HttpRequest, hook: Hook) -> dict[str, Any]:
    names = ("code", "label", "language", "types", "place", "levels", "topic", "body", "state", "because")
    more = ("failures", "failing_since", "next_at", "told_at", "version")
    return {name: getattr(hook, name) for name in (*names, *more)} | {
        "organisation": hook.organisation.slug,
        "address": hook.address if may_change(request.visitor, hook) else hook.host,
        "url": hook.get_absolute_url(),
    }


def _delivery(row: Delivery) -> dict[str, Any]:
    names = ("event", "title", "at", "took", "arrived", "status", "trouble")
    return {name: getattr(row, name) for name in names} | {"type": row.kind}


def _wrong(form: HookForm) -> HttpResponse:
    found = [{"field": name, "wrong": " ".join(map(str, words))} for name, words in form.errors.items()]
    return problem(422, "Something that was sent is not as the API describes it.", errors=found)


@router.get("/webhooks", response=HookList, auth=by_token, url_name="webhooks", summary="One's webhooks")
@governed("H5", GET="R")
def hooks(request: HttpRequest) -> dict[str, Any]:
    """The webhooks of the bodies one answers for."""
    require(may_have_webhooks(request.visitor), hidden=True)
    rows = Hook.objects.seen_by(request.visitor).select_related("organisation").order_by("pk")
    return {"items": [_out(request, row) for row in rows[:500]]}


@router.get("/webhooks/kinds", response=KindList, url_name="webhook_kinds", summary="Kinds of events")
@governed("P1", GET="R")
def kinds(request: HttpRequest) -> dict[str, Any]:
    """Every kind of event that a webhook can be told of. All of it is public."""
    return {
        "items": [
            {"name": kind.name, "kind": kind.source.name, "label": str(kind.label)} for kind in all_kinds()
        ]
    }


@router.post(
    "/webhooks",
    response={201: MadeOut},
    auth=by_token,
    url_name="add_webhook",
    summary="Set up a webhook",
    openapi_extra=KEY_HEADER,
)
@governed("H5", POST="C")
def add(request: HttpRequest, sent: HookIn) -> Any:
    """It is told what happens from now on. Its secret is in this answer and nowhere else."""
    require(may_have_webhooks(request.visitor), hidden=True)
    body = body_named(sent.organisation)
    require(body is not None and may_add(request.visitor, body), hidden=not request.visitor.is_operator)
    assert body is not None
    said = sent.model_dump(mode="json") | {"organisation": str(body.pk)}
    form = HookForm(said, by=request.visitor)
    if not form.is_valid():
        return _wrong(form)
    key = key_of(request)
    mark = f"{request.visitor.person_id}:{request.path}:{key}" if key else ""
    shown: list[str] = []

    def act() -> dict[str, Any]:
        made, secret = actions.add(form.wish, by=request.visitor, organisation=body)
        shown.append(secret)
        return {"code": made.code}

    try:
        done = once(mark, sent.model_dump_json(), act)
    except actions.Full:
        raise HttpError(409, f"This body has {actions.MOST} webhooks already.") from None
    except KeyUsed:
        raise HttpError(422, "This Idempotency-Key came before, with another body.") from None
    hook = _seen(request, done["code"])
    return Status(201, _out(request, hook) | {"secret": shown[0] if shown else None})


@router.get("/webhooks/{code}", response=HookOut, auth=by_token, url_name="webhook", summary="One webhook")
@governed("H5", GET="R")
def hook(request: HttpRequest, code: str) -> dict[str, Any]:
    """How it does."""
    return _out(request, _seen(request, code))


@router.patch("/webhooks/{code}", response=HookOut, auth=by_token, url_name="webhook", summary="Change it")
@governed("H5", PATCH="U")
def change(request: HttpRequest, code: str, sent: HookPatch) -> Any:
    """It is told on from where it stands. 409 where somebody else changed it meanwhile."""
    found = _seen(request, code)
    require(may_change(request.visitor, found))
    names = ("label", "address", "language", "types", "topic", "body")
    place = Place.objects.filter(pk=found.place).first() if found.place else None
    said: dict[str, Any] = {name: getattr(found, name) for name in names}
    said |= {
        "place": place.key if place is not None else "",
        "levels": found.levels if found.place else list(DEFAULT_LEVELS),
    }
    said |= {name: value for name, value in sent.model_dump(mode="json").items() if value is not None}
    form = HookForm(said, by=request.visitor, of=found)
    if not form.is_valid():
        return _wrong(form)
    try:
        now = actions.change(found, form.wish, by=request.visitor, version=sent.version)
    except actions.Changed as changed:
        raise HttpError(
            409, f"It was changed meanwhile; now it is version {changed.current.version}."
        ) from None
    return _out(request, now)


@router.delete(
    "/webhooks/{code}", response={204: None}, auth=by_token, url_name="webhook", summary="Take it away"
)
@governed("H5", DELETE="D")
def remove(request: HttpRequest, code: str) -> Any:
    """With what came of its deliveries."""
    actions.remove(_seen(request, code), by=request.visitor)
    return Status(204, None)


@router.post(
    "/webhooks/{code}/pause", response=HookOut, auth=by_token, url_name="pause_webhook", summary="Pause it"
)
@governed("H5", POST="U")
def pause(request: HttpRequest, code: str) -> dict[str, Any]:
    """It is told nothing more for now; its place is kept."""
    actions.pause(_seen(request, code), by=request.visitor)
    return _out(request, _seen(request, code))


@router.post(
    "/webhooks/{code}/go-on", response=HookOut, auth=by_token, url_name="go_on_webhook", summary="Go on"
)
@governed("H5", POST="U")
def go_on(request: HttpRequest, code: str) -> dict[str, Any]:
    """Where it stopped; and try again at once where it waits after a failure."""
    try:
        actions.go_on(_seen(request, code), by=request.visitor)
    except actions.NoSecret:
        raise HttpError(409, _NO_LONGER) from None
    return _out(request, _seen(request, code))


@router.post(
    "/webhooks/{code}/secret",
    response=MadeOut,
    auth=by_token,
    url_name="renew_webhook",
    summary="A new secret",
)
@governed("H5", POST="U")
def renew(request: HttpRequest, code: str, sent: VersionIn) -> dict[str, Any]:
    """For a day what is sent is signed with both. 409 where it was renewed or changed meanwhile."""
    try:
        secret = actions.renew(_seen(request, code), by=request.visitor, version=sent.version)
    except actions.Changed as changed:
        raise HttpError(
            409, f"It was changed meanwhile; now it is version {changed.current.version}."
        ) from None
    return _out(request, _seen(request, code)) | {"secret": secret}


@router.post(
    "/webhooks/{code}/test",
    response=DeliveryOut,
    auth=by_token,
    url_name="test_webhook",
    summary="Send a test",
)
@governed("H5", POST="U")
def try_out(request: HttpRequest, code: str) -> Any:
    """Sends an event of the kind `webhook.test` now, and says what came of it."""
    try:
        return _delivery(actions.try_out(_seen(request, code), by=request.visitor))
    except actions.NoSecret:
        return problem(409, _NO_LONGER)
    except actions.Busy:
        return problem(429, "Another webhook is tried out at this moment.")
    except actions.TooSoon:
        return problem(429, "It was tried out a moment ago.")


@router.get(
    "/webhooks/{code}/deliveries",
    response=DeliveryList,
    auth=by_token,
    url_name="webhook_deliveries",
    summary="The last deliveries",
)
@governed("H5", GET="R")
def deliveries(request: HttpRequest, code: str) -> dict[str, Any]:
    """What came of the last fifty tries, the newest first."""
    return {"items": [_delivery(row) for row in _seen(request, code).deliveries.latest_first()[:50]]}
