"""Hostile input, through every address there is: refused in plain words or taken whole, never a fault, never slow.

Every run throws a share of what there is, each database another; KOINON_TEST_LONG=1 throws each at each (many minutes).
"""

import json
import os
from collections import ChainMap
from collections.abc import Iterable, Iterator
from copy import deepcopy
from html import unescape
from typing import TypeVar
from urllib.parse import quote
from zlib import crc32

import pytest
from django.conf import LazySettings, settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from pytest_django.plugin import DjangoDbBlocker

from koinon.base import outward
from koinon.base.text import is_plain
from koinon.network.limits import anonymous_writes
from koinon.network.models import Correction, Organisation
from koinon.search import testing as index
from tests import (
    grounds_agenda,
    grounds_calls,
    grounds_courses,
    grounds_hour,
    grounds_news,
    grounds_peers,
    grounds_practices,
    grounds_questions,
    grounds_registration,
    grounds_reports,
    grounds_reviews,
    grounds_room,
    grounds_spaces,
    grounds_webhooks,
)
from tests.grounds import FORMS, PART, VIEWS, Grounds, Way
from tests.hostile import (
    CANARY,
    EVIL,
    FORM,
    JSON_VALUES,
    LONG,
    RAW,
    TEXTS,
    Throwing,
    faults,
    leads_away,
)
from tests.matrix.probing import undone
from tests.standing import standing

# Each is filled when its things are made.
RIGHT = ChainMap(
    grounds_questions.RIGHT,
    grounds_agenda.RIGHT,
    grounds_calls.RIGHT,
    grounds_registration.RIGHT,
    grounds_room.RIGHT,
    grounds_hour.RIGHT,
    grounds_practices.RIGHT,
    grounds_news.RIGHT,
    grounds_reports.RIGHT,
    grounds_courses.RIGHT,
    grounds_peers.RIGHT,
    grounds_webhooks.RIGHT,
    grounds_spaces.RIGHT,
    grounds_reviews.RIGHT,
)

pytestmark = pytest.mark.django_db

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW")
# The root of the API has nothing, and this page says by its status that somebody is locked out.
# What is only PUT or DELETEd in a room (a vote, a ballot) is thrown at in room/tests and live/tests; there too the page's own
# voice, which has no form.
NOTHING_THERE = {
    "api/v1/",
    "account/inactive/",
    "api/v1/sessions/<code>/questions/<pk>/vote",
    "api/v1/sessions/<code>/polls/<pk>/ballot",
    "sessions/<str:code>/room/voice/",
    # Only with the kind and the key of a thing, which news/tests throws at.
    "news/feed.<str:ending>",
    # Only where an operator has named a translation service.
    "practices/<str:slug>/translate/<str:language>/machine/",
    "courses/<str:slug>/translate/<str:language>/machine/",
}
ELSEWHERE = {"Origin": f"https://{EVIL}"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}
Thing = TypeVar("Thing")


