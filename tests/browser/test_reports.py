"""A centre logs what it did once, writes its report and hands it in; the lead of its consortium accepts it.

By keyboard in one browser, without script in the other; axe at three widths, light and dark, on each page that belongs to it.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench._server import ROOT
from tests.browser.keyboard import press, reach
from tests.browser.test_peers import sound
from tests.serving import House, environment, furnish, house

pytestmark = [pytest.mark.browser, pytest.mark.server]
OpenPage = Callable[..., Page]
WORLD = """
import django; django.setup()
import json
from datetime import timedelta
from django.conf import settings
from django.test import Client
from django.utils import timezone
from koinon.agenda.models import Session
from koinon.agenda.testing import make_session
from koinon.network.models import Membership, Role
from koinon.network.testing import make_consortium, make_membership, make_organisation
from koinon.people.testing import come_in, make_person
from koinon.reports.actions import recording
from koinon.reports.testing import make_gaps

def coming(name, kind, body):
    person = make_person(name=name)
    Role.objects.create(person=person, kind=kind, organisation=body)
    browser = come_in(Client(), person, how="mfa", proved=True, holds=3600)
    return {"name": settings.SESSION_COOKIE_NAME, "value": browser.cookies[settings.SESSION_COOKIE_NAME].value}

alpha, malta = make_consortium("Alpha", "MT"), make_organisation("Centre of Malta", country="MT")
make_membership(malta, alpha, role=Membership.Role.CENTRE)
session = make_session("What is there for Gozo", organiser=malta)
session.day, session.state = timezone.localdate() - timedelta(days=9), Session.State.ENDED
session.save()
recording.record_all()
make_gaps(9, "MT"); make_gaps(3, "IT"); make_gaps(7, "FR", shelf="coming")
print(json.dumps({
    "manager": coming("Maria", "manager", malta), "lead": coming("Lea", "lead", alpha),
    "page": malta.get_absolute_url(), "figures": [f"/reports/bodies/{alpha.slug}/", f"/reports/bodies/{malta.slug}/"],
}))
"""


@pytest.fixture(scope="module")
def malta() -> Iterator[House]:
    """A house with a centre in a consortium, and a session that the centre held."""
    with tempfile.TemporaryDirectory(prefix="koinon-reports-") as data:
        furnish(Path(data))
        env = environment(Path(data)) | {"DJANGO_SETTINGS_MODULE": "koinon.settings"}
        made = subprocess.run(
            [sys.executable, "-c", WORLD], cwd=ROOT, env=env, capture_output=True, text=True, timeout=300
        )
        assert made.returncode == 0, made.stderr
        (Path(data) / "made.json").write_text(made.stdout.splitlines()[-1])
        with house(Path(data)) as running:
            yield running


def test_what_was_done_is_logged_once_reported_handed_in_and_accepted(
    open_page: OpenPage, malta: House
) -> None:
    made = json.loads((malta.data / "made.json").read_text())
    today = datetime.now(tz=UTC).date()
    manager = open_page("/reports/", base=malta.url)
    manager.context.add_cookies([made["manager"] | {"url": malta.url}])
    lead = open_page("/reports/", base=malta.url, script=False)
    lead.context.add_cookies([made["lead"] | {"url": malta.url}])

    manager.goto(malta.url + made["page"])
    press(manager, manager.get_by_role("link", name="Its log of activities"))
    expect(manager.locator("main")).to_contain_text("What is there for Gozo")
    sound(manager)
    press(manager, manager.get_by_role("link", name="Log an activity"))
    reach(manager, manager.get_by_role("button", name="Put it into the log"))
    manager.keyboard.press("Enter")
    expect(manager.locator("[name=title]")).to_be_focused()
    manager.locator("[name=kind]").select_option("meeting")
    manager.locator("[name=title]").fill("Round table with the ministry")
    manager.locator("[name=first_day]").fill((today - timedelta(days=5)).isoformat())
    manager.locator("[name=places]").fill("Malta")
    manager.locator("[name=partners]").fill("Ministry for Gozo")
    sound(manager)
    press(manager, manager.get_by_role("button", name="Put it into the log"))
    expect(manager.locator("h1")).to_have_text("Round table with the ministry")
    expect(manager.locator(".facts")).to_contain_text("not known")
    sound(manager)

    manager.goto(f"{malta.url}/reports/periods/")
    sound(manager)
    press(manager, manager.get_by_role("link", name="Begin a report"))
    manager.locator("[name=title]").fill("Our month")
    manager.locator("[name=first_day]").fill((today - timedelta(days=30)).isoformat())
    manager.locator("[name=last_day]").fill((today - timedelta(days=2)).isoformat())
    manager.locator("[name=text]").fill("Gozo asked for one door.")
    sound(manager)
    press(manager, manager.get_by_role("button", name="Begin the report"))
    expect(manager.locator("h1")).to_have_text("Our month")
    for words in ("What is there for Gozo", "Round table with the ministry", "2 activities are in the log"):
        expect(manager.locator("main")).to_contain_text(words)
    sound(manager)
    report = manager.url

    lead.goto(report)
    expect(lead.locator("main")).not_to_contain_text("Our month")
    press(manager, manager.get_by_role("button", name="Hand it in"))
    expect(manager.locator("main")).to_contain_text("Handed in.")

    lead.goto(f"{malta.url}/reports/periods/")
    lead.get_by_role("link", name="Our month").click()
    expect(lead.locator("main")).to_contain_text("Gozo asked for one door.")
    # What axe does waits for timers, which never come where scripts are off: another browser looks at the same page.
    looking = open_page("/reports/", base=malta.url)
    looking.context.add_cookies([made["lead"] | {"url": malta.url}])
    looking.goto(lead.url)
    expect(looking.get_by_role("button", name="Accept it")).to_be_visible()
    sound(looking)
    lead.get_by_role("button", name="Accept it").click()
    expect(lead.locator("main")).to_contain_text("Accepted.")

    anybody = open_page("/reports/", base=malta.url)
    for path in ("/reports/", "/reports/places/MT/", "/reports/unmet/", *made["figures"]):
        anybody.goto(malta.url + path)
        sound(anybody)
        expect(anybody.locator("main")).not_to_contain_text("Round table with the ministry")
    assert (manager.strangers, anybody.strangers) == ([], [])  # type: ignore[attr-defined]
