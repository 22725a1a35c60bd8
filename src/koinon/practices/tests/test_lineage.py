"""What is promised of adoptions: anybody signed in records one, the origin is told and confirms, the thread is open data."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from koinon.mail.models import Outbox
from koinon.network.testing import make_organisation
from koinon.network.visitor import visitor_for
from koinon.people.actions import make_token
from koinon.practices.actions import adopting
from koinon.practices.models import Adoption
from koinon.practices.testing import make_adoption, make_practice
from koinon.practices.tests.helping import as_visitor, browser, somebody

pytestmark = pytest.mark.django_db

TOLD = {
    "adopter_text": "The city next door",
    "place": "FI",
    "since": "2026-01-01",
    "stage": "running",
    "language": "en",
    "changed": "Health instead of housing.",
}


def test_the_origin_is_told_and_once_it_confirms_everybody_reads_it(client: Client) -> None:
    owner, adopter = somebody(), somebody()
    practice = make_practice("One door", owner=owner)
    page = f"/practices/{practice.slug}/"

    made = browser(adopter).post(page + "adopt/", TOLD)
    adoption = Adoption.objects.get()
    before = (client.get(page).content.decode(), client.get("/practices/lineage.json").json()["items"])
    mails = list(Outbox.objects.values_list("to", flat=True))
    browser(owner).post(page + f"adoptions/{adoption.pk}/confirm/")
    after = client.get(page).content.decode()

    assert made.status_code == 302
    assert "Health instead of housing." not in before[0]
    assert before[1] == []
    assert mails == [owner.email]
    assert "Health instead of housing." in after
    assert [row["place"] for row in client.get("/practices/lineage.json").json()["items"]] == ["FI"]
    assert set(Outbox.objects.values_list("to", flat=True)) == {owner.email, adopter.email}


def test_nobody_confirms_what_was_recorded_by_oneself() -> None:
    owner = somebody()
    practice = make_practice(owner=owner)
    adoption = make_adoption(practice, confirmed=False, by=owner)

    with pytest.raises(PermissionDenied):
        adopting.confirm(adoption, by=visitor_for(owner))


def test_the_same_twice_is_one_and_what_was_dropped_says_why() -> None:
    practice, person = make_practice(), somebody()
    hers = browser(person)
    page = f"/practices/{practice.slug}/adopt/"

    without = hers.post(page, TOLD | {"stage": "dropped"})
    hers.post(page, TOLD)
    hers.post(page, TOLD)

    assert without.status_code == 422
    assert Adoption.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        make_adoption(practice, stage="dropped")


def test_of_two_at_once_the_second_loses_no_word() -> None:
    person = somebody()
    adoption = make_adoption(make_practice(), by=person)
    address = f"/practices/{adoption.practice.slug}/adoptions/{adoption.pk}/edit/"
    hers = browser(person)

    first = hers.post(address, TOLD | {"edits": "1", "result": "By the first"})
    second = hers.post(address, TOLD | {"edits": "1", "result": "By the second"})

    assert (first.status_code, second.status_code) == (302, 409)
    assert "By the first" in second.content.decode()
    assert "By the second" in second.content.decode()
    adoption.refresh_from_db()
    assert adoption.result == "By the first"


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("since", "2999-01-01"),
        ("since", "yesterday"),
        ("place", "No such place anywhere"),
        ("adopter_text", ""),
        ("stage", "flying"),
        ("changed", "x" * 4001),
        ("leads_to", "no-such-practice"),
        ("adopter_text", "a\u202eb"),
    ],
)
def test_bad_input_is_told(field: str, typed: str) -> None:
    practice = make_practice()

    answer = browser(somebody()).post(f"/practices/{practice.slug}/adopt/", TOLD | {field: typed})

    assert answer.status_code == 422
    assert not Adoption.objects.exists()


def test_the_thread_leads_on_to_the_adopters_own_practice_and_back(client: Client) -> None:
    person = somebody()
    origin, own = make_practice("The origin"), make_practice("Our own", owner=person)
    told = adopting.Told(
        place=make_adoption(make_practice()).place,
        since=timezone.localdate() - timedelta(days=9),
        stage="running",
        adopter_text="Us",
        leads_to=own,
    )
    adoption = adopting.adopt(origin, by=visitor_for(person), told=told)
    assert origin.owner is not None
    adopting.confirm(adoption, by=visitor_for(origin.owner))

    assert f'href="/practices/{own.slug}/"' in client.get(f"/practices/{origin.slug}/").content.decode()
    assert f'href="/practices/{origin.slug}/"' in client.get(f"/practices/{own.slug}/").content.decode()


def test_the_thread_leaves_as_open_data_and_of_withdrawn_practices_nothing(client: Client) -> None:
    public = make_adoption(make_practice("=HYPERLINK(1)"), changed="=1+1")
    make_adoption(make_practice(state="withdrawn"))
    make_adoption(make_practice(), confirmed=False)

    rows = client.get("/practices/lineage.json").json()["items"]
    table = list(
        csv.DictReader(io.StringIO(client.get("/practices/lineage.csv").content.decode("utf-8-sig")))
    )
    api = client.get("/api/v1/practices/lineage").json()["items"]
    own = client.get(f"/api/v1/practices/{public.practice.slug}/lineage").json()["items"]
    page = client.get("/practices/lineage/?format=atom")

    assert (
        [row["id"] for row in rows] == [row["id"] for row in api] == [row["id"] for row in own] == [public.pk]
    )
    assert table[0]["changed"] == "'=1+1"
    assert page.status_code == 200
    assert client.get("/practices/lineage.exe").status_code == 404
    assert not any("by" in row or "email" in row for row in rows)


def test_the_api_records_once_for_a_key_and_refuses_what_it_does_not_know() -> None:
    practice, person = make_practice(), somebody()
    _token, secret = make_token(person, by=None, label="t", scopes=["read", "write"])
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "6f1f64a5-6a3a-4b53-9d3a-0d4a3a2f0001"}
    address = f"/api/v1/practices/{practice.slug}/adoptions"
    sent = {"place": "FI", "since": "2026-01-01", "adopter_text": "A city"}

    def post(body: dict[str, Any], **more: str) -> Any:
        return Client().post(address, body, content_type="application/json", headers=headers | more)

    first, second = post(sent), post(sent)
    other = post(sent | {"place": "MT"})
    unknown = post(sent | {"confirmed_at": "2026-01-01"})
    bare = Client().post(address, sent, content_type="application/json")
    foreign = post(sent | {"adopter": make_organisation().slug}, **{"Idempotency-Key": ""})

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json() == first.json() | {"public": False}
    assert (other.status_code, unknown.status_code, bare.status_code, foreign.status_code) == (
        422,
        422,
        401,
        422,
    )
    assert Adoption.objects.count() == 1


def test_an_adoption_is_seen_by_both_ends_before_it_is_public() -> None:
    owner, adopter, centre = somebody(), somebody(), make_organisation()
    adoption = make_adoption(make_practice(owner=owner, centre=centre), confirmed=False, by=adopter)

    def sees(visitor: Any) -> bool:
        return Adoption.objects.seen_by(visitor).filter(pk=adoption.pk).exists()

    assert all(map(sees, (visitor_for(owner), visitor_for(adopter), as_visitor("editor", centre))))
    assert not any(map(sees, (as_visitor(), as_visitor("editor", make_organisation()))))
