"""Coming in, being let in, being invited, leaving; what hosts decide about members; one's own name and mails."""

import hashlib
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from koinon.base.text import fold
from koinon.base.visitor import Visitor, require
from koinon.people.models import Person
from koinon.spaces import telling
from koinon.spaces.actions import digesting
from koinon.spaces.actions.keeping import add_member, finish
from koinon.spaces.actions.known import lock, record
from koinon.spaces.models import Invitation, Member, Post, Space
from koinon.spaces.models.codes import new_secret
from koinon.spaces.models.members import INVITATION_HOLDS
from koinon.spaces.models.things import Date, File
from koinon.spaces.permissions import may_host, may_join, may_keep_membership, may_knock, member_of
from koinon.spaces.rhythm import next_morning

MOST_MEMBERS = 300
MOST_INVITATIONS = 50
"""How many invitations of a space wait at once, and how many go out in a day: taking back makes no room for a flood."""


class ShownOut(Exception):
    """Hosts have shown this person out: it does not come back by itself."""


class NotLetIn(Exception):
    """Hosts have not let this person in: an invitation to another does not either."""


class Full(Exception):
    """The space holds as many people, or as many invitations wait, as there can be."""


class OnceADay(Exception):
    """An invitation went to this address within the day, and does not hold any more: the next one goes tomorrow."""


class LastHost(Exception):
    """Nobody would look after the others: another host is named first, or the space is ended."""


class NameTaken(Exception):
    """Somebody here is called so: nobody speaks under another's name."""


class Gone(Exception):
    """Who or what this is about is not there any more."""


class Changed(Exception):
    """It was saved elsewhere meanwhile. `current` is what stands there now."""

    def __init__(self, current: Member) -> None:
        self.current = current
        super().__init__("changed meanwhile")


def _person(by: Visitor) -> Person:
    return Person.objects.get(pk=by.person_id or 0)


def _room(locked: Space) -> None:
    if Member.objects.belonging().filter(space=locked).count() >= MOST_MEMBERS:
        raise Full


def _free(locked: Space, name: str, *, but: int | None) -> None:
    """Go on where nobody else here is called so, however it is spelt."""
    others = Member.objects.belonging().filter(space=locked).exclude(person=but)
    if (fold(name) or name) in {fold(other) or other for other in others.values_list("name", flat=True)}:
        raise NameTaken


@transaction.atomic
def join(space: Space, *, by: Visitor, name: str) -> Member:
    """Join an open space under a name of one's choice. Twice is once."""
    now = lock(space)
    require(may_join(by, now))
    before = Member.objects.filter(space=now, person=by.person_id).first()
    if before is not None and before.state == Member.State.MEMBER:
        return before
    if before is not None and before.state == Member.State.REMOVED:
        raise ShownOut
    _room(now)
    _free(now, name, but=by.person_id)
    member = add_member(now, _person(by), name=name)
    record("joined", now, by=by, what=member)
    return member


@transaction.atomic
def knock(space: Space, *, by: Visitor, door: str, name: str, words: str) -> Member:
    """Ask to join a closed space whose door one was shown; its hosts are told. Twice is once; the door may have moved.

    Who was not let in may ask again after a month, three times in all; before that, and for who was shown out, nothing happens
    and its hosts hear nothing.
    """
    now = lock(space)
    require(may_knock(by) and constant_time_compare(now.door, door) and now.is_closed, hidden=True)
    before = Member.objects.filter(space=now, person=by.person_id).first()
    if before is not None and not before.may_ask_again:
        return before
    if not now.is_running:
        raise Gone
    if Member.objects.filter(space=now, state=Member.State.ASKED).count() >= MOST_INVITATIONS:
        raise Full
    member = before or Member(space=now, person=_person(by))
    member.state, member.name, member.words = Member.State.ASKED, name, words
    member.joined_at, member.told, member.removed_because = timezone.now(), now.steps, ""
    member.save()
    record("asked", now, by=by, what=member)
    telling.tell_asked(now, member)
    return member


