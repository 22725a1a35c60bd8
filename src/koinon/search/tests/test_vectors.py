"""Every text gets its vector once, in the background; what was made is kept, what is gone is forgotten."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from django.test import override_settings
from django.utils import timezone

from koinon.search import bridges, encoder, ranking, spaces, vectors
from koinon.search.documents import Document, Text
from koinon.search.encoder import Away
from koinon.search.encoder.testing import Fake
from koinon.search.models import Vector
from koinon.search.spaces import Offsets, Space
from koinon.search.testing import make_document, things

pytestmark = pytest.mark.django_db

LONG = " ".join(
    f"The {number} sentence of this text says what nobody else says, and takes its time."
    for number in range(9)
)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    """An encoder that starts nothing, nothing remembered, and no thread."""
    made = Fake()
    monkeypatch.setattr(spaces, "_parallel", [])
    monkeypatch.setattr(vectors, "REST", 0.0)
    # Likeness by shared words is less than what an encoder sees.
    monkeypatch.setattr(ranking, "NEAR", -2.0)
    monkeypatch.setattr(bridges, "_concepts", [])
    encoder.use(made)
    forget()
    with override_settings(MEANING_THREAD=False):
        yield made
    encoder.use(None)
    forget()


def forget() -> None:
    vectors.store.forget()
    vectors._kept.clear()
    vectors._wished.clear()
    vectors._asked.clear()


def make_all() -> int:
    made = 0
    while some := vectors.make_some():
        made += some
    return made


def held_keys() -> list[str]:
    vectors.store.look()
    space = vectors.store.held()
    assert space is not None
    return sorted(thing[1] for thing, _language in space.texts)


def test_a_short_text_is_one_passage_and_a_long_one_has_pieces_of_whole_sentences() -> None:
    assert vectors.parts(Text("en", "Title", "One sentence.")) == ["Title. One sentence"]
    assert vectors.parts(Text("en", "", "")) == []

    whole, *pieces = vectors.parts(Text("en", "Title", LONG))

    assert whole.startswith("Title. The 0 sentence")
    assert 2 <= len(pieces) <= vectors.MOST_PIECES
    assert all(piece.startswith("The ") and piece.endswith("time.") for piece in pieces)


def test_what_is_new_waits_and_is_made_in_the_background(fake: Fake) -> None:
    documents = [make_document("one", "First", LONG), make_document("two", "Second")]
    with things(*documents):
        vectors.take(documents)
        assert fake.embedded == []
        assert vectors.progress().waiting == vectors.progress().all > 2
        assert held_keys() == []

        make_all()

    assert vectors.progress().made == vectors.progress().all
    assert held_keys() == ["one", "two"]


def test_no_text_is_kept_in_the_table(fake: Fake) -> None:
    with things(document := make_document("one", "Peculiar", "wonderful")):
        vectors.take([document])
        make_all()
    vectors.of_query("Peculiar")
    vectors.of_texts(["Peculiar question"], "passage", within=1, keep=True)
    vectors.make_wished()

    kept = str(list(Vector.objects.values("type", "key", "language", "model", "digest", "concepts")))

    assert "eculiar" not in kept
    assert Vector.objects.filter(type="").count() == 1


def test_the_same_text_is_never_embedded_twice(fake: Fake) -> None:
    one, two = make_document("one", "Same", "words"), make_document("two", "Same", "words")
    with things(one, two):
        vectors.take([one])
        make_all()
        vectors.take([one, two])
        make_all()

    assert fake.embedded == ["Same. words"]
    assert held_keys() == ["one", "two"]


def test_a_changed_text_is_made_anew_and_what_is_gone_is_forgotten(fake: Fake) -> None:
    one, two = make_document("one", "First"), make_document("two", "Second")
    with things(one, two) as there:
        vectors.take([one, two])
        make_all()
        assert held_keys() == ["one", "two"]
        changed = there["one"] = make_document("one", "Changed")

        vectors.take([changed], [("thing", "two")])

        assert held_keys() == []
        make_all()
    assert fake.embedded == ["First", "Second", "Changed"]
    assert held_keys() == ["one"]
    Vector.objects.update(changed_at=timezone.now() - timedelta(days=3))
    vectors._settle()
    assert [row.key for row in Vector.objects.all()] == ["one"]


def test_who_is_killed_goes_on_where_it_was(fake: Fake) -> None:
    documents = [make_document(str(number), f"Title {number}") for number in range(6)]
    with things(*documents):
        vectors.take(documents)
        vectors.make_some(4)
        # Another process begins with nothing but the database.
        forget()
        again = Fake()
        encoder.use(again)

        make_all()

    assert len(fake.embedded) == 4
    assert len(again.embedded) == 2
    assert not set(fake.embedded) & set(again.embedded)
    assert held_keys() == [str(number) for number in range(6)]


def test_where_the_encoder_is_away_everything_waits(fake: Fake) -> None:
    with things(document := make_document("one", "First")):
        vectors.take([document])
        fake.is_away = True
        for _ in range(5):
            with pytest.raises(Away):
                vectors.make_some()
        fake.is_away = False

        assert make_all() == 1


def test_a_text_that_cannot_be_embedded_holds_up_no_other(fake: Fake) -> None:
    fake.poison = "Poison"
    documents = [make_document("bad", "Poison", on=date(2026, 1, 2)), make_document("good", "Well")]
    with things(*documents):
        vectors.take(documents)
        for _ in range(4):
            vectors.make_some(1)

    assert held_keys() == ["good"]
    assert vectors.progress().refused == 1
    assert vectors.progress().waiting == 0


def test_the_most_asked_for_come_first_then_the_newest_whole_texts_before_pieces(fake: Fake) -> None:
    documents = [
        make_document("old", "Old", LONG, on=date(2020, 1, 1)),
        make_document("new", "New", LONG, on=date(2026, 1, 1)),
        make_document("asked", "Asked", on=date(2019, 1, 1)),
    ]
    with things(*documents):
        vectors.take(documents)
        vectors.asked([("thing", "asked"), ("thing", "asked")])

        vectors.make_some(4)

    assert [text[:3] for text in fake.embedded] == ["Ask", "New", "Old", "The"]


def test_no_more_is_held_than_the_settings_say(fake: Fake) -> None:
    documents = [make_document(str(year), f"Of {year}", on=date(year, 1, 1)) for year in range(2015, 2025)]
    with things(*documents), override_settings(MEANING_MOST=4):
        vectors.take(documents)
        vectors._settle()
        make_all()

        assert held_keys() == ["2021", "2022", "2023", "2024"]
        assert Vector.objects.filter(gone=False).count() == 4


def test_the_matrix_is_not_made_anew_all_the_time(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "REST", 1e6)
    documents = [make_document("one", "First"), make_document("two", "Second")]
    with things(*documents):
        vectors.take(documents)
        vectors.make_some(1)
        assert held_keys() == ["one"]
        vectors.make_some(1)

        assert held_keys() == ["one"]

        vectors.store._not_before = 0.0
        assert held_keys() == ["one", "two"]


def test_another_encoder_makes_everything_anew(fake: Fake) -> None:
    with things(document := make_document("one", "First")):
        vectors.take([document])
        make_all()
        other = Fake("fake-2")
        encoder.use(other)
        assert held_keys() == []

        vectors._settle()
        make_all()

    assert other.embedded == ["First"]
    assert held_keys() == ["one"]
    assert Vector.objects.count() == 1


def test_what_was_never_taken_is_found_at_the_start(fake: Fake) -> None:
    documents = [make_document("one", "First"), make_document("two", "Second")]
    with things(*documents):
        vectors.take(documents[:1])

        vectors.take_missing()

    assert sorted(Vector.objects.values_list("key", flat=True)) == ["one", "two"]


def test_what_was_typed_before_is_not_embedded_again(fake: Fake) -> None:
    first = vectors.of_query("some words")

    assert (vectors.of_query("  some   words ") == first).all()

    assert fake.embedded == ["some words"]


def test_texts_for_which_there_is_no_time_are_made_in_the_background(fake: Fake) -> None:
    fake.takes = 0.1
    texts = [f"question {number}" for number in range(6)]
    began = time.monotonic()

    rows = vectors.of_texts(texts, "passage", within=0.25, keep=True)

    assert time.monotonic() - began < 0.6
    assert 0 < np.isnan(rows[:, 0]).sum() < 6
    vectors.make_wished()
    vectors._kept.clear()
    fake.is_away = True
    assert not np.isnan(vectors.of_texts(texts, "passage", within=0.25, keep=True)).any()
    assert np.isnan(vectors.of_texts(texts, "query", within=0.25)).all()


def test_nothing_of_a_text_is_written_unless_it_is_public(fake: Fake) -> None:
    asked, other = "who nobody may know asked", "what was never released"
    marks = {
        vectors.digest(fake.model, kind, text) for kind in ("query", "passage") for text in (asked, other)
    }
    vectors.of_query(asked)
    ranking.alike(asked, [other, "nothing else"])
    fake.is_away = True
    ranking.alike(asked, [other, "not made in time"])
    fake.is_away = False
    assert vectors._wished == {}
    while vectors.make_wished():
        pass
    assert not Vector.objects.exists()

    ranking.alike(asked, ["a public question", "and another"], keep=True)
    vectors.make_wished()

    kept = set(Vector.objects.values_list("digest", flat=True))
    assert len(kept) == 2
    assert marks.isdisjoint(kept)


def test_what_was_typed_is_forgotten_after_some_minutes(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(vectors, "monotonic", lambda: now[0])
    vectors.of_query("first words")
    now[0] += vectors.KEPT_FOR - 1
    vectors.of_query("first words")
    vectors.of_query("second words")
    assert fake.embedded == ["first words", "second words"]
    vectors.forget(["second words"], "query")
    assert len(vectors._kept) == 1

    now[0] += vectors.KEPT_FOR + 1
    vectors.forget_old()

    assert vectors._kept == {}


def test_texts_of_no_thing_are_not_kept_for_ever(fake: Fake) -> None:
    vectors.of_texts(["A published question"], "passage", within=1, keep=True)
    vectors.make_wished()
    vectors._settle()
    assert Vector.objects.count() == 1
    Vector.objects.update(changed_at=timezone.now() - vectors.LOOSE_FOR - timedelta(days=1))

    vectors._settle()

    assert Vector.objects.count() == 0


def test_how_far_languages_lie_off_is_learnt_from_texts_that_say_the_same(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = {
        "en": {"a": "youth", "b": "housing"},
        "de": {"a": "Jugend", "b": "Wohnen"},
        "fr": {"b": "logement"},
    }
    spaces.register_parallel(lambda: labels)
    assert spaces.parallel() == {"de": ["Wohnen"], "en": ["housing"], "fr": ["logement"]}
    vectors.take([make_document("one", "First", language="en")])
    assert not vectors.make_wished()
    assert not vectors.store.knows_languages

    # While all there is speaks one language, nothing is learnt: it would be the same for all.
    vectors.take([make_document("two", "Zweites", language="de")])
    while vectors.make_wished():
        pass
    vectors.store.look()

    assert vectors.store.knows_languages
    assert set(vectors.store.offsets.off) == {"de", "en", "fr"}
    assert sorted(fake.embedded) == ["Wohnen", "housing", "logement"]


def test_a_thread_makes_them_and_ends_when_it_is_told(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[str] = []

    def make_some() -> int:
        rounds.append("make")
        return 0

    monkeypatch.setattr(vectors, "take_missing", lambda: rounds.append("missing"))
    monkeypatch.setattr(vectors, "_settle", lambda: rounds.append("settle"))
    monkeypatch.setattr(vectors.store, "look", lambda: rounds.append("look"))
    monkeypatch.setattr(vectors, "make_wished", lambda: 0)
    monkeypatch.setattr(vectors, "make_some", make_some)
    keeper = vectors.Keeper()
    with override_settings(MEANING_THREAD=True):
        keeper.start(makes=True)
        end = time.monotonic() + 5
        while "make" not in rounds and time.monotonic() < end:
            time.sleep(0.01)
        thread = keeper._thread

        keeper.stop()

    assert rounds[:4] == ["missing", "settle", "look", "make"]
    assert thread is not None
    assert not thread.is_alive()


# The space itself.


def bent(rows: list[list[float]], languages: list[str], add: dict[str, list[float]]) -> np.ndarray:
    """Rows of length one, to each of which its language adds something."""
    made = np.array(rows, np.float32) + np.array([add[language] for language in languages], np.float32)
    return np.asarray(spaces.unit(made), np.float32)


ADD = {"en": [0.0, 0.0, 0.0, 3.0], "de": [0.0, 0.0, 3.0, 0.0]}


def test_what_a_language_adds_hides_what_is_said_until_it_is_taken_away() -> None:
    # Three things in German, three in English; the first of each says what is asked for in English.
    says = [[1.0, 0.1, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [-1.0, -1.0, 0.0, 0.0]]
    places = [("thing", f"{language}{n}", language, 0) for language in ("de", "en") for n in range(3)]
    languages = [place[2] for place in places]
    rows = bent(
        [[-1.0, 0.0, 0.0, 0.0] if p[1] == "en0" else says[int(p[1][2])] for p in places], languages, ADD
    )
    asked = bent([[1, 0, 0, 0]], ["en"], ADD)[0]
    both = {
        language: bent([[1, 0, 0, 0], [0, 1, 0, 0], [-1, -1, 0, 0]], [language] * 3, ADD) for language in ADD
    }
    assert int(np.argmax(rows @ asked)) != 0, "the encoder's own cosines prefer the language"

    space = Space(places, rows.copy(), {}, Offsets.of(both), 1)
    scores = space._near(space.offsets.without(asked, "en"))

    assert space.texts[int(np.argmax(scores))] == (("thing", "de0"), "de")


def test_the_same_question_is_the_same_in_every_language() -> None:
    both = {
        language: bent([[1, 0, 0, 0], [0, 1, 0, 0], [-1, -1, 0, 0]], [language] * 3, ADD) for language in ADD
    }
    offsets = Offsets.of(both)
    english, german = bent([[1, 0, 0, 0]], ["en"], ADD)[0], bent([[1, 0, 0, 0]], ["de"], ADD)[0]

    moved = offsets.without(english, "en") @ offsets.without(german, "de")

    assert english @ german < 0.2
    assert moved > 0.99
    assert (Offsets().without(english, "en") == english).all()


def test_within_a_language_the_vectors_as_they_are_count_too() -> None:
    places = [("thing", str(n), "en", 0) for n in range(3)]
    rows = np.asarray(spaces.unit(np.array([[1, 0.2, 0], [0.3, 1, 0], [0, 0, 1]], np.float32)))
    asked = np.array([1, 0, 0], np.float32)
    plain = Space(places, rows.copy(), {}, Offsets(), 1)

    near, scores = plain._near(asked), plain.scores(asked, "en")

    assert np.allclose(scores - near, rows @ asked - (rows @ asked).mean() - 0.04, atol=1e-5)
    assert np.allclose(plain.scores(asked, "de"), near)


def test_a_rare_concept_says_more_than_a_common_one() -> None:
    places = [("thing", str(n), "en", 0) for n in range(6)]
    rows = np.eye(6, dtype=np.float32)
    said = {("thing", str(n)): frozenset({"common"}) for n in range(5)}
    said[("thing", "5")] = frozenset({"rare"})
    space = Space(places, rows, said, Offsets(), 1)

    shared = space._shared(frozenset({"common", "rare", "unheard"}))

    assert shared[5] > shared[0] == shared[4] > 0


def test_a_piece_that_fits_lifts_its_text() -> None:
    places = [
        ("thing", "a", "en", 0),
        ("thing", "b", "en", 0),
        ("thing", "b", "en", 1),
        ("thing", "b", "en", 2),
    ]
    rows = np.array([[0.6, 0.8], [0.6, 0.8], [1, 0], [0, 1]], np.float32)
    space = Space(places, rows, {}, Offsets(), 1)

    near = space._near(space._matrix[2])

    assert near[1] > near[0]


def test_a_piece_without_its_text_is_left_aside() -> None:
    places = [("thing", "a", "en", 0), ("thing", "b", "en", 1)]
    space = Space(places, np.eye(2, dtype=np.float32), {}, Offsets(), 1)

    assert [text[0] for text in space.texts] == [("thing", "a")]
    assert space._near(np.array([1, 0], np.float32)).shape == (1,)


def test_documents_in_several_languages_are_several_texts_of_one_thing(fake: Fake) -> None:
    document = Document(
        "thing", "both", "/things/both/", (Text("en", "Youth work", ""), Text("de", "Jugendarbeit", ""))
    )
    with things(document):
        vectors.take([document])
        make_all()
        vectors.take([replace(document, texts=document.texts[:1])])

    assert held_keys() == ["both"]
