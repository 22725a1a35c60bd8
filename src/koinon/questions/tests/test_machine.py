"""The life of a question as a machine: whatever is done in whatever order, it goes along the arrows and is never lost."""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from koinon.network.models import Role
from koinon.network.visitor import Visitor
from koinon.questions.actions import asking, clock, working
from koinon.questions.actions.steps import Changed, NotFrom, broken_steps
from koinon.questions.life import ARROWS, OPEN, State
from koinon.questions.models import Question
from koinon.questions.testing import make_question, staff
from koinon.questions.tests.test_life import BOLOGNA, emilia_romagna, italy

REFUSALS = (
    NotFrom,
    Changed,
    PermissionDenied,
    Http404,
    working.NotThere,
    working.TooOften,
    working.NotSooner,
)
Act = Callable[[Question, Visitor, int], Any]

ACTS: dict[str, Act] = {
    "take": lambda q, by, _n: working.take(q, by=by),
    "assign": lambda q, by, _n: working.assign(q, by=by, to=by.person),  # type: ignore[arg-type]
    "give back": lambda q, by, n: working.give_back(q, by=by, words="", conflict=bool(n % 2)),
    "note": lambda q, by, _n: working.note(q, by=by, text="A note"),
    "ask back": lambda q, by, _n: working.ask_back(q, by=by, text="Which one?", language="en"),
    "answer": lambda q, by, _n: working.answer(q, by=by, text="So.", language="en"),
    "forward": lambda q, by, n: working.forward(
        q, by=by, to=[None, italy(), emilia_romagna()][n % 3], reason="Theirs", language="en"
    ),
    "decline": lambda q, by, _n: working.decline(q, by=by, reason="other", words="No", language="en"),
    "new date": lambda q, by, n: working.new_date(
        q, by=by, due=timezone.localdate() + timedelta(days=n), reason="Ill", language="en"
    ),
    "merge": lambda q, by, n: working.merge(q, by=by, into=_other(q, n)),
    "take over": lambda q, by, _n: working.take_over(q, by=by),
    "add": lambda q, _by, n: asking.add_words(q, text=f"More {n}", nonce=f"machine-{n}"),
    "complain": lambda q, _by, _n: asking.complain(q, text="Not so"),
    "not the same": lambda q, _by, _n: asking.not_the_same(q),
    "no help": lambda q, _by, _n: asking.decide(q, helped="no", may_publish=False, may_follow_up=False),
    "withdraw": lambda q, _by, _n: asking.withdraw(q),
    "time": lambda q, _by, n: _pass_days(q, n),
}


def _other(question: Question, number: int) -> Question:
    others = list(Question.objects.exclude(pk=question.pk).order_by("pk"))
    return others[number % len(others)]


def _pass_days(question: Question, days: int) -> None:
    """So many days go by: all dates move into the past, and the clock runs."""
    for row in Question.objects.all():
        gone = timedelta(days=days)
        paused = row.paused_on - gone if row.paused_on else None
        Question.objects.filter(pk=row.pk).update(
            due=row.due - gone, take_by=row.take_by - gone, paused_on=paused
        )
    clock.run()


steps = st.lists(
    st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 2), st.integers(0, 2), st.integers(0, 20)),
    max_size=20,
)


@pytest.mark.django_db
@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps)
def test_whatever_is_done_no_question_is_lost(chosen: list[tuple[str, int, int, int]]) -> None:
    point = transaction.savepoint()
    people = [staff(italy()), staff(emilia_romagna(), Role.Kind.AUTHORITY), staff(None)]
    questions = [make_question(place=BOLOGNA) for _ in range(3)]

    for act, who, which, number in chosen:
        before = {row.pk: row.state for row in Question.objects.all()}
        with contextlib.suppress(*REFUSALS):
            ACTS[act](Question.objects.get(pk=questions[which].pk), people[who], number)
        for row in Question.objects.all():
            was = State(before[row.pk])
            assert row.state == was or row.state in ARROWS[was] or _in_two_steps(was, State(row.state)), act
            # Open means: a desk (a body, or the operators), a date, and a person where it counts as taken.
            assert row.due is not None
            assert (row.state == State.TAKEN) <= (row.handler_id is not None)
            assert (row.state in OPEN) == (row.ended_at is None)
            assert (row.state == State.MERGED) == (row.merged_into_id is not None)
            assert row.merged_into_id != row.pk
            # Whoever was told to wait for another's answer can still get it.
            assert row.merged_into is None or row.merged_into.state in OPEN | {State.ANSWERED}
    assert Question.objects.count() == 3
    assert broken_steps() == []
    transaction.savepoint_rollback(point)


def _in_two_steps(was: State, now: State) -> bool:
    """One deed may take and then answer, or take over and then take."""
    return any(now in ARROWS[between] for between in ARROWS[was])


def test_what_is_withdrawn_stays_so_and_every_other_end_has_a_way_on() -> None:
    assert ARROWS[State.WITHDRAWN] == frozenset()
    assert all(ARROWS[state] & OPEN for state in State if state != State.WITHDRAWN)


@pytest.mark.django_db
def test_a_circle_of_merged_questions_cannot_be_made() -> None:
    anna = staff(italy())
    first, second = make_question(place=BOLOGNA), make_question(place=BOLOGNA)
    working.merge(first, by=anna, into=second)

    with pytest.raises(NotFrom):
        working.merge(second, by=anna, into=first)


@pytest.mark.django_db
def test_of_two_at_once_the_second_is_told() -> None:
    anna, bruno = staff(italy()), staff(italy(), Role.Kind.EDITOR)
    question = make_question(place=BOLOGNA)

    working.take(question, by=anna, version=1)

    with pytest.raises(Changed):
        working.answer(question, by=bruno, text="So.", language="en", version=1)


@pytest.mark.django_db
def test_a_conflict_of_interest_lets_go_and_is_kept() -> None:
    anna = staff(italy())
    question = make_question(place=BOLOGNA)
    working.take(question, by=anna)

    working.give_back(question, by=anna, words="My sister applies.", conflict=True)

    question.refresh_from_db()
    assert (question.state, question.handler) == (State.WAITING, None)
    assert [row.state for row in question.assignments.all()] == ["conflict"]
    assert "My sister applies." not in [step.text for step in question.steps.for_asker()]
