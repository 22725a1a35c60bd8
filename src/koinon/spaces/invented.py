"""Invented spaces for `--demo`: an open space for each Member State whose centre is there.

Marked as invented in their names, in every post and on their pages, and removable. The bodies are there; nobody wrote this.
"""

from datetime import timedelta

from django.utils import timezone

from koinon.journal import versions
from koinon.network.actions import demo
from koinon.network.models import Organisation
from koinon.people.models import Person
from koinon.places.models import Place
from koinon.search import changes
from koinon.spaces.actions.known import FOUND
from koinon.spaces.models import Date, Member, Post, Space, Thread
from koinon.spaces.rhythm import next_morning

MAIL_END = "@invented.invalid"
# Name, purpose, topics; then the title of a thread and what two people say in it. Each is taken by several countries in turn.
_SUBJECTS: tuple[tuple[str, str, tuple[str, ...], str, str, str], ...] = (
    (
        "Demonstration: housing first in small towns (invented)",
        "For people who begin housing first where there are few flats.",
        ("housing-first", "homelessness"),
        "Which landlord did you ask first? (invented)",
        "Invented: we asked the municipal company, and it took a year. A private landlord said yes in a week.",
        "Invented: with us the savings bank's own flats were the first three.",
    ),
    (
        "Demonstration: one door for several services (invented)",
        "For offices in which people need to say their matter only once.",
        ("one-stop-shop", "integrated-services"),
        "The form of one page (invented)",
        "Invented: which questions did you drop from the form? We are down to eleven.",
        "Invented: we dropped the marital status and nobody missed it.",
    ),
    (
        "Demonstration: measuring what changed, with little money (invented)",
        "For beginners who want to know whether it helped.",
        ("impact-measurement", "evaluation"),
        "Asking again after six months (invented)",
        "Invented: half of the people have another telephone number by then. What do you do?",
        "Invented: we ask for a second person who knows where they are, and we say why.",
    ),
)


def add() -> None:
    """Add what is not there yet."""
    if Space.objects.filter(is_demo=True).exists():
        return
    centres = Organisation.objects.centres().public().exclude(country="").order_by("country", "pk")
    by_country: dict[str, Organisation] = {}
    for centre in centres:
        by_country.setdefault(centre.country, centre)
    if not by_country:
        return
    people = [
        Person.objects.create_user(
            f"{demo.PREFIX}space-{number}{MAIL_END}", name=f"Demonstration: {name} (invented)"
        )
        for number, name in enumerate(("Berta", "Ilse"))
    ]
    for at, (country, centre) in enumerate(sorted(by_country.items())):
        _space(centre, country, at, people)
    _touch()


def _space(centre: Organisation, country: str, at: int, people: list[Person]) -> None:
    name, purpose, topics, title, first, second = _SUBJECTS[at % len(_SUBJECTS)]
    now = timezone.now()
    space = Space.objects.create(
        organisation=centre,
        state=Space.State.RUNNING,
        name=name,
        purpose=f"{purpose} Invented for demonstration.",
        rules="Be brief and name your source.",
        topics=list(topics),
        languages=sorted({*list(centre.languages)[:1], "en"}),
        place=Place.objects.filter(pk=country).first(),
        opened_at=now - timedelta(days=30 + at),
        changed_at=now - timedelta(days=30 + at),
        steps=3,
        is_demo=True,
    )
    for person in people:
        Member.objects.create(
            space=space,
            person=person,
            name=person.name,
            is_host=person == people[0],
            mail=Member.Mail.NONE,
            told=3,
            digest_at=next_morning(now),
        )
    spoken = now - timedelta(days=2 + at % 9)
    thread = Thread.objects.create(space=space, title=title, begun_at=spoken, last_at=spoken)
    for step, (person, text) in enumerate(zip(people, (first, second), strict=True), 1):
        Post.objects.create(
            thread=thread,
            person=person,
            name=person.name,
            text=text,
            language_sure=True,
            at=spoken,
            step=step,
        )
    starts = (now + timedelta(days=14 + at % 14)).replace(hour=9, minute=0, second=0, microsecond=0)
    Date.objects.create(
        space=space,
        person=people[0],
        by_name=people[0].name,
        title="Demonstration: an hour together (invented)",
        where="online",
        day=starts.date(),
        begins=starts.time(),
        zone="UTC",
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
        step=3,
    )


def remove() -> None:
    """Take all of it away again."""
    _touch()
    Space.objects.filter(is_demo=True).delete()
    Person.objects.filter(email__startswith=f"{demo.PREFIX}space-", email__endswith=MAIL_END).delete()


def _touch() -> None:
    changes.touch(FOUND, *Space.objects.filter(is_demo=True).values_list("code", flat=True))
    versions.raise_()


def join_in() -> None:
    """Called once, when spaces are ready."""
    demo.more.append((add, remove))
