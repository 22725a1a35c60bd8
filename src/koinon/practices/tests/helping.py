"""What the tests of the library share."""

from typing import Any

from django.test import Client

from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor, visitor_for
from koinon.people.models import Person
from koinon.people.testing import come_in, make_person
from koinon.practices.actions.reviewing import Findings

LOOKS = ("scope", "approach", "results", "transfer")


def findings(decision: str = "publish", **more: Any) -> Findings:
    """A whole review with this decision."""
    values: dict[str, Any] = dict.fromkeys(LOOKS, "good")
    values |= {f"{look}_because": f"The {look} is told well." for look in LOOKS}
    return Findings(**(values | {"decision": decision, "words": "Thank you."} | more))


def review_form(decision: str = "publish", **more: str) -> dict[str, str]:
    """The same as a form sends it."""
    values = dict.fromkeys(LOOKS, "good") | {f"{look}_because": f"The {look} is told well." for look in LOOKS}
    return values | {"decision": decision, "words": "Thank you."} | more


def content_form(title: str = "A door", **more: str) -> dict[str, str]:
    """The smallest form of a practice that can be sent in."""
    values = {
        "title": title,
        "summary": "Three services share one office.",
        "challenge": "Five counters.",
        "approach": "One door.",
        "places": "BE",
        "language": "en",
        "kind": "worked",
        "level": "local",
        "stage": "running",
        "evidence": "1",
    }
    return values | more


def somebody(kind: str = "", organisation: Organisation | None = None) -> Person:
    """A person, with a role where one is named."""
    person = make_person()
    if kind:
        Role.objects.create(person=person, kind=kind, organisation=organisation)
    return person


def as_visitor(kind: str = "", organisation: Organisation | None = None) -> Visitor:
    return visitor_for(somebody(kind, organisation))


def browser(person: Person) -> Client:
    return come_in(Client(headers={"Sec-Fetch-Site": "same-origin"}), person, proved=True)
