"""How to make a session and a registration, for tests and benches."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from koinon.agenda.actions import registering
from koinon.agenda.models import Registration, Segment, Session
from koinon.network.models import Organisation
from koinon.network.testing import make_organisation
from koinon.network.visitor import ANYONE, Visitor

_number = count(1)


def make_session(
    title: str = "",
    *,
    organiser: Organisation | None = None,
    starts: datetime | None = None,
    zone: str = "Europe/Brussels",
    segments: tuple[tuple[str, int], ...] = (
        ("The project in short", 10),
        ("Exchange of views", 30),
        ("Q&A", 20),
    ),
    **more: Any,
) -> Session:
    """A published, public session of a centre; tomorrow at this time of day unless `starts` says otherwise."""
    number = next(_number)
    here = (starts or timezone.now() + timedelta(days=1)).astimezone(ZoneInfo(zone))
    session = Session.objects.create(
        **{
            "code": f"26TEST{number:05}",
            "title": title or f"What is there for regions and cities, part {number}",
            "organiser": organiser or make_organisation(),
            "day": here.date(),
            "begins": here.time().replace(second=0, microsecond=0, tzinfo=None),
            "zone": zone,
            "published": True,
        }
        | more
    )
    for position, (name, minutes) in enumerate(segments):
        Segment.objects.create(session=session, position=position, title=name, minutes=minutes)
    return session


def make_registration(
    session: Session, email: str = "", *, by: Visitor = ANYONE, **more: Any
) -> Registration:
    """Somebody who registered, with an address of their own unless one is given."""
    number = next(_number)
    email = email or f"guest{number}@example.org"
    registering.register(session, by=by, email=email, nonce=f"nonce-{number:08}", **more)
    return Registration.objects.filter(session=session, email=email).latest("pk")
