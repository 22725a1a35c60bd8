"""Equal questions are suggested by their words, and decided by a person."""

import time
from collections.abc import Callable, Iterator, Sequence
from threading import Event

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from koinon.network.models import Role
from koinon.network.testing import make_visitor
from koinon.people.testing import come_in
from koinon.room import similar
from koinon.room.actions import lifecycle
from koinon.room.models import Contribution, Room
from koinon.room.similar import Likeness
from koinon.room.testing import make_contribution, make_room
from koinon.room.usual import USUAL
from koinon.search import bridges, encoder, spaces, vectors
from koinon.search.encoder.testing import Fake
from koinon.search.models import Vector
from koinon.search.testing import until

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "How will a small municipality know which centre to call?",
            "Which centre should a small municipality turn to?",
        ),
        ("Who pays for the travel to a peer visit?", "Who pays travel costs of peer visits?"),
        (
            "Is article 14 of Regulation 2021/1057 for us?",
            "L’articolo 14 del regolamento 2021/1057 vale per noi?",
        ),
        ("Is Europe paying for Interreg programmes?", "Πληρώνει η Ευρώπη τα προγράμματα Interreg;"),
    ],
)
def test_the_same_in_like_words_is_suggested(one: str, other: str) -> None:
    found = similar.likeness(one, other)

    assert found.score >= similar.LEAST
    assert found.alike
    assert found.by == "words"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("When is the next call?", "Will the slides be available?"),
        ("May a small association apply alone?", "How will a small municipality know which centre to call?"),
        ("Wer zahlt die Reise?", "Gibt es eine Liste der Ansprechstellen je Region?"),
        ("Call 2024 or 2025?", "?!"),
    ],
)
def test_what_is_not_the_same_is_not_suggested(one: str, other: str) -> None:
    assert similar.likeness(one, other).score < similar.LEAST


def test_it_says_what_is_alike_and_what_is_different() -> None:
    found = similar.likeness("Who pays the travel near a border?", "Who pays the travel?")

    assert set(found.alike) == {"pays", "travel"}
    assert set(found.different) == {"near", "border"}


def test_the_most_alike_come_first_without_those_kept_apart() -> None:
    room = make_room()
    chosen = make_contribution(room, "Who pays for the travel to a peer visit?")
    near = make_contribution(room, "Who pays travel costs of peer visits?")
    nearer = make_contribution(room, "Who pays for the travel to peer visits?")
    make_contribution(room, "When is the next call?")
    rows = list(room.contributions.prefetch_related("wordings"))

    before = [one.other for one in similar.suggestions(chosen, rows)]
    chosen.kept_apart = [nearer.pk]
    after = [one.other for one in similar.suggestions(chosen, rows)]

    assert before == [nearer, near]
    assert after == [near]


def test_a_wording_finds_what_its_head_does_not() -> None:
    room = make_room()
    head = make_contribution(room, "Ποιος πληρώνει το ταξίδι;")
    make_contribution(room, "Who pays for the travel?", state="merged", merged_into=head)
    chosen = make_contribution(room, "Who pays the travel?")
    rows = list(room.contributions.exclude(state="merged").prefetch_related("wordings"))

    assert [one.other for one in similar.suggestions(chosen, rows)] == [head]


def test_meaning_takes_over_where_somebody_can_compare_it(monkeypatch: pytest.MonkeyPatch) -> None:
    room = make_room()
    chosen = make_contribution(room, "Who pays for the travel?")
    greek = make_contribution(room, "Ποιος πληρώνει το ταξίδι;", language="el")

    def compare(_one: Contribution, _others: Sequence[Contribution]) -> dict[int, Likeness]:
        return {greek.pk: Likeness(88, by="meaning")}

    monkeypatch.setattr(similar, "by_meaning", [compare])
    found = similar.suggestions(chosen, list(room.contributions.prefetch_related("wordings")))

    assert [(one.other, one.likeness.by) for one in found] == [(greek, "meaning")]


# By meaning. The encoder of the tests finds texts alike that share words, so short ones, which the comparison of words does not
# see, stand for what is alike in meaning only.

ASKED = "Who is to pay us for it?"
SAME = "Who is to pay for it?"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    """An encoder that starts nothing, nothing remembered; the comparison made at once."""
    made = Fake()
    monkeypatch.setattr(spaces, "_parallel", [])
    monkeypatch.setattr(bridges, "_concepts", [])
    monkeypatch.setattr(similar, "by_meaning", [])
    encoder.use(made)
    forget()
    with override_settings(ENCODER="", MEANING_THREAD=False):
        similar.join_in()
        yield made
    until(lambda: similar.comparer._thread is None)
    encoder.use(None)
    forget()


def forget() -> None:
    similar.comparer.forget()
    vectors._kept.clear()
    vectors._wished.clear()


def asked_among(*texts: str) -> tuple[Contribution, list[Contribution]]:
    room = make_room()
    chosen = make_contribution(room, ASKED)
    for text in texts:
        make_contribution(room, text)
    return chosen, list(room.contributions.prefetch_related("wordings").order_by("pk"))


