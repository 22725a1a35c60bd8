"""How to make an organisation, a tie, a programme, a role, for tests."""

from datetime import date
from itertools import count
from typing import Any

from koinon.network.models import (
    Coverage,
    Membership,
    Organisation,
    Programme,
    ProgrammeArea,
    Role,
)
from koinon.network.visitor import Visitor, visitor_for
from koinon.people.models import Person
from koinon.people.testing import make_person

_number = count(1)
CHECKED = date(2026, 11, 22)


def make_organisation(name: str = "", **more: Any) -> Organisation:
    """An organisation, a national centre unless said otherwise."""
    number = next(_number)
    values: dict[str, Any] = {
        "slug": f"organisation-{number}",
        "name": name or f"Organisation {number}",
        "kind": Organisation.Kind.CENTRE,
        "country": "IT",
        "state": Organisation.State.RUNNING,
        "sources": ["https://example.eu/source"],
        "checked_on": CHECKED,
    }
    return Organisation.objects.create(**(values | more))


def make_consortium(name: str = "", *countries: str, **more: Any) -> Organisation:
    """A consortium with the Member States it serves."""
    values = {"kind": Organisation.Kind.CONSORTIUM, "country": "", "state": "", "generation": 1}
    consortium = make_organisation(name, **(values | more))
    for country in countries:
        Coverage.objects.create(
            consortium=consortium,
            country=country,
            since=consortium.since,
            until=consortium.until,
            checked_on=CHECKED,
        )
    return consortium


def make_membership(member: Organisation, within: Organisation, **more: Any) -> Membership:
    """A tie, a partner's unless said otherwise."""
    values: dict[str, Any] = {"role": Membership.Role.PARTNER, "checked_on": CHECKED}
    return Membership.objects.create(member=member, within=within, **(values | more))


def make_programme(name: str = "", *nuts: str, **more: Any) -> Programme:
    """An ESF+ programme: regional where regions are given, else national."""
    number = next(_number)
    values: dict[str, Any] = {
        "code": f"it-{number}",
        "name": name or f"Programme {number}",
        "country": "IT",
        "level": Programme.Level.REGIONAL if nuts else Programme.Level.NATIONAL,
        "region": "Region" if nuts else "",
        "authority_certain": True,
        "esf_plus_confirmed": True,
        "checked_on": CHECKED,
    }
    programme = Programme.objects.create(**(values | more))
    for code in nuts:
        ProgrammeArea.objects.create(programme=programme, nuts=code, former=code)
    return programme


def make_visitor(kind: str = "", organisation: Organisation | None = None, **more: Any) -> Visitor:
    """Somebody signed in, with a role where one is named."""
    person: Person = more.pop("person", None) or make_person(**more)
    if kind:
        Role.objects.create(person=person, kind=kind, organisation=organisation, since=date(2020, 1, 1))
    return visitor_for(person)
