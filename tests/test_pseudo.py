"""Every sentence is marked for translation: in a made-up language whatever comes out plain must be a name or a fact.

Names and facts say that they are: they stand in `<bdi>`, in an element with a `lang`, or in one for codes and numbers.
"""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils import translation

from koinon.base.languages import ENDONYMS, country_name
from tests.browser.pseudo_house import functions, pseudo
from tests.browser.test_every_page import PAGES

pytestmark = pytest.mark.django_db
# `title` says what the heading says.
# What stands in a text area somebody has typed.
SILENT = {"script", "style", "title", "bdi", "time", "kbd", "textarea"}
VOID = {"br", "img", "input", "meta", "link", "hr", "wbr", "path", "circle", "rect", "line", "source"}
FACT_CLASSES = {"code", "num", "c"}
# What is the same in every language: our own name, and names of languages in themselves.
SAME = {"Koinon", "— Koinon", "CSV", "JSON", "JSON Feed", "XLSX", "ATOM", "Atom", *ENDONYMS.values()}
# An address, or codes of countries and objectives: the same too.
SAME_FORM = re.compile(r"(\(?[\w./:@%+-]+\.[\w./:@%?=&#+-]+\)?)|([A-Z][A-Z0-9.]{1,5}( [A-Z]{2})*)")


class Plain(HTMLParser):
    """Collects text that was neither translated nor said to be a name or a fact."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.quiet: list[bool] = []
        self.inside = 0
        self.found: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in VOID:
            return
        classes = set((given.get("class") or "").split())
        silent = tag in SILENT or ("lang" in given and tag != "html") or bool(classes & FACT_CLASSES)
        self.quiet.append(silent)
        self.tags.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        return

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or tag not in self.tags:
            return
        while self.tags and self.tags.pop() != tag:
            self.quiet.pop()
        self.quiet.pop()

    def handle_data(self, data: str) -> None:
        outside = []
        for letter in data:
            if letter == "⟦":
                self.inside += 1
            elif letter == "⟧":
                self.inside -= 1
            elif not self.inside:
                outside.append(letter)
        text = " ".join("".join(outside).split())
        if (
            not any(self.quiet)
            and any(letter.isalpha() for letter in text)
            and text not in SAME
            and not SAME_FORM.fullmatch(text)
        ):
            self.found.append(text)


@pytest.fixture
def pseudo_language(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, function in functions().items():
        monkeypatch.setattr(translation._trans, name, function)


def countries() -> set[str]:
    """Names of countries come from CLDR, not from the catalogue."""
    codes = "AT BE BG CY CZ DE DK EE EL ES EU FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()
    return {country_name(code, language) for code in codes for language in ("en", "de", "el")}


@pytest.mark.usefixtures("pseudo_language")
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_nothing_was_left_unmarked(client: Client, path: str) -> None:
    page = Plain()

    page.feed(client.get(path).content.decode())

    names = countries()
    left = [text for text in page.found if text.strip(" ,:;.–—/()") not in names]
    assert left == [], left[:40]


def test_the_search_would_find_an_unmarked_sentence() -> None:
    page = Plain()

    page.feed(f"<p>{pseudo('Marked')}</p><p>Forgotten</p><p lang='it'>Bologna</p><p><bdi>Gent</bdi></p>")

    assert page.found == ["Forgotten"]
