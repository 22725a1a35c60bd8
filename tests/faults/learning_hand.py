"""Many who enrol at once, on a database of their own: `python -m tests.faults.learning_hand PEOPLE SEATS` says what came of it.

A few threads, each with its own connection, do what a thousand people do in the same minute: enrol (some twice), leave, take
what is offered, while the tick passes seats on.
"""

import json
import random
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import django

django.setup()

from django.core.management import call_command  # noqa: E402  Django first
from django.db import OperationalError, connection  # noqa: E402

from koinon.courses.actions import learning, seats  # noqa: E402
from koinon.courses.models import Cohort, Enrolment  # noqa: E402
from koinon.courses.testing import make_cohort, make_course  # noqa: E402
from koinon.network.visitor import Visitor  # noqa: E402
from koinon.people.models import Person  # noqa: E402

State = Enrolment.State
THREADS = 6
AGAIN = 20
"""Who hears that the database is busy (503) sends it again."""


def at_once(deeds: Iterable[Callable[[], object]]) -> list[str]:
    """Do all of it on a few threads; what failed comes back."""

    def run(deed: Callable[[], object]) -> str:
        said = ""
        for _again in range(AGAIN):
            try:
                deed()
            except seats.NotOffered:
                return ""
            except OperationalError as busy:
                said = repr(busy)
            except Exception as trouble:
                return repr(trouble)
            else:
                return ""
        return said

    def end() -> None:
        connection.close()

    with ThreadPoolExecutor(THREADS) as crowd:
        failed = [trouble for trouble in crowd.map(run, deeds) if trouble]
        list(crowd.map(lambda _: end(), range(THREADS * 4)))
    return failed


def standing(cohort: Cohort) -> dict[str, int]:
    rows = Enrolment.objects.filter(cohort=cohort).values_list("state", flat=True)
    found = list(rows)
    return {state: found.count(state) for state in State.values}


def main(many: int, capacity: int) -> dict[str, object]:
    call_command("migrate", verbosity=0)
    cohort = make_cohort(make_course(), capacity=capacity)
    course = cohort.course
    people = Person.objects.bulk_create(
        [Person(email=f"learner{number}@example.org") for number in range(many)]
    )
    visitors = [Visitor(person) for person in people]
    chance = random.Random(7)

    def enrol(visitor: Visitor) -> Callable[[], object]:
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
    ticking: list[Callable[[], object]] = [lambda: seats.run() for _tick in range(6)]
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
    failed += at_once(deeds)
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
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))) + "\n")
