"""A confidential request leaves no trace: its canaries are searched for in every channel, as every wrong actor.

One request is worked to its end with unmistakable words in each of its parts. Then every address that can be read is read
by all who may not see it, in every format, with a session and with a token; so are mails, the log, the files of a dump.
On PostgreSQL some of them read (all with KOINON_TEST_LONG=1): what somebody sees is asked of both in the same words.
"""

import io
import logging
import os
import re
import zipfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.urls import NoReverseMatch, reverse
from pytest_django.plugin import DjangoDbBlocker

from koinon.base.uploads import Clean
from koinon.base.visitor import Visitor
from koinon.journal import actions as journal
from koinon.journal import fresh
from koinon.journal.models import Entry
from koinon.mail.models import Outbox
from koinon.network.limits import anonymous_writes
from koinon.network.models import Organisation, Role
from koinon.network.visitor import visitor_for
from koinon.people.actions import make_token
from koinon.people.models import Person
from koinon.people.testing import come_in, make_passkey, make_person
from koinon.questions.actions import files, support, working
from koinon.questions.actions.receipts import code_of
from koinon.questions.models import File, Question, Request
from koinon.questions.testing import make_question, make_triage
from koinon.search import service
from koinon.search import testing as index
from koinon.search.testing import house
from koinon.webhooks.events import Queue
from koinon.webhooks.testing import make_hook
from tests.hostile import fields_read
from tests.matrix.table import ACTORS
from tests.matrix.test_ways_in import named_views
from tests.matrix.world import World, make_organisation, make_world
from tests.standing import standing

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_too]

FORMATS = ("json", "csv", "xlsx", "atom", "ics")
PARTS = (
    "challenge",
    "priority",
    "coauthor",
    "added",
    "asked",
    "note",
    "answer",
    "outcome",
    "changed",
    "conflict",
    "filename",
    "filecontent",
    "among",
)
CANARY = {part: f"kanarie{part}7q2m" for part in PARTS}
# Who works for an authority, and who has an account, is told there to who may read it; it tells of no request.
PEOPLE = ("/network/matrix-asking/people/", "/network/matrix-asking/journal/", "/account/others/")


@dataclass
class Nest:
    """The request with the canaries, who may see it, and an ordinary question beside it."""

    world: World
    request: Request
    body: Organisation
    author: Person
    coauthor: Person
    handler: Person
    triage: Visitor
    ordinary: Question

    @property
    def question(self) -> Question:
        return self.request.question

    def browser(self, person: Person) -> Client:
        make_passkey(person)
        client = Client(headers={"Sec-Fetch-Site": "same-origin"})
        return come_in(client, person, how="mfa", proved=True)


def _role(kind: str, body: Organisation | None, email: str = "") -> Visitor:
    person = make_person(email)
    Role.objects.create(person=person, kind=kind, organisation=body)
    return visitor_for(person)


def _person(visitor: Visitor) -> Person:
    return Person.objects.get(pk=visitor.person_id or 0)


