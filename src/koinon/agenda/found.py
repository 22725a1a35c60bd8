"""What of the agenda can be found by search: sessions that are announced to everybody. Names of speakers are left to their page."""

from collections.abc import Iterable, Sequence

from koinon.agenda.models import Session
from koinon.agenda.outline import plain
from koinon.base.languages import without_language
from koinon.search import sources
from koinon.search.changes import touch
from koinon.search.documents import Document, Text

TYPE = "session"


def join_in() -> None:
    """Register with the search."""
    sources.register(sources.Source(TYPE, _keys, documents))


def changed(session: Session) -> None:
    """This session was announced, changed or taken away. Call it in the transaction of the deed."""
    touch(TYPE, session.code)


def _keys() -> Iterable[str]:
    return Session.objects.public().values_list("code", flat=True).iterator()


def documents(codes: Sequence[str]) -> Iterable[Document]:
    """Public sessions with their programme and places; three queries more for all of them."""
    rows = Session.objects.public().filter(code__in=codes).select_related("organiser")
    for row in rows.prefetch_related("places", "segments"):
        places = list(row.places.all())
        countries = dict.fromkeys(place.country for place in places if place.country)
        yield Document(
            type=TYPE,
            key=row.code,
            address=without_language(row.get_absolute_url()),
            texts=(Text(row.language, row.title, _body(row)),),
            countries=tuple(countries),
            places=tuple(place.code for place in places),
            on=row.day,
        )


def _body(row: Session) -> str:
    parts = [part for segment in row.segments.all() for part in (segment.title, segment.text) if part]
    lines = [row.lead, plain(row.outline), row.theme, *parts, row.organiser_name, row.code]
    return "\n".join(line for line in lines if line)
