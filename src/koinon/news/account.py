"""What news add to a person's own page, to the copy of the data, and to the end of an account.

Follows need no account: what belongs to a person is what its own proved addresses follow.
"""

from typing import Any

from allauth.account.models import EmailAddress
from django.http import HttpRequest

from koinon.network.visitor import ANYONE
from koinon.news.actions import following
from koinon.news.codes import code_from
from koinon.news.models import Follower
from koinon.news.permissions import may_write_news
from koinon.people import mine
from koinon.people.models import Person


def _followers(person: Person) -> list[Follower]:
    proved = EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True)
    addresses = {address.lower() for address in proved}
    return list(Follower.objects.filter(address__in=addresses).prefetch_related("follows").order_by("pk"))


def my_follows(request: HttpRequest, person: Person) -> mine.Panel:
    """What the person's addresses follow, and the way to the news one works on."""
    rows = [
        (row, code_from(row.seed), len([one for one in row.follows.all() if one.confirmed_at is not None]))
        for row in _followers(person)
    ]
    writes = may_write_news(getattr(request, "visitor", ANYONE))
    return mine.Panel("news/_my_follows.html", {"followers": rows, "writes": writes})


def follows_of(person: Person) -> list[dict[str, Any]]:
    """For the copy of the data: what is followed, how often, since when."""
    return [
        {
            "address": row.address,
            "language": row.language,
            "rhythm": row.rhythm,
            "weekday": row.weekday,
            "hour": row.hour,
            "zone": row.zone,
            "from": row.body_kind,
            "since": row.made_at.isoformat(),
            "confirmed": row.confirmed_at.isoformat() if row.confirmed_at else None,
            "follows": [
                {"kind": one.kind, "key": one.key, "levels": one.levels, "only": one.groups}
                for one in row.follows.all()
            ],
        }
        for row in _followers(person)
    ]


def let_go(person: Person) -> None:
    """An account closes: its addresses follow nothing any more. What was written for a body stays the body's."""
    for row in _followers(person):
        following.stop(row)


def join_in() -> None:
    """Called once, when news are ready."""
    mine.panels.append(my_follows)
    mine.exports["follows"] = follows_of
    mine.farewells.append(let_go)
