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
    "embedded": "/places/bologna-3181928/embed/",
    "embedded gap": "/places/valletta-2562305/embed/",
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
    "programme": "/sessions/",
    "programme then": "/sessions/?from=2021-01-01",
    "session": "/sessions/13INFO21475/",
    "calls": "/calls/",
    "calls of a place": "/calls/?place=bologna-3181928",
    "how states organise it": "/calls/article-14/",
    "figures": "/reports/",
    "figures of a consortium": "/reports/bodies/seed2scale/",
    "figures of a centre": "/reports/bodies/ncc-it/",
    "figures of a place": "/reports/places/IT/",
    "unmet demand": "/reports/unmet/",
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


RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCHEMES = ("light", "dark")


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_axe_finds_nothing_and_nothing_sticks_out(open_page: OpenPage, path: str) -> None:
    page = open_page(path)

    assert what_is_wrong(page) == []
    assert page.context.cookies() == []
    assert page.strangers == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_it_is_all_there_without_script(open_page: OpenPage, path: str) -> None:
    page = open_page(path, script=False)

    assert page.locator("main h1").count() == 1
    assert page.locator("h1").first.inner_text() != ""


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_translations_that_are_40_percent_longer_fit(open_page: OpenPage, pseudo: House, path: str) -> None:
    page = open_page(path, width=320, base=pseudo.url)

    assert sticking_out(page, 320) == []


def what_is_wrong(page: Page) -> list[str]:
    """What axe finds in light and in dark, and what sticks out at every width, on one load of a page."""
    wrong = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found = Axe().run(page, options={"runOnly": RULES})
        wrong += [f"{scheme}: {found.generate_report()}"] if found.violations_count else []
    for width in (768, 360, 320):
        page.set_viewport_size({"width": width, "height": 900})
        wrong += [f"{width}: {part}" for part in sticking_out(page, width)]
    return wrong


def sticking_out(page: Page, width: int) -> list[str]:
    """What makes the page wider than the window: how wide it is, and which elements."""
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide <= width:
        return []
    found: list[str] = page.evaluate(
        """width => [...document.querySelectorAll('main *, header *, footer *')]
            .filter(e => e.getBoundingClientRect().right > width + 1)
            .slice(0, 8).map(e => e.outerHTML.slice(0, 160))""",
        width,
    )
    return [f"{wide} pixels", *found]
