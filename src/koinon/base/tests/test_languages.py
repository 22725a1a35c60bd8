"""An address names its language; CLDR names countries and languages in all 24."""

import pytest
from django.test import Client

from koinon.base.languages import (
    ENDONYMS,
    country_name,
    in_language,
    language_name,
    of_address,
    without_language,
)


def test_there_are_24() -> None:
    assert len(ENDONYMS) == 24


@pytest.mark.parametrize("language", sorted(ENDONYMS))
def test_countries_and_languages_have_names_in_every_language(language: str) -> None:
    assert country_name("EL", language) not in {"EL", "GR"}
    assert language_name("mt", language) != "mt"
    assert language_name(language, language).casefold() == ENDONYMS[language].casefold()


@pytest.mark.parametrize(
    ("path", "language", "bare"),
    [("/", "en", "/"), ("/de/", "de", "/"), ("/el/places/EL/", "el", "/places/EL/"), ("/xx/", "en", "/xx/")],
)
def test_the_address_says_the_language(path: str, language: str, bare: str) -> None:
    assert of_address(path) == language
    assert without_language(path) == bare
    assert in_language(bare, language) == path


def test_a_prefix_for_english_leads_to_the_address_without(client: Client) -> None:
    answer = client.get("/en/about/privacy/?x=1")

    assert (answer.status_code, answer.headers["Location"]) == (301, "/about/privacy/?x=1")


@pytest.mark.django_db
def test_the_browser_s_language_changes_nothing(client: Client) -> None:
    plain = client.get("/about/privacy/")
    german = client.get("/about/privacy/", headers={"Accept-Language": "de"})

    assert plain.content == german.content
    assert "Accept-Language" not in german.headers.get("Vary", "")
    assert german.headers["Content-Language"] == "en"
