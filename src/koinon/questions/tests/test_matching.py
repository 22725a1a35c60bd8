"""Answers that may fit are offered in time: by words always, by meaning and by the field's concepts where the search answers."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from koinon.journal import versions
from koinon.places.models import Place
from koinon.practices import found as practices_found
from koinon.practices import listing
from koinon.practices.models import Practice
from koinon.practices.testing import make_practice, make_translation
from koinon.questions import found, matching
from koinon.questions.models import Answer, Question
from koinon.search import bridges, encoder, ranking, sources, spaces, vectors
from koinon.search.encoder.testing import Fake
from koinon.search.models import Vector
from koinon.search.testing import build, house, things, until

pytestmark = pytest.mark.django_db

# The encoder of the tests finds texts alike that share words, and words of two letters are none for the words' index: such a
# text stands for one that is alike in meaning only.
TYPED = "of us to be in it, is it so, zebra?"
ASKED = "Is it so to be in it of us, mango?"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Fake]:
    """An index of its own, and an encoder that starts nothing."""
    made = Fake()
    monkeypatch.setattr(spaces, "_parallel", [])
    monkeypatch.setattr(vectors, "REST", 0.0)
    # Likeness by shared words is less than what an encoder sees.
    monkeypatch.setattr(ranking, "NEAR", -2.0)
    monkeypatch.setattr(bridges, "_concepts", [])
    encoder.use(made)
    _forget()
    with house(tmp_path, encoder=""):
        yield made
    encoder.use(None)
    _forget()


def _forget() -> None:
    vectors.store.forget()
    vectors._kept.clear()
    vectors._wished.clear()
    matching.forget()
    listing.forget()


def answer(asked: str, text: str = "Yes.", place: str = "IT", **more: object) -> Answer:
    made = Answer.objects.create(asked=asked, text=text, **{"language": "en", "asked_language": "en"} | more)
    made.places.add(Place.objects.get(pk=place))
    return made


def bus() -> Practice:
    """A practice told in Bulgarian: volunteers drive a bus."""
    summary = "Шофьори доброволци возят хората."
    return make_practice("Селски автобус", summary=summary, language="bg", places=("BG",))


@contextmanager
def searchable() -> Iterator[None]:
    """The search as it is once everything was taken in: published answers, and practices."""
    listing.forget()
    with things():
        found.join_in()
        practices_found.join_in()
        build()
        for source in list(sources.sources.values()):
            vectors.take(list(source.load(list(source.keys()))))
        while vectors.make_some():
            pass
        vectors.store.look()
        yield


def others(number: int = 8) -> None:
    for one in range(number):
        answer(f"n{one} m{one} k{one} h{one}?")


def offers(text: str = TYPED) -> list[Answer]:
    return [match.answer for match in matching.matches(text)]


def test_an_answer_is_offered_that_shares_no_word_but_the_meaning(fake: Fake) -> None:
    fitting = answer(ASKED)
    others()

    with searchable():
        (match,) = matching.matches(TYPED, place=Place.objects.get(pk="ITH5"))

    assert matching._by_words(TYPED, matching._index(versions.known())) == {}
    assert (match.answer, match.holds_here) == (fitting, True)
    assert 0.5 <= match.score <= 1


def test_the_nearest_is_not_offered_where_it_is_not_near(fake: Fake) -> None:
    answer("When does the ferry leave the harbour?")
    bus()

    with searchable():
        assert matching.offered(TYPED) == matching.Offered([], [])


def test_words_and_meaning_are_one_list_without_doubles(fake: Fake) -> None:
    both, words = answer("Who pays the travel to a visit?"), answer("Who pays the bakery and the bread?")
    meant = answer("of to who it a us in be so it is")

    with searchable():
        found_now = offers("Who pays the travel to a visit? of to who it a us in be so it is")

    assert sorted(one.pk for one in found_now) == sorted({one.pk for one in found_now})
    assert both in found_now
    assert len(offers("Who pays the travel?")) == 2
    assert {both, words} == set(offers("Who pays the travel?"))
    assert meant.pk


def test_what_was_taken_off_is_not_offered_though_the_index_still_has_it(fake: Fake) -> None:
    fitting = answer(ASKED)
    others()
    with searchable():
        assert offers() == [fitting]
        Answer.objects.filter(pk=fitting.pk).update(withdrawn_at=timezone.now())
        assert offers() == []
        matching.forget()
        assert offers() == []


@pytest.mark.parametrize("trouble", ["no index", "no encoder", "turned off"])
def test_without_search_or_encoder_the_words_answer_as_before(trouble: str, fake: Fake) -> None:
    words = answer("Who pays the travel to a visit?")
    answer(ASKED)
    fake.is_away = trouble == "no encoder"
    more = {"ENCODER": "off"} if trouble == "turned off" else {}

    with nullcontext() if trouble == "no index" else searchable_by_words(), override_settings(**more):
        assert offers("Who pays the travel?") == [words]
        assert offers() == []


@contextmanager
def searchable_by_words() -> Iterator[None]:
    with things():
        found.join_in()
        build()
        yield


def test_a_practice_is_offered_as_one_where_it_speaks_of_the_same(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def concepts(text: str) -> frozenset[str]:
        speaks_of = {"volunteering": ("volunteers", "доброволци"), "rural-transport": ("bus", "автобус")}
        return frozenset(
            name for name, words in speaks_of.items() if any(word in text.lower() for word in words)
        )

    monkeypatch.setattr(bridges, "_concepts", [concepts])
    made = bus()
    with searchable(), override("de"):
        (both,) = matching.offered("How do volunteers run a bus?").practices
        one = matching.offered("How do we buy a bus?").practices
        Practice.objects.filter(pk=made.pk).update(
            state="withdrawn", withdrawn_because="Gone.", withdrawn_at=timezone.now()
        )
        listing.forget()
        withdrawn = matching.offered("How do volunteers run a bus?").practices

        assert (both.slug, both.title, both.read_in) == (made.slug, "Селски автобус", "bg")
        assert both.url == f"/de/practices/{made.slug}/"
    assert one == []
    assert withdrawn == []


def test_what_was_done_near_the_place_comes_first(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridges, "_concepts", [lambda text: frozenset({"bus"})])
    for where in ("BG", "IT", "ITH5"):
        make_practice(f"A bus that volunteers drive in {where}", places=(where,))

    with searchable():

        def near(code: str) -> list[str]:
            place = Place.objects.get(pk=code)
            rows = matching.offered("How do volunteers drive a bus?", place=place).practices
            return [row.places[0].code for row in rows]

        assert near("ITH5") == ["ITH5", "IT"]
        assert near("ITC1")[0] in {"IT", "ITH5"}
        assert near("BG")[0] == "BG"


def test_of_equal_answers_the_one_of_the_nearest_level_comes_first(fake: Fake) -> None:
    same = "Who pays the travel to a visit?"
    there = {code: answer(same, place=code) for code in ("ITH5", "EU", "BG", "IT")}
    modena = Place.objects.get(pk="ITH54")

    found_now = matching.matches(same, place=modena, most=4)

    assert [one.answer for one in found_now] == [there[code] for code in ("ITH5", "IT", "EU", "BG")]
    assert [one.holds_here for one in found_now] == [True, True, True, False]


def test_who_types_does_not_wait_longer_than_promised(fake: Fake) -> None:
    words = answer("Who pays the travel to a visit?")
    with searchable(), override_settings(MEANING_THREAD=True):
        fake.takes = 0.9
        matching._ask(TYPED, matching._index(versions.known()), ("answer",))
        began = time.monotonic()
        found_now = [offers("Who pays the travel?") for _ in range(3)]
        took = time.monotonic() - began
        until(lambda: matching._free._value == 2, 20)

    assert found_now == [[words]] * 3
    # Two at most are waited for; who comes while both are at work is answered by the words at once.
    assert took < 3 * matching.PATIENCE + 0.3


def test_a_long_list_is_the_words_own(fake: Fake) -> None:
    answer(ASKED)
    with searchable():
        fake.embedded.clear()
        assert matching.matches(TYPED, most=200) == []

    assert fake.embedded == []


def test_nothing_of_what_is_typed_is_stored_or_logged(
    fake: Fake, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(ASKED)
    marks = {vectors.digest(fake.model, kind, TYPED) for kind in ("query", "passage")}
    with searchable():
        offers()
        wished = set(vectors._wished)
        vectors.make_wished(100)

        def breaks(text: str, **_more: object) -> None:
            raise ValueError(text)

        monkeypatch.setattr("koinon.search.service.similar", breaks)
        offers()

    assert any("zebra" in text for text in fake.embedded)
    # What was asked before is public and kept; what is typed is not.
    assert vectors.digest(fake.model, "passage", ASKED) in wished
    assert marks.isdisjoint(wished)
    assert marks.isdisjoint(Vector.objects.values_list("digest", flat=True))
    assert marks.isdisjoint(Vector.objects.values_list("key", flat=True))
    assert [record.getMessage() for record in caplog.records if "ValueError" in record.getMessage()]
    assert "zebra" not in caplog.text


@pytest.mark.parametrize(
    "text", ["", "?!", "\ufdfa" * 2000, "\ud800 abc", "\0 abc", "x" * 1_000_000, "abc OR (+"]
)
def test_whatever_is_typed(text: str, fake: Fake) -> None:
    answer(ASKED)
    bus()
    with searchable():
        assert matching.offered(text) == matching.Offered([], [])


def test_the_page_that_is_asked_while_typing_has_it(fake: Fake, client: Client) -> None:
    answer(ASKED, text="Since 2021 it is so.")
    others()
    with searchable():
        page = client.get(reverse("questions:like"), {"text": TYPED})
        sent = client.post(reverse("questions:like"), {"text": TYPED})

    assert page.status_code == sent.status_code == 200
    assert "Since 2021 it is so." in page.content.decode()
    assert sent.content == page.content
    assert sent.headers["Cache-Control"] == "no-store"


def test_practices_are_told_with_where_and_in_whose_words(
    fake: Fake, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = frozenset({"bus", "volunteering"})
    monkeypatch.setattr(bridges, "_concepts", [lambda text: frozenset() if "zebra" in text else said])
    made = bus()
    assert made.shown is not None
    make_translation(
        made.shown, "en", made="machine", service="LibreTranslate", texts={"title": "Village bus"}
    )
    asked = {"text": "How do volunteers drive a bus?", "place": "BG", "nonce": "", "look": "1"}
    with searchable():
        part = client.get(reverse("questions:like"), asked).content.decode()
        page = client.get(reverse("ask"), asked).content.decode()
        looked = client.post(reverse("ask"), asked)
        nothing = client.get(reverse("questions:like"), {"text": "zebra"}).content.decode()

    for shown in (part, page, looked.content.decode()):
        assert f'<a href="/practices/{made.slug}/" lang="en" dir="auto">Village bus</a>' in shown
        assert "<bdi>Bulgaria</bdi>" in shown
        assert "Translated by a machine from Bulgarian" in shown
        assert "1 found" in shown
        assert "No published answer fits so far." in shown
    assert looked.status_code == 200
    assert Question.objects.count() == 0
    assert "0 found" in nothing
    assert "Nothing that fits" in nothing


def test_a_slow_encoder_leaves_practices_that_words_and_concepts_find(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bridges, "_concepts", [lambda text: frozenset({"bus", "volunteering"})])
    made = bus()
    with searchable(), override_settings(MEANING_THREAD=True):
        fake.takes = 0.9
        found_now = matching.offered("How do volunteers drive a bus?").practices
        until(lambda: matching._free._value == 2, 20)
        with override_settings(ENCODER="off"):
            off = matching.offered("How do volunteers drive a bus?").practices

    assert [row.slug for row in found_now] == [row.slug for row in off] == [made.slug]
