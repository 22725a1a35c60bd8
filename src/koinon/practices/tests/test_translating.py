"""What is promised of languages: each text says what it is, an outdated one says so, a machine is off until it is asked for."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from koinon.network.testing import make_organisation
from koinon.practices import listing, machine
from koinon.practices.actions import translating
from koinon.practices.content import content_of, write
from koinon.practices.models import Practice, Translation, Version
from koinon.practices.testing import make_content, make_practice, make_translation
from koinon.practices.tests.helping import as_visitor, browser, somebody

pytestmark = pytest.mark.django_db


def second_version(practice: Practice, **more: Any) -> Version:
    """The practice is told anew, and that is public."""
    from dataclasses import replace

    version = Version(practice=practice, number=2, state="published")
    write(version, replace(content_of(practice.latest), **more))
    practice.shown = version
    practice.save()
    listing.forget()
    return version


def test_the_reader_sees_which_it_is_and_the_original_beneath(client: Client) -> None:
    practice = make_practice("Eine Tür", language="de", challenge="Fünf Schalter.")
    make_translation(practice.latest, "fi", texts={"title": "Yksi ovi", "challenge": "Viisi tiskiä."})

    finnish = client.get(f"/fi/practices/{practice.slug}/").content.decode()
    french = client.get(f"/fr/practices/{practice.slug}/").content.decode()
    asked = client.get(f"/practices/{practice.slug}/?read=fi").content.decode()

    for page in (finnish, asked):
        assert '<h1 id="h" lang="fi" dir="auto">Yksi ovi</h1>' in page
        assert '<p lang="fi" dir="auto">Viisi tiskiä.</p>' in page
        assert '<div lang="de" dir="auto"><p>Fünf Schalter.</p></div>' in page
    assert "Translated by a person from German." in asked
    assert '<h1 id="h" lang="de" dir="auto">Eine Tür</h1>' in french


def test_a_translation_is_outdated_once_the_words_of_the_original_changed_and_only_then() -> None:
    practice = make_practice("One door")
    translation = make_translation(practice.latest)

    other_figures = second_version(practice, evidence=4, begun=2020)
    as_before = translation.state_for(other_figures)
    Version.objects.filter(pk=other_figures.pk).delete()
    other_words = second_version(practice, challenge="Six counters now.")

    assert as_before == "human"
    assert translation.state_for(other_words) == "outdated"
    row = Client().get("/practices/?format=json").json()["items"][0]
    assert row["languages"] == ["en", "fi"]
    fi = Client().get(f"/api/v1/practices/{practice.slug}?lang=fi").json()
    assert (fi["title"], fi["language_state"], fi["read_in"]) == ("Yksi ovi", "outdated", "fi")
    assert "has changed since" in Client().get(f"/practices/{practice.slug}/?read=fi").content.decode()


def test_translating_side_by_side_and_of_two_at_once_the_second_reads_both() -> None:
    practice = make_practice("One door")
    editor, other = (browser(somebody("editor", make_organisation())) for _ in range(2))
    address = f"/practices/{practice.slug}/translate/fi/"

    page = editor.get(address).content.decode()
    first = editor.post(address, {"edits": "0", "title": "Ovi"})
    second = other.post(address, {"edits": "0", "title": "Toinen ovi"})
    third = other.post(address, {"edits": "1", "title": "Toinen ovi"})

    assert "Young people meet five counters" in page
    assert (first.status_code, second.status_code, third.status_code) == (302, 409, 302)
    assert "Ovi" in second.content.decode()
    assert 'value="Toinen ovi"' in second.content.decode()
    assert Translation.objects.get().texts == {"title": "Toinen ovi"}


def test_the_original_has_no_translation_into_itself_and_drafts_have_none() -> None:
    by = as_visitor("editor", make_organisation())
    hers = browser(somebody("editor", make_organisation()))
    public = make_practice(language="en")

    assert hers.get(f"/practices/{public.slug}/translate/en/").status_code == 404
    assert hers.get(f"/practices/{public.slug}/translate/xx/").status_code == 404
    with pytest.raises(PermissionDenied):
        translating.translate(
            make_practice(state="draft"), by=by, language="fi", edits=0, texts={"title": "x"}
        )


class Service:
    """A LibreTranslate of our own, on loopback."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answer: Any = None
        self.status = 200
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                service.asked.append(body)
                made = {"translatedText": [f"{body['target']}: {text}" for text in body["q"]]}
                raw = json.dumps(made if service.answer is None else service.answer).encode()
                self.send_response(service.status)
                if service.status == 302:
                    self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/translate"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    made = Service()
    monkeypatch.setenv("KOINON_TRANSLATE", "libretranslate")
    monkeypatch.setenv("KOINON_TRANSLATE_URL", made.url)
    yield made
    made.stop()


