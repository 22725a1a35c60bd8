"""The courses' part of the API: all published ones, and one with its modules. Nothing of who learns."""

from datetime import date
from typing import Any

from django.http import Http404
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest
from koinon.courses.actions import seats
from koinon.courses.listing import Row, rows
from koinon.courses.models import Course
from koinon.courses.readings import told_of
from koinon.courses.sessions import is_for_all
from koinon.courses.words import Level

router = Router(tags=["courses"])


class Asked(Schema):
    """What may be asked of the courses. Other fields are refused."""

    model_config = ConfigDict(extra="forbid")

    language: str | None = Field(None, pattern="^[a-z]{2}$", description="told in this language")
    level: Level | None = Field(None, description="first, second, third")
    topic: str | None = Field(None, max_length=80, description="key of a topic")
    organiser: str | None = Field(None, max_length=120, description="slug of the body that gives it")


class CourseOut(Schema):
    """A course, in the language it was written in."""

    slug: str
    title: str
    lead: str
    language: str
    languages: dict[str, str] = Field(description="language → original, human, machine, outdated")
    level: str
    minutes: int
    modules: int
    pace: str
    takes_learners: bool
    certificate: bool
    topics: list[str]
    competences: list[str]
    organiser: str
    invented: bool
    url: str


class CourseList(Schema):
    items: list[CourseOut]


class ModuleOut(Schema):
    number: int
    kind: str
    title: str
    language: str
    languages: dict[str, str]
    minutes: int
    link: str
    session: str | None
    url: str


class DatesOut(Schema):
    starts_on: date
    ends_on: date
    enrol_until: date
    seats: int | None
    standing: str = Field(description="open, few, full, closed, past")


class WholeOut(CourseOut):
    about: str
    outcomes: str
    requires: str
    parts: list[ModuleOut]
    dates: list[DatesOut]
    version: int


@router.get("/courses", response=CourseList, url_name="courses", summary="All courses")
@governed("E3")
def courses(request: HttpRequest, asked: Query[Asked]) -> dict[str, Any]:
    """All published courses, the newest first."""
    found = [row for row in rows() if _fits(row, asked)]
    return {"items": [_short(row) for row in found]}


def _fits(row: Row, asked: Asked) -> bool:
    return (
        (asked.language is None or asked.language in row.titles)
        and (asked.level is None or asked.level == row.level)
        and (asked.topic is None or asked.topic in row.topics)
        and (asked.organiser is None or asked.organiser == row.organiser_slug)
    )


def _short(row: Row) -> dict[str, Any]:
    title, lead = row.titles[row.language]
    return {
        "slug": row.slug,
        "title": title,
        "lead": lead,
        "language": row.language,
        "languages": row.states,
        "level": row.level,
        "minutes": row.minutes,
        "modules": row.modules,
        "pace": row.pace,
        "takes_learners": row.takes_learners,
        "certificate": row.gives_certificate,
        "topics": list(row.topics),
        "competences": list(row.competences),
        "organiser": row.organiser,
        "invented": row.is_demo,
        "url": row.url,
    }


@router.get("/courses/{slug}", response=WholeOut, url_name="course", summary="One course")
@governed("E3")
def course(request: HttpRequest, slug: str) -> dict[str, Any]:
    """One published course by its slug."""
    row = next((row for row in rows() if row.slug == slug), None)
    found = Course.objects.public().filter(slug=slug[:120]).first()
    if row is None or found is None:
        raise Http404
    told = told_of(found)
    parts = []
    for module in found.modules.prefetch_related("questions").select_related("session"):
        module.course = found
        states = {module.language: "original"}
        for pk, language in told.rows:
            if pk == module.pk:
                states[language] = told.of_module(module, language).state
        session = module.session
        parts.append(
            {
                "number": module.number,
                "kind": module.kind,
                "title": module.title,
                "language": module.language,
                "languages": states,
                "minutes": module.minutes,
                "link": module.link,
                "session": session.code if session is not None and is_for_all(session) else None,
                "url": module.get_absolute_url(),
            }
        )
    dates = []
    for cohort, standing in seats.standings_of(found, list(found.cohorts.all())):
        dates.append(
            {
                "starts_on": cohort.starts_on,
                "ends_on": cohort.ends_on,
                "enrol_until": cohort.last_day,
                "seats": cohort.capacity,
                "standing": standing.kind,
            }
        )
    return _short(row) | {
        "about": found.about,
        "outcomes": found.outcomes,
        "requires": found.requires,
        "parts": parts,
        "dates": dates,
        "version": found.edits,
    }
