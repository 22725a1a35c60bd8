"""What must always hold beyond single cells (MATRIX.md §4): I4, I6, I7, I8, I9, the step-up."""

import random

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from koinon.base.visitor import HttpRequest
from koinon.network.actions import roles
from koinon.network.middleware import VisitorOfRequest
from koinon.network.models import Role
from koinon.network.visitor import visitor_for
from koinon.people import actions
from koinon.people.models import Person
from koinon.people.testing import come_in, make_person
from tests.matrix.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_too]
Kind = Role.Kind


# I4


@pytest.mark.parametrize("seed", range(5))
def test_no_walk_of_grants_and_ends_breaks_the_rules(world: World, seed: int) -> None:
    """Anybody tries anything, again and again: never oneself, never above, never outside, never the last manager gone."""
    chance = random.Random(seed)
    people = [*world.people.values(), *(make_person() for _ in range(3))]
    places = [*world.tenants.values(), *set(world.consortia.values())]
    rank = {
        Kind.EDITOR: 1,
        Kind.MANAGER: 2,
        Kind.LEAD: 3,
        Kind.AUTHORITY: 3,
        Kind.COORDINATOR: 4,
        Kind.ADMINISTRATOR: 5,
    }
    for _ in range(40):
        by, somebody = chance.choice(people), chance.choice(people)
        place, kind = chance.choice(places), chance.choice(list(Kind.values))
        visitor = visitor_for(by)
        best = max((rank.get(Kind(role.kind), 0) for role in visitor.roles), default=0)
        before = set(Role.objects.today().values_list("pk", flat=True))
        try:
            if chance.random() < 0.5:
                granted = roles.invite(somebody.email, by=visitor, kind=kind, organisation=place)
                if granted.pk not in before:
                    assert somebody != by
                    assert rank[Kind(kind)] <= best
                    reach = visitor.organisations | visitor.led
                    assert visitor.is_coordinator or visitor.is_operator or place.pk in reach
            else:
                held = list(Role.objects.today().filter(organisation__in=places).order_by("pk"))
                roles.end(chance.choice(held), by=visitor)
        except (PermissionDenied, ValidationError):
            assert set(Role.objects.today().values_list("pk", flat=True)) == before
        for centre in world.tenants.values():
            assert Role.objects.managers_of(centre).exists()


def test_the_last_manager_stays(world: World) -> None:
    centre = world.tenants["foreign"]
    last = Role.objects.get(kind=Kind.MANAGER, organisation=centre)
    client = world.client("NCO")

    ended = client.post(reverse("network:end_role", args=[centre.slug, last.pk]))
    left = come_in(Client(headers={"Sec-Fetch-Site": "same-origin"}), last.person).post(
        reverse("network:leave", args=[last.pk])
    )

    assert (ended.status_code, left.status_code) == (409, 409)
    last.refresh_from_db()
    assert last.until is None
    with pytest.raises(ValidationError):
        actions.erase(last.person, by=visitor_for(last.person))


# I6, I7: what was taken away is gone at the next call, for sessions and for tokens.


def api_visitor(secret: str) -> HttpRequest | int:
    """What the middleware makes of a token: the request with its visitor, or the status it refuses with."""
    seen: list[HttpRequest] = []

    def inside(request: HttpRequest) -> object:
        seen.append(request)
        return HttpResponse()

    request = RequestFactory().get("/api/v1/organisations", HTTP_AUTHORIZATION=f"Bearer {secret}")
    answer = VisitorOfRequest(inside)(request)  # type: ignore[arg-type]
    return seen[0] if seen else answer.status_code


def test_a_token_holds_what_its_person_holds_at_that_moment(world: World) -> None:
    manager = world.people["CMG"]
    _, secret = actions.make_token(manager, by=None, label="a", scopes=["read"])

    first = api_visitor(secret)
    Role.objects.filter(person=manager).update(until=timezone.localdate())
    second = api_visitor(secret)
    Person.objects.filter(pk=manager.pk).update(is_active=False)

    assert not isinstance(first, int)
    assert first.visitor.organisations == {world.tenants["own"].pk}  # type: ignore[attr-defined]
    assert not isinstance(second, int)
    assert second.visitor.roles == ()  # type: ignore[attr-defined]
    assert api_visitor(secret) == 401


