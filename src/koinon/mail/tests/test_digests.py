"""Of one group the first mail goes at once; what follows within the hour is joined into one."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as django_mail
from django.db import connection
from django.utils import timezone

from koinon.mail import actions
from koinon.mail.models import Outbox

pytestmark = pytest.mark.django_db
TEMPLATE = "network/mail/decided"


def queue(name: str, **more: Any) -> Outbox:
    context = {
        "correction": {"organisation": {"name": name}, "reason": name, "state": "accepted"},
        "page": "/",
    }
    mail = actions.send("ana@example.eu", TEMPLATE, context, **({"digest": "desk:12"} | more))
    assert mail is not None
    return mail


def an_hour_passes() -> None:
    for mail in Outbox.objects.all():
        mail.try_at -= timedelta(minutes=61)
        mail.taken_at = mail.taken_at and mail.taken_at - timedelta(minutes=61)
        mail.save()


def test_the_first_goes_at_once_and_the_rest_waits() -> None:
    queue("One")
    first = actions.send_due()
    queue("Two")
    queue("Three")

    assert (first, actions.send_due(), len(django_mail.outbox)) == (1, 0, 1)


def test_what_waited_is_one_mail_with_a_list() -> None:
    queue("One")
    actions.send_due()
    two, three = queue("Two", reply_to="a@b.eu"), queue("Three", reply_to="c@d.eu")
    an_hour_passes()

    sent = [actions.send_due(), actions.send_due()]

    three.refresh_from_db()
    joined = django_mail.outbox[-1]
    assert (sent, len(django_mail.outbox)) == ([1, 0], 2)
    assert (three.state, three.joined_into) == (Outbox.State.JOINED, two)
    assert joined.subject.startswith("2 ")
    assert joined.body.index("Two") < joined.body.index("Three")
    assert joined.reply_to == []


def test_what_comes_after_a_joined_mail_waits_again() -> None:
    queue("One")
    actions.send_due()
    queue("Two")
    an_hour_passes()
    actions.send_due()

    late = queue("Three")

    assert late.try_at > timezone.now() + timedelta(minutes=55)


def test_others_are_not_kept_waiting() -> None:
    queue("One")
    actions.send_due()
    queue("Other desk", digest="desk:13")
    queue("No group", digest="")

    assert actions.send_due() == 2


def test_a_mail_that_was_tried_is_not_changed_any_more() -> None:
    first = queue("One")
    assert actions.take(first.pk, timezone.now()) is not None
    Outbox.objects.update(state=Outbox.State.WAITING)
    second = queue("Two")
    an_hour_passes()

    actions.send_due()

    second.refresh_from_db()
    assert [second.state, len(django_mail.outbox)] == [Outbox.State.SENT, 2]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads so small a table as a whole")
def test_what_waits_in_a_group_is_found_by_an_index() -> None:
    """However much waits in the outbox, queueing a mail reads its own group alone."""
    group = Outbox.objects.filter(digest="desk:12", to="ana@example.eu").untouched()

    assert "mail_outbox_group" in group.order_by("try_at").explain()
