"""A mail is queued in the transaction of the deed, goes out once, and is tried again when it fails."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from koinon.base import governance
from koinon.mail import actions
from koinon.mail.models import Outbox

pytestmark = pytest.mark.django_db
TEMPLATE = "network/mail/decided"


class Broken(EmailBackend):
    def send_messages(self, messages: Any) -> int:
        raise OSError("no route")


def waiting(**more: Any) -> Outbox:
    return Outbox.objects.create(**({"to": "ana@example.eu", "subject": "S", "text": "T"} | more))


def test_what_waits_goes_out_once() -> None:
    waiting()

    assert [actions.send_due(), actions.send_due()] == [1, 0]
    assert [message.to for message in django_mail.outbox] == [["ana@example.eu"]]


def test_a_failure_is_tried_again_later(settings: Any) -> None:
    mail = waiting()
    settings.EMAIL_BACKEND = f"{__name__}.Broken"

    sent = actions.send_due()

    mail.refresh_from_db()
    assert (sent, mail.state, mail.tries) == (0, Outbox.State.WAITING, 1)
    assert mail.try_at > timezone.now()
    assert actions.send_due() == 0


def test_after_the_last_failure_it_is_given_up(settings: Any) -> None:
    mail = waiting(tries=5)
    settings.EMAIL_BACKEND = f"{__name__}.Broken"

    actions.send_due()

    mail.refresh_from_db()
    assert (mail.state, mail.trouble) == (Outbox.State.FAILED, "OSError: no route")


def test_what_another_process_took_is_left_alone() -> None:
    waiting(state=Outbox.State.SENDING)

    assert actions.send_due() == 0


def test_the_same_key_is_queued_once() -> None:
    context = {"correction": {"organisation": {"name": "N"}, "reason": "R", "state": "accepted"}, "page": "/"}

    first = actions.send("ana@example.eu", TEMPLATE, context, key="k")
    second = actions.send("ana@example.eu", TEMPLATE, context, key="k")

    assert (first is None, second, Outbox.objects.count()) == (False, None, 1)


def test_a_mail_that_names_no_row_is_not_queued() -> None:
    assert "network/mail/unknown" not in governance.mails
    with pytest.raises(LookupError):
        actions.send("ana@example.eu", "network/mail/unknown", {})


def test_what_was_sent_long_ago_is_forgotten() -> None:
    waiting(state=Outbox.State.SENT, sent_at=timezone.now() - timedelta(days=31))
    kept = waiting(state=Outbox.State.SENT, sent_at=timezone.now())

    actions.forget_old()

    assert list(Outbox.objects.all()) == [kept]
