"""The log: typed once, corrected without overwriting another, withdrawn with a reason, seen by its own people."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from koinon.network.models import Membership, Organisation, Role
from koinon.network.testing import make_consortium, make_membership, make_organisation, make_visitor
from koinon.network.visitor import ANYONE, Visitor
from koinon.people.testing import come_in, make_person
from koinon.reports.actions import log
from koinon.reports.actions.log import Changed, Said
from koinon.reports.models import Activity
from koinon.reports.testing import make_activity
from koinon.reports.words import Kind, Origin

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 5)


def said(title: str = "Round table", **more: Any) -> Said:
    values: dict[str, Any] = {"kind": Kind.MEETING, "language": "en", "first_day": DAY, "last_day": DAY}
    return Said(title=title, **(values | more))


@pytest.fixture
def body() -> Organisation:
    return make_organisation("Centre of Malta", country="MT")


@pytest.fixture
def editor(body: Organisation) -> Visitor:
    return make_visitor(Role.Kind.EDITOR, body)


def signed_in(client: Client, kind: str, body: Organisation) -> Client:
    person = make_person()
    Role.objects.create(person=person, kind=kind, organisation=body)
    return come_in(client, person, how="mfa", proved=True)


def form(body: Organisation, **more: Any) -> dict[str, Any]:
    values = {
        "organisation": body.pk,
        "kind": "meeting",
        "title": "Round table",
        "language": "en",
        "first_day": "2026-03-05",
        "places": "MT",
        "participants": "",
        "partners": "Province of Gozo\nProvince of Gozo\n",
        "nonce": "nonce-0001",
    }
    return values | more


def test_sent_twice_it_is_one(body: Organisation, editor: Visitor) -> None:
    first = log.log(said(), by=editor, organisation=body, nonce="nonce-0001")
    second = log.log(said(), by=editor, organisation=body, nonce="nonce-0001")

    assert first == second
    assert Activity.objects.get().origin == Origin.TYPED


def test_other_words_in_the_same_form_are_another_thing_and_not_lost(
    body: Organisation, editor: Visitor
) -> None:
    log.log(said("Round table"), by=editor, organisation=body, nonce="nonce-0001")

    log.log(said("Study visit"), by=editor, organisation=body, nonce="nonce-0001")

    assert sorted(Activity.objects.values_list("title", flat=True)) == ["Round table", "Study visit"]


def test_the_form_says_what_it_said_and_unknown_stays_unknown(client: Client, body: Organisation) -> None:
    browser = signed_in(client, Role.Kind.EDITOR, body)

    for _ in range(2):
        answer = browser.post(reverse("reports:activity_new"), form(body))

    row = Activity.objects.get()
    assert answer.headers["Location"] == row.get_absolute_url()
    assert (row.participants, row.countries, row.partners) == (None, ["MT"], ["Province of Gozo"])
    assert (row.first_day, row.last_day) == (DAY, DAY)
    assert "not known" in browser.get(row.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("title", ""),
        ("first_day", "yesterday"),
        ("first_day", "2999-01-01"),
        ("last_day", "2026-03-04"),
        ("participants", "-1"),
        ("participants", "many"),
        ("places", "Nowhere at all"),
        ("kind", "party"),
        ("link", "javascript:alert(1)"),
        ("partners", "\n".join(f"Body {n}" for n in range(61))),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    client: Client, body: Organisation, field: str, typed: str
) -> None:
    browser = signed_in(client, Role.Kind.EDITOR, body)

    answer = browser.post(reverse("reports:activity_new"), form(body, note="My note.") | {field: typed})

    assert answer.status_code == 422
    assert "My note." in answer.content.decode()
    assert not Activity.objects.exists()


def test_what_is_still_to_come_is_not_logged(client: Client, body: Organisation) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    browser = signed_in(client, Role.Kind.EDITOR, body)

    answer = browser.post(reverse("reports:activity_new"), form(body, first_day=tomorrow.isoformat()))

    assert answer.status_code == 422


def test_of_two_at_once_the_second_is_told_and_keeps_its_words(client: Client, body: Organisation) -> None:
    row = make_activity(body)
    browser = signed_in(client, Role.Kind.EDITOR, body)
    sent = form(body, version="1")

    browser.post(reverse("reports:activity_edit", args=[row.pk]), sent | {"title": "First"})
    answer = browser.post(reverse("reports:activity_edit", args=[row.pk]), sent | {"title": "Second"})

    assert answer.status_code == 409
    assert "First" in answer.content.decode()
    assert 'value="Second"' in answer.content.decode()
    row.refresh_from_db()
    assert (row.title, row.version) == ("First", 2)


def test_a_stale_version_is_refused(body: Organisation, editor: Visitor) -> None:
    row = make_activity(body)
    log.change(row, said("First"), by=editor, version=1)

    with pytest.raises(Changed):
        log.change(row, said("Second"), by=editor, version=1)


def test_what_the_house_says_otherwise_is_said_in_words(client: Client, body: Organisation) -> None:
    row = make_activity(body, origin=Origin.HOUSE, thing="cohort:1", corrected=True, places=["MT"])
    row.house = row.said | {
        "kind": "course",
        "language": "de",
        "first_day": "2026-03-04",
        "places": ["IT", "ITH5"],
        "participants": 5,
        "at_least": True,
    }
    row.save()
    browser = signed_in(client, Role.Kind.EDITOR, body)

    page = browser.get(row.get_absolute_url()).content.decode()

    for words in (
        ">course<",
        ">Deutsch<",
        date_format(date(2026, 3, 4), "DATE_FORMAT"),
        "Italy, ",
        ">at least 5<",
        ">Malta<",
        ">12<",
    ):
        assert words in page, words


def test_withdrawn_it_stays_in_the_log_and_counts_no_more(client: Client, body: Organisation) -> None:
    row = make_activity(body)
    browser = signed_in(client, Role.Kind.EDITOR, body)
    address = reverse("reports:activity_withdraw", args=[row.pk])

    assert browser.post(address, {"because": ""}).status_code == 422
    for _ in range(2):
        assert browser.post(address, {"because": "It was another body."}).status_code == 302

    assert list(Activity.objects.counted()) == []
    assert "It was another body." in browser.get(row.get_absolute_url()).content.decode()
    assert row.title in browser.get(reverse("reports:log")).content.decode()


def test_who_works_for_another_body_sees_and_changes_nothing(body: Organisation) -> None:
    row = make_activity(body)
    other = make_visitor(Role.Kind.MANAGER, make_organisation())

    assert list(Activity.objects.seen_by(other)) == []
    assert list(Activity.objects.seen_by(ANYONE)) == []
    with pytest.raises(PermissionDenied):
        log.change(row, said(), by=other, version=1)
    with pytest.raises(PermissionDenied):
        log.withdraw(row, by=other, because="So.")
    with pytest.raises(PermissionDenied):
        log.log(said(), by=other, organisation=body)


def test_a_lead_reads_the_log_of_its_members_and_writes_its_own(body: Organisation) -> None:
    consortium = make_consortium("Alpha")
    make_membership(body, consortium, role=Membership.Role.CENTRE)
    lead = make_visitor(Role.Kind.LEAD, consortium)
    row = make_activity(body)

    own = log.log(said("Of the consortium"), by=lead, organisation=consortium)

    assert set(Activity.objects.seen_by(lead)) == {row, own}
    with pytest.raises(PermissionDenied):
        log.change(row, said(), by=lead, version=1)


def test_the_log_leaves_as_a_file_filtered_and_harmless(client: Client, body: Organisation) -> None:
    make_activity(body, title="=1+1", partners=["A", "B"], participants=None)
    make_activity(body, title="Elsewhere", kind=Kind.PUBLICATION)
    browser = signed_in(client, Role.Kind.EDITOR, body)

    items = browser.get(reverse("reports:log"), {"kind": "meeting", "format": "json"}).json()["items"]
    table = browser.get(reverse("reports:log"), {"kind": "meeting", "format": "csv"}).content.decode()
    sheet = browser.get(reverse("reports:log"), {"format": "xlsx"})

    assert [(item["title"], item["participants"]) for item in items] == [("=1+1", None)]
    assert "'=1+1" in table
    assert sheet.content[:2] == b"PK"


@pytest.mark.parametrize(
    "query", ["kind=party", "from=2026-13-01", "from=2026-02-01&to=2026-01-01", "format=pdf"]
)
def test_a_broken_address_is_said_plainly(client: Client, body: Organisation, query: str) -> None:
    browser = signed_in(client, Role.Kind.EDITOR, body)

    assert browser.get(f"{reverse('reports:log')}?{query}").status_code == 400


def test_the_filter_keeps_a_body_for_which_one_does_not_work(client: Client, body: Organisation) -> None:
    person, member = make_person(), make_organisation("A member")
    consortium = make_consortium("Alpha")
    make_membership(member, consortium, role=Membership.Role.CENTRE)
    for kind, where in ((Role.Kind.EDITOR, body), (Role.Kind.LEAD, consortium)):
        Role.objects.create(person=person, kind=kind, organisation=where)
    make_activity(member)
    browser = come_in(client, person, how="mfa", proved=True)

    page = browser.get(reverse("reports:log"), {"body": member.slug}).content.decode()

    assert f'<option value="{member.slug}" selected>A member</option>' in page


def test_a_log_of_three_asks_no_more_than_of_one(
    client: Client, body: Organisation, count_queries: Any
) -> None:
    browser = signed_in(client, Role.Kind.EDITOR, body)
    make_activity(body)
    browser.get(reverse("reports:log"))
    with count_queries() as one:
        browser.get(reverse("reports:log"))
    for _ in range(2):
        make_activity(body)
    with count_queries() as three:
        browser.get(reverse("reports:log"))

    assert len(three) == len(one)
