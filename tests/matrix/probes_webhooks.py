"""Row H5: webhooks of a body."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.test import override_settings
from django.urls import reverse

from koinon.webhooks import actions
from koinon.webhooks.models import Delivery, Hook
from koinon.webhooks.signing import mark_of, new_seed
from tests.matrix.probing import Probe, Trial

ONE = ("own",)
# Nobody takes anything there, and nobody else is asked.
NOBODY = "http://127.0.0.1:9/in"
WISH = {"label": "Of the matrix", "address": NOBODY, "language": "en"}


def _hook(trial: Trial) -> Hook:
    def make() -> Hook:
        seed = new_seed()
        hook = Hook.objects.create(
            organisation=trial.tenant, label="Of the matrix", address=NOBODY, seed=seed, mark=mark_of(seed)
        )
        Delivery.objects.create(hook=hook, event="msg_of_the_matrix", kind="call.published", arrived=True)
        return hook

    made: Hook = trial.made(make)
    return made


def _none(trial: Trial) -> None:
    Hook.objects.all().delete()


def _get(name: str) -> Callable[[Trial], HttpResponse]:
    return lambda trial: trial.get(f"webhooks:{name}", _hook(trial).code)


def _post(name: str, /, **sent: Any) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        with override_settings(OUTWARD_LOOPBACK=True):
            return trial.post(f"webhooks:{name}", _hook(trial).code, **sent)

    return do


def _new(trial: Trial) -> HttpResponse:
    with override_settings(OUTWARD_LOOPBACK=True):
        return trial.post("webhooks:new", organisation=trial.tenant.pk, **WISH)


def _add(trial: Trial) -> HttpResponse:
    with override_settings(OUTWARD_LOOPBACK=True):
        return trial.client.post(  # type: ignore[return-value]
            reverse("api:add_webhook"),
            WISH | {"organisation": trial.tenant.slug},
            content_type="application/json",
            headers=trial._token(),
        )


def _tell(name: str, /, **sent: Any) -> Callable[[Trial], HttpResponse]:
    def do(trial: Trial) -> HttpResponse:
        with override_settings(OUTWARD_LOOPBACK=True):
            return trial.tell_api(f"api:{name}", _hook(trial).code, **sent)

    return do


def _patch(trial: Trial) -> HttpResponse:
    address = reverse("api:webhook", args=[_hook(trial).code])
    with override_settings(OUTWARD_LOOPBACK=True):
        return trial.tell_api_at(address, method="patch", label="Changed", version=1)


def _delete(trial: Trial) -> HttpResponse:
    address = reverse("api:webhook", args=[_hook(trial).code])
    return trial.client.delete(address, headers=trial._token())  # type: ignore[return-value]


def _of(name: str, right: str, do: Callable[[Trial], HttpResponse], view: str, **more: Any) -> Probe:
    return Probe("H5", right, name, do, (view,), without=_none, **more)


PROBES = [
    _of("list", "R", lambda trial: trial.get("webhooks:hooks"), "webhooks:hooks", relations=ONE),
    _of("page", "R", _get("hook"), "webhooks:hook"),
    _of("form", "C", lambda trial: trial.get("webhooks:new"), "webhooks:new", relations=ONE),
    _of("new", "C", _new, "webhooks:new", journals=True),
    _of("edit", "U", _post("edit", **WISH, version="1"), "webhooks:edit", journals=True),
    _of("pause", "U", _post("pause"), "webhooks:pause", journals=True),
    _of("go on", "U", _post("go_on"), "webhooks:go_on", journals=True),
    _of("secret", "U", _post("renew", version="1"), "webhooks:renew", journals=True),
    _of("test", "U", _post("test"), "webhooks:test", journals=True),
    _of("remove", "D", _post("remove"), "webhooks:remove", journals=True),
    _of(
        "remove, the deed",
        "D",
        lambda trial: trial.act(lambda: actions.remove(_hook(trial), by=trial.visitor)),
        "webhooks:remove",
        journals=True,
    ),
    _of("API, list", "R", lambda trial: trial.ask_api("api:webhooks"), "api:webhooks", relations=ONE),
    _of("API, one", "R", lambda trial: trial.ask_api("api:webhook", _hook(trial).code), "api:webhook"),
    _of(
        "API, deliveries",
        "R",
        lambda trial: trial.ask_api("api:webhook_deliveries", _hook(trial).code),
        "api:webhook_deliveries",
    ),
    _of("API, new", "C", _add, "api:add_webhook", journals=True),
    _of("API, change", "U", _patch, "api:webhook", journals=True),
    _of("API, pause", "U", _tell("pause_webhook"), "api:pause_webhook", journals=True),
    _of("API, go on", "U", _tell("go_on_webhook"), "api:go_on_webhook", journals=True),
    _of("API, secret", "U", _tell("renew_webhook", version=1), "api:renew_webhook", journals=True),
    _of("API, test", "U", _tell("test_webhook"), "api:test_webhook", journals=True),
    _of("API, remove", "D", _delete, "api:webhook", journals=True),
]