def share(things: Iterable[Thing], seed: str, of: int) -> list[Thing]:
    """Every n-th of them, beginning elsewhere for each seed and database, so that none is left out everywhere; all in a long run."""
    step = 1 if os.environ.get("KOINON_TEST_LONG") else of
    begin = crc32(seed.encode()) + (step // 2 if connection.vendor == "postgresql" else 0)
    return list(things)[begin % step :: step]


class Fields:
    """Which values are thrown at a field. Addresses that begin alike read it by the same form: some for the first, one for the others."""

    def __init__(self, of: int) -> None:
        self.of, self._met = of, set[tuple[str, str]]()

    def values(self, way: Way, name: str) -> list[str]:
        """NUL always on PostgreSQL, which cannot take it."""
        place = (way.route.partition("/")[0], name)
        of = len(RAW) if place in self._met else self.of
        self._met.add(place)
        some = share(RAW.values(), way.route + name, of)
        if connection.vendor == "postgresql" and RAW["NUL"] not in some:
            some = [RAW["NUL"], *(some if of < len(RAW) else ())]
        return some


@pytest.fixture(scope="module")
def _grounds(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Grounds]:
    with standing(django_db_blocker):
        made = Grounds()
        # Searches are thrown at an index of what there is.
        index.build()
        yield made
        index.tear_down()


@pytest.fixture
def grounds(_grounds: Grounds, db: None) -> Grounds:
    cache.clear()
    return deepcopy(_grounds)


@pytest.fixture(autouse=True)
def _nobody_outside(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    """No name is asked of anybody; what is right to type as an address of a receiver is a closed port of this machine."""

    def nobody(*_words: object, **_more: object) -> None:
        raise OSError

    settings.OUTWARD_LOOPBACK = True
    monkeypatch.setattr(outward, "ask_for_name", nobody)


@pytest.fixture
def throwing() -> Throwing:
    return Throwing()


def together(way: Way, **hostile: str) -> str:
    """The body of a form in which everything is right but what is hostile."""
    fields = {name: FORMS[name] for name in way.fields if name in FORMS} | RIGHT.get(way.route, {}) | hostile
    return "&".join(f"{name}={value}" for name, value in fields.items())


# The aim is true


def test_every_address_is_reached_and_its_fields_are_known(grounds: Grounds) -> None:
    """The positive control: what nobody gets through to would be tried for nothing."""
    fields: dict[tuple[str, str], set[str]] = {}
    for way in grounds.ways():
        fields.setdefault((way.route, way.method), set()).update(way.fields, way.members)

    nothing_there = set(VIEWS) - {route for route, _ in fields}
    assert sorted(nothing_there ^ NOTHING_THERE) == []
    expected = {
        ("network/", "GET"): {"q", "kind", "country", "state", "sure", "on", "page", "format"},
        ("places/", "GET"): {"q", "lat", "lon", "format"},
        ("api/v1/places", "GET"): {"q", "lat", "lon", "lang", "limit"},
        ("api/v1/organisations/<slug>/corrections", "POST"): {"text", "about", "email", "lang"},
        ("network/<slug:slug>/edit/", "POST"): {"name", "website", "languages", "version"},
        ("network/<slug:slug>/people/invite/", "POST"): {"email", "kind"},
        ("account/login/code/", "POST"): {"code"},
        ("account/address/code/", "POST"): {"code"},
        ("account/prove/code/confirm/", "POST"): {"code", "next"},
        ("account/others/", "GET"): {"email"},
    }
    assert {at: names - fields[at] for at, names in expected.items() if names - fields[at]} == {}


def test_forms_that_are_right_are_taken(grounds: Grounds, throwing: Throwing) -> None:
    """The other control: with what is right in the other fields, only what is hostile is refused."""
    refused = {}
    for way in grounds.ways():
        if way.method == "POST" and set(way.fields) & set(FORMS):
            client, address = grounds.client(way.actor), grounds.address(way.route)
            status = throwing.throw(client, "POST", address, together(way)).status_code
            if status >= 400:
                refused[way.route] = status

    # What only its person can know: a code, a signature, the address of one's own account; and a deed is chosen.
    assert set(refused) <= {route for route in refused if "code" in route or "passkey" in route} | {
        "account/close/",
        "account/others/<int:pk>/",
        # Who works for the same authority or may be an expert, by the address of a real person; a file that is sent;
        # three months have not gone by.
        "support/<str:number>/coauthors/",
        "support/handlers/<str:handle>/",
        "questions/<str:number>/files/",
        "support/<str:number>/changed/",
        "practices/<str:slug>/edit/pictures/",
        "practices/import/",
        "api/v1/practices/import",
    }


# Methods, addresses, fields, bodies


def test_every_method_of_every_address(grounds: Grounds, throwing: Throwing) -> None:
    for route in VIEWS:
        address = grounds.address(route)
        for method in METHODS:
            throwing.throw(grounds.client("ANON"), method, address)
        for method in ("GET", "POST", "DELETE"):
            throwing.throw(grounds.client("CMG"), method, address)
        for language in share(("de", "xx", "EN", "de-AT"), route, 2):
            throwing.throw(grounds.client("ANON"), "GET", f"/{language}{address}")
            throwing.throw(grounds.client("ANON"), "BREW", f"/{language}{address}")

    assert not throwing.wrong, throwing.told()


def test_head_answers_wherever_get_does(grounds: Grounds) -> None:
    differs = []
    for way in grounds.ways():
        if way.method == "GET":
            client, address = grounds.client(way.actor), grounds.address(way.route)
            read, head = client.get(address), client.head(address)
            if (read.status_code, read["Content-Type"]) != (head.status_code, head["Content-Type"]):
                differs.append(f"{address}: {read.status_code}, {head.status_code}")

    assert not differs


def test_hostile_parts_of_addresses(grounds: Grounds, throwing: Throwing) -> None:
    actors = {way.route: (way.actor, way.method) for way in grounds.ways()}
    for route in VIEWS:
        for part in PART.findall(route):
            for raw in {RAW["NUL"], *share(RAW.values(), route + part, 8)}:
                actor, method = actors.get(route, ("ANON", "GET"))
                throwing.throw(grounds.client(actor), method, grounds.address(route, **{part: raw}))
    for raw in RAW.values():
        for before in ("/", "/de/", "/en/", "/api/v1/", "/static/", "/health/", "//"):
            throwing.throw(grounds.client("ANON"), "GET", before + raw)

    assert not throwing.wrong, throwing.told()


def test_hostile_fields_of_addresses(grounds: Grounds, throwing: Throwing) -> None:
    """Each field that a view or an operation knows, alone; and names of fields that nobody knows."""
    fields = Fields(12)
    for way in grounds.ways():
        if way.method != "GET":
            continue
        client, address = grounds.client(way.actor), grounds.address(way.route)
        for name in way.fields:
            for raw in fields.values(way, name):
                throwing.throw(client, "GET", f"{address}?{name}={raw}")
            throwing.throw(client, "GET", f"{address}?{name}=1&{name}=2&{name}[]=3&{name}")
        for raw in share(RAW.values(), way.route, 24):
            throwing.throw(client, "GET", f"{address}?{raw}=1&{raw}")

    assert not throwing.wrong, throwing.told()


def test_hostile_cookies(grounds: Grounds, throwing: Throwing) -> None:
    """In quotes a cookie may hold any sign, as octal digits."""
    quoted = ('"\\000' + "a" * 12 + '"', '"' + "\\377" * 12 + '"', '"' + "\\303" * 12 + '"')
    for name in (settings.SESSION_COOKIE_NAME, "messages", "voice-26HOSTILE"):
        for raw in (*quoted, *share(RAW.values(), name, 8)):
            for address in ("/", "/account/", "/account/login/", "/api/v1/search?q=a"):
                throwing.throw(Client(raise_request_exception=False), "GET", address, Cookie=f"{name}={raw}")

    assert not throwing.wrong, throwing.told()


def test_hostile_fields_of_forms(grounds: Grounds, throwing: Throwing) -> None:
    """All fields of a form hostile at once, and each alone with what is right beside it."""
    fields = Fields(28)
    for way in grounds.ways():
        if way.method != "POST":
            continue
        client, address = grounds.client(way.actor), grounds.address(way.route)
        for raw in share(RAW.values(), way.route, 20):
            throwing.throw(client, "POST", address, "&".join(f"{name}={raw}" for name in (*way.fields, raw)))
        for name in way.fields:
            for raw in fields.values(way, name):
                throwing.throw(client, "POST", address, together(way, **{name: raw}))

    assert not throwing.wrong, throwing.told()


def test_hostile_json(grounds: Grounds, throwing: Throwing) -> None:
    wholes = ("", "{", "[]", "null", '"a"', "{}{}", "\ufeff{}", "[" * 100_000, '{"a":' * 100_000, "\x00")
    for way in grounds.ways():
        if not way.members:
            continue
        client, address = grounds.client(way.actor), grounds.address(way.route)
        for name in (*way.members, "unknown", CANARY):
            for value in {JSON_VALUES["NUL"], *share(JSON_VALUES.values(), way.route + name, 4)}:
                right = {key: json.dumps(FORMS[key]) for key in way.members if key in FORMS}
                sent = ",".join(f"{json.dumps(key)}:{each}" for key, each in (right | {name: value}).items())
                throwing.throw(client, "POST", address, "{" + sent + "}", "application/json")
        for whole in wholes:
            throwing.throw(client, "POST", address, whole, "application/json")
        for key in share(RAW.values(), way.route, 4):
            throwing.throw(
                client, "POST", address, '{"text":"a"}', "application/json", **{"Idempotency-Key": key}
            )

    assert throwing.statuses.get(201)
    assert not throwing.wrong, throwing.told()


def test_other_kinds_of_bodies(grounds: Grounds, throwing: Throwing) -> None:
    """Kinds that are none, wrong character sets, broken parts, files, and more than is taken."""
    line = "--b\r\nContent-Disposition: form-data; name="
    bodies = {
        "application/xml": "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        "text/plain": "text=a",
        "application/x-www-form-urlencoded; charset=utf-7": "text=a",
        "application/x-www-form-urlencoded; charset=none": "text=a",
        "multipart/form-data": "text=a",
        "multipart/form-data; boundary=": "text=a",
        "multipart/form-data; boundary=" + "b" * 500: "text=a",
        "multipart/form-data; boundary=b": f'{line}"text"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--b--',
        "Multipart/form-data; boundary=b": f'{line}"text"; filename="../../a"\r\n\r\n{LONG}\r\n--b--\r\n',
        "multipart/form-data; boundary=b; charset=none": f'{line}"text"\r\n\r\na',
        FORM: "&".join(f"a{number}=b" for number in range(5_000)),
        FORM + "; charset=utf-8": "text=" + "a" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1),
        "application/json": '{"text":"' + "a" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1) + '"}',
    }
    for way in grounds.ways():
        if way.method == "POST":
            client, address = grounds.client(way.actor), grounds.address(way.route)
            for kind, body in share(bodies.items(), way.route, 8):
                throwing.throw(client, "POST", address, body, kind)
    suggest, program = (
        f"/network/{grounds.slug}/suggest/",
        f"/api/v1/organisations/{grounds.slug}/corrections",
    )
    for address in (suggest, program):
        for kind, body in bodies.items():
            throwing.throw(grounds.client("ANON"), "POST", address, body, kind)

    too_much = [
        throwing.throw(grounds.client("ANON"), "POST", address, bodies[kind], kind).status_code
        for address, kind in (
            (suggest, FORM),
            (suggest, FORM + "; charset=utf-8"),
            (program, "application/json"),
        )
    ]
    assert too_much == [413] * 3
    assert not throwing.wrong, throwing.told()


