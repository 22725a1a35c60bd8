"""A call is written down, published, stands on a place's page and in a subscribed calendar; its deadline moves in all of them.

By keyboard and without script throughout; axe and every width on each page.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.keyboard import choose, press, reach, tick, write, write_day
from tests.browser.signing_in import sign_in
from tests.browser.test_every_page import what_is_wrong
from tests.serving import House

pytestmark = [pytest.mark.browser, pytest.mark.server]
MANAGER = "livia@calls.example"
TITLE = "Nachbarschaftsdienstleistungen tried with residents"
BOLOGNA = "/places/bologna-3181928/"


@dataclass
class Written:
    """The house, who keeps the call, somebody without an account, and where the call stands."""

    koinon: House
    keeper: Page
    visitor: Page
    path: str = ""

    def calendar(self) -> str:
        """What a calendar gets that was subscribed on the page of the place, with its folded lines put together."""
        self.visitor.goto(self.koinon.url + BOLOGNA)
        link = self.visitor.get_by_role("link", name="Subscribe to their deadlines")
        with urlopen(urljoin(self.visitor.url, link.get_attribute("href"))) as answer:
            return str(answer.read().decode()).replace("\r\n ", "")


@pytest.fixture(scope="module")
def written(browser: Browser, koinon: House) -> Iterator[Written]:
    contexts: list[BrowserContext] = []

    def window(**more: object) -> Page:
        contexts.append(browser.new_context(reduced_motion="reduce", locale="en-GB", **more))  # type: ignore[arg-type]
        page = contexts[-1].new_page()
        page.set_default_timeout(20_000)
        page.goto(koinon.url)
        return page

    koinon.run("role", MANAGER, "manager", "ncc-it")
    keeper = window(java_script_enabled=False)
    sign_in(keeper, koinon, MANAGER)
    made = Written(koinon, keeper, window(java_script_enabled=False))
    write_down(made)
    yield made
    for context in contexts:
        context.close()


def send(page: Page, name: str) -> None:
    """Press a button."""
    press(page, page.locator("main").get_by_role("button", name=name, exact=True).first)


def follow(page: Page, name: str) -> None:
    """Press a link of the page."""
    press(page, page.locator("main").get_by_role("link", name=name).first)


def write_down(made: Written) -> None:
    """Draft, date, two conditions, publish."""
    page = made.keeper
    page.goto(made.koinon.url + "/calls/")
    follow(page, "Write a call down")
    write(page, page.get_by_label("Title", exact=True), TITLE)
    write(page, page.get_by_label("Who opened the call"), "Regione of the tests")
    tick(page, page.get_by_label("Municipality, or a body of one"))
    write(page, page.get_by_label("Where applicants have to be"), "Emilia-Romagna")
    write(page, page.get_by_label("For one project at most"), "120 000")
    write(page, page.get_by_label("Address of its text"), "https://example.eu/call")
    write_day(page, page.get_by_label("Until the day"), "2027-03-02")
    reach(page, page.get_by_label("and the time, by the clocks of the zone"))
    page.keyboard.type("1700")
    choose(page, page.get_by_label("Time zone"), "Europe/Rome")
    send(page, "Save the draft")
    expect(page.locator("main")).to_contain_text("This is a draft.")
    made.path = "/" + page.url.split("/", 3)[3]
    follow(page, "Conditions")
    choose(page, page.get_by_label("What it asks"), "So many partners at least")
    write(page, page.get_by_label("How many"), "1")
    write(page, page.get_by_label("What the call says"), "Applications come from two bodies at least.")
    write(page, page.get_by_label("Where it says so"), "Section 3")
    send(page, "Add it")
    expect(page.locator("main")).to_contain_text("Applications come from two bodies at least.")
    send(page, "These are all the conditions of the call")
    follow(page, "Back to the call")
    send(page, "Publish")
    expect(page.locator("main")).not_to_contain_text("This is a draft.")


def test_it_stands_on_the_page_of_a_place_and_in_the_calendar_and_moves_there(written: Written) -> None:
    visitor, keeper = written.visitor, written.keeper
    visitor.goto(written.koinon.url + BOLOGNA)
    row = visitor.locator("#money tr", has_text=TITLE)
    expect(row).to_contain_text("It is open to Emilia-Romagna.")
    expect(row).to_contain_text("2 Mar 2027, 17:00")
    event = event_of(written)
    assert event["DTEND"] == "20270302T160000Z"

    keeper.goto(written.koinon.url + written.path)
    follow(keeper, "Move a deadline")
    first = keeper.locator(".parts-list form").first
    write_day(keeper, first.get_by_label("Until the day"), "2027-04-09")
    write(keeper, first.get_by_label("Words to those who follow it"), "More time was asked for.")
    press(keeper, first.get_by_role("button", name="Move it"))

    visitor.goto(written.koinon.url + BOLOGNA)
    expect(visitor.locator("#money tr", has_text=TITLE)).to_contain_text("9 Apr 2027, 17:00")
    moved = event_of(written)
    assert (moved["UID"], moved["DTEND"]) == (event["UID"], "20270409T150000Z")
    assert int(moved["SEQUENCE"]) > int(event["SEQUENCE"])
    visitor.goto(written.koinon.url + written.path)
    expect(visitor.locator("main")).to_contain_text("A deadline was moved.")
    follow(visitor, "History")
    expect(visitor.locator("main")).to_contain_text("More time was asked for.")
    expect(visitor.locator("del").first).to_have_text("2027-03-02 17:00 Europe/Rome")


def event_of(written: Written) -> dict[str, str]:
    """The call's event in the calendar, by the names of its lines."""
    events = written.calendar().split("BEGIN:VEVENT")[1:]
    (own,) = [event for event in events if TITLE in event]
    return dict(line.split(":", 1) for line in own.splitlines() if ":" in line)


