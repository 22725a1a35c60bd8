"""What of the library can be found by search: public practices, in every language in which they are told."""

from collections.abc import Iterable, Sequence

from koinon.base.languages import without_language
from koinon.places.models import Place
from koinon.practices import concepts
from koinon.practices.models import Adoption, Practice, Translation
from koinon.practices.words import TEXTS
from koinon.search import sources
from koinon.search.documents import Document, Text

TYPE = "practice"
# The title stands on its own; figures and sums help nobody who searches.
_IN_BODY = tuple(name for name in TEXTS if name not in {"title", "results", "costs"})


def join_in() -> None:
    """Register with the search."""
    sources.register(sources.Source(TYPE, _keys, documents))


def _keys() -> Iterable[str]:
    return iter(Practice.objects.public().values_list("slug", flat=True).iterator())


def documents(keys: Sequence[str]) -> Iterable[Document]:
    """Public practices with their texts, and where they were done and taken over; four queries for all of them."""
    rows = Practice.objects.public().filter(slug__in=list(keys), shown__isnull=False)
    practices = list(rows.select_related("shown").prefetch_related("shown__places"))
    told: dict[int, dict[str, Translation]] = {}
    translations = Translation.objects.filter(version__practice__in=practices).select_related("version")
    for one in translations.order_by("version__number"):
        told.setdefault(one.version.practice_id, {})[one.language] = one
    adopted: dict[int, list[Place]] = {}
    taken = Adoption.objects.public().filter(practice__in=practices).select_related("place")
    for adoption in taken.earliest_first():
        adopted.setdefault(adoption.practice_id, []).append(adoption.place)
    for practice in practices:
        yield _document(practice, told.get(practice.pk, {}), adopted.get(practice.pk, []))


def _document(practice: Practice, told: dict[str, Translation], adopted: list[Place]) -> Document:
    shown = practice.shown
    assert shown is not None
    texts = [Text(shown.language, shown.title, _body(shown.texts))]
    for language, one in sorted(told.items()):
        if language != shown.language and one.version.number <= shown.number:
            title = str(one.texts.get("title") or shown.title)
            texts.append(Text(language, title, _body(one.texts), one.state_for(shown)))
    places = [*shown.places.all(), *adopted]
    return Document(
        type=TYPE,
        key=practice.slug,
        address=without_language(practice.get_absolute_url()),
        texts=tuple(texts),
        countries=tuple(dict.fromkeys(place.country for place in places if place.country)),
        places=tuple(dict.fromkeys(place.code for place in places)),
        topics=tuple(key for key in shown.topics if concepts.is_key(key)),
        objectives=tuple(shown.objectives),
        targets=tuple(shown.targets),
        stage=shown.stage,
        cost=shown.cost,
        evidence=str(shown.evidence),
        on=practice.published_at.date() if practice.published_at else None,
    )


def _body(texts: dict[str, str]) -> str:
    return "\n".join(str(texts[name]) for name in _IN_BODY if texts.get(name))
