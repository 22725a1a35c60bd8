"""Answers by mail: the asker's are added, a desk's are notes, and nobody else's are anything."""

import pytest
from django.conf import LazySettings

from koinon.mail import actions as mail
from koinon.mail import incoming
from koinon.mail.models import Outbox
from koinon.people.models import Person
from koinon.questions.actions import asking, working
from koinon.questions.actions.receipts import address_for
from koinon.questions.models import Question
from koinon.questions.testing import make_question, staff
from koinon.questions.tests.test_life import BOLOGNA, italy

pytestmark = pytest.mark.django_db
ASKER = "asker@example.eu"


@pytest.fixture(autouse=True)
def _mail_comes_in(settings: LazySettings) -> None:
    settings.MAIL_IN = "reply@koinon.example"


def letter(to: str | None, sender: str = ASKER, text: str = "One budget each.", more: str = "") -> bytes:
    return (
        f"From: {sender}\r\nTo: {to}\r\nSubject: Re: your question\r\nMessage-ID: <{hash((to, sender, text))}@elsewhere>\r\n"
        f"{more}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    ).encode()


def asked() -> Question:
    question = make_question(place=BOLOGNA, email=ASKER)
    asking.confirm_email(question)
    question.refresh_from_db()
    return question


def said(question: Question) -> list[tuple[str, str]]:
    return [
        (step.kind, step.text) for step in question.steps.all() if step.kind in {"added", "note", "answered"}
    ]


def test_the_askers_reply_is_added_once_and_the_clock_goes_on() -> None:
    anna = staff(italy())
    question = asked()
    working.ask_back(question, by=anna, text="One budget or two?", language="en")
    sent = Outbox.objects.get(to=ASKER, subject__contains="you are asked")
    assert sent.reply_to == address_for(question)

    incoming.receive(letter(sent.reply_to))
    incoming.receive(letter(sent.reply_to))

    question.refresh_from_db()
    assert said(question) == [("added", "One budget each.")]
    assert question.state == "taken"


def test_a_reply_from_another_address_changes_nothing() -> None:
    question = asked()

    with pytest.raises(incoming.Refused):
        incoming.receive(letter(address_for(question), sender="somebody@example.eu"))

    assert said(question) == []


def test_a_forged_token_is_nothing() -> None:
    question = asked()
    address = address_for(question)
    assert address is not None
    token, _, domain = address.partition("@")
    forged = f"{token[:-1]}{(int(token[-1], 16) + 1) % 16:x}@{domain}"

    with pytest.raises(incoming.Refused):
        incoming.receive(letter(forged))

    assert said(question) == []


def test_a_reply_from_the_desk_is_a_note_and_never_reaches_the_asker() -> None:
    anna = staff(italy())
    assert isinstance(anna.person, Person)
    question = asked()

    incoming.receive(
        letter(address_for(question, anna.person), sender=anna.person.email, text="I know this one.")
    )

    assert said(question) == [("note", "I know this one.")]
    assert [step.text for step in question.steps.for_asker() if step.text] == [question.text]


def test_who_no_longer_works_there_cannot_write_by_an_old_mail() -> None:
    anna = staff(italy())
    assert isinstance(anna.person, Person)
    question = asked()
    address = address_for(question, anna.person)
    working.forward(question, by=anna, to=None, reason="Not ours", language="en")

    with pytest.raises(incoming.Refused):
        incoming.receive(letter(address, sender=anna.person.email))


def test_an_absence_notice_is_no_answer() -> None:
    question = asked()

    with pytest.raises(incoming.Refused):
        incoming.receive(letter(address_for(question), more="Auto-Submitted: auto-replied\r\n"))

    assert said(question) == []


def test_a_confidential_one_has_no_reply_address_and_takes_no_mail() -> None:
    question = asked()
    address = address_for(question)
    Question.objects.filter(pk=question.pk).update(confidential=True)
    question.refresh_from_db()

    assert address_for(question) is None
    with pytest.raises(incoming.Refused):
        incoming.receive(letter(address))


def test_many_new_questions_are_one_mail_an_hour() -> None:
    anna = staff(italy())
    assert isinstance(anna.person, Person)

    for _ in range(5):
        make_question(place=BOLOGNA)

    assert mail.send_due() == 1
    assert not Outbox.objects.filter(state=Outbox.State.WAITING).exists()
    make_question(place=BOLOGNA)
    # The next one waits for the hour to end.
    assert mail.send_due() == 0


def test_what_is_withdrawn_is_in_no_mail_any_more() -> None:
    anna = staff(italy())
    question = make_question("Who signs for the heron?", place=BOLOGNA, email=ASKER)
    assert anna.person is not None
    assert Outbox.objects.filter(text__contains="heron").exists()

    asking.withdraw(question)

    assert not Outbox.objects.filter(text__contains="heron").exists()


def test_an_address_is_not_flooded_by_whoever_types_it() -> None:
    for _ in range(5):
        make_question(place=BOLOGNA, email=ASKER)

    while mail.send_due():
        pass

    assert Outbox.objects.filter(to=ASKER, state=Outbox.State.SENT).count() == 1
