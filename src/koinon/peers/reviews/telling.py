"""Who is told what of a review by mail: its host's people, who applied. Nobody's address is in it."""

from django.urls import reverse
from django.utils.translation import override

from koinon.mail import actions as mail
from koinon.peers import telling as peers
from koinon.peers.models.entries import SEEKERS
from koinon.peers.reviews.models import Application, PeerReview
from koinon.peers.reviews.words import Answer
from koinon.people.models import Person

REVIEW_MAIL = "peers/mail/review"
MAILS = {REVIEW_MAIL: "E12"}


def host_people(review: PeerReview) -> list[Person]:
    """Who speaks for the host today and is here."""
    return peers.staff_of(review.organisation_id, SEEKERS)


def applicants(application: Application) -> list[Person]:
    """Who speaks for an applicant today and is here."""
    if application.organisation_id is not None:
        return peers.staff_of(application.organisation_id, SEEKERS)
    person = application.person
    return [person] if person is not None and person.is_active else []


def tell_host(review: PeerReview, what: str, application: Application | None = None) -> None:
    """The host's people: somebody applied or withdrew, the call is closed, what changed is asked for."""
    views = {"closed": "peers:review_applications", "follow_up": "peers:review_follow_up"}
    default = "peers:review_applications" if application is not None else "peers:review"
    page = reverse(views.get(what, default), args=[review.code])
    waiting = review.applications.filter(answer=Answer.SENT).count()
    at = application.made_at.isoformat() if application is not None else review.call_until.isoformat()
    key = f"{what}:{application.pk if application is not None else 0}:{at}:{review.asked}"
    for person in host_people(review):
        _send(review, person, what, key, page, application, waiting)


def tell_applicant(application: Application, review: PeerReview, what: str) -> None:
    """Who applied: accepted, declined, or it is called off; with the host's words."""
    page = review.get_absolute_url()
    if what == "accepted" and application.exchange is not None and not application.exchange.is_agreed:
        page = application.exchange.get_absolute_url()
    key = f"{what}:{application.pk}:{application.made_at.isoformat()}"
    for person in applicants(application):
        _send(review, person, what, key, page, application, 0)


def _send(
    review: PeerReview,
    person: Person,
    what: str,
    key: str,
    page: str,
    application: Application | None,
    waiting: int,
) -> None:
    with override(person.language):
        called = (
            peers.name_of_side(application.organisation, application.person)
            if application is not None
            else ""
        )
    exchange = application.exchange if application is not None else None
    mail.send(
        person.email,
        REVIEW_MAIL,
        {
            "review": review,
            "what": what,
            "called": called,
            "application": application,
            "waiting": waiting,
            "asks_for_yes": what == "accepted" and exchange is not None and not exchange.is_agreed,
            "page": peers.page_for(page, person),
        },
        language=person.language,
        key=f"peers:review:{review.pk}:{key}:{person.pk}",
    )


def tell_taken_down(review: PeerReview, words: str) -> None:
    """The host's people: it was taken off the site, and why."""
    peers.tell_gone(
        host_people(review), review.title, words, review.get_absolute_url(), f"review:{review.pk}"
    )
