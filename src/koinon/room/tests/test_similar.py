"""Equal questions are suggested by their words, and decided by a person."""

from collections.abc import Sequence

import pytest

from koinon.room import similar
from koinon.room.models import Contribution
from koinon.room.similar import Likeness
from koinon.room.testing import make_contribution, make_room

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
