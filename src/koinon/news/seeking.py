"""Whether one new thing fits a search that somebody follows, without the index: nothing is missed because that lags behind.

All words must stand in one of its texts (in another form of the word too), or the search and the thing speak of the same
concept of the field, which holds across languages; and it passes the filters.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from koinon.base.text import fold
from koinon.journal import versions
from koinon.journal.fresh import Fresh
from koinon.places.models import Place
from koinon.search import bridges
from koinon.search.documents import Document
from koinon.search.sources import sources

_FIELDS = {"country": "countries", "topic": "topics", "objective": "objectives", "target": "targets"}
_SINGLE = ("type", "stage", "cost", "evidence")


class Seeker:
    """A search, asked of one thing at a time."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        from koinon.search.engine import stem_of, words_of

        self.filters: dict[str, set[str]] = {}
        said = ""
        for name, value in pairs:
            if name == "q":
                said = value
            else:
                self.filters.setdefault(name, set()).add(value)
        self.stems = [stem_of(word) for word in words_of(said)]
        self.concepts = bridges.concepts_in(said) if self.stems else frozenset()
        self.places: set[str] = set()
        for key in self.filters.pop("place", set()):
            if (place := Place.objects.find(key)) is not None:
                self.places |= {place.code, *place.ancestor_codes()}

    def fits(self, item: Fresh) -> bool:
        document = document_of(item)
        return document is not None and self._passes(document) and self._speaks(document, item)

    def _passes(self, document: Document) -> bool:
        for name, wanted in self.filters.items():
            if name == "language":
                if not wanted & {text.language for text in document.texts}:
                    return False
                continue
            there = (
                {str(getattr(document, name))}
                if name in _SINGLE
                else set(map(str, getattr(document, _FIELDS.get(name, ""), ())))
            )
            if not wanted & there:
                return False
        return not self.places or bool(self.places & set(document.places))

    def _speaks(self, document: Document, item: Fresh) -> bool:
        if not self.stems:
            return True
        for words in _words(item.found or ("", ""), versions.known()):
            if all(any(word.startswith(stem) for word in words) for stem in self.stems):
                return True
        return bool(self.concepts and self.concepts <= bridges.concepts_of(document))


def document_of(item: Fresh) -> Document | None:
    """A thing as the search would keep it, as everybody may read it now."""
    return _document(item.found, versions.known()) if item.found else None


@lru_cache(maxsize=2000)
def _document(found: tuple[str, str], version: int) -> Document | None:
    type, key = found
    source = sources.get(type)
    return next(iter(source.load([key])), None) if source is not None else None


@lru_cache(maxsize=2000)
def _words(found: tuple[str, str], version: int) -> tuple[frozenset[str], ...]:
    document = _document(found, version)
    return tuple(map(_folded, document.texts)) if document is not None else ()


def _folded(text: object) -> frozenset[str]:
    title, body = getattr(text, "title", ""), getattr(text, "body", "")
    return frozenset(fold(f"{title}\n{body}").split())


def forget() -> None:
    """Ask anew the next time (for tests)."""
    _document.cache_clear()
    _words.cache_clear()


def types() -> Iterable[str]:
    return sources
