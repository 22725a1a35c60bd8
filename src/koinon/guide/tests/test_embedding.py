"""The answer for a place on other people's sites: a page for frames, and data for scripts; nothing else lets itself be framed."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from koinon.agenda import around
from koinon.agenda.testing import make_session
from koinon.base.governance import routes
from koinon.guide import stencils
from koinon.guide.embedding import snippet
from koinon.places.models import Place

pytestmark = pytest.mark.django_db

BOLOGNA, VALLETTA = "bologna-3181928", "valletta-2562305"
FRAMED = {"place_embed"}


def test_it_says_who_is_nearest_what_is_missing_and_how_to_ask(client: Client) -> None:
    page = client.get(f"/places/{VALLETTA}/embed/").content.decode()

    assert page.count("<h2>") == 6
    assert f'href="/ask/?place={VALLETTA}" target="_top"' in page
    assert "Nothing is planned for Valletta that is known here" in page
    assert f'href="/places/{VALLETTA}/#responsible"' in page


def test_every_link_leaves_the_frame(client: Client) -> None:
    page = client.get(f"/de/places/{BOLOGNA}/embed/").content.decode()

    links = page.count("<a ")
    assert links > 8
    assert page.count('target="_top"') == links
    assert "<script" not in page
    assert "<form" not in page


def test_what_is_published_shows_at_once(client: Client) -> None:
    address = f"/places/{BOLOGNA}/embed/"
    before = client.get(address).content.decode()

    session = make_session("S1", starts=timezone.now() + timedelta(days=1))
    session.places.set([Place.objects.get(pk="3181928")])
    around.forget()

    assert session.title not in before
    assert session.title in client.get(address).content.decode()


def test_it_may_be_framed_and_kept_and_reads_no_session(
    client: Client, count_queries: Callable[[], Any]
) -> None:
    client.get(f"/places/{BOLOGNA}/embed/")

    with count_queries() as counted:
        answer = client.get(f"/places/{BOLOGNA}/embed/")

    assert "frame-ancestors *" in answer["Content-Security-Policy"]
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    assert answer["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert answer["X-Koinon-Shared"] == "-"
    assert not answer.cookies
    assert "Vary" not in answer or "Cookie" not in answer["Vary"]
    assert len(counted) == 1


@pytest.mark.parametrize("key", ["MT", "DE", "IT"])
def test_every_country_costs_the_same_queries(
    client: Client, count_queries: Callable[[], Any], key: str
) -> None:
    client.get("/places/AT/embed/")
    stencils.forget()

    with count_queries() as counted:
        client.get(f"/places/{key}/embed/")

    assert len(counted) == 9


def test_the_place_page_and_its_frame_are_not_mixed_up(client: Client) -> None:
    client.get(f"/places/{BOLOGNA}/")

    assert '<body class="p-embed">' in client.get(f"/places/{BOLOGNA}/embed/").content.decode()
    assert '<body class="p-place">' in client.get(f"/places/{BOLOGNA}/").content.decode()


def test_another_spelling_leads_to_the_place_and_nothing_is_nowhere(client: Client) -> None:
    moved = client.get("/de/places/bolonia-3181928/embed/")

    assert (moved.status_code, moved["Location"]) == (301, f"/de/places/{BOLOGNA}/embed/")
    assert "frame-ancestors *" in moved["Content-Security-Policy"]
    assert "X-Frame-Options" not in moved
    assert client.get("/places/nowhere-1/embed/").status_code == 404


def test_every_other_page_refuses_to_be_framed(client: Client) -> None:
    wrong, looked = [], 0
    for _address, pattern in routes():
        for arguments in ([], ["MT"]):
            try:
                address = reverse(str(pattern.name), args=arguments)
            except NoReverseMatch:
                continue
            answer = client.get(address)
            looked += 1
            policy = answer.get("Content-Security-Policy", "")
            if "frame-ancestors 'none'" not in policy or answer.get("X-Frame-Options") != "DENY":
                wrong.append(pattern.name)

    assert looked > 20
    assert set(wrong) <= FRAMED
    assert set(wrong) == FRAMED


def test_scripts_of_other_sites_may_read_the_answer_without_credentials(client: Client) -> None:
    answer = client.get(f"/api/v1/places/{BOLOGNA}/answer?lang=de")

    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer
    assert answer["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert answer["X-Koinon-Shared"] == "-"
    assert not answer.cookies


def test_no_other_part_of_the_api_is_opened(client: Client) -> None:
    for address in ("/api/v1/places/MT", "/api/v1/organisations", "/places/MT/", "/api/v1/desk/cases"):
        assert "Access-Control-Allow-Origin" not in client.get(address)


def test_the_words_to_copy_hold_names_that_need_care(client: Client) -> None:
    made = snippet("https://a.example/places/x/embed/", "L'Aquila \"<b>")

    assert made.startswith(
        '<iframe src="https://a.example/places/x/embed/" title="L&#x27;Aquila &quot;&lt;b&gt;"'
    )

    place = Place.objects.get(latin="L'Aquila", kind="locality")
    page = client.get(place.get_absolute_url()).content.decode()
    shown = unescape(page.split('<textarea id="snippet"')[1].split(">", 1)[1].split("</textarea>")[0])
    assert shown == snippet(
        f"http://testserver/places/{place.key}/embed/", f"{place.display_name()}: what is there"
    )
