"""Every page of a session that only some see, or only at its hour: axe in light and dark, and every width.

One set-up for all of them: a host, somebody who registered, somebody without an account; a session to come, one that runs, one
with a poll on its wall, one that waits, one that is closed. What is public stands in test_every_page.
"""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.signing_in import sign_in
from tests.browser.test_every_page import what_is_wrong
from tests.serving import House

pytestmark = [pytest.mark.browser, pytest.mark.server]
HOST, GUEST, SPEAKER = "nora@pages.example", "otto@pages.example", "pia@pages.example"
RUNS, POLLS, WAITS, ENDS, COMES = (f"26PAGE0000{number}" for number in range(1, 6))
LONG = (
    "Welche Fristen gelten für eine Verwaltungsgemeinschaft, die ihre Genossenschaftsförderrichtlinie im "
    "Zusammenarbeitsverfahren mit zwei Nachbargemeinden beschließt?"
)
GREEK = "Σε ποιο κέντρο απευθύνεται ένας μικρός δήμος;"


@dataclass
class Stage:
    """The house with what was done in it: who looks by name, and the addresses that only the doing gave."""

    koinon: House
    pages: dict[str, Page]
    addresses: dict[str, str] = field(default_factory=dict)

    def at(self, who: str, path: str) -> Page:
        page = self.pages[who]
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(path if path.startswith("http") else self.koinon.url + path)
        return page


@pytest.fixture(scope="module")
def stage(browser: Browser, koinon: House) -> Iterator[Stage]:
    contexts: list[BrowserContext] = []

    def window(**more: object) -> Page:
        contexts.append(browser.new_context(reduced_motion="reduce", locale="en-GB", **more))  # type: ignore[arg-type]
        page = contexts[-1].new_page()
        page.set_default_timeout(20_000)
        page.goto(koinon.url)
        return page

    announce(koinon)
    host = window(java_script_enabled=False)
    sign_in(host, koinon, HOST)
    guest = window(java_script_enabled=False)
    sign_in(guest, koinon, GUEST)
    made = Stage(koinon, {"host": host, "guest": guest, "plain": window(java_script_enabled=False)})
    prepare(made)
    hold(made)
    made.pages["moderator"] = window(storage_state=host.context.storage_state())
    made.pages["phone"] = window(storage_state=made.pages["plain"].context.storage_state())
    # axe needs script: what was done without is looked at with it.
    made.pages["registered"] = window(storage_state=guest.context.storage_state())
    made.pages["nobody"] = window()
    yield made
    for context in contexts:
        context.close()


def announce(koinon: House) -> None:
    """Four sessions that began five minutes ago, and one of next week, of Italy's centre."""
    zone = "Europe/Brussels"
    now = datetime.now(ZoneInfo(zone))
    records = []
    for code in (RUNS, POLLS, WAITS, ENDS, COMES):
        begins = now + timedelta(days=7) if code == COMES else now - timedelta(minutes=5)
        records.append(
            {
                "id": code,
                "title": f"Zusammenarbeitsvereinbarungen: what is there for regions and cities ({code})",
                "state": "planned",
                "format": "information",
                "theme": "Citizens Engagement",
                "organiser": "ncc-it",
                "spoken": ["en"],
                "day": begins.date().isoformat(),
                "begins": begins.strftime("%H:%M"),
                "minutes": 60,
                "zone": zone,
                "segments": [
                    {"kind": "talk", "title": "The project in short", "minutes": 10},
                    {"kind": "qa", "title": "Questions and answers", "minutes": 50},
                ],
                "sources": ["A rehearsal of the tests"],
                "checked_on": now.date().isoformat(),
            }
        )
    file = koinon.data / "sessions-pages.json"
    file.write_text(json.dumps({"generated": now.date().isoformat(), "sessions": records}))
    koinon.run("load", str(file))
    koinon.run("role", HOST, "manager", "ncc-it")


def press(page: Page, button: str) -> None:
    """Press a button of a page without script and wait for the page that it leads to."""
    with page.expect_navigation():
        page.locator(button).first.click()


def form(page: Page, action: str, fields: dict[str, str], button: str = "button") -> None:
    """Fill a form, in a fold or not, and send it."""
    page.locator("details:not([open]) > summary").evaluate_all(
        "all => all.forEach(one => one.parentElement.open = true)"
    )
    for name, value in fields.items():
        page.locator(f"form[action$='{action}'] [name='{name}']").fill(value)
    press(page, f"form[action$='{action}'] {button}")


