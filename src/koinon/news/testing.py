"""How to make a follower, what it follows and a news item, for tests and benches."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from koinon.journal import fresh
from koinon.news import subjects
from koinon.news.codes import code_from, hash_of
from koinon.news.models import Follow, Follower

_number = count(1)


def make_follower(
    address: str = "",
    *follows: tuple[str, str],
    confirmed: bool = True,
    levels: Sequence[str] = ("region", "country"),
    **more: Any,
) -> Follower:
    """Somebody who follows these (kind, key), confirmed and due unless said otherwise; told of all up to now."""
    seed = secrets.token_hex(32)
    now = timezone.now()
    values: dict[str, Any] = {
        "cursor": fresh.newest(),
        "confirmed_at": now if confirmed else None,
        "next_at": now - timedelta(minutes=1),
        "rhythm": "daily",
    }
    made = Follower.objects.create(
        address=address or f"follower{next(_number)}@example.eu",
        seed=seed,
        code_hash=hash_of(code_from(seed)),
        **(values | more),
    )
    for kind, key in follows:
        Follow.objects.create(
            follower=made,
            kind=kind,
            key=key,
            levels=list(levels) if kind == subjects.PLACE else [],
            confirmed_at=values["confirmed_at"],
            begins_after=made.cursor,
        )
    return made


def code_of(follower: Follower) -> str:
    return code_from(follower.seed)
