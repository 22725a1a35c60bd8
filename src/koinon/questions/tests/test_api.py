"""Asking and reading over the API."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from koinon.questions.models import Question

pytestmark = pytest.mark.django_db
URL = "/api/v1/questions"


def ask(client: Client, key: str = "", **sent: str) -> Any:
    body = {"text": "Who signs for two villages?", "place": "bologna-3181928"} | sent
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(URL, body, content_type="application/json", headers=headers)


def test_a_question_has_an_owner_a_date_and_a_receipt_that_opens(client: Client) -> None:
    answer = ask(client)

    made = answer.json()
    assert answer.status_code == 201
    assert made["owner"] == {"name": "The operators of this installation", "url": None}
    assert client.get(made["receipt"]).status_code == 200
    assert Question.objects.get().number == made["number"]


def test_the_same_key_acts_once_and_another_body_is_refused(client: Client) -> None:
    key = str(uuid4())

    first, again = ask(client, key).json(), ask(client, key).json()
    other = ask(client, key, text="Something else entirely")

    assert first == again
    assert other.status_code == 422
    assert Question.objects.count() == 1


@pytest.mark.parametrize(
    "sent",
    [
        {"text": ""},
        {"text": "?"},
        {"text": "a\u0000b c d"},
        {"text": "abc\u202edef"},
        {"text": "Z" + "\u0301" * 40 + "algo"},
        {"text": "x" * 4001},
        {"place": "nowhere-1"},
        {"lang": "xx"},
        {"wish": "a miracle"},
        {"email": "no address"},
        {"number": "IT-2026-0001"},
    ],
)
def test_what_is_not_as_described_is_refused_and_nothing_is_kept(
    client: Client, sent: dict[str, str]
) -> None:
    answer = ask(client, **sent)

    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert Question.objects.count() == 0
