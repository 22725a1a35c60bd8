"""Two centres are matched with reasons, both agree, exchange, and record a result that shows on both pages.

By keyboard, with scripts and without; axe at three widths, light and dark, on each page that belongs to it.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench._server import ROOT
from tests.browser.keyboard import choose, press, tick, write, write_day
from tests.browser.test_every_page import sticking_out, what_is_wrong
from tests.serving import House, environment, furnish, house

pytestmark = [pytest.mark.browser, pytest.mark.server]
OpenPage = Callable[..., Page]
WORLD = """
import django; django.setup()
import json
from django.conf import settings
from django.test import Client
from koinon.network.models import Role
from koinon.network.testing import make_organisation
from koinon.people.testing import come_in, make_person

def coming(name, body):
    person = make_person(name=name)
    Role.objects.create(person=person, kind=Role.Kind.MANAGER, organisation=body)
    browser = come_in(Client(), person, how="mfa", proved=True, holds=3600)
    return {"name": settings.SESSION_COOKIE_NAME, "value": browser.cookies[settings.SESSION_COOKIE_NAME].value}

gent, bologna = make_organisation("Centre of Gent", country="BE"), make_organisation("Centre of Bologna", country="IT")
print(json.dumps({
    "gent": coming("Lotte", gent), "bologna": coming("Carla", bologna),
    "pages": [gent.get_absolute_url(), bologna.get_absolute_url()],
}))
"""


@pytest.fixture
def two() -> Iterator[House]:
    """A house with two centres and somebody at each."""
    with tempfile.TemporaryDirectory(prefix="koinon-peers-") as data:
        furnish(Path(data))
        env = environment(Path(data)) | {"DJANGO_SETTINGS_MODULE": "koinon.settings"}
        made = subprocess.run(
            [sys.executable, "-c", WORLD], cwd=ROOT, env=env, capture_output=True, text=True, timeout=300
        )
        assert made.returncode == 0, made.stderr
        (Path(data) / "made.json").write_text(made.stdout.splitlines()[-1])
        with house(Path(data)) as running:
            yield running


def sound(page: Page) -> None:
    """Nothing that axe finds, nothing that sticks out, at three widths, in light and dark."""
    for width in (1440, 768, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert what_is_wrong(page) == [], (page.url, width)
        assert sticking_out(page, 320) == [], page.url
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1440, "height": 900})


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_two_centres_are_matched_agree_exchange_and_record_a_result_on_both_pages(
    open_page: OpenPage, two: House, script: bool
) -> None:
    made = json.loads((two.data / "made.json").read_text())

    def coming(who: str) -> Page:
        page = open_page("/peers/", base=two.url, script=script)
        page.context.add_cookies([made[who] | {"url": two.url}])
        return page

    def looked_at(page: Page) -> None:
        if script:
            sound(page)

    gent, bologna, anybody = (
        coming("gent"),
        coming("bologna"),
        open_page("/peers/", base=two.url, script=script),
    )
    offer, need = (
        "Two days with the team of our one-door office",
        "Someone who moved youth services under one roof",
    )
    press(gent, gent.get_by_role("link", name="Offer something"))
    looked_at(gent)
    write(gent, gent.locator("[name=title]"), offer)
    write(gent, gent.locator("[name=topics]"), "one-stop shop, youth")
    tick(gent, gent.locator("[name=formats][value=visit]"))
    tick(gent, gent.locator("[name=languages][value=en]"))
    press(gent, gent.get_by_role("button", name="Publish it"))
    expect(gent.locator("h1")).to_have_text(offer)

    press(bologna, bologna.get_by_role("link", name="Say what you need"))
    write(bologna, bologna.locator("[name=title]"), need)
    write(bologna, bologna.locator("[name=topics]"), "youth")
    tick(bologna, bologna.locator("[name=languages][value=en]"))
    press(bologna, bologna.get_by_role("button", name="Publish it"))
    expect(bologna.locator(".reasons").first).to_contain_text("youth")
    press(bologna, bologna.get_by_role("link", name=offer))
    expect(bologna.locator("h1")).to_contain_text("Centre of Gent")
    press(bologna, bologna.get_by_role("button", name="Yes, introduce us"))
    expect(bologna.locator(".pairbox")).to_contain_text("Asked, has until")

    press(gent, gent.locator(".crumbs").get_by_role("link", name="My matches"))
    looked_at(gent)
    press(gent, gent.get_by_role("link", name=need).first)
    expect(gent.locator(".reasons").first).to_contain_text("youth")
    looked_at(gent)
    press(gent, gent.get_by_role("button", name="Yes, introduce us"))
    expect(gent.locator("h1")).to_contain_text("Centre of Bologna")
    write(gent, gent.locator("[name=text]"), "The week of 13 April is free.")
    press(gent, gent.get_by_role("button", name="Send"))
    expect(gent.locator(".thread")).to_contain_text("The week of 13 April is free.")
    looked_at(gent)

    press(bologna, bologna.locator(".crumbs").get_by_role("link", name="My matches"))
    press(bologna, bologna.locator("main").get_by_role("link", name="Centre of Gent"))
    expect(bologna.locator(".thread")).to_contain_text("The week of 13 April is free.")
    expect(bologna.locator("main")).not_to_contain_text(re.compile(r"@example\.eu"))
    press(bologna, bologna.get_by_role("link", name="Agree on an exchange"))
    write(bologna, bologna.locator("[name=title]"), "Two days in Gent")
    choose(bologna, bologna.locator("[name=format]"), "A visit")
    for name in ("begins_on", "ends_on"):
        write_day(bologna, bologna.locator(f"[name={name}]"), datetime.now(tz=UTC).date().isoformat())
    press(bologna, bologna.get_by_role("button", name="Propose it"))
    expect(bologna.locator("h1")).to_have_text("Two days in Gent")

    press(gent, gent.locator(".crumbs").get_by_role("link", name="My matches"))
    press(gent, gent.locator("main").get_by_role("link", name="Two days in Gent"))
    press(gent, gent.get_by_role("button", name="Yes, we agree"))
    press(gent, gent.get_by_role("link", name="Say what came of it"))
    looked_at(gent)
    write(gent, gent.locator("[name=public_text]"), "Bologna opens one door in spring.")
    tick(gent, gent.locator("[name=consents]"))
    press(gent, gent.get_by_role("button", name="Record it"))
    looked_at(gent)
    anybody.goto(two.url + made["pages"][0])
    expect(anybody.locator("main")).not_to_contain_text("Bologna opens one door in spring.")

    bologna.reload()
    press(bologna, bologna.get_by_role("button", name="Yes, these words may be seen by all"))
    for path in made["pages"]:
        anybody.goto(two.url + path)
        expect(anybody.locator("#peers")).to_contain_text("Bologna opens one door in spring.")
    press(anybody, anybody.locator("#peers").get_by_role("link", name="Two days in Gent"))
    expect(anybody.locator("main")).to_contain_text("Bologna opens one door in spring.")
    looked_at(anybody)
    assert (gent.strangers, anybody.strangers) == ([], [])  # type: ignore[attr-defined]
    if not script:
        return
    for path in ("/peers/", "/peers/exchanges/"):
        anybody.goto(two.url + path)
        sound(anybody)
    for path in ("/peers/people/", "/peers/people/mine/", "/peers/new/partners/"):
        gent.goto(two.url + path)
        sound(gent)
    assert (gent.strangers, anybody.strangers) == ([], [])  # type: ignore[attr-defined]
