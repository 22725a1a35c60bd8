"""Offering and seeking: saying it, changing it, closing it, letting it stand longer, taking it down."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from koinon.base.text import fold
from koinon.base.visitor import Visitor, require
from koinon.calls.models import Call
from koinon.network.models import Organisation
from koinon.peers import telling
from koinon.peers.actions.known import record
from koinon.peers.deadlines import OURS, call_key, deadline
from koinon.peers.models import Entry
from koinon.peers.permissions import may_change_entry, may_close_entry, may_make_entry, may_take_down
from koinon.peers.words import HOLDS, Kind
from koinon.places.models import Place

LATELY = timedelta(days=30)
"""So long after its last day the clock still looks at what has ended."""


class Changed(Exception):
    """Somebody else saved meanwhile. `current` is what stands there now."""

    def __init__(self, current: Entry) -> None:
        self.current = current
        super().__init__("changed meanwhile")


class Closed(Exception):
    """It was closed or taken down; it is not written on."""


@dataclass(frozen=True)
class Said:
    """What somebody says: all that is written in an entry."""

    kind: str
    language: str
    title: str
    text: str = ""
    topics: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    place: Place | None = None
    until: date | None = None
    call_title: str = ""
    call_address: str = ""
    call: str = field(default="", metadata={"help": "the key of a call of this house"})


def _write(entry: Entry, said: Said) -> None:
    entry.kind, entry.language, entry.title, entry.text = said.kind, said.language, said.title, said.text
    entry.topics, entry.formats, entry.languages = list(said.topics), list(said.formats), list(said.languages)
    entry.place, entry.until = said.place, said.until
    entry.changed_at = timezone.now()
    entry.expires_on = said.until or timezone.localdate() + HOLDS
    is_search = said.kind == Kind.PARTNERS
    entry.call_title = said.call_title if is_search else ""
    entry.call_address = said.call_address if is_search else ""
    entry.call_key = _key_of(said) if is_search else ""
    # What is saved without a later day has ended already, and its owner knows.
    entry.told_over = entry.is_over


def _key_of(said: Said) -> str:
    """What two that mean the same call share: its key here, else its title and its deadline."""
    if said.call:
        return f"{OURS}{said.call}"[:120]
    day = said.until.isoformat() if said.until is not None else ""
    return f"{day}:{fold(said.call_title)}"[:120]


@transaction.atomic
def make(said: Said, *, by: Visitor, organisation: Organisation | None = None, nonce: str = "") -> Entry:
    """Offer or seek something, for oneself or a body. The same words sent twice with the same `nonce` are one."""
    require(may_make_entry(by, organisation, said.kind))
    entry = Entry(organisation=organisation, by_id=by.person_id)
    if organisation is None:
        entry.person_id = by.person_id
    if nonce:
        entry.code = _code_from(f"{nonce}:{organisation.pk if organisation is not None else ''}:{said!r}", by)
        before = Entry.objects.filter(code=entry.code).first()
        if before is not None:
            return before
    _write(entry, said)
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError:
        return Entry.objects.get(code=entry.code)
    record(f"peers.{said.kind}_made", entry, by=by)
    return entry


def _code_from(sent: str, by: Visitor) -> str:
    """A code that the same form, sent twice with the same words by the same person, gives again."""
    from django.utils.crypto import salted_hmac

    made = salted_hmac("koinon.peers.entry", f"{by.person_id}:{sent}", algorithm="sha256").digest()
    letters = "23456789abcdefghjkmnpqrstuvwxyz"
    return "".join(letters[byte % len(letters)] for byte in made[:12])


def lock(entry: Entry) -> Entry:
    """The entry as it stands now, and nobody else's until the end of the transaction."""
    return Entry.objects.select_for_update().get(pk=entry.pk)


@transaction.atomic
def change(entry: Entry, *, by: Visitor, edits: int, said: Said) -> Entry:
    """Say it otherwise, or let what was over stand again. `Changed` where somebody else saved since this was read."""
    now = lock(entry)
    require(may_change_entry(by, now))
    if now.closed_at is not None or now.removed_at is not None:
        raise Closed
    if now.edits != edits:
        raise Changed(now)
    now.edits += 1
    _write(now, said)
    now.save()
    record(f"peers.{now.kind}_changed", now, by=by)
    return now


