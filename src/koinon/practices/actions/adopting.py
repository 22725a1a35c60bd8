"""Recording that a practice was taken over, what became of it, and the origin's word that it is so."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.network.models import Organisation
from koinon.places.models import Place
from koinon.practices import telling
from koinon.practices.actions.writing import lock
from koinon.practices.models import Adoption, Practice
from koinon.practices.permissions import (
    may_adopt,
    may_change_adoption,
    may_confirm_adoption,
    may_remove_adoption,
)
from koinon.search import changes


class Changed(Exception):
    """Somebody else saved meanwhile."""

    def __init__(self, current: Adoption) -> None:
        self.current = current
        super().__init__("changed meanwhile")


@dataclass(frozen=True)
class Told:
    """What is told of an adoption."""

    place: Place
    since: date
    stage: str
    language: str = "en"
    adopter: Organisation | None = None
    adopter_text: str = ""
    changed: str = ""
    result: str = ""
    dropped_because: str = ""
    leads_to: Practice | None = None


def _write(adoption: Adoption, told: Told) -> None:
    adoption.place, adoption.since, adoption.stage = told.place, told.since, told.stage
    adoption.adopter, adoption.adopter_text = told.adopter, told.adopter_text
    adoption.language, adoption.changed, adoption.result = told.language, told.changed, told.result
    adoption.dropped_because = told.dropped_because if told.stage == Adoption.Stage.DROPPED else ""
    adoption.leads_to = told.leads_to
    adoption.save()


@transaction.atomic
def adopt(practice: Practice, *, by: Visitor, told: Told) -> Adoption:
    """Record that somebody took it over. Public when the origin has confirmed it; the same twice is one."""
    now = lock(practice)
    require(may_adopt(by, now))
    before = now.adoptions.filter(
        by=by.person_id, place=told.place, adopter=told.adopter, adopter_text=told.adopter_text
    ).first()
    if before is not None:
        return before
    adoption = Adoption(practice=now, by_id=by.person_id)
    _write(adoption, told)
    journal.record("practice.adopted", by=by, what=now, details={"adoption": adoption.pk}, public=False)
    telling.tell_origin(adoption)
    return adoption


@transaction.atomic
def change(adoption: Adoption, *, by: Visitor, edits: int, told: Told) -> Adoption:
    """Say what became of it. `Changed` where somebody else saved since this was read."""
    now = _locked(adoption)
    require(may_change_adoption(by, now))
    if now.edits != edits:
        raise Changed(now)
    now.edits += 1
    now.changed_at = timezone.now()
    _write(now, told)
    _record("practice.adoption_changed", now, by=by)
    return now


@transaction.atomic
def confirm(adoption: Adoption, *, by: Visitor) -> Adoption:
    """The origin says that it is so; from now on everybody sees it. Twice changes nothing."""
    now = _locked(adoption)
    require(may_confirm_adoption(by, now))
    if now.confirmed_at is None:
        now.confirmed_at = timezone.now()
        now.save(update_fields=["confirmed_at"])
        _record("practice.adoption_confirmed", now, by=by)
        telling.tell_adopter(now)
    return now


@transaction.atomic
def remove(adoption: Adoption, *, by: Visitor) -> None:
    """Take it out of the thread."""
    now = _locked(adoption)
    require(may_remove_adoption(by, now))
    _record("practice.adoption_removed", now, by=by)
    now.delete()


def _locked(adoption: Adoption) -> Adoption:
    practice = lock(adoption.practice)
    now = Adoption.objects.select_for_update().get(pk=adoption.pk)
    now.practice = practice
    return now


def _record(verb: str, adoption: Adoption, *, by: Visitor) -> None:
    journal.record(
        verb,
        by=by,
        what=adoption.practice,
        details={"adoption": adoption.pk},
        public=adoption.is_public,
    )
    if adoption.is_public:
        changes.touch("practice", adoption.practice.slug)
