"""A mail is queued in the transaction of the deed, goes out once, and is tried again when it fails."""

import contextlib
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.utils import timezone

from koinon.base import governance
from koinon.mail import actions, addresses
from koinon.mail.models import Outbox

pytestmark = pytest.mark.django_db
TEMPLATE = "network/mail/decided"


class Broken(EmailBackend):
    def send_messages(self, messages: Any) -> int:
        raise OSError("no route")


def waiting(**more: Any) -> Outbox:
    return Outbox.objects.create(**({"to": "ana@example.eu", "subject": "S", "text": "T"} | more))


class Killed(BaseException):
    """The process ended here."""


def _sends_and_dies(backend: EmailBackend, messages: Any) -> int:
    django_mail.outbox.extend(messages)
    raise Killed


CONTEXT = {"correction": {"organisation": {"name": "N"}, "reason": "R", "state": "accepted"}, "page": "/"}


def queue(**more: Any) -> Outbox:
    mail = actions.send("ana@example.eu", TEMPLATE, CONTEXT, **more)
    assert mail is not None
    return mail


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
    waiting(state=Outbox.State.SENDING, taken_at=timezone.now() - timedelta(minutes=9))

    assert actions.send_due() == 0


def test_of_two_processes_one_takes_a_mail() -> None:
    mail = waiting()

    taken = [actions.take(mail.pk, timezone.now()), actions.take(mail.pk, timezone.now())]

    assert taken == [mail, None]


def test_what_a_dead_process_took_is_sent_again_under_the_same_message_id(monkeypatch: Any) -> None:
    mail = waiting()
    monkeypatch.setattr(EmailBackend, "send_messages", _sends_and_dies)
    with pytest.raises(Killed):
        actions.send_due()
    monkeypatch.undo()

    early = actions.send_due()
    Outbox.objects.update(taken_at=timezone.now() - timedelta(minutes=11))
    later = [actions.send_due(), actions.send_due()]

    assert (early, later) == (0, [1, 0])
    assert [message.extra_headers["Message-ID"] for message in django_mail.outbox] == [mail.message_id] * 2


def test_a_mail_that_kills_its_process_is_given_up() -> None:
    mail = waiting(state=Outbox.State.SENDING, taken_at=timezone.now() - timedelta(minutes=11), tries=6)

    assert actions.send_due() == 0
    assert Outbox.objects.failed().get() == mail


def test_who_lost_a_mail_to_another_process_does_not_change_it() -> None:
    long_ago = timezone.now() - timedelta(minutes=11)
    slow = actions.take(waiting(try_at=long_ago).pk, long_ago)
    assert slow is not None
    quick = actions.take(slow.pk, timezone.now())
    assert quick is not None

    actions._not_sent(slow, OSError("too late"))

    quick.refresh_from_db()
    assert (quick.state, quick.trouble) == (Outbox.State.SENDING, "")


def test_a_deed_undone_queues_nothing() -> None:
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        queue()
        raise ZeroDivisionError

    assert not Outbox.objects.exists()


def test_each_try_has_the_same_message_id(settings: Any) -> None:
    mail = waiting()
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    actions.send_due()
    Outbox.objects.update(try_at=timezone.now())
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    actions.send_due()

    assert [message.extra_headers["Message-ID"] for message in django_mail.outbox] == [mail.message_id]


def test_the_message_id_names_a_domain_of_ours(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["koinon.example"]
    settings.DEFAULT_FROM_EMAIL = "Koinon <koinon@localhost>"
    by_host = waiting().message_id
    settings.DEFAULT_FROM_EMAIL = "Koinon <koinon@mail.example>"
    by_sender = waiting().message_id

    assert [one.partition("@")[2] for one in (by_host, by_sender)] == ["koinon.example>", "mail.example>"]


def test_a_mail_keeps_its_thread_and_can_be_stopped_by_one_click(settings: Any) -> None:
    settings.MAIL_IN = "reply@koinon.example"
    queue(
        reply_to=addresses.reply_address("abcdefgh12"),
        in_reply_to="<1@koinon.example>",
        references=["<0@koinon.example>", "<1@koinon.example>"],
        stop="https://koinon.example/stop/x/",
    )

    actions.send_due()

    [message] = django_mail.outbox
    sent = message.message()
    wanted = {
        "From": "Koinon <koinon@localhost>",
        "Reply-To": "reply+abcdefgh12@koinon.example",
        "In-Reply-To": "<1@koinon.example>",
        "References": "<0@koinon.example> <1@koinon.example>",
        "List-Unsubscribe": "<https://koinon.example/stop/x/>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
    assert {name: sent[name] for name in wanted} == wanted
    assert message.from_email == "reply@koinon.example"


@pytest.mark.parametrize(
    "more",
    [
        {"headers": {"Bcc": "x@y.eu"}},
        {"stop": "https://x/\nBcc: x@y.eu"},
        {"reply_to": "a@b.eu\r\nBcc: x@y.eu"},
    ],
)
def test_no_header_can_be_smuggled_in(more: Any) -> None:
    with pytest.raises(ValueError, match="header"):
        queue(**more)


def test_how_many_mails_are_in_each_state() -> None:
    waiting(state=Outbox.State.FAILED)
    waiting()

    assert Outbox.objects.counts() == {
        "waiting": 1,
        "sending": 0,
        "sent": 0,
        "failed": 1,
        "held": 0,
        "joined": 0,
    }


def test_the_same_key_is_queued_once() -> None:
    first = actions.send("ana@example.eu", TEMPLATE, CONTEXT, key="k")
    second = actions.send("ana@example.eu", TEMPLATE, CONTEXT, key="k")

    assert (first is None, second, Outbox.objects.count()) == (False, None, 1)


def test_a_mail_that_names_no_row_is_not_queued() -> None:
    assert "network/mail/unknown" not in governance.mails
    with pytest.raises(LookupError):
        actions.send("ana@example.eu", "network/mail/unknown", {})


def test_what_was_sent_long_ago_is_forgotten() -> None:
    waiting(state=Outbox.State.SENT, sent_at=timezone.now() - timedelta(days=31))
    waiting(state=Outbox.State.FAILED, made_at=timezone.now() - timedelta(days=31))
    kept = waiting(state=Outbox.State.SENT, sent_at=timezone.now())

    actions.forget_old()

    assert list(Outbox.objects.all()) == [kept]


def test_words_that_were_erased_are_taken_out_of_mails_that_speak_of_more() -> None:
    mine = waiting(key="daily:7:1", text="First\nMean\nLast\n")
    other = waiting(key="daily:8:1", text="First\nMean\nLast\n")

    actions.take_out("daily:7:", "\nMean\n", instead="\n…\n")

    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.text, other.text) == ("First\n…\nLast\n", "First\nMean\nLast\n")
