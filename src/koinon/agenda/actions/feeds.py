"""The address under which a calendar finds somebody's own sessions: unguessable, and made anew when its owner wishes."""

import secrets

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from koinon.agenda.models import CalendarFeed, Registration, Session, Speaker
from koinon.network.visitor import visitor_for
from koinon.people.models import Person


def address_of(person: Person) -> str:
    """The secret of a person's calendar, made when it is first asked for."""
    feed, _ = CalendarFeed.objects.get_or_create(person=person, defaults={"seed": secrets.token_hex(32)})
    return f"{feed.pk}-{_proof(feed)}"


def has_address(person: Person) -> bool:
    return CalendarFeed.objects.filter(person=person).exists()


@transaction.atomic
def renew(person: Person) -> str:
    """A new address; the old one leads nowhere from now on."""
    CalendarFeed.objects.filter(person=person).delete()
    return address_of(person)


def person_of(secret: str) -> Person | None:
    """Whose calendar it is; None for an address that is none, or of an account that ended."""
    key, _, proof = secret[:120].partition("-")
    if not (key.isascii() and key.isdigit() and len(key) < 18):
        return None
    feed = CalendarFeed.objects.filter(pk=int(key), person__is_active=True).select_related("person").first()
    if feed is None or not constant_time_compare(proof.encode(), _proof(feed).encode()):
        return None
    return feed.person


def sessions_of(person: Person) -> list[Session]:
    """What the person is registered for or speaks at, as far as it may be seen; cancelled ones too, so that calendars learn it."""
    registered = Registration.objects.filter(person=person).active().values("session")
    speaking = Speaker.objects.filter(person=person).exclude(state=Speaker.State.DECLINED).values("session")
    rows = Session.objects.seen_by(visitor_for(person))
    return list((rows.filter(pk__in=registered) | rows.filter(pk__in=speaking)).distinct().soonest_first())


def _proof(feed: CalendarFeed) -> str:
    return salted_hmac("koinon.agenda.feed", feed.seed, algorithm="sha256").hexdigest()[:40]
