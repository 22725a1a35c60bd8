"""What spaces add to a person's own page, to the copy of the data, and to the end of an account."""

from typing import Any

from django.http import HttpRequest

from koinon.people import mine
from koinon.people.models import Person
from koinon.spaces.actions import leaving
from koinon.spaces.models import Date, File, Member, Post


def my_spaces(request: HttpRequest, person: Person) -> mine.Panel:
    """The spaces I belong to, and which mails come."""
    rows = Member.objects.belonging().filter(person=person, space__removed_at__isnull=True)
    return mine.Panel(
        "spaces/_my_spaces.html", {"rows": list(rows.select_related("space").order_by("space__name")[:100])}
    )


def memberships_of(person: Person) -> list[dict[str, Any]]:
    """For the copy of the data: where I belong, under which name, which mails I chose."""
    rows = Member.objects.filter(person=person).select_related("space").order_by("pk")
    return [
        {
            "space": row.space.name,
            "code": row.space.code,
            "state": row.state,
            "host": row.is_host,
            "name": row.name,
            "words": row.words,
            "mail": row.mail,
            "since": row.joined_at.isoformat(),
            "removed_because": row.removed_because,
        }
        for row in rows
    ]


def posts_of(person: Person) -> list[dict[str, Any]]:
    """What I said, and what stood before I changed it; what others said is theirs."""
    rows = Post.objects.filter(person=person).select_related("thread__space").order_by("pk")
    return [
        {
            "space": row.thread.space.code,
            "thread": row.thread.title,
            "at": row.at.isoformat(),
            "text": row.text,
            "language": row.language,
            "earlier": row.earlier,
            "by_mail": row.by_mail,
            "withdrawn": row.withdrawn_at.isoformat() if row.withdrawn_at else None,
        }
        for row in rows
    ]


def files_of(person: Person) -> list[dict[str, Any]]:
    """The files I added, by name; they are downloaded in the space."""
    rows = File.objects.standing().light().filter(person=person).select_related("space").order_by("pk")
    return [
        {
            "space": row.space.code,
            "name": row.name,
            "size": row.size,
            "words": row.words,
            "at": row.at.isoformat(),
        }
        for row in rows
    ]


def dates_of(person: Person) -> list[dict[str, Any]]:
    """The dates I set; of sessions those that everybody may see."""
    rows = Date.objects.shown().filter(person=person).select_related("space", "session").order_by("pk")
    return [
        {
            "space": row.space.code,
            "title": row.shown_title,
            "words": row.words,
            "where": row.where,
            "starts": row.starts_at.isoformat(),
            "zone": row.zone,
        }
        for row in rows
    ]


def join_in() -> None:
    """Called once, when spaces are ready."""
    mine.panels.append(my_spaces)
    mine.exports["spaces"] = memberships_of
    mine.exports["posts_in_spaces"] = posts_of
    mine.exports["files_in_spaces"] = files_of
    mine.exports["dates_in_spaces"] = dates_of
    mine.farewells.append(leaving.let_go)