def prepare(made: Stage) -> None:
    """The hosts' side of the session to come, and who registers for it: one has the place, one waits for it."""
    for code, venue in ((ENDS, ""), (COMES, "Palazzo d'Accursio, Piazza Maggiore 6, Bologna")):
        host = made.at("host", f"/sessions/{code}/edit/")
        host.locator("main [name=takes_registrations]").check()
        host.locator("main [name=capacity]").fill("1")
        host.locator("main [name=venue]").fill(venue)
        press(host, "main form.form button[type=submit]")
    made.at("host", f"/sessions/{COMES}/edit/speakers/")
    host.locator("main [name=name]").fill("Pia Muster")
    host.locator("main [name=email]").fill(SPEAKER)
    press(host, "main section form.form button")
    made.at("host", f"/sessions/{COMES}/edit/material/")
    host.locator("main [name=title]").fill("Slides")
    host.locator("main [name=url]").fill("https://files.example/slides.pdf")
    press(host, "main section form.form button")

    guest = made.at("guest", f"/sessions/{COMES}/register/")
    guest.locator("main details.variants > summary").first.click()
    guest.locator("main [name=name]").fill("Otto Beispiel")
    guest.locator("main [name=listed]").check()
    guest.locator("main [name=need]").fill("Captions in Italian, and a step-free way.")
    press(guest, "main form.form button[type=submit]")
    made.addresses["place"] = guest.url
    late = made.at("plain", f"/sessions/{COMES}/register/")
    late.locator("main [name=email]").fill("late@pages.example")
    press(late, "main form.form button[type=submit]")
    made.addresses["slip"] = late.url
    made.addresses["invitation"] = in_the_mails(made.koinon, r"https?://[^/\s]+(/sessions/speakers/[^\s]+/)")

    made.at("guest", f"/sessions/{ENDS}/register/")
    press(guest, "main form.form button[type=submit]")
    made.addresses["there"] = guest.url
    press(guest, "#attendance button")


def in_the_mails(koinon: House, pattern: str) -> str:
    """An address that only a mail tells."""
    koinon.run("tick")
    patience = time.monotonic() + 20
    while time.monotonic() < patience:
        for mail in (koinon.data / "mail").glob("*.log"):
            if found := re.search(pattern, mail.read_text()):
                return found[1]
        time.sleep(0.2)
    raise AssertionError(f"no mail has {pattern}")


def hold(made: Stage) -> None:
    """The hours: asked, shared, put on stage, answered, a poll, and one that is closed."""
    host, plain = made.pages["host"], made.pages["plain"]
    for code in (RUNS, POLLS, ENDS):
        made.at("host", f"/sessions/{code}/moderate/")
        press(host, "form[action$='/run/open/'] button")

    for code, texts in ((RUNS, (LONG, GREEK, f"{GREEK} Και ένα χωριό;", "Who pays?")), (ENDS, (LONG, GREEK))):
        for text in texts:
            made.at("plain", f"/sessions/{code}/room/")
            plain.locator("#ask-live details > summary").click()
            plain.locator("#ask-live [name=place]").fill("bologna-3181928")
            plain.locator("#al").fill(text)
            press(plain, "#send")
            made.addresses[f"receipt {code}"] = plain.url
    made.at("plain", f"/sessions/{RUNS}/room/")
    plain.locator("input[name=kind][value=experience]").check(force=True)
    plain.locator("#al").fill("Two villages share one officer; a letter was enough.")
    press(plain, "#send")

    for code in (RUNS, ENDS):
        made.at("host", f"/sessions/{code}/moderate/")
        for key in ("#do-r", "#do-s"):
            press(host, f"[data-id]:has-text('{LONG[:30]}') a.pick")
            press(host, key)
    form(host, "/answered/", {}, "#do-a")
    made.at("host", f"/sessions/{RUNS}/moderate/")
    form(host, "/run/prompt/", {"text": "Who has tried it already?"})
    form(host, "/run/word/", {"text": "Please speak to the second row too."})
    press(host, f"[data-id]:has-text('{GREEK}') a.pick")
    made.addresses["desk"] = host.url

    made.at("host", f"/sessions/{POLLS}/moderate/")
    poll = {"text": "Have you spoken with your managing authority?", "options": "Yes\nNot yet"}
    form(host, "/run/poll/", poll)
    form(host, "/open/", {}, "button:has-text('Open the poll')")
    made.at("plain", f"/sessions/{POLLS}/room/#polls")
    plain.locator("#poll-rows").get_by_label("Not yet").check()
    press(plain, "#poll-rows form.poll button")

    made.at("host", f"/sessions/{ENDS}/moderate/")
    form(host, "/run/close/", {})
    guest = made.at("guest", made.addresses["there"])
    guest.locator("main #attendance [name=name]").fill("Otto Beispiel")
    press(guest, "#attendance form button")
    number = guest.locator("main .receipt dd.code").last.inner_text().strip()
    made.addresses["certificate"] = f"/sessions/certificates/{number}/"


