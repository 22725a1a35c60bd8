"""Invented offers, needs, experts and one exchange for `--demo`: an offer or a need for each Member State.

Marked as invented in their titles and on their pages, and removable. The bodies are there; nobody of them said this.
"""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from koinon.journal import versions
from koinon.network.actions import demo
from koinon.network.models import Organisation
from koinon.peers.actions.known import FOUND, next_stamp
from koinon.peers.models import Entry, Exchange, Profile
from koinon.peers.words import HOLDS, Availability, Format, Kind, Outcome
from koinon.people.models import Person
from koinon.places.models import Place
from koinon.search import changes

PREFIX = demo.PREFIX
MAIL_END = "@invented.invalid"

# What is said, its topics, its forms; each said by several countries in turn as an offer and as a need.
_SUBJECTS: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "Demonstration: two days with the team that runs our one-door office (invented)",
        "Demonstration: someone who has moved youth services under one roof (invented)",
        ("one-stop-shop", "integrated-services", "youth"),
        (Format.VISIT, Format.CALL),
    ),
    (
        "Demonstration: how we set up housing first with three landlords (invented)",
        "Demonstration: a centre that has begun housing first in a small town (invented)",
        ("housing-first", "homelessness"),
        (Format.CALL, Format.DOCUMENT),
    ),
    (
        "Demonstration: read your call text before it goes out, within five days (invented)",
        "Demonstration: somebody who reads our first call on social innovation (invented)",
        ("call-for-proposals", "co-financing"),
        (Format.DOCUMENT, Format.CALL),
    ),
    (
        "Demonstration: a workshop on measuring what changed, for beginners (invented)",
        "Demonstration: a workshop on impact measurement for our authority (invented)",
        ("impact-measurement", "evaluation"),
        (Format.WORKSHOP,),
    ),
    (
        "Demonstration: half a year of mentoring for a new centre (invented)",
        "Demonstration: a mentor for our team, which is new (invented)",
        ("competence-centre", "capacity-building"),
        (Format.MENTORING,),
    ),
    (
        "Demonstration: what we learnt from a village shop run by its customers (invented)",
        "Demonstration: a peer review of our plan for rural services (invented)",
        ("village-shop", "rural-depopulation", "mobile-services"),
        (Format.VISIT, Format.REVIEW),
    ),
    (
        "Demonstration: contracts that reserve work for inclusion enterprises (invented)",
        "Demonstration: a city that has reserved contracts, and its papers (invented)",
        ("reserved-contracts", "work-integration-enterprise", "public-procurement"),
        (Format.DOCUMENT, Format.CALL),
    ),
    (
        "Demonstration: co-creation with people who use the service (invented)",
        "Demonstration: a method for co-creation in care for older people (invented)",
        ("co-creation", "older-people"),
        (Format.WORKSHOP, Format.CALL),
    ),
    (
        "Demonstration: debt counselling in the first hour, by telephone (invented)",
        "Demonstration: who has brought debt counselling into job centres? (invented)",
        ("debt-counselling", "over-indebtedness"),
        (Format.CALL, Format.VISIT),
    ),
)
_EXPERTS: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...], str, str], ...] = (
    (
        "Demonstration: Aino Invented",
        "Ten years of housing first, four as its coordinator.",
        ("housing-first", "homelessness"),
        ("fi", "en", "sv"),
        Availability.NOW,
        "Fridays",
    ),
    (
        "Demonstration: Carlo Invented",
        "Youth services under one roof; the contracts between the three services.",
        ("one-stop-shop", "youth"),
        ("it", "en"),
        Availability.SOME,
        "",
    ),
    (
        "Demonstration: Marta Invented",
        "Measuring what changed, with little money and no control group.",
        ("impact-measurement", "evaluation"),
        ("es", "fr", "en"),
        Availability.LATER,
        "from March on",
    ),
    (
        "Demonstration: Jan Invented",
        "Calls for proposals that small associations can answer.",
        ("call-for-proposals", "co-financing"),
        ("pl", "de"),
        Availability.AWAY,
        "",
    ),
)


