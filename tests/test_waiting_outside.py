"""Nobody outside is waited for while a transaction is open: what is fetched or sent goes first, what came of it is written after.

A machine of others may take seconds to answer; whoever waits for it in a transaction makes everybody else wait who writes.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import connections

from koinon.agenda.testing import make_session
from koinon.base import outward
from koinon.journal import actions as journal
from koinon.mail.models import Outbox
from koinon.network.testing import make_organisation
from koinon.network.visitor import visitor_for
from koinon.webhooks import actions
from koinon.webhooks.forms import HookForm
from koinon.webhooks.models import Delivery
from koinon.webhooks.testing import make_hook, receiving

pytestmark = pytest.mark.django_db


@pytest.fixture
def depth() -> Callable[[], int]:
    """How many transactions are open on the connection of this test, whoever asks on whichever thread: 0 as it began."""
    connection = connections["default"]
    begun = len(connection.savepoint_ids)
    return lambda: len(connection.savepoint_ids) - begun


def test_the_tick_sends_mails_and_webhooks_outside_of_transactions(
    depth: Callable[[], int], settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTWARD_LOOPBACK = True
    Outbox.objects.create(to="ana@example.eu", subject="S", text="Text")
    open_while: dict[str, list[int]] = {"mail": [], "webhook": []}
    as_it_is = EmailBackend.send_messages

    def send(backend: EmailBackend, messages: Any) -> int:
        open_while["mail"].append(depth())
        return int(as_it_is(backend, messages))

    monkeypatch.setattr(EmailBackend, "send_messages", send)
    with receiving() as receiver:
        make_hook(make_organisation(), receiver.url)
        journal.record("session.published", by=None, what=make_session())

        def take(_taken: Any) -> tuple[int, dict[str, str], bytes]:
            open_while["webhook"].append(depth())
            return 204, {}, b""

        receiver.answer = take
        call_command("tick")

    assert open_while == {"mail": [0], "webhook": [0]}
    assert [Outbox.objects.get().state, Delivery.objects.get().arrived] == ["sent", True]


def test_an_address_is_looked_up_and_tried_out_outside_of_transactions(
    depth: Callable[[], int], settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTWARD_LOOPBACK = True
    open_while: list[int] = []

    def ask(_host: str, port: int, **_more: Any) -> list[Any]:
        open_while.append(depth())
        return [(2, 1, 6, "", ("93.184.216.34", port))]

    monkeypatch.setattr(outward, "ask_for_name", ask)
    with receiving() as receiver:
        hook = make_hook(make_organisation(), receiver.url)
        person = hook.answerable
        assert person is not None
        by = visitor_for(person)
        said = {"organisation": str(hook.organisation_id), "label": "Ours", "language": "en"}
        form = HookForm(said | {"address": "https://hooks.example/in"}, by=by)
        assert form.is_valid(), form.errors

        def take(_taken: Any) -> tuple[int, dict[str, str], bytes]:
            open_while.append(depth())
            return 204, {}, b""

        receiver.answer = take
        tried = actions.try_out(hook, by=by)

    assert (open_while, tried.arrived) == ([0, 0], True)