def test_a_role_that_ended_opens_nothing_more(world: World) -> None:
    centre, client = world.tenants["own"], world.client("CMG")
    address = reverse("network:people", args=[centre.slug])
    assert client.get(address).status_code == 200

    Role.objects.filter(person=world.people["CMG"]).update(until=timezone.localdate())

    assert client.get(address).status_code == 403


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", "\x00", "Bearer " + "x" * 9999]
)
def test_a_token_that_is_none_is_401(header: str) -> None:
    answer = Client().get("/api/v1/organisations", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_session_is_no_authority_in_the_api(world: World) -> None:
    request = RequestFactory().get("/api/v1/organisations")
    request.COOKIES["koinon"] = world.client("NCO").cookies["koinon"].value
    seen: list[HttpRequest] = []

    def inside(request: HttpRequest) -> object:
        seen.append(request)
        return HttpResponse()

    VisitorOfRequest(inside)(request)  # type: ignore[arg-type]

    assert not seen[0].visitor.is_signed_in


# I8: what stands in an address must belong together.


def test_a_role_is_not_ended_through_another_organisation(world: World) -> None:
    role = Role.objects.create(person=make_person(), kind=Kind.EDITOR, organisation=world.tenants["foreign"])

    own = world.tenants["own"]
    answers = [
        world.client(actor).post(reverse("network:end_role", args=[own.slug, role.pk])).status_code
        for actor in ("CMG", "CLD", "NCO", "ADM")
    ]

    assert answers == [404, 404, 404, 404]
    role.refresh_from_db()
    assert role.until is None


# I9: a form changes what it shows and nothing else.


def test_the_profile_changes_name_and_language_only(world: World) -> None:
    person = world.people["PART"]
    before = Person.objects.filter(pk=person.pk).values().get()
    everything = {field.name: "1" for field in Person._meta.fields} | {"name": "New", "language": "el"}

    world.client("PART").post(reverse("people:account"), everything)

    after = Person.objects.filter(pk=person.pk).values().get()
    assert {key for key, value in after.items() if value != dict(before)[key]} - {"last_login"} == {
        "name",
        "language",
    }


def test_an_invitation_sets_person_kind_and_place_only(world: World) -> None:
    centre = world.tenants["own"]
    everything = {field.name: "1" for field in Role._meta.fields} | {
        "email": "new@matrix.example",
        "kind": Kind.EDITOR,
        "organisation": str(world.tenants["foreign"].pk),
        "since": "1999-01-01",
        "until": "2099-01-01",
    }

    world.client("CMG").post(reverse("network:invite", args=[centre.slug]), everything)

    role = Role.objects.get(person__email="new@matrix.example")
    assert (role.organisation, role.kind, role.until) == (centre, Kind.EDITOR, None)
    assert role.since == timezone.localdate()


# The step-up: a mailed code does the everyday work; letting people in asks for a passkey.


def test_letting_in_needs_a_passkey_used_lately(world: World) -> None:
    centre = world.tenants["own"]
    address = reverse("network:invite", args=[centre.slug])
    sent = {
        "email": "new@matrix.example",
        "kind": Kind.EDITOR,
        "back": reverse("network:people", args=[centre.slug]),
    }
    manager = world.people["CMG"]
    newcomer = make_person()
    Role.objects.create(person=newcomer, kind=Kind.MANAGER, organisation=centre)
    by_code = come_in(Client(headers={"Sec-Fetch-Site": "same-origin"}), manager, proved=True)
    without_key = come_in(Client(headers={"Sec-Fetch-Site": "same-origin"}), newcomer, proved=True)

    assert by_code.get(reverse("network:people", args=[centre.slug])).status_code == 200
    first, second = by_code.post(address, sent), without_key.post(address, sent)

    assert first.headers["Location"].startswith(reverse("mfa_reauthenticate_webauthn"))
    assert second.headers["Location"] == reverse("mfa_add_webauthn")
    assert not Role.objects.filter(person__email="new@matrix.example").exists()