def build(world: World) -> Nest:
    """A request that went the whole way: refused once for a conflict, asked back, noted, answered, its outcome kept."""
    body = make_organisation("asking", Organisation.Kind.MANAGING_AUTHORITY)
    author, coauthor = (
        _role(Role.Kind.AUTHORITY, body),
        _role(Role.Kind.AUTHORITY, body, f"{CANARY['coauthor']}@example.eu"),
    )
    handler, biased = (_role(Role.Kind.EDITOR, world.tenants["foreign"]) for _ in range(2))
    triage = make_triage()
    ordinary = make_question("An ordinary question?", place="BE", desk=world.tenants["own"])
    request = support.request_support(
        body,
        by=author,
        text=f"{CANARY['challenge']} is our challenge.",
        confidential=True,
        nonce="nonce-of-the-canary",
        priority=f"{CANARY['priority']} it is.",
        topics=["l"],
    )
    support.add_coauthor(request, by=author, email=f"{CANARY['coauthor']}@example.eu")
    support.assign_expert(request, by=triage, email=_person(biased).email)
    support.give_back(request, by=biased, words=f"{CANARY['conflict']} binds me.", conflict=True)
    support.assign_expert(request, by=triage, email=_person(handler).email)
    support.accept(request, by=handler)
    question = request.question
    working.note(question, by=handler, text=f"{CANARY['note']} for us.")
    working.ask_back(question, by=handler, text=f"{CANARY['asked']} is what we need.", language="en")
    support.add_words(
        request, by=coauthor, text=f"{CANARY['added']} is the reply.", nonce="nonce-added-words"
    )
    content = f"{CANARY['filecontent']}\n".encode()
    for by, name in ((author, CANARY["filename"]), (handler, CANARY["among"])):
        files.attach(question, by=by, files=[Clean(f"{name}.txt", "text/plain", content)])
    working.answer(question, by=handler, text=f"{CANARY['answer']} is how.", language="en")
    support.store_outcome(request, by=handler, text=f"{CANARY['outcome']} came of it.")
    Question.objects.update(answered_at="2026-01-01T12:00:00Z")
    support.run()
    support.say_what_changed(request, by=author, months=3, text=f"{CANARY['changed']} is new.")
    request = Request.objects.select_related("question").get(pk=request.pk)
    return Nest(world, request, body, _person(author), _person(coauthor), _person(handler), triage, ordinary)


@pytest.fixture(scope="module")
def _nest(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Nest]:
    cache.clear()
    with standing(django_db_blocker):
        yield build(make_world().signed_in())


@pytest.fixture
def nest(_nest: Nest, db: None) -> Nest:
    cache.clear()
    return deepcopy(_nest)


def _values(nest: Nest) -> dict[str, list[str]]:
    """What to put where an address holds a variable, so that it leads as near to the request as it can."""
    question, world = nest.question, nest.world
    return {
        "number": [question.number, nest.ordinary.number],
        "handle": [nest.request.handle],
        "code": [code_of(question), File.objects.filter(question=question)[0].code, "16"],
        "slug": [
            nest.body.slug,
            world.tenants["own"].slug,
            world.tenants["foreign"].slug,
            world.authority.slug,
        ],
        "key": ["BE", "BE1"],
        "pk": [str(question.pk), str(question.steps.first().pk)],  # type: ignore[union-attr]
        "secret": ["unknown"],
    }


def addresses(nest: Nest) -> Iterator[str]:
    """Every address of the house that can be read, with every value that fits."""
    values = _values(nest)
    seen: set[str] = set()
    for name, pattern in named_views():
        wanted = pattern.pattern.converters
        for chosen in product(*(values.get(key, ["unknown"]) for key in wanted)):
            try:
                address = reverse(name, kwargs=dict(zip(wanted, chosen, strict=True)))
            except NoReverseMatch:
                continue
            if address not in seen:
                seen.add(address)
                yield address
    # What no name leads to, and the filters of lists.
    yield from ("/sitemap.xml", "/robots.txt", "/feed/", "/search/", "/reports/")
    for part in ("challenge", "outcome"):
        yield f"/questions/?q={CANARY[part]}"
        yield f"/desk/?q={CANARY[part]}&box=all"
        yield f"/api/v1/questions?q={CANARY[part]}"
        yield f"/questions/like/?text={CANARY[part]}&place=BE"
    yield from ("/questions/?place=BE", "/desk/?box=late", "/desk/?box=answered", "/network/?q=asking")


def text_of(answer: HttpResponseBase) -> str:
    """All that an answer says: head, body, and what is packed into a workbook."""
    body = b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined]
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = b"\n".join(packed.read(name) for name in packed.namelist())
    return "\n".join(f"{k}: {v}" for k, v in answer.headers.items()) + "\n" + body.decode("utf-8", "replace")


def found(nest: Nest, address: str, text: str) -> list[str]:
    """Which canaries an answer holds. What stood in the address itself comes back in links and tells nothing new."""
    tokens = {**CANARY, "number": nest.question.number, "file": File.objects.first().code}  # type: ignore[union-attr]
    if address.startswith(PEOPLE):
        del tokens["coauthor"]
    return [part for part, token in tokens.items() if token in text and token not in address]


