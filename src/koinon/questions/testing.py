"""How to make a desk and a question, for tests."""

from itertools import count
from typing import Any

from koinon.network.models import Organisation, Role
from koinon.network.testing import make_organisation
from koinon.network.visitor import ANYONE, Visitor, visitor_for
from koinon.people.models import Person
from koinon.people.testing import make_person
from koinon.places.models import Place
from koinon.questions.actions import asking, support
from koinon.questions.models import Question, Request, Triage

_number = count(1)


def staff(
    organisation: Organisation | None, kind: str = Role.Kind.MANAGER, person: Person | None = None
) -> Visitor:
    """Somebody who works at a desk from today on; for None a coordinator, who is an operator."""
    person = person or make_person()
    if organisation is None:
        kind = Role.Kind.COORDINATOR
    Role.objects.create(person=person, kind=kind, organisation=organisation)
    return visitor_for(person)


def make_desk(
    name: str = "", country: str = "IT", kind: str = Role.Kind.MANAGER, **more: Any
) -> tuple[Organisation, Visitor]:
    """A body, a national centre unless said otherwise, with somebody at its desk."""
    organisation = make_organisation(name, country=country, **more)
    return organisation, staff(organisation, kind)


def make_question(
    text: str = "", place: str = "IT", *, by: Visitor = ANYONE, desk: Organisation | None = None, **more: Any
) -> Question:
    """A question that was asked and routed; `desk` puts it there whatever the routing says."""
    text = text or f"Who signs for project {next(_number)}?"
    question, _code = asking.ask(
        Place.objects.get(pk=place),
        by=by,
        text=text,
        nonce=more.pop("nonce", f"nonce-{next(_number):08}"),
        **({"language": "en"} | more),
    )
    if desk is not None:
        Question.objects.filter(pk=question.pk).update(desk=desk)
        question.refresh_from_db()
    return question


def make_triage() -> Visitor:
    """A coordinator who is named for triage."""
    coordinator = staff(None)
    Triage.objects.create(person_id=coordinator.person_id or 0)
    return coordinator


def make_request(
    *,
    body: Organisation | None = None,
    by: Visitor | None = None,
    text: str = "",
    confidential: bool = False,
    **more: Any,
) -> Request:
    """A managing authority's request for support; a confidential one wants somebody named for triage."""
    body = body or make_organisation(kind=Organisation.Kind.MANAGING_AUTHORITY)
    by = by or staff(body, Role.Kind.AUTHORITY)
    text = text or f"How do we select project {next(_number)}?"
    nonce = more.pop("nonce", f"nonce-{next(_number):08}")
    return support.request_support(body, by=by, text=text, confidential=confidential, nonce=nonce, **more)
