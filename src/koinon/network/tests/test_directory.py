"""The directory and an organisation's page: what is there on a day, in every format, and bad input answered plainly."""

import csv
import io
import json
import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from koinon.network.models import Organisation
from koinon.network.testing import make_consortium, make_membership, make_organisation
from tests.standing import forget_all

pytestmark = pytest.mark.django_db
DIRECTORY = "/network/"


def slugs(client: Client, address: str) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200
    return [item["slug"] for item in json.loads(answer.content)["items"]]


def test_the_national_centres_come_first(facts: None, client: Client) -> None:
    answer = client.get(DIRECTORY)

    text = answer.content.decode()
    assert "27 national centres, today" in text
    assert len(slugs(client, f"{DIRECTORY}?format=json")) == 27
    assert not answer.cookies


def test_the_network_of_a_day(facts: None, client: Client) -> None:
    then = slugs(client, f"{DIRECTORY}?on=2022-06-01&kind=consortium&format=json")
    between = slugs(client, f"{DIRECTORY}?on=2024-01-01&kind=consortium&format=json")
    centres = slugs(client, f"{DIRECTORY}?on=2022-06-01&format=json")

    assert sorted(then) == ["buicasus", "esia", "fuse", "pencil", "seed", "siplus"]
    # Of BIRDS only the year is known: it may have been there already, and its line says so.
    assert between == ["birds"]
    assert "hubsi" in centres
    assert "ncc-it" not in centres


def test_a_centre_that_ended_ran_until_then(facts: None, client: Client) -> None:
    rows = json.loads(client.get(f"{DIRECTORY}?on=2022-06-01&country=BE&kind=centre&format=json").content)

    assert [(row["slug"], row["state"]) for row in rows["items"]] == [("hubsi", "running")]


def test_a_search_looks_everywhere(facts: None, client: Client) -> None:
    found = slugs(client, f"{DIRECTORY}?q=comune+di+torino&format=json")

    assert found == ["it-city-of-turin"]


def test_filters_fit_together(nothing: None, client: Client) -> None:
    right = make_organisation("Right", country="IT", state="setup")
    make_organisation("Wrong state", country="IT")
    make_organisation("Wrong country", country="MT", state="setup")

    assert slugs(client, f"{DIRECTORY}?country=it&kind=centre&state=setup&format=json") == [right.slug]


def test_greece_is_found_under_both_codes(facts: None, client: Client) -> None:
    both = [slugs(client, f"{DIRECTORY}?country={code}&kind=centre&format=json") for code in ("GR", "EL")]

    assert both == [["ncc-gr"], ["ncc-gr"]]


@pytest.mark.parametrize("number", [1, 3])
def test_as_many_queries_for_one_as_for_three(
    nothing: None, client: Client, count_queries: Any, number: int
) -> None:
    consortium = make_consortium("SEED", "IT")
    for _ in range(number):
        centre, host = make_organisation(), make_organisation(kind=Organisation.Kind.CITY, state="")
        make_membership(host, centre, role="host")
        make_membership(centre, consortium, role="centre")

    # Whether invented content is loaded is asked once for each version of the data.
    client.get(reverse("privacy"))
    with count_queries() as counted:
        client.get(DIRECTORY)
    with count_queries() as one:
        client.get(reverse("network:organisation", args=[consortium.slug]))

    # Two of them look for sessions that the body organises, three for practices that it did, took over or looks after; eight
    # for its calls, courses, offers, exchanges, reviews, spaces and news.
    assert (len(counted), len(one)) == (5, 22)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("on=2022-13-01", 400),
        ("on=yesterday", 400),
        ("on=0001-01-01", 400),
        ("on=9999-12-31", 400),
        ("on=%00", 400),
        ("on=٢٠٢٢-٠٦-٠١", 400),
        ("kind=king", 400),
        ("country=ITALY", 400),
        ("state=x", 400),
        ("sure=x", 400),
        ("format=exe", 400),
        ("page=0", 404),
        ("page=-1", 404),
        ("page=2", 404),
        ("page=99999999999999999999", 404),
        ("page=x", 404),
        ("q=%F0%9F", 200),
        ("q=" + "a" * 10000, 200),
        ("q=%27%3B+DROP+TABLE+network_organisation%3B--", 200),
        ("q=%E2%80%AE", 200),
    ],
)
def test_bad_input_is_answered_plainly(facts: None, client: Client, query: str, status: int) -> None:
    assert client.get(f"{DIRECTORY}?{query}").status_code == status


def test_other_methods_are_refused(client: Client) -> None:
    assert client.post(DIRECTORY).status_code == 405
    assert client.delete("/network/ncc-it/").status_code == 405


