"""The index follows the database, is made anew when it cannot be trusted, and nothing half made is ever read."""

import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from koinon.search import bridges, indexer, service, shelf
from koinon.search.changes import touch
from koinon.search.documents import Document
from koinon.search.engine import VERSION, Broken
from koinon.search.models import Change
from koinon.search.sources import Source, register, sources
from koinon.search.testing import build, catch_up, house, make_document, things

pytestmark = pytest.mark.django_db


@pytest.fixture
def there(tmp_path: Path, db: None) -> Iterator[dict[str, Document]]:
    Change.objects.all().delete()
    with house(tmp_path), things(make_document("one", "First"), make_document("two", "Second")) as there:
        build()
        yield there


def found(query: str) -> list[str]:
    return [hit.document.key for hit in service.search(query).hits]


def is_in_it(key: str) -> bool:
    return service.document("thing", key) is not None


def test_what_was_touched_is_read_again(there: dict[str, Document]) -> None:
    there["three"] = make_document("three", "Third")
    there["one"] = make_document("one", "Changed")
    del there["two"]
    touch("thing", "one", "two", "three")

    assert catch_up() == 3

    assert (found("third"), found("changed"), found("second"), found("first")) == (["three"], ["one"], [], [])
    assert service.state()["lag"] == 0


def test_what_was_not_committed_is_not_there(there: dict[str, Document]) -> None:
    with transaction.atomic():
        touch("thing", "one")
        transaction.set_rollback(True)

    assert Change.objects.count() == 0


def test_a_change_with_a_lower_number_that_comes_late_is_taken_in(there: dict[str, Document]) -> None:
    touch("thing", "one")
    late = Change.objects.get()
    touch("thing", "two")
    Change.objects.filter(pk=late.pk).delete()
    with shelf.writing():
        writing = indexer.Writing(shelf.current())
        writing.catch_up()
        there["one"] = make_document("one", "Late")
        late.save(force_insert=True)

        assert writing.catch_up() == 1
        assert found("late") == ["one"]
        assert writing.catch_up() == 0
        writing.close()


