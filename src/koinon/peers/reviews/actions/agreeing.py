"""The exchange of a host with each accepted peer: begun, kept as the terms of the review are, called off.

Its result, who lets it be seen, and the clock that asks for it are those of every agreed exchange (`peers/actions/exchanging.py`).
"""

from django.utils import timezone

from koinon.journal import actions as journal
from koinon.peers import telling
from koinon.peers.models import Exchange
from koinon.peers.reviews.models import Application, PeerReview
from koinon.peers.reviews.words import Answer


def _write(exchange: Exchange, review: PeerReview) -> None:
    exchange.language, exchange.title, exchange.format = review.language, review.title, review.kind
    exchange.topics, exchange.terms = list(review.topics), review.terms[:4000]
    exchange.begins_on, exchange.ends_on = review.first_day, review.last_day
    exchange.where = review.place.display_name()[:200] if review.place is not None else ""
    exchange.changed_at = timezone.now()


def begin(application: Application, review: PeerReview) -> Exchange:
    """Accepted: the two agree on the terms. Where those changed since the peer applied, the peer is asked for its yes."""
    now = timezone.now()
    exchange = application.exchange or Exchange(is_of_review=True)
    exchange.first_organisation = review.organisation
    exchange.second_organisation, exchange.second_person = application.organisation, application.person
    _write(exchange, review)
    exchange.first_agreed, exchange.called_off_at = now, None
    read_these = application.terms_version == review.terms_version
    exchange.second_agreed = application.made_at if read_these else None
    exchange.save()
    journal.record("peers.exchange_proposed", by=None, what=exchange, public=False)
    return exchange


def ask_again(review: PeerReview) -> None:
    """The terms changed: what each accepted peer agreed to is asked again."""
    accepted = review.applications.filter(answer=Answer.ACCEPTED, exchange__isnull=False)
    for application in accepted.select_related("exchange"):
        exchange = (
            Exchange.objects.select_for_update(of=("self",)).with_sides().get(pk=application.exchange_id or 0)
        )
        if exchange.result_at is not None or exchange.called_off_at is not None:
            continue
        _write(exchange, review)
        exchange.first_agreed, exchange.second_agreed = timezone.now(), None
        exchange.edits += 1
        exchange.save()
        journal.record("peers.exchange_changed", by=None, what=exchange, public=False)
        telling.tell_exchange(exchange, "second", "changed")


def call_off(application: Application) -> bool:
    """The exchange with this peer does not take place; False where its result is recorded already."""
    if application.exchange_id is None:
        return True
    exchange = Exchange.objects.select_for_update(of=("self",)).get(pk=application.exchange_id or 0)
    if exchange.result_at is not None:
        return False
    if exchange.called_off_at is None:
        exchange.called_off_at = timezone.now()
        exchange.edits += 1
        exchange.save(update_fields=["called_off_at", "edits"])
        journal.record("peers.exchange_called_off", by=None, what=exchange, public=False)
    return True
