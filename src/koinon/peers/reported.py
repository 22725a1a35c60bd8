"""Entries, profiles, results and messages as things that can be reported (`notices/subjects.py`).

A message and a profile are nobody's to decide on but the coordinators': a centre's manager does not get to read them.
"""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koinon.base.visitor import Visitor
from koinon.notices.subjects import Kind, Subject, kinds
from koinon.peers.actions import entries, exchanging, profiles, writing
from koinon.peers.models import Entry, Exchange, Message, Profile
from koinon.peers.permissions import MESSAGE

ENTRY, PROFILE, EXCHANGE = "peer", "profile", "exchange"


def _entry(key: str, visitor: Visitor) -> Subject | None:
    found = (
        Entry.objects.seen_by(visitor).with_owners().filter(code=key[:12], removed_at__isnull=True).first()
    )
    if found is None:
        return None
    label = found.title if found.person_id is None else _("What a person offers or needs")
    return Subject(label, found.get_absolute_url(), found.organisation, found.person_id or found.by_id)


def _profile(key: str, visitor: Visitor) -> Subject | None:
    """Named without the person: who reads the notices need not learn who is listed."""
    found = Profile.objects.seen_by(visitor).filter(code=key[:12], removed_at__isnull=True).first()
    if found is None:
        return None
    return Subject(_("A profile in the expert directory"), found.get_absolute_url(), None, found.person_id)


def _exchange(key: str, visitor: Visitor) -> Subject | None:
    found = Exchange.objects.public().filter(code=key[:12]).first()
    return Subject(found.title, found.get_absolute_url()) if found is not None else None


def _message(key: str, visitor: Visitor) -> Subject | None:
    """For its parties alone; who handles the notice then reads this message and no other."""
    if not key.isascii() or not key.isdecimal() or len(key) > 18:
        return None
    found = Message.objects.seen_by(visitor).filter(pk=int(key), removed_at__isnull=True).first()
    if found is None:
        return None
    label = _("A message between two who were introduced")
    return Subject(label, reverse("peers:message", args=[found.pk]), None, found.by_id)


def _take_entry(key: str, reason: str, words: str, by: Visitor) -> None:
    """Decided upon a notice; whether this person may decide, `notices` has asked. So with all below."""
    if (found := Entry.objects.filter(code=key[:12]).first()) is not None:
        entries.take_down_after_notice(found)


def _give_entry(key: str, by: Visitor) -> None:
    if (found := Entry.objects.filter(code=key[:12]).first()) is not None:
        entries.restore_after_complaint(found)


def _take_profile(key: str, reason: str, words: str, by: Visitor) -> None:
    if (found := Profile.objects.filter(code=key[:12]).first()) is not None:
        profiles.take_down_after_notice(found)


def _give_profile(key: str, by: Visitor) -> None:
    if (found := Profile.objects.filter(code=key[:12]).first()) is not None:
        profiles.restore_after_complaint(found)


def _take_exchange(key: str, reason: str, words: str, by: Visitor) -> None:
    if (found := Exchange.objects.filter(code=key[:12]).first()) is not None:
        exchanging.take_down_after_notice(found)


def _give_exchange(key: str, by: Visitor) -> None:
    if (found := Exchange.objects.filter(code=key[:12]).first()) is not None:
        exchanging.restore_after_complaint(found)


def _take_message(key: str, reason: str, words: str, by: Visitor) -> None:
    if (found := Message.objects.filter(pk=int(key)).first()) is not None:
        writing.remove_after_notice(found)


def _give_message(key: str, by: Visitor) -> None:
    if (found := Message.objects.filter(pk=int(key)).first()) is not None:
        writing.restore_after_complaint(found)


def join_in() -> None:
    """Called once, when peers are ready."""
    kinds[ENTRY] = Kind(gettext_lazy("offer or need"), _entry, _take_entry, _give_entry)
    kinds[PROFILE] = Kind(gettext_lazy("profile"), _profile, _take_profile, _give_profile)
    kinds[EXCHANGE] = Kind(gettext_lazy("result of an exchange"), _exchange, _take_exchange, _give_exchange)
    kinds[MESSAGE] = Kind(gettext_lazy("message"), _message, _take_message, _give_message)
