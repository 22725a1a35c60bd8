"""How to make a practice in each of its states, an adoption and a translation, for tests and benches."""

from itertools import count
from typing import Any

from django.utils import timezone

from koinon.network.models import Organisation
from koinon.people.models import Person
from koinon.people.testing import make_person
from koinon.places.models import Place
from koinon.practices import listing
from koinon.practices.content import Content, write
from koinon.practices.life import State
from koinon.practices.models import Adoption, Practice, Translation, Version

_number = count(1)


def make_content(title: str = "", *, places: tuple[str, ...] = ("BE",), **more: Any) -> Content:
    """Enough to be sent in."""
    values: dict[str, Any] = {
        "title": title or f"One door, number {next(_number)}",
        "summary": "Three services share one office and one first conversation.",
        "challenge": "Young people meet five counters and tell their story five times.",
        "approach": "One shopfront on a tram line, open in the afternoon.",
        "places": tuple(Place.objects.filter(pk__in=places).order_by("pk")),
    }
    return Content(**(values | more))


def make_practice(
    title: str = "",
    *,
    state: str = State.PUBLISHED,
    owner: Person | None = None,
    organisation: Organisation | None = None,
    centre: Organisation | None = None,
    places: tuple[str, ...] = ("BE",),
    **more: Any,
) -> Practice:
    """A practice with one version; public unless said otherwise."""
    number = next(_number)
    now = timezone.now()
    gone = state == State.WITHDRAWN
    practice = Practice.objects.create(
        slug=f"practice-{number}",
        owner=owner or make_person(),
        organisation=organisation,
        centre=centre,
        state=state,
        published_at=now if state in {State.PUBLISHED, State.WITHDRAWN} else None,
        checked_on=now.date() if state == State.PUBLISHED else None,
        withdrawn_at=now if gone else None,
        withdrawn_because="outdated" if gone else "",
    )
    version = Version(practice=practice, number=1, state=State.PUBLISHED if gone else state)
    version.submitted_at = None if state == State.DRAFT else now
    write(version, make_content(title, places=places, **more))
    if version.state == State.PUBLISHED:
        practice.shown = version
        practice.save(update_fields=["shown"])
    listing.forget()
    return practice


def make_adoption(practice: Practice, *, place: str = "FI", confirmed: bool = True, **more: Any) -> Adoption:
    """Somebody who took it over; confirmed unless said otherwise."""
    values: dict[str, Any] = {
        "adopter_text": "The city next door",
        "since": timezone.localdate(),
        "confirmed_at": timezone.now() if confirmed else None,
        "place": Place.objects.get(pk=place),
    }
    listing.forget()
    return Adoption.objects.create(practice=practice, **(values | more))


def make_translation(version: Version, language: str = "fi", **more: Any) -> Translation:
    """A version in one more language, by a person unless said otherwise."""
    values: dict[str, Any] = {"texts": {"title": "Yksi ovi", "summary": "Kolme palvelua, yksi toimisto."}}
    listing.forget()
    return Translation.objects.create(version=version, language=language, **(values | more))