def add() -> None:
    """Add what is not there yet."""
    if Entry.objects.filter(is_demo=True).exists():
        return
    centres = Organisation.objects.centres().public().exclude(country="").order_by("country", "pk")
    by_country: dict[str, Organisation] = {}
    for centre in centres:
        by_country.setdefault(centre.country, centre)
    languages = {code: list(centre.languages)[:2] or [] for code, centre in by_country.items()}
    made: dict[tuple[int, str], list[Entry]] = {}
    for at, (country, centre) in enumerate(sorted(by_country.items())):
        subject = at % len(_SUBJECTS)
        kind = Kind.NEED if (at // len(_SUBJECTS)) % 2 else Kind.OFFER
        entry = _say(centre, kind, subject, sorted({*languages[country], "en"}), country, days=at)
        made.setdefault((subject, kind), []).append(entry)
    _exchange(made)
    for number, told in enumerate(_EXPERTS):
        _expert(number, told)
    _touch()


def _say(
    centre: Organisation, kind: str, subject: int, languages: list[str], country: str, *, days: int
) -> Entry:
    offer, need, topics, formats = _SUBJECTS[subject]
    today, now = timezone.localdate(), timezone.now()
    until = today + timedelta(days=90 + 11 * (days % 9)) if days % 3 else None
    entry = Entry(
        kind=kind,
        organisation=centre,
        language="en",
        title=offer if kind == Kind.OFFER else need,
        text="Invented for demonstration; this body did not say it.",
        topics=list(topics),
        formats=[str(one) for one in formats],
        languages=languages,
        place=Place.objects.filter(pk=country).first(),
        until=until,
        expires_on=until or today + HOLDS,
        is_demo=True,
        changed_at=now - timedelta(days=days),
        stamp=next_stamp(),
    )
    entry.save()
    return entry


def _exchange(made: dict[tuple[int, str], list[Entry]]) -> None:
    """One exchange whose result both let be seen."""
    pair = next(
        ((made[subject, Kind.OFFER][0], made[subject, Kind.NEED][0]) for subject in range(len(_SUBJECTS))
         if made.get((subject, Kind.OFFER)) and made.get((subject, Kind.NEED))),
        None,
    )  # fmt: skip
    if pair is None:
        return
    offer, need = pair
    now, today = timezone.now(), timezone.localdate()
    Exchange.objects.create(
        first_organisation=offer.organisation,
        second_organisation=need.organisation,
        title="Demonstration: two days in an office with one door (invented)",
        format=Format.VISIT,
        topics=offer.topics,
        begins_on=today - timedelta(days=60),
        ends_on=today - timedelta(days=59),
        where="Demonstration",
        first_agreed=now,
        second_agreed=now,
        outcome=Outcome.HELPED,
        public_text="Invented: six people spent two days in the office, and took the one-page form home. The first"
        " conversation there has been held with it since.",
        result_at=now - timedelta(days=20),
        first_consent=now,
        second_consent=now,
        is_demo=True,
    )


def _expert(number: int, told: tuple[Any, ...]) -> None:
    name, about, topics, languages, availability, words = told
    person = Person.objects.create_user(f"{PREFIX}expert-{number}{MAIL_END}", name=name)
    Profile.objects.create(
        person=person,
        listed=True,
        about=about,
        topics=list(topics),
        languages=list(languages),
        formats=[Format.CALL],
        availability=availability,
        availability_text=words,
        is_demo=True,
    )


def remove() -> None:
    """Take all of it away again."""
    _touch()
    Exchange.objects.filter(is_demo=True).delete()
    if Entry.objects.filter(is_demo=True).delete()[0]:
        next_stamp(deleted=True)
    Person.objects.filter(email__startswith=f"{PREFIX}expert-", email__endswith=MAIL_END).delete()


def _touch() -> None:
    changes.touch(FOUND, *Entry.objects.filter(is_demo=True).values_list("code", flat=True))
    versions.raise_()


def join_in() -> None:
    """Called once, when peers are ready."""
    demo.more.append((add, remove))
