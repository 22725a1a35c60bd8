"""A space is proposed, opened, joined, talked in, given a date and a file; a closed one is seen by its members alone.

By keyboard in one browser, without script in the other; axe at three widths on each page that belongs to it.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench._server import ROOT
from tests.browser.keyboard import press
from tests.browser.test_peers import sound
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

gent = make_organisation("Centre of Gent", country="BE")

def coming(name, kind=""):
    person = make_person(name=name)
    if kind:
        Role.objects.create(person=person, kind=kind, organisation=gent)
    browser = come_in(Client(), person, how="mfa", proved=True, holds=3600)
    return {"name": settings.SESSION_COOKIE_NAME, "value": browser.cookies[settings.SESSION_COOKIE_NAME].value}

print(json.dumps({
    "manager": coming("Lotte", "manager"), "guest": coming("Carla"), "page": gent.get_absolute_url(),
}))
"""


@pytest.fixture(scope="module")
def gent() -> Iterator[House]:
    """A house with a centre, its manager, and somebody from elsewhere."""
    with tempfile.TemporaryDirectory(prefix="koinon-spaces-") as data:
        furnish(Path(data))
        env = environment(Path(data)) | {"DJANGO_SETTINGS_MODULE": "koinon.settings"}
        made = subprocess.run(
            [sys.executable, "-c", WORLD], cwd=ROOT, env=env, capture_output=True, text=True, timeout=300
        )
        assert made.returncode == 0, made.stderr
        (Path(data) / "made.json").write_text(made.stdout.splitlines()[-1])
        with house(Path(data)) as running:
            yield running


def test_a_space_from_its_proposal_to_words_files_and_dates(open_page: OpenPage, gent: House) -> None:
    made = json.loads((gent.data / "made.json").read_text())
    lotte = open_page("/spaces/", base=gent.url)
    lotte.context.add_cookies([made["manager"] | {"url": gent.url}])
    carla = open_page("/spaces/", base=gent.url, script=False)
    carla.context.add_cookies([made["guest"] | {"url": gent.url}])

    lotte.goto(f"{gent.url}/spaces/new/")
    sound(lotte)
    lotte.locator("[name=name]").fill("Housing first in small towns")
    lotte.locator("[name=purpose]").fill("For people who begin where there are few flats.")
    lotte.locator("[name=topics]").fill("homelessness")
    press(lotte, lotte.get_by_role("button", name="Propose it"))
    expect(lotte.locator("main")).to_contain_text("Proposed, not open yet.")
    sound(lotte)
    press(lotte, lotte.get_by_role("button", name="Open it"))
    # The heading stands on the proposal too: only this says that the deed is done.
    expect(lotte.locator("main")).to_contain_text("Nobody has said anything yet")
    space = lotte.url

    carla.goto(f"{gent.url}/spaces/")
    carla.get_by_role("link", name="Housing first in small towns").click()
    carla.locator("[name=name]").fill("Carla of Bologna")
    carla.get_by_role("button", name="Join").click()
    carla.get_by_role("link", name="Begin a thread").click()
    carla.locator("[name=title]").fill("Which landlord did you ask first?")
    carla.locator("[name=text]").fill("We asked the municipal company, and it took a whole year.")
    carla.get_by_role("button", name="Say it").click()
    expect(carla.locator(".thread")).to_contain_text("it took a whole year")
    # "Change the language" stands in the head of every page.
    carla.locator(".thread").get_by_role("link", name="Change").click()
    carla.locator("[name=text]").fill("We asked the municipal company, and it took ten months.")
    carla.get_by_role("button", name="Save").click()
    expect(carla.locator(".thread")).to_contain_text("ten months")
    expect(carla.locator(".space-before")).to_contain_text("a whole year")
    thread = re.sub("[?#].*", "", carla.url)

    lotte.goto(thread)
    expect(lotte.locator(".thread")).to_contain_text("Carla of Bologna")
    expect(lotte.locator("main")).not_to_contain_text(re.compile(r"@example\.eu"))
    lotte.locator("[name=text]").fill("With us it was the savings bank.")
    press(lotte, lotte.get_by_role("button", name="Say it"))
    expect(lotte.locator(".thread")).to_contain_text("savings bank")
    sound(lotte)
    lotte.goto(space)
    press(lotte, lotte.get_by_role("link", name="Set a date"))
    sound(lotte)
    lotte.locator("[name=title]").fill("A walk through three flats")
    lotte.locator("[name=day]").fill("2027-07-02")
    lotte.locator("[name=begins]").fill("10:00")
    press(lotte, lotte.get_by_role("button", name="Set it"))
    expect(lotte.locator("#dates")).to_contain_text("A walk through three flats")
    press(lotte, lotte.get_by_role("link", name="Add files"))
    sound(lotte)
    lotte.locator("[name=files]").set_input_files(
        {"name": "form.txt", "mimeType": "text/plain", "buffer": b"Eleven questions."}
    )
    press(lotte, lotte.get_by_role("button", name="Add"))
    expect(lotte.locator("#files")).to_contain_text("form.txt")
    sound(lotte)
    for name in ("members", "me", "edit", "end", "leave", "dates/add-session", "threads/new"):
        lotte.goto(f"{space}{name}/")
        sound(lotte)
    lotte.goto(f"{thread}close/")
    lotte.locator("[name=because]").fill("Settled.")
    press(lotte, lotte.get_by_role("button", name="Close it"))
    expect(lotte.locator("main")).to_contain_text("Settled.")
    sound(lotte)

    anybody = open_page("/spaces/", base=gent.url)
    for address in (f"{gent.url}/spaces/", space, thread, gent.url + made["page"]):
        anybody.goto(address)
        sound(anybody)
    expect(anybody.locator("#spaces")).to_contain_text("Housing first in small towns")
    assert (lotte.strangers, anybody.strangers) == ([], [])  # type: ignore[attr-defined]


