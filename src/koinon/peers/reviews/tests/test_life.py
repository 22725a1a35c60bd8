"""A review goes from its draft to what changed half a year later; the clock closes and asks; nothing is done twice."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from koinon.journal.models import Entry
from koinon.mail.models import Outbox
from koinon.network.models import Organisation
from koinon.network.testing import make_organisation, make_visitor
from koinon.network.visitor import Visitor, visitor_for
from koinon.peers.actions import exchanging
from koinon.peers.models import Exchange, PeerReview
from koinon.peers.reviews.actions import applying, following, writing
from koinon.peers.reviews.actions.known import Changed, Full, NotNow
from koinon.peers.reviews.actions.writing import Words
from koinon.peers.reviews.models import Application
from koinon.peers.reviews.testing import (
    make_application,
    make_draft,
    make_past_review,
    make_recommendation,
    make_review,
)
from koinon.peers.reviews.words import Answer, State, months_before, months_later
from koinon.people.models import Person
from koinon.people.testing import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.postgresql_too]


def said(**more: Any) -> Words:
    today = timezone.localdate()
    values: dict[str, Any] = {
        "language": "en",
        "title": "How our one door works",
        "question": "Why do people leave before the second visit?",
        "terms": "We pay the nights, you the way.",
        "first_day": today + timedelta(days=60),
        "last_day": today + timedelta(days=61),
        "call_until": today + timedelta(days=20),
        "wanted": 2,
        "topics": ("homelessness",),
        "languages": ("en",),
    }
    return Words(**(values | more))


@pytest.fixture
def host() -> Organisation:
    return make_organisation("Gent", country="BE")


@pytest.fixture
def lotte(host: Organisation) -> Visitor:
    return make_visitor("manager", host)


def apply(
    review: PeerReview, by: Visitor, organisation: Organisation | None = None, **more: Any
) -> Application:
    values: dict[str, Any] = {
        "reason": "We have the same door.",
        "language": "en",
        "named": False,
        "terms_version": review.terms_version,
    }
    return applying.apply(review, by=by, organisation=organisation, **(values | more))


def mails_to(visitor: Visitor) -> list[str]:
    rows = Outbox.objects.filter(to=visitor_person(visitor).email)
    return list(rows.order_by("pk").values_list("subject", flat=True))


def visitor_person(visitor: Visitor) -> Person:
    return Person.objects.get(pk=visitor.person_id or 0)


def test_a_review_goes_its_whole_way_and_ends_in_an_exchange_with_a_result(
    host: Organisation, lotte: Visitor
) -> None:
    bologna = make_organisation("Bologna", country="IT")
    carla = make_visitor("editor", bologna)

    review = writing.draft(host, by=lotte, kind="review", words=said(inner="The key is under the stone."))
    writing.publish(review, by=lotte)
    review = PeerReview.objects.seen_by(carla).get()
    application = apply(review, carla, bologna)
    applying.answer(application, by=lotte, accept=True, words="Come.")
    exchange = Exchange.objects.get()
    assert (exchange.first_organisation, exchange.second_organisation) == (host, bologna)
    assert (exchange.format, exchange.is_agreed, exchange.match) == ("review", True, None)

    days = timezone.localdate() - timedelta(days=5)
    PeerReview.objects.update(first_day=days, last_day=days, call_until=days)
    Exchange.objects.update(begins_on=days, ends_on=days)
    result = exchanging.Result("helped", "", "Bologna calls people the next day.")
    for by in (lotte, carla):
        exchange.refresh_from_db()
        exchanging.record_result(exchange, by=by, edits=exchange.edits, result=result, consents=True)

    assert list(Exchange.objects.public().of_body(host)) == [exchange]
    assert list(Exchange.objects.public().of_body(bologna)) == [exchange]
    verbs = list(
        Entry.objects.filter(thing=f"peers.peerreview:{review.pk}")
        .values_list("verb", flat=True)
        .order_by("pk")
    )
    assert verbs == ["peers.review_drafted", "peers.review_published", "peers.review_peers_changed"]
    assert mails_to(carla)[0] == "You are accepted as a peer: How our one door works"


def test_the_same_form_sent_twice_is_one_draft(host: Organisation, lotte: Visitor) -> None:
    made = [writing.draft(host, by=lotte, kind="visit", words=said(), nonce="12345678") for _ in range(2)]

    assert made[0] == made[1]
    assert PeerReview.objects.count() == 1


def test_only_who_holds_a_role_there_hosts(host: Organisation) -> None:
    for by in (make_visitor("manager", make_organisation("Other")), visitor_for(make_person())):
        with pytest.raises(PermissionDenied):
            writing.draft(host, by=by, kind="visit", words=said())


def test_a_draft_is_nobody_elses(host: Organisation, lotte: Visitor) -> None:
    draft, stranger = make_draft(host), make_visitor("manager", make_organisation("Other"))

    assert list(PeerReview.objects.seen_by(stranger)) == []
    assert list(PeerReview.objects.seen_by(lotte)) == [draft]
    with pytest.raises(Http404):
        writing.publish(draft, by=stranger)


def test_an_editor_drafts_and_a_manager_publishes(host: Organisation, lotte: Visitor) -> None:
    editor = make_visitor("editor", host)
    draft = writing.draft(host, by=editor, kind="visit", words=said())

    with pytest.raises(Http404):
        writing.publish(draft, by=editor)
    assert writing.publish(draft, by=lotte).state == State.CALLING


def test_a_draft_whose_deadline_is_over_is_not_published(host: Organisation, lotte: Visitor) -> None:
    draft = make_draft(host, call_until=timezone.localdate() - timedelta(days=1))

    with pytest.raises(NotNow):
        writing.publish(draft, by=lotte)


def test_of_two_who_change_it_the_second_is_told(host: Organisation, lotte: Visitor) -> None:
    review = make_review(host)
    writing.change(review, by=lotte, version=1, words=said(title="First"))

    with pytest.raises(Changed):
        writing.change(review, by=lotte, version=1, words=said(title="Second"))
    review.refresh_from_db()
    assert review.title == "First"


def test_who_agreed_is_asked_again_where_the_terms_change_and_not_for_other_words(
    host: Organisation, lotte: Visitor
) -> None:
    person = make_person()
    review = make_review(host)
    application = make_application(review, person=person, answer="accepted")
    assert application.exchange is not None
    writing.change(review, by=lotte, version=1, words=said(inner="Take bus 3."))
    application.exchange.refresh_from_db()
    assert application.exchange.is_agreed

    writing.change(review, by=lotte, version=2, words=said(terms="You pay all."))

    application.exchange.refresh_from_db()
    assert (application.exchange.terms, application.exchange.is_agreed) == ("You pay all.", False)
    subjects = list(Outbox.objects.filter(to=person.email).values_list("subject", flat=True))
    assert subjects == ["Gent changed what you agree on"]


def test_who_read_other_terms_is_told_before_applying_and_asked_when_accepted_later(
    host: Organisation, lotte: Visitor
) -> None:
    review, ana = make_review(host), visitor_for(make_person())
    application = apply(review, ana)
    writing.change(review, by=lotte, version=1, words=said(terms="You pay all."))
    with pytest.raises(Changed):
        apply(review, visitor_for(make_person()))

    applying.answer(application, by=lotte, accept=True, words="Come.")

    assert Exchange.objects.get().is_agreed is False


def test_one_applies_once_and_again_after_withdrawing(host: Organisation, lotte: Visitor) -> None:
    review, ana = make_review(host), visitor_for(make_person())

    first, second = apply(review, ana), apply(review, ana, reason="Otherwise")
    assert (first, Application.objects.count(), Application.objects.get().reason) == (
        second,
        1,
        "We have the same door.",
    )
    applying.withdraw(first, by=ana)
    applying.withdraw(first, by=ana)
    assert apply(review, ana, reason="After all").answer == Answer.SENT
    assert len(mails_to(lotte)) == 3


def test_a_host_does_not_apply_to_itself(host: Organisation, lotte: Visitor) -> None:
    review = make_review(host)

    with pytest.raises(PermissionDenied):
        apply(review, lotte)


def test_an_answer_is_given_once_and_told(host: Organisation, lotte: Visitor) -> None:
    review, ana = make_review(host), visitor_for(make_person())
    application = apply(review, ana)

    applying.answer(application, by=lotte, accept=False, words="We are full of cities.")
    applying.answer(application, by=lotte, accept=False, words="We are full of cities.")

    assert mails_to(ana) == ["Not this time: How our one door works"]
    assert "We are full of cities." in Outbox.objects.get(to=visitor_person(ana).email).text
    with pytest.raises(Changed):
        applying.answer(application, by=lotte, accept=True, words="Come.")


def test_no_more_are_accepted_than_are_wanted(host: Organisation, lotte: Visitor) -> None:
    review = make_review(host, wanted=1)
    one, two = (apply(review, visitor_for(make_person())) for _ in range(2))
    applying.answer(one, by=lotte, accept=True, words="Come.")

    with pytest.raises(Full):
        applying.answer(two, by=lotte, accept=True, words="Come.")


def test_only_the_host_answers_and_only_the_applicant_withdraws(host: Organisation, lotte: Visitor) -> None:
    application = make_application(make_review(host), person=make_person())
    other = visitor_for(make_person())

    with pytest.raises(Http404):
        applying.answer(application, by=other, accept=True, words="Come.")
    with pytest.raises(Http404):
        applying.withdraw(application, by=lotte)
    with pytest.raises(Http404):
        applying.let_be_named(application, by=lotte, named=True)


def test_a_peer_who_withdraws_calls_its_exchange_off(host: Organisation, lotte: Visitor) -> None:
    person = make_person()
    application = make_application(make_review(host), person=person, answer="accepted")

    applying.withdraw(application, by=visitor_for(person))

    assert Exchange.objects.get().called_off_at is not None
    assert PeerReview.objects.seen_by(visitor_for(person)).count() == 1


def test_the_call_closes_itself_at_its_deadline_once(host: Organisation, lotte: Visitor) -> None:
    today = timezone.localdate()
    review = make_review(host, call_until=today - timedelta(days=1))
    last_day = make_review(host, call_until=today)
    assert (review.calls, last_day.calls) == (False, True)
    with pytest.raises(NotNow):
        apply(review, visitor_for(make_person()))

    assert [following.close_calls(), following.close_calls()] == [1, 0]

    review.refresh_from_db()
    assert review.state == State.PREPARING
    assert mails_to(lotte) == ["The call for peers is closed: How our one door works"]


def test_a_later_deadline_opens_the_call_again(host: Organisation, lotte: Visitor) -> None:
    review = make_review(host, state=State.PREPARING, call_until=timezone.localdate() - timedelta(days=1))

    assert writing.change(review, by=lotte, version=1, words=said()).calls


def test_calling_it_off_tells_all_who_wait_or_come_and_nobody_else(
    host: Organisation, lotte: Visitor
) -> None:
    review = make_review(host)
    people = {answer: make_person() for answer in ("sent", "accepted", "declined", "withdrawn")}
    for answer, person in people.items():
        make_application(review, person=person, answer=answer)

    writing.cancel(review, by=lotte, words="The house has burnt.")
    writing.cancel(review, by=lotte, words="The house has burnt.")

    told = {answer: Outbox.objects.filter(to=person.email).count() for answer, person in people.items()}
    assert told == {"sent": 1, "accepted": 1, "declined": 0, "withdrawn": 0}
    assert "The house has burnt." in Outbox.objects.filter(to=people["sent"].email).get().text
    assert Exchange.objects.get().called_off_at is not None
    assert PeerReview.objects.public().get().is_cancelled


def test_recommendations_have_owner_day_and_state_and_two_do_not_overwrite_each_other(
    host: Organisation, lotte: Visitor
) -> None:
    review, due = make_past_review(host), timezone.localdate() + timedelta(days=30)
    told = following.Recommended("Call the next day.", due, visitor_person(lotte))
    row = following.recommend(review, by=lotte, said=told, nonce="12345678")
    assert following.recommend(review, by=lotte, said=told, nonce="12345678") == row
    dropped = following.Recommended("Call the next day.", due, None, "dropped", "No telephone.")

    following.change(row, by=lotte, edits=1, said=dropped)

    row.refresh_from_db()
    assert (row.progress, row.why, row.owner) == ("dropped", "No telephone.", None)
    with pytest.raises(Changed):
        following.change(row, by=lotte, edits=1, said=told)


def test_nothing_is_recommended_before_the_days(host: Organisation, lotte: Visitor) -> None:
    told = following.Recommended("Call the next day.", timezone.localdate())

    for review in (make_review(host), make_draft(host)):
        with pytest.raises(NotNow):
            following.recommend(review, by=lotte, said=told, nonce="12345678")


def test_half_a_year_after_the_last_day_the_host_is_asked_and_answers(
    host: Organisation, lotte: Visitor
) -> None:
    today = timezone.localdate()
    last = months_before(today, 6)
    due = make_past_review(host, last_day=last, first_day=last, call_until=last)
    make_past_review(host, days=100)
    make_past_review(host, days=300, state=State.CANCELLED)

    assert [following.ask_what_changed(), following.ask_what_changed()] == [1, 0]
    assert mails_to(lotte) == ["What changed? How our one door works"]

    following.say_what_changed(due, by=lotte, version=1, words="Twice as many come back.")
    PeerReview.objects.update(asked_at=timezone.now() - timedelta(days=60))
    assert following.ask_what_changed() == 0
    due.refresh_from_db()
    assert due.changed_words == "Twice as many come back."
    with pytest.raises(Changed):
        following.say_what_changed(due, by=lotte, version=1, words="Otherwise.")


def test_who_does_not_answer_is_asked_three_times(host: Organisation, lotte: Visitor) -> None:
    make_past_review(host, days=400)
    asked = []
    for _ in range(5):
        asked.append(following.ask_what_changed())
        PeerReview.objects.update(asked_at=timezone.now() - timedelta(days=60))

    assert asked == [1, 1, 1, 0, 0]
    assert len(mails_to(lotte)) == 3


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2026, 1, 15), date(2026, 7, 15)),
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2026, 12, 31), date(2027, 6, 30)),
        (date(2027, 8, 29), date(2028, 2, 29)),
    ],
)
def test_half_a_year_is_six_months(day: date, later: date) -> None:
    assert months_later(day, 6) == later
    assert months_before(later, 6) >= day
    assert months_before(later - timedelta(days=1), 6) < day


def test_the_agenda_is_written_and_two_do_not_overwrite_each_other(
    host: Organisation, lotte: Visitor
) -> None:
    review = make_review(host)
    slot = writing.Slot(review.first_day, time(9), time(10), "Who we are", "Lotte")
    item = writing.add_item(review, by=lotte, slot=slot, nonce="12345678")
    assert writing.add_item(review, by=lotte, slot=slot, nonce="12345678") == item
    writing.change_item(item, by=lotte, edits=1, slot=writing.Slot(review.first_day, time(8), None, "Coffee"))

    with pytest.raises(Changed):
        writing.change_item(item, by=lotte, edits=1, slot=slot)
    writing.remove_item(item, by=lotte)
    writing.remove_item(item, by=lotte)
    assert review.agenda.count() == 0


def test_what_a_review_agreed_on_is_changed_and_called_off_there_alone(
    host: Organisation, lotte: Visitor
) -> None:
    make_application(make_review(host), person=make_person(), answer="accepted")
    exchange, day = Exchange.objects.get(), timezone.localdate()

    with pytest.raises(exchanging.NotNow):
        exchanging.call_off(exchange, by=lotte)
    with pytest.raises(exchanging.NotNow):
        exchanging.change(
            exchange, by=lotte, edits=1, terms=exchanging.Terms("en", "Other", "visit", day, day)
        )


def test_a_recommendation_that_is_late_is_known(host: Organisation) -> None:
    row = make_recommendation(due=timezone.localdate() - timedelta(days=1))

    assert row.is_late
    row.progress = "done"
    assert not row.is_late