@transaction.atomic
def decide(space: Space, *, by: Visitor, member: int, let_in: bool, because: str = "") -> None:
    """A host lets somebody in who has asked, or does not; the person is told either way, with the host's words. Twice changes nothing."""
    now = lock(space)
    require(may_host(by, now), hidden=True)
    found = (
        Member.objects.filter(space=now, pk=member, state=Member.State.ASKED).select_related("person").first()
    )
    if found is None:
        if not Member.objects.filter(space=now, pk=member).exists():
            raise Gone
        return
    if let_in:
        if not now.is_running:
            raise Gone
        _room(now)
        found = add_member(now, found.person, name=found.name)
        record("admitted", now, by=by, what=found)
        telling.tell_admitted(now, found)
    else:
        # The row stays, so that nobody asks its hosts again and again; an invitation lets the person in all the same.
        found.state, found.words, found.removed_because = Member.State.REFUSED, "", because
        found.joined_at = timezone.now()
        found.refusals += 1
        found.save()
        record("refused", now, by=by, what=found)
        telling.tell_refused(now, found)


def hash_of(code: str) -> str:
    """What is kept of the code of an invitation."""
    return hashlib.sha256(code.encode()).hexdigest()


@transaction.atomic
def invite(space: Space, *, by: Visitor, email: str, words: str = "") -> None:
    """Send a link that lets one person in, once. Whether the address is known here, nobody learns. Twice in a day is once; `OnceADay`."""
    now = lock(space)
    require(may_host(by, now), hidden=True)
    if not now.is_running:
        raise Gone
    email = email.lower()
    waiting = Invitation.objects.filter(
        space=now, used_at__isnull=True, made_at__gt=timezone.now() - INVITATION_HOLDS
    )
    day = timezone.now() - timedelta(days=1)
    of_today = Invitation.objects.filter(space=now, made_at__gt=day)
    if (before := of_today.filter(email=email).order_by("-pk").first()) is not None:
        if before.used_at is not None:
            raise OnceADay
        return
    if max(waiting.count(), of_today.count()) >= MOST_INVITATIONS:
        raise Full
    Invitation.objects.filter(space=now, email=email, used_at__isnull=True).delete()
    code = new_secret()
    made = Invitation.objects.create(space=now, email=email, code_hash=hash_of(code), by_id=by.person_id)
    record("invited", now, by=by, what=made)
    telling.tell_invited(now, made, code, words, called=_name_of(by, now))


def _name_of(by: Visitor, space: Space) -> str:
    found = member_of(by, space)
    return found.name if found is not None else ""


@transaction.atomic
def accept(invitation: Invitation, *, by: Visitor, name: str) -> Member:
    """Come in by an invitation. Who takes it up uses it up; who is in already leaves it for the one it was meant for."""
    now = lock(invitation.space)
    require(may_knock(by), hidden=True)
    held = Invitation.objects.select_for_update().filter(pk=invitation.pk).first()
    if held is None or not held.is_usable or not now.is_running:
        raise Gone
    person = _person(by)
    before = Member.objects.filter(space=now, person=person).first()
    if before is not None and before.state == Member.State.MEMBER:
        return before
    if before is not None and held.email != person.email.lower():
        # An invitation meant for another lets nobody in whom the hosts did not want.
        if before.state == Member.State.REMOVED:
            raise ShownOut
        if before.state == Member.State.REFUSED:
            raise NotLetIn
    _room(now)
    _free(now, name, but=by.person_id)
    held.used_at = timezone.now()
    held.save(update_fields=["used_at"])
    member = add_member(now, person, name=name)
    record("joined", now, by=by, what=member)
    return member


@transaction.atomic
def take_back(space: Space, *, by: Visitor, invitation: int) -> None:
    """A host takes back an invitation that nobody took up. Twice changes nothing."""
    now = lock(space)
    require(may_host(by, now), hidden=True)
    held = Invitation.objects.filter(space=now, pk=invitation, used_at__isnull=True).first()
    if held is not None:
        # Kept until its day is over: taking back and inviting again sends nobody mail after mail.
        held.used_at = timezone.now()
        held.save(update_fields=["used_at"])
        record("uninvited", now, by=by, what=held)


@transaction.atomic
def leave(space: Space, *, by: Visitor) -> None:
    """Go. What one said stays under one's name there, and can be withdrawn before. The last one ends the space."""
    now = lock(space)
    require(may_keep_membership(by, now), hidden=now.is_closed)
    mine = Member.objects.get(space=now, person=by.person_id)
    others = Member.objects.belonging().filter(space=now).exclude(pk=mine.pk)
    if mine.is_host and now.is_running and others.exists() and not others.filter(is_host=True).exists():
        raise LastHost
    record("left", now, by=by, what=mine)
    mine.delete()
    if now.is_running and not others.exists():
        finish(now, by=by, because="")


