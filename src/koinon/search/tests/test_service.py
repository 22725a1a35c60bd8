"""What the search says and does as a whole: with the encoder and without it, and where its index is harmed while it runs."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from koinon.search import encoder, indexer, service, shelf, vectors
from koinon.search.documents import Document
from koinon.search.encoder.testing import Fake
from koinon.search.testing import build, house, make_document, things
from koinon.search.tests.test_vectors import fake, make_all  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db

BAKERY = make_document("bakery", "An old bakery", "Bread and a trade.", on=date(2019, 1, 1))
GARDEN = make_document("garden", "A new garden", "Beds for all; a bakery next door.", on=date(2026, 1, 1))
BUS = make_document("bus", "A village bus", "Volunteers drive.", on=date(2025, 1, 1))
ALL = (BAKERY, GARDEN, BUS)


@pytest.fixture
def there(fake: Fake, tmp_path: Path) -> Iterator[dict[str, Document]]:  # noqa: F811
    """Three things in the index, whose vectors wait."""
    with house(tmp_path), things(*ALL) as there:
        build()
        vectors.take(ALL)
        yield there


def found(query: str) -> list[str]:
    return [hit.document.key for hit in service.search(query).hits]


def writes(asked: CaptureQueriesContext) -> list[str]:
    return [row["sql"] for row in asked if row["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def test_what_a_search_found_gets_its_vector_first_and_the_search_writes_nothing(
    fake: Fake,  # noqa: F811
    there: dict[str, Document],
) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert found("old trade") == ["bakery"]
    assert writes(asked) == []

    vectors.make_some(1)

    assert fake.embedded[-1].startswith("An old bakery")


def test_where_nothing_waits_nothing_is_written_of_what_was_asked_for(there: dict[str, Document]) -> None:
    make_all()
    found("bakery")
    assert vectors._asked

    with CaptureQueriesContext(connection) as asked:
        vectors._note_asked()

    assert writes(asked) == []
    assert not vectors._asked


def test_a_list_without_words_asks_for_nothing(there: dict[str, Document]) -> None:
    assert found("") == ["garden", "bus", "bakery"]

    assert not vectors._asked


def test_the_mode_is_what_is_true_now(fake: Fake, there: dict[str, Document]) -> None:  # noqa: F811
    said = [service.mode()]
    make_all()
    vectors.store.look()
    said.append(service.mode())
    fake.is_away = True
    said.append(service.mode())
    fake.is_away = False
    said.append(service.mode())
    # The settings of this house turn it off.
    encoder.use(None)
    said.append(service.mode())

    assert said == ["lexical", "semantic", "lexical", "semantic", "lexical"]


def test_where_the_encoder_is_away_the_words_give_the_order(
    fake: Fake,  # noqa: F811
    there: dict[str, Document],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_all()
    vectors.store.look()
    fake.is_away = True
    away = service.search("bakery")
    fake.is_away = False
    semantic = service.search("bakery")
    monkeypatch.setattr(service, "_ranking", lambda: None)
    plain = service.search("bakery")

    assert (away.mode, semantic.mode) == ("lexical", "semantic")
    assert [hit.document.key for hit in away.hits] == ["bakery", "garden"]
    assert away == plain
    assert len(semantic.hits) == 3


class Meanwhile:
    """In the place of the event that the indexer waits for: what happens while it does."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        self.steps = list(steps)

    def wait(self, seconds: float) -> None:
        self.steps.pop(0)()

    def clear(self) -> None:
        """Nobody has woken it."""


def scramble(folder: Path) -> None:
    """What is kept of the documents is other bytes; no file becomes shorter, as it does not on a bad disk."""
    for path in folder.glob("*.store"):
        with path.open("r+b") as file:
            # Behind the length that a block begins with.
            file.seek(8)
            some = file.read(path.stat().st_size // 2)
            file.seek(8)
            file.write(bytes(byte ^ 0xFF for byte in some))


@pytest.fixture
def keeper(there: dict[str, Document], monkeypatch: pytest.MonkeyPatch) -> indexer.Indexer:
    monkeypatch.setattr(indexer, "_start_meaning", lambda: None)
    # The connection is that of the test, in its transaction.
    monkeypatch.setattr(indexer, "close_old_connections", lambda: None)
    monkeypatch.setattr(service.reader, "_doubted", None)
    return indexer.Indexer()


def test_an_index_that_is_harmed_while_it_is_read_is_made_anew(
    keeper: indexer.Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shelf.current()
    service.reader.engine()
    said: list[str] = []
    doubts: list[Path] = []
    doubt = shelf.doubt

    def watched(folder: Path) -> None:
        doubts.append(folder)
        doubt(folder)

    monkeypatch.setattr(shelf, "doubt", watched)

    def harm() -> None:
        scramble(before)
        for _ in range(3):
            with pytest.raises(service.NoIndex):
                service.search("bakery")
        said.append(service.state()["why"])

    def ask() -> None:
        said.append(service.state()["why"])
        assert found("bakery")[0] == "bakery"
        keeper._stop.set()

    monkeypatch.setattr(keeper, "_wake", Meanwhile(harm, ask))
    with shelf.writing():
        keeper._write()
        keeper._write()

    assert said == ["damaged", ""]
    # However many ask, it is looked through once.
    assert doubts == [before]
    assert shelf.current() != before


def test_a_sound_index_that_somebody_doubts_is_looked_through_and_kept(
    keeper: indexer.Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shelf.current()
    monkeypatch.setattr(keeper, "_wake", Meanwhile(lambda: shelf.doubt(before), keeper._stop.set))
    with shelf.writing():
        keeper._write()
        keeper._write()

    assert shelf.current() == before
    assert found("bakery")[0] == "bakery"


def test_a_doubt_of_another_index_is_none_of_this_one(there: dict[str, Document]) -> None:
    shelf.doubt(shelf.root() / "g-older")

    assert not shelf.take_doubt(shelf.current())
    assert not (shelf.root() / shelf.DOUBT).exists()


def _older(folder: Path) -> None:
    state: dict[str, Any] = json.loads((folder / "state.json").read_text())
    (folder / "state.json").write_text(json.dumps(state | {"version": 0}))


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (lambda folder: (folder.parent / "current").unlink(), "missing"),
        (lambda folder: (folder.parent / "current").write_text("g-none"), "missing"),
        (_older, "another version"),
        (lambda folder: (folder / "state.json").write_text("{"), "damaged"),
        (lambda folder: (folder / "meta.json").write_text("{"), "damaged"),
    ],
)
def test_the_health_page_says_why_there_is_no_index(
    there: dict[str, Document], harm: Callable[[Path], object], why: str
) -> None:
    assert service.state()["why"] == ""
    harm(shelf.current())
    service.reader.forget()

    state = service.state()

    assert (state["version"], state["why"]) == (None, why)
