"""Pages that only some may see: the asker's private page, the desk, expert support. axe, widths, and without script."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.signing_in import prove, sign_in, with_passkey
from tests.serving import House

pytestmark = [pytest.mark.browser, pytest.mark.server]
OpenPage = Callable[..., Page]
STAFF, AUTHORITY, TRIAGE = "dora@private.example", "emil@private.example", "fay@private.example"


@pytest.fixture(scope="session")
def staffed(koinon: House) -> dict[str, str]:
    """Somebody at the desk of Finland's centre, in an authority, and for triage; and the number of a question there."""
    import json
    from urllib.request import Request, urlopen

    def api(path: str, body: Any = None) -> Any:
        data = json.dumps(body).encode() if body is not None else None
        asked = Request(koinon.url + path, data, {"Content-Type": "application/json"})
        with urlopen(asked) as answer:
            return json.load(answer)

    chain = api("/api/v1/places/FI/answer")["shelves"][0]["items"]
    centre = next(item for item in chain if item["type"] == "centre" and item["relation"] == "now")
    authority = next(item for item in chain if item["type"] == "authority")
    koinon.run("role", STAFF, "manager", _slug(centre))
    koinon.run("role", AUTHORITY, "authority", _slug(authority))
    koinon.run("role", TRIAGE, "coordinator")
    koinon.run("triage", TRIAGE)
    made = api("/api/v1/questions", {"text": "Who helps us with a day centre?\nWe are two.", "place": "FI"})
    return {"number": made["number"], "receipt": made["receipt"]}


def _slug(item: dict[str, str]) -> str:
    return item["url"].rstrip("/").rpartition("/")[2]


def is_well_made(page: Page) -> None:
    """No axe violation, light and dark, and nothing sticks out at any width, with all that can be opened open."""
    for scheme, width in (("light", 1440), ("dark", 360), ("light", 768), ("dark", 320)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("document.querySelectorAll('details').forEach((part) => part.open = true)")
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        assert found.violations_count == 0, (page.url, scheme, width, found.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, width)


def test_the_private_page_of_who_asked(open_page: OpenPage, staffed: dict[str, str]) -> None:
    page = open_page(staffed["receipt"])
    is_well_made(page)
    page.goto(page.url + "?sent=1")
    is_well_made(page)


def test_the_desk(open_page: OpenPage, koinon: House, staffed: dict[str, str]) -> None:
    page = open_page("/")
    sign_in(page, koinon, STAFF)
    for path in (
        "/desk/",
        f"/desk/{staffed['number']}/",
        "/desk/promise/",
        f"/desk/{staffed['number']}/publish/",
    ):
        page.goto(koinon.url + path)
        expect(page.locator("main")).to_be_visible()
        is_well_made(page)


def sent(page: Page, button: Locator) -> None:
    """Press a button that sends a form; what comes of it is there."""
    with page.expect_navigation():
        button.click()


def test_a_confidential_request_is_worked_to_its_end_and_leaves_no_trace(
    open_page: OpenPage, koinon: House, staffed: dict[str, str]
) -> None:
    # Passkeys need a name, not a number.
    here = koinon.url.replace("127.0.0.1", "localhost")
    canary = "Zugvogelkanarienruf"

    emil = open_page("/", base=here)
    sign_in(emil, koinon, AUTHORITY)
    with_passkey(emil, koinon)
    prove(emil, "/support/new/")
    is_well_made(emil)
    emil.locator("textarea[name=text]").fill(f"How do we drop a partner quietly? {canary}")
    emil.locator("input[name=confidential][value=yes]").check()
    sent(emil, emil.locator("main form button[type=submit]").first)
    expect(emil.locator("main")).to_contain_text(canary)
    request = emil.url.split("?")[0].split("#")[0]
    assert not request.endswith("/new/")
    is_well_made(emil)

    fay = open_page("/", base=here)
    sign_in(fay, koinon, TRIAGE)
    with_passkey(fay, koinon)
    prove(fay, "/support/")
    expect(fay.locator("main")).not_to_contain_text(canary)
    is_well_made(fay)
    fay.locator("form[action*='/support/handlers/'] input[name=email]").first.fill(STAFF)
    sent(fay, fay.locator("form[action*='/support/handlers/'] button[type=submit]").first)
    assert fay.goto(request).status == 404  # type: ignore[union-attr]

    dora = open_page("/", base=here)
    sign_in(dora, koinon, STAFF)
    with_passkey(dora, koinon)
    prove(dora, request.removeprefix(here))
    expect(dora.locator("main")).to_contain_text(canary)
    is_well_made(dora)
    sent(dora, dora.locator("form[action$='/accept/'] button[type=submit]"))
    dora.locator("form[action$='/answer/'] textarea[name=text]").fill(
        "End the agreement under its clause, and tell us."
    )
    sent(dora, dora.locator("form[action$='/answer/'] button[type=submit]").first)

    emil.goto(request)
    expect(emil.locator("main")).to_contain_text("End the agreement under its clause")

    stranger = open_page("/")
    number = request.rstrip("/").rpartition("/")[2]
    for path in (
        "/questions/",
        "/questions/register/",
        "/questions/?format=json",
        "/desk/",
        f"/support/{number}/",
    ):
        stranger.goto(koinon.url + path)
        assert canary not in stranger.content()
        assert number not in stranger.content().replace(f"next=/support/{number}/", "").replace(
            f"/support/{number}/", ""
        )
    mails = "".join(mail.read_text() for mail in (koinon.data / "mail").glob("*.log"))
    assert canary not in mails
    assert number not in mails