@transaction.atomic
def show_out(space: Space, *, by: Visitor, member: int, because: str) -> None:
    """A host shows a member out, with a reason that the person is told. Hosts do not show each other out. Twice changes nothing."""
    now = lock(space)
    require(may_host(by, now), hidden=True)
    found = Member.objects.filter(space=now, pk=member).select_related("person").first()
    if found is None:
        raise Gone
    if found.state != Member.State.MEMBER:
        return
    require(not found.is_host and found.person_id != by.person_id)
    found.state, found.removed_because = Member.State.REMOVED, because
    found.save(update_fields=["state", "removed_because"])
    now.invitations.filter(used_at__isnull=True, email=found.person.email.lower()).delete()
    record("shown_out", now, by=by, what=found)
    telling.tell_shown_out(now, found)


@transaction.atomic
def name_host(space: Space, *, by: Visitor, member: int) -> None:
    """Another member looks after it too, and is told. Twice changes nothing."""
    now = lock(space)
    require(may_host(by, now), hidden=True)
    found = Member.objects.belonging().filter(space=now, pk=member).select_related("person").first()
    if found is None:
        raise Gone
    if not found.is_host:
        found.is_host = True
        found.save(update_fields=["is_host"])
        record("host_named", now, by=by, what=found)
        telling.tell_host(now, found)


@transaction.atomic
def step_back(space: Space, *, by: Visitor) -> None:
    """Be no longer host, but a member. The last host stays one."""
    now = lock(space)
    require(may_keep_membership(by, now), hidden=now.is_closed)
    mine = Member.objects.get(space=now, person=by.person_id)
    if mine.is_host:
        if not Member.objects.hosts().filter(space=now).exclude(pk=mine.pk).exists():
            raise LastHost
        mine.is_host = False
        mine.save(update_fields=["is_host"])
        record("host_stepped_back", now, by=by, what=mine)


@transaction.atomic
def keep(space: Space, *, by: Visitor, name: str, mail: str, edits: int) -> Member:
    """One's own name here, and which mails come. The name changes on what one said before, too."""
    now = lock(space)
    require(may_keep_membership(by, now), hidden=now.is_closed)
    mine = Member.objects.select_for_update().get(space=now, person=by.person_id)
    if mine.edits != edits:
        raise Changed(mine)
    if name != mine.name:
        _free(now, name, but=by.person_id)
        mine.name = name
        Post.objects.filter(thread__space=now, person=mine.person_id).update(name=name)
        File.objects.filter(space=now, person=mine.person_id).update(by_name=name)
        Date.objects.filter(space=now, person=mine.person_id).update(by_name=name)
    _choose_mail(now, mine, mail)
    mine.edits += 1
    mine.save()
    record("membership_changed", now, by=by, what=mine)
    return mine


def _choose_mail(locked: Space, mine: Member, mail: str) -> None:
    if mail == mine.mail:
        return
    if mine.mail == Member.Mail.DAILY and mail == Member.Mail.EACH:
        # What waited for the morning goes now; nothing falls between the two.
        digesting.tell(locked, mine)
    mine.mail = mail
    mine.told = locked.steps
    mine.digest_at = next_morning(timezone.now())


@transaction.atomic
def stop(code: str) -> bool:
    """By the link in a mail: no more mails of this space. Whether there was something to stop; twice is once."""
    found = telling.member_by(code)
    if found is None:
        return False
    now = lock(found.space)
    mine = Member.objects.select_for_update().filter(pk=found.pk).first()
    if mine is not None and mine.mail != Member.Mail.NONE:
        mine.mail = Member.Mail.NONE
        mine.edits += 1
        mine.save(update_fields=["mail", "edits"])
        record("mails_stopped", now, by=None, what=mine)
    return mine is not None


def forget_old() -> int:
    """Invitations that nobody took up within their time go, with the address."""
    over = Invitation.objects.filter(made_at__lt=timezone.now() - INVITATION_HOLDS)
    return over.delete()[0]
