"""Programs report too, without a token; a key acts once."""

from typing import Any

import pytest
from django.test import Client

from koinon.network.testing import make_organisation
from koinon.network.visitor import ANYONE
from koinon.notices import actions
from koinon.notices.models import Notice, NoticeSet

pytestmark = pytest.mark.django_db

KEY = "8b0f2a1c-1111-4222-8333-444455556666"


def send(client: Client, body: dict[str, Any], key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post("/api/v1/notices", body, content_type="application/json", headers=headers)


def test_a_program_reports_and_gets_number_date_and_receipt(client: Client) -> None:
    centre = make_organisation()

    sent = send(client, {"about": f"organisation:{centre.slug}", "reason": "wrong", "text": "Not so."})

    notice = Notice.objects.get()
    assert sent.status_code == 201
    assert sent.json()["number"] == notice.number
    assert sent.json()["due"] == notice.due.isoformat()
    assert client.get(sent.json()["receipt"]).status_code == 200


def test_a_key_acts_once(client: Client) -> None:
    about = f"organisation:{make_organisation().slug}"

    answers = [send(client, {"about": about, "text": text}, KEY) for text in ("One", "One", "Two")]

    assert [answer.status_code for answer in answers] == [201, 201, 422]
    assert answers[0].json() == answers[1].json()
    assert Notice.objects.count() == 1


def test_of_two_bodies_with_one_key_at_the_same_moment_one_is_refused(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither saw the other when it looked."""
    about = f"organisation:{make_organisation().slug}"
    monkeypatch.setattr(NoticeSet, "exists", lambda _: False)

    answers = [send(client, {"about": about, "text": text}, KEY) for text in ("One", "Two")]

    assert [answer.status_code for answer in answers] == [201, 422]
    assert Notice.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"about": "site:privacy"}, 422),
        ({"about": "site:privacy", "text": ""}, 422),
        ({"about": "site:privacy", "text": "a\x00b"}, 422),
        ({"about": "site:privacy", "text": "a" * 100_000}, 422),
        ({"about": "site:privacy", "text": "a", "reason": "because"}, 422),
        ({"about": "site:privacy", "text": "a", "email": "nobody"}, 422),
        ({"about": "site:privacy", "text": "a", "outcome": "kept"}, 422),
        ({"about": "site:weather", "text": "a"}, 404),
        ({"about": "organisation:nobody", "text": "a"}, 404),
    ],
)
def test_what_is_wrong_is_said(client: Client, body: dict[str, str], status: int) -> None:
    answer = send(client, body)

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert Notice.objects.count() == 0


def test_without_a_key_each_sending_is_one() -> None:
    about = f"organisation:{make_organisation().slug}"

    codes = {actions.send(about, by=ANYONE, text="The same.")[1] for _ in range(2)}

    assert len(codes) == 2