def walk(nest: Nest, client: Client, headers: dict[str, str] | None = None) -> list[str]:
    """Where a canary stands; an address is read in every format where its view asks for one."""
    wrong, exits = [], set()
    for address in addresses(nest):
        cache.clear()
        anonymous_writes.forget()
        with fields_read() as asked:
            answer = client.get(address, headers=headers or {})
        texts = [(address, text_of(answer))]
        if answer.status_code == 200 and "?" not in address and "format" in asked:
            exits.add(address)
            for form in FORMATS:
                exit_ = f"{address}?format={form}"
                texts.append((exit_, text_of(client.get(exit_, headers=headers or {}))))
        wrong += [f"{where}: {parts}" for where, text in texts if (parts := found(nest, where, text))]
    assert exits >= {"/network/", "/places/BE/inside/", "/questions/", "/questions/register/"}
    return wrong


ALL = connection.vendor == "sqlite" or bool(os.environ.get("KOINON_TEST_LONG"))


@pytest.mark.parametrize("actor", ACTORS if ALL else ("ANON", "MA", "ADM"))
def test_no_page_and_no_exit_holds_a_canary(actor: str, nest: Nest, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="koinon"), caplog.at_level(logging.INFO):
        assert walk(nest, nest.world.client(actor)) == []
    assert not [token for token in CANARY.values() if token in caplog.text]


def test_who_is_named_for_triage_finds_its_kind_and_no_canary(nest: Nest) -> None:
    client = nest.browser(_person(nest.triage))
    Question.objects.filter(pk=nest.question.pk).update(state="taken", answered_at=None)

    assert walk(nest, client) == []
    assert "Belgium" in client.get(reverse("support:mine")).content.decode()


def test_a_colleague_of_the_same_authority_who_was_not_named_finds_none(nest: Nest) -> None:
    assert walk(nest, nest.browser(_person(_role(Role.Kind.AUTHORITY, nest.body)))) == []


@pytest.mark.parametrize("who", ["author", "handler", "NCO", "ADM"] if ALL else ["author"])
def test_no_token_reaches_it_not_even_the_authors_own(who: str, nest: Nest) -> None:
    person = getattr(nest, who) if hasattr(nest, who) else nest.world.people[who]
    _, secret = make_token(person, by=None, label="canary", scopes=["read", "write", "desk"])

    assert walk(nest, Client(), {"Authorization": f"Bearer {secret}"}) == []


def test_who_may_see_it_finds_the_canaries(nest: Nest) -> None:
    """The positive control: without it the test above would prove nothing."""
    page = reverse("support:request", args=[nest.question.number])
    for_both = set(PARTS) - {"note", "conflict", "among", "filecontent"}
    handler, author = nest.browser(nest.handler), nest.browser(nest.author)

    def read(client: Client, address: str) -> set[str]:
        text = text_of(client.get(address))
        return {part for part, token in CANARY.items() if token in text}

    assert read(author, page) == for_both
    assert read(handler, page) == (for_both | {"note", "conflict", "among"}) - {"coauthor"}
    assert read(nest.browser(nest.coauthor), page) == for_both - {"coauthor"}
    assert {"challenge", "priority", "answer", "filename"} <= read(author, reverse("people:data"))
    assert not {"note", "conflict", "among"} & read(author, reverse("people:data"))
    own, among = File.objects.filter(question=nest.question).order_by("pk")
    assert read(author, own.address) == {"filename", "filecontent"}
    assert read(handler, among.address) == {"among", "filecontent"}
    assert author.get(among.address).status_code == 404


