"""What is new is told once, to those whom it concerns, and nothing else is."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail as django_mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone

from koinon.agenda.testing import make_session
from koinon.calls.testing import make_call
from koinon.journal import actions as journal
from koinon.journal import fresh
from koinon.mail import actions as mail
from koinon.mail.bounces import forget_bounce, mark_bouncing
from koinon.mail.models import Outbox
from koinon.network.models import Organisation
from koinon.network.testing import make_organisation
from koinon.network.visitor import ANYONE
from koinon.news import digesting
from koinon.news.actions import following
from koinon.news.gathering import Window
from koinon.news.models import Follower
from koinon.news.testing import make_follower
from koinon.places.models import Place
from koinon.practices.testing import make_practice
from tests.standing import forget_all

pytestmark = pytest.mark.django_db
ZARAGOZA = "3104324"


@pytest.fixture(autouse=True)
def anew() -> None:
    forget_all()


def announce(title: str, *places: str, **more: Any) -> Any:
    """A session that somebody announces to everybody."""
    session = make_session(title, **more)
    session.places.set(Place.objects.filter(pk__in=places))
    journal.record("session.published", by=None, what=session)
    return session


def told(follower: Follower) -> list[str]:
    """The texts of the mails that were queued for a follower, the latest last."""
    return list(Outbox.objects.filter(to=follower.address).order_by("pk").values_list("text", flat=True))


def titles(text: str) -> list[str]:
    """The titles of the things that a digest tells, in its order: each has two lines more and its address."""
    return re.findall(r"(?m)^  (\S.*)\n  .*\n  .*\n  https?://\S+$", text)


def path_in(text: str, after: str) -> str:
    """The address of ours that follows these words in a mail."""
    parts = urlsplit(text[text.index(after) :].split("\n", 2)[1].strip())
    return f"{parts.path}?{parts.query}"


def later() -> Any:
    return timezone.now() + timedelta(days=8)


def test_what_is_new_for_a_place_its_region_and_its_country_is_told_and_nothing_else() -> None:
    follower = make_follower("ana@example.eu", ("place", ZARAGOZA))
    for title, code in {
        "In the city": ZARAGOZA,
        "In the region": "ES24",
        "In the country": "ES",
        "Elsewhere in the country": "ES51",
        "Abroad": "IT",
        "Everywhere": "EU",
    }.items():
        announce(title, code)

    queued = digesting.run()

    text = told(follower)[0]
    assert queued == 1
    assert titles(text) == ["In the country", "In the region", "In the city"]
    assert [title in text for title in ("Elsewhere in", "Abroad", "Everywhere")] == [False] * 3


def test_what_happened_before_it_was_followed_is_not_told() -> None:
    follower = make_follower("ana@example.eu", ("topic", "childcare"))
    announce("Before it was asked for", ZARAGOZA)
    following.ask(follower.address, "place", f"zaragoza-{ZARAGOZA}", by=ANYONE)
    announce("While the wish waited", ZARAGOZA)
    following.confirm(follower, [follower.follows.get(kind="place").pk])
    announce("Since then", ZARAGOZA)

    digesting.run(later())

    # What else the address follows was told of nothing meanwhile: its own number is the older one.
    begins = follower.follows.get(kind="place").begins_after
    assert follower.cursor < begins
    assert titles(told(follower)[-1]) == ["Since then"]
    assert ["Before it" in told(follower)[-1], "While the" in told(follower)[-1]] == [False, False]


def test_a_digest_is_grouped_by_kind_and_tells_the_newest_first() -> None:
    follower = make_follower("ana@example.eu", ("place", ZARAGOZA))
    announce("The older session", ZARAGOZA)
    call = make_call("A call for the city", places=(ZARAGOZA,))
    journal.record("call.published", by=None, what=call)
    announce("The newer session", ZARAGOZA)

    digesting.run()

    text = told(follower)[0]
    lines = text.splitlines()
    assert [lines.count(heading) for heading in ("Calls and deadlines", "Coming up")] == [1, 1]
    assert titles(text) == ["A call for the city", "The newer session", "The older session"]
    sessions = text[text.index("Coming up") :]
    assert sessions.index("The newer session") < sessions.index("The older session")
    assert "A call for the city" not in sessions
    html = Outbox.objects.get().html
    assert html.index("The newer session") < html.index("The older session")


def test_nothing_new_is_no_mail_and_nothing_is_told_twice() -> None:
    follower = make_follower("ana@example.eu", ("place", ZARAGOZA))
    assert digesting.run() == 0

    announce("In the city", ZARAGOZA)
    queued = [digesting.run(later()), digesting.run(later()), digesting.run(later() + timedelta(days=9))]

    assert queued == [1, 0, 0]
    assert len(told(follower)) == 1


def test_a_digest_whose_process_died_after_the_server_took_it_goes_again_as_the_same_mail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    follower = make_follower("ana@example.eu", ("place", ZARAGOZA))
    announce("In the city", ZARAGOZA)
    digesting.run()
    taken = EmailBackend.send_messages

    def takes_and_dies(self: Any, messages: Any) -> int:
        taken(self, messages)
        raise KeyboardInterrupt

    monkeypatch.setattr(EmailBackend, "send_messages", takes_and_dies)
    with pytest.raises(KeyboardInterrupt):
        mail.send_due()
    monkeypatch.undo()
    # What happens meanwhile comes with the next one; the mail that may have arrived is not changed any more.
    announce("Since then", ZARAGOZA)
    Outbox.objects.update(taken_at=timezone.now() - timedelta(minutes=11))
    digesting.run(later())
    mail.send_due()

    first, again, following_one = django_mail.outbox
    ids = [message.extra_headers["Message-ID"] for message in (first, again, following_one)]
    assert [len(told(follower)), ids[0] == ids[1], ids[1] == ids[2]] == [2, True, False]
    assert first.body == again.body
    assert [titles(str(message.body)) for message in (again, following_one)] == [
        ["In the city"],
        ["Since then"],
    ]


def test_what_lies_inside_a_followed_country_is_told() -> None:
    follower = make_follower("ana@example.eu", ("place", "ES"))
    announce("In the city", ZARAGOZA)

    digesting.run()

    assert "In the city" in told(follower)[0]


def test_europe_and_the_consortium_are_told_to_those_who_chose_them() -> None:
    follower = make_follower("ana@example.eu", ("place", ZARAGOZA), levels=["europe"])
    announce("Everywhere", "EU")
    announce("In the country", "ES")

    digesting.run()

    assert ["Everywhere" in told(follower)[0], "In the country" in told(follower)[0]] == [True, False]


def test_what_nobody_may_read_any_more_is_not_told() -> None:
    follower = make_follower("ana@example.eu", ("place", ZARAGOZA))
    session = announce("In the city", ZARAGOZA)
    session.published = False
    session.save()

    assert (digesting.run(), told(follower)) == (0, [])


def test_a_thing_that_fits_several_follows_is_told_once() -> None:
    body = Organisation.objects.get(slug="ncc-es")
    follower = make_follower("ana@example.eu", ("place", ZARAGOZA), ("organisation", body.slug))
    announce("In the city", ZARAGOZA, organiser=body)

    digesting.run()

    assert told(follower)[0].count("In the city") == 1


@pytest.mark.parametrize(
    ("kind", "key"),
    [("topic", "childcare"), ("objective", "c"), ("search", "q=oneself+doors"), ("practice", "")],
)
def test_practices_are_told_to_those_who_follow_what_they_are_about(kind: str, key: str) -> None:
    practice = make_practice("Many doors for oneself", topics=("childcare",), objectives=("c",))
    other = make_practice("Another")
    follower = make_follower("ana@example.eu", (kind, key or practice.slug))
    for one in (practice, other):
        journal.record("practice.published", by=None, what=one)
    forget_all()

    digesting.run()

    assert "Many doors" in told(follower)[0]
    assert "Another" not in told(follower)[0]


def test_what_comes_while_an_address_sends_mails_back_is_kept_for_it() -> None:
    follower = make_follower("ana@example.eu", ("place", ZARAGOZA))
    mark_bouncing(follower.address, "550 5.1.1")
    announce("In the city", ZARAGOZA)
    assert (digesting.run(), told(follower)) == (0, [])

    forget_bounce(follower.address)
    digesting.run(later())

    assert len(told(follower)) == 1


def test_the_digest_can_be_stopped_by_one_click_and_comes_after_what_somebody_waits_for() -> None:
    make_follower("ana@example.eu", ("place", ZARAGOZA))
    announce("In the city", ZARAGOZA)

    digesting.run()

    mail = Outbox.objects.get()
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.headers["List-Unsubscribe"].endswith("/stop/>")
    assert (mail.bulk, "In the city" in mail.html) == (True, True)


def test_who_is_told_at_once_gets_what_falls_within_an_hour_together() -> None:
    follower = make_follower("ana@example.eu", ("place", ZARAGOZA), rhythm="at_once")
    now = timezone.now()
    announce("First", ZARAGOZA)
    assert digesting.run(now) == 1

    announce("Second", ZARAGOZA)
    announce("Third", ZARAGOZA)
    queued = [digesting.run(now + timedelta(minutes=59)), digesting.run(now + timedelta(minutes=61))]

    assert queued == [0, 1]
    assert ["Second" in told(follower)[1], "Third" in told(follower)[1]] == [True, True]


def test_the_mail_speaks_the_language_of_the_follower() -> None:
    follower = make_follower("ana@example.eu", ("place", "ES"), language="de")
    announce("In the city", ZARAGOZA)

    digesting.run()

    assert "/de/sessions/" in told(follower)[0]
    assert "Spanien" in told(follower)[0].title()


def test_the_run_asks_the_database_no_more_for_what_many_follow_alike(
    django_assert_max_num_queries: Any,
) -> None:
    for _number in range(20):
        make_follower("", ("place", ZARAGOZA))
    announce("In the city", ZARAGOZA)

    with django_assert_max_num_queries(20 * 7 + 30):
        assert digesting.run() == 20


def test_what_is_followed_is_text_in_the_mail_whatever_it_is_called() -> None:
    body = make_organisation('<i title="x">Doors & co</i>', country="ES")
    follower = make_follower("ana@example.eu", ("organisation", body.slug))
    announce("In the city", ZARAGOZA, organiser=body)

    digesting.run()

    mail = Outbox.objects.get(to=follower.address)
    assert body.name in mail.subject
    assert "<i title" not in mail.html
    assert "&lt;i title=&quot;x&quot;&gt;Doors &amp; co" in mail.html


def reads_from(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """From which entry of the journal on each run reads."""
    begun: list[int] = []

    class Seen(Window):
        def __init__(self, after: int, upto: int) -> None:
            begun.append(after)
            super().__init__(after, upto)

    monkeypatch.setattr(digesting, "Window", Seen)
    return begun


def test_an_address_that_sends_mails_back_makes_no_run_read_far_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = reads_from(monkeypatch)
    dead = [make_follower(f"dead{number}@example.eu", ("place", ZARAGOZA)) for number in range(3)]
    for one in dead:
        mark_bouncing(one.address, "550 5.1.1")
    announce("In the city", ZARAGOZA)
    waits = fresh.newest()
    alive = make_follower("ana@example.eu", ("place", ZARAGOZA))
    announce("Later in the city", ZARAGOZA)

    queued = [digesting.run(), digesting.run(later())]

    assert (queued, begun) == ([1, 0], [alive.cursor, Follower.objects.get(pk=alive.pk).cursor])
    # Nothing was lost for them either.
    cursors = Follower.objects.filter(address__startswith="dead").values_list("cursor", flat=True)
    assert [cursor < waits for cursor in cursors] == [True] * len(dead)


def test_who_is_only_late_is_told_of_everything_since_however_old_it_is() -> None:
    follower = make_follower("ana@example.eu", ("place", ZARAGOZA))
    announce("In the city", ZARAGOZA)

    digesting.run(timezone.now() + timedelta(days=400))

    assert "In the city" in told(follower)[0]


def test_what_waits_for_an_address_that_sends_mails_back_waits_for_ninety_days() -> None:
    follower = make_follower("ana@example.eu", ("place", ZARAGOZA))
    mark_bouncing(follower.address, "550 5.1.1")
    announce("In the city", ZARAGOZA)
    newest = fresh.newest()
    digesting.run(timezone.now() + timedelta(days=80))
    kept = Follower.objects.get(pk=follower.pk).cursor
    digesting.run(timezone.now() + timedelta(days=200))

    # What was before it may be passed over: entries are numbered on, whatever was undone.
    assert kept < newest == Follower.objects.get(pk=follower.pk).cursor


def test_who_is_told_at_once_misses_nothing_while_the_address_sends_mails_back() -> None:
    follower = make_follower("ana@example.eu", ("place", ZARAGOZA), rhythm="at_once")
    mark_bouncing(follower.address, "550 5.1.1")
    announce("In the city", ZARAGOZA)
    make_follower("bo@example.eu", ("place", ZARAGOZA), rhythm="at_once")
    journal.record("nothing.told", by=None, what=follower, public=False)
    assert digesting.run() == 0

    forget_bounce(follower.address)
    digesting.run(later())

    assert "In the city" in told(follower)[0]


@pytest.mark.parametrize(
    ("kind", "key"),
    [("place", ZARAGOZA), ("place", "ES"), ("organisation", "ncc-es"), ("topic", "childcare")],
)
def test_what_is_too_much_for_a_mail_stands_on_the_page_that_it_names(
    client: Client, kind: str, key: str
) -> None:
    follower = make_follower("ana@example.eu", (kind, key))
    body = Organisation.objects.get(slug="ncc-es")
    wanted = {f"Thing number {number}." for number in range(25)}
    for title in sorted(wanted):
        if kind == "topic":
            practice = make_practice(title, topics=("childcare",))
            journal.record("practice.published", by=None, what=practice)
        else:
            announce(title, ZARAGOZA, organiser=body)
    announce("Abroad", "IT")
    forget_all()

    digesting.run()

    text = told(follower)[0]
    assert len(titles(text)) == digesting.MOST_LINES
    address = path_in(text, "all of them:")
    assert address.replace("&", "&amp;") in Outbox.objects.get().html
    pages = [client.get(f"{address}&page={number}").content.decode() for number in (1, 2)]
    assert {title for title in wanted if any(title in page for page in pages)} == wanted
    assert not any("Abroad" in page for page in pages)


def test_what_an_address_sent_back_is_kept_also_where_others_are_told_in_the_same_run() -> None:
    takes = make_follower("ana@example.eu", ("place", ZARAGOZA))
    bounces = make_follower("bo@example.eu", ("place", ZARAGOZA))
    announce("In the city", ZARAGOZA)
    mark_bouncing(bounces.address, "550 5.1.1")

    digesting.run(later())

    assert (len(told(takes)), told(bounces)) == (1, [])
    forget_bounce(bounces.address)
    digesting.run(later() + timedelta(days=8))
    assert (len(told(takes)), len(told(bounces))) == (1, 1)


@pytest.mark.parametrize("what", ["changed", "stopped", "told by another run"])
def test_who_was_changed_while_the_digest_was_made_is_left_to_the_next_run(
    monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    follower = make_follower("ana@example.eu", ("place", ZARAGOZA))
    announce("In the city", ZARAGOZA)
    real = digesting._digest

    def meanwhile(row: Follower, window: Window) -> Any:
        made = real(row, window)
        mine = Follower.objects.filter(pk=row.pk)
        if what == "changed":
            mine.update(version=row.version + 1)
        elif what == "stopped":
            mine.delete()
        else:
            mine.update(cursor=fresh.newest())
        return made

    monkeypatch.setattr(digesting, "_digest", meanwhile)
    queued = digesting.run(later())

    assert (queued, told(follower)) == (0, [])
    monkeypatch.setattr(digesting, "_digest", real)
    digesting.run(later() + timedelta(days=8))
    assert len(told(follower)) == (1 if what == "changed" else 0)
