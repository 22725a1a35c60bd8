"""Whoever holds the receipt of what was said sees what became of it, and acts on it, until it is a question at a desk."""

import pytest
from django.test import Client
from django.urls import reverse

from koinon.live.testing import changes
from koinon.questions.actions.receipts import code_from
from koinon.questions.models import Question
from koinon.room.models import Contribution, Room
from koinon.room.testing import make_contribution, make_room

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_too]


def way(name: str, row: Contribution) -> str:
    return reverse(f"room:{name}", args=[row.room.session.code, code_from(row.seed)])


def receipt(row: Contribution) -> str:
    return reverse("receipts:receipt", args=[code_from(row.seed)])


def test_it_says_why_something_is_held_back(client: Client) -> None:
    row = make_contribution(make_room(), state="declined", reason="insults", words="Please put it kindly.")

    page = client.get(receipt(row)).content.decode()

    assert "it insults" in page
    assert "Please put it kindly." in page
    assert "Send it to a centre instead" in page


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [("new", "withdrawn", ""), ("declined", "declined", "Who pays?"), ("open", "follow_up", "Who pays?")],
)
def test_sent_to_a_centre_it_goes_on_at_the_same_address(
    client: Client, before: str, after: str, kept: str
) -> None:
    reason = "off_topic" if before == "declined" else ""
    row = make_contribution(make_room(), "Who pays?", state=before, reason=reason)

    answer = client.post(way("carry", row), {"place": "BE"})

    row.refresh_from_db()
    question = Question.objects.get()
    assert answer["Location"] == receipt(row)
    assert (row.state, row.text, row.question) == (after, kept, question)
    assert (question.text, question.place_id) == ("Who pays?", "BE")
    assert question.number in client.get(receipt(row)).content.decode()
    again = client.post(way("carry", row), {"place": "BE"})
    assert (again.status_code, Question.objects.count()) == (302, 1)
    shown = [data for about, data in changes(row.room.channel) if about == "question"]
    assert [data["state"] for data in shown] == (["follow_up"] if before == "open" else [])


def test_what_is_withdrawn_is_erased_and_its_wordings_stand_by_themselves(client: Client) -> None:
    room = make_room()
    head = make_contribution(room, "Who pays?", contact="a@example.org", name="Ana")
    wording = make_contribution(room, "Chi paga?", state="merged", merged_into=head)
    Room.objects.update(stage=head)
    assert client.post(way("withdraw", head)).status_code == 422

    client.post(way("withdraw", head), {"sure": "on"})

    head.refresh_from_db()
    wording.refresh_from_db()
    assert (head.state, head.text, head.contact, head.name) == ("withdrawn", "", "", "")
    assert (wording.state, wording.merged_into) == ("open", None)
    assert Room.objects.get().stage is None
    assert {"id": head.pk, "gone": True} in [data for _about, data in changes(room.channel)]
    assert "Who pays?" not in client.get(receipt(head)).content.decode()


def test_the_author_mends_what_waits_and_nothing_else(client: Client) -> None:
    room = make_room()
    waiting, shown = make_contribution(room, state="new"), make_contribution(room, "As it was")

    answers = [client.post(way("reword", row), {"text": "Better words"}) for row in (waiting, shown)]

    waiting.refresh_from_db()
    shown.refresh_from_db()
    assert [answer.status_code for answer in answers] == [302, 409]
    assert (waiting.text, shown.text) == ("Better words", "As it was")


def test_a_code_that_nobody_holds_is_nothing(client: Client) -> None:
    row = make_contribution(make_room())
    other = make_room()
    code = code_from(row.seed)

    answers = [
        client.get("/receipts/0000-0000-0000-0000-0000/"),
        client.post(reverse("room:withdraw", args=[other.session.code, code]), {"sure": "on"}),
        client.post(reverse("room:carry", args=[row.room.session.code, "0000"]), {"place": "BE"}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert client.get(f"/receipts/{code.lower().replace('-', '')}/")["Location"] == receipt(row)
