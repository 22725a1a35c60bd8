"""Mails about registrations: each in the language of who registered, with the event's time and one's own.

The codes of private pages stand in mails only. What somebody needs to take part stands in no mail.
"""

from typing import Any
from zoneinfo import ZoneInfo

from koinon.agenda.models import Registration, Reminder, Session, Telling
from koinon.agenda.registration_codes import page_of
from koinon.agenda.registration_times import times_of
from koinon.base.languages import in_language
from koinon.mail import actions as mail
from koinon.network.actions.roles import site
from koinon.people.models import Person
from koinon.questions.staff import people_at

_FOLDER = "agenda/mail/registration_"
CONFIRMED, AGAIN, OFFER = f"{_FOLDER}confirmed", f"{_FOLDER}again", f"{_FOLDER}offer"
LAPSED, CANCELLED, REMINDER = f"{_FOLDER}lapsed", f"{_FOLDER}cancelled", f"{_FOLDER}reminder"
TOLD, NEED, HOSTS = f"{_FOLDER}told", f"{_FOLDER}need", f"{_FOLDER}hosts"
MAILS = dict.fromkeys([CONFIRMED, AGAIN, OFFER, LAPSED, CANCELLED, REMINDER, TOLD, NEED, HOSTS], "B4")


def address_of(session: Session, language: str, part: str = "") -> str:
    """The whole address of a session's page or of one of its parts (`room/`)."""
    return site() + in_language(f"/sessions/{session.code}/{part}", language)


def confirm(registration: Registration, rank: int | None = None) -> None:
    """The first mail: one has a place, or which one one is in the line; and the link to the private page.

    Anybody can type any address: however often one is given, its owner gets one mail an hour about each session.
    """
    digest = "" if registration.email_confirmed else _digest(registration)
    _send(registration, CONFIRMED, f"confirmed:{registration.state}", {"rank": rank}, digest=digest)


def again(registration: Registration, mark: str) -> None:
    """Somebody registered an address that is registered: only its owner is told."""
    _send(registration, AGAIN, f"again:{mark}", {}, digest=_digest(registration))


def offer(registration: Registration) -> None:
    """A place is free: until when one can say yes, on the session's clock."""
    assert registration.offer_until is not None
    until = registration.offer_until.astimezone(ZoneInfo(registration.session.zone)).replace(tzinfo=None)
    _send(registration, OFFER, f"offer:{until.isoformat()}", {"until": until}, always=True)


def lapsed(registration: Registration) -> None:
    page = address_of(registration.session, registration.page_language, "register/")
    _send(registration, LAPSED, f"lapsed:{registration.waiting_since}", {"register": page}, always=True)


def cancelled(registration: Registration) -> None:
    """The last mail: that the place was given back. What was queued before is not sent any more."""
    mail.forget(_key(registration, ""))
    page = address_of(registration.session, registration.page_language, "register/")
    _send(registration, CANCELLED, "cancelled", {"register": page}, always=True)


def remind(registration: Registration, reminder: Reminder) -> None:
    """Once for each reminder and each beginning: a session that is moved is reminded of anew."""
    began = registration.session.starts_at.isoformat()
    _send(registration, REMINDER, f"reminder:{reminder.pk}:{began}", {"words": reminder.text})


def told(registration: Registration, telling: Telling, was: Any) -> None:
    """The session was moved or cancelled: this goes to all, whether they stopped other mails or not."""
    context = {"what": telling.what, "words": telling.words, "was": was}
    _send(registration, TOLD, f"told:{telling.pk}", context, always=True)


def need_answered(registration: Registration, mark: str) -> None:
    """There is an answer to what one needs to take part; which stands on the private page."""
    _send(
        registration,
        NEED,
        f"need:{mark}",
        {"met": registration.need_state == Registration.Need.MET},
        always=True,
    )


def needs_wait(session: Session, count: int, key: str) -> None:
    """To the hosts: so many access needs have no answer. What they are stands on the list, for who may read it."""
    for person in hosts_of(session):
        page = address_of(session, person.language, "register/list/")
        mail.send(
            person.email,
            HOSTS,
            {"session": session, "count": count, "page": page, "times": times_of(session)},
            language=person.language,
            key=f"needs:{session.pk}:{person.pk}:{key}",
            digest=f"needs:{session.pk}",
        )


def hosts_of(session: Session) -> list[Person]:
    """Who works at the organiser today."""
    if session.organiser is None:
        return []
    people = [role.person for role in people_at(session.organiser)]
    return list({person.pk: person for person in people}.values())


def forget(registration: Registration) -> None:
    """What was written about it is not kept in the outbox either."""
    mail.forget(_key(registration, ""))


def _digest(registration: Registration) -> str:
    return f"registered:{registration.session_id}"


def _key(registration: Registration, what: str) -> str:
    return f"registration:{registration.pk}:{what}"


def _send(
    registration: Registration,
    template: str,
    what: str,
    more: dict[str, Any],
    *,
    digest: str = "",
    always: bool = False,
) -> None:
    if not registration.email or (registration.mails_stopped and not always):
        return
    session, language = registration.session, registration.page_language
    context = {
        "registration": registration,
        "session": session,
        "times": times_of(session, registration.zone),
        "page": page_of(registration),
        "stop": page_of(registration, "place_stop"),
        "room": address_of(session, language, "room/"),
        "calendar": f"{site()}/sessions/{session.code}.ics",
        "organiser": session.organiser_name,
        **more,
    }
    mail.send(
        registration.email,
        template,
        context,
        language=language,
        key=_key(registration, what)[:120],
        stop=None if always else page_of(registration, "place_stop"),
        digest=digest,
    )
