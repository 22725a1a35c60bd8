"""What of courses can be found by search: published ones, in every language in which they are told."""

from collections.abc import Iterable, Sequence

from koinon.base.languages import without_language
from koinon.courses.models import Course
from koinon.courses.models.translations import mark_of
from koinon.courses.words import COURSE_TEXTS
from koinon.practices import concepts
from koinon.search import sources
from koinon.search.changes import touch
from koinon.search.documents import Document, Text

TYPE = "course"


def join_in() -> None:
    """Register with the search."""
    sources.register(sources.Source(TYPE, _keys, documents))


def changed(course: Course) -> None:
    """This course was written, published or taken away. Call it in the transaction of the deed."""
    touch(TYPE, course.slug)


def _keys() -> Iterable[str]:
    return Course.objects.public().values_list("slug", flat=True).iterator()


def documents(keys: Sequence[str]) -> Iterable[Document]:
    """Published courses with the titles of their modules; four queries for all of them."""
    rows = Course.objects.public().filter(slug__in=list(keys)).select_related("organiser")
    for course in rows.prefetch_related("places", "modules", "translations"):
        titles = [module.title for module in course.modules.all()]
        body = [getattr(course, name) for name in COURSE_TEXTS if name != "title"] + titles
        texts = [Text(course.language, course.title, "\n".join(part for part in body if part))]
        told: dict[str, list[str]] = {}
        for row in course.translations.all():
            if row.module_id is not None:
                told.setdefault(row.language, []).append(str(row.texts.get("title", "")))
        mark = mark_of(course.texts, course.language)
        for row in course.translations.all():
            if row.module_id is None and row.language != course.language:
                parts = [str(row.texts.get(name, "")) for name in COURSE_TEXTS if name != "title"]
                words = "\n".join(part for part in [*parts, *told.get(row.language, [])] if part)
                title = str(row.texts.get("title") or course.title)
                texts.append(Text(row.language, title, words, row.state_for(mark)))
        places = list(course.places.all())
        yield Document(
            type=TYPE,
            key=course.slug,
            address=without_language(course.get_absolute_url()),
            texts=tuple(texts),
            countries=tuple(dict.fromkeys(place.country for place in places if place.country)),
            places=tuple(place.code for place in places),
            topics=tuple(key for key in course.topics if concepts.is_key(key)),
            on=course.published_at.date() if course.published_at else None,
        )
