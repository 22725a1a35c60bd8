"""What of peers can be found by search: what bodies offer and need. What persons say is never in the index."""

from collections.abc import Iterable, Sequence

from django.utils import timezone

from koinon.base.languages import without_language
from koinon.peers.actions.known import FOUND
from koinon.peers.models import Entry
from koinon.search import sources
from koinon.search.documents import Document, Text


def join_in() -> None:
    """Register with the search."""
    sources.register(sources.Source(FOUND, _keys, documents))


def _keys() -> Iterable[str]:
    return iter(Entry.objects.public().values_list("code", flat=True).iterator())


def documents(keys: Sequence[str]) -> Iterable[Document]:
    """Open entries of bodies; one query for all of them."""
    for entry in Entry.objects.public().filter(code__in=list(keys)).with_owners():
        body = f"{entry.text}\n{entry.call_title}\n{entry.organisation.name if entry.organisation else ''}".strip()
        yield Document(
            type=FOUND,
            key=entry.code,
            address=without_language(entry.get_absolute_url()),
            texts=(Text(entry.language, entry.title, body),),
            countries=(entry.country,) if entry.country else (),
            places=(entry.place.code,) if entry.place is not None else (),
            topics=tuple(entry.topics),
            on=timezone.localdate(entry.changed_at),
        )
