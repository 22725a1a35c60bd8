"""Signing in as people do: with the code from the mail, and with a passkey of a virtual security key."""

import re
import time
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.serving import House


def sign_in(page: Page, koinon: House, email: str) -> None:
    """With a mailed code; without a mail server the mail lies in the data folder."""
    before = _mails(koinon)
    page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + "/account/login/")
    page.locator("input[type=email]").fill(email)
    page.locator("main form button[type=submit]").first.click()
    field = page.locator("input[name=code]")
    expect(field).to_be_visible()
    field.fill(_code(koinon, before))
    with page.expect_navigation():
        page.locator("main form", has=field).locator("button[type=submit]").first.click()
    expect(page.locator("h1")).to_be_visible()


def with_passkey(page: Page, koinon: House) -> None:
    """Make a passkey in the account of who is signed in; from then on this browser's key answers by itself."""
    keys = page.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    keys.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    origin = "//".join((page.url.split("/")[0], page.url.split("/")[2]))
    page.goto(origin + "/account/passkeys/add/")
    if page.locator("input[name=code]").count():
        raise AssertionError("a fresh sign-in needs no second proof")
    page.locator("main form button").first.click()
    page.wait_for_url(lambda address: not urlsplit(address).path.endswith("/passkeys/add/"))
    expect(page.locator("main")).to_contain_text(re.compile("passkey", re.IGNORECASE))


def _mails(koinon: House) -> set[Path]:
    return set((koinon.data / "mail").glob("*.log"))


def _code(koinon: House, before: set[Path]) -> str:
    """The six digits of the newest mail; it is written while the form is answered."""
    patience = time.monotonic() + 10
    while time.monotonic() < patience:
        for mail in sorted(_mails(koinon) - before, key=lambda path: path.stat().st_mtime, reverse=True):
            if found := re.search(r"^\s*(\d{6})\s*$", mail.read_text(), re.MULTILINE):
                return found[1]
        time.sleep(0.1)
    raise AssertionError("no mail with a code came")


def prove(page: Page, back: str) -> None:
    """Prove with the passkey, as what is confidential asks for, and go on."""
    origin = "//".join((page.url.split("/")[0], page.url.split("/")[2]))
    page.goto(f"{origin}/account/prove/passkey/?next={back}")
    page.locator("main form button").first.click()
    # Not a pattern of the whole address: the one that is left holds `back` as well, in its `next`.
    page.wait_for_url(lambda address: urlsplit(address).path == back)
