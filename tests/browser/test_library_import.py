"""Two hundred practices from a spreadsheet: the bad row is named, nothing half done, the mended file comes in, and is undone."""

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
from koinon.practices.tests.sheets import xlsx_of
from tests.browser.test_private_pages import is_well_made
from tests.serving import House, environment, furnish, house

pytestmark = [pytest.mark.browser, pytest.mark.server]
OpenPage = Callable[..., Page]
PATIENCE = 60_000
"""Milliseconds: two hundred rows are looked at on a machine that does other things besides."""
WORLD = """
import django; django.setup()
import json
from django.conf import settings
from django.test import Client
from koinon.network.models import Role
from koinon.network.testing import make_organisation
from koinon.people.testing import come_in, make_person
from koinon.practices.testing import make_practice

def coming(person):
    browser = come_in(Client(), person, how="mfa", proved=True, holds=3600)
    return {"name": settings.SESSION_COOKIE_NAME, "value": browser.cookies[settings.SESSION_COOKIE_NAME].value}

manager = make_person()
centre = make_organisation("Centre of Belgium", country="BE")
Role.objects.create(person=manager, kind=Role.Kind.MANAGER, organisation=centre)
make_practice("One door for young people", organisation=centre)
print(json.dumps({"manager": coming(manager)}))
"""
HEADINGS = ["Titel", "Kurzbeschreibung", "Herausforderung", "Ansatz", "Land", "Beginn", "Farbe"]


@pytest.fixture(scope="module")
def library() -> Iterator[House]:
    """A house with a centre, who manages it, and one public practice."""
    with tempfile.TemporaryDirectory(prefix="koinon-import-") as data:
        furnish(Path(data))
        env = environment(Path(data)) | {"DJANGO_SETTINGS_MODULE": "koinon.settings"}
        made = subprocess.run(
            [sys.executable, "-c", WORLD], cwd=ROOT, env=env, capture_output=True, text=True, timeout=240
        )
        assert made.returncode == 0, made.stderr
        with house(Path(data)) as running:
            (running.data / "made.json").write_text(made.stdout.splitlines()[-1])
            yield running


def workbook(folder: Path, name: str, *, bad: bool, many: int = 200, what: str = "Tür") -> Path:
    rows: list[list[Any]] = [HEADINGS]
    for number in range(1, many + 1):
        where = "Atlantis" if bad and number == 122 else "Belgien" if number % 2 else "BE"
        rows.append(
            [f"{what} Nummer {number}", "Ein Büro.", "Fünf Schalter.", "Eine Tür.", where, 2019, "rot"]
        )
    file = folder / name
    file.write_bytes(xlsx_of(rows))
    return file


def enter(open_page: OpenPage, library: House, path: str, *, script: bool = True) -> Page:
    made = json.loads((library.data / "made.json").read_text())
    page = open_page("/practices/", base=library.url, script=script)
    page.set_default_timeout(PATIENCE)
    page.context.add_cookies([made["manager"] | {"url": library.url}])
    page.goto(library.url + path)
    return page


