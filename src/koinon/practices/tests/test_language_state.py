"""Wherever words of a practice stand, it is said whether they are the original or whose translation, and the original is near."""

import json
import re

import pytest
from django.test import Client

from koinon.practices.content import write
from koinon.practices.models import Practice, Version
from koinon.practices.testing import make_content, make_practice, make_translation

pytestmark = pytest.mark.django_db

SAID = {
    "human": "Translated by a person from Finnish.",
    "machine": "Translated by a machine from Finnish, read by nobody.",
    "outdated": "The original in Finnish has changed since it was translated.",
    "original": "Told in Finnish; no translation yet.",
}


def told(state: str) -> Practice:
    """A practice in Finnish, of Malta, told in English in one of the states."""
    practice = make_practice(
        "Yksi ovi", language="fi", places=("MT",), topics=("childcare",), targets=("young",)
    )
    version = practice.shown
    assert version is not None
    if state == "original":
        return practice
    service = "LibreTranslate" if state == "machine" else ""
    made = "machine" if state == "machine" else "human"
    make_translation(
        version, "en", made=made, service=service, texts={"title": "One door", "challenge": "Five."}
    )
    if state == "outdated":
        second = Version(practice=practice, number=2, state="published")
        write(
            second,
            make_content("Yksi ovi", language="fi", places=("MT",), topics=("childcare",), lessons="Uutta."),
        )
        practice.shown = second
        practice.save()
    return practice


@pytest.mark.parametrize("state", SAID)
def test_the_state_is_said_in_every_list(client: Client, state: str) -> None:
    practice = told(state)
    other = make_practice("Beside it", topics=("childcare",), targets=("young",), places=("FI",))
    title = "Yksi ovi" if state == "original" else "One door"

    library = client.get("/practices/").content.decode()
    beside = client.get(f"/practices/{other.slug}/").content.decode()
    place = client.get("/places/MT/").content.decode()
    item = next(
        row for row in client.get("/api/v1/practices").json()["items"] if row["slug"] == practice.slug
    )

    for page in (library, beside[beside.index('id="alike"') :], place):
        assert title in page
        assert SAID[state] in page
    assert (item["title"], item["language_state"], item["language"]) == (title, state, "fi")
    assert item["read_in"] == ("fi" if state == "original" else "en")
    assert (f'href="/practices/{practice.slug}/?read=fi"' in library) is (state != "original")


@pytest.mark.parametrize("state", ["human", "machine", "outdated"])
def test_the_page_says_it_has_the_original_beneath_and_tells_programs(client: Client, state: str) -> None:
    practice = told(state)

    page = client.get(f"/practices/{practice.slug}/").content.decode()
    original = client.get(f"/practices/{practice.slug}/?read=fi").content.decode()

    assert SAID[state] in page
    assert '<h1 id="h" lang="en" dir="auto">One door</h1>' in page
    assert page.count("The original, in Finnish") == 1
    assert "Not translated; told in Finnish." in page
    assert SAID[state] not in original
    data = _for_programs(page)
    assert (data["inLanguage"], data["creativeWorkStatus"]) == ("en", f"{state} translation")
    original_work = data["translationOfWork"]
    assert isinstance(original_work, dict)
    assert original_work["inLanguage"] == "fi"
    assert _for_programs(original)["inLanguage"] == "fi"
    assert "translationOfWork" not in _for_programs(original)


def test_in_ones_own_language_nothing_is_said(client: Client) -> None:
    make_practice("One door")

    page = client.get("/practices/").content.decode()

    assert not any(words in page for words in SAID.values())


def _for_programs(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, object] = json.loads(found[1])
    return data
