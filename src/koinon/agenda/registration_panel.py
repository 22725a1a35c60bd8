"""What registration adds to the houses below and beside: a session's page, moved and cancelled ones, the tick, the mails."""

from typing import cast

from django.http import HttpRequest as DjangoRequest
from django.urls import reverse
from django.utils.translation import gettext

from koinon.agenda import account, hooks
from koinon.agenda.actions import registering, registration_letters, reminding, waiting
from koinon.agenda.models import Session
from koinon.agenda.permissions_registration import may_see_counts
from koinon.agenda.registration_codes import code_of
from koinon.base import governance, ticking
from koinon.base.visitor import HttpRequest


def panel(request: DjangoRequest, session: Session) -> hooks.Panel | None:
    """How many places are left, in words, where they are counted; the same for everybody."""
    if not session.published or not waiting.is_bounded(session):
        return None
    standing = waiting.standing(session)
    return hooks.Panel("agenda/_register.html", {"standing": standing}) if standing.takes else None


def ways(request: DjangoRequest, session: Session) -> list[hooks.Way]:
    """The buttons in a session's ticket: register, or to the own place; for the hosts also who comes."""
    found: list[hooks.Way] = []
    if not session.published:
        return found
    visitor = cast(HttpRequest, request).visitor
    mine = None
    if visitor.is_signed_in:
        mine = session.registrations.active().filter(person=visitor.person_id).first()
    standing = waiting.standing(session)
    if mine is not None:
        found.append(hooks.Way(gettext("My place"), reverse("sessions:place", args=[code_of(mine)]), True))
    elif standing.takes:
        label = gettext("Join the waiting list") if standing.kind == "full" else gettext("Register")
        found.append(hooks.Way(label, reverse("sessions:register", args=[session.code]), True))
    if visitor.is_signed_in and may_see_counts(visitor, session):
        found.append(hooks.Way(gettext("Who comes"), reverse("sessions:registrations", args=[session.code])))
    return found


def join_in() -> None:
    """Called once, when the agenda is ready."""
    hooks.panels.append(panel)
    hooks.ways.append(ways)
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
