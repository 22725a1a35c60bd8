"""What of the news can be found by search: published items, in every language in which they are told."""

from collections.abc import Iterable, Sequence

from django.utils import timezone

from koinon.base.languages import without_language
from koinon.news.models import Item
from koinon.search import sources
from koinon.search.documents import Document, Text

TYPE = "news"


def join_in() -> None:
    """Register with the search."""
    sources.register(sources.Source(TYPE, _keys, documents))


def _keys() -> Iterable[str]:
    return Item.objects.public().values_list("slug", flat=True).iterator()


def documents(keys: Sequence[str]) -> Iterable[Document]:
    """Published items with their places and texts; three queries for all of them."""
    for row in Item.objects.public().filter(slug__in=list(keys)).prefetch_related("places", "texts"):
        places = list(row.places.all())
        texts = [Text(row.language, row.title, f"{row.lead}\n{row.text}")]
        texts += [
            Text(one.language, one.title, f"{one.lead}\n{one.text}", one.state_of(row))
            for one in row.texts.all()
        ]
        yield Document(
            type=TYPE,
            key=row.slug,
            address=without_language(row.get_absolute_url()),
            texts=tuple(texts),
            countries=tuple(dict.fromkeys(place.country for place in places if place.country)),
            places=tuple(place.code for place in places),
            topics=tuple(row.topics),
            objectives=tuple(row.objectives),
            on=timezone.localdate(row.published_at) if row.published_at else None,
        )
