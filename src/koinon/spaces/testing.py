"""How to make a space, who belongs to it, what is said and set there, for tests."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from koinon.network.models import Organisation
from koinon.network.testing import make_organisation
from koinon.network.visitor import Visitor, visitor_for
from koinon.people.models import Person
from koinon.people.testing import make_person
from koinon.spaces.actions.joining import hash_of
from koinon.spaces.actions.known import next_step
from koinon.spaces.models import Date, File, Invitation, Member, Post, Space, Thread


def make_space(organisation: Organisation | None = None, **more: Any) -> Space:
    """An open space of a centre that runs, with no member yet, unless said otherwise."""
    values: dict[str, Any] = {
        "organisation": organisation or make_organisation(),
        "state": Space.State.RUNNING,
        "name": "Housing first, small towns",
        "purpose": "People who begin housing first in a small town.",
        "topics": ["homelessness"],
        "languages": ["en"],
        "opened_at": timezone.now(),
    }
    return Space.objects.create(**(values | more))


def make_member(space: Space, person: Person | None = None, **more: Any) -> Member:
    """Somebody who belongs to it and gets each post, unless said otherwise."""
    values: dict[str, Any] = {"name": "Ana of the north", "mail": Member.Mail.EACH, "told": space.steps}
    return Member.objects.create(space=space, person=person or make_person(), **(values | more))


def make_host(space: Space, person: Person | None = None, **more: Any) -> Member:
    return make_member(space, person, **({"is_host": True, "name": "Host of the house"} | more))


def visitor_of(member: Member) -> Visitor:
    return visitor_for(member.person)


def make_thread(space: Space, **more: Any) -> Thread:
    """A thread without a post."""
    return Thread.objects.create(space=space, **({"title": "Which landlord to ask first"} | more))


def make_post(
    thread: Thread, member: Member | None = None, text: str = "We asked the city.", **more: Any
) -> Post:
    """What a member said there."""
    member = member or make_member(thread.space)
    space = Space.objects.get(pk=thread.space_id)
    values: dict[str, Any] = {
        "person": member.person,
        "name": member.name,
        "text": text,
        "step": next_step(space),
    }
    return Post.objects.create(thread=thread, **(values | more))


def make_file(space: Space, person: Person | None = None, **more: Any) -> File:
    now = Space.objects.get(pk=space.pk)
    values: dict[str, Any] = {
        "person": person,
        "by_name": "Ana of the north",
        "name": "form.txt",
        "kind": "text/plain",
        "size": 5,
        "content": b"words",
        "step": next_step(now),
    }
    return File.objects.create(space=space, **(values | more))


def make_date(space: Space, person: Person | None = None, **more: Any) -> Date:
    """A date in three days, an hour long."""
    now = Space.objects.get(pk=space.pk)
    starts = (timezone.now() + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    values: dict[str, Any] = {
        "person": person,
        "by_name": "Ana of the north",
        "title": "A walk through three flats",
        "day": starts.date(),
        "begins": starts.time(),
        "zone": "UTC",
        "starts_at": starts,
        "ends_at": starts + timedelta(hours=1),
        "step": next_step(now),
    }
    return Date.objects.create(space=space, **(values | more))


def make_invitation(space: Space, code: str = "invitationcode", email: str = "new@example.eu") -> Invitation:
    return Invitation.objects.create(space=space, email=email, code_hash=hash_of(code))
