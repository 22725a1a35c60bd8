"""Who is told what: the asker at each step, the people of a desk when something comes in. Never a confidential word."""

from django.utils import translation

from koinon.base.languages import in_language
from koinon.mail import actions as mail
from koinon.mail.models import Outbox
from koinon.network.actions.roles import site
from koinon.network.models import Organisation, Role
from koinon.people.models import Person
from koinon.practices.models import Practice
from koinon.practices.telling import speakers
from koinon.questions.actions.receipts import address_for, receipt_url
from koinon.questions.models import Assignment, Question, Step, Triage
from koinon.questions.staff import people_at

CONFIRM_MAIL = "questions/mail/confirm"
STEP_MAIL = "questions/mail/step"
DESK_MAIL = "questions/mail/desk"
OWN_MAIL = "questions/mail/own"
ORIGIN_MAIL = "questions/mail/origin"
MAILS = {CONFIRM_MAIL: "C1", STEP_MAIL: "C1", DESK_MAIL: "C1", OWN_MAIL: "C3", ORIGIN_MAIL: "D4"}


def ask_to_confirm(question: Question) -> None:
    """The first mail to an address: nothing else goes there until its owner has followed the link."""
    mail.send(
        question.email,
        CONFIRM_MAIL,
        {"question": question, "confirm": receipt_url(question, "confirm"), "receipt": receipt_url(question)},
        language=question.page_language,
        key=f"question:{question.pk}:confirm",
        reply_to=address_for(question),
        stop=receipt_url(question, "stop"),
        # Anybody can type any address: however often one is given, its owner gets one mail an hour of this kind.
        digest="confirm",
    )


def forget_mails(question: Question) -> None:
    """What was written about it is not kept in the outbox either; what is just going out is let go."""
    mail.forget(f"question:{question.pk}:")


def _first_mail(question: Question) -> list[str]:
    """The Message-ID of the first mail, so that a mail program keeps all of them together; it may be gone by now."""
    first = Outbox.objects.filter(key=f"question:{question.pk}:confirm")
    return list(first.values_list("message_id", flat=True))


def tell_asker(question: Question, step: Step) -> None:
    """One mail a step, to who left an address and confirmed it. A confidential request's author gets a bare word."""
    if question.confidential:
        for person in authors_of(question):
            tell_person(question, person, key=f"step:{step.pk}")
        return
    if question.email and question.email_confirmed and not question.email_stopped:
        mail.send(
            question.email,
            STEP_MAIL,
            {
                "question": question,
                "step": step,
                "receipt": receipt_url(question),
                "stop": receipt_url(question, "stop"),
            },
            language=question.page_language,
            key=f"question:{question.pk}:step:{step.pk}",
            reply_to=address_for(question),
            stop=receipt_url(question, "stop"),
            references=_first_mail(question),
        )


def tell_desk(question: Question, *, what: str = "new") -> None:
    """The handler, or else the people of its desk. Of a confidential one who is assigned, else who is named for triage."""
    if question.confidential:
        for person in handlers_of(question) or triage_people():
            tell_person(question, person, key=f"{what}:{question.version}")
        return
    people = [question.handler] if question.handler else [role.person for role in people_at(question.desk)]
    _tell(question, people, what)


def tell_next_level(question: Question) -> None:
    """It was escalated: the people of the next level."""
    _tell(question, [role.person for role in people_at(question.escalated_to)], "escalated")


def tell_person(question: Question, person: Person, *, key: str) -> None:
    """A bare word that something waits, with no number, no place and no text: for what is confidential."""
    if not person.is_active:
        return
    page = "/support/" if question.channel == Question.Channel.SUPPORT else "/desk/"
    mail.send(
        person.email,
        OWN_MAIL,
        {"page": site() + in_language(page, person.language)},
        language=person.language,
        key=f"own:{person.pk}:{question.pk}:{key}",
    )


def _tell(question: Question, people: list[Person], what: str) -> None:
    for person in {person.pk: person for person in people}.values():
        page = site() + in_language(f"/desk/{question.number}/", person.language)
        mail.send(
            person.email,
            DESK_MAIL,
            {"question": question, "what": what, "page": page, "desk": desk_words(question.desk)},
            language=person.language,
            key=f"question:{question.pk}:desk:{person.pk}:{what}:{question.version}",
            reply_to=address_for(question, person),
            digest=f"desk:{question.desk_id}" if what == "new" else "",
        )


def tell_origin(question: Question, practice: Practice, *, but: int | None) -> None:
    """Who speaks for a practice: that somebody asks about it, and which desk answers. Nothing of the question, nor of who asks.

    Who works at that desk was told already; who asked knows.
    """
    if question.confidential:
        return
    told = {role.person_id for role in people_at(question.desk)} | {but}
    for person in speakers(practice):
        if person.pk in told:
            continue
        with translation.override(person.language):
            desk = question.desk_name
        mail.send(
            person.email,
            ORIGIN_MAIL,
            {
                "title": practice.latest.title,
                "desk": desk,
                "due": question.due,
                "page": site() + in_language(f"/practices/{practice.slug}/", person.language),
            },
            language=person.language,
            key=f"question:{question.pk}:origin:{person.pk}",
            digest=f"origin:{practice.pk}",
        )


def desk_words(desk: Organisation | None) -> str:
    return desk.name if desk is not None else ""


def handlers_of(question: Question) -> list[Person]:
    """Who is asked by name, or has accepted."""
    rows = question.assignments.filter(state__in=Assignment.ACTIVE).select_related("person")
    return [row.person for row in rows.order_by("pk")]


def triage_people() -> list[Person]:
    """Who is named for triage and coordinates today."""
    named = Triage.objects.select_related("person").filter(
        person__is_active=True,
        person__in=Role.objects.today().filter(kind=Role.Kind.COORDINATOR).values("person"),
    )
    return [row.person for row in named.order_by("pk")]


def authors_of(question: Question) -> list[Person]:
    people = list(question.coauthors.all())
    return [question.author, *people] if question.author is not None else people


def remind(question: Question) -> None:
    """The day before the date: once for each date."""
    people = [question.handler] if question.handler else [role.person for role in people_at(question.desk)]
    for person in people:
        page = site() + in_language(f"/desk/{question.number}/", person.language)
        mail.send(
            person.email,
            DESK_MAIL,
            {"question": question, "what": "soon", "page": page, "desk": desk_words(question.desk)},
            language=person.language,
            key=f"question:{question.pk}:desk:{person.pk}:soon:{question.due.isoformat()}",
        )