def to(page: Page, wanted: str) -> None:
    """Go there with the tabulator."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"{wanted} is not reached with the keyboard")


def drafts(page: Page, library: House) -> int:
    page.goto(library.url + "/practices/mine/")
    return page.locator("table.data tbody tr").count()


@pytest.mark.parametrize("script", [True, False], ids=["by keyboard", "without script"])
def test_two_hundred_practices_come_in_from_a_spreadsheet(
    open_page: OpenPage, library: House, tmp_path: Path, script: bool
) -> None:
    name = "with" if script else "without"
    page = enter(open_page, library, "/practices/mine/", script=script)
    before = drafts(page, library)
    page.get_by_role("link", name="Practices from a file").click()
    page.locator("select[name=language]").select_option("de")

    def go(wanted: str) -> None:
        if script:
            to(page, wanted)
            page.keyboard.press("Enter")
        else:
            page.locator(wanted).click()

    page.locator("input[type=file]").set_input_files(workbook(tmp_path, f"bad {name}.xlsx", bad=True))
    go("main form button[type=submit]")
    expect(page.locator("main .notice.bad")).to_contain_text("1 row is wrong", timeout=PATIENCE)
    expect(page.locator("main table.data").first).to_contain_text("123")
    expect(page.locator("main table.data").first).to_contain_text("Atlantis")
    expect(page.locator("dl.facts")).to_contain_text("Farbe")
    assert page.locator("form[action$='/run/']").count() == 0
    assert drafts(page, library) == before

    page.goto(library.url + "/practices/import/")
    page.locator("select[name=language]").select_option("de")
    page.locator("input[type=file]").set_input_files(workbook(tmp_path, f"good {name}.xlsx", bad=False))
    go("main form button[type=submit]")
    expect(page.locator("main .notice")).to_contain_text("All 200 rows are in order", timeout=PATIENCE)
    expect(page.locator("main")).to_contain_text("Tür Nummer 7")
    go("form[action$='/run/'] button")
    expect(page.locator("main .notice")).to_contain_text("200 drafts came in", timeout=PATIENCE)
    here = page.url
    assert drafts(page, library) == min(before + 200, 100)

    page.goto(here)
    go("form[action$='/undo/'] button")
    expect(page.locator("main .notice")).to_contain_text("Undone", timeout=PATIENCE)
    assert drafts(page, library) == before


@pytest.mark.parametrize("script", [True, False], ids=["by keyboard", "without script"])
def test_what_came_in_is_sent_in_together(
    open_page: OpenPage, library: House, tmp_path: Path, script: bool
) -> None:
    page = enter(open_page, library, "/practices/import/", script=script)
    page.locator("select[name=language]").select_option("de")
    # What is sent in stays: other files have to name other practices.
    what = "Tor" if script else "Fenster"
    few = workbook(tmp_path, "few.xlsx", bad=False, many=3, what=what)
    page.locator("input[type=file]").set_input_files(few)
    page.locator("main form button[type=submit]").first.click()
    page.locator("form[action$='/run/'] button").click()
    expect(page.locator("main .notice")).to_contain_text("3 drafts came in", timeout=PATIENCE)
    boxes = page.locator("input[name=practice]")
    if script:
        to(page, "input[name=practice]")
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        to(page, "input[name=practice]")
        page.keyboard.press("Space")
        assert boxes.evaluate_all("boxes => boxes.map(one => one.checked)") == [True, True, False]
        to(page, "form[action$='/mine/send/'] button")
        page.keyboard.press("Enter")
        expect(page.locator("main .notice")).to_contain_text("2 practices were sent in for review")
        is_well_made(page)
    else:
        page.get_by_role("link", name="Tick all of this page").click()
        assert boxes.evaluate_all("boxes => boxes.map(one => one.checked)") == [True, True, True]
        page.locator("form[action$='/mine/send/'] button").click()
        expect(page.locator("main .notice")).to_contain_text("3 practices were sent in for review")
    page.get_by_role("link", name="My practices").click()
    expect(page.locator("table.data")).to_contain_text("in review")
    if script:
        is_well_made(page)


def test_the_pages_of_files_are_well_made(open_page: OpenPage, library: House, tmp_path: Path) -> None:
    page = enter(open_page, library, "/practices/export/")
    is_well_made(page)
    for bad in (True, False):
        page.goto(library.url + "/practices/import/")
        is_well_made(page)
        page.locator("input[type=file]").set_input_files(workbook(tmp_path, f"looks {bad}.xlsx", bad=bad))
        page.locator("main form button[type=submit]").first.click()
        expect(page).to_have_url(re.compile(r"/import/\d+/$"), timeout=PATIENCE)
        is_well_made(page)
    page.locator("form[action$='/run/'] button").click()
    expect(page.locator("main .notice")).to_contain_text("200 drafts came in", timeout=PATIENCE)
    is_well_made(page)
    page.locator("form[action$='/undo/'] button").click()
    expect(page.locator("main .notice")).to_contain_text("Undone", timeout=PATIENCE)
    is_well_made(page)
    page.goto(library.url + "/practices/import/")
    page.locator("input[type=file]").set_input_files(tmp_path / "looks True.xlsx")
    page.locator("select[name=language]").select_option("fi")
    page.evaluate("document.querySelector('input[type=file]').removeAttribute('accept')")
    broken = tmp_path / "broken.csv"
    broken.write_bytes(b'title\n"A door')
    page.locator("input[type=file]").set_input_files(broken)
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("main .notice.bad")).to_be_visible()
    is_well_made(page)


def test_everybody_finds_the_files(open_page: OpenPage, library: House) -> None:
    page = open_page("/practices/", base=library.url, script=False)
    page.locator("#results").get_by_role("link", name="All of it").click()

    with page.expect_download() as file:
        page.get_by_role("link", name="CSV", exact=True).first.click()

    assert "One door for young people" in Path(file.value.path()).read_text()
