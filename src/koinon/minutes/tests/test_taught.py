"""What a published report gives to a course: questions with their answers, of those who agreed."""

from typing import Any

import pytest

from koinon.courses.sessions import answered_in, made_of
from koinon.minutes.tests.test_report import close, closed, published
from koinon.room.models import Contribution
from koinon.room.testing import make_contribution

pytestmark = pytest.mark.django_db
State = Contribution.State
ANSWERED: dict[str, Any] = {"state": State.ANSWERED, "answered_live": True}


def test_what_was_answered_becomes_a_module_only_by_consent() -> None:
    room = closed()
    make_contribution(room, "Who pays?", may_quote=True, answer="The region does.", **ANSWERED)
    make_contribution(room, "Kanarienvogel 7731", may_quote=False, answer="Nobody.", **ANSWERED)
    report = published(room)

    told = [(one.asked, one.answer) for one in answered_in(report.session)]
    text = made_of(report.session).text

    assert told == [("Who pays?", "The region does.")]
    assert "Question: Who pays?\nAnswer: The region does." in text
    assert "Kanarienvogel" not in text


def test_a_report_that_is_not_published_gives_nothing() -> None:
    room = closed()
    make_contribution(room, "Who pays?", may_quote=True, answer="The region does.", **ANSWERED)
    report = close(room)

    assert answered_in(report.session) == []
