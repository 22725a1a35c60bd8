"""Words are found without their accents and capitals, half typed, in other forms and with one slip, in any language."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from koinon.search import engine, service
from koinon.search.testing import build, house, make_document, things

pytestmark = pytest.mark.django_db

HOUSE = (
    make_document("coach", "A shared coach for small municipalities", "One coach works for two villages.", countries=("IT",), topics=("coaching",), cost="under20"),
    make_document("energy", "Energy advice at the kitchen table", "Neighbours read the meter together.", countries=("FR",), topics=("energy-poverty",), cost="under100"),
    make_document("garden", "A garden that employs", "People plant, sell and learn.", countries=("IT", "FR"), topics=("energy-poverty",), cost="under20"),
    make_document("athens", "Στέγαση πρώτα στην Αθήνα", "Οι άστεγοι βρίσκουν ένα σπίτι.", language="el", countries=("EL",)),
    make_document("sofia", "Жилище за бездомни хора в София", "Семействата получават подкрепа.", language="bg", countries=("BG",)),
    make_document("oulu", "Asunto ensin Oulussa", "Nuorille etsitään oma koti ja työpaja.", language="fi", countries=("FI",)),
    make_document("valletta", "Għajnuna għaż-żgħażagħ fil-Belt", "Iż-żgħażagħ jitgħallmu sengħa.", language="mt", countries=("MT",)),
    make_document("lodz", "Łódź dla osób bez domu", "Mieszkania treningowe i wsparcie.", language="pl", countries=("PL",)),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _index(tmp_path: Path, db: None) -> Iterator[None]:
    with house(tmp_path), things(*HOUSE):
        build()
        yield


def keys(query: str, **more: object) -> list[str]:
    return [hit.document.key for hit in service.search(query, **more).hits]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("SHARED Coach", "coach"),
        ("στεγαση πρωτα", "athens"),
        ("ΆΣΤΕΓΟΙ", "athens"),
        ("бездомни", "sofia"),
        ("СОФИЯ", "sofia"),
        ("oulussa", "oulu"),
        ("ghajnuna zghazagh", "valletta"),
        ("lodz", "lodz"),
        ("mieszkania", "lodz"),
    ],
)
def test_accents_and_capitals_do_not_matter(query: str, key: str) -> None:
    assert keys(query)[:1] == [key]


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("municip", "coach"),
        ("στέγ", "athens"),
        ("семейст", "sofia"),
        ("nuor", "oulu"),
        ("għajn", "valletta"),
    ],
)
def test_a_word_half_typed_is_found(query: str, key: str) -> None:
    assert keys(query)[:1] == [key]


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("municipality", "coach"),
        ("στέγασης", "athens"),
        ("жилища", "sofia"),
        ("семейство", "sofia"),
        ("työpajalla", "oulu"),
        ("mieszkaniami", "lodz"),
    ],
)
def test_other_forms_of_a_word_are_found(query: str, key: str) -> None:
    assert keys(query)[:1] == [key]


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("cooach", "coach"),
        ("kitchne", "energy"),
        ("στέγααση", "athens"),
        ("Αθηνσ", "athens"),
        ("бездомнии", "sofia"),
        ("Оофия", "sofia"),
        ("assunto", "oulu"),
        ("zghazgah", "valletta"),
    ],
)
def test_one_slip_of_the_finger_does_no_harm(query: str, key: str) -> None:
    assert keys(query)[:1] == [key]


def test_two_slips_are_another_word() -> None:
    assert keys("kxtcxen") == []


def test_all_words_count_before_half_of_them() -> None:
    assert keys("shared coach villages") == ["coach"]
    assert keys("coach kitchen") == ["coach", "energy"] or set(keys("coach kitchen")) == {"coach", "energy"}


def test_the_title_comes_first() -> None:
    assert keys("garden")[0] == "garden"
    found = service.search("learn meter", facets=())
    assert {hit.document.key for hit in found.hits} == {"garden", "energy"}


def test_filters_and_counts_agree() -> None:
    found = service.search("", countries=["IT"])

    assert {hit.document.key for hit in found.hits} == {"coach", "garden"}
    assert found.total == 2
    # A filter that is set still counts what else could be chosen.
    assert dict(found.facets["country"])["FR"] == 2
    assert dict(found.facets["topic"]) == {"coaching": 1, "energy-poverty": 1}
    assert dict(found.facets["cost"]) == {"under20": 2}
    assert service.search("", countries=["IT"], topics=["energy-poverty"]).total == 1
    assert service.search("", countries=["IT", "EL"]).total == 3


def test_each_hit_says_why() -> None:
    hit = service.search("coach municipality").hits[0]

    assert hit.why[:2] == (("title", "coach"), ("form", "municipality"))
    assert service.search("kithcen").hits[0].why == (("typo", "kithcen"),)
    assert service.search("meter").hits[0].why == (("text", "meter"),)


def test_pages_follow_each_other() -> None:
    whole = keys("", limit=50)

    assert len(whole) == len(HOUSE)
    assert keys("", limit=3) + keys("", limit=3, offset=3) + keys("", limit=3, offset=6) == whole


@pytest.mark.parametrize(
    "query",
    ["", "  ", "\x00", "\ud800", "AND OR NOT", '"' * 600, "*:* (a OR b)~5^", "\ufdfa" * 10_000, "a" * 10_000_000, "́" * 600, "+-&&||!(){}[]^\"~*?:\\/", "title:coach", "/.*/"],
)  # fmt: skip
def test_nothing_that_is_typed_does_harm(query: str) -> None:
    found = service.search(query)

    assert found.total <= len(HOUSE)


def test_signs_alone_find_nothing_and_are_no_query() -> None:
    assert service.search("*:*").total == 0
    assert service.search("title:zzzz").total == 0


def test_what_is_like_a_text_comes_while_it_is_typed() -> None:
    hits = service.similar(
        "we look for somebody like a coach whom several small villages share", types=["thing"]
    )

    assert [hit.document.key for hit in hits][:1] == ["coach"]
    assert service.similar("A shared coach", types=["other"]) == []
    assert [hit.document.key for hit in service.similar("shared coach", but=("thing", "coach"))] == []


def test_of_very_many_the_filters_are_counted_in_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MUCH", 50)
    monkeypatch.setattr(engine, "SAMPLED", 4)
    many = [
        make_document(str(n), "A forest", countries=("IT" if n < 10 else "FR",), stage="tried" if n % 2 else "idea")
        for n in range(400)
    ]  # fmt: skip
    with things(*many):
        build()
        whole = service.search("forest")
        few = service.search("forest", countries=["IT"])

    assert whole.total == 400
    assert whole.about == frozenset(engine.COUNTED)
    assert 100 < dict(whole.facets["stage"])["tried"] < 300
    # What is few is counted to the last; what could be chosen instead is many.
    assert few.total == 10
    assert dict(few.facets["stage"]) == {"idea": 5, "tried": 5}
    assert few.about == {"country"}


def test_of_few_nothing_is_about() -> None:
    assert service.search("coach").about == frozenset()


@pytest.mark.parametrize("words", ["coach village", "coach villages kitchen", "coaching tables"])
def test_a_search_by_many_words_is_bounded_in_what_it_asks(
    monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    using = service.reader.engine()
    before = using.search(words.split())

    # A thing that has all words is found whichever way is asked first.
    monkeypatch.setattr(engine, "_HARDLY", 0)
    assert using.search(words.split()).candidates[:1] == before.candidates[:1]
