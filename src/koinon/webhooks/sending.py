"""Handing over what is new: for each webhook one event after the other, many webhooks beside each other.

A process takes a webhook for a while (its lease), so that its events keep their order. The place in the journal moves only after
the receiver took an event; whoever is killed in between hands the same event over once more, with the same id. What is asked of
the database is asked here, on one thread; on the others there is nothing but the post.
"""

import logging
import secrets
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.utils import timezone

from koinon.base import outward
from koinon.base.text import visible
from koinon.journal import fresh, versions
from koinon.network.visitor import visitor_for
from koinon.webhooks import telling
from koinon.webhooks.events import Parcel, Queue
from koinon.webhooks.models import Delivery, Hook
from koinon.webhooks.permissions import may_change
from koinon.webhooks.signing import holds, seeds_of, signature

log = logging.getLogger("koinon.webhooks")
LINES = 4
SECONDS = 45.0
# Much longer than a run with its last post; so it need not be renewed.
LEASE = timedelta(minutes=5)
WAITS = (1, 5, 15, 60, 180, 360)
"""Minutes after the first, second … failure; after the last of them always the last."""
PAUSED_AFTER = timedelta(days=3)
LONGEST_WAIT = timedelta(days=1)
FAULT_WAITS = timedelta(minutes=15)
KEPT = 50
AGENT = "Koinon-Webhooks/1"


@dataclass(frozen=True)
class Result:
    """What came of one try."""

    arrived: bool
    status: int | None = None
    trouble: str = ""
    answer: str = ""
    took: int = 0
    retry_after: int | None = None


@dataclass
class Run:
    """One webhook in the hands of this process."""

    hook: Hook
    queue: Queue
    lease: str


def run(now: datetime | None = None, seconds: float = SECONDS) -> int:
    """Tell every webhook what it was not told yet, for about so long; returns how many events arrived. The next run goes on."""
    at = now or timezone.now()
    upto = fresh.newest()
    if not Hook.objects.due(at, upto).exists():
        return 0
    # What was committed up to that entry is seen by everything that keeps things for a version of the data.
    versions.look()
    until = monotonic() + seconds
    waiting = list(Hook.objects.due(at, upto).values_list("pk", flat=True))
    again: list[Run] = []
    lines: dict[Future[Result], tuple[Run, Parcel]] = {}
    arrived = 0
    with ThreadPoolExecutor(LINES, thread_name_prefix="koinon-webhook") as pool:
        while waiting or again or lines:
            if monotonic() >= until:
                # What nobody took yet is for the next run.
                waiting.clear()
            while len(lines) < LINES and (waiting or again):
                # Who waits for its first event goes before who had one.
                going = take(waiting.pop(0), at, upto) if waiting else again.pop(0)
                if going is None:
                    continue
                parcel = _next(going, at) if monotonic() < until else None
                if parcel is None:
                    let_go(going)
                    continue
                lines[pool.submit(hand_over, *_written(going.hook, parcel, at))] = (going, parcel)
            done, _rest = wait(lines, return_when=FIRST_COMPLETED) if lines else (set(), None)
            for line in done:
                going, parcel = lines.pop(line)
                if _written_down(going, parcel, _result(line), at):
                    arrived += 1
                    again.append(going)
    return arrived


def _written_down(going: Run, parcel: Parcel, result: Result, now: datetime) -> bool:
    """What came of a try. Where it cannot be written down, its own webhook waits until its lease is over, and no other."""
    try:
        return note(going, parcel, result, now)
    except Exception:
        log.exception("what came of %s cannot be written down", parcel.id)
        return False


def _next(going: Run, now: datetime) -> Parcel | None:
    """The next event. What cannot even be written keeps its own webhook waiting, and no other; its page says that it waits."""
    try:
        return going.queue.next()
    except Exception:
        log.exception("what comes next for %s cannot be written", going.hook)
        Hook.objects.filter(pk=going.hook.pk, lease=going.lease).update(
            next_at=now + FAULT_WAITS,
            failures=going.hook.failures + 1,
            failing_since=going.hook.failing_since or now,
        )
        return None


def _result(line: "Future[Result]") -> Result:
    try:
        return line.result()
    except Exception:
        log.exception("a webhook could not be handed over")
        return Result(False, trouble="fault")


def take(pk: int, now: datetime, upto: int) -> Run | None:
    """Take a webhook for a while, by one statement. None: another has it, or it rests now."""
    lease = secrets.token_hex(16)
    rows = Hook.objects.due(now, upto).filter(pk=pk)
    if not rows.order_by().update(lease=lease, leased_until=now + LEASE):
        return None
    hook = Hook.objects.select_related("organisation", "answerable").filter(pk=pk).first()
    if hook is None:
        # Somebody took it away at this very moment; the others are told all the same.
        return None
    person = hook.answerable
    if person is None or not person.is_active or not may_change(visitor_for(person), hook):
        # The right to be told is the right of who set it up, at this very moment.
        pause(hook, Hook.Because.NOBODY, now, lease=lease)
        return None
    if not holds(hook):
        # Signed with a secret that nobody was given, it would look as if somebody else had sent it.
        pause(hook, Hook.Because.SECRET, now, lease=lease)
        return None
    return Run(hook, Queue(hook, upto), lease)


