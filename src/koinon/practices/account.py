"""What practices add to a person's own page, to the copy of the data, and to the end of an account."""

from typing import Any

from django.http import HttpRequest

from koinon.network.visitor import ANYONE
from koinon.people import mine
from koinon.people.models import Person
from koinon.practices.actions import keeping
from koinon.practices.models import Adoption, Import, Practice, Review, Translation
from koinon.practices.models.practices import takes_part
from koinon.practices.words import TEXTS

_SHOWN = 20


def my_practices(request: HttpRequest, person: Person) -> mine.Panel:
    """What I wrote and what I took over."""
    visitor = getattr(request, "visitor", ANYONE)
    rows = Practice.objects.seen_by(visitor).owned_by(person.pk).prefetch_related("versions")
    practices = [
        (row, max(row.versions.all(), key=lambda one: one.number))
        for row in rows.order_by("-made_at", "-pk")[:_SHOWN]
    ]
    context = {"practices": practices, "takes_part": takes_part(visitor)}
    return mine.Panel("practices/_my_practices.html", context)


def practices_of(person: Person) -> list[dict[str, Any]]:
    """For the copy of the data: every version of what I wrote, and what its review told me; not who reviewed it."""
    rows = Practice.objects.owned_by(person.pk).prefetch_related("versions__places", "versions__reviews")
    return [
        {
            "slug": row.slug,
            "state": row.state,
            "versions": [
                {
                    "number": one.number,
                    "state": one.state,
                    "language": one.language,
                    "places": [place.key for place in one.places.all()],
                    "texts": {name: text for name in TEXTS if (text := getattr(one, name))},
                    "changed": one.changed_at.isoformat(),
                    "sent_back": one.sent_back,
                    "reviews": [_findings(review) for review in one.reviews.all() if review.done_at],
                }
                for one in row.versions.all()
            ],
        }
        for row in rows.order_by("pk")
    ]


def _findings(review: Review) -> dict[str, Any]:
    """What a review says to who wrote it; the note for those who decide is not among it."""
    return {
        "round": review.round,
        "decision": review.decision,
        "done": review.done_at.isoformat() if review.done_at else None,
        "looks": {look: [getattr(review, look), getattr(review, f"{look}_because")] for look in Review.LOOKS},
        "words": review.words,
    }


def reviews_of(person: Person) -> list[dict[str, Any]]:
    """For the copy of the data: what I was asked to review, and what I said of it."""
    rows = Review.objects.filter(reviewer=person).select_related("version__practice").order_by("pk")
    return [
        {
            "practice": row.version.practice.slug,
            "version": row.version.number,
            "asked": row.asked_at.isoformat(),
            "note": row.note,
            "named": row.is_named,
            **_findings(row),
        }
        for row in rows
    ]


def translations_of(person: Person) -> list[dict[str, Any]]:
    """For the copy of the data: what I translated last."""
    rows = Translation.objects.filter(by=person).select_related("version__practice").order_by("pk")
    return [
        {
            "practice": row.version.practice.slug,
            "version": row.version.number,
            "language": row.language,
            "made": row.made,
            "at": row.at.isoformat(),
            "texts": row.texts,
        }
        for row in rows
    ]


def adoptions_of(person: Person) -> list[dict[str, Any]]:
    """For the copy of the data: what I recorded as taken over."""
    rows = Adoption.objects.filter(by=person).select_related("practice", "adopter", "place").order_by("pk")
    return [
        {
            "practice": row.practice.slug,
            "adopter": row.adopter_name,
            "place": row.place.key,
            "since": row.since.isoformat(),
            "stage": row.stage,
            "changed": row.changed,
            "result": row.result,
            "dropped_because": row.dropped_because,
        }
        for row in rows
    ]


def imports_of(person: Person) -> list[dict[str, Any]]:
    """For the copy of the data: which files I sent."""
    rows = Import.objects.filter(by=person).select_related("organisation").defer("content").order_by("pk")
    return [
        {
            "file": row.name,
            "sha256": row.digest,
            "organisation": row.organisation.slug,
            "state": row.state,
            "sent": row.made_at.isoformat(),
        }
        for row in rows
    ]


def join_in() -> None:
    """Called once, when practices are ready."""
    mine.panels.append(my_practices)
    mine.exports["practices"] = practices_of
    mine.exports["adoptions"] = adoptions_of
    mine.exports["practice_reviews"] = reviews_of
    mine.exports["practice_translations"] = translations_of
    mine.exports["files_of_practices"] = imports_of
    mine.farewells.append(keeping.let_go)
