"""Sending in several drafts at once: each by the rules of one, what lacks something is named, and twice changes nothing."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from koinon.journal.models import Entry
from koinon.mail import actions as mail
from koinon.mail.models import Outbox
from koinon.network.models import Organisation
from koinon.network.testing import make_organisation
from koinon.network.visitor import visitor_for
from koinon.people.models import Person
from koinon.practices.actions import writing
from koinon.practices.exchange import actions as exchange
from koinon.practices.models import Practice
from koinon.practices.testing import make_practice
from koinon.practices.tests.helping import browser, somebody
from koinon.practices.tests.sheets import csv_of, rows_of

pytestmark = pytest.mark.django_db
ADDRESS = "/practices/mine/send/"


@pytest.fixture
def centre(db: None) -> Organisation:
    return make_organisation(kind="centre")


@pytest.fixture
def manager(centre: Organisation) -> Person:
    return somebody("manager", centre)


def drafts(organisation: Organisation, number: int = 3, **more: Any) -> list[Practice]:
    return [make_practice(state="draft", organisation=organisation, **more) for _ in range(number)]


def send(client: Client, practices: Sequence[Practice], *more: str) -> Any:
    return client.post(ADDRESS, {"practice": [*(practice.slug for practice in practices), *more]})


def states(practices: Sequence[Practice]) -> list[str]:
    return [Practice.objects.get(pk=practice.pk).versions.get().state for practice in practices]


def test_what_came_from_a_file_is_sent_in_at_once(centre: Organisation, manager: Person) -> None:
    by = visitor_for(manager)
    run = exchange.begin(csv_of(rows_of(200)), by=by, organisation=centre, name="a.csv", language="en")
    exchange.take_in(run, by=by)
    hers = browser(manager)

    for address in (f"{run.get_absolute_url()}?page=2&tick=all", "/practices/mine/?page=2&tick=all"):
        shown = hers.get(address).content.decode()
        ticked = re.findall('name="practice" value="([^"]+)" checked', shown)
        assert len(ticked) == 100
        answer = hers.post(ADDRESS, {"practice": ticked, "csrfmiddlewaretoken": "x"})
        assert answer.status_code == 200
        assert "100 practices were sent in for review" in answer.content.decode()

    assert {row.state for row in Practice.objects.all()} == {"submitted"}
    assert {row.centre for row in Practice.objects.select_related("centre")} == {centre}
    assert Entry.objects.filter(verb="practice.submitted").count() == 200


def test_whoever_decides_gets_one_mail_of_many(centre: Organisation, manager: Person) -> None:
    editor = somebody("editor", centre)

    send(browser(editor), drafts(centre, 5))
    mail.send_due()

    assert list(Outbox.objects.values_list("to", flat=True).distinct()) == [manager.email]
    assert Outbox.objects.filter(state=Outbox.State.SENT).count() == 1
    assert Outbox.objects.filter(state=Outbox.State.JOINED).count() == 4


def test_what_lacks_something_stays_a_draft_and_is_named_with_what_it_lacks(
    centre: Organisation, manager: Person
) -> None:
    whole, bare = drafts(centre, 2)
    bare.versions.update(summary="", challenge="")
    bare.versions.get().places.clear()

    answer = send(browser(manager), [whole, bare])

    page = answer.content.decode()
    assert answer.status_code == 200
    assert states([whole, bare]) == ["submitted", "draft"]
    assert "1 practice was sent in for review" in page
    assert f'<a href="/practices/{bare.slug}/edit/"' in page
    assert "In one sentence, The challenge, Where" in page
    alone = send(browser(manager), [bare])
    assert alone.status_code == 422
    assert "Nothing more was sent in" in alone.content.decode()


def test_the_second_time_changes_nothing(centre: Organisation, manager: Person) -> None:
    hers, practices = browser(manager), drafts(centre)
    send(hers, practices)
    before = (Entry.objects.count(), Outbox.objects.count())

    again = send(hers, practices)

    assert again.status_code == 200
    assert "3 are in review already; nothing changed." in again.content.decode()
    assert (Entry.objects.count(), Outbox.objects.count()) == before
    assert states(practices) == ["submitted"] * 3


def test_of_two_at_once_the_second_finds_them_sent(centre: Organisation) -> None:
    one, two = (visitor_for(somebody("editor", centre)) for _ in range(2))
    versions = [practice.versions.get() for practice in drafts(centre)]
    stale = [practice.versions.get() for practice in Practice.objects.order_by("pk")]

    first = writing.submit_several(versions, by=one)
    second = writing.submit_several(stale, by=two)

    assert (len(first.sent), len(first.already)) == (3, 0)
    assert (len(second.sent), len(second.already)) == (0, 3)
    assert Entry.objects.filter(verb="practice.submitted").count() == 3


def test_one_that_is_not_ones_own_keeps_no_other_back_and_is_not_told_apart(
    centre: Organisation, manager: Person
) -> None:
    own, foreign = *drafts(centre, 1), *drafts(make_organisation(), 1)
    gone = make_practice(state="draft", organisation=centre)
    slug = gone.slug
    gone.delete()

    answer = send(browser(manager), [own, foreign], slug, "no-such", "\x00")

    assert answer.status_code == 200
    assert "4 are not there any more, or not yours to send in." in answer.content.decode()
    assert states([own, foreign]) == ["submitted", "draft"]
    assert send(browser(manager), [foreign]).status_code == 404
    assert send(browser(manager), [], "no-such").status_code == 404


def test_what_one_may_read_and_not_send_in_is_refused(centre: Organisation, manager: Person) -> None:
    public = make_practice(organisation=centre, centre=centre)

    assert send(browser(manager), [public]).status_code == 403
    assert states([public]) == ["published"]


def test_what_is_deleted_at_this_moment_is_left_out(centre: Organisation, manager: Person) -> None:
    kept, gone = drafts(centre, 2)
    versions = [gone.versions.get(), kept.versions.get()]
    gone.delete()

    done = writing.submit_several(versions, by=visitor_for(manager))

    assert done.sent == [kept.versions.get()]
    assert done.refused == versions[:1]


def test_it_is_bounded_and_nothing_ticked_is_said(centre: Organisation, manager: Person) -> None:
    hers = browser(manager)

    assert send(hers, drafts(centre, 1), *(f"a-{n}" for n in range(100))).status_code == 400
    empty = hers.post(ADDRESS)
    assert empty.status_code == 422
    assert "Nothing was ticked" in empty.content.decode()
    assert hers.get(ADDRESS).status_code == 405
    with pytest.raises(ValueError, match="too many"):
        writing.submit_several([drafts(centre, 1)[0].versions.get()] * 101, by=visitor_for(manager))


def test_only_what_can_be_sent_in_has_a_box(centre: Organisation, manager: Person) -> None:
    hers = browser(manager)
    draft = drafts(centre, 1)[0]
    asked = make_practice(state="changes", organisation=centre)
    others = [make_practice(state=state, organisation=centre) for state in ("submitted", "published")]

    page = hers.get("/practices/mine/").content.decode()
    ticked = hers.get("/practices/mine/?tick=all").content.decode()

    boxes = [row.slug for row in (draft, asked, *others) if f'name="practice" value="{row.slug}"' in page]
    assert boxes == [draft.slug, asked.slug]
    assert " checked>" not in page
    assert ticked.count(" checked>") == 2
    Practice.objects.exclude(pk=others[1].pk).delete()
    assert "Send in the ticked ones" not in hers.get("/practices/mine/").content.decode()


def test_the_list_of_ones_own_has_pages_and_costs_the_same(
    centre: Organisation, manager: Person, count_queries: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from koinon.practices.views import writing as views

    hers = browser(manager)
    drafts(centre, 1)
    hers.get("/practices/mine/")
    with count_queries() as few:
        hers.get("/practices/mine/")
    drafts(centre, 4)
    with count_queries() as many:
        hers.get("/practices/mine/")
    assert len(many) == len(few)

    monkeypatch.setattr(views, "A_PAGE", 2)
    last = hers.get("/practices/mine/?page=3&tick=all").content.decode()
    assert last.count('name="practice"') == 1
    assert 'href="/practices/mine/?page=3"' in last
    assert (
        'href="/practices/mine/?page=2&amp;tick=all"' in hers.get("/practices/mine/?page=2").content.decode()
    )


def test_the_action_asks_who_may(centre: Organisation) -> None:
    version = drafts(centre, 1)[0].versions.get()
    stranger = visitor_for(somebody("manager", make_organisation()))

    assert writing.submit_several([version], by=stranger).refused == [version]
    with pytest.raises(PermissionDenied):
        writing.submit(version, by=stranger)
