"""Keeping what is public: that it still holds, taking it away, bringing it back; letting go of who closes the account."""

from django.db import transaction
from django.utils import timezone

from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.people.models import Person
from koinon.practices.actions.writing import lock
from koinon.practices.life import WRITTEN_ON, State, step
from koinon.practices.models import Adoption, Import, Practice, Review, Translation, Version
from koinon.practices.permissions import may_confirm, may_restore, may_withdraw
from koinon.practices.words import Why
from koinon.search import changes


@transaction.atomic
def confirm(practice: Practice, *, by: Visitor) -> Practice:
    """Say that it still holds as it is told, today."""
    now = lock(practice)
    require(may_confirm(by, now))
    now.checked_on = timezone.localdate()
    now.save(update_fields=["checked_on"])
    journal.record("practice.confirmed", by=by, what=now)
    changes.touch("practice", now.slug)
    return now


@transaction.atomic
def withdraw(practice: Practice, *, by: Visitor, because: str) -> Practice:
    """Take it away: its address answers that it is gone and why, and no list or search knows it. Twice changes nothing."""
    now = lock(practice)
    if now.state == State.WITHDRAWN:
        return now
    require(may_withdraw(by, now))
    return _withdraw(now, by=by, because=Why(because))


@transaction.atomic
def withdraw_after_notice(practice: Practice) -> None:
    """Decided upon a notice; whether that person may decide, `notices` has asked."""
    now = lock(practice)
    if now.state == State.PUBLISHED:
        _withdraw(now, by=None, because=Why.NOTICE)


def _withdraw(practice: Practice, *, by: Visitor | None, because: Why) -> Practice:
    step(practice, State.WITHDRAWN)
    practice.withdrawn_at, practice.withdrawn_because = timezone.now(), because
    practice.save(update_fields=["state", "withdrawn_at", "withdrawn_because"])
    journal.record("practice.withdrawn", by=by, what=practice, details={"because": str(because)})
    changes.touch("practice", practice.slug)
    return practice


@transaction.atomic
def restore(practice: Practice, *, by: Visitor) -> Practice:
    """Bring back what was withdrawn, as it was."""
    now = lock(practice)
    require(may_restore(by, now))
    return _restore(now, by=by)


@transaction.atomic
def restore_after_complaint(practice: Practice) -> None:
    """Decided upon a complaint: what a notice took away comes back. What its own people took away stays away."""
    now = lock(practice)
    if now.state == State.WITHDRAWN and now.withdrawn_because == Why.NOTICE:
        _restore(now, by=None)


def _restore(practice: Practice, *, by: Visitor | None) -> Practice:
    step(practice, State.PUBLISHED)
    practice.withdrawn_at, practice.withdrawn_because = None, ""
    practice.save(update_fields=["state", "withdrawn_at", "withdrawn_because"])
    journal.record("practice.restored", by=by, what=practice)
    changes.touch("practice", practice.slug)
    return practice


@transaction.atomic
def let_go(person: Person) -> None:
    """An account closes: what is only its own goes, what others decided on or read stays and names nobody.

    Its own are drafts and what was not taken up, the next version that it was writing, reviews that it was asked for, and
    adoptions that nobody has confirmed; of an organisation's nothing goes.
    """
    own = Practice.objects.filter(owner=person, organisation__isnull=True)
    own.filter(state__in=[*WRITTEN_ON, State.DECLINED]).delete()
    Version.objects.filter(practice__in=own, state__in=WRITTEN_ON).delete()
    # Files that were looked at and not taken in go too; of those that were, only what they are called and their digest is kept.
    Import.objects.filter(by=person, state=Import.State.LOOKED_AT).delete()
    Import.objects.filter(by=person).update(by=None)
    Practice.objects.filter(owner=person).update(owner=None)
    Version.writers.through.objects.filter(person=person).delete()
    Review.objects.waiting().filter(reviewer=person).delete()
    Review.objects.filter(reviewer=person).update(reviewer=None, is_named=False)
    Adoption.objects.waiting().filter(by=person, adopter__isnull=True).delete()
    Adoption.objects.filter(by=person).update(by=None)
    Translation.objects.filter(by=person).update(by=None)
