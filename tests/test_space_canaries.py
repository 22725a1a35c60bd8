"""A closed space leaves no trace for who does not belong to it: its canaries are searched for in every address, as every actor.

The manager of the very body it belongs to, the coordinator and the administrator are among them. Also in what goes out: feeds,
exits of lists, the search, mails to others, the journal, a dump.
"""

import logging
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import time
from itertools import product
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse
from pytest_django.plugin import DjangoDbBlocker

from koinon.base.uploads import Clean
from koinon.base.when import Moment
from koinon.journal.models import Entry
from koinon.mail.models import Outbox
from koinon.network.limits import anonymous_writes
from koinon.people.models import Person
from koinon.people.testing import come_in
from koinon.search import service
from koinon.search import testing as index
from koinon.search.testing import house
from koinon.spaces.actions import joining, talking, things
from koinon.spaces.models import Date, File, Member, Space, Thread
from koinon.spaces.testing import make_date, make_host, make_invitation, make_member, make_space, visitor_of
from tests.hostile import fields_read
from tests.matrix.table import ACTORS
from tests.matrix.test_ways_in import named_views
from tests.matrix.world import World, make_world
from tests.standing import standing
from tests.test_canaries import FORMATS, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_too]
PARTS = "name purpose rules title words filename filewords content date host member because".split()
CANARY = {part: f"kanarieraum{part}8r3n" for part in PARTS}


@dataclass
class Nest:
    """The closed space, and who belongs to it."""

    world: World
    space: Space
    host: Member
    member: Member


def build(world: World) -> Nest:
    """A closed space of the own centre in which everything is a canary."""
    space = make_space(
        world.tenants["own"],
        is_closed=True,
        name=CANARY["name"],
        purpose=CANARY["purpose"],
        rules=CANARY["rules"],
    )
    host = make_host(space, name=CANARY["host"])
    member = make_member(space, name=CANARY["member"])
    by = visitor_of(member)
    thread = talking.begin(space, by=by, title=CANARY["title"], text=CANARY["words"], language="en")
    content = f"{CANARY['content']}\n".encode()
    file = Clean(f"{CANARY['filename']}.txt", "text/plain", content)
    things.add_files(space, by=by, files=[file], words=CANARY["filewords"], language="en")
    day = make_date(space).wall_day
    told = things.Appointment(title=CANARY["date"], moment=Moment(day, time(10), "Europe/Malta"))
    things.set_date(space, told, by=by)
    talking.close(thread, by=visitor_of(host), because=CANARY["because"])
    make_invitation(space, "canaryinvitation")
    return Nest(world, space, host, member)


@pytest.fixture(scope="module")
def _nest(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Nest]:
    cache.clear()
    with standing(django_db_blocker):
        yield build(make_world().signed_in())


@pytest.fixture
def nest(_nest: Nest, db: None) -> Nest:
    cache.clear()
    return deepcopy(_nest)


def addresses(nest: Nest) -> Iterator[str]:
    """Every address that names something of the space, and every one that names nothing in particular."""
    post = nest.space.threads.get().posts.get()
    values = {
        "code": [nest.space.code],
        "thread": [Thread.objects.get().code],
        "file": [File.objects.get().code],
        "date": list(Date.objects.values_list("code", flat=True)),
        "pk": [str(post.pk), str(nest.member.pk)],
        "ending": ["atom", "json"],
        "slug": [nest.world.tenants["own"].slug],
        "key": ["BE"],
    }
    for name, pattern in named_views():
        wanted = pattern.pattern.converters
        if wanted and not name.startswith("spaces:") and name not in {"network:organisation", "place"}:
            continue
        # The door and an invitation are keys: who holds them learns what they open.
        if name in {"spaces:door", "spaces:invitation"}:
            continue
        for chosen in product(*(values.get(key, ["unknown"]) for key in wanted)):
            try:
                yield reverse(name, kwargs=dict(zip(wanted, chosen, strict=True)))
            except NoReverseMatch:
                continue
    for about in (
        f"space:{nest.space.code}",
        f"space-post:{post.pk}",
        f"space-file:{File.objects.get().code}",
    ):
        yield f"/notices/new/?about={about}"
    for part in ("name", "title", "words"):
        yield f"/spaces/?q={CANARY[part]}"
        yield f"/search/?q={CANARY[part]}"
        yield f"/api/v1/spaces?q={CANARY[part]}"


def walk(nest: Nest, client: Client) -> list[str]:
    wrong, exits = [], set()
    for address in addresses(nest):
        cache.clear()
        anonymous_writes.forget()
        with fields_read() as asked:
            answer = client.get(address)
        texts = [(address, text_of(answer))]
        if answer.status_code == 200 and "?" not in address and "format" in asked:
            exits.add(address)
            texts += [
                (f"{address}?format={form}", text_of(client.get(f"{address}?format={form}")))
                for form in FORMATS
            ]
        for where, text in texts:
            wrong += [
                f"{where}: {part}" for part, token in CANARY.items() if token in text and token not in where
            ]
    assert "/spaces/" in exits
    return wrong


@pytest.mark.parametrize("actor", ACTORS if connection.vendor == "sqlite" else ("ANON", "CMG"))
def test_no_page_and_no_exit_holds_a_canary(actor: str, nest: Nest, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert walk(nest, nest.world.client(actor)) == []
    assert not [token for token in CANARY.values() if token in caplog.text]


def test_who_belongs_to_it_finds_the_canaries(nest: Nest) -> None:
    """The positive control: without it the test above would prove nothing."""
    client = come_in(Client(headers={"Sec-Fetch-Site": "same-origin"}), nest.member.person)
    text = "\n".join(text_of(client.get(address)) for address in addresses(nest))

    assert {part for part, token in CANARY.items() if token in text} == set(PARTS)


def test_who_left_and_who_was_shown_out_find_none(nest: Nest) -> None:
    joining.show_out(nest.space, by=visitor_of(nest.host), member=nest.member.pk, because="It is so.")

    person = Person.objects.get(pk=nest.member.person_id)
    assert [
        where for where in walk(nest, come_in(Client(), person)) if not where.startswith("/account/")
    ] == []


def test_mails_go_to_members_alone_and_journal_and_dump_hold_no_canary(nest: Nest, tmp_path: Path) -> None:
    told = set(Outbox.objects.filter(text__contains="kanarieraum").values_list("to", flat=True))
    call_command("dump", str(tmp_path), verbosity=0)
    said = "\n".join(file.read_text() for file in tmp_path.iterdir()) + str(list(Entry.objects.values()))

    assert told <= {nest.host.person.email, nest.member.person.email}
    assert told
    assert not [token for token in CANARY.values() if token in said]


def test_no_document_of_the_index_holds_a_canary(nest: Nest, tmp_path: Path) -> None:
    with house(tmp_path):
        index.build()
        engine = service.reader.engine()
        whole = repr([engine.document(*thing) for thing in engine.things()])

    assert "matrix" in whole or "ncc-" in whole
    assert [part for part, token in CANARY.items() if token in whole] == []


@pytest.mark.parametrize("actor", ["PART", "CMG", "NCO"])
@pytest.mark.parametrize("name", ["space", "members", "me", "edit", "begin"])
def test_denied_is_byte_for_byte_missing(actor: str, name: str, nest: Nest) -> None:
    client = nest.world.client(actor)
    address = reverse(f"spaces:{name}", args=[nest.space.code])

    denied = client.get(address)
    Space.objects.all().delete()
    missing = client.get(address)

    assert denied.status_code == missing.status_code == 404
    assert denied.content == missing.content
