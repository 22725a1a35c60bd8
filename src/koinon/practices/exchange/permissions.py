"""Who may take in practices from a file, and who may only try it: row H6; who takes out all of an organisation's: row H7."""

from typing import TYPE_CHECKING

from koinon.base.visitor import Visitor
from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.practices.models import Import
from koinon.practices.models.practices import held

if TYPE_CHECKING:
    from django.db.models import QuerySet


def may_import(by: Visitor, organisation: Organisation) -> bool:
    """A manager for the own organisation, a lead for the consortium and its members, the coordinator for any."""
    return _answers_for(by, organisation)


def _answers_for(by: Visitor, organisation: Organisation) -> bool:
    if not isinstance(by, NetworkVisitor) or by.person_id is None:
        return False
    managed = held(by, Role.Kind.MANAGER) | by.led
    return organisation.pk in managed or by.is_coordinator


def may_try(by: Visitor, organisation: Organisation) -> bool:
    """See what would come of a file: whoever may take it in, and an editor for the own organisation."""
    return may_import(by, organisation) or organisation.pk in held(by, Role.Kind.EDITOR)


def may_look(by: Visitor, run: Import) -> bool:
    """Look at an import: who began it."""
    return run.by_id is not None and run.by_id == by.person_id


def may_export(by: Visitor, organisation: Organisation) -> bool:
    """All of an organisation's, drafts too as far as one may read them: who may take in for it."""
    return _answers_for(by, organisation)


def organisations(by: Visitor) -> "QuerySet[Organisation]":
    """The organisations for which somebody may at least try a file."""
    return _of(by, Role.Kind.MANAGER, Role.Kind.EDITOR)


def exported(by: Visitor) -> "QuerySet[Organisation]":
    """The organisations whose practices somebody may take out as a whole."""
    return _of(by, Role.Kind.MANAGER)


def _of(by: Visitor, *kinds: str) -> "QuerySet[Organisation]":
    if not isinstance(by, NetworkVisitor) or by.person_id is None:
        return Organisation.objects.none()
    rows = Organisation.objects.defer("loaded").order_by("name", "pk")
    return rows if by.is_coordinator else rows.filter(pk__in=held(by, *kinds) | by.led)
