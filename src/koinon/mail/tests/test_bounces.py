"""An address that refuses a mail for good is written to no more, until it is forgotten that it did."""

import io
import smtplib
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command

from koinon.mail import actions, bounces
from koinon.mail.models import Bounced, Outbox

pytestmark = pytest.mark.django_db


def waiting(**more: Any) -> Outbox:
    return Outbox.objects.create(**({"to": "ana@example.eu", "subject": "S", "text": "T"} | more))


def refusing(monkeypatch: pytest.MonkeyPatch, trouble: Exception) -> None:
    def send_messages(backend: EmailBackend, messages: Any) -> int:
        raise trouble

    monkeypatch.setattr(EmailBackend, "send_messages", send_messages)


@pytest.mark.parametrize(
    "answer", [(550, b"5.1.1 no such user"), (553, b"no such user"), (552, b"5.2.1 disabled")]
)
def test_a_refused_recipient_fails_at_once(
    monkeypatch: pytest.MonkeyPatch, answer: tuple[int, bytes]
) -> None:
    mail = waiting()
    refusing(monkeypatch, smtplib.SMTPRecipientsRefused({"ana@example.eu": answer}))

    actions.send_due()

    mail.refresh_from_db()
    assert (mail.state, mail.tries, bounces.is_bouncing("Ana@example.eu")) == (Outbox.State.FAILED, 1, True)


@pytest.mark.parametrize(
    "trouble",
    [
        smtplib.SMTPRecipientsRefused({"ana@example.eu": (450, b"4.2.0 greylisted")}),
        smtplib.SMTPRecipientsRefused({"ana@example.eu": (554, b"5.7.1 relay access denied")}),
        smtplib.SMTPRecipientsRefused({"ana@example.eu": (550, b"relay not permitted")}),
        smtplib.SMTPSenderRefused(530, b"sign in first", "koinon@localhost"),
        smtplib.SMTPDataError(554, b"5.6.0 content"),
        OSError("no route"),
    ],
)
def test_a_fault_on_our_side_says_nothing_about_the_address(
    monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    mail = waiting()
    refusing(monkeypatch, trouble)

    actions.send_due()

    mail.refresh_from_db()
    assert (mail.state, bounces.is_bouncing(mail.to)) == (Outbox.State.WAITING, False)


def test_what_is_queued_or_waits_for_a_bouncing_address_is_held() -> None:
    before = waiting()
    bounces.mark_bouncing("ana@example.eu", "5.1.1")
    context = {"correction": {"organisation": {"name": "N"}, "reason": "R", "state": "accepted"}, "page": "/"}
    after = actions.send("Ana@Example.eu", "network/mail/decided", context)
    other = waiting(to="bo@example.eu")

    actions.send_due()

    assert after is not None
    assert set(Outbox.objects.held()) == {before, after}
    assert [message.to for message in django_mail.outbox] == [[other.to]]


def test_what_was_held_goes_out_when_the_bounce_is_forgotten() -> None:
    bounces.mark_bouncing("ana@example.eu", "5.1.1")
    waiting()
    actions.send_due()

    released = bounces.forget_bounce("ANA@example.eu")

    assert (released, bounces.is_bouncing("ana@example.eu"), actions.send_due()) == (1, False, 1)


def test_the_address_itself_is_not_kept() -> None:
    bounces.mark_bouncing("ana@example.eu", "5.1.1")
    bounces.mark_bouncing("ana@example.eu", "5.2.1")

    [kept] = Bounced.objects.values_list("address_hash", "reason")
    assert (len(kept[0]), "ana" in kept[0], kept[1]) == (64, False, "5.1.1")


def test_an_operator_sees_what_failed_and_tries_again() -> None:
    mail = waiting(state=Outbox.State.FAILED, tries=6, trouble="OSError: no route")
    bounces.mark_bouncing("bo@example.eu", "5.1.1")
    held = waiting(to="bo@example.eu", state=Outbox.State.HELD)
    before, after = io.StringIO(), io.StringIO()

    call_command("mails", stdout=before)
    call_command("mails", "--again", "--forget", held.to, stdout=after)

    assert "ana@example.eu  OSError: no route" in before.getvalue()
    assert "waiting: 2" in after.getvalue()
    assert (actions.send_due(), Outbox.objects.get(pk=mail.pk).message_id) == (2, mail.message_id)
