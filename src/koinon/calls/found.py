"""What of the calls can be found by search: those that everybody may read."""

from collections.abc import Iterable, Sequence

from koinon.base.languages import without_language
from koinon.calls.models import Call
from koinon.search import sources
from koinon.search.changes import touch
from koinon.search.documents import Document, Text

TYPE = "call"


def join_in() -> None:
    """Register with the search."""
    sources.register(sources.Source(TYPE, _keys, documents))


def changed(call: Call) -> None:
    """This call was published, changed or taken away. Call it in the transaction of the deed."""
    touch(TYPE, call.slug)


def _keys() -> Iterable[str]:
    return Call.objects.public().values_list("slug", flat=True).iterator()


def documents(slugs: Sequence[str]) -> Iterable[Document]:
    """Public calls with their places; two queries more for all of them."""
    rows = Call.objects.public().filter(slug__in=slugs).select_related("opener")
    for row in rows.prefetch_related("places", "cutoffs"):
        places = list(row.places.all())
        countries = dict.fromkeys(place.country for place in places if place.country)
        dates = row.dates
        lines = [row.summary, row.text, row.who_text, row.places_says, row.opener_name]
        yield Document(
            type=TYPE,
            key=row.slug,
            address=without_language(row.get_absolute_url()),
            texts=(Text(row.language, row.title, "\n".join(line for line in lines if line)),),
            countries=tuple(countries),
            places=tuple(place.code for place in places),
            topics=tuple(row.topics),
            objectives=tuple(row.objectives),
            on=dates[-1].day if dates else None,
        )
