"""What can be done with a webhook: set up, change, pause, go on, renew its secret, try it out, take it away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.journal import fresh
from koinon.network.models import Organisation
from koinon.webhooks import sending
from koinon.webhooks.events import Parcel, trial_parcel
from koinon.webhooks.models import OVERLAP, Delivery, Hook
from koinon.webhooks.permissions import may_add, may_change, may_remove
from koinon.webhooks.signing import holds, mark_of, new_seed, secret_from

MOST = 10
BETWEEN_TESTS = timedelta(seconds=10)
# Whoever sends a test waits for a machine of others on one of the few threads that answer everybody: briefly, and one at a time.
TEST_SECONDS = 5.0
_a_test = Lock()


@dataclass(frozen=True)
class Wish:
    """Where and of what somebody wants to be told, as a form gives it; the address was checked."""

    label: str
    address: str
    language: str = "en"
    types: Sequence[str] = ()
    place: str = ""
    levels: Sequence[str] = ()
    topic: str = ""
    body: str = ""

    @property
    def columns(self) -> dict[str, Any]:
        names = ("label", "address", "language", "place", "topic", "body")
        return {name: getattr(self, name) for name in names} | {
            "types": list(self.types),
            "levels": list(self.levels),
        }


class Changed(Exception):
    """Somebody else changed it meanwhile; `current` is how it stands."""

    def __init__(self, current: Hook) -> None:
        super().__init__()
        self.current = current


class NoSecret(Exception):
    """The installation has another secret than when its own was made: a new one is made first."""


class Full(Exception):
    """The body has as many webhooks as one body may."""


class TooSoon(Exception):
    """It was tried out a moment ago."""


class Busy(TooSoon):
    """Another is tried out at this moment."""


@transaction.atomic
def add(wish: Wish, *, by: Visitor, organisation: Organisation) -> tuple[Hook, str]:
    """Set one up; it is told what happens from now on. Returns it with its secret, which is shown this once."""
    require(may_add(by, organisation))
    # Whoever sets one up for the same body at the same moment waits here.
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    if Hook.objects.filter(organisation=organisation).count() >= MOST:
        raise Full
    seed = new_seed()
    hook = Hook.objects.create(
        organisation=organisation,
        answerable_id=by.person_id,
        seed=seed,
        mark=mark_of(seed),
        cursor=fresh.newest(),
        **wish.columns,
    )
    journal.record("webhook.added", by=by, what=hook, details=_about(hook), public=False)
    return hook, secret_from(seed)


def _about(hook: Hook) -> dict[str, Any]:
    """For the journal: whose it is and which server it goes to, never the whole address."""
    return {"organisation": hook.organisation.slug, "host": hook.host}


@transaction.atomic
def change(hook: Hook, wish: Wish, *, by: Visitor, version: int) -> Hook:
    """Change where and of what it is told. Of two at once the second is told: `Changed`. It is told from where it stands."""
    require(may_change(by, hook))
    done = Hook.objects.filter(pk=hook.pk, version=version).update(
        **wish.columns, version=version + 1, next_at=timezone.now(), failures=0, failing_since=None
    )
    now = Hook.objects.select_related("organisation").get(pk=hook.pk)
    if not done:
        raise Changed(now)
    journal.record("webhook.changed", by=by, what=now, details=_about(now), public=False)
    return now


@transaction.atomic
def pause(hook: Hook, *, by: Visitor) -> None:
    """Tell it nothing more until somebody goes on. Pausing twice is pausing once."""
    require(may_change(by, hook))
    done = Hook.objects.filter(pk=hook.pk, state=Hook.State.ACTIVE).update(
        state=Hook.State.PAUSED, because=Hook.Because.OWNER, paused_at=timezone.now()
    )
    if done:
        journal.record("webhook.paused", by=by, what=hook, details={"because": "owner"}, public=False)


@transaction.atomic
def go_on(hook: Hook, *, by: Visitor, version: int | None = None) -> None:
    """Go on where it stopped, or try at once where it waits after a failure. Who does answers for it from now on.

    `version`: the one that was read; where somebody else went on or changed it meanwhile, that is told (`Changed`). `NoSecret`
    where what it is sent could not be signed as its receiver expects. Twice changes nothing.
    """
    require(may_change(by, hook))
    if not holds(hook):
        raise NoSecret
    now = timezone.now()
    waits = Q(state=Hook.State.PAUSED) | Q(failures__gt=0) | ~Q(answerable=by.person_id)
    rows = Hook.objects.filter(waits, pk=hook.pk)
    done = (rows if version is None else rows.filter(version=version)).update(
        state=Hook.State.ACTIVE,
        because="",
        paused_at=None,
        failures=0,
        failing_since=None,
        next_at=now,
        answerable=by.person_id,
        version=F("version") + 1,
    )
    if done:
        journal.record("webhook.resumed", by=by, what=hook, public=False)
    elif version is not None and rows.exists():
        raise Changed(Hook.objects.select_related("organisation").get(pk=hook.pk))


@transaction.atomic
def renew(hook: Hook, *, by: Visitor, version: int) -> str:
    """A new secret, shown this once. For a day what is sent is signed with both, so that nothing is refused meanwhile.

    A secret that does not hold any more does not hold for that day either. What is paused stays so until somebody goes on.
    """
    require(may_change(by, hook))
    seed = new_seed()
    kept = holds(hook)
    done = Hook.objects.filter(pk=hook.pk, version=version).update(
        seed=seed,
        mark=mark_of(seed),
        old_seed=hook.seed if kept else "",
        old_until=timezone.now() + OVERLAP if kept else None,
        version=version + 1,
    )
    if not done:
        raise Changed(Hook.objects.select_related("organisation").get(pk=hook.pk))
    journal.record("webhook.secret_renewed", by=by, what=hook, public=False)
    return secret_from(seed)


def try_out(hook: Hook, *, by: Visitor) -> Delivery:
    """Send a test now and say what came of it; `NoSecret` as in `go_on`. No transaction is held meanwhile; the order of events is not touched."""
    require(may_change(by, hook))
    if not holds(hook):
        raise NoSecret
    if not _a_test.acquire(blocking=False):
        raise Busy
    try:
        return _tried(hook, by)
    finally:
        _a_test.release()


def _tried(hook: Hook, by: Visitor) -> Delivery:
    now = timezone.now()
    rested = Q(tested_at__isnull=True) | Q(tested_at__lte=now - BETWEEN_TESTS)
    if not Hook.objects.filter(rested, pk=hook.pk).update(tested_at=now):
        raise TooSoon
    parcel = trial_parcel(hook, now)
    headers = sending.headers_of(hook, parcel, now, now)
    result = sending.hand_over(hook.address, parcel.body, headers, seconds=TEST_SECONDS)
    return _noted(hook, parcel, result, by, now)


@transaction.atomic
def _noted(hook: Hook, parcel: Parcel, result: sending.Result, by: Visitor, now: datetime) -> Delivery:
    require(sending.is_there(hook), hidden=True)
    made = sending.keep(hook, parcel, result, now)
    journal.record("webhook.tested", by=by, what=hook, details={"arrived": result.arrived}, public=False)
    return made


@transaction.atomic
def remove(hook: Hook, *, by: Visitor) -> None:
    """Take it away, with what came of its deliveries. Doing it twice at once is doing it once."""
    # Whoever may not take it away does not see it either.
    require(may_remove(by, hook), hidden=True)
    # First the webhook, then the journal, as everybody does who writes both; so nobody waits for each other.
    if not sending.is_there(hook):
        return
    journal.record("webhook.removed", by=by, what=hook, details=_about(hook), public=False)
    hook.delete()
