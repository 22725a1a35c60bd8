"""News is drafted by who works for a body, published by who answers for it, corrected in the open, withdrawn with a reason."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone, translation

from koinon.journal import fresh
from koinon.network.models import Organisation, Role
from koinon.network.testing import make_organisation
from koinon.network.visitor import ANYONE, Visitor, visitor_for
from koinon.news import digesting, listing, reported
from koinon.news.actions import items
from koinon.news.actions.items import Words
from koinon.news.fresh import load
from koinon.news.models import Item
from koinon.news.testing import make_follower
from koinon.people.models import Person
from koinon.people.testing import come_in, make_person
from koinon.places.models import Place
from koinon.practices.testing import make_practice
from tests.standing import forget_all

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def anew() -> None:
    forget_all()
    listing.forget()


@pytest.fixture
def body() -> Organisation:
    return make_organisation("Centre of Malta", country="MT")


def somebody(kind: str, body: Organisation) -> Person:
    person = make_person()
    Role.objects.create(person=person, kind=kind, organisation=body)
    return person


@pytest.fixture
def manager(body: Organisation) -> Visitor:
    return visitor_for(somebody(Role.Kind.MANAGER, body))


def said(title: str = "A door opens", **more: Any) -> Words:
    values: dict[str, Any] = {"language": "en", "lead": "In spring.", "text": "Come and see."}
    return Words(title, **(values | more))


def published(body: Organisation, manager: Visitor, **more: Any) -> Item:
    item = items.draft(said(**more), by=manager, organisation=body)
    return items.publish(item, by=manager, version=item.version)


def test_an_editor_drafts_and_a_manager_publishes(body: Organisation, manager: Visitor) -> None:
    editor = visitor_for(somebody(Role.Kind.EDITOR, body))
    item = items.draft(said(), by=editor, organisation=body)

    with pytest.raises(PermissionDenied):
        items.publish(item, by=editor, version=1)
    assert not Item.objects.seen_by(ANYONE).exists()
    done = items.publish(item, by=manager, version=1)

    assert list(Item.objects.seen_by(ANYONE)) == [done]


def test_of_two_at_once_the_second_is_told(body: Organisation, manager: Visitor) -> None:
    item = items.draft(said(), by=manager, organisation=body)
    items.change(item, said("First"), by=manager, version=1)

    with pytest.raises(items.Changed):
        items.change(item, said("Second"), by=manager, version=1)

    assert Item.objects.get().title == "First"


def test_publishing_twice_is_publishing_once(body: Organisation, manager: Visitor) -> None:
    item = published(body, manager)
    before = fresh.newest()

    items.publish(item, by=manager, version=1)

    assert fresh.newest() == before


def test_a_correction_is_told_on_the_page_and_makes_translations_outdated(
    client: Client, body: Organisation, manager: Visitor
) -> None:
    item = published(body, manager)
    items.translate(item, by=manager, language="mt", title="Bieb jinfetaħ", lead="", text="", of=1)
    now = items.correct(
        item, said("Two doors open"), by=manager, version=item.version, correction="Two, not one."
    )

    page = client.get(now.get_absolute_url()).content.decode()
    with translation.override("mt"):
        state = Item.objects.get().read().state

    assert "Two, not one." in page
    assert state == "outdated"


def test_what_is_withdrawn_is_gone_with_its_reason(
    client: Client, body: Organisation, manager: Visitor
) -> None:
    item = published(body, manager)
    items.withdraw(item, by=manager, because="It was not so.")

    answer = client.get(item.get_absolute_url())

    assert (answer.status_code, "It was not so." in answer.content.decode()) == (410, True)
    assert "A door opens" not in answer.content.decode()
    assert [list(load([str(item.pk)])), [row.title for row in listing.rows()]] == [[], []]


def test_what_has_expired_stays_readable_and_nobody_is_told_of_it(
    client: Client, body: Organisation, manager: Visitor
) -> None:
    item = published(body, manager, expires_on=timezone.localdate() - timedelta(days=1))

    answer = client.get(item.get_absolute_url())

    assert (answer.status_code, "This held until" in answer.content.decode()) == (200, True)
    assert list(load([str(item.pk)])) == []


def test_published_news_is_told_to_those_who_follow_its_place(body: Organisation, manager: Visitor) -> None:
    follower = make_follower("ana@example.eu", ("place", "MT"))
    published(body, manager, places=tuple(Place.objects.filter(pk="MT")))
    published(body, manager, title="Elsewhere", places=tuple(Place.objects.filter(pk="FI")))

    assert digesting.run() == 1
    from koinon.mail.models import Outbox

    text = Outbox.objects.get(to=follower.address).text
    assert ["A door opens" in text, "Elsewhere" in text] == [True, False]


def test_the_list_is_filtered_and_leaves_as_files(
    client: Client, body: Organisation, manager: Visitor
) -> None:
    published(body, manager, places=tuple(Place.objects.filter(pk="MT")), topics=("childcare",))
    published(body, manager, title="Another")
    listing.forget()

    page = client.get("/news/?topic=childcare&country=MT").content.decode()
    files = {name: client.get(f"/news/?format={name}").status_code for name in listing.LISTING.formats}

    assert ["A door opens" in page, "Another" in page] == [True, False]
    assert set(files.values()) == {200}
    assert client.get("/news/?kind=nothing").status_code == 400
    assert client.get("/news/?place=nowhere").status_code == 400


TOLD = {"Within": "3104324", "Here": "ES2", "Above": "ES", "Beside": "ES5", "Elsewhere": "IT", "Europe": ""}


@pytest.mark.parametrize(
    ("place", "lead", "left_out"),
    [
        (
            "zaragoza-3104324",
            "For Zaragoza and for what it lies in, up to all of Europe.",
            {"Beside", "Elsewhere"},
        ),
        (
            "ES2",
            "For Noreste, for what lies in it, and for what it lies in, up to all of Europe.",
            {"Beside", "Elsewhere"},
        ),
        (
            "ES",
            "For Spain, for what lies in it, and for what it lies in, up to all of Europe.",
            {"Elsewhere"},
        ),
        ("EU", "For all of Europe, and for every place in it.", set()),
    ],
)
def test_the_page_says_first_what_it_lists(
    client: Client, body: Organisation, manager: Visitor, place: str, lead: str, left_out: set[str]
) -> None:
    for title, code in TOLD.items():
        published(body, manager, title=title, places=tuple(Place.objects.filter(pk=code)))
    listing.forget()

    page = client.get("/news/", {"place": place}).content.decode()

    words = " ".join(re.sub(r"<[^>]+>", "", page[page.index("</h1>") :]).split())
    assert words.startswith(lead)
    assert set(re.findall(r"<h2><a [^>]*>([^<]+)</a></h2>", page)) == TOLD.keys() - left_out


def test_what_the_list_is_held_to_is_named_also_where_it_has_no_box(
    client: Client, body: Organisation, manager: Visitor
) -> None:
    practice = make_practice("A café")
    published(body, manager, topics=("childcare",))
    listing.forget()
    asked = {"topic": "childcare", "kind": "news", "organisation": body.slug}

    page = client.get("/news/", asked).content.decode()
    other = client.get("/news/", {"practice": practice.slug, "organisation": "nobody"}).content.decode()
    bare = client.get("/news/").content.decode()

    def facts(text: str) -> list[tuple[str, str]]:
        return re.findall(r"<dt>([^<]+)</dt><dd><bdi>([^<]+)</bdi></dd>", text)

    assert facts(page) == [("Kind", "News"), ("Topic", "childcare"), ("Body", body.name)]
    assert facts(other) == [("Body", "nobody"), ("Practice", "A café")]
    assert ["A door opens" in page, "A door opens" in other] == [True, False]
    assert ["each of these" in text for text in (page, other, bare)] == [True, True, False]


def test_items_are_written_over_the_web(client: Client, body: Organisation) -> None:
    come_in(client, somebody(Role.Kind.MANAGER, body))
    sent = {
        "organisation": str(body.pk),
        "language": "en",
        "title": "Follow",
        "places": "MT",
        "topics": "childcare",
    }

    answer = client.post("/news/new/", sent)
    item = Item.objects.get()
    assert (answer.status_code, item.slug) == (302, "follow-2")
    client.post(f"/news/{item.slug}/publish/", {"version": "1"})
    corrected = {**sent, "title": "Followed", "version": "2", "correction": "A letter."}
    assert client.post(f"/news/{item.slug}/edit/", {**corrected, "version": "1"}).status_code == 409
    assert client.post(f"/news/{item.slug}/edit/", {**corrected, "correction": ""}).status_code == 422
    assert client.post(f"/news/{item.slug}/edit/", corrected).status_code == 302
    assert (
        client.post(f"/news/{item.slug}/translate/", {"language": "mt", "title": "X", "of": "1"}).status_code
        == 302
    )
    assert client.post(f"/news/{item.slug}/withdraw/", {"because": "So."}).status_code == 302
    assert client.get("/news/mine/").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"language": "xx"},
        {"places": "Nowhere at all"},
        {"expires_on": "0001-01-01"},
        {"source_url": "javascript:alert(1)"},
    ],
)
def test_what_is_wrong_is_told(client: Client, body: Organisation, wrong: dict[str, str]) -> None:
    come_in(client, somebody(Role.Kind.MANAGER, body))
    sent = {"organisation": str(body.pk), "language": "en", "title": "A title"}

    assert client.post("/news/new/", {**sent, **wrong}).status_code == 422


def test_the_api_tells_what_is_new_and_takes_wishes(
    client: Client, body: Organisation, manager: Visitor
) -> None:
    published(body, manager)
    listing.forget()
    wish = {"email": "ana@example.eu", "kind": "place", "key": "MT"}

    def tell(**more: Any) -> int:
        return client.post("/api/v1/follows", {**wish, **more}, content_type="application/json").status_code

    told = client.get("/api/v1/news").json()
    assert [one["title"] for one in told["items"]] == ["A door opens"]
    assert client.get("/api/v1/news?nothing=1").status_code == 422
    assert [tell(), tell()] == [202, 202]
    wrong: list[dict[str, Any]] = [
        {"key": "none-1"},
        {"email": "x"},
        {"zone": "../x"},
        {"rhythm": "never"},
        {"lang": "xx"},
        {"more": 1},
    ]
    assert [tell(**one) for one in wrong] == [422] * len(wrong)


def test_what_was_published_meanwhile_is_not_thrown_away(body: Organisation, manager: Visitor) -> None:
    seen = items.draft(said(), by=manager, organisation=body)
    items.publish(Item.objects.get(), by=manager, version=1)

    with pytest.raises(PermissionDenied):
        items.delete(seen, by=manager)

    assert Item.objects.get().state == "published"


def test_throwing_away_and_withdrawing_twice_is_done_once(body: Organisation, manager: Visitor) -> None:
    draft = items.draft(said(), by=manager, organisation=body)
    item = published(body, manager, title="Another")
    two = [Item.objects.get(pk=item.pk) for _ in range(2)]
    items.delete(draft, by=manager)
    items.withdraw(two[0], by=manager, because="It was not so.")
    before = fresh.newest()

    items.delete(Item(pk=draft.pk, organisation=body), by=manager)
    again = items.withdraw(two[1], by=manager, because="Another reason.")

    assert (again.withdrawn_because, fresh.newest()) == ("It was not so.", before)


def test_of_two_translations_into_one_language_the_second_sees_both(
    client: Client, body: Organisation, manager: Visitor
) -> None:
    item = published(body, manager)
    come_in(client, somebody(Role.Kind.MANAGER, body))
    address = f"/news/{item.slug}/translate/"
    first = {"language": "mt", "title": "Bieb jinfetaħ", "of": "1"}
    assert [client.post(address, first).status_code for _ in range(2)] == [302, 302]

    second = client.post(address, first | {"title": "Another door"})

    page = second.content.decode()
    there = item.texts.get()
    assert (second.status_code, there.title) == (409, "Bieb jinfetaħ")
    assert ["Bieb jinfetaħ" in page, "Another door" in page, there.mark in page] == [True] * 3
    seen = first | {"title": "Another door", "seen": there.mark}
    assert client.post(address, seen).status_code == 302
    assert item.texts.get().title == "Another door"


def test_a_translation_is_of_no_version_that_is_still_to_come(body: Organisation, manager: Visitor) -> None:
    item = published(body, manager)

    row = items.translate(item, by=manager, language="mt", title="X", lead="", text="", of=999)

    assert row.of == item.words


def test_why_something_was_taken_off_after_a_notice_is_not_for_all_to_read(
    client: Client, body: Organisation, manager: Visitor
) -> None:
    item = published(body, manager)

    reported.withdraw(item.slug, "law", "Kanarie of the decision", manager)

    assert manager.person is not None
    writer = come_in(Client(), manager.person)
    for page in (client.get(item.get_absolute_url()), writer.get(item.get_absolute_url())):
        assert "It was reported" in page.content.decode()
        assert "Kanarie" not in page.content.decode()
    reported.restore(item.slug, manager)
    assert Item.objects.get().state == "published"


def test_a_complaint_does_not_bring_back_what_its_body_withdrew(body: Organisation, manager: Visitor) -> None:
    item = published(body, manager)
    items.withdraw(item, by=manager, because="It was not so.")

    reported.restore(item.slug, manager)

    assert Item.objects.get().state == "withdrawn"


def test_a_form_sent_twice_begins_one_item(client: Client, body: Organisation) -> None:
    come_in(client, somebody(Role.Kind.MANAGER, body))
    sent = {"organisation": str(body.pk), "language": "en", "title": "A door", "nonce": "nonce-of-the-test"}

    answers = [client.post("/news/new/", sent) for _ in range(2)]
    client.post("/news/new/", sent | {"title": "Two doors"})

    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert sorted(Item.objects.values_list("title", flat=True)) == ["A door", "Two doors"]
