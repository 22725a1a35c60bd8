"""The hour of 13 October 2021, held again: three windows (a phone, the moderator, the wall), without script, by keyboard."""

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.signing_in import sign_in
from tests.serving import House

pytestmark = [pytest.mark.browser, pytest.mark.server]
OpenPage = Callable[..., Page]
HOST = "mara@hour.example"
# Three browsers and a server on two cores.
expect.set_options(timeout=20_000)
SAME = (
    ("Which centre does a small municipality call?", "Valletta"),
    ("A quale centro si rivolge un piccolo comune?", "Bologna"),
    ("Σε ποιο κέντρο απευθύνεται ένας μικρός δήμος;", "Πάτρα"),
)
OPEN = "Quali costi valgono per una cooperativa nuova?"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def announced(koinon: House, code: str) -> str:
    """A session of Italy's centre that began five minutes ago, with the parts of the founding hour; its address."""
    now = datetime.now(ZoneInfo("Europe/Brussels")) - timedelta(minutes=5)
    record = {
        "id": code,
        "title": f"Five years on: what is there for regions and cities ({code})",
        "format": "information",
        "theme": "Citizens Engagement",
        "organiser": "ncc-it",
        "spoken": ["en"],
        "day": now.date().isoformat(),
        "begins": now.strftime("%H:%M"),
        "minutes": 60,
        "zone": "Europe/Brussels",
        "segments": [
            {"kind": "talk", "title": "The project in short", "minutes": 10},
            {"kind": "exchange", "title": "Exchange of views", "minutes": 30},
            {"kind": "qa", "title": "Questions and answers", "minutes": 20},
        ],
        "sources": ["A rehearsal of the tests"],
        "checked_on": now.date().isoformat(),
    }
    file = koinon.data / f"sessions-{code}.json"
    file.write_text(json.dumps({"generated": now.date().isoformat(), "sessions": [record]}))
    koinon.run("load", str(file))
    koinon.run("role", HOST, "manager", "ncc-it")
    return f"/sessions/{code}"


def calm(page: Page) -> None:
    """axe finds nothing on what is open now."""
    found = Axe().run(page, options={"runOnly": RULES})
    assert found.violations_count == 0, found.generate_report()


def moderator(open_page: OpenPage, koinon: House, at: str, **more: object) -> Page:
    desk = open_page("/", **more)
    sign_in(desk, koinon, HOST)
    desk.goto(f"{koinon.url}{at}/moderate/")
    return desk


def open_room(desk: Page) -> None:
    desk.get_by_role("button", name="Open the room").click()
    expect(desk.get_by_text("Room: open")).to_be_visible()


def run(desk: Page) -> None:
    """Unfold what runs the hour."""
    fold = desk.locator("details.run")
    if fold.get_attribute("open") is None:
        fold.locator("summary").first.click()


def say(phone: Page, text: str, place: str = "", kind: str = "", *, script: bool = True) -> None:
    """Ask or share from the box that is always at hand; with script a place is chosen from what is offered."""
    if kind:
        phone.locator(f"input[name=kind][value={kind}]").check(force=True)
    if place:
        choose(phone, place, script=script)
    phone.locator("#al").fill(text)
    phone.locator("#send").click()


def choose(phone: Page, place: str, *, script: bool = True) -> None:
    """The place that one asks for; it stays in the form for the next question."""
    fold = phone.locator("#ask-live details")
    if fold.get_attribute("open") is None:
        fold.locator("summary").click()
    field = phone.locator("#ask-live input[name=place]")
    field.fill("" if script else place)
    if script:
        field.press_sequentially(place[:-1], delay=30)
        expect(phone.locator("#ask-live [role=option]:visible").first).to_be_visible()
        field.press("ArrowDown")
        field.press("Enter")
        expect(phone.locator("#ask-live input[name=chosen]")).not_to_have_value("")


def pick(desk: Page, text: str) -> None:
    """Select a contribution in whichever queue it is."""
    desk.locator("[data-id]", has_text=text).first.locator("a.pick").click()
    expect(desk.locator("[data-id].sel", has_text=text).first).to_be_visible()


def merge(desk: Page, into: str) -> None:
    """What is selected becomes a wording of another one, chosen from the list."""
    option = desk.locator("#into option", has_text=into[:20]).first.get_attribute("value")
    # While somebody is in the list, nothing is drawn anew.
    desk.locator("#into").focus()
    desk.locator("#into").select_option(value=option)
    desk.get_by_role("button", name="Merge with this one").click()


