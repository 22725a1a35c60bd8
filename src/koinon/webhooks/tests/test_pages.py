"""Setting up, looking after and taking away a webhook, on pages and through the API."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from koinon.base import outward
from koinon.journal.models import Entry
from koinon.network.models import Organisation, Role
from koinon.network.testing import make_organisation
from koinon.network.visitor import visitor_for
from koinon.people.actions import make_token
from koinon.people.models import Person
from koinon.people.testing import come_in, make_person
from koinon.webhooks import actions
from koinon.webhooks.account import webhooks_of
from koinon.webhooks.kinds import known
from koinon.webhooks.models import Delivery, Hook
from koinon.webhooks.signing import secret_from
from koinon.webhooks.testing import Receiver, Taken, make_hook, receiving

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _loopback(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OUTWARD_LOOPBACK = True
    monkeypatch.setattr(
        outward,
        "ask_for_name",
        lambda host, *_a, **_m: [(2, 1, 6, "", ("10.0.0.1" if "inside" in host else "93.184.216.34", 443))],
    )


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def centre() -> Organisation:
    return make_organisation("A centre")


@pytest.fixture
def manager(client: Client, centre: Organisation) -> Person:
    person = make_person()
    Role.objects.create(person=person, kind=Role.Kind.MANAGER, organisation=centre)
    come_in(client, person)
    return person


def wish(centre: Organisation, **more: Any) -> dict[str, Any]:
    return {
        "organisation": str(centre.pk),
        "label": "Our site",
        "address": "https://hooks.example/in",
        "language": "en",
    } | more


def test_it_is_set_up_and_its_secret_shown_once(
    client: Client, manager: Person, centre: Organisation
) -> None:
    page = client.post("/webhooks/new/", wish(centre, nonce="a" * 32))

    hook = Hook.objects.get()
    secret = secret_from(hook.seed)
    assert page.status_code == 201
    assert secret in page.content.decode()
    assert secret not in client.get(hook.get_absolute_url()).content.decode()
    assert (hook.answerable, hook.organisation, hook.types) == (manager, centre, [])
    entry = Entry.objects.get(verb="webhook.added")
    assert hook.address not in str(entry.details) + entry.thing_label


def test_sent_twice_it_is_one(client: Client, manager: Person, centre: Organisation) -> None:
    client.post("/webhooks/new/", wish(centre, nonce="a" * 32))

    again = client.post("/webhooks/new/", wish(centre, nonce="a" * 32))

    hook = Hook.objects.get()
    assert (again.status_code, again["Location"]) == (302, hook.get_absolute_url())
    other = client.post("/webhooks/new/", wish(centre, label="Another", nonce="a" * 32))
    assert (other.status_code, Hook.objects.count()) == (409, 1)
    sibling = make_organisation("A second centre")
    Role.objects.create(person=manager, kind=Role.Kind.MANAGER, organisation=sibling)
    for_sibling = client.post("/webhooks/new/", wish(sibling, nonce="a" * 32))
    assert (for_sibling.status_code, Hook.objects.count()) == (409, 1)


@pytest.mark.parametrize("body", ["a\0b", "no such", "a" * 10_000, "9" * 30, ""])
def test_a_body_that_is_none_is_refused_in_the_form(client: Client, manager: Person, body: str) -> None:
    answer = client.post("/webhooks/new/", {"organisation": body, "label": "Ours", "language": "en"})

    assert (answer.status_code, Hook.objects.count()) == (422, 0)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://inside.example/in", "inside a private network"),
        ("https://2130706433/in", "not its number"),
        ("https://[::ffff:127.0.0.1]/in", "not its number"),
        ("http://hooks.example/in", "begins with https"),
        ("https://hooks.example:22/in", "443 and 8443"),
        ("https://localhost/in", "inside a private network"),
        ("javascript:alert(1)", "begins with https"),
        ("https://hooks.example/\u202e", "cannot be shown"),
    ],
)
def test_an_address_that_is_not_spoken_to_is_refused_in_words(
    client: Client, manager: Person, centre: Organisation, address: str, said: str
) -> None:
    page = client.post("/webhooks/new/", wish(centre, address=address))

    assert (page.status_code, Hook.objects.count()) == (422, 0)
    assert said in page.content.decode()


def test_what_is_asked_for_is_kept_as_keys(client: Client, manager: Person, centre: Organisation) -> None:
    client.post(
        "/webhooks/new/",
        wish(
            centre,
            types=["call.published"],
            place="Bologna (bologna-3181928)",
            levels=["country"],
            body=f"/network/{centre.slug}/",
        ),
    )

    hook = Hook.objects.get()
    assert (hook.types, hook.place, hook.levels, hook.body) == (
        ["call.published"],
        "3181928",
        ["country"],
        centre.slug,
    )
    page = client.get(f"{hook.get_absolute_url()}edit/").content.decode()
    assert "Bologna (bologna-3181928)" in page
    everything = client.post("/webhooks/new/", wish(centre, types=list(known())))
    assert everything.status_code == 201
    assert Hook.objects.latest("pk").types == []


def test_a_body_has_so_many_at_most(client: Client, manager: Person, centre: Organisation) -> None:
    for _ in range(actions.MOST):
        make_hook(centre, person=manager)

    page = client.post("/webhooks/new/", wish(centre))

    assert (page.status_code, Hook.objects.count()) == (409, actions.MOST)


def test_of_two_who_change_it_the_second_is_told(
    client: Client, manager: Person, centre: Organisation
) -> None:
    hook = make_hook(centre, person=manager)
    address = f"{hook.get_absolute_url()}edit/"

    first = client.post(address, wish(centre, label="First", version="1"))
    second = client.post(address, wish(centre, label="Second", version="1"))

    assert (first.status_code, second.status_code) == (302, 409)
    assert 'value="Second"' in second.content.decode()
    assert Hook.objects.get().label == "First"
    assert client.post(address, wish(centre, label="Second", version="2")).status_code == 302


def test_a_test_says_what_came_of_it(
    client: Client, manager: Person, centre: Organisation, receiver: Receiver
) -> None:
    hook = make_hook(centre, receiver.url, person=manager)

    page = client.post(f"{hook.get_absolute_url()}test/").content.decode()

    assert "The test arrived." in page
    assert receiver.taken[0].said["type"] == "webhook.test"
    assert receiver.taken[0].is_signed_with(secret_from(hook.seed))
    assert client.post(f"{hook.get_absolute_url()}test/").status_code == 429

    Hook.objects.update(tested_at=None)
    receiver.answer = lambda _taken: (500, {}, b"<script>alert(1)</script>")
    page = client.post(f"{hook.get_absolute_url()}test/").content.decode()
    assert "The test did not arrive." in page
    assert "<script>alert" not in page
    assert (hook.cursor, Delivery.objects.count()) == (Hook.objects.get().cursor, 2)


def test_while_one_is_tried_out_another_waits(
    client: Client, manager: Person, centre: Organisation, receiver: Receiver
) -> None:
    first, second = (make_hook(centre, receiver.url, person=manager) for _ in range(2))
    meanwhile: list[bool] = []

    def slow(_taken: Taken) -> tuple[int, dict[str, str], bytes]:
        meanwhile.append(actions._a_test.locked())
        return (204, {}, b"")

    receiver.answer = slow
    client.post(f"{first.get_absolute_url()}test/")
    with actions._a_test:
        page = client.post(f"{second.get_absolute_url()}test/")

    assert meanwhile == [True]
    assert page.status_code == 429
    assert "Another webhook is tried out at this moment." in page.content.decode()
    assert client.post(f"{second.get_absolute_url()}test/").status_code == 200


def test_paused_and_gone_on_with(client: Client, manager: Person, centre: Organisation) -> None:
    hook = make_hook(centre, person=manager)

    client.post(f"{hook.get_absolute_url()}pause/")
    client.post(f"{hook.get_absolute_url()}pause/")
    page = client.get(hook.get_absolute_url()).content.decode()
    assert "It is paused" in page
    assert "Somebody who answers for it paused it." in page
    assert Entry.objects.filter(verb="webhook.paused").count() == 1

    client.post(f"{hook.get_absolute_url()}go-on/")
    assert Hook.objects.get().state == "active"
    assert "It is paused" not in client.get(hook.get_absolute_url()).content.decode()


def test_of_two_who_go_on_with_it_at_once_the_second_is_told(
    client: Client, manager: Person, centre: Organisation
) -> None:
    other = make_person()
    Role.objects.create(person=other, kind=Role.Kind.MANAGER, organisation=centre)
    hook = make_hook(centre, person=manager, state="paused", because="owner", paused_at=timezone.now())
    actions.go_on(hook, by=visitor_for(other), version=1)

    second = client.post(f"{hook.get_absolute_url()}go-on/", {"version": "1"})

    now = Hook.objects.get()
    assert second.status_code == 409
    assert (now.answerable, now.version) == (other, 2)
    with pytest.raises(actions.Changed):
        actions.change(
            now, actions.Wish(label="Ours", address=now.address), by=visitor_for(manager), version=1
        )
    actions.go_on(now, by=visitor_for(other), version=1)
    assert Hook.objects.get().version == 2


def test_where_the_installation_has_another_secret_it_says_so_until_a_new_one_is_made(
    client: Client, manager: Person, centre: Organisation, receiver: Receiver
) -> None:
    hook = make_hook(centre, receiver.url, person=manager)
    Hook.objects.update(mark="0" * 16, state="paused", because="secret", paused_at=timezone.now())
    address = hook.get_absolute_url()
    assert "Its secret no longer holds" in client.get(address).content.decode()

    for deed in ("go-on", "test"):
        answer = client.post(f"{address}{deed}/")
        assert answer.status_code == 409
        assert "Make a new secret, then go on." in answer.content.decode()
        assert program(manager).post(f"/api/v1{address}{deed}").status_code == 409
    assert receiver.taken == []
    client.post(f"{address}secret/", {"version": "1"})

    now = Hook.objects.get()
    assert (now.state, now.old_seed, now.old_until) == ("paused", "", None)
    client.post(f"{address}go-on/")
    assert client.post(f"{address}test/").status_code == 200
    assert receiver.taken[0].is_signed_with(secret_from(now.seed))


def test_a_new_secret_is_shown_once_and_made_once(
    client: Client, manager: Person, centre: Organisation
) -> None:
    hook = make_hook(centre, person=manager)

    page = client.post(f"{hook.get_absolute_url()}secret/", {"version": "1"})
    again = client.post(f"{hook.get_absolute_url()}secret/", {"version": "1"})

    now = Hook.objects.get()
    assert now.old_seed == hook.seed
    assert secret_from(now.seed) in page.content.decode()
    assert again.status_code == 409
    assert secret_from(now.seed) not in again.content.decode()


def test_it_is_taken_away_after_a_look(client: Client, manager: Person, centre: Organisation) -> None:
    hook = make_hook(centre, person=manager)
    assert "Take it away" in client.get(f"{hook.get_absolute_url()}remove/").content.decode()

    client.post(f"{hook.get_absolute_url()}remove/")

    assert Hook.objects.count() == 0
    assert client.get(hook.get_absolute_url()).status_code == 404


def test_taken_away_twice_at_once_it_is_taken_away_once(manager: Person, centre: Organisation) -> None:
    hook = make_hook(centre, person=manager)
    as_both_saw_it, by = Hook.objects.get(pk=hook.pk), visitor_for(manager)

    actions.remove(hook, by=by)
    actions.remove(as_both_saw_it, by=by)

    assert Entry.objects.filter(verb="webhook.removed").count() == 1


def test_who_runs_the_machine_sees_the_server_and_not_the_key_in_the_address(
    client: Client, centre: Organisation
) -> None:
    hook = make_hook(centre, "https://hooks.example/in/very-secret-key")
    Delivery.objects.create(hook=hook, event="msg_1", kind="call.published", answer="inner words")
    operator = make_person()
    Role.objects.create(person=operator, kind=Role.Kind.ADMINISTRATOR)
    come_in(client, operator, how="mfa", proved=True)

    pages = client.get("/webhooks/").content.decode() + client.get(hook.get_absolute_url()).content.decode()

    assert "hooks.example" in pages
    assert "very-secret-key" not in pages
    assert "inner words" not in pages


def test_lists_cost_the_same_however_many_there_are(
    client: Client, manager: Person, centre: Organisation, count_queries: Any
) -> None:
    make_hook(centre, person=manager)
    client.get("/webhooks/")
    with count_queries() as one:
        client.get("/webhooks/")
    make_hook(centre, person=manager)
    make_hook(centre, person=manager)

    with count_queries() as three:
        client.get("/webhooks/")

    assert len(one) == len(three)


def test_the_account_leads_there_and_the_copy_of_the_data_names_it(
    client: Client, manager: Person, centre: Organisation
) -> None:
    make_hook(centre, "https://hooks.example/key", person=manager)

    assert "/webhooks/" in client.get("/account/").content.decode()
    assert [one["server"] for one in webhooks_of(manager)] == ["hooks.example"]


def program(person: Person) -> Client:
    _, secret = make_token(person, by=None, label="t", scopes=["read", "write"])
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_a_program_does_the_same(manager: Person, centre: Organisation, receiver: Receiver) -> None:
    tool = program(manager)
    key = {"Idempotency-Key": "0b51d1f4-9d2b-4a8e-8f50-1f6f8f1d0a11"}
    sent = {"organisation": centre.slug, "label": "A tool", "address": receiver.url, "types": ["call.moved"]}

    made = tool.post("/api/v1/webhooks", sent, content_type="application/json", headers=key)
    again = tool.post("/api/v1/webhooks", sent, content_type="application/json", headers=key)

    hook = Hook.objects.get()
    assert (made.status_code, made.json()["secret"]) == (201, secret_from(hook.seed))
    assert (again.json()["code"], again.json()["secret"]) == (hook.code, None)
    address = f"/api/v1/webhooks/{hook.code}"
    said = {"label": "Another", "place": "bologna-3181928", "version": 1}
    changed = tool.patch(address, said, content_type="application/json")
    assert (changed.json()["place"], changed.json()["types"]) == ("3181928", ["call.moved"])
    assert tool.patch(address, said, content_type="application/json").status_code == 409
    assert tool.post(f"{address}/test").json()["arrived"] is True
    assert [one["type"] for one in tool.get(f"{address}/deliveries").json()["items"]] == ["webhook.test"]
    assert tool.post(f"{address}/pause").json()["state"] == "paused"
    assert tool.post(f"{address}/go-on").json()["state"] == "active"
    renewed = tool.post(f"{address}/secret", {"version": 3}, content_type="application/json")
    assert renewed.json()["secret"] == secret_from(Hook.objects.get().seed)
    assert len(tool.get("/api/v1/webhooks").json()["items"]) == 1
    assert tool.delete(address).status_code == 204
    assert tool.get(address).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "https://inside.example/"},
        {"types": ["request.asked"]},
        {"place": "nowhere-at-all"},
        {"body": "nobody"},
        {"organisation": "a\0b"},
        {"topic": "no such word"},
        {"language": "xx"},
        {"label": ""},
        {"unknown": "1"},
        {"types": "call.moved"},
    ],
)
def test_a_program_is_told_what_is_wrong(
    manager: Person, centre: Organisation, wrong: dict[str, Any]
) -> None:
    sent = {"organisation": centre.slug, "label": "A tool", "address": "https://hooks.example/"} | wrong

    answer = program(manager).post("/api/v1/webhooks", sent, content_type="application/json")

    assert (answer.status_code, Hook.objects.count()) == (422, 0)
    assert answer["Content-Type"] == "application/problem+json"


def test_the_kinds_are_told_to_everybody(client: Client) -> None:
    names = [one["name"] for one in client.get("/api/v1/webhooks/kinds").json()["items"]]

    assert names == list(known())
