"""Many who enrol at once, on a database of their own: `python -m tests.faults.learning_hand PEOPLE SEATS` says what came of it.

They enrol (some twice), leave, take what is offered, while the tick passes seats on. Then they finish, ask for their certificate
several times under several names, and take it back or close their account at the same moment. Others enrol while their account
is being closed.
"""

import json
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import django

django.setup()

from django.core.exceptions import PermissionDenied  # noqa: E402  Django first
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from koinon.courses.actions import certifying, learning, seats  # noqa: E402
from koinon.courses.models import Certificate, Cohort, Course, Enrolment  # noqa: E402
from koinon.courses.testing import make_cohort, make_course  # noqa: E402
from koinon.network.visitor import Visitor  # noqa: E402
from koinon.people import actions as accounts  # noqa: E402
from koinon.people import mine  # noqa: E402
from koinon.people.models import Person  # noqa: E402
from tests.faults.crowd import Deed, at_once, mixed, ready  # noqa: E402

State = Enrolment.State
FINISHES, CLOSES = 4, 10
"""Of so many one does not finish, and one closes the account."""
A_WHILE = 0.5
"""Seconds in which the other gets as far as it can."""


def standing(cohort: Cohort) -> dict[str, int]:
    rows = Enrolment.objects.filter(cohort=cohort).values_list("state", flat=True)
    found = list(rows)
    return {state: found.count(state) for state in State.values}


