"""What of spaces can be found by search: open ones, with the titles of their threads. A closed one is never in the index."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from koinon.base.languages import without_language
from koinon.search import sources
from koinon.search.documents import Document, Text
from koinon.spaces.actions.known import FOUND
from koinon.spaces.models import Post, Space, Thread

TITLES = 50


def join_in() -> None:
    """Register with the search."""
    sources.register(sources.Source(FOUND, _keys, documents))


def _keys() -> Iterable[str]:
    return iter(Space.objects.public().values_list("code", flat=True).iterator())


def documents(keys: Sequence[str]) -> Iterable[Document]:
    """Open spaces; two queries for all of them. A thread of which nothing stands, or whose title was taken off, is left out."""
    spaces = list(Space.objects.public().filter(code__in=list(keys)).with_owner())
    titles: dict[int, list[str]] = defaultdict(list)
    standing = Post.objects.standing().values("thread")
    read = Thread.objects.filter(space__in=spaces, pk__in=standing, title_removed_at__isnull=True)
    threads = read.latest_first()
    for owner, title in threads.values_list("space", "title"):
        if len(titles[owner]) < TITLES:
            titles[owner].append(title)
    for space in spaces:
        country = space.place.country if space.place is not None else space.organisation.country
        body = "\n".join([space.purpose, *titles[space.pk], space.organisation.name])
        yield Document(
            type=FOUND,
            key=space.code,
            address=without_language(space.get_absolute_url()),
            texts=(Text(space.language, space.name, body),),
            countries=(country,) if country else (),
            places=(space.place.code,) if space.place is not None else (),
            topics=tuple(space.topics),
            on=space.changed_at.date(),
        )
