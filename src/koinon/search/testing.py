"""An index for tests: made at once, in the same thread, of what the sources give."""

import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.test import override_settings

from koinon.search import indexer, shelf
from koinon.search.documents import Document, Text
from koinon.search.service import reader
from koinon.search.sources import Source, register, sources


def make_document(
    key: str, title: str, body: str = "", *, type: str = "thing", language: str = "en", **more: object
) -> Document:
    """A thing that can be found; `more` as in `Document`."""
    text = Text(language, title, body)
    return Document(type, key, f"/things/{key}/", (text,), **more)  # type: ignore[arg-type]


@contextmanager
def house(folder: Path, *, encoder: str = "off") -> Iterator[None]:
    """A data folder of its own for the index, without the meaning unless asked for."""
    with override_settings(DATA=folder, ENCODER=encoder, MEANING_THREAD=False):
        reader.forget()
        try:
            yield
        finally:
            reader.forget()


@contextmanager
def things(*documents: Document) -> Iterator[dict[str, Document]]:
    """A source of these and nothing else. What is put into the dictionary is there from then on."""
    there = {document.key: document for document in documents}
    kept = dict(sources)
    sources.clear()

    def load(keys: Sequence[str]) -> Iterable[Document]:
        return [there[key] for key in keys if key in there]

    for type in {document.type for document in documents} or {"thing"}:
        of_type = type
        register(
            Source(
                of_type,
                keys=lambda of_type=of_type: [k for k, d in there.items() if d.type == of_type],  # type: ignore[misc]
                load=lambda keys, of_type=of_type: [d for d in load(keys) if d.type == of_type],  # type: ignore[misc]
            )
        )
    try:
        yield there
    finally:
        sources.clear()
        sources.update(kept)


def build() -> int:
    """Make the index of all sources anew, now."""
    with shelf.writing() as mine:
        assert mine
        return indexer.rebuild()


def tear_down() -> None:
    """Throw the index of the data folder away, for who has built one in it."""
    reader.forget()
    shutil.rmtree(shelf.root(), ignore_errors=True)


def catch_up() -> int:
    """Take in what changed, now."""
    with shelf.writing() as mine:
        assert mine
        writing = indexer.Writing(shelf.current())
        try:
            return writing.catch_up()
        finally:
            writing.close()


def until(what: object, seconds: float = 10.0) -> float:
    """Wait until `what()` is true; how long it took."""
    start = time.monotonic()
    while not what():  # type: ignore[operator]
        assert time.monotonic() - start < seconds, "it did not come"
        time.sleep(0.02)
    return time.monotonic() - start
