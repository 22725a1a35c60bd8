"""Following by mail: asked for by anybody, confirmed by who owns the address, changed and stopped by the private link.

Anybody can type any address. Its owner gets one mail a day at most that asks, whoever asks for whatever; nothing else is sent
before a button on the private page was pressed, and the page that takes the wish says the same whether or not it was followed.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from koinon.agenda.actions.registering import is_own_address
from koinon.base.visitor import Visitor
from koinon.journal import fresh
from koinon.mail import actions as mail
from koinon.mail.addresses import address_hash
from koinon.news import subjects
from koinon.news.codes import code_from, hash_of, page_of
from koinon.news.models import Asked, Follow, Follower
from koinon.news.models.follows import DEFAULT_LEVELS, Rhythm
from koinon.news.rhythm import next_for

CONFIRM_MAIL = "news/mail/confirm"
A_DAY = timedelta(days=1)
UNCONFIRMED_KEPT = timedelta(days=7)
REFUSED_KEPT = timedelta(days=365)
MOST = 200
MOST_WAITING = 20
_BATCH = 200


class Unknown(Exception):
    """There is nothing to follow under this kind and key."""


class Changed(Exception):
    """Somebody changed it meanwhile, perhaps oneself in another window."""


class Full(Exception):
    """The address follows as much as one address may."""


@transaction.atomic
def ask(
    address: str,
    kind: str,
    key: str,
    *,
    by: Visitor,
    language: str = "en",
    rhythm: str = Rhythm.WEEKLY,
    weekday: int = 0,
    hour: int = 7,
    zone: str = "Europe/Brussels",
    levels: Sequence[str] = tuple(DEFAULT_LEVELS),
    groups: Sequence[str] = (),
    body_kind: str = "",
) -> Follow | None:
    """Wish to follow. One's own proved address follows at once; any other when its owner says yes.

    The rhythm is set by the first wish; later its owner changes it. Asking twice changes nothing. What goes beyond the most is
    not taken, and its owner is told (one's own address: `Full`). Returns what is followed or waits; None where it was not taken.
    """
    named = subjects.find(kind, key)
    if named is None:
        raise Unknown
    own = is_own_address(by, address)
    wish = {"language": language, "rhythm": rhythm, "weekday": weekday, "hour": hour, "zone": zone}
    follower = _follower(address.strip().lower(), {**wish, "body_kind": body_kind})
    follow = follower.follows.filter(kind=named.kind, key=named.key).first()
    if follow is None:
        if _is_full(follower, own):
            if own:
                raise Full
            Follower.objects.filter(pk=follower.pk).update(left_out=F("left_out") + 1)
            return None
        follow = Follow(follower=follower, kind=named.kind, key=named.key, begins_after=fresh.newest())
    if follow.confirmed_at is None:
        follow.levels, follow.groups = list(levels), list(groups)
        follow.save()
    if own:
        _confirm(follower, [follow.pk])
    elif follow.confirmed_at is None:
        _ask_by_mail(follower)
    follow.refresh_from_db()
    return follow


def _follower(address: str, wish: dict[str, Any]) -> Follower:
    seed = secrets.token_hex(32)
    made, _is_new = Follower.objects.get_or_create(
        address=address,
        defaults={**wish, "seed": seed, "code_hash": hash_of(code_from(seed)), "cursor": fresh.newest()},
    )
    if made.confirmed_at is None:
        Follower.objects.filter(pk=made.pk).update(**wish)
    return Follower.objects.select_for_update().get(pk=made.pk)


def _is_full(follower: Follower, own: bool) -> bool:
    waiting = follower.follows.waiting().count()
    return follower.follows.count() >= MOST or (not own and waiting >= MOST_WAITING)


def _ask_by_mail(follower: Follower) -> bool:
    """Ask whether it is so, unless this address was asked today or wants to be asked no more. Whether it is asked now."""
    now = timezone.now()
    row, is_new = Asked.objects.get_or_create(
        address_hash=address_hash(follower.address), defaults={"at": now}
    )
    if row.refused:
        # Its wishes need not be looked at each minute: they are never asked about.
        follower.follows.waiting().update(told=True)
        return False
    if not is_new and not Asked.objects.filter(pk=row.pk, at__lte=now - A_DAY).update(at=now):
        return False
    waiting = list(follower.follows.waiting().order_by("pk"))
    there = subjects.find_all([(one.kind, one.key) for one in waiting])
    named = [there[one.kind, one.key] for one in waiting if (one.kind, one.key) in there]
    mail.send(
        follower.address,
        CONFIRM_MAIL,
        {
            "follower": follower,
            "things": named,
            "page": page_of(follower),
            "refuse": page_of(follower, "refuse"),
        },
        language=follower.language,
        key=f"follow:{follower.pk}:{now:%Y%m%d%H%M%S%f}",
    )
    follower.follows.waiting().update(told=True)
    return True


@transaction.atomic
def confirm(follower: Follower, follows: Sequence[int], shown: Sequence[int] = ()) -> None:
    """Who owns the address says yes to these; what else was shown is dropped (nothing said: all that waits).

    What was wished for since the page was shown goes on waiting. Saying it twice changes nothing.
    """
    row = _lock(follower)
    _confirm(row, follows)
    refused = row.follows.waiting()
    (refused.filter(pk__in=shown) if shown else refused).delete()
    if not row.follows.exists():
        _erase(row)


def _confirm(follower: Follower, follows: Sequence[int]) -> None:
    """It is followed from this moment on: what happened while the wish waited is not told afterwards."""
    now = timezone.now()
    follower.follows.waiting().filter(pk__in=follows).update(confirmed_at=now, begins_after=fresh.newest())
    if follower.confirmed_at is None and follower.follows.confirmed().exists():
        first = next_for(follower, now, told=False)
        Follower.objects.filter(pk=follower.pk).update(
            confirmed_at=now, next_at=first, version=F("version") + 1
        )


@transaction.atomic
def change(
    follower: Follower,
    *,
    version: int,
    language: str,
    rhythm: str,
    weekday: int,
    hour: int,
    zone: str,
    body_kind: str = "",
) -> Follower:
    """Another rhythm, hour, zone or language. What is new and was not told yet comes with the next one. Else `Changed`."""
    row = _lock(follower)
    row.rhythm, row.weekday, row.hour, row.zone = rhythm, weekday, hour, zone
    first = next_for(row, timezone.now(), told=False)
    done = Follower.objects.filter(pk=row.pk, version=version).update(
        rhythm=rhythm,
        weekday=weekday,
        hour=hour,
        zone=zone,
        language=language,
        body_kind=body_kind,
        next_at=first,
        version=version + 1,
    )
    if not done:
        raise Changed
    row.refresh_from_db()
    return row


@transaction.atomic
def refine(follow: Follow, *, levels: Sequence[str], groups: Sequence[str]) -> None:
    """What around a place, and which kinds of things."""
    _lock(follow.follower)
    Follow.objects.filter(pk=follow.pk).update(levels=list(levels), groups=list(groups))


@transaction.atomic
def drop(follow: Follow) -> bool:
    """Follow one thing no more. Whether anything is left; with the last one the address is erased."""
    row = _lock(follow.follower)
    row.follows.filter(pk=follow.pk).delete()
    Follower.objects.filter(pk=row.pk).update(version=F("version") + 1)
    if row.follows.exists():
        return True
    _erase(row)
    return False


@transaction.atomic
def stop(follower: Follower) -> None:
    """No more mails: the address is erased, and what waits to be sent to it too. Doing it twice changes nothing."""
    _erase(follower)


@transaction.atomic
def refuse(follower: Follower) -> None:
    """It was somebody else: the address is erased, and for a year nobody can have it asked again."""
    Asked.objects.update_or_create(
        address_hash=address_hash(follower.address), defaults={"refused": True, "at": timezone.now()}
    )
    _erase(follower)


def _erase(follower: Follower) -> None:
    # The row first: a run that is queuing a mail for it at this moment is waited for, and its mail goes with the others.
    Follower.objects.filter(pk=follower.pk).delete()
    for name in ("digest", "follow", "newsletter"):
        mail.forget(f"{name}:{follower.pk}:")


def _lock(follower: Follower) -> Follower:
    return Follower.objects.select_for_update().get(pk=follower.pk)


def by_code(code: str) -> Follower | None:
    """Whose private page a code opens; None for a code that is none, or of somebody who stopped."""
    return Follower.objects.filter(code_hash=hash_of(code)).first()


@transaction.atomic
def ask_again() -> int:
    """Wishes that came on a day on which the address had been asked already: it is asked about them now. How many mails."""
    now = timezone.now()
    rows = Follow.objects.waiting().filter(told=False, made_at__gt=now - UNCONFIRMED_KEPT)
    asked = 0
    for follower in Follower.objects.filter(pk__in=rows.values("follower")).order_by("pk")[:_BATCH]:
        if Asked.objects.filter(address_hash=address_hash(follower.address), at__gt=now - A_DAY).exists():
            continue
        asked += _ask_by_mail(follower)
    return asked


@transaction.atomic
def forget_old() -> int:
    """Wishes that nobody confirmed within a week are forgotten, with their addresses; who was asked, after two days."""
    now = timezone.now()
    gone = 0
    for follower in Follower.objects.unconfirmed_since(now - UNCONFIRMED_KEPT)[:_BATCH]:
        _erase(follower)
        gone += 1
    Follow.objects.waiting().filter(made_at__lt=now - UNCONFIRMED_KEPT).delete()
    Asked.objects.filter(refused=False, at__lt=now - 2 * A_DAY).delete()
    Asked.objects.filter(refused=True, at__lt=now - REFUSED_KEPT).delete()
    return gone
