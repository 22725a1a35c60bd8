"""Anybody may follow by mail; nothing is sent before who owns the address says yes, and one click stops it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from koinon.mail import actions as mail
from koinon.mail.models import Outbox
from koinon.network.limits import anonymous_writes
from koinon.network.testing import make_organisation
from koinon.network.visitor import ANYONE, visitor_for
from koinon.news.actions import following
from koinon.news.models import Asked, Follow, Follower
from koinon.news.testing import code_of, make_follower
from koinon.people.testing import make_person
from koinon.places.models import Place
from koinon.practices.testing import make_practice

pytestmark = pytest.mark.django_db
ZARAGOZA = "3104324"
PAGE = f"/news/follow/?place=zaragoza-{ZARAGOZA}"
SENT = {"email": "ana@example.eu", "rhythm": "weekly"}


@pytest.fixture(autouse=True)
def unlimited() -> None:
    anonymous_writes.forget()


def ask(address: str = "ana@example.eu", key: str = ZARAGOZA, **more: Any) -> Follow | None:
    return following.ask(address, "place", key, by=more.pop("by", ANYONE), **more)


def test_a_follow_is_asked_for_confirmed_and_stopped_over_the_web(client: Client) -> None:
    answer = client.post(PAGE, SENT)
    assert (answer.status_code, Follower.objects.confirmed().count()) == (302, 0)
    assert Outbox.objects.count() == 1

    code = code_of(Follower.objects.get())
    page = client.get(reverse("news:follows_mine", args=[code]))
    row = Follow.objects.get()
    assert "Zaragoza" in page.content.decode()
    client.post(reverse("news:follows_confirm", args=[code]), {"follow": [row.pk]})
    assert Follower.objects.confirmed().count() == 1

    stop = reverse("news:follows_stop", args=[code])
    assert (client.get(stop).status_code, Follower.objects.count()) == (200, 1)
    answer = client.post(stop, {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, Follower.objects.count()) == (200, 0)
    assert (client.post(stop).status_code, client.get(stop).status_code) == (200, 404)


def test_the_page_says_the_same_whether_or_not_it_is_followed(client: Client) -> None:
    first = client.post(PAGE, SENT)
    following.confirm(Follower.objects.get(), [Follow.objects.get().pk])
    second = client.post(PAGE, SENT)

    assert (first.status_code, first.headers["Location"]) == (second.status_code, second.headers["Location"])
    assert first.content == second.content


def test_an_address_is_asked_once_a_day_and_its_page_shows_all_that_waits() -> None:
    ask()
    ask(key="ES")
    ask(key="ITH5")

    assert Outbox.objects.count() == 1
    assert Follow.objects.waiting().count() == 3


def test_what_came_on_a_day_of_asking_is_asked_about_the_next() -> None:
    ask()
    ask(key="ES")
    assert following.ask_again() == 0
    Asked.objects.update(at=timezone.now() - timedelta(hours=25))

    assert [following.ask_again(), following.ask_again()] == [1, 0]
    assert "Spain" in Outbox.objects.latest("pk").text


def test_the_mail_of_a_confirmed_one_is_not_sent_again() -> None:
    ask()
    following.confirm(Follower.objects.get(), [Follow.objects.get().pk])
    Asked.objects.update(at=timezone.now() - timedelta(hours=25))
    ask()

    assert (Outbox.objects.count(), following.ask_again()) == (1, 0)


def test_who_says_that_it_was_somebody_else_is_not_asked_again() -> None:
    ask()
    following.refuse(Follower.objects.get())
    Outbox.objects.all().delete()
    Asked.objects.update(at=timezone.now() - timedelta(days=30))

    ask()

    assert Outbox.objects.count() == 0


def test_ones_own_proved_address_follows_at_once() -> None:
    person = make_person("ana@example.eu")

    ask(by=visitor_for(person))

    assert (Follower.objects.confirmed().count(), Outbox.objects.count()) == (1, 0)


def test_somebody_signed_in_cannot_confirm_anothers_address() -> None:
    ask("bruno@example.eu", by=visitor_for(make_person("ana@example.eu")))

    assert (Follower.objects.confirmed().count(), Outbox.objects.count()) == (0, 1)


def test_one_address_follows_so_much_and_no_more_and_is_told() -> None:
    person = make_person("ana@example.eu")
    places = ["ES", "ES2", "ES24"]
    follower = make_follower("ana@example.eu")
    Follow.objects.bulk_create(
        Follow(follower=follower, kind="topic", key=f"t{number}", confirmed_at=timezone.now())
        for number in range(following.MOST - 1)
    )

    ask(key=places[0], by=visitor_for(person))
    with pytest.raises(following.Full):
        ask(key=places[1], by=visitor_for(person))
    assert ask(key=places[2]) is None

    follower.refresh_from_db()
    assert (follower.follows.count(), follower.left_out) == (following.MOST, 1)


def test_a_thousand_wishes_for_one_address_are_bounded(client: Client) -> None:
    codes = [
        "ES",
        "IT",
        "FR",
        "DE",
        "PT",
        "BE",
        "NL",
        "LU",
        "AT",
        "PL",
        "CZ",
        "SK",
        "SI",
        "HR",
        "HU",
        "RO",
        "BG",
    ]
    for code in [*codes, "EL", "CY", "MT", "IE", "DK", "SE", "FI", "EE"]:
        ask(key=code)

    follower = Follower.objects.get()
    page = client.get(reverse("news:follows_mine", args=[code_of(follower)])).content.decode()
    assert follower.follows.count() == following.MOST_WAITING
    assert "5 more wishes were not taken" in page


def test_wishes_that_nobody_confirmed_are_forgotten_with_their_address() -> None:
    ask()
    make_follower("bruno@example.eu", ("place", ZARAGOZA))
    Follower.objects.update(made_at=timezone.now() - timedelta(days=8))
    Follow.objects.update(made_at=timezone.now() - timedelta(days=8))

    following.forget_old()

    assert list(Follower.objects.values_list("address", flat=True)) == ["bruno@example.eu"]
    assert not Outbox.objects.filter(key__startswith="follow:").exists()


@pytest.mark.parametrize(
    "query",
    [
        "place=nowhere-1",
        "topic=nothing-of-that-kind",
        "organisation=none",
        "practice=gone",
        "objective=z",
        "search=1",
    ],
)
def test_there_is_nothing_to_follow_that_is_unknown(client: Client, query: str) -> None:
    assert client.get(f"/news/follow/?{query}").status_code == 404
    assert client.post(f"/news/follow/?{query}", SENT).status_code == 404


def test_a_withdrawn_practice_cannot_be_followed(client: Client) -> None:
    gone = make_practice("Gone", state="withdrawn")

    assert client.get(f"/news/follow/?practice={gone.slug}").status_code == 404


@pytest.mark.parametrize(
    "address", ["ana@example.eu\r\nBcc: all@example.eu", "ana", "", "a@b", "ana@example.eu,bruno@example.eu"]
)
def test_what_is_no_address_is_told_so(client: Client, address: str) -> None:
    answer = client.post(PAGE, {**SENT, "email": address})

    assert (answer.status_code, Follower.objects.count()) == (422, 0)


def test_only_what_is_ticked_is_followed() -> None:
    ask()
    ask(key="IT")
    follower = Follower.objects.get()
    chosen = follower.follows.get(key=ZARAGOZA)

    following.confirm(follower, [chosen.pk])

    assert list(follower.follows.values_list("key", flat=True)) == [ZARAGOZA]


def test_no_wish_is_ticked_before_its_owner_ticks_it_and_no_box_is_no_answer(client: Client) -> None:
    ask()
    ask(key="IT")
    follower = Follower.objects.get()
    page, yes = (reverse(f"news:follows_{name}", args=[code_of(follower)]) for name in ("mine", "confirm"))
    shown = [row.pk for row in follower.follows.all()]

    asked = client.get(page).content.decode()
    bare = client.post(yes, {"shown": shown})
    kept = follower.follows.waiting().count()
    answer = client.post(yes, {"shown": shown, "follow": shown[1]})

    boxes = re.findall(r'<input type="checkbox" name="follow"[^>]*>', asked)
    assert [len(boxes), any("checked" in box for box in boxes)] == [2, False]
    assert [bare.status_code, "Nothing was ticked" in bare.content.decode(), kept] == [422, True, 2]
    assert answer.status_code == 302
    assert [(row.key, row.confirmed_at is not None) for row in follower.follows.all()] == [("IT", True)]


def test_of_one_wish_the_button_alone_says_yes_and_another_says_no(client: Client) -> None:
    for address in ("ana@example.eu", "bruno@example.eu"):
        ask(address)
    wishes = {row.follower.address: row for row in Follow.objects.all()}
    ana, bruno = wishes["ana@example.eu"], wishes["bruno@example.eu"]

    page = client.get(reverse("news:follows_mine", args=[code_of(ana.follower)])).content.decode()
    form = dict(re.findall(r'<input type="hidden" name="(shown|follow)" value="(\d+)">', page))
    client.post(reverse("news:follows_confirm", args=[code_of(ana.follower)]), form)
    no = {"shown": bruno.pk, "follow": bruno.pk, "none": "1"}
    client.post(reverse("news:follows_confirm", args=[code_of(bruno.follower)]), no)

    assert form == {"shown": str(ana.pk), "follow": str(ana.pk)}
    assert 'type="checkbox" name="follow"' not in page
    assert list(Follower.objects.confirmed().values_list("address", flat=True)) == ["ana@example.eu"]
    assert not Follower.objects.filter(address="bruno@example.eu").exists()


def test_who_follows_already_can_drop_what_others_wished_for_it(client: Client) -> None:
    follower = make_follower("ana@example.eu", ("place", ZARAGOZA))
    ask(key="IT")
    ask(key="MT")

    shown = [row.pk for row in follower.follows.waiting()]
    client.post(reverse("news:follows_confirm", args=[code_of(follower)]), {"shown": shown, "none": "1"})

    assert list(follower.follows.values_list("key", flat=True)) == [ZARAGOZA]


def test_nobody_confirms_what_another_asked_for() -> None:
    ask()
    ask("bruno@example.eu")
    mine, other = Follow.objects.order_by("pk")

    following.confirm(mine.follower, [mine.pk, other.pk])

    other.refresh_from_db()
    assert other.confirmed_at is None


def test_with_the_last_thing_the_address_goes() -> None:
    follower = make_follower("ana@example.eu", ("place", ZARAGOZA), ("place", "ES"))
    first, second = follower.follows.all()

    assert [following.drop(first), following.drop(second)] == [True, False]
    assert Follower.objects.count() == 0


def test_of_two_changes_at_once_the_second_is_told(client: Client) -> None:
    follower = make_follower("ana@example.eu", ("place", ZARAGOZA))
    change = reverse("news:follows_change", args=[code_of(follower)])
    sent = {
        "rhythm": "daily",
        "hour": "9",
        "weekday": "2",
        "zone": "Europe/Madrid",
        "language": "es",
        "version": "1",
    }

    first, second = client.post(change, sent), client.post(change, {**sent, "rhythm": "monthly"})

    follower.refresh_from_db()
    assert (first.status_code, second.status_code) == (302, 409)
    assert (follower.rhythm, follower.language, follower.hour) == ("daily", "es", 9)


@pytest.mark.parametrize(
    "wrong", [{"rhythm": "hourly"}, {"hour": "24"}, {"weekday": "7"}, {"zone": "../etc/passwd"}]
)
def test_a_rhythm_that_is_none_is_told_so(client: Client, wrong: dict[str, str]) -> None:
    follower = make_follower("ana@example.eu", ("place", ZARAGOZA))
    sent = {
        "rhythm": "daily",
        "hour": "9",
        "weekday": "2",
        "zone": "Europe/Madrid",
        "language": "es",
        "version": "1",
    }

    answer = client.post(reverse("news:follows_change", args=[code_of(follower)]), {**sent, **wrong})

    assert answer.status_code == 422


def test_a_code_that_is_none_opens_nothing(client: Client) -> None:
    make_follower("ana@example.eu", ("place", ZARAGOZA))

    for name in ("mine", "stop", "refuse"):
        assert (
            client.get(reverse(f"news:follows_{name}", args=["AAAA-BBBB-CCCC-DDDD-EEEE"])).status_code == 404
        )


def test_stopping_takes_what_waits_to_be_sent() -> None:
    ask()
    follower = Follower.objects.get()

    following.stop(follower)

    assert Outbox.objects.count() == 0


def test_who_stopped_at_the_same_moment_is_told_that_nothing_is_there(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = make_follower("ana@example.eu", ("place", ZARAGOZA))
    address = reverse("news:follows_confirm", args=[code_of(follower)])
    monkeypatch.setattr(following, "by_code", lambda code: follower)
    following.stop(follower)

    assert client.post(address).status_code == 404


def test_a_search_of_several_values_is_followed_as_it_is(client: Client) -> None:
    answer = client.post("/news/follow/?search=1&q=housing&country=IT&country=BG&page=2", SENT)

    assert answer.headers["Location"] == "/news/follow/?search=1&q=housing&country=BG&country=IT&sent=1"
    assert Follow.objects.get().key == "q=housing&country=BG&country=IT"


def test_wishes_for_who_wants_to_be_asked_no_more_are_looked_at_once() -> None:
    ask()
    following.refuse(Follower.objects.get())
    Asked.objects.update(at=timezone.now() - timedelta(days=30))
    Outbox.objects.all().delete()

    ask()

    assert (following.ask_again(), Outbox.objects.count()) == (0, 0)
    assert not Follow.objects.filter(told=False).exists()


def test_what_a_run_queues_at_the_moment_of_stopping_goes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The row goes first, so that a run which holds it is waited for; then the mails, those of that run among them."""
    follower = make_follower("ana@example.eu", ("place", ZARAGOZA))
    there: list[bool] = []

    def forget(beginning: str) -> int:
        there.append(Follower.objects.exists())
        return 0

    monkeypatch.setattr(mail, "forget", forget)

    following.stop(follower)

    assert there == [False] * 3


