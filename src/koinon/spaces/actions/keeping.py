"""Proposing a space, opening it, saying it otherwise, ending it, taking it off the site."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from koinon.base.visitor import Visitor, require
from koinon.network.models import Organisation
from koinon.people.models import Person
from koinon.places.models import Place
from koinon.spaces import telling
from koinon.spaces.actions.known import lock, record
from koinon.spaces.models import Member, Space
from koinon.spaces.models.codes import new_secret
from koinon.spaces.nonces import code_from
from koinon.spaces.permissions import may_change_proposal, may_host, may_moderate, may_open, may_propose
from koinon.spaces.rhythm import next_morning


class Changed(Exception):
    """Somebody else saved meanwhile. `current` is what stands there now."""

    def __init__(self, current: Space) -> None:
        self.current = current
        super().__init__("changed meanwhile")


class NotNow(Exception):
    """It has ended, or it was opened already: this deed has no place any more."""


@dataclass(frozen=True)
class Described:
    """What a space says of itself."""

    name: str
    purpose: str
    language: str
    rules: str = ""
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    place: Place | None = None
    is_closed: bool = False


def _describe(space: Space, described: Described) -> None:
    space.name, space.purpose, space.rules = described.name, described.purpose, described.rules
    space.language, space.languages = described.language, list(described.languages)
    space.topics, space.place = list(described.topics), described.place
    space.changed_at = timezone.now()


@transaction.atomic
def propose(described: Described, *, by: Visitor, organisation: Organisation, nonce: str = "") -> Space:
    """Propose a space for a body; its managers are told. Sent twice with the same `nonce` it is one."""
    require(may_propose(by, organisation))
    space = Space(organisation=organisation, proposed_by_id=by.person_id, is_closed=described.is_closed)
    if nonce:
        space.code = code_from("space", by, nonce)
        if (before := Space.objects.filter(code=space.code).first()) is not None:
            return before
    _describe(space, described)
    try:
        with transaction.atomic():
            space.save(force_insert=True)
    except IntegrityError:
        return Space.objects.get(code=space.code)
    record("proposed", space, by=by)
    telling.tell_proposed(space, by)
    return space


@transaction.atomic
def change(space: Space, described: Described, *, by: Visitor, edits: int) -> Space:
    """Say it otherwise. Whether it is closed is changed only while it is proposed: people wrote for whom they were told."""
    now = lock(space)
    require(may_change_proposal(by, now) or may_moderate(by, now))
    if now.state == Space.State.ENDED or now.removed_at is not None:
        raise NotNow
    if now.edits != edits:
        raise Changed(now)
    _describe(now, described)
    if now.state == Space.State.PROPOSED:
        now.is_closed = described.is_closed
    now.edits += 1
    now.save()
    record("changed", now, by=by, shows=True)
    return now


@transaction.atomic
def open_(space: Space, *, by: Visitor) -> Space:
    """The manager opens it. Whoever proposed it and whoever opens it are its first hosts. Twice changes nothing."""
    now = lock(space)
    if (
        now.state == Space.State.RUNNING
        and Member.objects.hosts().filter(space=now, person=by.person_id).exists()
    ):
        return now
    require(may_open(by, now))
    now.state, now.opened_at = Space.State.RUNNING, timezone.now()
    now.changed_at = now.opened_at
    now.save(update_fields=["state", "opened_at", "changed_at"])
    people = Person.objects.filter(
        pk__in=[pk for pk in {by.person_id, now.proposed_by_id} if pk is not None], is_active=True
    )
    for person in people.order_by("pk"):
        add_member(now, person, name=person.name, is_host=True)
    record("opened", now, by=by, shows=True)
    telling.tell_opened(now, by)
    return now


def _called(person: Person, name: str) -> str:
    """The name as others see it: never an address, which accounts may have for a name, and no longer than there is room."""
    shown = name[:80].strip()
    return shown if shown and "@" not in shown else telling.nameless(person.language)


def add_member(space: Space, person: Person, *, name: str, is_host: bool = False, **more: object) -> Member:
    """Let somebody in, in a transaction that holds the space. What was said before is read there, not mailed."""
    member, _is_new = Member.objects.update_or_create(
        space=space,
        person=person,
        defaults={
            "state": Member.State.MEMBER,
            "name": _called(person, name),
            "is_host": is_host,
            "told": space.steps,
            "digest_at": next_morning(timezone.now()),
            "joined_at": timezone.now(),
            "removed_because": "",
            "words": "",
            **more,
        },
    )
    return member


@transaction.atomic
def drop(space: Space, *, by: Visitor) -> None:
    """A proposal is not taken further: it goes, and whoever proposed it is told, unless that is who drops it."""
    now = Space.objects.select_for_update().filter(pk=space.pk).first()
    require(now is not None and may_change_proposal(by, now), hidden=True)
    assert now is not None
    record("dropped", now, by=by)
    telling.tell_dropped(now, by)
    now.delete()


@transaction.atomic
def end(space: Space, *, by: Visitor, because: str) -> Space:
    """It is read on and no longer written in; its members are told why. Twice changes nothing."""
    now = lock(space)
    require(may_moderate(by, now))
    if now.state == Space.State.RUNNING:
        finish(now, by=by, because=because)
    return now


def finish(locked: Space, *, by: Visitor | None, because: str) -> None:
    """End a space that is locked. Whoever still waits to be let in is told that it will not be."""
    locked.state, locked.ended_at, locked.ended_because = Space.State.ENDED, timezone.now(), because
    locked.save(update_fields=["state", "ended_at", "ended_because"])
    locked.invitations.filter(used_at__isnull=True).delete()
    asking = Member.objects.filter(space=locked, state=Member.State.ASKED, person__is_active=True)
    for one in asking.select_related("person").order_by("pk"):
        telling.tell_refused(locked, one)
    asking.delete()
    telling.tell_ended(locked, by)
    record("ended", locked, by=by, shows=True)


@transaction.atomic
def renew_door(space: Space, *, by: Visitor, door: str) -> Space:
    """Give the door of a closed space another address; the old one leads nowhere. `door` is the one that was read."""
    now = lock(space)
    require(may_host(by, now), hidden=True)
    if now.door == door:
        now.door = new_secret()
        now.save(update_fields=["door"])
        record("door_renewed", now, by=by)
    return now


@transaction.atomic
def take_down_after_notice(space: Space) -> None:
    """Decided upon a notice; whether that person may decide, `notices` has asked. Its members still read it."""
    now = lock(space)
    if now.removed_at is None:
        now.removed_at = timezone.now()
        now.save(update_fields=["removed_at"])
        record("taken_down", now, by=None, shows=True)


@transaction.atomic
def restore_after_complaint(space: Space) -> None:
    now = lock(space)
    if now.removed_at is not None:
        now.removed_at = None
        now.save(update_fields=["removed_at"])
        record("restored", now, by=None, shows=True)
