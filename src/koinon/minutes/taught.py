"""What courses get from a report: the questions and answers of a session, word for word as the published report tells them."""

from koinon.agenda.models import Session
from koinon.courses import hooks
from koinon.minutes.models import Report
from koinon.minutes.telling import account_of


def answered_in(session: Session) -> list[hooks.Answered]:
    """What was asked and answered, of a published report; what nobody agreed to tell is left out."""
    report = Report.objects.public().of(session)
    if report is None:
        return []
    return [
        hooks.Answered(one.words, one.answer, one.answer_language or one.language)
        for one in account_of(report).answered
        if one.words and one.answer
    ]


def join_in() -> None:
    """Called once, when reports are ready."""
    hooks.answered_in.append(answered_in)
