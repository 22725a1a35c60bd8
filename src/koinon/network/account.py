"""What the network adds to a person's own page, to the copy of the data, and to the end of an account."""

from django.http import HttpRequest

from koinon.base import governance
from koinon.network.actions import roles
from koinon.network.models import Role
from koinon.network.permissions.roles import may_see_people
from koinon.network.visitor import Visitor
from koinon.people import mine
from koinon.people.models import Person


def my_roles(request: HttpRequest, person: Person) -> mine.Panel:
    """My roles, those that ended too."""
    visitor = getattr(request, "visitor", None)
    held = list(Role.objects.filter(person=person).select_related("organisation").order_by("-since", "-pk"))
    for role in held:
        role.shows_people = (  # type: ignore[attr-defined]
            isinstance(visitor, Visitor)
            and role.organisation is not None
            and may_see_people(visitor, role.organisation)
        )
    return mine.Panel("network/_my_roles.html", {"roles": held})


def join_in() -> None:
    """Called once, when the network is ready."""
    mine.panels.append(my_roles)
    mine.exports["roles"] = roles.roles_of
    mine.keepers.append(roles.what_keeps)
    mine.farewells.append(roles.end_all)
    governance.mails[roles.INVITATION] = "H3"
