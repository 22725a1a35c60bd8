"""Self-checks that somebody keeps, and what happens with what somebody learnt when an account ends."""

from django.db import transaction

from koinon.base.visitor import Visitor, require
from koinon.courses.actions import certifying, seats
from koinon.courses.models import Certificate, Enrolment, SelfCheck
from koinon.courses.permissions import may_learn
from koinon.people.actions import hold
from koinon.people.models import Person

MOST_KEPT = 50


@transaction.atomic
def keep_check(levels: dict[str, int], *, by: Visitor) -> SelfCheck:
    """Keep the answers with the account; the latest fifty. The same as the last one is not kept twice."""
    require(may_learn(by))
    person = hold(by)
    rows = SelfCheck.objects.filter(person=person)
    last = rows.first()
    if last is not None and last.levels == levels:
        return last
    made = SelfCheck.objects.create(person=person, levels=levels)
    too_many = list(rows.values_list("pk", flat=True)[MOST_KEPT:])
    rows.filter(pk__in=too_many).delete()
    return made


@transaction.atomic
def forget_check(check: SelfCheck, *, by: Visitor) -> None:
    """Only who answered it can have it, and so only that person removes it."""
    require(check.person_id == by.person_id, hidden=True)
    check.delete()


def forget_person(person: Person) -> None:
    """An account ends: seats go on to who waits, progress is erased, certificates say that they were taken back."""
    # By their dates, in one order for all: two accounts that end at once wait for each other, and for nothing else.
    for enrolment in (
        Enrolment.objects.filter(person=person).select_related("cohort").order_by("cohort_id", "pk")
    ):
        cohort = enrolment.cohort
        if cohort is not None:
            seats.lock(cohort)
        enrolment.delete()
        if cohort is not None:
            seats.show_anew(cohort)
            seats.fill(cohort)
    # After the enrolments: whoever is given one at this moment holds that row, so none is left with a name.
    for certificate in Certificate.objects.filter(person=person).select_for_update():
        certifying.erase(certificate)
    SelfCheck.objects.filter(person=person).delete()
