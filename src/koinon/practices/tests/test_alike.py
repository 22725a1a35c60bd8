"""What is promised of practices of the same kind: those that share codes first, then those that mean the same; each says why."""

from collections.abc import Iterator

import pytest
from django.test import Client, override_settings
from django.utils.translation import override

from koinon.base.front import MARK
from koinon.network.testing import make_organisation
from koinon.practices import nearby
from koinon.practices.actions import keeping
from koinon.practices.found import documents
from koinon.practices.models import Practice
from koinon.practices.testing import make_practice
from koinon.practices.tests.helping import as_visitor
from koinon.search import bridges, encoder, spaces, vectors
from koinon.search.encoder.testing import Fake

pytestmark = pytest.mark.django_db

MEANING = "It is close in meaning, as far as a machine can tell."
# The encoder of the tests finds texts alike that share words: so these two stand for texts in two languages that mean the same.
BUS = "zebra mango kiwi papaya quince"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    """An encoder that starts nothing, nothing remembered, and no thread."""
    made = Fake()
    monkeypatch.setattr(spaces, "_parallel", [])
    monkeypatch.setattr(vectors, "REST", 0.0)
    monkeypatch.setattr(bridges, "_concepts", [])
    encoder.use(made)
    vectors.store.forget()
    with override_settings(MEANING_THREAD=False):
        yield made
    encoder.use(None)
    vectors.store.forget()
    nearby.forget()


def tell(words: str, *, language: str = "en", **more: object) -> Practice:
    """A practice that consists of these words."""
    texts = {"summary": words, "challenge": words, "approach": words}
    return make_practice(words.split()[0], language=language, **texts, **more)  # type: ignore[arg-type]


def others(number: int = 8) -> None:
    for one in range(number):
        tell(f"n{one} m{one} k{one} h{one} l{one}")


def embed() -> None:
    """The meanings of all public practices are made and read."""
    vectors.take(list(documents(list(Practice.objects.public().values_list("slug", flat=True)))))
    while vectors.make_some():
        pass
    vectors.store.look()


def alike(practice: Practice) -> list[tuple[str, str]]:
    return [(row.slug, row.why) for row in nearby.alike(practice.slug)]


def test_two_that_share_no_code_lead_to_each_other_across_languages(fake: Fake) -> None:
    one, other = tell(BUS), tell(f"avtobus {BUS}", language="bg")
    others()
    embed()
    fake.is_away = True  # nobody waits for it
    made = len(fake.embedded)

    assert alike(one) == [(other.slug, MEANING)]
    assert alike(other) == [(one.slug, MEANING)]
    page = Client().get(f"/practices/{one.slug}/").content.decode()
    assert MEANING in page.split('id="alike"')[1]
    assert len(fake.embedded) == made


def test_what_shares_a_topic_stands_first_and_says_what_it_shares(fake: Fake) -> None:
    one, near = tell(BUS, topics=("childcare",)), tell(f"other {BUS}")
    coded = tell("wholly different words stand here", topics=("childcare",))
    others()
    embed()

    found = alike(one)

    assert [slug for slug, _why in found] == [coded.slug, near.slug]
    assert found[0][1].startswith("It speaks of this: ")
    assert found[1][1] == MEANING


def test_it_is_told_once_though_it_shares_a_topic_and_means_the_same(fake: Fake) -> None:
    one, other = tell(BUS, topics=("childcare",)), tell(f"other {BUS}", topics=("childcare",))
    others()
    embed()

    assert [slug for slug, _why in alike(one)] == [other.slug]


def test_without_meanings_those_that_share_something_stand_alone(fake: Fake) -> None:
    one, coded = tell(BUS, topics=("childcare",)), tell("wholly different", topics=("childcare",))
    tell(f"other {BUS}")
    others()

    before = alike(one)
    embed()
    after = alike(one)
    encoder.use(None)
    with override_settings(ENCODER="off"):
        off = alike(one)

    assert [slug for slug, _why in before] == [slug for slug, _why in off] == [coded.slug]
    assert len(after) == 2


def test_what_was_withdrawn_is_not_told_though_its_meaning_is_still_held(fake: Fake) -> None:
    centre = make_organisation()
    one, gone = tell(BUS), tell(f"other {BUS}", centre=centre)
    others()
    embed()
    assert len(alike(one)) == 1

    keeping.withdraw(gone, by=as_visitor("manager", centre), because="outdated")
    nearby.forget()
    from koinon.practices import listing

    listing.forget()

    assert alike(one) == []


def test_the_page_is_kept_for_all_once_its_meaning_is_there(fake: Fake) -> None:
    one = tell(BUS)
    address = f"/practices/{one.slug}/"
    before = Client().get(address)
    vectors.store.look()
    none_yet = Client().get(address)
    embed()
    after = Client().get(address)
    encoder.use(None)
    with override_settings(ENCODER="off"):
        off = Client().get(address)

    assert [MARK in answer for answer in (before, none_yet, after, off)] == [False, False, True, True]


def test_a_meaning_that_comes_later_is_told_without_a_new_version_of_the_data(fake: Fake) -> None:
    one = tell(BUS)
    others()
    embed()
    before = alike(one)
    other = tell(f"other {BUS}")
    without = alike(one)
    embed()

    assert (before, without) == ([], [])
    assert [slug for slug, _why in alike(one)] == [other.slug]


def test_why_is_told_in_the_language_of_the_page(fake: Fake) -> None:
    one, _coded = tell(BUS, topics=("childcare",)), tell("different", topics=("childcare",))

    with override("de"):
        german = alike(one)

    assert german[0][1] != alike(one)[0][1]