@transaction.atomic
def close(entry: Entry, *, by: Visitor) -> Entry:
    """It stands no longer. Who was introduced through it stays introduced. Twice changes nothing."""
    now = lock(entry)
    require(may_close_entry(by, now))
    if now.closed_at is None:
        now.closed_at = timezone.now()
        now.save(update_fields=["closed_at"])
        record(f"peers.{now.kind}_closed", now, by=by)
    return now


@transaction.atomic
def take_down(entry: Entry, *, by: Visitor, words: str) -> Entry:
    """The coordinator takes it off the site; its owner is told why. Twice changes nothing."""
    now = lock(entry)
    require(may_take_down(by))
    if now.removed_at is None:
        _remove(now, by=by)
        telling.tell_taken_down(now, words)
    return now


@transaction.atomic
def take_down_after_notice(entry: Entry) -> None:
    """Decided upon a notice; whether that person may decide, `notices` has asked."""
    now = lock(entry)
    if now.removed_at is None:
        _remove(now, by=None)


@transaction.atomic
def restore_after_complaint(entry: Entry) -> None:
    now = lock(entry)
    if now.removed_at is not None:
        now.removed_at = None
        now.save(update_fields=["removed_at"])
        record(f"peers.{now.kind}_restored", now, by=None)


def _remove(entry: Entry, *, by: Visitor | None) -> None:
    entry.removed_at = timezone.now()
    entry.save(update_fields=["removed_at"])
    record(f"peers.{entry.kind}_taken_down", entry, by=by)


def end_over() -> int:
    """By the clock: what is over since yesterday is off every list already; its owner is told, and the search. Returns how many."""
    today = timezone.localdate()
    over = Entry.objects.filter(
        expires_on__lt=today, expires_on__gte=today - LATELY, told_over=False,
        closed_at__isnull=True, removed_at__isnull=True,
    )  # fmt: skip
    ended = 0
    for pk in list(over.values_list("pk", flat=True)[:500]):
        with transaction.atomic():
            entry = (
                Entry.objects.select_for_update().filter(pk=pk, told_over=False, expires_on__lt=today).first()
            )
            if entry is None:
                continue
            entry.told_over = True
            entry.save(update_fields=["told_over"])
            record(f"peers.{entry.kind}_over", entry, by=None)
            telling.tell_over(entry)
            ended += 1
    return ended


def follow_calls() -> int:
    """By the clock: a deadline was moved, and the searches for partners move with it; a call is gone, and they close.

    Whoever was not told before that theirs has ended is told that it was closed.

    A deadline that is moved when it was over lets the searches that ended with it stand again.
    """
    searches = Entry.objects.filter(
        call_key__startswith=OURS, closed_at__isnull=True, removed_at__isnull=True,
        expires_on__gte=timezone.localdate() - LATELY,
    )  # fmt: skip
    keys = set(searches.values_list("call_key", flat=True))
    calls = {
        call_key(call): call
        for call in Call.objects.filter(slug__in=[key.removeprefix(OURS) for key in keys])
    }
    moved = 0
    for key in sorted(keys):
        call = calls.get(key)
        is_gone = call is None or call.state not in {Call.State.PUBLISHED, Call.State.CLOSED}
        day = deadline(call) if call is not None else None
        wrong = searches.filter(call_key=key)
        if not is_gone:
            wrong = wrong.exclude(until=day) if day is not None else wrong.none()
        for pk in list(wrong.order_by("pk").values_list("pk", flat=True)):
            moved += _follow(pk, None if is_gone else day)
    return moved


@transaction.atomic
def _follow(pk: int, day: date | None) -> int:
    standing = Entry.objects.filter(closed_at__isnull=True, removed_at__isnull=True)
    entry = standing.select_for_update().filter(pk=pk).first()
    if entry is None or (day is not None and entry.until == day):
        return 0
    if day is None:
        entry.closed_at = timezone.now()
    else:
        entry.until = entry.expires_on = day
        # Who was told that it ended is told again when it ends anew.
        entry.told_over = entry.told_over and entry.is_over
    entry.edits += 1
    entry.save()
    record("peers.partners_closed" if day is None else "peers.partners_moved", entry, by=None)
    if day is None and not entry.told_over:
        telling.tell_call_gone(entry)
    return 1
