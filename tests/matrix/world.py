"""The nine actors and the tenants they stand in."""

from dataclasses import dataclass, field
from datetime import date
from typing import Self

from django.conf import settings
from django.test import Client
from django.test.client import ClientHandler

from koinon.network.models import Membership, Organisation, Role
from koinon.network.visitor import ANYONE, Visitor, visitor_for
from koinon.people.models import Person
from koinon.people.testing import come_in, make_passkey, make_person

_HANDLER = ClientHandler(enforce_csrf_checks=False)
_HOLDS = 6 * 3600
"""A world stands for many tests, on a slow machine longer than a proof of a passkey holds."""
ROLE_OF = {
    "INNO": Role.Kind.INNOVATOR,
    "MA": Role.Kind.AUTHORITY,
    "CED": Role.Kind.EDITOR,
    "CMG": Role.Kind.MANAGER,
    "CLD": Role.Kind.LEAD,
    "NCO": Role.Kind.COORDINATOR,
    "ADM": Role.Kind.ADMINISTRATOR,
}


def make_organisation(slug: str, kind: str, *, published: bool = True, country: str = "BE") -> Organisation:
    return Organisation.objects.create(
        slug=f"matrix-{slug}",
        name=f"The {slug} of the matrix",
        kind=kind,
        country=country,
        published=published,
        checked_on=date(2026, 1, 1),
    )


@dataclass
class World:
    """One centre each that is own, sibling and foreign; two consortia; everybody in the own tenants, signed in by passkey."""

    tenants: dict[str, Organisation] = field(default_factory=dict)
    consortia: dict[str, Organisation] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    authorities: list[Organisation] = field(default_factory=list)
    _cookies: dict[str, str] = field(default_factory=dict)

    @property
    def authority(self) -> Organisation:
        """The managing authority in which MA works."""
        return self.authorities[0]

    def visitor(self, actor: str) -> Visitor:
        return ANYONE if actor == "ANON" else visitor_for(self.people[actor])

    def client(self, actor: str) -> Client:
        """A browser of this actor, signed in with a passkey just now. Signing in is done once, and remembered."""
        browser = Client(headers={"Sec-Fetch-Site": "same-origin"})
        # One chain of middleware for all: making it takes as long as an answer.
        browser.handler = _HANDLER
        if actor != "ANON":
            if actor not in self._cookies:
                come_in(browser, self.people[actor], how="mfa", proved=True, holds=_HOLDS)
                self._cookies[actor] = browser.cookies[settings.SESSION_COOKIE_NAME].value
            browser.cookies[settings.SESSION_COOKIE_NAME] = self._cookies[actor]
        return browser

    def signed_in(self) -> Self:
        """Everybody is signed in once, for all who get a copy of this world."""
        for actor in self.people:
            self.client(actor)
        return self


def make_world() -> World:
    world = World()
    ours, theirs = (make_organisation(name, Organisation.Kind.CONSORTIUM) for name in ("ours", "theirs"))
    world.consortia = {"own": ours, "sibling": ours, "foreign": theirs}
    for relation, consortium in world.consortia.items():
        centre = make_organisation(relation, Organisation.Kind.CENTRE)
        Membership.objects.create(
            member=centre, within=consortium, role=Membership.Role.CENTRE, checked_on=date(2026, 1, 1)
        )
        world.tenants[relation] = centre
        # Somebody else manages there too, so that no tenant hangs on an actor.
        Role.objects.create(person=make_person(), kind=Role.Kind.MANAGER, organisation=centre)
    world.authorities = [make_organisation("authority", Organisation.Kind.AUTHORITY)]
    where = {
        "INNO": make_organisation("startup", Organisation.Kind.COMPANY),
        "MA": world.authority,
        "CED": world.tenants["own"],
        "CMG": world.tenants["own"],
        "CLD": ours,
        "NCO": None,
        "ADM": None,
    }
    for actor in ("PART", *where):
        person = make_person(f"{actor.lower()}@matrix.example")
        make_passkey(person)
        world.people[actor] = person
        if actor in where:
            Role.objects.create(person=person, kind=ROLE_OF[actor], organisation=where[actor])
    return world
