"""From a search in Finnish to a practice told in Bulgarian, to asking its origin, and to the thread that shows who took it over.

With the bundled encoder, which is killed in the middle; nobody notices but the health page.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from bench._server import ROOT
from tests.serving import House, environment, furnish, house

pytestmark = [pytest.mark.browser, pytest.mark.server]
OpenPage = Callable[..., Page]
PATIENCE = 180
WORLD = """
import django; django.setup()
import json
from django.conf import settings
from django.test import Client
from koinon.network.models import Role
from koinon.network.testing import make_organisation
from koinon.people.testing import come_in, make_person
from koinon.practices.testing import make_practice, make_translation

def coming(person):
    browser = come_in(Client(), person, how="mfa", proved=True, holds=3600)
    return {"name": settings.SESSION_COOKIE_NAME, "value": browser.cookies[settings.SESSION_COOKIE_NAME].value}

told = {
    "bg": ("Грижа за деца през нощта", "Родители, които работят нощна смяна, оставят децата си в кооператив до сутринта.",
           "Болницата и фабриката работят денонощно, а детските градини затварят в шест.",
           "Родителите основаха кооператив; две възпитателки спят там, а общината плаща помещението."),
    "en": ("A repair cafe that hires", "Volunteers teach how to mend a toaster; after a hundred hours the cafe offers a job.",
           "People without work lose the habit of a day.", "A shop with tools is open on four afternoons."),
    "de": ("Wohnung zuerst", "Wohnungslose bekommen einen Mietvertrag ohne Bedingungen.",
           "Wer auf der Straße lebt, scheitert an den Auflagen der Heime.", "Ein Team begleitet, solange es gewünscht wird."),
    "es": ("Un huerto en la azotea del colegio", "Los alumnos cultivan verduras para el comedor.",
           "En el barrio no hay zonas verdes.", "Las familias riegan en verano."),
    "pl": ("Autobus na telefon", "Mieszkańcy wsi zamawiają przejazd do lekarza dzień wcześniej.",
           "Linia została zamknięta.", "Dwie gminy dzielą jeden bus i dyspozytora."),
}
owner, manager, other = make_person(), make_person(), make_person()
centre = make_organisation("Centre of Bulgaria", country="BG")
Role.objects.create(person=manager, kind=Role.Kind.MANAGER, organisation=centre)
made = {}
for language, (title, summary, challenge, approach) in told.items():
    made[language] = make_practice(
        title, summary=summary, challenge=challenge, approach=approach, language=language,
        places=({"en": "IE"}.get(language, language.upper()),), owner=owner, centre=centre,
        law="Наредба на общината." if language == "bg" else "",
    )
make_translation(made["bg"].shown, "fi", made="machine", service="LibreTranslate")
print(json.dumps({"slug": made["bg"].slug, "other": coming(other), "manager": coming(manager)}))
"""


@pytest.fixture(scope="module")
def library() -> Iterator[House]:
    """A house with five practices in five languages, and its encoder."""
    with tempfile.TemporaryDirectory(prefix="koinon-library-") as data, pytest.MonkeyPatch.context() as patch:
        furnish(Path(data))
        env = environment(Path(data)) | {"DJANGO_SETTINGS_MODULE": "koinon.settings"}
        made = subprocess.run(
            [sys.executable, "-c", WORLD], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120
        )
        assert made.returncode == 0, made.stderr
        patch.setenv("KOINON_ENCODER", "")
        with house(Path(data)) as running:
            (running.data / "made.json").write_text(made.stdout.splitlines()[-1])
            until(running, lambda ready: ready["mode"] == "semantic" and not ready["meaning"]["waiting"])
            yield running


def health(library: House) -> dict[str, Any]:
    with urlopen(f"{library.url}/health/ready", timeout=20) as answer:
        said: dict[str, Any] = json.load(answer)
    return said


def until(library: House, holds: Callable[[dict[str, Any]], bool]) -> None:
    patience = time.monotonic() + PATIENCE
    while not holds(said := health(library)):
        assert time.monotonic() < patience, said
        time.sleep(0.5)


def test_from_a_search_in_finnish_to_the_thread_of_a_practice_told_in_bulgarian(
    open_page: OpenPage, library: House
) -> None:
    made = json.loads((library.data / "made.json").read_text())
    reader = open_page("/fi/search/", base=library.url)
    reader.locator("#sq").fill("kuka hoitaa yövuorossa työskentelevien vanhempien lapset Oulussa")
    reader.keyboard.press("Enter")
    first = reader.locator(".results h3 a").first
    expect(first).to_have_attribute("href", re.compile(re.escape(made["slug"])))
    first.click()
    expect(reader.locator(".stand.unsure")).to_contain_text("LibreTranslate")

    reader.goto(f"{library.url}/practices/{made['slug']}/?read=bg")
    expect(reader.locator("h1")).to_have_attribute("lang", "bg")
    expect(reader.locator("dl.travel")).to_contain_text("Наредба на общината.")
    reader.get_by_role("link", name="Ask those who did it").click()
    reader.locator("textarea[name=text]").press_sequentially("How many children are there in a night?")
    reader.locator("form.ask-page button[type=submit]").click()
    expect(reader.locator("#sent .big")).to_be_visible()

    taker = open_page("/practices/", base=library.url)
    taker.context.add_cookies([made["other"] | {"url": library.url}])
    taker.goto(f"{library.url}/practices/{made['slug']}/adopt/")
    taker.locator("[name=adopter_text]").fill("City of Oulu")
    taker.locator("[name=place]").fill("Oulu")
    taker.locator("[name=since]").fill("2026-03-01")
    taker.locator("[name=changed]").fill("The hospital pays the room.")
    taker.locator("main form button[type=submit]").first.click()
    adoption = taker.url.split("?")[0]
    assert re.search(r"/adoptions/\d+/$", adoption)

    page = open_page(f"/practices/{made['slug']}/", base=library.url)
    expect(page.locator("main")).not_to_contain_text("City of Oulu")
    origin = open_page("/practices/", base=library.url)
    origin.context.add_cookies([made["manager"] | {"url": library.url}])
    origin.goto(adoption)
    origin.locator("form[action$='/confirm/'] button").click()
    page.reload()
    expect(page.locator(".thread")).to_contain_text("City of Oulu")
    expect(page.locator(".thread")).to_contain_text("The hospital pays the room.")


def test_the_encoder_is_killed_and_nobody_notices_but_the_health_page(library: House) -> None:
    children = _encoders(library)
    assert children

    for pid in children:
        os.kill(pid, signal.SIGKILL)
    for number in range(8):
        begun = time.monotonic()
        with urlopen(f"{library.url}/search/?q={quote(f'детска градина {number}')}", timeout=20) as answer:
            assert answer.status == 200
        assert time.monotonic() - begun < 5

    until(library, lambda ready: ready["encoder"]["deaths"] > 0)
    until(library, lambda ready: bool(_encoders(library)))


def _encoders(library: House) -> list[int]:
    """The children of the server that run the encoder."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == library.process.pid and b"encoder/child.py" in command:
            found.append(int(folder.name))
    return found
