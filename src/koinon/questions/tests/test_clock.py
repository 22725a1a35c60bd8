"""The clock: reminders, the next level, up to the operators; each once, and the asker sees it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from koinon.base.workdays import add_working_days
from koinon.mail.models import Outbox
from koinon.network.models import Coverage, Organisation, Role
from koinon.network.testing import make_consortium
from koinon.places.models import Place
from koinon.questions import routing
from koinon.questions.actions import clock, working
from koinon.questions.models import Question
from koinon.questions.testing import make_question, staff
from koinon.questions.tests.test_life import BOLOGNA, italy

pytestmark = pytest.mark.django_db


def late(question: Question, days: int) -> Question:
    """As if its dates had been so many days ago."""
    past = timezone.localdate() - timedelta(days=days)
    Question.objects.filter(pk=question.pk).update(due=past, take_by=past, first_due=past)
    question.refresh_from_db()
    return question


def consortium() -> Organisation:
    bodies = routing.ladder(Place.objects.get(pk=BOLOGNA), timezone.localdate())
    return next(body.organisation for body in bodies if body.rung == routing.CONSORTIUM)


def kinds(question: Question) -> list[str]:
    return [step.kind for step in question.steps.all()]


def test_what_nobody_took_is_told_to_the_consortium_once() -> None:
    staff(italy())
    lead = staff(consortium(), Role.Kind.LEAD)
    question = late(make_question(place=BOLOGNA), 1)

    assert (clock.run(), clock.run()) == (1, 0)

    question.refresh_from_db()
    assert (question.escalated_to, question.desk) == (consortium(), italy())
    assert kinds(question).count("escalated") == 1
    assert lead.person is not None
    assert Outbox.objects.filter(to=lead.person.email, subject__startswith="Late elsewhere").count() == 1


def test_where_the_consortium_has_no_desk_the_operators_are_told() -> None:
    staff(italy())
    operator = staff(None)
    question = late(make_question(place=BOLOGNA), 1)

    clock.run()

    question.refresh_from_db()
    assert (question.escalated_to, question.escalations) == (None, 1)
    assert operator.person is not None
    assert Outbox.objects.filter(to=operator.person.email).count() == 1


def test_it_goes_up_step_by_step_and_ends_with_the_operators() -> None:
    staff(italy())
    staff(consortium(), Role.Kind.LEAD)
    question = late(make_question(place=BOLOGNA), 60)

    moved = [clock.run() for _ in range(5)]

    question.refresh_from_db()
    assert moved == [1, 1, 0, 0, 0]
    assert (question.escalated_to, question.escalations) == (None, 2)


def test_the_next_level_takes_it_over() -> None:
    staff(italy())
    lead = staff(consortium(), Role.Kind.LEAD)
    question = late(make_question(place=BOLOGNA), 1)
    clock.run()

    working.take_over(question, by=lead)

    question.refresh_from_db()
    assert (question.desk, question.handler_id, question.state) == (consortium(), lead.person_id, "taken")


def test_nothing_moves_before_the_date_nor_while_the_asker_is_asked() -> None:
    anna = staff(italy())
    question = make_question(place=BOLOGNA)
    assert clock.run() == 0

    working.ask_back(question, by=anna, text="One budget or two?", language="en")
    late(question, 20)

    assert clock.run() == 0


def test_who_handles_it_is_reminded_the_day_before_once() -> None:
    anna = staff(italy())
    question = make_question(place=BOLOGNA)
    working.take(question, by=anna)
    tomorrow = add_working_days(timezone.localdate(), 1, "EU")
    Question.objects.filter(pk=question.pk).update(due=tomorrow)

    clock.run()
    clock.run()

    assert anna.person is not None
    assert Outbox.objects.filter(to=anna.person.email, subject__startswith="Due soon").count() == 1


@pytest.mark.parametrize(
    ("start", "days", "country", "due"),
    [
        # Over a weekend.
        (date(2026, 11, 27), 1, "IT", date(2026, 11, 30)),
        # Over Easter and the change to summer time: Good Friday 26 March, Sunday 28 March, Monday 29 March 2027.
        (date(2027, 3, 25), 2, "DE", date(2027, 3, 31)),
        # Orthodox Easter: Friday 30 April and Monday 3 May 2027, and the first of May, which moves to Tuesday then.
        (date(2027, 4, 29), 1, "EL", date(2027, 5, 5)),
        # The end of summer time, 25 October 2026.
        (date(2026, 10, 23), 2, "SE", date(2026, 10, 27)),
    ],
)
def test_dates_over_weekends_holidays_and_summer_time(
    start: date, days: int, country: str, due: date
) -> None:
    assert add_working_days(start, days, country) == due


def test_a_consortium_of_another_country_is_not_told() -> None:
    other = make_consortium("Other", "SE")
    Coverage.objects.filter(consortium=other).update(since=date(2024, 1, 1))
    stranger = staff(other, Role.Kind.LEAD)
    staff(italy())
    late(make_question(place=BOLOGNA), 30)

    clock.run()
    clock.run()

    assert stranger.person is not None
    assert not Outbox.objects.filter(to=stranger.person.email).exists()