OTHERS = [f"Is n{n} a h{n} or b{n} at k{n}?" for n in range(12)]


def test_what_means_the_same_in_unlike_words_is_suggested(fake: Fake) -> None:
    chosen, rows = asked_among(SAME, *OTHERS)

    (found,) = similar.suggestions(chosen, rows)

    assert similar.likeness(ASKED, SAME).score < similar.LEAST
    assert (found.other.text, found.likeness.by) == (SAME, "meaning")
    assert 50 <= found.likeness.score <= 99


def test_a_wording_is_compared_by_meaning_too(fake: Fake) -> None:
    chosen, rows = asked_among("Is h1 a k1 at b1?", *OTHERS)
    make_contribution(chosen.room, SAME, state="merged", merged_into=rows[1])
    rows = list(chosen.room.contributions.exclude(state="merged").prefetch_related("wordings").order_by("pk"))

    assert [one.other for one in similar.suggestions(chosen, rows)] == [rows[1]]


def test_at_most_three_are_suggested_by_meaning(fake: Fake) -> None:
    chosen, rows = asked_among(*(f"{SAME} {n}" for n in "abcde"), *OTHERS, *(f"{text} 7" for text in OTHERS))

    travel = make_contribution(chosen.room, f"{ASKED} travel")
    words = [make_contribution(chosen.room, f"of n{n} travel") for n in range(3)]

    assert len(similar.compared(chosen, rows)) == 3
    assert len(similar.suggestions(chosen, rows)) == 3
    assert len(similar.suggestions(travel, [*rows, *words])) == 3


def test_nobody_is_suggested_who_was_not_among_those_given_or_was_kept_apart(fake: Fake) -> None:
    chosen, rows = asked_among(SAME, *OTHERS)

    assert similar.suggestions(chosen, rows[2:]) == []
    assert SAME not in fake.embedded
    chosen.kept_apart = [rows[1].pk]
    assert similar.suggestions(chosen, rows) == []


def test_without_an_encoder_the_words_suggest_as_before(fake: Fake, caplog: pytest.LogCaptureFixture) -> None:
    fake.is_away = True
    chosen, rows = asked_among(SAME, *OTHERS)
    words = make_contribution(chosen.room, "Who pays the travel?")
    traveller = make_contribution(chosen.room, "Who pays travel costs?")
    rows = [*rows, words]

    assert similar.suggestions(chosen, rows) == []
    assert [(one.other, one.likeness.by) for one in similar.suggestions(traveller, rows)] == [
        (words, "words")
    ]
    assert caplog.records == []


def test_turned_off_it_asks_nobody(fake: Fake) -> None:
    chosen, rows = asked_among(SAME, *OTHERS)

    with override_settings(ENCODER="off"):
        assert similar.suggestions(chosen, rows) == []
        similar.by_meaning.clear()
        similar.join_in()

    assert similar.by_meaning == []
    assert fake.embedded == []


