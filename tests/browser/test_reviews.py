"""A centre hosts a peer review, another applies and is accepted, what was recommended is let be seen.

The host goes by keyboard, the peer without script; axe at three widths on each page that belongs to it.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bench._server import ROOT
from tests.browser.keyboard import press
from tests.browser.test_peers import OpenPage, sound
from tests.serving import House, environment, furnish, house

pytestmark = [pytest.mark.browser, pytest.mark.server]
WORLD = """
import django; django.setup()
import json
from django.conf import settings
from django.test import Client
from koinon.network.models import Role
from koinon.network.testing import make_organisation
from koinon.peers.reviews.testing import make_past_review
from koinon.people.testing import come_in, make_person

def coming(name, body):
    person = make_person(name=name)
    Role.objects.create(person=person, kind=Role.Kind.MANAGER, organisation=body)
    browser = come_in(Client(), person, how="mfa", proved=True, holds=3600)
    return {"name": settings.SESSION_COOKIE_NAME, "value": browser.cookies[settings.SESSION_COOKIE_NAME].value}

gent, bologna = make_organisation("Centre of Gent", country="BE"), make_organisation("Centre of Bologna", country="IT")
past = make_past_review(gent, title="What we asked last year")
print(json.dumps({"gent": coming("Lotte", gent), "bologna": coming("Carla", bologna), "past": past.get_absolute_url()}))
"""


@pytest.fixture(scope="module")
def two() -> Iterator[House]:
    """A house with two centres and somebody at each."""
    with tempfile.TemporaryDirectory(prefix="koinon-reviews-") as data:
        furnish(Path(data))
        env = environment(Path(data)) | {"DJANGO_SETTINGS_MODULE": "koinon.settings"}
        made = subprocess.run(
            [sys.executable, "-c", WORLD], cwd=ROOT, env=env, capture_output=True, text=True, timeout=300
        )
        assert made.returncode == 0, made.stderr
        (Path(data) / "made.json").write_text(made.stdout.splitlines()[-1])
        with house(Path(data)) as running:
            yield running


def test_a_review_is_hosted_joined_and_its_recommendations_are_seen(open_page: OpenPage, two: House) -> None:
    made = json.loads((two.data / "made.json").read_text())
    gent = open_page("/peers/reviews/", base=two.url)
    sound(gent)
    gent.context.add_cookies([made["gent"] | {"url": two.url}])
    bologna = open_page("/peers/reviews/", base=two.url, script=False)
    bologna.context.add_cookies([made["bologna"] | {"url": two.url}])

    gent.goto(f"{two.url}/peers/reviews/")
    press(gent, gent.get_by_role("link", name="Host a peer review"))
    sound(gent)
    day = datetime.now(tz=UTC).date() + timedelta(days=30)
    for name, text in {
        "title": "How our one door works",
        "question": "Why do people leave before the second visit?",
        "topics": "one-stop shop",
        "terms": "We pay the nights, you the way.",
        "inner": "The key lies at the desk.",
        "first_day": day.isoformat(),
        "last_day": day.isoformat(),
        "call_until": (day - timedelta(days=10)).isoformat(),
    }.items():
        gent.locator(f"[name={name}]").fill(text)
    press(gent, gent.get_by_role("button", name="Save the draft"))
    sound(gent)
    page = gent.url
    press(gent, gent.get_by_role("link", name="Change the agenda"))
    gent.locator("[name=begins]").fill("09:30")
    gent.locator("[name=title]").fill("Who we are")
    press(gent, gent.get_by_role("button", name="Put it on the agenda"))
    expect(gent.locator("main")).to_contain_text("Who we are")
    sound(gent)
    gent.goto(page)
    press(gent, gent.get_by_role("button", name="Publish, and call for peers"))
    expect(gent.locator(".facts")).to_contain_text("peers wanted until")

    bologna.goto(page)
    bologna.get_by_role("link", name="We would come").click()
    bologna.locator("[name=reason]").fill("We have the same door.")
    bologna.locator("[name=named]").check()
    bologna.get_by_role("button", name="Send it to the host").click()
    expect(bologna.locator("#coming")).to_contain_text("Waiting for an answer")

    gent.goto(page)
    press(gent, gent.get_by_role("link", name="Applications (1 waits)"))
    sound(gent)
    gent.locator("[name=decision][value=accept]").check()
    gent.locator("[name=words]").fill("Come.")
    press(gent, gent.get_by_role("button", name="Answer", exact=True))
    expect(gent.locator("main")).to_contain_text("1 of 3 peers")

    bologna.goto(page)
    bologna.get_by_role("link", name="Inner papers").click()
    expect(bologna.locator("main")).to_contain_text("The key lies at the desk.")
    anybody = open_page(page.removeprefix(two.url), base=two.url)
    expect(anybody.locator("#coming")).to_contain_text("Centre of Bologna")
    expect(anybody.locator("main")).not_to_contain_text("The key lies at the desk.")
    sound(anybody)

    gent.goto(f"{two.url}{made['past']}recommendations/")
    gent.locator("[name=text]").fill("Call people the day after their first visit.")
    gent.locator("[name=due]").fill(day.isoformat())
    press(gent, gent.get_by_role("button", name="Write it down"))
    sound(gent)
    anybody.goto(two.url + made["past"])
    expect(anybody.locator("main")).not_to_contain_text("Call people the day after")
    press(gent, gent.get_by_role("button", name="Let them be seen by all"))
    expect(gent.locator("#recommendations")).to_contain_text("Call people the day after")
    anybody.goto(two.url + made["past"])
    expect(anybody.locator("#recommendations")).to_contain_text("Call people the day after")
    sound(anybody)
    for path in ("follow-up/", "papers/", "cancel/", "edit/"):
        gent.goto((page if path in {"cancel/", "papers/", "edit/"} else two.url + made["past"]) + path)
        sound(gent)
    gent.goto(f"{two.url}/peers/reviews/mine/")
    sound(gent)
    assert (gent.strangers, anybody.strangers) == ([], [])  # type: ignore[attr-defined]
