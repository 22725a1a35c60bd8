"""Following the place Zaragoza brings one digest with what is new and nothing else, and one click stops it.

By keyboard, without script, and on every page that belongs to it axe finds nothing.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from bench._server import ROOT
from tests.browser.keyboard import press, write
from tests.browser.test_every_page import sticking_out, what_is_wrong
from tests.serving import House, environment

pytestmark = [pytest.mark.browser, pytest.mark.server]
OpenPage = Callable[..., Page]
PATIENCE = 60_000
PLACE = "/places/zaragoza-3104324/"
HAPPENS = """
import django; django.setup()
import secrets, sys
from datetime import timedelta
from django.utils import timezone
from koinon.agenda.testing import make_session
from koinon.journal import actions as journal
from koinon.news.models import Follower
from koinon.network.models import Organisation
from koinon.places.models import Place
centre = Organisation.objects.get(slug="ncc-es")
for title, code in [pair.split("=") for pair in sys.argv[1:]]:
    session = make_session(title, code="N" + secrets.token_hex(6), organiser=centre)
    session.places.set(Place.objects.filter(pk=code))
    journal.record("session.published", by=None, what=session)
Follower.objects.update(next_at=timezone.now() - timedelta(minutes=1))
"""


def happens(koinon: House, *sessions: str) -> None:
    """Sessions are announced, and the hour of the digests comes."""
    done = subprocess.run(
        [sys.executable, "-c", HAPPENS, *sessions],
        cwd=ROOT,
        env=environment(koinon.data) | {"DJANGO_SETTINGS_MODULE": "koinon.settings"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    koinon.run("tick")


def mails_to(koinon: House, address: str) -> list[EmailMessage]:
    """What was sent to an address, the earliest first."""
    found = []
    for file in sorted((koinon.data / "mail").glob("*.log"), key=_age):
        for raw in re.split(rb"(?m)^-{79}\n", file.read_bytes()):
            mail = message_from_bytes(raw, policy=policy.default)
            if mail["To"] == address:
                found.append(mail)
    return found


def _age(file: Path) -> float:
    return file.stat().st_mtime


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(preferencelist=("plain",))
    assert body is not None
    return str(body.get_content())


def titles(text: str) -> list[str]:
    """The titles of all things that a digest tells: each has two lines more and its address."""
    return re.findall(r"(?m)^  (\S.*)\n  .*\n  .*\n  https?://\S+$", text)


def path_in(text: str, ending: str) -> str:
    """The address of ours that a mail holds and that ends so."""
    return str(urlsplit(re.findall(rf"https?://\S+/news/follows/\S+?{ending}(?=\s)", text)[0]).path)


def whole_page(page: Page, address: str) -> None:
    """Nothing that axe finds, nothing that sticks out, at three widths, in light and dark."""
    for width in (1440, 768, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert what_is_wrong(page) == [], (address, width)
        assert sticking_out(page, width) == [], (address, width)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_following_zaragoza_brings_one_digest_and_one_click_stops_it(
    open_page: OpenPage, koinon: House, script: bool
) -> None:
    address = f"ana{int(script)}@example.eu"
    page = open_page(PLACE, script=script)
    press(page, page.locator("a.follow"))
    expect(page.locator("h1")).to_have_text("Follow Zaragoza", timeout=PATIENCE)

    write(page, page.locator("input[type=email]"), address)
    press(page, page.get_by_role("button", name="Follow", exact=True))
    expect(page.locator(".notice[role=status]")).to_contain_text("Look into your mail", timeout=PATIENCE)
    koinon.run("tick")
    (asked,) = mails_to(koinon, address)

    # A program that follows every link of a mail confirms and stops nothing.
    page.goto(koinon.url + path_in(text_of(asked), "/"))
    happens(koinon, "Not yet for anybody=3104324")
    assert len(mails_to(koinon, address)) == 1
    press(page, page.get_by_role("button", name="Yes, follow it"))
    expect(page.locator(".notice[role=status]")).to_contain_text(
        "you follow what stands below", timeout=PATIENCE
    )

    happens(
        koinon, "A clinic in the city=3104324", "One for the country=ES", "Far away=FI", "In Barcelona=ES51"
    )
    happens(koinon)
    _asked, digest = mails_to(koinon, address)
    said = text_of(digest)
    assert sorted(titles(said)) == ["A clinic in the city", "One for the country"]
    for title in ("Not yet for anybody", "Far away", "In Barcelona"):
        assert title not in said
    assert digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    page.goto(koinon.url + path_in(said, "/stop/"))
    press(page, page.get_by_role("button", name="Stop all mails"))
    expect(page.locator("h1")).to_have_text("No mails come", timeout=PATIENCE)
    happens(koinon, "After the end=3104324")
    assert len(mails_to(koinon, address)) == 2
    assert page.context.cookies() == []
    assert page.strangers == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_following(open_page: OpenPage, koinon: House, scheme: str) -> None:
    made = subprocess.run(
        [
            sys.executable,
            "-c",
            "import django; django.setup(); import json\n"
            "from koinon.news.testing import code_of, make_follower\n"
            "from koinon.news.models import Follow\n"
            "one = make_follower('" + scheme + "@example.eu', ('place', '3104324'), ('topic', 'childcare'))\n"
            "more = make_follower('more" + scheme + "@example.eu', ('place', '3104324'))\n"
            "for who, key in ((one, 'IT'), (more, 'IT'), (more, 'MT')):\n"
            "    Follow.objects.create(follower=who, kind='place', key=key)\n"
            "print(json.dumps([code_of(one), code_of(more)]))",
        ],
        cwd=ROOT,
        env=environment(koinon.data) | {"DJANGO_SETTINGS_MODULE": "koinon.settings"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    code, of_several = json.loads(made.stdout.splitlines()[-1])
    for address in (
        "/news/follow/",
        "/news/follow/?place=zaragoza-3104324",
        "/news/follow/?search=1&q=housing",
        f"/news/follows/{code}/",
        f"/news/follows/{of_several}/",
        f"/news/follows/{code}/stop/",
        "/news/follows/NONE/",
    ):
        whole_page(open_page(address, scheme=scheme), address)