@pytest.mark.parametrize(("files", "status"), [(1, 422), (7, 413)])
def test_a_file_where_none_is_taken_is_no_text_and_too_many_are_refused(
    grounds: Grounds, throwing: Throwing, files: int, status: int
) -> None:
    one = '--b\r\nContent-Disposition: form-data; name="text"; filename="a"\r\n\r\na\r\n'
    part = one * files + "--b--\r\n"

    answer = throwing.throw(
        grounds.client("ANON"),
        "POST",
        f"/network/{grounds.slug}/suggest/",
        part,
        "multipart/form-data; boundary=b",
    )

    assert answer.status_code == status


# Where it comes from, where it leads


def test_another_host_gets_nothing(grounds: Grounds, throwing: Throwing) -> None:
    hosts = (
        EVIL,
        "",
        "a b",
        f"localhost@{EVIL}",
        f"localhost:80@{EVIL}",
        "localhost:99999999",
        "[::1",
        "\u202e",
        LONG,
    )
    for host in hosts:
        for way in grounds.ways():
            if way.method == "GET" and way.actor == "ANON":
                answer = throwing.throw(grounds.client("ANON"), "GET", grounds.address(way.route), Host=host)
                assert EVIL not in answer.content.decode()
    forwarded = {"X-Forwarded-Host": EVIL, "Forwarded": f"host={EVIL}", "X-Original-URL": f"//{EVIL}/"}
    for address in ("/", "/places/ITH5/qr.svg", "/about/glossary/?format=atom", "/account/login/"):
        answer = throwing.throw(grounds.client("ANON"), "GET", address, **forwarded)
        assert EVIL not in answer.content.decode()

    assert not throwing.wrong, throwing.told()


