"""Who works at which desk: a desk is there where somebody holds a role in a body."""

from collections.abc import Iterable

from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor

KINDS = (Role.Kind.EDITOR, Role.Kind.MANAGER, Role.Kind.LEAD, Role.Kind.AUTHORITY)
HEADS = (Role.Kind.MANAGER, Role.Kind.LEAD, Role.Kind.AUTHORITY)


def works_at(visitor: Visitor) -> frozenset[int]:
    """The bodies at whose desk a visitor works today."""
    return frozenset(r.organisation_id for r in visitor.roles if r.kind in KINDS and r.organisation_id)


def heads(visitor: Visitor) -> frozenset[int]:
    """The bodies in which a visitor decides who handles what."""
    return frozenset(r.organisation_id for r in visitor.roles if r.kind in HEADS and r.organisation_id)


def staffed(organisations: Iterable[Organisation]) -> set[int]:
    """Which of these bodies have a desk today. One query."""
    rows = Role.objects.today().filter(
        organisation__in=[row.pk for row in organisations], kind__in=KINDS, person__is_active=True
    )
    return set(rows.values_list("organisation_id", flat=True))


def people_at(organisation: Organisation | None) -> list[Role]:
    """Who works at a desk today, with the account; for None the operators: coordinators and administrators."""
    rows = Role.objects.today().filter(person__is_active=True).select_related("person").order_by("pk")
    if organisation is None:
        return list(rows.filter(kind__in=[Role.Kind.COORDINATOR, Role.Kind.ADMINISTRATOR]))
    return list(rows.filter(organisation=organisation, kind__in=KINDS))
