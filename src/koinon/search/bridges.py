"""What upper floors and neighbours put into the search, which imports none of them."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from koinon.search.documents import Document

Concepts = Callable[[str], frozenset[str]]
Listener = Callable[[Sequence[Document], Sequence[tuple[str, str]]], None]

_concepts: list[Concepts] = []
listeners: list[Listener] = []
"""Told by the indexer after each commit of the index: the documents that are new or changed, and the things that are gone."""


def register_concepts(finder: Concepts) -> None:
    """Put in what finds the concepts of the field in a text of any language."""
    _concepts[:] = [finder]


def concepts_of(document: Document) -> frozenset[str]:
    """The concepts that the texts of a thing speak of."""
    found: frozenset[str] = frozenset()
    for text in document.texts:
        found |= concepts_in(f"{text.title}\n{text.body}")
    return found


def concepts_in(text: str) -> frozenset[str]:
    """The concepts that a text speaks of; none where nobody has put in a finder, or where it fails."""
    for finder in _concepts:
        with suppress(Exception):
            return finder(text)
    return frozenset()
