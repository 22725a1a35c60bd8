"""Who was there: counted by one's own act, not tracked; and a certificate of it for who wants one."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from koinon.agenda.actions.registering import held
from koinon.agenda.models import Registration, Session
from koinon.agenda.registration_codes import is_room_code, new_certificate

BEFORE = timedelta(minutes=30)
AFTER = timedelta(minutes=30)


class NotNow(Exception):
    """It is too early or too late to say that one is here."""


class WrongCode(Exception):
    """Not the code that is shown in the room."""


class NotThere(Exception):
    """A certificate is for who was there, once the session is over."""


def is_open(session: Session, now: datetime) -> bool:
    """Half an hour before the beginning to half an hour after the end, or while it is live."""
    if session.state == Session.State.CANCELLED:
        return False
    if session.state == Session.State.LIVE:
        return True
    return session.starts_at - BEFORE <= now <= session.ends_at + AFTER


@transaction.atomic
def attend(registration: Registration, *, code: str = "") -> Registration:
    """Say that one is here. On site the code that is shown there is needed. Twice is once."""
    mine = held(registration)
    if mine.attended_at is not None:
        return mine
    if mine.state != Registration.State.COMING or not is_open(mine.session, timezone.now()):
        raise NotNow
    if mine.mode == Registration.Mode.HERE and not is_room_code(mine.session, code):
        raise WrongCode
    mine.attended_at, mine.email_confirmed = timezone.now(), bool(mine.email)
    mine.save(update_fields=["attended_at", "email_confirmed"])
    return mine


def may_be_certified(registration: Registration, now: datetime) -> bool:
    session = registration.session
    over = session.state == Session.State.ENDED or session.ends_at <= now
    return registration.attended_at is not None and over and session.state != Session.State.CANCELLED


@transaction.atomic
def certify(registration: Registration, *, name: str) -> Registration:
    """A certificate with the name as one wishes it, or without. Asked again it keeps its number and takes the new name."""
    mine = held(registration)
    if not may_be_certified(mine, timezone.now()):
        raise NotThere
    mine.certificate = mine.certificate or new_certificate()
    mine.certificate_name = name
    mine.save(update_fields=["certificate", "certificate_name"])
    return mine
