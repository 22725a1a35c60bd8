"""Every public page: no violation in light and dark, fits 320 pixels, sets no cookie, calls nobody else."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.serving import House

pytestmark = [pytest.mark.browser, pytest.mark.server]

PAGES = {
    "home": "/",
    "candidates": "/places/?q=san+lorenzo",
    "outside": "/places/?q=Z%C3%BCrich",
    "unknown": "/places/?q=qqqqzzzz",
    "browse": "/places/",
    "city": "/places/bologna-3181928/",
    "gap": "/places/valletta-2562305/",
    "region": "/places/ITH5/",
    "country": "/places/DE/",
    "europe": "/places/EU/",
    "inside": "/places/FRL04/inside/",
    "then": "/places/torino-3165524/?on=2022-06-01",
    "network": "/network/",
    "network then": "/network/?on=2022-06-01",
    "consortia": "/network/?kind=consortium",
    "centre": "/network/ncc-it/",
    "consortium": "/network/seed2scale/",
    "report": "/notices/new/",
    "report this": "/notices/new/?about=organisation:ncc-it",
    "feedback": "/notices/new/?about=site:accessibility",
    "tallies": "/notices/tallies/",
    "ask": "/ask/?place=bologna-3181928&text=Who+signs+for+two+villages",
    "answers": "/questions/",
    "no answer": "/questions/?q=nothing+like+it&place=bologna-3181928",
    "register": "/questions/register/",
    "sign in": "/account/login/",
    "sources": "/about/sources/",
    "glossary": "/about/glossary/",
    "accessibility": "/about/accessibility/",
    "privacy": "/about/privacy/",
    "open data": "/api/v1/docs",
    "missing": "/nothing/here/",
    "german": "/de/places/bologna-3181928/",
    "greek": "/el/",
}
OpenPage = Callable[..., Page]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_axe_finds_nothing(open_page: OpenPage, path: str, scheme: str) -> None:
    page = open_page(path, scheme=scheme)

    found = Axe().run(
        page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    )

    assert found.violations_count == 0, found.generate_report()
    assert page.context.cookies() == []
    assert page.strangers == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [320, 360, 768])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_nothing_sticks_out(open_page: OpenPage, path: str, width: int) -> None:
    page = open_page(path, width=width)

    wide = page.evaluate("document.documentElement.scrollWidth")

    assert wide <= width, sticking_out(page, width)


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_it_is_all_there_without_script(open_page: OpenPage, path: str) -> None:
    page = open_page(path, script=False)

    assert page.locator("main h1").count() == 1
    assert page.locator("h1").first.inner_text() != ""


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_translations_that_are_40_percent_longer_fit(open_page: OpenPage, pseudo: House, path: str) -> None:
    page = open_page(path, width=320, base=pseudo.url)

    assert page.evaluate("document.documentElement.scrollWidth") <= 320, sticking_out(page, 320)


def sticking_out(page: Page, width: int) -> list[str]:
    """Which elements are wider than the window, for the message of a failure."""
    found: list[str] = page.evaluate(
        """width => [...document.querySelectorAll('main *, header *, footer *')]
            .filter(e => e.getBoundingClientRect().right > width + 1)
            .slice(0, 8).map(e => e.outerHTML.slice(0, 160))""",
        width,
    )
    return found
