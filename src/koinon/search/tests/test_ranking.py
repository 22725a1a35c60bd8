"""What stands first: meaning and words together, and nothing that does not stand out."""

from collections.abc import Iterator, Mapping, Sequence

import pytest

from koinon.search import bridges, encoder, ranking, vectors
from koinon.search.documents import Document, Text
from koinon.search.encoder import Away
from koinon.search.encoder.testing import Fake
from koinon.search.ranking import Candidate
from koinon.search.spaces import Thing
from koinon.search.testing import make_document, things
from koinon.search.tests.test_vectors import fake, make_all  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db

HOUSING = make_document("housing", "Keys first", "Homeless people get a flat and a tenancy of their own.")
BAKERY = make_document("bakery", "Bread for all", "A bakery run by people who learn the trade.")
BUS = make_document("bus", "Village bus", "Volunteers drive a small bus between the villages.")
ASK = make_document("ask", "How do we start a bakery?", type="question")
ALL = [HOUSING, BAKERY, BUS, ASK]
NEAR = ranking.NEAR


@pytest.fixture
def held(fake: Fake) -> Iterator[Fake]:  # noqa: F811
    """Four things with their vectors."""
    with things(*ALL):
        vectors.take(ALL)
        make_all()
        vectors.store.look()
        yield fake


def look(wanted: Sequence[Thing]) -> Mapping[Thing, Sequence[Text]]:
    return {document.thing: document.texts for document in ALL if document.thing in wanted}


def keys(ranked: list[ranking.Ranked]) -> list[str]:
    return [one.thing[1] for one in ranked]


def test_the_nearest_comes_first_and_says_why(held: Fake) -> None:
    ranked = ranking.rank("a flat for homeless people", "en")

    assert keys(ranked)[0] == "housing"
    assert sorted(keys(ranked)) == ["ask", "bakery", "bus", "housing"]
    assert ranked[0].language == "en"
    assert ranked[0].why == (("meaning",),)


def test_only_what_the_filters_let_through(held: Fake) -> None:
    assert keys(ranking.rank("bakery", "en", types=["question"])) == ["ask"]
    assert keys(ranking.rank("bakery", "en", among={("thing", "bus")})) == ["bus"]
    assert len(ranking.rank("bakery", "en", limit=2)) == 2


def test_the_words_put_a_text_first_even_mistyped(held: Fake) -> None:
    found = ranking.rank("vilage bsu", "en", candidates=[Candidate(("thing", "bus"), 3.0)], look=look)

    assert keys(found)[0] == "bus"
    assert found[0].why[0] == ("words",)


def test_what_the_words_found_is_there_without_a_vector(held: Fake) -> None:
    late = Document("thing", "late", "/late/", (Text("en", "Zebra crossing", ""),))

    found = ranking.rank(
        "zebra crossing",
        "en",
        candidates=[Candidate(late.thing, 1.0)],
        look=lambda wanted: {**look(wanted), late.thing: late.texts},
    )

    assert keys(found)[0] == "late"


def test_what_shares_a_concept_comes_nearer(held: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    concept = frozenset({"rural-transport"})
    monkeypatch.setattr(
        bridges, "_concepts", [lambda text: concept if "bus" in text or "trasporto" in text else frozenset()]
    )
    with things(*ALL):
        vectors.take(ALL)
    vectors.store.look()

    found = ranking.rank("trasporto", "it")

    plain = {one.thing: one for one in found}
    assert plain[("thing", "bus")].why == (("concept", "rural-transport"), ("meaning",))
    space = vectors.held()
    asked = vectors.of_query("trasporto")
    gained = space.scores(asked, "it", concept) - space.scores(asked, "it")
    assert [space.texts[at][0][1] for at in range(len(space)) if gained[at] > 0] == ["bus"]


def test_among_many_only_what_stands_out(held: Fake) -> None:
    many = [make_document(f"n{number}", f"Word{number} thing{number} matter{number}") for number in range(60)]
    with things(*ALL, *many):
        vectors.take(many)
        make_all()
    vectors.store.look()

    found = ranking.rank("homeless people flat tenancy", "en")

    assert keys(found)[0] == "housing"
    assert len(found) < 15


def test_what_is_near_to_nothing_finds_nothing_by_meaning(
    held: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "NEAR", NEAR)

    assert ranking.rank("qqqq zzzz", "en") == []
    assert keys(ranking.rank("Homeless people get a flat", "en")) == ["housing"]
    found = ranking.rank("qqqq bus", "en", candidates=[Candidate(("thing", "bus"), 3.0)], look=look)
    assert keys(found) == ["bus"]


def test_things_like_a_thing_and_like_a_text(held: Fake) -> None:
    assert keys(ranking.like(("thing", "bakery"), limit=1)) == ["ask"]
    assert ranking.like(("thing", "nowhere")) == []
    assert keys(ranking.similar("bakery trade", types=["thing"], limit=1)) == ["bakery"]


def test_without_an_encoder_it_says_so(held: Fake) -> None:
    held.is_away = True

    with pytest.raises(Away):
        ranking.rank("never typed before")
    with pytest.raises(Away):
        ranking.alike("never typed before", ["other"])


def test_before_there_is_a_vector_it_says_so(fake: Fake) -> None:  # noqa: F811
    with pytest.raises(Away):
        ranking.rank("anything")
    vectors.store.look()
    with pytest.raises(Away):
        ranking.rank("anything")


@pytest.mark.parametrize("query", ["", "\0", "\ufdfa" * 10_000, "\ud800", "x" * 10_000_000, '+-*/ () "', "a"])
def test_whatever_is_typed(query: str, held: Fake) -> None:
    ranking.rank(query, "xx", candidates=[Candidate(("thing", "bus"), 1.0)], look=look)


def test_questions_that_ask_the_same_are_told_from_others(held: Fake) -> None:
    asked = "May two municipalities hand in one application together?"
    others = [
        "Can two municipalities together hand in one joint application?",
        "When does the school open on Monday?",
        "Who pays the driver of the bus?",
        *(f"Something else number{n} about matter{n} and thing{n}" for n in range(12)),
    ]

    likely = ranking.alike(asked, others)

    assert likely[0] >= ranking.OFFER > max(likely[1:])
    assert all(0 <= one <= 1 for one in likely)
    assert ranking.alike(asked, []) == []
    assert len(ranking.alike(asked, others[:1])) == 1


THING = ("thing", "a")


@pytest.mark.parametrize(
    ("query", "text", "least", "most"),
    [
        ("village bus", "A bus between villages", 0.9, 1.0),
        ("vilage transprot", "village transport", 0.5, 1.0),
        ("zarucena prace", "zaručená práce v obci", 1.0, 1.0),
        ("Софийска община", "Sofiyska obshtina", 0.8, 1.0),
        ("Θεσσαλονίκη", "Thessaloniki", 0.5, 1.0),
        ("housing for homeless", "bread and butter", 0.0, 0.0),
        ("EU", "the EU pays", 1.0, 1.0),
        ("?!", "anything", 0.0, 0.0),
    ],
)
def test_how_much_of_a_query_a_text_holds(query: str, text: str, least: float, most: float) -> None:
    part = ranking.coverage(query, {THING: text}).get(THING, 0.0)

    assert least <= part <= most


def test_a_setting_turns_it_off() -> None:
    from django.test import override_settings

    encoder.use(None)
    with override_settings(ENCODER="off"), pytest.raises(Away):
        ranking.rank("anything")
