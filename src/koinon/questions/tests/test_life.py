"""The whole way of a question: asked without an account, routed, forwarded, answered, consented, published, found."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from koinon.journal.models import Gap
from koinon.mail.models import Outbox
from koinon.network.models import Organisation, Role
from koinon.network.visitor import ANYONE
from koinon.places.models import Place
from koinon.questions import matching, routing
from koinon.questions.actions import asking, publishing, working
from koinon.questions.actions.receipts import code_of
from koinon.questions.actions.steps import Changed, broken_steps
from koinon.questions.life import State
from koinon.questions.models import Answer, Question, Step
from koinon.questions.models.questions import hash_of
from koinon.questions.testing import make_question, staff

pytestmark = pytest.mark.django_db
BOLOGNA, MODENA, VALLETTA = "3181928", "3173331", "2562305"


def italy() -> Organisation:
    return Organisation.objects.get(kind=Organisation.Kind.CENTRE, country="IT")


def emilia_romagna() -> Organisation:
    place = Place.objects.get(pk=BOLOGNA)
    bodies = routing.ladder(place, timezone.localdate())
    return next(body.organisation for body in bodies if body.level == "region")


def test_the_way_of_a_question_from_bologna_to_modena() -> None:
    anna, bruno = staff(italy()), staff(emilia_romagna(), Role.Kind.AUTHORITY)
    bologna = Place.objects.get(pk=BOLOGNA)

    question, code = asking.ask(
        bologna,
        by=ANYONE,
        text="Can two small municipalities apply together?",
        nonce="nonce-nonce",
        language="en",
    )
    assert (question.desk, question.state) == (italy(), State.WAITING)
    assert italy().name in routing.reason_words(question.because)

    working.forward(question, by=anna, to=emilia_romagna(), reason="It is about your call.", language="en")
    question.refresh_from_db()
    assert question.desk == emilia_romagna()
    working.take(question, by=bruno)
    question = working.answer(question, by=bruno, text="Yes, one of the two signs as lead.", language="en")
    assert question.state == State.ANSWERED

    asking.decide(question, helped="yes", may_publish=True, may_follow_up=False)
    answer = publishing.publish(
        question,
        by=bruno,
        asked="Can two small municipalities apply together?",
        text="Yes, one of the two signs as lead.",
        language="en",
        asked_language="en",
        places=[Place.objects.get(pk="ITH5")],
        sources=["Call of 2026, section 3"],
    )

    modena = Place.objects.get(pk=MODENA)
    assert list(Answer.objects.public().for_place(modena)) == [answer]
    (match,) = matching.matches("May small municipalities apply together?", place=modena)
    assert (match.answer, match.holds_here) == (answer, True)
    assert broken_steps() == []
    assert code == code_of(question)


def test_where_no_centre_has_a_desk_it_ends_at_the_right_level_and_the_gap_is_counted() -> None:
    question = make_question(place=VALLETTA)

    assert question.desk is None
    assert question.because["rung"] == "operators"
    assert Gap.objects.filter(place=VALLETTA, shelf__startswith="desk:").count() > 0


def test_sent_twice_it_is_one_question() -> None:
    first, second = (
        make_question("Who signs?", nonce="the-same-nonce"),
        make_question("Who signs?", nonce="the-same-nonce"),
    )

    assert first == second
    assert Question.objects.count() == 1


def test_history_that_was_rewritten_shows() -> None:
    question = make_question()
    Step.objects.filter(question=question, kind="asked").update(text="Something else")

    assert broken_steps() == [question.steps.get(kind="asked").pk]


def test_due_dates_are_working_days_of_the_desks_country() -> None:
    staff(italy())
    way = routing.route(Place.objects.get(pk=BOLOGNA), date(2026, 12, 22))

    # Ten working days from Tuesday 22 December: without Christmas, Saint Stephen, New Year, Epiphany.
    assert way.due(date(2026, 12, 22)) == date(2027, 1, 8)


def test_an_address_gets_nothing_but_the_first_mail_until_it_is_confirmed() -> None:
    anna = staff(italy())
    question = make_question(place=BOLOGNA, email="asker@example.eu")
    working.take(question, by=anna)
    assert [mail.subject for mail in Outbox.objects.filter(to="asker@example.eu")] == [
        f"Your question {question.number}: is this your address?"
    ]

    asking.confirm_email(question)
    question.refresh_from_db()
    working.ask_back(question, by=anna, text="One budget or two?", language="en")

    assert Outbox.objects.filter(to="asker@example.eu").count() == 2


def test_of_two_who_publish_the_second_is_told() -> None:
    anna = staff(italy())
    question = make_question(place=BOLOGNA)
    working.answer(question, by=anna, text="One of them signs.", language="en")
    question = asking.decide(question, helped="", may_publish=True, may_follow_up=False)
    copy: Any = {
        "asked": "Who?",
        "language": "en",
        "asked_language": "en",
        "places": [Place.objects.get(pk="IT")],
    }

    publishing.publish(question, by=anna, text="Hers.", version=0, **copy)

    with pytest.raises(Changed):
        publishing.publish(question, by=anna, text="His.", version=0, **copy)
    assert Answer.objects.get().text == "Hers."


def test_the_same_key_at_the_same_moment_gives_the_same_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two looks at the database the first of two is committed: the second is no other body under its key."""
    first: list[tuple[Question, str]] = []

    def ask() -> tuple[Question, str]:
        return asking.ask(
            Place.objects.get(pk="IT"), by=ANYONE, text="Which costs count?", nonce="nonce-nonce", key="a-key"
        )

    def meanwhile(secret: str) -> str:
        monkeypatch.setattr(asking, "hash_of", hash_of)
        first.append(ask())
        return hash_of(secret)

    monkeypatch.setattr(asking, "hash_of", meanwhile)

    second = ask()

    assert [second] == first
    assert Question.objects.count() == 1


def test_a_complaint_brings_back_what_a_notice_took_and_nothing_else() -> None:
    """A body that took its answer off itself had its reasons, whatever was decided on a notice afterwards."""
    head = staff(italy())
    question = make_question(place=BOLOGNA)
    working.answer(question, by=head, text="A fund.", language="en")
    question = asking.decide(question, helped="", may_publish=True, may_follow_up=False)
    made = publishing.publish(
        question,
        by=head,
        asked="What is there?",
        text="A fund.",
        language="en",
        asked_language="en",
        places=[Place.objects.get(pk="IT")],
    )

    publishing.withdraw_answer(made, by=None, because=publishing.NOTICE)
    assert not Answer.objects.public().exists()
    publishing.restore_answer(made)
    assert Answer.objects.public().get() == made

    publishing.withdraw_answer(made, by=head, because=publishing.NOTICE)
    publishing.restore_answer(made)
    assert not Answer.objects.public().exists()
