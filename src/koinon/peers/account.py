"""What peers add to a person's own page, to the copy of the data, and to the end of an account."""

from typing import Any

from django.http import HttpRequest

from koinon.network.visitor import ANYONE
from koinon.peers.actions import leaving
from koinon.peers.models import Entry, Exchange, Match, Message, Profile
from koinon.people import mine
from koinon.people.models import Person

_SHOWN = 20


def my_peers(request: HttpRequest, person: Person) -> mine.Panel:
    """What I and my bodies offer and need; whether I am listed."""
    visitor = getattr(request, "visitor", ANYONE)
    context = {
        "entries": list(Entry.objects.of(visitor).filter(removed_at__isnull=True).newest_first()[:_SHOWN]),
        "profile": Profile.objects.filter(person=person).first(),
    }
    return mine.Panel("peers/_my_peers.html", context)


def entries_of(person: Person) -> list[dict[str, Any]]:
    """For the copy of the data: what I said, for myself or for a body."""
    rows = Entry.objects.filter(person=person) | Entry.objects.filter(by=person)
    return [
        {
            "code": row.code,
            "kind": row.kind,
            "body": row.organisation.slug if row.organisation is not None else None,
            "title": row.title,
            "text": row.text,
            "topics": row.topics,
            "formats": row.formats,
            "languages": row.languages,
            "place": row.place.key if row.place is not None else None,
            "until": row.expires_on.isoformat(),
            "closed": row.closed_at.isoformat() if row.closed_at else None,
        }
        for row in rows.with_owners().order_by("pk")
    ]


def profile_of(person: Person) -> list[dict[str, Any]]:
    rows = Profile.objects.filter(person=person)
    names = "listed language about topics formats languages availability availability_text".split()
    return [{name: getattr(row, name) for name in names} for row in rows]


def matches_of(person: Person) -> list[dict[str, Any]]:
    """What I answered for my own entries. What the other side answered is not mine to have."""
    rows = Match.objects.filter(first__person=person) | Match.objects.filter(second__person=person)
    found = []
    for row in rows.select_related("first", "second").order_by("pk"):
        side = "first" if row.first.person_id == person.pk else "second"
        if not row.answer(side):
            # That there is a row tells that the other side has answered; one that is not asked would know of a no.
            continue
        at = row.answered_at(side)
        found.append(
            {
                "own": row.entry(side).code,
                "answer": row.answer(side),
                "at": at.isoformat() if at else None,
                "introduced": row.introduced_at.isoformat() if row.introduced_at else None,
            }
        )
    return found


def messages_of(person: Person) -> list[dict[str, Any]]:
    """What I wrote; what was written to me is another's."""
    rows = Message.objects.filter(by=person).order_by("pk")
    return [{"at": row.at.isoformat(), "text": row.text, "by_mail": row.by_mail} for row in rows]


def exchanges_of(person: Person) -> list[dict[str, Any]]:
    rows = Exchange.objects.filter(first_person=person) | Exchange.objects.filter(second_person=person)
    names = "title format where terms outcome result public_text".split()
    return [
        {name: getattr(row, name) for name in names}
        | {"from": row.begins_on.isoformat(), "until": row.ends_on.isoformat()}
        for row in rows.order_by("pk")
    ]


def join_in() -> None:
    """Called once, when peers are ready."""
    mine.panels.append(my_peers)
    mine.exports["offers_and_needs"] = entries_of
    mine.exports["expert_profile"] = profile_of
    mine.exports["matches"] = matches_of
    mine.exports["messages_to_peers"] = messages_of
    mine.exports["exchanges"] = exchanges_of
    mine.farewells.append(leaving.let_go)