def test_the_hour_in_three_windows(open_page: OpenPage, koinon: House) -> None:
    at = announced(koinon, "26HOUR00001")
    desk = moderator(open_page, koinon, at)
    open_room(desk)
    calm(desk)
    phone = open_page(f"{at}/room/", width=360, height=740)
    wall = open_page(f"{at}/wall/")
    expect(phone.locator("#ask-live")).to_be_visible()
    calm(phone)
    calm(wall)

    # Three wordings of one question, in three languages; one voice for the first.
    for text, place in SAME:
        say(phone, text, place)
        expect(phone.locator("#al")).to_have_value("")
    for text, _place in SAME:
        expect(desk.locator(".q-new")).to_contain_text(text)

    # The moderator makes them one, puts it on stage, and it is answered.
    first = SAME[0][0]
    for left, (text, _place) in zip((2, 1), SAME[1:], strict=True):
        pick(desk, text)
        merge(desk, first)
        expect(desk.locator(".q-new [data-id]")).to_have_count(left)
    pick(desk, first)
    desk.keyboard.press("r")
    expect(desk.locator(".q-ready")).to_contain_text(first)
    pick(desk, first)
    desk.keyboard.press("s")
    expect(wall.locator("main")).to_contain_text(first)
    expect(phone.locator("#stage-q")).to_have_text(first)
    phone.locator("#stage summary").first.click()
    for text, _place in SAME[1:]:
        expect(phone.locator("#stage")).to_contain_text(text)
    calm(phone)
    calm(wall)

    # Another voice votes; both windows count it.
    other = open_page(f"{at}/room/", width=360, height=740)
    other.locator("#stage-acts .vote").click()
    expect(phone.locator("#stage-acts .vote b")).to_have_text("1")

    # An experience is shared, a poll is asked.
    say(phone, "Two villages share one officer; a letter was enough.", kind="experience")
    pick_when_there(desk, "Two villages share one officer")
    desk.keyboard.press("l")
    expect(other.locator("#shared-rows")).to_contain_text("Two villages share one officer")
    ask_poll(desk, "Have you spoken with your managing authority?", ["Yes", "Not yet"])
    phone.locator("nav.tabs .t-p").click()
    phone.locator("#poll-rows").get_by_label("Not yet").check()
    phone.locator("#poll-rows form.poll button").first.click()
    expect(wall.locator("main")).to_contain_text("Not yet")
    expect(wall.locator("main")).to_contain_text("100")
    calm(wall)

    # The phone's network is cut for a minute: nothing is lost, and what it missed comes.
    phone.locator("nav.tabs .t-q").click()
    choose(phone, "Bologna")
    phone.context.set_offline(True)
    cut = time.monotonic()
    say(phone, OPEN, kind="question")
    take_off_wall(desk)
    expect(desk.locator(".q-stage")).to_contain_text(first)
    desk.keyboard.press("a")
    expect(desk.locator(".q-done")).to_contain_text(first)
    desk.wait_for_timeout(max(0, 60 - (time.monotonic() - cut)) * 1000)
    phone.context.set_offline(False)
    expect(desk.locator(".q-new")).to_contain_text(OPEN, timeout=45_000)
    expect(phone.locator("#question-rows")).to_contain_text("Answered", timeout=45_000)
    assert desk.locator(".q-new [data-id]", has_text=OPEN).count() == 1

    # The room is closed: the report drafts itself, and what stayed open lies on the right desk.
    run(desk)
    desk.get_by_role("button", name="Close the room").click()
    expect(phone.locator("#is-closed")).to_be_visible()
    desk.goto(f"{koinon.url}{at}/report/")
    expect(desk.locator("main")).to_contain_text("4 questions came in.")
    expect(desk.locator("main")).to_contain_text("None was lost.")
    row = desk.locator("table.data tbody tr").first
    expect(row).to_contain_text("Italian Competence Centre")
    calm(desk)
    desk.goto(f"{koinon.url}/desk/")
    expect(desk.locator("main")).to_contain_text(OPEN)


def pick_when_there(desk: Page, text: str) -> None:
    expect(desk.locator("[data-id]", has_text=text).first).to_be_visible()
    pick(desk, text)


def ask_poll(desk: Page, text: str, options: list[str]) -> None:
    """Prepare a poll and open it, which shows it on the wall."""
    run(desk)
    form = desk.locator("details.run form[action$='/poll/']")
    desk.locator("details.run .polls > details > summary").click()
    form.locator("[name=text]").fill(text)
    form.locator("[name=options]").fill("\n".join(options))
    form.get_by_role("button", name="Prepare it").click()
    desk.get_by_role("button", name="Open the poll").click()
    expect(desk.get_by_role("button", name="Take it off the wall")).to_be_visible()


def take_off_wall(desk: Page) -> None:
    run(desk)
    desk.get_by_role("button", name="Take it off the wall").click()
    expect(desk.get_by_role("button", name="Show it on the wall")).to_be_visible()


