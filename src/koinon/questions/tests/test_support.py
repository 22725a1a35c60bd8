"""Expert support for managing authorities: requested, handled by name, kept, shared by consent, asked after again."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from koinon.journal.models import Entry
from koinon.mail.models import Outbox
from koinon.network.models import Organisation, Role
from koinon.network.testing import make_organisation
from koinon.network.visitor import Visitor, visitor_for
from koinon.people import actions as people
from koinon.people.models import Person
from koinon.people.testing import come_in, make_passkey, make_person
from koinon.questions import triage
from koinon.questions.actions import support, working
from koinon.questions.actions.steps import NotFrom, broken_steps
from koinon.questions.life import State
from koinon.questions.models import Answer, Assignment, Counter, Question, Request, Triage
from koinon.questions.testing import make_request, make_triage, staff

pytestmark = pytest.mark.django_db


def authority(country: str = "IT") -> tuple[Organisation, Visitor]:
    body = make_organisation(country=country, kind=Organisation.Kind.MANAGING_AUTHORITY)
    return body, staff(body, Role.Kind.AUTHORITY)


def expert() -> Visitor:
    return staff(make_organisation())


def person_of(visitor: Visitor) -> Person:
    assert visitor.person is not None
    return visitor.person


def mails_to(visitor: Visitor) -> list[Outbox]:
    return list(Outbox.objects.filter(to=person_of(visitor).email).order_by("pk"))


def assigned(request: Request, by: Visitor, who: Visitor) -> Request:
    support.assign_expert(request, by=by, email=person_of(who).email)
    return support.accept(request, by=who)


def signed_in(visitor: Visitor, how: str = "mfa") -> Client:
    """In a browser, with a passkey just now unless said otherwise."""
    if how == "mfa":
        make_passkey(person_of(visitor))
    client = Client(headers={"Sec-Fetch-Site": "same-origin"})
    return come_in(client, person_of(visitor), how=how, proved=True)


def test_a_confidential_request_is_worked_to_its_end() -> None:
    coordinator, (body, ana), ben = make_triage(), authority(), expert()

    request = support.request_support(
        body, by=ana, text="How do we pay residents?", confidential=True, nonce="nonce-one"
    )
    assert (request.question.desk, request.question.state) == (None, State.WAITING)
    assert [line.country for line in triage.lines(coordinator)] == ["IT"]
    assigned(request, coordinator, ben)
    working.ask_back(request.question, by=ben, text="How many are they?", language="en")
    support.add_words(request, by=ana, text="Twelve of them.", nonce="nonce-two")
    working.answer(request.question, by=ben, text="By the hour, as experts.", language="en")
    support.store_outcome(request, by=ben, text="Residents are paid by the hour.")
    support.consent(request, by=ana, shared=True)
    answer = support.share_outcome(request, by=ben, asked="How are residents paid?")

    request.refresh_from_db()
    assert request.question.state == State.ANSWERED
    assert (answer.text, answer.question) == ("Residents are paid by the hour.", None)
    assert broken_steps() == []
    support.consent(request, by=ana, shared=False)
    assert not Answer.objects.public().filter(pk=answer.pk).exists()


def test_an_ordinary_request_goes_to_a_desk_but_never_to_the_one_that_asks() -> None:
    body, ana = authority("MT")

    request = support.request_support(body, by=ana, text="Who evaluates?", confidential=False, nonce="n-1")

    assert request.question.desk != body
    assert not request.question.number.startswith("C-")
    assert request.question.email == person_of(ana).email


def test_the_same_form_sent_twice_is_one_request() -> None:
    make_triage()
    body, ana = authority()
    for confidential in (True, False):
        given: dict[str, Any] = {
            "by": ana,
            "text": "The same.",
            "confidential": confidential,
            "nonce": f"nonce-{confidential}",
        }

        first, second = (support.request_support(body, **given) for _ in range(2))

        assert first == second


def test_without_triage_persons_a_confidential_request_is_refused_before_anything_is_kept() -> None:
    _body, ana = authority()
    client = signed_in(ana)
    sent = {"text": "A secret challenge.", "confidential": "yes", "nonce": "nonce-none"}
    before = Entry.objects.count()

    answer = client.post(reverse("support:new"), sent)

    assert answer.status_code == 422
    assert "nobody is named" in answer.content.decode()
    assert "A secret challenge." in answer.content.decode()
    assert (Question.objects.count(), Outbox.objects.count(), Entry.objects.count()) == (0, 0, before)
    assert client.post(reverse("support:new"), sent | {"confidential": "no"}).status_code == 302


def test_a_confidential_number_is_drawn_by_lot_and_leaves_no_gap() -> None:
    make_triage()
    numbers = {make_request(confidential=True).question.number for _ in range(5)}

    assert len(numbers) == 5
    assert all(number.startswith("C-") and len(number) == 11 for number in numbers)
    assert not Counter.objects.exists()


def test_only_people_of_an_authority_request() -> None:
    make_triage()
    body, _ana = authority()
    centre, other = make_organisation(), authority()[1]

    for by, where in ((staff(centre), body), (staff(centre), centre), (other, body), (staff(None), body)):
        with pytest.raises(PermissionDenied):
            support.request_support(where, by=by, text="Let me in.", confidential=True, nonce="nonce-x")


def test_rank_gives_no_right_and_who_was_assigned_loses_it_by_giving_back() -> None:
    coordinator, request, ben = make_triage(), make_request(confidential=True), expert()
    admin = visitor_for(make_person())
    Role.objects.create(person=person_of(admin), kind=Role.Kind.ADMINISTRATOR)

    def readers() -> list[bool]:
        return [
            Request.objects.seen_by(visitor_for(person_of(who))).exists() for who in (coordinator, admin, ben)
        ]

    assert readers() == [False, False, False]
    support.assign_expert(request, by=coordinator, email=person_of(ben).email)
    assert readers() == [False, False, True]
    support.give_back(request, by=ben, words="I advise them.", conflict=True)
    assert readers() == [False, False, False]
    assert Assignment.objects.get().state == Assignment.State.CONFLICT
    with pytest.raises(ValidationError):
        support.assign_expert(request, by=coordinator, email=person_of(ben).email)
    with pytest.raises(Http404):
        working.note(request.question, by=coordinator, text="Let me see.")


def test_triage_sees_the_kind_of_a_request_and_nothing_else() -> None:
    coordinator = make_triage()
    request = make_request(confidential=True, text="Unmistakable words", topics=["l"])

    line = triage.lines(coordinator)[0]

    assert set(vars(line)) == {"handle", "topics", "country", "days", "urgency", "handlers"}
    assert (line.country, line.days, line.handlers, line.waits) == ("IT", 0, [], True)
    page = signed_in(coordinator).get(reverse("support:mine")).content.decode()
    for hidden in ("Unmistakable", request.question.number, request.for_body.name):
        assert hidden not in page
    assert "Italy" in page


def test_a_name_for_triage_is_worth_nothing_without_the_role() -> None:
    coordinator = make_triage()
    Role.objects.filter(person=coordinator.person_id).update(until=timezone.localdate())

    with pytest.raises(Http404):
        triage.lines(visitor_for(person_of(coordinator)))
    assert not support.is_triage_there()


def test_who_handles_it_comes_from_outside_the_authority_that_asks() -> None:
    coordinator, request = make_triage(), make_request(confidential=True)
    colleague = staff(request.for_body, Role.Kind.AUTHORITY)

    for who in (colleague, visitor_for(make_person())):
        with pytest.raises(ValidationError):
            support.assign_expert(request, by=coordinator, email=person_of(who).email)
    with pytest.raises(ValidationError):
        support.assign_expert(request, by=coordinator, email="nobody@example.eu")


def test_a_co_author_of_the_same_authority_speaks_and_sees_until_removed() -> None:
    make_triage()
    request = make_request(confidential=True)
    ana = visitor_for(request.question.author)  # type: ignore[arg-type]
    carla = staff(request.for_body, Role.Kind.AUTHORITY)

    assert not Request.objects.seen_by(carla).exists()
    support.add_coauthor(request, by=ana, email=person_of(carla).email)
    support.add_words(request, by=carla, text="One thing more.", nonce="nonce-co")
    with pytest.raises(PermissionDenied):
        support.withdraw(request, by=carla)
    with pytest.raises(ValidationError):
        support.add_coauthor(request, by=ana, email=person_of(authority()[1]).email)
    support.remove_coauthor(request, by=ana, person_id=person_of(carla).pk)
    assert not Request.objects.seen_by(carla).exists()


def test_withdrawn_means_erased() -> None:
    coordinator, request, ben = (
        make_triage(),
        make_request(confidential=True, priority="Priority words"),
        expert(),
    )
    ana = visitor_for(request.question.author)  # type: ignore[arg-type]
    assigned(request, coordinator, ben)
    support.store_outcome(request, by=ben, text="Outcome words")

    support.withdraw(request, by=ana)

    request.refresh_from_db()
    question = Question.objects.get()
    assert (request.priority, request.outcome, question.text, question.author) == ("", "", "", None)
    assert not question.steps.exclude(text="").exists()
    assert not Request.objects.seen_by(ben).exists()
    assert not triage.lines(coordinator)


def test_new_words_of_the_outcome_need_a_new_consent() -> None:
    coordinator, request, ben = make_triage(), make_request(confidential=True), expert()
    ana = visitor_for(request.question.author)  # type: ignore[arg-type]
    assigned(request, coordinator, ben)
    with pytest.raises(support.NothingToShare):
        support.consent(request, by=ana, shared=True)
    support.store_outcome(request, by=ben, text="First words.")
    support.consent(request, by=ana, shared=True)
    answer = support.share_outcome(request, by=ben, asked="What was done?")

    support.store_outcome(request, by=ben, text="Other words.")

    answer.refresh_from_db()
    assert answer.withdrawn_at is not None
    with pytest.raises(support.NothingToShare):
        support.share_outcome(request, by=ben, asked="What was done?")


def test_mails_say_nothing_and_go_to_nobody_else() -> None:
    coordinator, (body, ana), ben = make_triage(), authority(), expert()
    request = support.request_support(body, by=ana, text="Unmistakable", confidential=True, nonce="nonce-m")
    assigned(request, coordinator, ben)
    working.answer(request.question, by=ben, text="Unmistakable", language="en")

    told = {mail.to for mail in Outbox.objects.all()}
    assert told == {person_of(who).email for who in (coordinator, ana, ben)}
    for mail in Outbox.objects.all():
        assert "Unmistakable" not in mail.subject + mail.text
        assert request.question.number not in mail.subject + mail.text
        assert mail.text.count("/support/") == 1


def test_its_author_is_asked_after_three_and_six_months_once_each() -> None:
    coordinator, request, ben = make_triage(), make_request(confidential=True), expert()
    ana = visitor_for(request.question.author)  # type: ignore[arg-type]
    assigned(request, coordinator, ben)
    working.answer(request.question, by=ben, text="So it is done.", language="en")
    with pytest.raises(NotFrom):
        support.say_what_changed(request, by=ana, months=3, text="Much.")
    Outbox.objects.all().delete()
    for months, days in ((3, 95), (6, 190)):
        Question.objects.update(answered_at=timezone.now() - timedelta(days=days))

        support.run()
        support.run()

        assert len(mails_to(ana)) == months // 3
        support.say_what_changed(request, by=ana, months=months, text=f"After {months}.")
    request.refresh_from_db()
    assert (request.changed_after_3, request.changed_after_6) == ("After 3.", "After 6.")


def test_a_late_confidential_request_is_told_to_triage_or_its_handler_once_a_week() -> None:
    coordinator = make_triage()
    make_request(confidential=True)
    Outbox.objects.all().delete()
    Question.objects.update(due=timezone.localdate() - timedelta(days=1))

    support.run()
    support.run()

    assert [mail.to for mail in Outbox.objects.all()] == [person_of(coordinator).email]


def test_the_journal_knows_neither_number_nor_words() -> None:
    coordinator = make_triage()
    request = make_request(confidential=True, text="Unmistakable words")
    assigned(request, coordinator, expert())

    entries = str(list(Entry.objects.values()))

    assert "Unmistakable" not in entries
    assert request.question.number not in entries


def test_the_command_names_coordinators_only() -> None:
    coordinator = staff(None)
    call_command("triage", person_of(coordinator).email)
    call_command("triage", person_of(coordinator).email)
    assert [row.person for row in Triage.objects.all()] == [coordinator.person]

    call_command("triage", person_of(coordinator).email, "--remove")
    assert not Triage.objects.exists()
    for words in ([person_of(expert()).email], [person_of(coordinator).email, "--remove"]):
        with pytest.raises(CommandError):
            call_command("triage", *words)


def test_an_account_that_closes_leaves_no_request_that_nobody_can_read() -> None:
    make_triage()
    alone, shared = make_request(confidential=True), make_request(confidential=True)
    carla = staff(shared.for_body, Role.Kind.AUTHORITY)
    ana = visitor_for(shared.question.author)  # type: ignore[arg-type]
    support.add_coauthor(shared, by=ana, email=person_of(carla).email)

    for request in (alone, shared):
        person = Person.objects.get(pk=request.question.author_id or 0)
        people.erase(person, by=visitor_for(person))

    alone.question.refresh_from_db()
    shared.question.refresh_from_db()
    assert alone.question.state == State.WITHDRAWN
    assert shared.question.author == carla.person


# Pages


def test_the_whole_way_by_forms() -> None:
    coordinator, (_body, ana), ben = make_triage(), authority(), expert()
    asks, names, works = signed_in(ana), signed_in(coordinator), signed_in(ben)
    assert asks.get(reverse("support:mine")).status_code == 200
    assert works.get(reverse("support:mine")).status_code == 404
    sent = {"text": "How do we pay residents?", "confidential": "yes", "nonce": "nonce-page"}
    page = asks.post(reverse("support:new"), sent).headers["Location"]
    request = Request.objects.get()

    def do(client: Client, name: str, **given: Any) -> int:
        return client.post(reverse(f"support:{name}", args=[request.question.number]), given).status_code

    assert [client.get(page).status_code for client in (asks, names, works)] == [200, 404, 404]
    address = reverse("support:assign", args=[request.handle])
    assert names.post(address, {"email": "nobody@example.eu"}).status_code == 422
    assert names.post(address, {"email": person_of(ben).email}).headers["Location"] == reverse("support:mine")
    assert "I am asked to handle" in works.get(reverse("support:mine")).content.decode()
    assert "You are asked to handle this" in works.get(page).content.decode()
    assert do(works, "accept") == 302
    assert do(works, "note", text="Ask the lawyers.") == 302
    assert do(works, "ask_back", text="How many?") == 302
    assert do(asks, "add", text="Twelve.", nonce="nonce-add1") == 302
    assert do(asks, "details", priority="Priority 3", urgency="now", wish="workshop", topics=["l"]) == 302
    assert do(asks, "answer", text="Mine to say.") == 403
    assert do(works, "add", text="Not mine to say.") == 403
    assert do(works, "answer", text="By the hour.") == 302
    assert do(works, "outcome", text="Paid by the hour.") == 302
    assert do(asks, "consent", shared="on") == 302
    assert do(works, "share", asked="How are residents paid?") == 302
    read = asks.get(page).content.decode()
    assert "By the hour." in read
    assert "Ask the lawyers." not in read
    assert "Ask the lawyers." in works.get(page).content.decode()
    assert "How do we pay residents?" in asks.get(reverse("people:account")).content.decode()
    taken = asks.get(reverse("people:data")).json()["questions"]
    assert taken[0]["support"]["priority"] == "Priority 3"
    assert "lawyers" not in str(taken)
    assert do(asks, "withdraw", sure="on") == 302
    assert [client.get(page).status_code for client in (asks, names, works)] == [404, 404, 404]


def test_what_is_confidential_needs_a_passkey_and_nothing_typed_is_lost() -> None:
    make_triage()
    body, ana = authority()
    client = signed_in(ana, how="code")
    sent = {"text": "Words that must stay.", "confidential": "yes", "nonce": "nonce-key1"}

    answer = client.post(reverse("support:new"), sent)

    assert answer.status_code == 422
    assert "Words that must stay." in answer.content.decode()
    assert not Question.objects.exists()
    request = make_request(body=body, by=ana, confidential=True)
    page = reverse("support:request", args=[request.question.number])
    assert client.get(page).headers["Location"].startswith(reverse("mfa_add_webauthn"))
