"""What one's addresses follow is in the copy of one's data, and goes with the account."""

import pytest
from django.utils import translation

from koinon.journal.fresh import Fresh
from koinon.news import account, subjects
from koinon.news.models import Follower
from koinon.news.seeking import Seeker
from koinon.news.testing import make_follower
from koinon.people.testing import make_person
from koinon.practices.testing import make_practice
from koinon.topics.models import Objective
from tests.standing import forget_all

pytestmark = pytest.mark.django_db


def test_the_copy_holds_what_ones_proved_addresses_follow_and_nobody_elses() -> None:
    person = make_person("ana@example.eu")
    make_follower("ana@example.eu", ("place", "MT"))
    make_follower("bruno@example.eu", ("place", "IT"))

    copy = account.follows_of(person)

    assert [(one["address"], [two["key"] for two in one["follows"]]) for one in copy] == [
        ("ana@example.eu", ["MT"])
    ]


def test_with_the_account_its_follows_go() -> None:
    person = make_person("ana@example.eu")
    make_follower("ana@example.eu", ("place", "MT"))
    make_follower("bruno@example.eu", ("place", "IT"))

    account.let_go(person)

    assert list(Follower.objects.values_list("address", flat=True)) == ["bruno@example.eu"]


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ("q=night", True),
        ("q=nights+of+children", False),
        ("q=childcare", True),
        ("q=night&country=BG", True),
        ("q=night&country=IT", False),
        ("type=session", False),
        ("topic=childcare&type=practice", True),
        ("q=Kinderbetreuung", True),
        ("q=night&language=bg", False),
        ("place=BG", True),
    ],
)
def test_a_search_that_is_followed_finds_by_words_filters_and_concepts(asked: str, fits: bool) -> None:
    forget_all()
    practice = make_practice(
        "Childcare at night", places=("BG",), topics=("childcare",), summary="Parents who work at night."
    )
    key = subjects.search_key([(name, value) for name, value in _pairs(asked)])
    item = Fresh(key=str(practice.pk), title="", address="", found=("practice", practice.slug))

    assert Seeker(_pairs(key)).fits(item) is fits


def _pairs(text: str) -> list[tuple[str, str]]:
    from urllib.parse import parse_qsl

    return parse_qsl(text)


def test_a_search_is_written_in_one_way() -> None:
    one = subjects.search_key([("country", "IT"), ("q", " two   words "), ("page", "3"), ("country", "BG")])
    two = subjects.search_key([("q", "two words"), ("country", "BG"), ("country", "IT"), ("country", "IT")])

    assert one == two == "q=two+words&country=BG&country=IT"
    assert subjects.find("search", "country=IT&q=x") is None


@pytest.mark.parametrize(
    ("language", "asked", "label"),
    [
        ("en", "q=night", "“night”"),
        ("en", "q=night&country=IT&topic=childcare", "“night” (Italy, Childcare)"),
        ("de", "country=IT&topic=childcare", "Italien, Kinderbetreuung"),
        ("en", "type=practice&stage=running&cost=under20", "Practices, running, under €20 000"),
        ("en", "target=young&evidence=3&language=bg", "Young people, Evaluated from outside, Bulgarian"),
        ("en", "place=bologna-3181928&place=ITH5", "Emilia-Romagna, Bologna"),
        ("en", "country=nowhere&type=thing&place=x-1", "thing, nowhere, x-1"),
    ],
)
def test_a_search_is_called_by_names_in_the_language_of_who_reads_it(
    language: str, asked: str, label: str
) -> None:
    forget_all()

    with translation.override(language):
        named = subjects.find("search", subjects.search_key(_pairs(asked)))

    assert named is not None
    assert named.label.casefold() == label.casefold()


def test_a_search_by_an_objective_names_it() -> None:
    named = subjects.find("search", "objective=c")

    assert named is not None
    assert named.label == str(Objective.objects.get(pk="c"))