def test_the_desk_waits_once_and_not_for_long(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen, rows = asked_among(SAME, *OTHERS[:4])
    fake.takes = 0.2

    with override_settings(MEANING_THREAD=True):
        took = [_time(chosen, rows) for _ in range(3)]
        until(lambda: similar.comparer._thread is None, 20)
        found = similar.suggestions(chosen, rows)

    assert took[0] < similar.PATIENCE + 0.15
    assert max(took[1:]) < 0.1
    assert [one.other.text for one in found] == [SAME]


def test_what_is_known_of_a_pair_is_not_asked_again(fake: Fake) -> None:
    chosen, rows = asked_among(SAME, *OTHERS)
    before = similar.suggestions(chosen, rows)
    vectors._kept.clear()
    fake.embedded.clear()

    assert similar.suggestions(chosen, rows) == before
    assert fake.embedded == []


def test_a_text_that_the_encoder_cannot_take_leaves_the_others(fake: Fake) -> None:
    fake.poison = "n3"
    chosen, rows = asked_among(*OTHERS, SAME)

    assert [one.other.text for one in similar.suggestions(chosen, rows)] == [SAME]


def test_nothing_of_a_room_is_written_down(
    fake: Fake, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen, rows = asked_among(SAME, *OTHERS)
    similar.suggestions(chosen, rows)
    vectors.make_wished(100)

    def breaks(text: str, *_more: object, **_others: object) -> None:
        raise ValueError(text)

    marks = {
        vectors.digest(fake.model, kind, text) for kind in ("query", "passage") for text in (ASKED, SAME)
    }
    assert vectors._wished == {}
    assert marks.isdisjoint(Vector.objects.values_list("digest", flat=True))
    assert similar.comparer._known
    assert not any("pay" in str(pair) for pair in similar.comparer._known)
    similar.comparer.forget()
    monkeypatch.setattr(vectors, "of_query", breaks)
    assert similar.suggestions(chosen, rows) == []

    assert fake.embedded
    assert Vector.objects.count() == 0
    assert "ValueError" in caplog.text
    assert "pay" not in caplog.text


@pytest.mark.parametrize("ending", [lifecycle._close, lifecycle._wipe])
def test_with_the_room_goes_what_was_learnt_in_it(
    fake: Fake,
    ending: Callable[[Room], Room],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    chosen, rows = asked_among(SAME, *OTHERS)
    elsewhere, others = asked_among(*OTHERS)
    similar.suggestions(chosen, rows)
    similar.suggestions(elsewhere, others)
    assert {pair[0][0] for pair in similar.comparer._known} == {chosen.room_id, elsewhere.room_id}

    with django_capture_on_commit_callbacks(execute=True):
        ending(chosen.room)

    assert {pair[0][0] for pair in similar.comparer._known} == {elsewhere.room_id}
    assert vectors._remembered([vectors.digest(fake.model, "passage", SAME)]) == {}
    assert similar._words.cache_info().currsize == 0


def test_a_closed_room_compares_no_meaning(fake: Fake) -> None:
    chosen, rows = asked_among(SAME, *OTHERS)
    chosen.room.state = Room.State.CLOSED

    assert similar.suggestions(chosen, rows) == []
    assert fake.embedded == []


def test_what_is_at_work_when_the_room_closes_is_not_learnt(fake: Fake) -> None:
    chosen, rows = asked_among(SAME, *OTHERS)
    job = similar._Job(chosen.room_id, chosen.text, [row.text for row in rows], Event())
    similar.comparer._at_work = job

    similar.comparer.forget_room(chosen.room_id)
    similar.comparer._at_work = None
    similar.comparer._slice(job)

    assert similar.comparer._known == {}


def test_what_nobody_looks_at_is_forgotten(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(similar, "monotonic", lambda: now[0])
    monkeypatch.setattr(similar.Comparer, "_wait", lambda *_: None)
    chosen, rows = asked_among(SAME, *OTHERS)
    similar.suggestions(chosen, rows)
    now[0] += similar.FORGOTTEN_AFTER - 1
    similar.comparer.forget_if_unused()
    assert similar.comparer._known

    now[0] += 2
    similar.comparer.forget_if_unused()

    assert similar.comparer._known == {}
    assert similar._words.cache_info().currsize == 0


@pytest.mark.parametrize("text", ["", "?!", "\ufdfa" * 100, "\ud800", "x" * 10_000])
def test_whatever_was_asked(text: str, fake: Fake) -> None:
    chosen, rows = asked_among(SAME)
    chosen.text = text

    similar.suggestions(chosen, rows)


def _time(chosen: Contribution, rows: Sequence[Contribution]) -> float:
    began = time.monotonic()
    similar.suggestions(chosen, rows)
    return time.monotonic() - began


def test_a_moderator_sees_what_means_the_same_and_nothing_of_it_is_written(
    fake: Fake, client: Client
) -> None:
    chosen, rows = asked_among(SAME, *OTHERS)
    chosen.state = rows[1].state = Contribution.State.NEW
    chosen.save()
    rows[1].save()
    host = make_visitor(Role.Kind.EDITOR, chosen.room.session.organiser)
    assert host.person is not None
    come_in(client, host.person)
    desk = reverse("room:desk", args=[chosen.room.session.code]) + f"?sel={chosen.pk}"

    page = client.get(desk).content.decode()
    marks = {
        vectors.digest(fake.model, kind, row.text) for kind in ("query", "passage") for row in (chosen, *rows)
    }
    wished = set(vectors._wished)
    vectors.make_wished(100)
    fake.is_away = True
    similar.comparer.forget()
    vectors._kept.clear()
    without = client.get(desk).content.decode()

    assert "Suggested from meaning, decided by you" in page
    assert "They seem to ask the same, in whatever words or language." in page
    assert "<dt>Alike</dt>" not in page
    assert "Words in another language are not compared by what they mean" in without
    assert fake.embedded
    assert marks.isdisjoint(wished)
    assert marks.isdisjoint(Vector.objects.values_list("digest", flat=True))


def test_the_first_questions_of_a_room_are_measured_against_usual_ones(fake: Fake) -> None:
    chosen, rows = asked_among(SAME)

    (found,) = similar.suggestions(chosen, rows)

    assert (found.other.text, found.likeness.by) == (SAME, "meaning")
    assert set(USUAL) <= set(fake.embedded)
    # They are public, and made once; of the room nothing is written.
    vectors.make_wished(100)
    kept = set(Vector.objects.values_list("digest", flat=True))
    assert kept == {vectors.digest(fake.model, "passage", text) for text in USUAL}


def test_usual_questions_that_never_come_stop_nothing(fake: Fake) -> None:
    fake.poison = USUAL[0]
    chosen, rows = asked_among(SAME)
    with override_settings(MEANING_THREAD=True):
        similar.suggestions(chosen, rows)
        until(lambda: similar.comparer._thread is None, 20)

    assert len(similar.comparer._known) == 1