def test_a_wish_has_seven_days_also_where_an_older_one_was_left_alone() -> None:
    ask()
    Follower.objects.update(made_at=timezone.now() - timedelta(days=8))
    Follow.objects.update(made_at=timezone.now() - timedelta(days=8))
    ask(key="ES")

    following.forget_old()
    assert list(Follow.objects.values_list("key", flat=True)) == ["ES"]
    Follow.objects.update(made_at=timezone.now() - timedelta(days=8))
    following.forget_old()

    assert not Follower.objects.exists()


def test_the_private_page_leads_on_in_its_own_language(client: Client) -> None:
    follower = make_follower("ana@example.eu", ("place", ZARAGOZA))

    page = client.get("/de" + reverse("news:follows_mine", args=[code_of(follower)])).content.decode()

    assert f'href="/de/places/zaragoza-{ZARAGOZA}/"' in page


def test_the_private_page_takes_the_same_queries_for_one_thing_of_a_kind_and_for_twenty(
    client: Client, count_queries: Any
) -> None:
    practices = [make_practice(f"Doors {number}") for number in range(4)]
    bodies = [make_organisation(f"Body {number}") for number in range(4)]
    rows = [
        *(
            ("place", str(pk))
            for pk in Place.objects.filter(kind="locality").values_list("pk", flat=True)[:4]
        ),
        *(("practice", one.slug) for one in practices),
        *(("organisation", one.slug) for one in bodies),
        *(("newsletter", one.slug) for one in bodies),
        *(("objective", letter) for letter in "abcd"),
        *(("search", f"q=doors+{number}&objective=c&place=3104324") for number in range(4)),
    ]
    address = "/news/follows/{}/"
    few = address.format(code_of(make_follower("", *rows[::4])))
    many = address.format(code_of(make_follower("", *rows)))
    client.get(few)

    asked = []
    for page in (few, many):
        with count_queries() as counted:
            shown = client.get(page).content.decode()
        asked.append((len(counted), shown.count("/drop/")))

    assert [number for _queries, number in asked] == [6, 24]
    assert asked[0][0] == asked[1][0]


def test_what_is_wished_for_while_the_page_is_open_goes_on_waiting(client: Client) -> None:
    first, second = ask(), ask(key="MT")
    assert first is not None
    assert second is not None
    page = client.get(f"/news/follows/{code_of(first.follower)}/").content.decode()
    shown = re.findall(r'name="shown" value="(\d+)"', page)
    ask(key="IT")

    client.post(f"/news/follows/{code_of(first.follower)}/confirm/", {"follow": first.pk, "shown": shown})

    assert sorted(map(int, shown)) == [first.pk, second.pk]
    assert {row.key: row.confirmed_at is not None for row in Follow.objects.all()} == {
        ZARAGOZA: True,
        "IT": False,
    }