def test_another_sites_writes_are_refused(grounds: Grounds, throwing: Throwing) -> None:
    written = []
    for way in grounds.ways():
        if way.method != "POST" or way.actor != "ANON":
            continue
        for headers in ELSEWHERE:
            kind, body = ("application/json", '{"text": "a"}') if way.members else (FORM, together(way))
            client = Client(raise_request_exception=False)
            answer = throwing.throw(client, "POST", grounds.address(way.route), body, kind, **headers)
            if answer.status_code != 403:
                written.append(f"{way.route} {headers}: {answer.status_code}")

    assert not written
    assert not throwing.wrong, throwing.told()


def test_nothing_leads_to_another_host(grounds: Grounds, throwing: Throwing) -> None:
    """`next` and the like, on every address whether it reads them or not; the judge looks at each Location."""
    away = [raw for name, raw in RAW.items() if "another host" in name or name == "script as an address"]
    led = 0
    for way in grounds.ways():
        for raw in away if "next" in way.fields or "back" in way.fields else away[:1]:
            fields = "&".join(f"{name}={raw}" for name in ("next", "back", "url", "to", "return"))
            address = grounds.address(way.route)
            body = together(way) + "&" + fields if way.method == "POST" else ""
            answer = throwing.throw(grounds.client(way.actor), way.method, f"{address}?{fields}", body)
            led += answer.status_code in {301, 302}

    assert led > 10
    assert not throwing.wrong, throwing.told()


