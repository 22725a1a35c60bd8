"""The journeys people take: with the keyboard alone, and without script."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.server]
OpenPage = Callable[..., Page]


def test_from_the_first_page_to_one_s_town_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()

    page.locator("input[name=q]").focus()
    page.keyboard.type("torin", delay=30)
    expect(page.locator("[role=listbox] [role=option]").first).to_contain_text("Torino")
    page.keyboard.press("ArrowDown")
    active = page.locator("input[name=q]").get_attribute("aria-activedescendant")
    assert active
    assert page.locator(f"#{active}").get_attribute("aria-selected") == "true"
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/places/torino-3165524/$"))
    expect(page.locator("h1")).to_have_text("Torino")


def test_escape_closes_the_list_and_keeps_what_was_typed(open_page: OpenPage) -> None:
    page = open_page("/")
    page.locator("input[name=q]").focus()
    page.keyboard.type("bolog", delay=30)
    expect(page.locator("[role=listbox]")).to_be_visible()

    page.keyboard.press("Escape")

    expect(page.locator("[role=listbox]")).to_be_hidden()
    expect(page.locator("input[name=q]")).to_have_value("bolog")


def test_without_script_the_form_leads_there(open_page: OpenPage) -> None:
    page = open_page("/", script=False)
    page.locator("input[name=q]").fill("Monaco di Baviera")
    page.locator("form.seek button").click()

    expect(page.locator("h1")).to_have_text("München")


def test_an_ambiguous_name_leads_to_a_choice(open_page: OpenPage) -> None:
    page = open_page("/", script=False)
    page.locator("input[name=q]").fill("San Lorenzo")
    page.locator("form.seek button").click()
    page.locator("ol.cands a").first.click()

    expect(page.locator(".p-place h1")).to_be_visible()


def test_the_reader_s_language_is_offered_not_forced(open_page: OpenPage) -> None:
    page = open_page("/", locale="el-GR")

    expect(page.locator("#language-offer a")).to_have_text("Ελληνικά")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator("#language-offer a").click()
    expect(page.locator("html")).to_have_attribute("lang", "el")


def test_nothing_breaks_when_suggestions_cannot_be_had(open_page: OpenPage) -> None:
    page = open_page("/")
    page.context.route("**/api/**", lambda route: route.abort())
    page.locator("input[name=q]").fill("Bologna")
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text("Bologna")


@pytest.mark.parametrize(
    "key", ["bologna-3181928", "valletta-2562305", "lyon-2996944", "sevilla-2510911", "wroclaw-3081368", "DE"]
)
def test_one_place_prints_on_one_sheet(open_page: OpenPage, key: str) -> None:
    page = open_page(f"/places/{key}/")

    pdf = page.pdf(prefer_css_page_size=True)

    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") + pdf.count(b"/Type/Page\n") == 1


def test_the_menu_works_on_a_phone_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("/", width=360)
    page.locator("button.menu").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#nav")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#nav")).to_be_hidden()
