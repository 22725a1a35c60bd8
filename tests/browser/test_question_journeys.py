"""A question's whole way, as people go it: by keyboard, and without script."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.signing_in import sign_in
from tests.serving import House

pytestmark = [pytest.mark.browser, pytest.mark.server]
OpenPage = Callable[..., Page]
CENTRE, AUTHORITY = "centre-it", "authority-it"


@pytest.fixture(scope="session")
def desks(koinon: House) -> dict[str, str]:
    """Who works at the desks of Italy's centre and of Emilia-Romagna's authority; their names as the page of Bologna says."""
    import json
    from urllib.request import urlopen

    with urlopen(f"{koinon.url}/api/v1/places/bologna-3181928/answer") as answer:
        chain = json.load(answer)["shelves"][0]["items"]
    centre = next(item for item in chain if item["type"] == "centre" and item["relation"] == "now")
    authority = next(item for item in chain if item["level"] == "region")
    for who, role, item in (("anna", "manager", centre), ("bruno", "authority", authority)):
        koinon.run("role", f"{who}@journey.example", role, item["url"].rstrip("/").rpartition("/")[2])
    return {"centre": centre["title"], "authority": authority["title"]}


def press(page: Page, selector: str) -> None:
    """By keyboard: focus it, Enter."""
    page.locator(selector).first.focus()
    page.keyboard.press("Enter")


def test_from_bologna_to_the_next_asker_by_keyboard(
    open_page: OpenPage, koinon: House, desks: dict[str, str]
) -> None:
    asker = open_page("/places/bologna-3181928/")
    expect(asker.locator("#ask")).to_contain_text(desks["centre"])
    asker.locator("#askq").focus()
    asker.keyboard.type("Who keeps the accounts when three villages share a day centre?")
    press(asker, "#ask button")
    expect(asker.locator("#id_place")).to_have_value(re.compile("Bologna"))
    press(asker, "form.ask-page button[type=submit]:not([name])")
    expect(asker.locator("#sent")).to_be_visible()
    number = asker.locator("#sent .big").inner_text()
    receipt = asker.url.split("?")[0]
    expect(asker.locator("#facts")).to_contain_text(desks["centre"])

    anna = open_page("/")
    sign_in(anna, koinon, "anna@journey.example")
    anna.goto(f"{koinon.url}/desk/{number}/")
    expect(anna.locator("#ch")).to_contain_text("Who keeps the accounts")
    press(anna, "summary:has-text('Somebody else should answer')")
    anna.get_by_role("radio", name=re.compile(re.escape(desks["authority"]))).focus()
    anna.keyboard.press("Space")
    anna.locator(
        "form[action$='/forward/'] textarea, form[action$='/forward/'] input[name=reason]"
    ).first.focus()
    anna.keyboard.type("It is about the rules of your programme.")
    press(anna, "form[action$='/forward/'] button[type=submit]")

    bruno = open_page("/")
    sign_in(bruno, koinon, "bruno@journey.example")
    bruno.goto(f"{koinon.url}/desk/{number}/")
    bruno.locator("#reply_text").focus()
    bruno.keyboard.type("The lead municipality keeps them; the others hand in their part each month.")
    press(bruno, "#reply button[type=submit]")
    expect(bruno.locator("main")).to_contain_text("nswered")

    asker.goto(receipt)
    expect(asker.locator(".state-line")).to_contain_text("Answered")
    expect(asker.locator("#history + .thread")).to_contain_text("The lead municipality keeps them")
    expect(asker.locator("#history + .thread")).to_contain_text("It is about the rules of your programme.")
    asker.get_by_label("Yes", exact=True).focus()
    asker.keyboard.press("Space")
    asker.get_by_label("Publish the question and the answer, with my place only").focus()
    asker.keyboard.press("Space")
    press(asker, "#decisions button[type=submit]")
    expect(asker.get_by_label("Publish the question and the answer, with my place only")).to_be_checked()

    bruno.goto(f"{koinon.url}/desk/{number}/publish/")
    publish(bruno)

    elsewhere = open_page("/places/modena-3173331/")
    expect(elsewhere.locator("#answered")).to_contain_text("Who keeps the accounts")
    following = open_page("/ask/?place=modena-3173331")
    following.locator("#id_text").focus()
    following.keyboard.type("Three villages share accounts of a day centre")
    expect(following.locator("#like")).to_contain_text("Who keeps the accounts")
    expect(following.locator("#like [role=status]")).to_have_text("1 found")


def publish(page: Page) -> None:
    """The form comes filled in; where it holds is chosen: the region, so that its other towns have it too."""
    page.locator("input[name=places][value='ITH5']").check()
    sources = page.locator("textarea[name=sources]")
    sources.fill("Programme manual, chapter 4")
    page.get_by_label(re.compile("I have read both texts")).check()
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("main")).to_contain_text("ublished")


def test_the_same_without_script(open_page: OpenPage, koinon: House, desks: dict[str, str]) -> None:
    asker = open_page("/places/bologna-3181928/", script=False)
    asker.locator("#askq").fill("May a parish lend us a room as our own share?")
    asker.locator("#ask button").click()
    asker.locator("#id_place").fill("San Lorenzo")
    asker.locator("form.ask-page button[type=submit]:not([name])").click()
    # Several places are called so: nothing is lost, and one chooses.
    expect(asker.locator("#id_text")).to_have_value("May a parish lend us a room as our own share?")
    asker.locator("#id_place").fill("Bologna")
    asker.locator("form.ask-page button[type=submit]:not([name])").click()
    expect(asker.locator("#sent")).to_be_visible()
    number, receipt = asker.locator("#sent .big").inner_text(), asker.url.split("?")[0]

    anna = open_page("/", script=False)
    sign_in(anna, koinon, "anna@journey.example")
    anna.goto(f"{koinon.url}/desk/")
    anna.locator(f"a[href*='{number}']").first.click()
    anna.locator("#reply_text").fill("Yes, at the rent that is usual in your town.")
    anna.locator("#reply button[type=submit]").first.click()

    asker.goto(receipt)
    expect(asker.locator("main")).to_contain_text("at the rent that is usual")
    asker.locator("textarea[name=text]").fill("And the heating?")
    asker.locator("form[action$='/add/'] button").click()
    expect(asker.locator(".state-line")).not_to_contain_text("Answered on")


def test_from_valletta_where_no_centre_has_a_desk(open_page: OpenPage, koinon: House) -> None:
    asker = open_page("/places/valletta-2562305/", script=False)
    expect(asker.locator("#ask")).to_contain_text("operators of this site")
    asker.locator("#askq").fill("Min jista' jgħinna nibdew?")
    asker.locator("#ask button").click()
    asker.locator("form.ask-page button[type=submit]:not([name])").click()

    expect(asker.locator("#facts")).to_contain_text("The operators of this site")
    expect(asker.locator("#facts")).to_contain_text("has a desk here yet")
    expect(asker.locator("#facts")).to_contain_text("Maltese")


def test_what_was_typed_survives_a_reload(open_page: OpenPage) -> None:
    page = open_page("/ask/")
    page.locator("#id_text").focus()
    page.keyboard.type("Half a question about")
    page.reload()

    expect(page.locator("#id_text")).to_have_value("Half a question about")
