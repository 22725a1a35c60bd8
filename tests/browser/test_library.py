"""The library and the search as readers use them: for every eye and width, by keyboard, without script."""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bench._server import ROOT
from tests.browser.test_every_page import what_is_wrong
from tests.browser.test_private_pages import is_well_made
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
from koinon.practices.testing import make_adoption, make_practice, make_translation

def coming(person):
    browser = come_in(Client(), person, how="mfa", proved=True, holds=3600)
    return {"name": settings.SESSION_COOKIE_NAME, "value": browser.cookies[settings.SESSION_COOKIE_NAME].value}

owner, manager = make_person(), make_person()
centre = make_organisation("Centre of Belgium", country="BE")
Role.objects.create(person=manager, kind=Role.Kind.MANAGER, organisation=centre)
door = make_practice("One door for young people", evidence="3", owner=owner, centre=centre)
make_adoption(door)
make_translation(door.shown, "fi", made="machine", service="LibreTranslate")
print(json.dumps({
    "door": door.slug,
    "draft": make_practice("A draft", state="draft", owner=owner, centre=centre).slug,
    "sent": make_practice("Sent in", state="submitted", owner=owner, centre=centre).slug,
    "told": make_adoption(door, place="PL", confirmed=False).pk,
    "owner": coming(owner),
    "manager": coming(manager),
}))
"""


@pytest.fixture(scope="module")
def library() -> Iterator[House]:
    """A house with one practice that was taken over and translated by a machine."""
    with tempfile.TemporaryDirectory(prefix="koinon-library-") as data:
        furnish(Path(data))
        env = environment(Path(data)) | {"DJANGO_SETTINGS_MODULE": "koinon.settings"}
        made = subprocess.run(
            [sys.executable, "-c", WORLD], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120
        )
        assert made.returncode == 0, made.stderr
        with house(Path(data)) as running:
            (running.data / "made.json").write_text(made.stdout.splitlines()[-1])
            yield running


@pytest.fixture(scope="module")
def door(library: House) -> str:
    return f"/practices/{_made(library)['door']}/"


def _made(library: House) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((library.data / "made.json").read_text())
    return made


@pytest.mark.parametrize("tail", ["/practices/", "/practices/lineage/", "", "?read=fi", "versions/"])
def test_axe_finds_nothing_and_nothing_sticks_out(
    open_page: OpenPage, library: House, door: str, tail: str
) -> None:
    page = open_page(tail if tail.startswith("/") else door + tail, base=library.url)

    assert page.locator("main h1").count() == 1
    assert what_is_wrong(page) == []
    assert page.context.cookies() == []
    assert page.strangers == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("owner", "new/"),
        ("owner", "mine/"),
        ("owner", "{draft}/edit/"),
        ("owner", "{door}/translate/"),
        ("owner", "{door}/translate/fi/"),
        ("owner", "{door}/adopt/"),
        ("manager", "inbox/"),
        ("manager", "{sent}/review/"),
        ("manager", "{door}/withdraw/"),
        ("manager", "{door}/adoptions/{told}/"),
    ],
)
def test_the_pages_of_who_writes_and_who_reviews_are_well_made(
    open_page: OpenPage, library: House, who: str, path: str
) -> None:
    made = _made(library)
    page = open_page("/practices/", base=library.url)
    page.context.add_cookies([made[who] | {"url": library.url}])

    page.goto(f"{library.url}/practices/{path.format(**made)}")

    expect(page.locator("main h1")).to_be_visible()
    is_well_made(page)


def test_a_reader_sees_what_a_machine_wrote(open_page: OpenPage, library: House, door: str) -> None:
    page = open_page(door + "?read=fi", base=library.url, script=False)

    expect(page.locator("h1")).to_have_attribute("lang", "fi")
    expect(page.locator(".stand.unsure")).to_contain_text("LibreTranslate")


def test_nothing_found_leads_to_asking_with_the_words(open_page: OpenPage, library: House) -> None:
    page = open_page("/search/", base=library.url, script=False)
    page.locator("#sq").focus()
    page.keyboard.type("qqqqzzzz wwwwvvvv")
    page.keyboard.press("Enter")
    expect(page.locator("#rh")).to_have_text("Nothing found")
    assert what_is_wrong(open_page("/search/?q=qqqqzzzz+wwwwvvvv", base=library.url)) == []

    page.get_by_role("link", name="Ask it").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#id_text")).to_have_value(re.compile("qqqqzzzz wwwwvvvv"))


@pytest.mark.parametrize("script", [True, False], ids=["keyboard", "without script"])
def test_what_fits_is_found(open_page: OpenPage, library: House, door: str, script: bool) -> None:
    page = open_page("/search/", base=library.url, script=script)
    page.locator("#sq").focus()
    page.keyboard.type("one dor young")
    page.keyboard.press("Enter")
    hit = page.locator(f"ol.results h3 a[href*='{door}']")
    expect(hit).to_be_visible()

    hit.focus()
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(re.escape(door)))
