"""A newsletter goes once, to those who asked for it and fit, after a second person released it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from koinon.mail.models import Outbox
from koinon.network.models import Organisation, Role
from koinon.network.testing import make_organisation
from koinon.network.visitor import Visitor, visitor_for
from koinon.news import digesting, panel
from koinon.news.actions import following, letters
from koinon.news.models import Follower, Letter
from koinon.news.testing import make_follower
from koinon.people.models import Person
from koinon.people.testing import come_in, make_person
from koinon.places.models import Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def body() -> Organisation:
    return make_organisation("Centre of Malta", country="MT")


def working(kind: str, body: Organisation) -> Person:
    person = make_person()
    Role.objects.create(person=person, kind=kind, organisation=body)
    return person


@pytest.fixture
def author(body: Organisation) -> Visitor:
    return visitor_for(working(Role.Kind.MANAGER, body))


@pytest.fixture
def second(body: Organisation) -> Visitor:
    return visitor_for(working(Role.Kind.MANAGER, body))


def written(body: Organisation, author: Visitor, **more: Any) -> Letter:
    values: dict[str, Any] = {
        "title": "Of this autumn",
        "text": "Two answers.\n\nOne call.",
        "language": "en",
    }
    letter = letters.draft(by=author, organisation=body, **(values | more))
    return letters.hand_over(letter, by=author, version=1)


def subscribed(body: Organisation, many: int = 6, *more: tuple[str, str], **values: Any) -> list[Follower]:
    return [make_follower("", ("newsletter", body.slug), *more, **values) for _number in range(many)]


def test_it_goes_once_to_those_who_confirmed_that_they_want_it(
    body: Organisation, author: Visitor, second: Visitor
) -> None:
    subscribed(body)
    subscribed(body, confirmed=False)
    make_follower("", ("place", "MT"))
    letter = written(body, author)
    letters.release(letter, by=second, version=2)

    sent = [letters.send_due(), letters.send_due()]
    letters.release(Letter.objects.get(), by=second, version=2)

    assert (sent, letters.send_due(), Outbox.objects.count()) == ([6, 0], 0, 6)
    assert (Letter.objects.get().state, Letter.objects.get().recipients) == ("sent", 6)
    assert Outbox.objects.first().headers["List-Unsubscribe-Post"]  # type: ignore[union-attr]


def test_who_wrote_it_does_not_release_it(body: Organisation, author: Visitor) -> None:
    letter = written(body, author)

    with pytest.raises(PermissionDenied):
        letters.release(letter, by=author, version=2)


def test_who_changes_it_last_is_its_author_and_it_has_to_be_handed_over_anew(
    body: Organisation, author: Visitor, second: Visitor
) -> None:
    letter = written(body, author)
    letters.change(letter, by=second, version=2, title="Another")
    row = letters.hand_over(Letter.objects.get(), by=second, version=3)

    with pytest.raises(PermissionDenied):
        letters.release(row, by=second, version=4)
    assert letters.release(row, by=author, version=4).state == "sending"


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ({}, 18),
        ({"reads": "mt"}, 6),
        ({"topic": "childcare"}, 6),
        ({"place": "ES2"}, 6),
        ({"body_kind": "municipality"}, 6),
    ],
)
def test_a_segment_holds_those_who_fit(
    body: Organisation, author: Visitor, segment: dict[str, Any], expected: int
) -> None:
    subscribed(body, 6, ("topic", "childcare"), language="mt")
    subscribed(body, 6, ("place", "3104324"))
    subscribed(body, 6, body_kind="municipality")
    if "place" in segment:
        segment = {"place": Place.objects.get(pk=segment["place"])}

    letter = written(body, author, **segment)

    assert letters.recipients(letter).count() == expected


def test_few_are_not_counted_and_a_segment_of_few_is_not_sent(
    body: Organisation, author: Visitor, second: Visitor
) -> None:
    subscribed(body, 4, language="mt")
    letter = written(body, author, reads="mt")

    assert str(letters.count(letter)) == "fewer than five"
    with pytest.raises(letters.TooFew):
        letters.release(letter, by=second, version=2)


def test_the_numbers_of_two_segments_do_not_tell_whether_one_person_is_in_one_of_them(
    client: Client, body: Organisation, author: Visitor, second: Visitor
) -> None:
    subscribed(body, 7, language="mt", body_kind="municipality")
    subscribed(body, 1, language="mt", body_kind="university")
    assert author.person is not None
    come_in(client, author.person)

    pages = [
        client.get(written(body, author, **segment).get_absolute_url()).content.decode()
        for segment in ({"reads": "mt"}, {"reads": "mt", "body_kind": "municipality"})
    ]

    assert [page.count("At least 5 people have asked") for page in pages] == [1, 1]
    assert ["8 people" in pages[0], "7 people" in pages[1]] == [False, False]


def test_it_can_be_stopped_while_it_is_sent(body: Organisation, author: Visitor, second: Visitor) -> None:
    subscribed(body)
    letter = letters.release(written(body, author), by=second, version=2)
    letters.send_due(most=1)

    letters.stop(letter, by=second)

    assert (letters.send_due(), Outbox.objects.count(), Letter.objects.get().state) == (0, 0, "stopped")


def test_who_stopped_meanwhile_gets_nothing(body: Organisation, author: Visitor, second: Visitor) -> None:
    gone, *_others = subscribed(body)
    letters.release(written(body, author), by=second, version=2)
    following.stop(gone)

    assert letters.send_due() == 5


def test_a_newsletter_is_no_part_of_a_digest(body: Organisation) -> None:
    subscribed(body, 1)

    assert digesting.run(timezone.now() + timedelta(days=9)) == 0


def test_a_test_goes_to_oneself_alone(client: Client, body: Organisation) -> None:
    person = working(Role.Kind.EDITOR, body)
    subscribed(body)
    come_in(client, person)
    sent = {"organisation": str(body.pk), "language": "en", "title": "Of this autumn", "text": "Two answers."}

    client.post("/news/letters/new/", sent)
    letter = Letter.objects.get()
    client.post(f"/news/letters/{letter.pk}/test/")

    assert [(one.to, one.subject) for one in Outbox.objects.all()] == [(person.email, "Test: Of this autumn")]


def test_the_archive_shows_what_was_sent_and_nothing_else(
    client: Client, body: Organisation, author: Visitor, second: Visitor
) -> None:
    subscribed(body)
    draft = written(body, author, title="Still a draft")
    sent = letters.release(written(body, author), by=second, version=2)
    letters.send_due()

    page = client.get("/news/letters/").content.decode()

    assert ["Of this autumn" in page, "Still a draft" in page] == [True, False]
    assert client.get(sent.get_absolute_url()).status_code == 200
    assert client.get(draft.get_absolute_url()).status_code == 404


def test_it_is_written_released_and_stopped_over_the_web(client: Client, body: Organisation) -> None:
    subscribed(body)
    other = Client()
    come_in(client, working(Role.Kind.MANAGER, body))
    come_in(other, working(Role.Kind.MANAGER, body))
    sent = {"organisation": str(body.pk), "language": "en", "title": "Of this autumn", "text": "Two answers."}
    client.post("/news/letters/new/", sent)
    page = f"/news/letters/{Letter.objects.get().pk}/"

    assert client.post(f"{page}edit/", {**sent, "title": "Anew", "version": "1"}).status_code == 302
    assert client.post(f"{page}edit/", {**sent, "version": "1"}).status_code == 409
    assert client.post(f"{page}ready/", {"version": "2"}).status_code == 302
    assert client.post(f"{page}release/", {"version": "3"}).status_code == 403
    assert other.post(f"{page}release/", {"version": "3"}).status_code == 302
    assert other.post(f"{page}release/", {"version": "3"}).status_code == 302
    assert "6 people have asked" not in other.get(page).content.decode()
    assert other.post(f"{page}stop/").status_code == 302
    assert Letter.objects.get().state == "stopped"


SENT = {"language": "en", "title": "Of this autumn", "text": "Two answers.\n\nOne call."}


@pytest.fixture
def two(body: Organisation, author: Visitor) -> tuple[Client, Client, Letter, str]:
    """Who wrote a letter and a second person, both with its page open; the letter, and the address of its page."""
    browsers = Client(), Client()
    second = working(Role.Kind.MANAGER, body)
    assert author.person is not None
    for browser, person in zip(browsers, (author.person, second), strict=True):
        come_in(browser, person)
    subscribed(body)
    letter = written(body, author)
    return *browsers, letter, letter.get_absolute_url()


def test_who_sends_what_was_changed_meanwhile_is_told_and_nothing_goes(
    two: tuple[Client, Client, Letter, str],
) -> None:
    author, second, letter, page = two
    author.post(f"{page}edit/", {**SENT, "text": "Another text.", "version": "2"})

    answer = second.post(f"{page}release/", {"version": "2"})

    assert answer.status_code == 409
    text = answer.content.decode()
    assert ["Somebody changed it meanwhile" in text, "Another text." in text] == [True, True]
    assert (letters.send_due(), Outbox.objects.count()) == (0, 0)
    assert Letter.objects.get(pk=letter.pk).state == "draft"


def test_who_writes_on_while_another_sends_is_told_and_keeps_the_words(
    two: tuple[Client, Client, Letter, str],
) -> None:
    author, second, letter, page = two
    second.post(f"{page}release/", {"version": "2"})

    for state in ("sending", "sent"):
        answer = author.post(f"{page}edit/", {**SENT, "text": "Too late a thought.", "version": "2"})
        text = answer.content.decode()
        assert answer.status_code == 409
        assert ["It was released meanwhile" in text, "Too late a thought." in text] == [True, True]
        assert Letter.objects.get(pk=letter.pk).state == state
        letters.send_due()

    assert Outbox.objects.count() == 6
    assert not Outbox.objects.filter(text__contains="Too late").exists()
    assert Outbox.objects.filter(text__contains="Two answers.").count() == 6


def test_who_gives_it_on_while_another_sends_is_told(two: tuple[Client, Client, Letter, str]) -> None:
    author, second, letter, page = two
    second.post(f"{page}release/", {"version": "2"})

    answer = author.post(f"{page}ready/", {"version": "1"})

    assert [answer.status_code, "Somebody changed it meanwhile" in answer.content.decode()] == [409, True]
    assert Letter.objects.get(pk=letter.pk).state == "sending"


def test_two_who_send_it_at_once_send_it_once_and_both_see_that_it_goes(
    two: tuple[Client, Client, Letter, str], body: Organisation
) -> None:
    _author, second, letter, page = two
    third = Client()
    come_in(third, working(Role.Kind.MANAGER, body))

    answers = [browser.post(f"{page}release/", {"version": "2"}) for browser in (second, third, second)]
    sent = [letters.send_due(), letters.send_due()]

    assert [answer.headers["Location"] for answer in answers] == [page] * 3
    assert (sent, Outbox.objects.count()) == ([6, 0], 6)
    row = Letter.objects.get(pk=letter.pk)
    assert (row.state, row.recipients) == ("sent", 6)


def test_who_is_late_and_may_not_send_is_still_refused(
    client: Client, two: tuple[Client, Client, Letter, str], body: Organisation
) -> None:
    author, _second, _letter, page = two
    author.post(f"{page}edit/", {**SENT, "version": "2"})
    come_in(client, working(Role.Kind.EDITOR, body))

    assert client.post(f"{page}release/", {"version": "2"}).status_code == 403


def test_the_page_of_a_body_shows_how_to_get_its_letters(
    client: Client, body: Organisation, author: Visitor, second: Visitor
) -> None:
    address = f"/news/follow/?newsletter={body.slug}"
    before = client.get(body.get_absolute_url()).content.decode()
    subscribed(body)
    letters.release(written(body, author), by=second, version=2)
    panel.forget()

    after = client.get(body.get_absolute_url()).content.decode()

    assert [address in page for page in (before, after)] == [False, True]
    assert client.get(address).status_code == 200


def test_what_was_released_meanwhile_is_stopped_and_not_thrown_away(
    body: Organisation, author: Visitor, second: Visitor
) -> None:
    subscribed(body)
    seen = written(body, author)
    letters.release(Letter.objects.get(pk=seen.pk), by=second, version=2)

    letters.stop(seen, by=author)

    assert Letter.objects.get(pk=seen.pk).state == "stopped"


def test_throwing_a_draft_away_twice_is_throwing_it_away_once(body: Organisation, author: Visitor) -> None:
    seen = written(body, author)
    again = Letter.objects.get(pk=seen.pk)

    letters.stop(seen, by=author)
    letters.stop(again, by=author)

    assert not Letter.objects.exists()


def test_a_form_sent_twice_begins_one_letter(client: Client, body: Organisation) -> None:
    come_in(client, working(Role.Kind.MANAGER, body))
    sent = {"organisation": str(body.pk), "language": "en", "title": "Of this autumn", "text": "Two answers."}
    sent |= {"nonce": "nonce-of-the-test"}

    answers = [client.post("/news/letters/new/", sent) for _ in range(2)]
    client.post("/news/letters/new/", sent | {"title": "Of the next"})

    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert sorted(Letter.objects.values_list("title", flat=True)) == ["Of the next", "Of this autumn"]
