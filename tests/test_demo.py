"""Invented content fills every shelf for each Member State, is marked on every page, and goes again without a trace."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from koinon.guide.shelves import shelves
from koinon.network.actions import demo
from koinon.network.models import Organisation
from koinon.places.models import Place
from koinon.practices.nearby import HERE, worked_elsewhere
from koinon.questions import invented as answers
from koinon.questions.models import Answer
from koinon.reports.actions import recording
from koinon.reports.models import Activity
from tests.standing import forget_all, standing

pytestmark = pytest.mark.django_db

SHELVES = {
    "responsible": {"centre"},
    "coming": {"session", "course"},
    "money": {"call"},
    "practices": {"practice"},
    "peers": {"offer", "need"},
    "answered": {"answer"},
}
"""Each shelf of a place with what fills it. Programmes are facts and stand there anyway: money needs a call beside them."""
CITIES = ("bologna-3181928", "zaragoza-3104324")
FACTS = "responsible"
"""Nobody responsible is invented where a fact says who is: what is not known there, or only planned, is still said."""
LASTING = {"journal", "search", "live"}
"""What is only ever added to: what happened, what the search has to look at, what browsers were told."""


@dataclass(frozen=True)
class Filled:
    """How many organisations were added, and how many rows each table had before."""

    added: int
    before: dict[str, int]


def rows() -> dict[str, int]:
    """How many rows each table has; peers' counter of changes is one row, and stays."""
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.app_label not in LASTING and model._meta.label != "peers.Stamp"
    }


@pytest.fixture(scope="module")
def _filled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Filled]:
    with standing(django_db_blocker):
        before = rows()
        yield Filled(demo.add(), before)


@pytest.fixture(autouse=True)
def filled(_filled: Filled, db: None) -> Filled:
    """Invented content is there, added once for all tests of this module."""
    return _filled


def lacking(place: Place) -> list[str]:
    """What is not as promised on the six shelves of a place: nothing of the right kind stands there, or a gap does."""
    today = timezone.localdate()
    six = {shelf.id: shelf for shelf in shelves(place, today, today)}
    assert list(six) == list(SHELVES)
    return [
        f"{place.pk} {name}: {[item.type for item in six[name].items]}, gaps {[gap.title for gap in six[name].gaps]}"
        for name, kinds in SHELVES.items()
        if not kinds & {item.type for item in six[name].items} or (six[name].gaps and name != FACTS)
    ]


def states() -> list[Place]:
    found = list(Place.objects.filter(level=0).exclude(pk="EU").order_by("pk"))
    assert len(found) == 27
    return found


def test_every_shelf_of_every_member_state_is_filled() -> None:
    assert [words for place in states() for words in lacking(place)] == []


@pytest.mark.parametrize("key", CITIES)
def test_and_so_is_every_shelf_of_a_city(key: str) -> None:
    place = Place.objects.find(key)
    assert place is not None

    assert lacking(place) == []


def test_each_answer_and_each_practice_is_of_the_country_itself() -> None:
    assert sorted(answers.rows().values_list("places", flat=True)) == [place.pk for place in states()]
    for place in states():
        assert [one for one in worked_elsewhere(place) if one.why == HERE], place.pk


def test_every_page_says_that_there_is_invented_content(client: Client) -> None:
    paths = ("/", "/places/MT/", "/network/", "/about/privacy/", "/nothing/")
    for path in paths:
        assert "Invented content is loaded" in client.get(path).content.decode()

    demo.remove()
    forget_all()

    for path in paths:
        assert "Invented content is loaded" not in client.get(path).content.decode()


def test_what_is_invented_says_so_in_its_name_and_source(client: Client) -> None:
    page = client.get("/places/MT/").content.decode()

    assert "Demonstration House Malta (invented)" in page
    assert [o.sources for o in Organisation.objects.filter(slug__startswith="demo-")] == [[demo.SOURCE]] * 2


def test_an_invented_answer_says_so_wherever_it_stands(client: Client) -> None:
    """In its title, which every list and feed shows whole, in its text, and in what it rests on."""
    found = list(Answer.objects.all())
    assert len(found) == 27
    for answer in found:
        said = answers.MARKS[answer.language]
        assert answer.title == answer.asked
        assert answer.title.startswith("Demonstration: ")
        assert answer.title.endswith(f"({said})")
        assert answer.text.startswith(f"{said.capitalize()}: ")
        assert answer.sources == [demo.SOURCE]
    assert len({answer.language for answer in found}) >= 10
    assert demo.SOURCE in client.get(found[0].get_absolute_url()).content.decode()


def test_the_log_of_a_body_marks_an_invented_answer_as_such() -> None:
    recording.record_all()

    told = Activity.objects.filter(thing__startswith="answer:")

    assert (told.count(), told.filter(is_demo=False).count()) == (27, 0)


def test_adding_twice_adds_once_and_removing_leaves_nothing(filled: Filled) -> None:
    recording.record_all()
    there = rows()

    assert (filled.added, demo.add(), rows()) == (2, 0, there)
    assert (demo.remove(), demo.remove()) == (2, 0)

    left = rows()
    assert {
        table: left[table] - number for table, number in filled.before.items() if left[table] != number
    } == {}


def test_a_real_answer_stays_also_one_that_shares_an_outcome_or_was_mended() -> None:
    """Nothing leads from a shared outcome back to its question. An invented one that was mended or taken off goes all the same."""
    words = {"text": "Yes.", "language": "en", "asked_language": "en", "sources": [demo.SOURCE]}
    real = Answer.objects.create(asked="Demonstration: may we show it to others?", **words)
    mended, off = answers.rows().order_by("pk")[:2]
    Answer.objects.filter(pk=mended.pk).update(text="Mended.", sources=[])
    Answer.objects.filter(pk=off.pk).update(withdrawn_at=timezone.now(), withdrawn_because="notice")

    demo.remove()

    assert list(Answer.objects.all()) == [real]
