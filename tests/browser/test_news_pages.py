"""A newsletter is written, counted and released by a second person; every page of news and letters is well made.

By keyboard who writes, without script who releases; axe and every width on each page. With them the page of a person in the
directory and the form of a webhook, which somebody of the same staff sees.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bench._server import ROOT
from tests.browser.keyboard import press, write
from tests.browser.test_follow import mails_to, text_of
from tests.browser.test_private_pages import is_well_made
from tests.serving import House, environment, furnish, house

pytestmark = [pytest.mark.browser, pytest.mark.server]
OpenPage = Callable[..., Page]
PATIENCE = 60_000
SUBSCRIBERS = [f"reader{number}@example.eu" for number in range(6)]
WORLD = """
import django; django.setup()
import json, sys
from django.conf import settings
from django.test import Client
from koinon.network.models import Role
from koinon.network.testing import make_organisation
from koinon.network.visitor import visitor_for
from koinon.news.actions import items, letters
from koinon.news.actions.items import Words
from koinon.news.testing import make_follower
from koinon.peers.testing import make_profile
from koinon.people.testing import come_in, make_person
from koinon.webhooks.testing import make_hook

body = make_organisation("Centre of the Letters", country="MT")

def working(name):
    person = make_person(name=name)
    Role.objects.create(person=person, kind=Role.Kind.MANAGER, organisation=body)
    return person

def coming(person):
    browser = come_in(Client(), person, how="mfa", proved=True, holds=3600)
    return {"name": settings.SESSION_COOKIE_NAME, "value": browser.cookies[settings.SESSION_COOKIE_NAME].value}

ana, ben = working("Ana"), working("Ben")
by = visitor_for(ana)
words = {"language": "en", "lead": "In spring, for who lives there.", "text": "Come and see.\\n\\nBring somebody."}
told = items.publish(items.draft(Words("A door opens", **words), by=by, organisation=body), by=by, version=1)
draft = items.draft(Words("A door that may open", **words), by=by, organisation=body)
letter = letters.draft(by=by, organisation=body, language="en", title="Of last autumn", text="Two answers.\\n\\nOne call.")
for address in sys.argv[1:]:
    make_follower(address, ("newsletter", body.slug))
print(json.dumps({
    "ana": coming(ana),
    "ben": coming(ben),
    "body": body.name,
    "item": told.get_absolute_url(),
    "draft": draft.get_absolute_url(),
    "letter": letter.get_absolute_url(),
    "person": make_profile(organisation=body).get_absolute_url(),
    "hook": make_hook(body, person=ana).get_absolute_url(),
}))
"""


@pytest.fixture(scope="module")
def written() -> Iterator[tuple[House, dict[str, Any]]]:
    """A house with a centre, two who answer for it, what they wrote, and who asked for its letters."""
    with tempfile.TemporaryDirectory(prefix="koinon-news-") as data:
        furnish(Path(data))
        made = subprocess.run(
            [sys.executable, "-c", WORLD, *SUBSCRIBERS],
            cwd=ROOT,
            env=environment(Path(data)) | {"DJANGO_SETTINGS_MODULE": "koinon.settings"},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert made.returncode == 0, made.stderr
        with house(Path(data)) as running:
            yield running, json.loads(made.stdout.splitlines()[-1])


def as_somebody(open_page: OpenPage, ours: House, who: dict[str, str], **more: Any) -> Page:
    page = open_page("/news/", base=ours.url, **more)
    page.context.add_cookies([who | {"url": ours.url}])  # type: ignore[list-item]
    return page


def test_a_newsletter_is_written_by_keyboard_counted_and_released_by_a_second_person(
    open_page: OpenPage, written: tuple[House, dict[str, Any]]
) -> None:
    ours, made = written
    ana = as_somebody(open_page, ours, made["ana"])
    ana.goto(f"{ours.url}/news/letters/mine/")
    press(ana, ana.locator("main").get_by_role("link", name="Write a newsletter"))
    ana.get_by_label("Newsletter of").select_option(label=made["body"])
    ana.get_by_label("Language in which you write").select_option("en")
    write(ana, ana.get_by_label("Subject"), "Of this spring")
    write(ana, ana.get_by_label("Text", exact=True), "Three doors opened.")
    press(ana, ana.get_by_role("button", name="Keep the draft"))
    expect(ana.locator("h1")).to_have_text("Of this spring", timeout=PATIENCE)
    expect(ana.locator("main")).to_contain_text("At least 5 people have asked for it, confirmed it, and fit.")
    press(ana, ana.get_by_role("button", name="Ready for a second person"))
    expect(ana.locator("main")).to_contain_text("Waits for a second person.", timeout=PATIENCE)
    expect(ana.get_by_role("button", name="Send it")).to_have_count(0)
    is_well_made(ana)

    ben = as_somebody(open_page, ours, made["ben"], script=False)
    ben.goto(f"{ours.url}/news/letters/mine/")
    ben.get_by_role("link", name="Of this spring").click()
    expect(ben.locator("main")).to_contain_text("At least 5 people have asked for it, confirmed it, and fit.")
    assert [mails_to(ours, address) for address in SUBSCRIBERS] == [[]] * len(SUBSCRIBERS)
    ben.get_by_role("button", name="Send it").click()
    expect(ben.get_by_role("button", name="Send it")).to_have_count(0)
    ours.run("tick")
    ours.run("tick")

    for address in SUBSCRIBERS:
        (mail,) = mails_to(ours, address)
        assert "Three doors opened." in text_of(mail)
    reader = open_page("/news/letters/", base=ours.url, script=False)
    reader.locator("main").get_by_role("link", name="Of this spring").click()
    expect(reader.locator("main")).to_contain_text("Three doors opened.")
    expect(reader.locator("main")).not_to_contain_text("people have asked for it")


@pytest.mark.parametrize("page_of", ["/news/", "item", "/news/letters/"])
def test_the_pages_that_everybody_reads_are_well_made(
    open_page: OpenPage, written: tuple[House, dict[str, Any]], page_of: str
) -> None:
    ours, made = written
    page = open_page(made.get(page_of, page_of), base=ours.url)

    expect(page.locator("main h1")).to_be_visible()
    is_well_made(page)
    assert page.context.cookies() == []


PAGES = {
    "news with the way to write": "/news/",
    "an item": "{item}",
    "write": "/news/new/",
    "write on": "{draft}edit/",
    "correct": "{item}edit/",
    "our news": "/news/mine/",
    "our letters": "/news/letters/mine/",
    "a letter": "{letter}",
    "write a letter": "/news/letters/new/",
    "write on a letter": "{letter}edit/",
    "a person": "{person}",
    "change a webhook": "{hook}edit/",
}


@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES.keys())
def test_the_pages_of_who_writes_are_well_made(
    open_page: OpenPage, written: tuple[House, dict[str, Any]], address: str
) -> None:
    ours, made = written
    page = as_somebody(open_page, ours, made["ana"])
    answer = page.goto(ours.url + address.format_map(made))

    assert answer is not None
    assert answer.status == 200
    expect(page.locator("main h1")).to_be_visible()
    is_well_made(page)