def test_the_same_rows_leave_in_every_format(facts: None, client: Client) -> None:
    as_json = slugs(client, f"{DIRECTORY}?format=json")
    sheet = client.get(f"{DIRECTORY}?format=csv").content.decode("utf-8-sig")
    feed = client.get(f"{DIRECTORY}?format=atom").content.decode()

    assert [row["slug"] for row in csv.DictReader(io.StringIO(sheet))] == as_json
    assert feed.count("<entry>") == len(as_json)
    assert client.get(f"{DIRECTORY}?format=xlsx").content[:2] == b"PK"


def test_what_is_in_the_list_can_be_opened_and_the_other_way_round(nothing: None, client: Client) -> None:
    shown, draft = make_organisation(), make_organisation(published=False)

    assert slugs(client, f"{DIRECTORY}?format=json") == [shown.slug]
    assert client.get(shown.get_absolute_url()).status_code == 200
    missing = client.get("/network/nothing-here/")
    hidden = client.get(draft.get_absolute_url())
    assert hidden.status_code == missing.status_code == 404
    strip = re.compile(rb"/network/[\w-]+/")
    assert strip.sub(b"", hidden.content) == strip.sub(b"", missing.content)


def test_a_page_tells_its_history(facts: None, client: Client) -> None:
    today, then = client.get("/network/ncc-be/"), client.get("/network/ncc-be/?on=2022-06-01")

    assert "Before it: HUBSI - hub for social innovation" in today.content.decode()
    assert "Nothing found" in today.content.decode()
    assert "On that day it did not exist" in then.content.decode()


def test_every_real_page_opens(facts: None, client: Client) -> None:
    for slug in ("seed", "seed2scale", "birds", "ecc", "hubsi", "ncc-mt", "ncc-lt", "it-city-of-turin"):
        assert client.get(f"/network/{slug}/").status_code == 200
    authority = Organisation.objects.of_kind("authority").first()
    assert authority
    assert client.get(authority.get_absolute_url()).status_code == 200


def test_nothing_breaks_out_of_the_data_for_programs(nothing: None, client: Client) -> None:
    evil = make_organisation("</script><script>alert(1)</script>", name_local="<!--<script>&\u2028")

    text = client.get(evil.get_absolute_url()).content.decode()

    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert found
    assert json.loads(found[1])["name"] == evil.name
    assert "<script>alert" not in text


def api(client: Client, query: str = "") -> Any:
    answer = client.get(f"/api/v1/organisations{query}")
    assert answer.status_code == 200
    return answer.json()


def test_the_api_lists_who_was_there_on_a_day(facts: None, client: Client) -> None:
    found = api(client, "?country=IT&on=2022-06-01")["items"]

    kinds = {item["slug"]: item["kind"] for item in found}
    assert kinds["seed"] == "consortium"
    assert "seed2scale" not in kinds
    assert "ncc-it" not in kinds
    turin = next(item for item in found if item["slug"] == "it-city-of-turin")
    assert [
        (tie["organisation"], tie["role"], tie["from"], tie["to"], tie["certain"])
        for tie in turin["memberships"]
    ] == [("seed", "lead", "2021-05-17", "2023-05-16", True)]


def test_the_api_gives_one(facts: None, client: Client) -> None:
    centre = api(client, "/ncc-it")

    assert (centre["name"], centre["kind"], centre["country"], centre["url"]) == (
        "Italian Competence Centre for Social Innovation",
        "centre",
        "IT",
        "/network/ncc-it/",
    )
    assert [tie["organisation"] for tie in centre["memberships"]] == ["seed2scale"]


@pytest.mark.parametrize("query", ["?on=2022-02-30", "?kind=king", "?country=ITALY", "?on=x", "?colour=red"])
def test_the_api_refuses_what_it_does_not_know(client: Client, query: str) -> None:
    answer = client.get(f"/api/v1/organisations{query}")

    assert answer.status_code == 422


def test_the_api_hides_drafts(nothing: None, client: Client) -> None:
    draft, host = make_organisation(published=False), make_organisation(kind=Organisation.Kind.CITY, state="")
    make_membership(host, draft, role="host", since=date(2024, 1, 1))

    assert [item["slug"] for item in api(client)["items"]] == [host.slug]
    assert api(client)["items"][0]["memberships"] == []
    assert client.get(f"/api/v1/organisations/{draft.slug}").status_code == 404


def test_how_many_centres_have_no_host_is_said_only_where_there_are_some(facts: None, client: Client) -> None:
    hostless = [one for one in Organisation.objects.filter(kind="centre") if not one.members.exists()]
    with_gaps = client.get(DIRECTORY).content.decode()
    for centre in hostless:
        make_membership(make_organisation(kind="ministry"), centre, role="host")
    forget_all()

    assert hostless
    assert "no host was found." in with_gaps
    assert "no host was found." not in client.get(DIRECTORY).content.decode()
