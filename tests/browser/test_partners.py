"""Somebody looks for partners at a call, somebody else sees it there and among the matches, both agree; at the deadline of the
call both searches close by themselves and say so.

By keyboard, with scripts and without; axe on each page that belongs to it.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench._server import ROOT
from tests.browser.keyboard import press, tick, write
from tests.browser.test_follow import mails_to, text_of
from tests.browser.test_peers import sound
from tests.serving import House, environment, furnish, house

pytestmark = [pytest.mark.browser, pytest.mark.server]
OpenPage = Callable[..., Page]
CALL = "Services tried with residents of two countries"
GENT, BOLOGNA = (
    "A partner in another country, with a workshop for young people",
    "A city that moved house last year",
)
DAYS = 4
"""So many days later the deadline of the call is over: it is in three."""
WORLD = """
import django; django.setup()
import json
from datetime import timedelta
from django.conf import settings
from django.test import Client
from django.utils import timezone
from koinon.calls.testing import make_call
from koinon.network.models import Role
from koinon.network.testing import make_organisation
from koinon.people.testing import come_in, make_person

def coming(name, body):
    person = make_person(name=name)
    Role.objects.create(person=person, kind=Role.Kind.MANAGER, organisation=body)
    browser = come_in(Client(), person, how="mfa", proved=True, holds=3600)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": browser.cookies[settings.SESSION_COOKIE_NAME].value}
    return {"cookie": cookie, "email": person.email}

gent, bologna = make_organisation("Centre of Gent", country="BE"), make_organisation("Centre of Bologna", country="IT")
call = make_call("CALL", places=("BE", "IT"), topics=["co-creation"], closes=timezone.now() + timedelta(days=3))
print(json.dumps({
    "gent": coming("Lotte", gent), "bologna": coming("Carla", bologna), "call": call.get_absolute_url(),
}))
""".replace("CALL", CALL, 1)


@pytest.fixture
def data() -> Iterator[Path]:
    """The data of a house with a call, two centres and somebody at each."""
    with tempfile.TemporaryDirectory(prefix="koinon-partners-") as folder:
        furnish(Path(folder))
        env = environment(Path(folder)) | {"DJANGO_SETTINGS_MODULE": "koinon.settings"}
        made = subprocess.run(
            [sys.executable, "-c", WORLD], cwd=ROOT, env=env, capture_output=True, text=True, timeout=300
        )
        assert made.returncode == 0, made.stderr
        (Path(folder) / "made.json").write_text(made.stdout.splitlines()[-1])
        yield Path(folder)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_partners_for_a_call_are_found_and_the_search_closes_itself_at_the_deadline(
    open_page: OpenPage, data: Path, script: bool
) -> None:
    made = json.loads((data / "made.json").read_text())

    def coming(to: House, who: str, path: str) -> Page:
        page = open_page("/peers/", base=to.url, script=script)
        page.context.add_cookies([made[who]["cookie"] | {"url": to.url}])
        page.goto(to.url + path)
        return page

    def looked_at(page: Page) -> None:
        if script:
            sound(page)

    with house(data) as today:
        paths = they_find_each_other(
            coming(today, "gent", "/calls/"), coming(today, "bologna", made["call"]), looked_at
        )

    with house(data, module="tests.browser.later_house", words=(str(DAYS), "up")) as later:
        # What the first ends is told by a mail, which the second sends.
        for _tick in range(2):
            subprocess.run(
                [sys.executable, "-m", "tests.browser.later_house", str(DAYS), "tick"],
                cwd=ROOT,
                env=environment(data),
                check=True,
                timeout=240,
            )
        anybody = open_page(made["call"], base=later.url, script=script)
        expect(anybody.locator("main")).to_contain_text("This call is closed.")
        expect(anybody.locator("#partners")).to_contain_text(
            "the searches for partners have closed themselves"
        )
        expect(anybody.locator("#partners").get_by_role("link")).to_have_count(0)
        looked_at(anybody)
        for who, title in (("gent", GENT), ("bologna", BOLOGNA)):
            gone = anybody.goto(later.url + paths[who])
            assert gone is not None
            assert gone.status == 410
            expect(anybody.locator("h1")).to_have_text("This partner search has ended")
            own = coming(later, who, "/peers/mine/")
            expect(own.locator("#s-over")).to_have_text("Over")
            expect(own.locator("main")).to_contain_text("Ended by itself on")
            expect(own.locator("main")).to_contain_text("Introduced on")
            looked_at(own)
            press(own, own.get_by_role("link", name=title))
            expect(own.locator(".notice")).to_contain_text("It ended by itself on")
            expect(own.get_by_role("link", name="Let it stand again")).to_have_count(0)
            looked_at(own)
            told = [
                mail
                for mail in mails_to(later, made[who]["email"])
                if mail["Subject"] == f"It has ended: {title}"
            ]
            assert len(told) == 1
            assert "ended by itself" in text_of(told[0])


def they_find_each_other(gent: Page, bologna: Page, looked_at: Callable[[Page], None]) -> dict[str, str]:
    """The way from the call to the introduction; the addresses of the two searches."""
    press(gent, gent.get_by_role("link", name=CALL))
    expect(gent.locator("#partners")).to_contain_text("Nobody has said here yet")
    press(gent, gent.locator("#partners").get_by_role("link", name="Look for partners"))
    looked_at(gent)
    paths = {"gent": say(gent, GENT)}
    expect(gent.locator(".facts")).to_contain_text("then closes itself")
    expect(gent.locator("main")).to_contain_text("Nobody fits yet")
    looked_at(gent)

    bologna.reload()
    looked_at(bologna)
    press(bologna, bologna.locator("#partners").get_by_role("link", name=GENT))
    looked_at(bologna)
    press(bologna, bologna.get_by_role("link", name="Look for partners too"))
    paths["bologna"] = say(bologna, BOLOGNA)
    press(bologna, bologna.locator(".crumbs").get_by_role("link", name="My matches"))
    expect(bologna.locator(".reasons").first).to_contain_text("Both look for partners for the same call.")
    looked_at(bologna)
    press(bologna, bologna.locator("main").get_by_role("link", name=GENT))
    press(bologna, bologna.get_by_role("button", name="Yes, introduce us"))
    expect(bologna.locator(".pairbox")).to_contain_text("Asked, has until")

    press(gent, gent.locator(".crumbs").get_by_role("link", name="My matches"))
    expect(gent.locator("main")).to_contain_text("1 would like to talk")
    press(gent, gent.locator("main").get_by_role("link", name=BOLOGNA).first)
    press(gent, gent.get_by_role("button", name="Yes, introduce us"))
    expect(gent.locator("h1")).to_contain_text("Centre of Bologna")
    expect(gent.locator("main")).not_to_contain_text("@example.eu")
    return paths


def say(page: Page, title: str) -> str:
    """Fill the form of a search; the call, its deadline and its topics stand there already. The path of its page."""
    expect(page.locator(".facts")).to_contain_text(CALL)
    expect(page.locator("[name=topics]")).to_have_value("co-creation")
    write(page, page.locator("[name=title]"), title)
    tick(page, page.locator("[name=languages][value=en]"))
    press(page, page.get_by_role("button", name="Publish it"))
    expect(page.locator("h1")).to_have_text(title)
    return "/" + page.url.split("/", 3)[3]