def test_whether_a_city_may_apply_is_answered_by_keyboard_with_the_reasons(written: Written) -> None:
    page = written.visitor
    page.goto(written.koinon.url + BOLOGNA)
    # The page is long: the list at its head leads to each shelf.
    press(page, page.locator("a[href='#money']").first)
    press(page, page.locator("#money tr", has_text=TITLE).get_by_role("link", name="Can Bologna apply?"))
    expect(page.locator("h1")).to_have_text("Can Bologna apply?")
    expect(page.locator(".verdict")).to_have_attribute("data-outcome", "ask")

    tick(page, page.get_by_label("Municipality, or a body of one"))
    write(page, page.get_by_label("Partners so far"), "0")
    send(page, "Check again")
    expect(page.locator(".verdict")).to_have_attribute("data-outcome", "no")
    missing = page.locator(".reasons li", has_text="Missing.")
    expect(missing).to_contain_text("Section 3: “Applications come from two bodies at least.”")

    write(page, page.get_by_label("Partners so far"), "1")
    send(page, "Check again")
    expect(page.locator(".verdict")).to_have_attribute("data-outcome", "yes")


def test_what_is_not_known_goes_to_who_can_say_with_the_call_as_its_beginning(written: Written) -> None:
    page = written.visitor
    page.goto(f"{written.koinon.url}{written.path}check/?place=bologna-3181928")
    follow(page, "Ask the authority, with this filled in")
    expect(page.get_by_label("The place you ask for")).to_have_value(re.compile("bologna"))
    expect(page.get_by_label("Your question, in any language")).to_have_value(
        re.compile("One partner at least")
    )
    send(page, "Send")

    expect(page.locator("main")).to_contain_text(TITLE)
    expect(page.locator("main")).to_contain_text("Italian Competence Centre for Social Innovation")


def test_every_page_holds_to_the_rules_at_every_width(written: Written, browser: Browser) -> None:
    """axe in light and dark, and no page wider than its window."""
    state = written.keeper.context.storage_state()
    looking = browser.new_context(reduced_motion="reduce", locale="en-GB", storage_state=state)
    page = looking.new_page()
    page.set_default_timeout(20_000)
    address = written.path
    pages = [
        "/calls/",
        "/calls/?place=bologna-3181928",
        "/calls/article-14/",
        "/calls/new/",
        "/calls/mine/",
        address,
        f"{address}check/?place=bologna-3181928&who=municipality&partners=0",
        f"{address}ask/",
        f"{address}history/",
        f"{address}edit/",
        f"{address}edit/dates/",
        f"{address}edit/conditions/",
        f"{address}withdraw/",
    ]
    wrong = {}
    for path in pages:
        page.goto(written.koinon.url + path)
        if found := what_is_wrong(page):
            wrong[path] = found
    looking.close()

    assert wrong == {}