def main(many: int, capacity: int) -> dict[str, object]:
    ready()
    call_command("migrate", verbosity=0)
    cohort = make_cohort(make_course(), capacity=capacity)
    course = cohort.course
    people = Person.objects.bulk_create(
        [Person(email=f"learner{number}@example.org") for number in range(many)]
    )
    visitors = [Visitor(person) for person in people]
    chance = random.Random(7)

    def enrol(visitor: Visitor) -> Deed:
        return lambda: learning.enrol(course, by=visitor, language="en", cohort=cohort)

    twice = [*visitors, *chance.sample(visitors, many // 10)]
    chance.shuffle(twice)
    failed = at_once(enrol(visitor) for visitor in twice)
    first = standing(cohort)
    line = list(Enrolment.objects.filter(cohort=cohort).waiting())
    ranks = [seats.rank_of(row) for row in line[:: max(1, len(line) // 50)]]

    # All who have a seat leave; those next in line are offered one, and take it, some twice, while others try what is not theirs.
    sitting = list(
        Enrolment.objects.filter(cohort=cohort, state=State.COMING).select_related("person", "cohort")
    )
    leaving = [
        lambda row=row: learning.leave(row, by=Visitor(row.person))  # type: ignore[misc]
        for row in sitting
    ]
    ticking: list[Deed] = [lambda: seats.run() for _tick in range(6)]
    deeds = [*leaving, *ticking]
    chance.shuffle(deeds)
    failed += at_once(deeds)
    second = standing(cohort)
    offered = list(
        Enrolment.objects.filter(cohort=cohort, state=State.OFFERED).select_related("person", "cohort")
    )
    taking = [
        lambda row=row: learning.accept(row, by=Visitor(row.person))  # type: ignore[misc]
        for row in [*offered, *offered]
    ]
    late = [
        lambda row=row: learning.accept(row, by=Visitor(row.person))  # type: ignore[misc]
        for row in Enrolment.objects.filter(cohort=cohort, state=State.WAITING).select_related(
            "person", "cohort"
        )[:20]
    ]
    deeds = [*taking, *late, *ticking]
    chance.shuffle(deeds)
    failed += at_once(deeds, expected=(seats.NotOffered,))
    return {
        "failed": failed[:5],
        "first": first,
        "ranks": ranks == list(range(1, len(line) + 1, max(1, len(line) // 50))),
        "second": second,
        "offered in order": sorted(row.pk for row in offered)
        == sorted(row.pk for row in line[: len(offered)]),
        "third": standing(cohort),
        "doubled": Enrolment.objects.filter(course=course).count()
        - Enrolment.objects.filter(course=course).values("person").distinct().count(),
        "certificates": certificates(visitors, chance),
        "closing": closing(chance),
    }


def closing(chance: random.Random) -> dict[str, object]:
    """How many enrolments are left of accounts that ended meanwhile: the end came first, the enrolment did, or nobody knows."""
    course = make_course()
    rows = [Person(email=f"closing{number}@example.org") for number in range(32)]
    first, second, *others = (Visitor(person) for person in Person.objects.bulk_create(rows))

    def enrols(by: Visitor) -> Deed:
        return lambda: learning.enrol(course, by=by, language="en")

    def ends(by: Visitor) -> Deed:
        return lambda: accounts.erase(Person.objects.get(pk=by.person_id or 0), by=by)

    is_ending, is_enrolled = Event(), Event()

    def lingers(person: Person) -> None:
        is_ending.set()
        time.sleep(A_WHILE)

    def enrols_slowly() -> None:
        with transaction.atomic():
            enrols(second)()
            is_enrolled.set()
            time.sleep(A_WHILE)

    mine.farewells.append(lingers)
    failed = side_by_side(ends(first), is_ending, enrols(first))
    mine.farewells.remove(lingers)
    failed += side_by_side(enrols_slowly, is_enrolled, ends(second))
    deeds = mixed(chance, [[ends(by), enrols(by), enrols(by)] for by in others])
    failed += at_once(deeds, expected=(PermissionDenied,))
    return {
        "failed": failed[:5],
        "the end first": left_of(course, [first]),
        "the enrolment first": left_of(course, [second]),
        "many": left_of(course, others),
        "open": Person.objects.filter(email__startswith="closing", erased__isnull=True).count(),
    }


def left_of(course: Course, visitors: list[Visitor]) -> int:
    return Enrolment.objects.filter(course=course, person__in=[by.person_id for by in visitors]).count()


def side_by_side(one: Deed, begun: Event, other: Deed) -> list[str]:
    """Do the one, and the other as soon as it has begun; what failed comes back, but for what was denied."""

    def run(deed: Deed) -> str:
        try:
            deed()
        except PermissionDenied:
            return ""
        except Exception as trouble:
            return repr(trouble)
        finally:
            connection.close()
        return ""

    def run_after() -> str:
        return run(other) if begun.wait(30) else "the first did not begin"

    with ThreadPoolExecutor(2) as two:
        both = [two.submit(run, one), two.submit(run_after)]
        return [said for said in (done.result() for done in both) if said]


def certificates(visitors: list[Visitor], chance: random.Random) -> dict[str, object]:
    """All are in one more course; three of four finish it; each asks for the certificate again and again."""
    course = make_course()
    failed = at_once(
        lambda by=by: learning.enrol(course, by=by, language="en")  # type: ignore[misc]
        for by in visitors
    )
    mine = {row.person_id: row for row in Enrolment.objects.filter(course=course).select_related("course")}
    finishing = [by for number, by in enumerate(visitors) if number % FINISHES]
    others = [by for number, by in enumerate(visitors) if not number % FINISHES]
    steps = list(course.modules.all())

    def done(by: Visitor) -> list[Deed]:
        return [lambda step=step: learning.tell_done(step, by=by, language="en") for step in steps * 2]  # type: ignore[misc]

    def asked(by: Visitor, *names: str) -> list[Deed]:
        row = mine[by.person_id or 0]
        return [lambda name=name: certifying.certify(row, by=by, name=name) for name in names]  # type: ignore[misc]

    def taken_back(by: Visitor) -> list[Deed]:
        held = there[by.person_id]
        return [lambda: certifying.take_back(held, by=by)] * 2

    def closed(by: Visitor) -> list[Deed]:
        person = by.person
        assert person is not None
        return [lambda: accounts.erase(person, by=by)]

    def have() -> dict[str, int]:
        """How many of those who finished, and of the others, have no certificate, one, and more."""
        held = list(
            Certificate.objects.filter(course=course, taken_back_at=None).values_list("person", flat=True)
        )
        each = [held.count(by.person_id or 0) for by in finishing]
        none = [held.count(by.person_id or 0) for by in others]
        return {"none": each.count(0), "one": each.count(1), "not finished": sum(none), "all": len(held)}

    failed += at_once(mixed(chance, [done(by) for by in finishing]))
    no = (certifying.NotFinished, PermissionDenied)
    failed += at_once(mixed(chance, [asked(by, "", "Ana", "Bo", "Ana") for by in visitors]), expected=no)
    first = have()

    # Who takes it back asks for another at the same moment, and for another name on the one that goes.
    there = {row.person_id: row for row in Certificate.objects.filter(course=course)}
    failed += at_once(
        mixed(chance, [taken_back(by) + asked(by, "Cem", "Dana", "") for by in finishing]), expected=no
    )
    doubled = Certificate.objects.filter(course=course, taken_back_at=None)
    second = doubled.count() - doubled.values("person").distinct().count()
    went = Certificate.objects.filter(pk__in=[row.pk for row in there.values()], taken_back_at=None).count()
    failed += at_once(mixed(chance, [asked(by, "Eva", "Eva") for by in visitors]), expected=no)
    third = have()

    # Who closes the account at the moment leaves no name behind.
    closing = finishing[::CLOSES]
    staying = [by.person_id for by in finishing if by not in closing]
    for by in closing:
        Certificate.objects.filter(person=by.person_id).delete()
    failed += at_once(mixed(chance, [closed(by) + asked(by, "Fay", "Gil") for by in closing]), expected=no)
    named = Certificate.objects.filter(course=course).exclude(name="")
    numbers = list(Certificate.objects.values_list("number", flat=True))
    return {
        "failed": failed[:5],
        "first": first,
        "second": second,
        "not taken back": went,
        "third": third,
        "left behind": named.exclude(person__in=staying).count(),
        "closed": Person.objects.filter(erased__isnull=False).count() - len(closing),
        "doubled numbers": len(numbers) - len(set(numbers)),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))) + "\n")
