"""The desk over the API: the same rights as on the page, held to the token's scopes, each key once."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from koinon.network.models import Role
from koinon.network.visitor import Visitor
from koinon.people import actions as people
from koinon.people.models import Token
from koinon.questions.actions import asking
from koinon.questions.models import Answer, Question
from koinon.questions.testing import make_question, staff
from koinon.questions.tests.test_life import BOLOGNA, emilia_romagna, italy

pytestmark = pytest.mark.django_db


def program(visitor: Visitor, *scopes: str) -> Client:
    """A program with a token of this person; all three scopes unless said otherwise."""
    assert visitor.person is not None
    chosen = scopes or (Token.Scope.READ, Token.Scope.WRITE, Token.Scope.DESK)
    _token, secret = people.make_token(visitor.person, by=None, label="test", scopes=chosen)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def post(client: Client, question: Question, what: str, key: str = "", **sent: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    url = f"/api/v1/desk/cases/{question.number}/{what}"
    return client.post(url, sent, content_type="application/json", headers=headers)


def test_cases_are_those_of_ones_desk_and_never_confidential() -> None:
    anna = staff(italy())
    mine = make_question(place=BOLOGNA)
    Question.objects.filter(pk=make_question(place=BOLOGNA).pk).update(confidential=True)
    make_question(place="FR")

    answer = program(anna).get("/api/v1/desk/cases")

    assert [row["number"] for row in answer.json()["items"]] == [mine.number]


def test_a_case_is_worked_to_its_end() -> None:
    anna, bruno = staff(italy()), staff(emilia_romagna(), Role.Kind.AUTHORITY)
    question = make_question("Who signs for two villages?", place=BOLOGNA)
    asking.decide(question, helped="", may_publish=True, may_follow_up=False)

    forwarded = post(program(anna), question, "forward", to=emilia_romagna().slug, reason="Your call.")
    back = post(program(bruno), question, "reply", text="One budget or two?")
    note = post(program(bruno), question, "note", text="Looks fine.")
    answered = post(program(bruno), question, "answer", text="One of them signs.", publish=True)

    assert [r.status_code for r in (forwarded, back, note, answered)] == [200] * 4
    assert answered.json()["state"] == "answered"
    assert answered.json()["published"] == Answer.objects.get().get_absolute_url()


def test_what_could_tell_who_asked_is_not_published_by_a_program() -> None:
    anna = staff(italy())
    question = make_question("Who signs? Call 0532 123 456 or me@example.eu", place=BOLOGNA)
    asking.decide(question, helped="", may_publish=True, may_follow_up=False)

    answered = post(program(anna), question, "answer", text="One of them signs.", publish=True)

    assert answered.json()["published"] is None
    assert Answer.objects.count() == 0


def test_the_same_key_acts_once_and_another_body_is_refused() -> None:
    anna = staff(italy())
    client, question, key = program(anna), make_question(place=BOLOGNA), str(uuid4())

    first, again = (post(client, question, "note", key, text="A note").json() for _ in range(2))
    other = post(client, question, "note", key, text="Another note")

    assert first == again
    assert other.status_code == 422
    assert question.steps.filter(kind="note").count() == 1


def test_what_ended_cannot_be_answered_again() -> None:
    anna = staff(italy())
    question = make_question(place=BOLOGNA)

    closed = post(program(anna), question, "close", reason="outside", words="Not about this.")
    answered = post(program(anna), question, "answer", text="Like this.")

    assert (closed.status_code, answered.status_code) == (200, 409)


@pytest.mark.parametrize("what", ["assign", "forward", "reply", "note", "answer", "close"])
def test_another_desks_case_is_nothing_there(what: str) -> None:
    anna, stranger = staff(italy()), staff(emilia_romagna(), Role.Kind.AUTHORITY)
    question = make_question(place=BOLOGNA)
    sent = {
        "assign": {"to": "somebody@example.eu"},
        "forward": {"to": "operators", "reason": "Theirs."},
        "close": {"reason": "outside"},
    }.get(what, {"text": "Some words."})

    denied = post(program(stranger), question, what, **sent)
    Question.objects.filter(pk=question.pk).update(number="IT-2026-9998")
    missing = post(program(stranger), question, what, **sent)

    assert (denied.status_code, denied.content) == (404, missing.content)
    assert question.steps.count() == 2
    assert anna.person is not None


def test_without_the_scope_or_without_a_token_there_is_no_desk() -> None:
    anna = staff(italy())
    question = make_question(place=BOLOGNA)

    assert program(anna, Token.Scope.READ).get("/api/v1/desk/cases").status_code == 403
    assert (
        post(
            program(anna, Token.Scope.READ, Token.Scope.WRITE), question, "answer", text="Like this."
        ).status_code
        == 403
    )
    assert Client().get("/api/v1/desk/cases").status_code == 401