def _written(hook: Hook, parcel: Parcel, now: datetime) -> tuple[str, bytes, dict[str, str]]:
    """Address, body and headers; the moment of the signature is the moment of this try."""
    return hook.address, parcel.body, headers_of(hook, parcel, timezone.now(), now)


def headers_of(hook: Hook, parcel: Parcel, moment: datetime, now: datetime) -> dict[str, str]:
    stamp = int(moment.timestamp())
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": AGENT,
        "webhook-id": parcel.id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": signature(seeds_of(hook, now), parcel.id, stamp, parcel.body),
    }


def hand_over(
    address: str, body: bytes, headers: dict[str, str], *, seconds: float = outward.WHOLE_SECONDS
) -> Result:
    """One try. Only an answer of 200 to 299 counts as taken. Asks the database nothing."""
    begun = monotonic()

    def took() -> int:
        return int((monotonic() - begun) * 1000)

    try:
        answer = outward.post(address, body, headers, seconds=seconds)
    except (outward.Refused, outward.Away) as trouble:
        return Result(False, trouble=trouble.why, took=took())
    text = visible(" ".join(answer.text.split()))[:300]
    if 200 <= answer.status < 300:
        return Result(True, answer.status, answer=text, took=took())
    why = "redirect" if 300 <= answer.status < 400 else "status"
    return Result(False, answer.status, why, text, took(), answer.retry_after)


@transaction.atomic
def note(going: Run, parcel: Parcel, result: Result, now: datetime) -> bool:
    """Write down what came of a try, and move on or wait. False: nothing more is told now, the webhook was let go."""
    hook, queue = going.hook, going.queue
    if not is_there(hook):
        return False
    mine = Hook.objects.filter(pk=hook.pk, lease=going.lease)
    if result.arrived:
        queue.arrived()
        # Who was told goes behind who still waits, so that a run without time enough leaves out others than the one before.
        moved = mine.update(cursor=queue.cursor, failures=0, failing_since=None, told_at=now, next_at=now)
        hook.failures, hook.failing_since = 0, None
        keep(hook, parcel, result, now)
        # Another has it, it was paused, or it was changed: what it wants now is read anew.
        if not moved:
            return False
        still = Hook.objects.filter(
            pk=hook.pk, lease=going.lease, state=Hook.State.ACTIVE, version=hook.version
        )
        if still.exists():
            return True
        let_go(going)
        return False
    failures = hook.failures + 1
    since = hook.failing_since or now
    hook.failures, hook.failing_since = failures, since
    # Where somebody changed it meanwhile, another address failed than the one it has now.
    moved = mine.filter(version=hook.version).update(
        cursor=queue.cursor,
        failures=failures,
        failing_since=since,
        next_at=now + wait_after(failures, result.retry_after),
        lease="",
        leased_until=None,
    )
    keep(hook, parcel, result, now)
    if not moved:
        let_go(going)
        return False
    if result.status == 410:
        pause(hook, Hook.Because.GONE, now)
    elif now - since >= PAUSED_AFTER:
        pause(hook, Hook.Because.FAILING, now)
    return False


def is_there(hook: Hook) -> bool:
    """Whether nobody took it away meanwhile; nobody does until this transaction ends."""
    return Hook.objects.select_for_update().filter(pk=hook.pk).first() is not None


def wait_after(failures: int, asked: int | None) -> timedelta:
    """How long to wait after so many failures in a row; longer where the receiver asks for it, up to a day."""
    ours = timedelta(minutes=WAITS[min(failures, len(WAITS)) - 1])
    return max(ours, min(timedelta(seconds=asked or 0), LONGEST_WAIT))


def let_go(going: Run) -> None:
    """Give a webhook back, told up to here."""
    Hook.objects.filter(pk=going.hook.pk, lease=going.lease).update(
        cursor=going.queue.cursor, lease="", leased_until=None
    )


def keep(hook: Hook, parcel: Parcel, result: Result, now: datetime) -> Delivery:
    """One row for the page; only the last are kept."""
    made = Delivery.objects.create(
        hook=hook,
        event=parcel.id,
        kind=parcel.kind,
        title=parcel.title,
        at=now,
        took=result.took,
        arrived=result.arrived,
        status=result.status,
        trouble=result.trouble,
        answer=result.answer,
    )
    rows = Delivery.objects.filter(hook=hook).latest_first()
    if last := rows.values_list("pk", flat=True)[KEPT : KEPT + 1].first():
        Delivery.objects.filter(hook=hook, pk__lte=last).delete()
    return made


@transaction.atomic
def pause(hook: Hook, because: Hook.Because, now: datetime, *, lease: str | None = None) -> None:
    """The house pauses a webhook and tells who answers for it. Nothing is lost: the place in the journal is kept."""
    rows = Hook.objects.filter(pk=hook.pk, state=Hook.State.ACTIVE)
    if lease is not None:
        rows = rows.filter(lease=lease)
    done = rows.update(state=Hook.State.PAUSED, because=because, paused_at=now, lease="", leased_until=None)
    if done:
        telling.paused(hook, because, now)