def test_no_machine_is_asked_unless_the_operator_named_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KOINON_TRANSLATE", raising=False)
    practice = make_practice()
    hers = browser(somebody("editor", make_organisation()))

    assert hers.post(f"/practices/{practice.slug}/translate/fi/machine/").status_code == 404
    assert not machine.is_on()
    with pytest.raises(machine.Away):
        machine.translate({"title": "x"}, "en", "fi")


def test_what_a_machine_made_says_so_and_names_it(service: Service, client: Client) -> None:
    practice = make_practice("One door")
    hers = browser(somebody("editor", make_organisation()))

    answer = hers.post(f"/practices/{practice.slug}/translate/fi/machine/")

    assert answer.status_code == 302
    row = Translation.objects.get()
    assert (row.made, row.service, row.texts["title"], row.by) == (
        "machine",
        "LibreTranslate",
        "fi: One door",
        None,
    )
    page = client.get(f"/practices/{practice.slug}/?read=fi").content.decode()
    assert "Translated by a machine from English" in page
    assert "LibreTranslate" in page
    assert "Young people meet five counters" in page


def test_what_a_person_translated_no_machine_replaces(service: Service) -> None:
    practice = make_practice()
    make_translation(practice.latest, "fi")

    translating.translate_by_machine(practice, by=as_visitor("editor", make_organisation()), language="fi")

    assert service.asked == []
    assert Translation.objects.get().made == "human"


@pytest.mark.parametrize("state", ["draft", "submitted", "changes", "withdrawn"])
def test_what_is_not_public_is_never_sent_to_a_machine(service: Service, state: str) -> None:
    centre = make_organisation()
    practice = make_practice(state=state, centre=centre, organisation=centre)

    with pytest.raises(PermissionDenied):
        translating.translate_by_machine(practice, by=as_visitor("manager", centre), language="fi")
    assert service.asked == []


def test_the_next_version_is_not_sent_along(service: Service) -> None:
    centre = make_organisation()
    practice = make_practice("What is public", centre=centre)
    write(Version(practice=practice, number=2), make_content("A secret"))

    translating.translate_by_machine(practice, by=as_visitor("editor", centre), language="fi")

    assert "What is public" in json.dumps(service.asked)
    assert "A secret" not in json.dumps(service.asked)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, None),
        (302, None),
        (200, "words"),
        (200, {"translatedText": ["one only"]}),
        (200, {"translatedText": [1] * 4}),
    ],
)
def test_a_service_that_fails_is_told_and_nothing_is_kept(service: Service, status: int, answer: Any) -> None:
    service.status, service.answer = status, answer
    practice = make_practice()
    hers = browser(somebody("editor", make_organisation()))

    found = hers.post(f"/practices/{practice.slug}/translate/fi/machine/")

    assert found.status_code == 503
    assert "does not answer" in found.content.decode()
    assert not Translation.objects.exists()


def test_what_a_service_sends_is_text_and_no_longer_than_ours(service: Service) -> None:
    practice = make_practice("One door")
    service.answer = {
        "translatedText": ["a\u202eb\x00" + "x" * 999] * len([t for t in practice.latest.texts.values() if t])
    }

    translating.translate_by_machine(practice, by=as_visitor("editor", make_organisation()), language="fi")

    title = Translation.objects.get().texts["title"]
    assert title.startswith("abx")
    assert len(title) <= 400


def test_deepl_and_a_gateway_to_etranslation_are_asked_in_their_own_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, bytes, dict[str, str]]] = []

    def post(url: str, body: bytes, headers: dict[str, str]) -> Any:
        asked.append((url, body, headers))
        return {"translations": [{"text": "Tür"}], "translatedText": "Tür"}

    monkeypatch.setattr(machine, "_post", post)
    monkeypatch.setenv("KOINON_TRANSLATE_KEY", "user:secret")
    for kind, url in (
        ("deepl", "https://deepl.example/v2"),
        ("etranslation", "https://gateway.example/translate"),
    ):
        monkeypatch.setenv("KOINON_TRANSLATE", kind)
        monkeypatch.setenv("KOINON_TRANSLATE_URL", url)
        assert machine.translate({"title": "Door"}, "en", "de").texts == {"title": "Tür"}

    assert asked[0][2]["Authorization"] == "DeepL-Auth-Key user:secret"
    assert b"target_lang=DE" in asked[0][1]
    assert asked[1][2]["Authorization"].startswith("Basic ")
    assert json.loads(asked[1][1])["targetLanguages"] == ["DE"]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.eu/", "", "https://"])
def test_an_address_that_is_none_of_the_web_is_no_service(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("KOINON_TRANSLATE", "libretranslate")
    monkeypatch.setenv("KOINON_TRANSLATE_URL", url)

    assert machine.service() is None