def test_an_address_with_two_slashes_stays_here(grounds: Grounds, throwing: Throwing) -> None:
    paths = [
        f"//{EVIL}",
        f"/en//{EVIL}",
        f"/en/%5C{EVIL}",
        f"/en/%09/{EVIL}",
        f"/de//{EVIL}/",
        "/en//",
        "/en///",
    ]
    paths += [
        f"/%5C{EVIL}",
        f"/.//{EVIL}",
        f"/places/..//{EVIL}",
        f"/en/%2F{EVIL}/%2e%2e",
        "/en?//x",
        "/en/%0d%0aX:1",
    ]
    for path in paths:
        throwing.throw(grounds.client("ANON"), "GET", path)

    assert not throwing.wrong, throwing.told()


# What was taken comes back whole


KINDLY = sorted(name for name, text in TEXTS.items() if text.strip() and is_plain(text) and len(text) < 300)
MUST_SHOW = {"an element", "out of an attribute", "out of a script", "a template", "beyond the first plane"}


def test_what_was_taken_comes_back_whole_and_harmless(grounds: Grounds) -> None:
    for name in MUST_SHOW | set(share(KINDLY, "", 24)):
        with undone():
            write_and_read(grounds, TEXTS[name])


def write_and_read(grounds: Grounds, text: str) -> None:
    """Somebody writes it everywhere one can, and it is looked for everywhere it may stand."""
    editor, everybody, here = grounds.client("CMG"), grounds.client("ANON"), f"/network/{grounds.slug}/"
    facts = {
        "name": text,
        "name_local": text,
        "city": text,
        "lead_text": text,
        "version": "1",
        "languages": "en",
    }
    correction = {"about": "host", "text": text, "nonce": "87654321"}

    taken = [
        editor.post(f"{here}edit/", facts),
        editor.post("/account/", {"name": text, "language": "en"}),
        everybody.post(f"{here}suggest/", correction),
    ]

    row = Organisation.objects.get(slug=grounds.slug)
    assert [answer.status_code for answer in taken] == [302] * 3
    assert [row.name, row.name_local, row.city, row.lead_text] == [text.strip()] * 4
    assert Correction.objects.latest("pk").text == text.strip()
    receipt = taken[-1]["Location"]
    for client, address in (
        (everybody, here),
        (everybody, receipt),
        (editor, "/account/"),
        (editor, f"{here}corrections/"),
    ):
        assert text.strip() in unescape(client.get(address).content.decode())
    assert everybody.get(f"/api/v1/organisations/{grounds.slug}").json()["name"] == text.strip()
    exits = [f"/network/?kind=centre&format={kind}" for kind in ("atom", "csv", "json", "xlsx")]
    found = f"/network/?q={quote(text)}"
    for address in (here, receipt, f"/de{here}", found, *exits):
        assert not faults(everybody.get(address), "GET", address)
    for address in ("edit/", "journal/", "people/", "corrections/"):
        assert not faults(editor.get(here + address), "GET", here + address)


