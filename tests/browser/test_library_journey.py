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
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from playwright.sync_api import Locator, Page, TimeoutError, expect

from bench._server import ROOT
from tests.browser.test_hour import SAME, announced, calm, moderator, open_room, pick, say
from tests.serving import House, environment, furnish, house

pytestmark = [pytest.mark.browser, pytest.mark.server]
OpenPage = Callable[..., Page]
PATIENCE = 180
TITLES = [
    ("repair cafe hires", "A repair cafe that hires"),
    ("Wohnung zuerst", "Wohnung zuerst"),
    ("huerto azotea", "Un huerto en la azotea del colegio"),
    ("autobus telefon", "Autobus na telefon"),
    ("кооператив нощта", "Грижа за деца през нощта"),
]
"""What is asked while the encoder is dead, and what must be found."""
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


def found_by_meaning(reader: Page, results: str, slug: str) -> Locator:
    """The first result of this page, asked again as a reader would, where the encoder was too late on a busy machine."""
    patience = time.monotonic() + PATIENCE
    while slug not in (
        reader.locator(results).first.get_attribute("href") or "" if reader.locator(results).count() else ""
    ):
        assert time.monotonic() < patience, reader.locator("main").inner_text()
        reader.reload()
    return reader.locator(results).first


def test_from_a_search_in_finnish_to_the_thread_of_a_practice_told_in_bulgarian(
    open_page: OpenPage, library: House
) -> None:
    made = json.loads((library.data / "made.json").read_text())
    reader = open_page("/fi/search/", base=library.url)
    reader.locator("#sq").fill("kuka hoitaa yövuorossa työskentelevien vanhempien lapset Oulussa")
    reader.keyboard.press("Enter")
    reader.wait_for_url("**/search/?q=*")
    first = found_by_meaning(reader, "#main .results h3 a", made["slug"])
    expect(first).to_have_attribute("href", re.compile(re.escape(made["slug"])))
    first.click()
    expect(reader.locator(".stand.unsure")).to_contain_text("LibreTranslate")

    reader.goto(f"{library.url}/practices/{made['slug']}/?read=bg")
    expect(reader.locator("h1")).to_have_attribute("lang", "bg")
    expect(reader.locator("dl.travel")).to_contain_text("Наредба на общината.")
    reader.get_by_role("link", name="Ask those who did it").click()
    reader.locator("textarea[name=text]").press_sequentially("How many children are there in a night?")
    expect(reader.locator("form.ask-page")).to_contain_text("About a practice:")
    reader.locator("form.ask-page button[type=submit]:not([name])").click()
    expect(reader.locator("#sent .big")).to_be_visible()
    expect(reader.locator("main")).to_contain_text("Centre of Bulgaria answers for the practice")
    at_desk = open_page("/practices/", base=library.url)
    at_desk.context.add_cookies([made["manager"] | {"url": library.url}])
    at_desk.goto(f"{library.url}/desk/")
    at_desk.locator("main a").filter(has_text="How many children are there in a night?").first.click()
    expect(at_desk.locator("main")).to_contain_text("About a practice:")
    expect(at_desk.locator(f"main header a[href$='/practices/{made['slug']}/']")).to_be_visible()

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


def test_questions_in_three_languages_are_suggested_as_one(open_page: OpenPage, library: House) -> None:
    at = announced(library, "26MEAN00001")
    desk = moderator(open_page, library, at, base=library.url)
    open_room(desk)
    phone = open_page(f"{at}/room/", base=library.url, width=360, height=740)
    for text, _place in SAME:
        say(phone, text)
        expect(phone.locator("#al")).to_have_value("")
        expect(desk.locator(".q-new")).to_contain_text(text)

    # The desk is drawn anew by itself, and has it once it was compared.
    for left, (text, _place) in zip((2, 1), SAME[1:], strict=True):
        pick(desk, text)
        expect(desk.locator(".q-dup")).to_contain_text("They seem to ask the same", timeout=60_000)
        expect(desk.locator(".q-dup")).not_to_contain_text("Different")
        calm(desk)
        desk.keyboard.press("d")
        expect(desk.locator(".q-new [data-id]")).to_have_count(left)

    desk.locator(".q-new [data-id] a.pick").first.click()
    desk.keyboard.press("r")
    expect(desk.locator(".q-ready [data-id]")).to_have_count(1)
    desk.locator(".q-ready [data-id] a.pick").first.click()
    desk.keyboard.press("s")
    phone.locator("#stage summary").first.click()
    for text, _place in SAME:
        expect(phone.locator("#stage")).to_contain_text(text)


def test_a_practice_is_offered_while_a_question_is_typed(open_page: OpenPage, library: House) -> None:
    made = json.loads((library.data / "made.json").read_text())
    asker = open_page("/it/places/bologna-3181928/", base=library.url)
    asker.locator("#askq").fill("Chi si prende cura dei bambini?")
    asker.locator("#ask button").click()
    addresses: list[str] = []
    asker.on("request", lambda request: addresses.append(request.url))
    asker.locator("#id_text").press_sequentially(
        " Cerchiamo un asilo nido gestito da una cooperativa di genitori."
    )
    offered = asker.locator("#like a[href*='/practices/']").first
    for _ in range(6):  # typing on asks again, where the encoder was too late on a busy machine
        try:
            offered.wait_for(timeout=10_000)
            break
        except TimeoutError:
            asker.locator("#id_text").press_sequentially(" Grazie.")
    expect(offered).to_have_attribute("href", re.compile(re.escape(made["slug"])))
    expect(offered).to_have_attribute("lang", "bg")
    expect(asker.locator("#like")).to_contain_text("Bulgaria")
    calm(asker)
    # What nobody has sent yet stands in no address.
    assert addresses
    assert not any("asilo" in address for address in addresses)

    plain = open_page("/ask/", base=library.url, script=False)
    plain.locator("#id_text").fill("We want a kindergarten and childcare, run by a cooperative of parents.")
    # Nobody waits for the encoder: what came too late for one page is there for the next.
    for _ in range(30):
        plain.get_by_role("button", name="See first what may answer it").click()
        if plain.locator("#like a[href*='/practices/']").count():
            break
    expect(plain.locator("#like")).to_contain_text("Грижа за деца през нощта")
    expect(plain.locator("#id_text")).to_have_value(re.compile("cooperative of parents"))


def test_the_encoder_is_killed_and_nobody_notices_but_the_health_page(library: House) -> None:
    children = _encoders(library)
    assert children

    for words, title in TITLES:
        # Whatever was started again meanwhile is killed again: words alone must do.
        for pid in _encoders(library):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        begun = time.monotonic()
        with urlopen(f"{library.url}/search/?q={quote(words)}", timeout=20) as answer:
            assert f">{title}</a></h3>" in answer.read().decode()
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
