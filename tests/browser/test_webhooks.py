"""A manager sets a webhook up, tries it out, and what happens arrives; paused, nothing is lost. By keyboard, and without script."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench._server import ROOT
from koinon.webhooks.testing import Receiver, receiving
from tests.browser.keyboard import enter, press, write
from tests.browser.signing_in import sign_in
from tests.browser.test_every_page import what_is_wrong
from tests.serving import House, environment, furnish, house

pytestmark = [pytest.mark.browser, pytest.mark.server]
OpenPage = Callable[..., Page]
HAPPENS = """
import django; django.setup()
import secrets, sys
from koinon.agenda.testing import make_session
from koinon.journal import actions as journal
from koinon.network.models import Organisation
centre = Organisation.objects.get(slug="ncc-it")
for title in sys.argv[1:]:
    session = make_session(title, code="W" + secrets.token_hex(6), organiser=centre)
    journal.record("session.published", by=None, what=session)
"""


@pytest.fixture(scope="module")
def ours() -> Iterator[House]:
    """A house that may speak to this machine, for receivers of tests."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(prefix="koinon-hooks-") as data:
        patch.setenv("KOINON_OUTWARD_LOOPBACK", "for-tests")
        furnish(Path(data))
        with house(Path(data)) as running:
            running.run("role", "hooks@example.eu", "manager", "ncc-it")
            yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def happens(ours: House, *titles: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HAPPENS, *titles],
        cwd=ROOT,
        env=environment(ours.data) | {"DJANGO_SETTINGS_MODULE": "koinon.settings"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    ours.run("tick")


def titles(receiver: Receiver) -> list[str]:
    return [one.said["title"] for one in receiver.taken if "title" in one.said]


def go(page: Page, name: str) -> None:
    """Press a button or a link of the page."""
    main = page.locator("main")
    button = main.get_by_role("button", name=name, exact=True)
    press(page, button.or_(main.get_by_role("link", name=name, exact=True)).first)


@pytest.mark.parametrize("script", [True, False])
def test_set_up_tried_out_told_paused_and_gone_on_with(
    open_page: OpenPage, ours: House, receiver: Receiver, script: bool
) -> None:
    page = open_page("/", base=ours.url, script=script)
    sign_in(page, ours, "hooks@example.eu")
    page.goto(ours.url + "/webhooks/")
    go(page, "Set up a webhook")
    write(page, page.get_by_label("What it is for"), "Our site")
    write(page, page.get_by_label("Address", exact=True), "https://127.0.0.1/in")
    # All that comes after it may be left as it is.
    enter(page)
    expect(page.get_by_role("alert")).to_contain_text("Write the name of the server, not its number.")
    if script:
        assert what_is_wrong(page) == []
    write(page, page.get_by_label("Address", exact=True), receiver.url)
    enter(page)
    secret = page.locator("#secret").inner_text()
    if script:
        assert what_is_wrong(page) == []

    go(page, "Send a test")
    expect(page.get_by_role("status")).to_contain_text("The test arrived.")
    assert receiver.taken[0].is_signed_with(secret)
    assert page.locator("#secret").count() == 0

    happens(ours, "First")
    assert titles(receiver) == ["First"]

    page.goto(page.url.removesuffix("test/"))
    go(page, "Pause it")
    expect(page.get_by_role("heading", name="It is paused")).to_be_visible()
    happens(ours, "Second", "Third")
    assert titles(receiver) == ["First"]
    if script:
        assert what_is_wrong(page) == []

    go(page, "Go on")
    expect(page.get_by_role("heading", name="It is paused")).to_have_count(0)
    ours.run("tick")
    assert titles(receiver) == ["First", "Second", "Third"]

    page.reload()
    expect(page.get_by_role("table")).to_contain_text("Third")
    if script:
        assert what_is_wrong(page) == []
    go(page, "Take it away")
    expect(page.get_by_role("heading", name="Take the webhook away")).to_be_visible()
    go(page, "Take it away")
    expect(page.get_by_role("heading", name="Webhooks", exact=True)).to_be_visible()