def test_no_mail_holds_a_canary_and_none_goes_to_others(nest: Nest) -> None:
    mails = Outbox.objects.exclude(text__contains=nest.ordinary.number)

    told = set(mails.values_list("to", flat=True))
    allowed = {nest.author.email, nest.coauthor.email, nest.handler.email, _person(nest.triage).email}
    biased = Role.objects.filter(organisation=nest.world.tenants["foreign"]).values_list(
        "person__email", flat=True
    )
    assert told <= allowed | set(biased)
    assert mails.count() > 5
    for mail in Outbox.objects.all():
        said = f"{mail.subject}\n{mail.text}\n{mail.headers}"
        assert not [t for t in (*CANARY.values(), nest.question.number) if t in said]


def test_no_webhook_is_told_of_it(nest: Nest) -> None:
    """All that ever happened, handed to a webhook of the asking body itself: an ordinary deed is told, and no canary."""
    journal.record("organisation.published", by=None, what=nest.world.tenants["own"])
    queue = Queue(make_hook(nest.body, cursor=0), fresh.newest())
    said = ""
    while (parcel := queue.next()) is not None:
        said += parcel.body.decode()
        queue.arrived()

    assert nest.world.tenants["own"].name in said
    assert not [t for t in (*CANARY.values(), nest.question.number) if t in said]


def test_no_document_of_the_index_holds_a_canary(nest: Nest, tmp_path: Path) -> None:
    """What is searched holds nothing of it, and a search for it finds nothing."""
    with house(tmp_path):
        index.build()
        engine = service.reader.engine()
        whole = repr([engine.document(*thing) for thing in engine.things()])
        found = [part for part, token in CANARY.items() if service.search(token).total]
        pages = [text_of(Client().get(f"/search/?q={token}&format=json")) for token in CANARY.values()]

    assert "ncc-be" in whole
    assert [part for part, token in CANARY.items() if token in whole] == []
    assert found == []
    assert {page.count('"type"') for page in pages} == {0}


def test_no_dump_and_no_journal_holds_a_canary(nest: Nest, tmp_path: Path) -> None:
    call_command("dump", str(tmp_path), verbosity=0)
    said = "\n".join(file.read_text() for file in tmp_path.iterdir())
    said += str(list(Entry.objects.values()))

    assert len(said) > 1000
    assert not [t for t in (*CANARY.values(), nest.question.number) if t in said]


@pytest.mark.parametrize("actor", [actor for actor in ACTORS if actor != "ANON"])
@pytest.mark.parametrize("name", ["support:request", "desk:case", "questions:files", "desk:state"])
def test_denied_is_byte_for_byte_missing(actor: str, name: str, nest: Nest) -> None:
    address = reverse(name, args=[nest.question.number])
    client = nest.world.client(actor)

    denied = client.get(address)
    Question.objects.filter(pk=nest.question.pk).update(number="C-0000-GONE")
    missing = client.get(address)

    assert denied.status_code == missing.status_code == 404
    assert _plain(denied) == _plain(missing)


_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')
COUNTED = (
    "/desk/",
    "/desk/?box=late",
    "/questions/",
    "/questions/register/",
    "/places/BE/",
    "/support/",
    "/",
)


@pytest.mark.parametrize("actor", ACTORS)
def test_lists_and_counts_are_the_same_without_it(actor: str, nest: Nest) -> None:
    """What every list and count says before there is one more confidential request, and after: the same bytes."""
    world = nest.world
    make_question("An ordinary question?", place="BE", desk=world.tenants["own"])
    body = make_organisation("asking-too", Organisation.Kind.MANAGING_AUTHORITY)
    author = _role(Role.Kind.AUTHORITY, body)
    client = world.client(actor)
    before = [_plain(client.get(address)) for address in COUNTED]

    made = support.request_support(body, by=author, text="Hush.", confidential=True, nonce="nonce-hush")
    after = [_plain(client.get(address)) for address in COUNTED]

    assert made.question.confidential
    assert [a for a, b, c in zip(COUNTED, before, after, strict=True) if b != c] == []


def _plain(answer: HttpResponseBase) -> tuple[int, bytes]:
    return answer.status_code, _TOKEN.sub(b"", answer.content)  # type: ignore[attr-defined]
