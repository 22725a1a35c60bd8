"""Mails about enrolments: each in the language of the person's account."""

from typing import Any

from koinon.base.languages import in_language
from koinon.courses.models import Enrolment
from koinon.mail import actions as mail
from koinon.network.actions.roles import site

ENROLLED, OFFER, LAPSED = "courses/mail/enrolled", "courses/mail/offer", "courses/mail/lapsed"
MAILS = dict.fromkeys([ENROLLED, OFFER, LAPSED], "E4")


def enrolled(enrolment: Enrolment, rank: int | None) -> None:
    """There is a seat, or which one one is in the line. Who begins at one's own pace has the page before the eyes: no mail."""
    if enrolment.cohort is not None:
        _send(enrolment, ENROLLED, f"enrolled:{enrolment.state}:{enrolment.at.isoformat()}", {"rank": rank})


def offer(enrolment: Enrolment) -> None:
    """A seat is free: until when one can say yes."""
    until = enrolment.offer_until
    assert until is not None
    _send(enrolment, OFFER, f"offer:{until.isoformat()}", {"until": until})


def lapsed(enrolment: Enrolment) -> None:
    _send(enrolment, LAPSED, f"lapsed:{enrolment.waiting_since}", {})


def forget(enrolment: Enrolment) -> None:
    """What is queued is not sent any more."""
    mail.forget(_key(enrolment, ""))


def _key(enrolment: Enrolment, mark: str) -> str:
    return f"enrolment:{enrolment.pk}:{mark}"


def _send(enrolment: Enrolment, template: str, mark: str, context: dict[str, Any]) -> None:
    person = enrolment.person
    if not person.is_active:
        return
    course = enrolment.course
    page = site() + in_language(f"/courses/{course.slug}/", person.language)
    mail.send(
        person.email,
        template,
        {"course": course, "cohort": enrolment.cohort, "page": page, **context},
        language=person.language,
        key=_key(enrolment, mark),
    )
