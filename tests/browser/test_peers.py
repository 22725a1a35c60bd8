"""Two centres are matched with reasons, both agree, exchange, and record a result that shows on both pages.

By keyboard in one browser, without script in the other; axe at three widths, light and dark, on each page that belongs to it.
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
from tests.browser.by_keyboard import press
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


@pytest.fixture(scope="module")
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


def test_two_centres_are_matched_agree_exchange_and_record_a_result_on_both_pages(
    open_page: OpenPage, two: House
) -> None:
    made = json.loads((two.data / "made.json").read_text())
    gent = open_page("/peers/", base=two.url)
    gent.context.add_cookies([made["gent"] | {"url": two.url}])
    bologna = open_page("/peers/", base=two.url, script=False)
    bologna.context.add_cookies([made["bologna"] | {"url": two.url}])

    gent.goto(f"{two.url}/peers/new/offer/")
    sound(gent)
    gent.locator("[name=title]").fill("Two days with the team of our one-door office")
    gent.locator("[name=topics]").fill("one-stop shop, youth")
    gent.locator("[name=formats][value=visit]").check()
    gent.locator("[name=languages][value=en]").check()
    press(gent, gent.get_by_role("button", name="Publish it"))
    expect(gent.locator("h1")).to_have_text("Two days with the team of our one-door office")

    bologna.goto(f"{two.url}/peers/new/need/")
    bologna.locator("[name=title]").fill("Someone who moved youth services under one roof")
    bologna.locator("[name=topics]").fill("youth")
    bologna.locator("[name=languages][value=en]").check()
    bologna.get_by_role("button", name="Publish it").click()
    expect(bologna.locator(".reasons").first).to_contain_text("youth")
    bologna.get_by_role("link", name="Two days with the team of our one-door office").click()
    expect(bologna.locator("h1")).to_contain_text("Centre of Gent")
    bologna.get_by_role("button", name="Yes, introduce us").click()
    expect(bologna.locator(".pairbox")).to_contain_text("Asked, has until")

    gent.goto(f"{two.url}/peers/mine/")
    sound(gent)
    press(gent, gent.get_by_role("link", name="Someone who moved youth services under one roof").first)
    sound(gent)
    press(gent, gent.get_by_role("button", name="Yes, introduce us"))
    expect(gent.locator("h1")).to_contain_text("Centre of Bologna")
    introduction = gent.url
    gent.locator("[name=text]").fill("The week of 13 April is free.")
    press(gent, gent.get_by_role("button", name="Send"))
    expect(gent.locator(".thread")).to_contain_text("The week of 13 April is free.")
    sound(gent)

    bologna.goto(introduction)
    expect(bologna.locator(".thread")).to_contain_text("The week of 13 April is free.")
    expect(bologna.locator("main")).not_to_contain_text(re.compile(r"@example\.eu"))
    bologna.get_by_role("link", name="Agree on an exchange").click()
    bologna.locator("[name=title]").fill("Two days in Gent")
    bologna.locator("[name=format]").select_option("visit")
    for name in ("begins_on", "ends_on"):
        bologna.locator(f"[name={name}]").fill(datetime.now(tz=UTC).date().isoformat())
    bologna.get_by_role("button", name="Propose it").click()
    expect(bologna.locator("h1")).to_have_text("Two days in Gent")
    exchange = bologna.url

    gent.goto(exchange)
    press(gent, gent.get_by_role("button", name="Yes, we agree"))
    press(gent, gent.get_by_role("link", name="Say what came of it"))
    sound(gent)
    gent.locator("[name=public_text]").fill("Bologna opens one door in spring.")
    gent.locator("[name=consents]").check()
    press(gent, gent.get_by_role("button", name="Record it"))
    sound(gent)
    anybody = open_page(made["pages"][0], base=two.url)
    expect(anybody.locator("main")).not_to_contain_text("Bologna opens one door in spring.")

    bologna.goto(exchange)
    bologna.get_by_role("button", name="Yes, these words may be seen by all").click()
    for path in made["pages"]:
        anybody.goto(two.url + path)
        expect(anybody.locator("#peers")).to_contain_text("Bologna opens one door in spring.")
    for path in ("/peers/", "/peers/exchanges/", exchange.removeprefix(two.url)):
        anybody.goto(two.url + path)
        sound(anybody)
    for path in ("/peers/people/", "/peers/people/mine/", "/peers/new/partners/"):
        gent.goto(two.url + path)
        sound(gent)
    assert (gent.strangers, anybody.strangers) == ([], [])  # type: ignore[attr-defined]
