"""Letting go of who closes the account: what the person said and wrote goes; what belongs to the other side stays theirs."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from koinon.journal import versions
from koinon.mail import actions as mail
from koinon.peers.actions.known import next_stamp
from koinon.peers.models import Entry, Exchange, Match, Message, Profile
from koinon.people.models import Person


@transaction.atomic
def let_go(person: Person) -> None:
    """An account closes. Its profile and entries go. Of an introduction the other side keeps its own words and no name.

    A result that a person let be seen is seen no longer: the consent goes with who gave it.
    """
    Profile.objects.filter(person=person).delete()
    _forget_mails(person)
    Message.objects.filter(by=person).update(text="", by=None)
    mine = Entry.objects.filter(person=person)
    met = set(
        Match.objects.filter(Q(first__in=mine) | Q(second__in=mine))
        .introduced()
        .values_list("first", "second")
    )
    kept = {pk for pair in met for pk in pair}
    gone, _what = mine.exclude(pk__in=kept).delete()
    now = timezone.now()
    mine.filter(pk__in=kept).update(
        title="", text="", topics=[], formats=[], languages=[], place=None, closed_at=now, by=None,
        call_title="-", call_address="", call_key="",
    )  # fmt: skip
    Entry.objects.filter(by=person).update(by=None)
    for side in ("first", "second"):
        rows = Exchange.objects.filter(**{f"{side}_person": person})
        shown = rows.public().exists()
        rows.update(**{f"{side}_consent": None, f"{side}_person": None})
        if shown:
            versions.raise_()
    if gone or kept:
        next_stamp(deleted=True)


def _forget_mails(person: Person) -> None:
    """The mails that brought the person's words and sentences to others, as far as they are still kept."""
    for pk in Message.objects.filter(by=person).values_list("pk", flat=True):
        mail.forget(f"peers:message:{pk}:")
    matches = Match.objects.filter(Q(first__person=person) | Q(second__person=person))
    for pk in matches.values_list("pk", flat=True):
        for name in ("asked", "introduced"):
            mail.forget(f"peers:{name}:{pk}:")
    exchanges = Exchange.objects.filter(Q(first_person=person) | Q(second_person=person))
    for pk in exchanges.values_list("pk", flat=True):
        mail.forget(f"peers:exchange:{pk}:")
