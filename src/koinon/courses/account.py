"""What courses add to a person's own page, to the copy of the data, and to the end of an account."""

from typing import Any

from django.http import HttpRequest

from koinon.courses.actions import keeping
from koinon.courses.models import Certificate, Enrolment, SelfCheck, Step
from koinon.people import mine
from koinon.people.models import Person

_SHOWN = 20


def my_courses(request: HttpRequest, person: Person) -> mine.Panel:
    """What I learn, and my certificates."""
    rows = Enrolment.objects.filter(person=person).not_left().select_related("course")
    certificates = Certificate.objects.filter(person=person).order_by("-issued_at")[:_SHOWN]
    return mine.Panel(
        "courses/_my_courses.html",
        {"enrolments": list(rows.order_by("-at", "-pk")[:_SHOWN]), "certificates": list(certificates)},
    )


def learning_of(person: Person) -> dict[str, Any]:
    """For the copy of the data: enrolments with every step, certificates, kept self-checks."""
    enrolments = Enrolment.objects.filter(person=person).select_related("course", "cohort")
    steps: dict[int, list[dict[str, Any]]] = {}
    for step in Step.objects.filter(enrolment__person=person).select_related("module").order_by("pk"):
        steps.setdefault(step.enrolment_id, []).append(
            {
                "module": step.module.number,
                "title": step.module.title,
                "done": step.done_at.isoformat() if step.done_at else None,
                "language": step.language,
                "tries": step.tries,
                "answers": step.answers,
                "right": step.right,
                "asked": step.asked,
            }
        )
    return {
        "enrolments": [
            {
                "course": row.course.slug,
                "title": row.course.title,
                "enrolled": row.at.isoformat(),
                "state": row.state,
                "starts_on": row.cohort.starts_on.isoformat() if row.cohort else None,
                "language": row.language,
                "finished": row.finished_at.isoformat() if row.finished_at else None,
                "modules": steps.get(row.pk, []),
            }
            for row in enrolments.order_by("at", "pk")
        ],
        "certificates": [
            {"number": row.number, "title": row.title, "name": row.name, "issued": row.issued_at.isoformat()}
            for row in Certificate.objects.filter(person=person).order_by("pk")
        ],
        "self_checks": [
            {"at": row.at.isoformat(), "levels": row.levels}
            for row in SelfCheck.objects.filter(person=person)
        ],
    }


def join_in() -> None:
    """Called once, when courses are ready."""
    mine.panels.append(my_courses)
    mine.exports["learning"] = learning_of
    mine.farewells.append(keeping.forget_person)