@trying(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(st.characters(exclude_categories=()), max_size=40))
def test_any_text_is_refused_or_kept_whole(grounds: Grounds, text: str) -> None:
    """Through the API, so that every sign there is can be sent, half a pair too."""
    address = f"/api/v1/organisations/{grounds.slug}/corrections"
    anonymous_writes.forget()
    with undone():
        answer = grounds.client("ANON").post(address, json.dumps({"text": text}), "application/json")
        kept = Correction.objects.latest("pk").text

    assert answer.status_code in {201, 422}
    if answer.status_code == 201:
        assert kept == text.strip()
        assert is_plain(kept, lines=True)
    assert not faults(answer, "POST", address)


def test_the_judge_sees_what_is_wrong() -> None:
    """The judge itself, held against answers that break each promise."""
    safe = {"X-Content-Type-Options": "nosniff"}
    bad = {
        "broke": HttpResponse(status=500, headers=safe),
        "a bare refusal": HttpResponse("Not allowed", status=405, headers=safe),
        "without Allow": HttpResponse(status=405, headers=safe),
        "without Retry-After": HttpResponse(status=429, headers=safe),
        "unescaped": HttpResponse(CANARY, headers=safe),
        "a browser may guess": HttpResponse(),
        "shows its inside": HttpResponse("Traceback (most recent call last)", headers=safe),
        "a header was put in": HttpResponse(headers=safe | {"X-Evil": "1"}),
    }
    away = (
        f"//{EVIL}",
        f"/\\{EVIL}",
        f"/\t/{EVIL}",
        f"https:{EVIL}",
        f"http://testserver@{EVIL}/",
        "javascript:a",
    )

    for words, answer in bad.items():
        assert words in " ".join(faults(answer, "GET", "/")), words
    assert "no problem document" in " ".join(faults(HttpResponse(status=404), "GET", "/api/v1/x"))
    assert [location for location in away if not leads_away(location)] == []
    assert not any(map(leads_away, ("/places/?next=//x", "?page=2", "http://testserver/a")))


# So much and no more


def test_a_little_is_taken_from_one_address_and_then_it_has_to_wait(grounds: Grounds) -> None:
    """Thirty a minute at least; then 429, the same on the page and in the API, for they count together."""
    anonymous_writes.forget()
    page, program = f"/network/{grounds.slug}/suggest/", f"/api/v1/organisations/{grounds.slug}/corrections"
    client = grounds.client("ANON")

    taken = 0
    for number in range(200):
        form = {"about": "host", "text": str(number), "nonce": "12345678"}
        answer = (
            client.post(page, form) if number % 2 else client.post(program, {"text": "a"}, "application/json")
        )
        if answer.status_code == 429:
            break
        taken += 1

    refused = [client.post(page, form), client.post(program, {"text": "a"}, "application/json")]
    assert taken >= 30
    assert [answer.status_code for answer in refused] == [429, 429]
    assert all(1 <= int(answer["Retry-After"]) <= 61 for answer in refused)
    assert not faults(refused[0], "POST", page)
    assert not faults(refused[1], "POST", program)
    anonymous_writes.forget()
