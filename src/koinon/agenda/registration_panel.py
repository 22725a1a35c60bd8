"""What registration adds to the houses below and beside: a session's page, moved and cancelled ones, the tick, the mails."""

from typing import cast

from django.http import HttpRequest as DjangoRequest

from koinon.agenda import account, hooks
from koinon.agenda.actions import registering, registration_letters, reminding, waiting
from koinon.agenda.models import Session
from koinon.agenda.permissions_registration import may_see_counts
from koinon.agenda.registration_codes import code_of
from koinon.base import governance, ticking
from koinon.base.visitor import HttpRequest


def panel(request: DjangoRequest, session: Session) -> hooks.Panel | None:
    """How registering stands, and the way there; for who is registered with an account, the way to the own place."""
    if not session.published:
        return None
    visitor = cast(HttpRequest, request).visitor
    standing = waiting.standing(session)
    mine = None
    if visitor.is_signed_in:
        mine = session.registrations.active().filter(person=visitor.person_id).first()
    runs = visitor.is_signed_in and may_see_counts(visitor, session)
    if not standing.takes and mine is None and not runs:
        return None
    context = {"standing": standing, "mine": code_of(mine) if mine is not None else "", "runs": runs}
    return hooks.Panel("agenda/_register.html", context)


def join_in() -> None:
    """Called once, when the agenda is ready."""
    hooks.panels.append(panel)
    hooks.changed.append(reminding.tell_all)
    governance.mails.update(registration_letters.MAILS)
    account.join_in()
    ticking.due.extend([_waiting, _reminding, _forgetting])


def _waiting() -> None:
    """Offers that lapsed, and places that came free."""
    waiting.run()


def _reminding() -> None:
    """Reminders, word to all, needs without an answer."""
    reminding.run()


def _forgetting() -> None:
    """Addresses, names and needs that are no longer needed."""
    registering.forget_old()