def test_the_same_hour_without_script(open_page: OpenPage, koinon: House) -> None:
    at = announced(koinon, "26HOUR00002")
    desk = moderator(open_page, koinon, at, script=False)
    open_room(desk)
    phone = open_page(f"{at}/room/", width=360, height=740, script=False)
    for text, place in (*SAME, (OPEN, "Bologna")):
        say(phone, text, place, script=False)
        # The private page, which is the only key to it.
        expect(phone.locator("main")).to_contain_text(text)
        receipt = phone.url
        phone.get_by_role("link", name="Back to the room").click()
        expect(phone.locator("#own-waiting")).to_contain_text(text)

    first = SAME[0][0]
    desk.goto(f"{koinon.url}{at}/moderate/")
    for text, _place in SAME[1:]:
        desk.locator("[data-id]", has_text=text).first.locator("a.pick").click()
        merge(desk, first)
    desk.locator("[data-id]", has_text=first).first.locator("a.pick").click()
    desk.locator("#do-r").click()
    desk.locator("[data-id]", has_text=first).first.locator("a.pick").click()
    desk.locator("#do-s").click()

    phone.goto(f"{koinon.url}{at}/room/")
    expect(phone.locator("#stage-q")).to_have_text(first)
    other = open_page(f"{at}/room/", script=False)
    other.locator("#stage-acts .vote").click()
    expect(other.locator("#stage-acts .vote b")).to_have_text("1")
    wall = open_page(f"{at}/wall/", script=False)
    expect(wall.locator("main")).to_contain_text(first)
    desk.goto(f"{koinon.url}{at}/moderate/")
    desk.locator("#do-a").click()
    say(phone, "Two villages share one officer.", kind="experience", script=False)
    ask_poll(desk, "Have you spoken with your managing authority?", ["Yes", "Not yet"])
    phone.goto(f"{koinon.url}{at}/room/#polls")
    phone.locator("#poll-rows").get_by_label("Not yet").check()
    phone.locator("#poll-rows form.poll button").first.click()
    wall.goto(f"{koinon.url}{at}/wall/")
    expect(wall.locator("main")).to_contain_text("Not yet")

    run(desk)
    desk.get_by_role("button", name="Close the room").click()
    phone.goto(receipt)
    expect(phone.locator("main")).to_contain_text("Italian Competence Centre")
    desk.goto(f"{koinon.url}{at}/report/")
    expect(desk.locator("main")).to_contain_text("4 questions came in.")
    expect(desk.locator("table.data tbody tr").first).to_contain_text("Italian Competence Centre")


def test_the_same_hour_by_keyboard_alone(open_page: OpenPage, koinon: House) -> None:
    at = announced(koinon, "26HOUR00003")
    desk = moderator(open_page, koinon, at)
    press(desk, "form[action$='/open/'] button")
    expect(desk.get_by_text("Room: open")).to_be_visible()
    phone = open_page(f"{at}/room/", width=360, height=740)
    for text, _place in SAME[:2]:
        phone.locator("#al").focus()
        phone.keyboard.type(text)
        press(phone, "#send")
        expect(desk.locator(".q-new")).to_contain_text(text)

    # J and K move, D merges, R makes ready, S puts on stage, Z undoes, A answers.
    desk.locator("body").press("j")
    expect(desk.locator(".q-new .sel")).to_have_count(1)
    desk.keyboard.press("r")
    expect(desk.locator(".q-ready [data-id]")).to_have_count(1)
    desk.keyboard.press("z")
    expect(desk.locator(".q-ready [data-id]")).to_have_count(0)
    expect(desk.locator(".q-new [data-id]")).to_have_count(2)
    desk.keyboard.press("r")
    expect(desk.locator(".q-ready [data-id]")).to_have_count(1)
    desk.keyboard.press("s")
    expect(desk.locator(".q-stage [data-id]")).to_have_count(1)
    expect(phone.locator("#stage-q")).to_be_visible()
    press(phone, "#stage-acts .vote")
    expect(desk.locator(".q-stage")).to_contain_text("1 vote")
    desk.keyboard.press("a")
    expect(desk.locator(".q-done [data-id]")).to_have_count(1)
    desk.keyboard.press("j")
    desk.keyboard.press("f")
    expect(desk.locator(".q-follow [data-id]")).to_have_count(1)
    if desk.locator("details.run").get_attribute("open") is None:
        press(desk, "details.run > summary")
    press(desk, "form[action$='/close/'] button")
    expect(phone.locator("#is-closed")).to_be_visible()
    desk.goto(f"{koinon.url}{at}/report/")
    expect(desk.locator("main")).to_contain_text("2 questions came in.")


def press(page: Page, selector: str) -> None:
    """By keyboard: focus it, Enter."""
    page.locator(selector).first.focus()
    page.keyboard.press("Enter")