def test_a_closed_space_lets_in_by_its_door_and_hides_from_others(open_page: OpenPage, gent: House) -> None:
    made = json.loads((gent.data / "made.json").read_text())
    lotte = open_page("/spaces/new/", base=gent.url, script=False)
    lotte.context.add_cookies([made["manager"] | {"url": gent.url}])
    carla = open_page("/spaces/", base=gent.url)
    carla.context.add_cookies([made["guest"] | {"url": gent.url}])

    lotte.goto(f"{gent.url}/spaces/new/")
    lotte.locator("[name=name]").fill("Among leads")
    lotte.locator("[name=purpose]").fill("For those who lead.")
    lotte.locator("[name=is_closed]").select_option("yes")
    lotte.get_by_role("button", name="Propose it").click()
    lotte.get_by_role("button", name="Open it").click()
    lotte.get_by_role("link", name="Who belongs here").click()
    door = lotte.locator(".space-door").inner_text()
    space = lotte.url.removesuffix("members/")

    assert carla.goto(space).status == 404  # type: ignore[union-attr]
    carla.goto(door)
    sound(carla)
    carla.locator("[name=words]").fill("I lead the one in Bologna.")
    press(carla, carla.get_by_role("button", name="Ask to join"))
    expect(carla.locator("main")).to_contain_text("You have asked.")
    lotte.reload()
    lotte.get_by_role("button", name="Let in Carla").click()
    expect(lotte.locator("main")).not_to_contain_text("Who would like to join")
    # Axe waits on timers, which never come where scripts are off: a page of hers with scripts is looked at.
    looked_at = open_page("/spaces/", base=gent.url)
    looked_at.context.add_cookies([made["manager"] | {"url": gent.url}])
    looked_at.goto(lotte.url)
    expect(looked_at.locator(".space-door")).to_have_text(door)
    sound(looked_at)
    carla.goto(space)
    expect(carla.locator("h1")).to_have_text("Among leads")
    sound(carla)
    anybody = open_page("/spaces/", base=gent.url)
    expect(anybody.locator("main")).not_to_contain_text("Among leads")
    assert anybody.goto(space).status == 404  # type: ignore[union-attr]
