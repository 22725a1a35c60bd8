"""Nothing that not everybody may read is ever in the index: each thing that is hidden holds a word that nobody else has."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from koinon.agenda.actions import publishing as sessions
from koinon.agenda.models import Segment, Session
from koinon.agenda.testing import make_session
from koinon.network.actions import facts
from koinon.network.testing import make_organisation, make_visitor
from koinon.people.testing import make_person
from koinon.places.models import Place
from koinon.practices.testing import make_practice
from koinon.questions.actions import asking, publishing, working
from koinon.questions.models import Answer, Question
from koinon.questions.testing import make_desk, make_question
from koinon.search import service
from koinon.search.models import Change
from koinon.search.sources import sources
from koinon.search.testing import build, catch_up, house

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_too]

WORD = "kanarjavogel"
"""Stands in everything that is public; what is hidden has a word that begins so and goes on."""


@pytest.fixture(autouse=True)
def _house(tmp_path: Path, db: None) -> Iterator[None]:
    Change.objects.all().delete()
    with house(tmp_path):
        yield


def whole() -> str:
    """Every byte that is in the index, as it stands in its documents."""
    using = service.reader.engine()
    parts = [repr(using.document(*thing)) for thing in using.things()]
    return "\n".join(parts).lower()


def found(word: str) -> list[tuple[str, str]]:
    return [hit.document.thing for hit in service.search(word, limit=50).hits if word in repr(hit.document)]


def an_answer(word: str) -> Answer:
    """A published answer, made as people make them."""
    desk, worker = make_desk()
    question = make_question(f"{word} asks what to do?", place="BE", desk=desk)
    Question.objects.filter(pk=question.pk).update(may_publish=True)
    question.refresh_from_db()
    working.answer(question, by=worker, text=f"{word} is how.", language="en", version=question.version)
    question.refresh_from_db()
    return publishing.publish(
        question,
        by=worker,
        asked=f"{word} asks?",
        text=f"{word} is how.",
        language="en",
        asked_language="en",
        places=[Place.objects.get(pk="BE")],
    )


def test_what_is_hidden_is_not_in_the_index(client: Client) -> None:
    organisation = make_organisation(f"{WORD} centre")
    make_organisation(f"{WORD}draft centre", published=False)
    make_session(f"{WORD} session", organiser=organisation)
    make_session(f"{WORD}unpublished", organiser=organisation, published=False)
    make_session(f"{WORD}invited", organiser=organisation, audience=Session.Audience.INVITED)
    answer = an_answer(WORD)
    withdrawn = an_answer(f"{WORD}withdrawn")
    publishing.withdraw_answer(withdrawn, by=None, because="mistake")
    make_question(f"{WORD}question that waits for an answer?", place="BE")
    make_person(name=f"{WORD}person", email=f"{WORD}mail@example.eu")
    make_practice(f"{WORD}practice", state="draft")

    build()

    assert {kind for kind, _ in found(WORD)} >= {"organisation", "session", "answer"}
    text = whole()
    assert WORD in text
    for hidden in ("draft", "unpublished", "invited", "withdrawn", "question", "person", "mail", "practice"):
        assert WORD + hidden not in text, hidden
    page = client.get(f"/search/?q={WORD}&format=json").content.decode()
    assert WORD + "draft" not in page
    assert ("answer", str(answer.pk)) in found(WORD)


def test_every_source_asks_what_is_public() -> None:
    """Whatever name a source is asked for, it gives only what its own list of names holds."""
    hidden = {
        "organisation": make_organisation("Hidden", published=False).slug,
        "session": make_session("Hidden", published=False).code,
        "answer": str(an_answer("Hidden").pk),
    }
    publishing.withdraw_answer(Answer.objects.get(pk=hidden["answer"]), by=None, because="mistake")
    for type, key in hidden.items():
        assert list(sources[type].load([key])) == [], type
        assert key not in set(sources[type].keys()), type


def test_what_is_taken_back_goes_at_once() -> None:
    """Each deed that hides something says so in its own transaction."""
    coordinator = make_visitor("coordinator")
    organisation = make_organisation(f"{WORD} centre")
    session = make_session(f"{WORD} session", organiser=organisation)
    answer, given_back = an_answer(WORD), an_answer(WORD)
    build()
    assert len(found(WORD)) == 4

    facts.publish(organisation, by=coordinator, published=False)
    sessions.delete(session, by=make_visitor("manager", organisation))
    publishing.withdraw_answer(answer, by=None, because="mistake")
    assert given_back.question is not None
    asking.unpublish(given_back.question, because="consent")
    catch_up()

    assert found(WORD) == []
    assert WORD not in whole()


def test_what_is_said_anew_is_found() -> None:
    coordinator = make_visitor("coordinator")
    organisation = make_organisation("A centre", published=False)
    session = make_session("A session", organiser=organisation, published=False)
    answer = an_answer("something")
    publishing.withdraw_answer(answer, by=None, because=publishing.NOTICE)
    Segment.objects.filter(session=session).update(title=WORD)
    build()
    assert found(WORD) == []

    facts.publish(organisation, by=coordinator, published=True)
    sessions.publish(session, by=make_visitor("manager", organisation))
    publishing.restore_answer(answer)
    answer.refresh_from_db()
    publishing.change_answer(
        answer,
        by=coordinator,
        version=answer.version,
        text=f"{WORD} it is.",
        sources=[],
        valid_until=None,
        places=[],
    )
    catch_up()

    assert sorted(kind for kind, _ in found(WORD)) == ["answer", "session"]
    assert service.search("A centre", types=["organisation"]).total >= 1


def test_names_of_speakers_and_people_are_not_findable() -> None:
    session = make_session(f"{WORD} session")
    session.speakers.create(name=f"{WORD}speaker", bio=f"{WORD}bio")

    build()

    assert WORD + "speaker" not in whole()
    assert WORD + "bio" not in whole()


def test_lone_signs_in_a_text_do_no_harm() -> None:
    make_organisation("Bad \ufdfa" * 30)
    build()

    assert service.search("bad").total >= 1
