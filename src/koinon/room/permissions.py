"""Who may see a room, say something, vote and listen (B5, B6, B11, B14). Who hosts: `agenda.permissions.may_host`."""

from django.db.models import Q

from koinon.agenda.models import Session, Speaker
from koinon.agenda.models.registrations import Invitation, Registration
from koinon.base.visitor import Visitor
from koinon.network.models import Membership, Role
from koinon.people.models import Person

Kind = Role.Kind
EVERYBODY = 0
"""Stands for all who are not signed in, as in `live.sources`."""


def may_take_part(by: Visitor) -> bool:
    """Say something, vote, answer a poll (B5 C, B11 C); who only keeps the technics does so without signing in."""
    return not by.is_only_operator


def may_see(session: Session, persons: set[int]) -> set[int]:
    """Those of `persons` who may see this session now; `EVERYBODY` among them stands for who is not signed in.

    The same as `Session.objects.seen_by` for each of them (B14: as B2 and B3), at a fixed number of queries.
    """
    if session.published and session.audience == Session.Audience.PUBLIC:
        return set(persons)
    known = set(
        Person.objects.filter(pk__in=persons - {EVERYBODY}, is_active=True).values_list("pk", flat=True)
    )
    if not known:
        return set()
    roles = Role.objects.today().filter(person__in=known)
    scope = Q(kind=Kind.COORDINATOR)
    if session.organiser_id is not None:
        leads = Membership.objects.today().filter(member=session.organiser_id).values("within")
        scope |= Q(kind__in=[Kind.EDITOR, Kind.MANAGER], organisation=session.organiser_id)
        scope |= Q(kind=Kind.LEAD) & (Q(organisation=session.organiser_id) | Q(organisation__in=leads))
    seeing = set(roles.filter(scope).values_list("person", flat=True))
    if session.published:
        for rows in (
            Registration.objects.active().filter(session=session, person__in=known),
            Invitation.objects.filter(session=session, person__in=known),
            Speaker.objects.filter(session=session, person__in=known),
        ):
            seeing |= set(rows.values_list("person", flat=True))
    return seeing