def test_what_is_new_is_found_while_a_large_import_is_still_taken_in(
    there: dict[str, Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer, "AT_ONCE", 10)
    rows = [make_document(f"row-{number:03}", f"Imported row{number:03}") for number in range(100)]
    there.update({row.key: row for row in rows})
    touch("thing", *(row.key for row in rows))
    bites: list[list[str]] = []
    findable: list[list[str]] = []
    load = sources["thing"].load

    def watched(keys: Sequence[str]) -> Iterable[Document]:
        bites.append(list(keys))
        if len(bites) == 3:
            there["new"] = make_document("new", "Written meanwhile")
            touch("thing", "new")
        findable.append([key for key in ("new", "row-099", "row-000") if is_in_it(key)])
        return load(keys)

    register(replace(sources["thing"], load=watched))

    assert catch_up() == 101

    # The last rows of the import first, then what came while it was at work, and the first rows last.
    assert bites[0] == [f"row-{number:03}" for number in range(99, 89, -1)]
    assert bites[3] == ["new"]
    assert findable[4] == ["new", "row-099"]
    assert "row-000" not in findable[-1]
    assert bites[-1][-1] == "row-000"
    assert is_in_it("row-000")
    assert service.state()["lag"] == 0
    assert sorted(key for bite in bites for key in bite) == sorted(["new", *(row.key for row in rows)])


def test_what_was_cut_off_in_the_middle_of_an_import_is_taken_in_by_the_next(
    there: dict[str, Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer, "AT_ONCE", 10)
    rows = [make_document(f"row-{number:03}", f"Imported row{number:03}") for number in range(30)]
    there.update({row.key: row for row in rows})
    touch("thing", *(row.key for row in rows))
    with shelf.writing():
        writing = indexer.Writing(shelf.current())
        looks = iter([False, True])
        assert 0 < writing.catch_up(lambda: next(looks)) < 30
        assert is_in_it("row-029")
        assert not is_in_it("row-000")
        # It is gone, and with it what only it knew.
        del writing
    touch("thing", "one")

    catch_up()

    assert all(is_in_it(row.key) for row in rows)
    assert service.state()["lag"] == 0


def test_a_late_number_beneath_an_import_is_taken_in(
    there: dict[str, Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer, "AT_ONCE", 5)
    touch("thing", "one", "two", *(f"none-{number}" for number in range(30)))
    late = Change.objects.order_by("pk")[7]
    Change.objects.filter(pk=late.pk).delete()
    with shelf.writing():
        writing = indexer.Writing(shelf.current())
        assert writing.catch_up() == 31
        there[late.key] = make_document(late.key, "Late")
        late.save(force_insert=True)

        assert writing.catch_up() == 1
        assert found("late") == [late.key]
        assert writing.catch_up() == 0
        writing.close()


def test_those_who_listen_hear_of_each_thing_of_an_import_once(
    there: dict[str, Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer, "AT_ONCE", 10)
    there.update(
        {f"row{number}": make_document(f"row{number}", f"Imported row{number}") for number in range(35)}
    )
    touch("thing", *there)
    told: list[str] = []

    def listen(documents: Any, gone: Any) -> None:
        # Whoever hears of it can find it.
        assert len(documents) <= 10
        assert all(is_in_it(document.key) for document in documents)
        told.extend(document.key for document in documents if document.key not in {"one", "two"})

    bridges.listeners.append(listen)
    try:
        catch_up()
    finally:
        bridges.listeners.remove(listen)

    assert sorted(told) == sorted(set(there) - {"one", "two"})


def test_one_thing_that_breaks_does_not_stop_the_others(there: dict[str, Document]) -> None:
    def load(keys: Any) -> list[Document]:
        if "bad" in keys:
            raise ValueError("cannot be read")
        return [make_document(key, f"Good {key}", type="frail") for key in keys]

    register(Source("frail", keys=lambda: ["a", "bad", "b"], load=load))

    build()

    assert sorted(found("good")) == ["a", "b"]


def test_what_is_there_and_not_in_the_index_is_noticed(there: dict[str, Document]) -> None:
    there["three"] = make_document("three", "Third")
    del there["one"]
    with shelf.writing():
        writing = indexer.Writing(shelf.current())

        assert writing.reconcile() == 2
        writing.close()

    assert (found("third"), found("first")) == (["three"], [])


def _garble(folder: Path) -> None:
    for file in folder.glob("*.store"):
        content = bytearray(file.read_bytes())
        content[len(content) // 3] ^= 0xFF
        file.write_bytes(content)


def _cut(folder: Path) -> None:
    for file in folder.glob("*.idx"):
        file.write_bytes(file.read_bytes()[:20])


def _older(folder: Path) -> None:
    state = json.loads((folder / "state.json").read_text())
    (folder / "state.json").write_text(json.dumps(state | {"version": 0}))


def _long_ago(folder: Path) -> None:
    state = shelf.read_state(folder)
    shelf.write_state(folder, replace(state, looked=time.time() - 3 * 24 * 3600))


def _ahead(folder: Path) -> None:
    Change.objects.create(type="thing", key="one", at=timezone.now())
    shelf.write_state(folder, replace(shelf.read_state(folder), change=10**9))


DAMAGE: list[Callable[[Path], object]] = [
    _garble,
    _cut,
    _older,
    _long_ago,
    _ahead,
    shutil.rmtree,
    lambda folder: (folder / "meta.json").unlink(),
    lambda folder: (folder / "meta.json").write_text("{"),
    lambda folder: (folder / "state.json").unlink(),
    lambda folder: (folder.parent / "current").unlink(),
    lambda folder: (folder.parent / "current").write_text("../../etc"),
    lambda folder: (folder.parent / "current").write_bytes(b"\xff\xfe"),
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_cannot_be_trusted_is_made_anew(
    there: dict[str, Document], damage: Callable[[Path], object]
) -> None:
    before = shelf.current()
    there["new"] = make_document("new", "New since")
    damage(before)
    service.reader.forget()

    with shelf.writing():
        indexer.Indexer()._open().close()

    assert found("new") == ["new"]
    assert shelf.current() != before
    shelf.verify(shelf.current())
    assert [folder.name for folder in shelf.root().glob("g-*")] == [shelf.current().name]


@pytest.mark.parametrize("ending", ["store", "idx", "term", "fast", "fieldnorm"])
def test_one_changed_byte_is_seen(there: dict[str, Document], ending: str) -> None:
    shelf.verify(shelf.current())
    (file,) = shelf.current().glob(f"*.{ending}")
    content = bytearray(file.read_bytes())
    content[0] ^= 1
    file.write_bytes(content)

    with pytest.raises(Broken):
        shelf.verify(shelf.current())


def test_a_sound_index_is_kept(there: dict[str, Document]) -> None:
    before = shelf.current()

    with shelf.writing():
        indexer.Indexer()._open().close()

    assert shelf.current() == before


def test_while_there_is_none_it_is_said(there: dict[str, Document]) -> None:
    (shelf.root() / "current").unlink()
    service.reader.forget()

    with pytest.raises(service.NoIndex):
        service.search("first")
    assert service.state()["version"] is None


def test_only_one_writes(there: dict[str, Document]) -> None:
    with shelf.writing() as mine, shelf.writing() as other:
        assert (mine, other) == (True, False)
    with shelf.writing() as again:
        assert again


def test_what_is_half_made_is_said_and_swept(there: dict[str, Document]) -> None:
    half = shelf.new_folder()
    assert service.state()["rebuilding"] is True
    assert found("first") == ["one"]

    shelf.sweep()

    assert not half.exists()
    assert service.state() == {"version": VERSION, "documents": 2, "lag": 0.0, "rebuilding": False, "why": ""}


def test_it_is_made_anew_while_people_search(there: dict[str, Document]) -> None:
    engine = service.reader.engine()
    before = shelf.current()
    there["three"] = make_document("three", "Third")

    build()

    # Who still reads the old one is not disturbed, though its folder is gone.
    assert not before.exists()
    assert engine.search(["first"]).total == 1
    assert found("third") == ["three"]


def test_those_who_listen_are_told_after_the_commit(there: dict[str, Document]) -> None:
    told: list[Any] = []

    def listen(documents: Any, gone: Any) -> None:
        told.append(([document.key for document in documents], list(gone)))

    bridges.listeners.append(listen)
    try:
        del there["two"]
        touch("thing", "one", "two")
        catch_up()
    finally:
        bridges.listeners.remove(listen)

    assert told == [(["one"], [("thing", "two")])]


def test_changes_are_forgotten_after_two_days(db: None) -> None:
    Change.objects.all().delete()
    touch("thing", "new")
    Change.objects.create(type="thing", key="old", at=timezone.now() - timedelta(days=3))

    Change.objects.forgettable().delete()

    assert list(Change.objects.values_list("key", flat=True)) == ["new"]