# Who looks at which page; a name in braces is an address that the set-up gave.
PAGES = {
    "a session to come": ("nobody", f"/sessions/{COMES}/"),
    "a session that runs": ("nobody", f"/sessions/{RUNS}/"),
    "a session that is over": ("nobody", f"/sessions/{ENDS}/"),
    "registering": ("nobody", f"/sessions/{COMES}/register/"),
    "my place": ("registered", "{place}"),
    "what registering says": ("nobody", "{slip}"),
    "I was there": ("registered", "{there}"),
    "a certificate": ("nobody", "{certificate}"),
    "no certificate": ("nobody", "/sessions/certificates/AAAA-BBBB/"),
    "a speaker's invitation": ("nobody", "{invitation}"),
    "announcing": ("moderator", "/sessions/new/"),
    "my sessions": ("moderator", "/sessions/mine/"),
    "my calendar": ("moderator", "/sessions/mine/calendar/"),
    "a session, for its hosts": ("moderator", f"/sessions/{COMES}/"),
    "changing": ("moderator", f"/sessions/{COMES}/edit/"),
    "parts": ("moderator", f"/sessions/{COMES}/edit/parts/"),
    "speakers": ("moderator", f"/sessions/{COMES}/edit/speakers/"),
    "material": ("moderator", f"/sessions/{COMES}/edit/material/"),
    "moving": ("moderator", f"/sessions/{COMES}/move/"),
    "cancelling": ("moderator", f"/sessions/{COMES}/cancel/"),
    "who comes": ("moderator", f"/sessions/{COMES}/register/list/"),
    "a room": ("phone", f"/sessions/{RUNS}/room/"),
    "a room without script": ("phone", f"/sessions/{RUNS}/room/?plain=1"),
    "a room with a poll": ("phone", f"/sessions/{POLLS}/room/#polls"),
    "a room that waits": ("nobody", f"/sessions/{WAITS}/room/"),
    "a room that is closed": ("phone", f"/sessions/{ENDS}/room/"),
    "a receipt": ("nobody", f"{{receipt {RUNS}}}"),
    "a receipt afterwards": ("nobody", f"{{receipt {ENDS}}}"),
    "a desk before the hour": ("moderator", f"/sessions/{WAITS}/moderate/"),
    "a desk": ("moderator", "{desk}"),
    "a desk with a poll": ("moderator", f"/sessions/{POLLS}/moderate/"),
    "a desk afterwards": ("moderator", f"/sessions/{ENDS}/moderate/"),
    "a wall": ("nobody", f"/sessions/{RUNS}/wall/"),
    "a wall with a poll": ("nobody", f"/sessions/{POLLS}/wall/"),
    "a wall that waits": ("nobody", f"/sessions/{WAITS}/wall/"),
    "a speaker's view": ("moderator", f"/sessions/{RUNS}/speaker/"),
}
OPEN_ALL = "document.querySelectorAll('details').forEach(part => part.open = true)"


@pytest.mark.parametrize(("who", "path"), PAGES.values(), ids=PAGES.keys())
def test_axe_finds_nothing_and_nothing_sticks_out(stage: Stage, who: str, path: str) -> None:
    """With all that can be unfolded unfolded: what is folded away is hidden from axe."""
    page = stage.at(who, stage.addresses[path.strip("{}")] if path.startswith("{") else path)
    expect(page.locator("h1").first).to_be_attached()
    page.evaluate(OPEN_ALL)

    assert what_is_wrong(page) == []


def test_a_registration_that_is_refused_is_well_made_too(stage: Stage) -> None:
    page = stage.at("nobody", f"/sessions/{COMES}/register/")
    page.locator("main details.variants > summary").first.click()
    page.locator("main [name=listed]").check()
    page.locator("main [name=place]").fill("qqqqzzzz")
    page.locator("main form.form").evaluate("form => form.noValidate = true")
    press(page, "main form.form button[type=submit]")

    expect(page.locator("main [role=alert]")).to_be_visible()
    assert what_is_wrong(page) == []


def test_a_report_is_well_made_from_its_draft_to_its_publishing(stage: Stage) -> None:
    at, wrong = f"/sessions/{ENDS}/report/", {}
    host = stage.at("host", at + "edit/")
    host.locator("main [name=lead]").fill("Much was asked, and the centre took two things with it.")
    press(host, "main form[action$='/report/edit/'] button[type=submit]")
    form(host, "/promises/", {"text": "A list of who signs", "owner_text": "The centre", "due": "2030-01-31"})

    wrong["draft"] = what_is_wrong(stage.at("moderator", at))
    press(stage.at("host", at + "edit/"), "form[action$='/report/open/'] button")
    page = stage.at("plain", at)
    form(page, "/remarks/", {"text": "It was the Alpine region."})
    expect(page.locator("main #corrections")).to_contain_text("Alpine region")
    wrong["correcting"] = what_is_wrong(stage.at("nobody", at))
    page = stage.at("moderator", at + "edit/")
    page.evaluate(OPEN_ALL)
    wrong["editing"] = what_is_wrong(page)
    press(stage.at("host", at + "edit/"), "form[action$='/report/publish/'] button")
    wrong["published"] = what_is_wrong(stage.at("nobody", at))

    assert {state: faults for state, faults in wrong.items() if faults} == {}
