"""Who is told what by mail: who reviews, who wrote, who did it first. Never a word of a draft."""

from koinon.base.languages import in_language
from koinon.mail import actions as mail
from koinon.network.actions.roles import site
from koinon.network.models import Role
from koinon.people.models import Person
from koinon.practices.models import Adoption, Practice, Review, Version
from koinon.practices.staff import heads_of

REVIEW_MAIL = "practices/mail/review"
DECIDED_MAIL = "practices/mail/decided"
ADOPTED_MAIL = "practices/mail/adopted"
CONFIRMED_MAIL = "practices/mail/confirmed"
MAILS = {REVIEW_MAIL: "D2", DECIDED_MAIL: "D3", ADOPTED_MAIL: "D7", CONFIRMED_MAIL: "D8"}


def tell_of_submission(version: Version, *, digest: str = "") -> None:
    """Those who decide: something was sent in. Mails of one `digest` are joined."""
    for person in heads_of(version):
        _ask(version, person, "submitted", digest=digest)


def tell_reviewer(review: Review) -> None:
    """Somebody is named to review it."""
    if review.reviewer is not None:
        _ask(review.version, review.reviewer, "named")


def tell_second(version: Version) -> None:
    """One said yes, and another has to."""
    now = version.reviews.of_now()
    done = set(now.done().values_list("reviewer", flat=True))
    waiting = [row.reviewer for row in now.waiting().select_related("reviewer")]
    for person in [*waiting, *heads_of(version)]:
        if person is not None and person.pk not in done:
            _ask(version, person, "second")


def _ask(version: Version, person: Person, what: str, *, digest: str = "") -> None:
    page = f"/practices/{version.practice.slug}/review/"
    mail.send(
        person.email,
        REVIEW_MAIL,
        {"version": version, "what": what, "page": site() + in_language(page, person.language)},
        language=person.language,
        key=f"practice:{version.practice_id}:{version.number}.{version.round}:{version.edits}:{person.pk}:{what}",
        digest=digest,
    )


def tell_author(version: Version, decision: str, words: str) -> None:
    """What was decided, with the reasons that are for the author."""
    owner = version.practice.owner
    if owner is None or not owner.is_active:
        return
    page = f"/practices/{version.practice.slug}/"
    if decision != Review.Decision.PUBLISH:
        page = f"/practices/{version.practice.slug}/versions/{version.number}/"
    mail.send(
        owner.email,
        DECIDED_MAIL,
        {
            "version": version,
            "decision": decision,
            "words": words,
            "page": site() + in_language(page, owner.language),
        },
        language=owner.language,
    )


def origin_people(practice: Practice) -> list[Person]:
    """Who speaks for those who did it first: its owner, else the managers of its organisation or centre."""
    if practice.owner is not None and practice.owner.is_active:
        return [practice.owner]
    return _managers(practice)


def speakers(practice: Practice) -> list[Person]:
    """All whom a question about it concerns: its owner, and the managers of its organisation and its centre."""
    owner = [practice.owner] if practice.owner is not None and practice.owner.is_active else []
    return list({person.pk: person for person in [*owner, *_managers(practice)]}.values())


def _managers(practice: Practice) -> list[Person]:
    rows = Role.objects.today().filter(kind=Role.Kind.MANAGER, organisation__in=practice.tenants())
    found = rows.filter(person__is_active=True).select_related("person").order_by("pk")
    return list({role.person_id: role.person for role in found}.values())


def tell_origin(adoption: Adoption) -> None:
    """Somebody took it over; the origin is asked whether that is so."""
    for person in origin_people(adoption.practice):
        if person.pk == adoption.by_id:
            continue
        page = f"/practices/{adoption.practice.slug}/adoptions/{adoption.pk}/"
        mail.send(
            person.email,
            ADOPTED_MAIL,
            {
                "adoption": adoption,
                "title": adoption.practice.latest.title,
                "page": site() + in_language(page, person.language),
            },
            language=person.language,
            key=f"adoption:{adoption.pk}:{person.pk}",
        )


def tell_adopter(adoption: Adoption) -> None:
    """The origin has said that it is so."""
    if adoption.by is None or not adoption.by.is_active:
        return
    page = f"/practices/{adoption.practice.slug}/"
    mail.send(
        adoption.by.email,
        CONFIRMED_MAIL,
        {
            "adoption": adoption,
            "title": adoption.practice.latest.title,
            "page": site() + in_language(page, adoption.by.language),
        },
        language=adoption.by.language,
        key=f"adoption:{adoption.pk}:confirmed",
    )
