"""Agreeing on an exchange, saying what came of it, letting it be seen: each needs both, and a changed word asks both again."""

from dataclasses import asdict, dataclass
from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.peers import telling
from koinon.peers.models import Exchange, Match
from koinon.peers.models.matches import other
from koinon.peers.permissions import (
    exchange_side,
    may_agree,
    may_change_exchange,
    may_take_down,
    may_withdraw_exchange,
    side_of,
)
from koinon.peers.words import ASK_AFTER, ASK_AGAIN, ASK_MOST


class Changed(Exception):
    """The other side saved meanwhile. `current` is what stands there now."""

    def __init__(self, current: Exchange) -> None:
        self.current = current
        super().__init__("changed meanwhile")


class NotNow(Exception):
    """This cannot be done with an exchange that stands like this."""


@dataclass(frozen=True)
class Terms:
    """What is agreed on."""

    language: str
    title: str
    format: str
    begins_on: date
    ends_on: date
    where: str = ""
    terms: str = ""


@dataclass(frozen=True)
class Result:
    """What came of it; `public_text` is what everybody may read, once both consent."""

    outcome: str
    result: str
    public_text: str = ""


def lock(exchange: Exchange) -> Exchange:
    """The exchange as it stands now, and nobody else's until the end of the transaction."""
    return Exchange.objects.select_for_update(of=("self",)).with_sides().get(pk=exchange.pk)


def _write(exchange: Exchange, terms: Terms) -> None:
    exchange.language, exchange.title, exchange.format = terms.language, terms.title, terms.format
    exchange.begins_on, exchange.ends_on = terms.begins_on, terms.ends_on
    exchange.where, exchange.terms = terms.where, terms.terms
    exchange.changed_at = timezone.now()


def _says(exchange: Exchange, terms: Terms) -> bool:
    return all(getattr(exchange, name) == value for name, value in asdict(terms).items())


def _agree(exchange: Exchange, side: str) -> None:
    setattr(exchange, f"{side}_agreed", timezone.now())


@transaction.atomic
def propose(match: Match, *, by: Visitor, terms: Terms) -> Exchange:
    """Propose what to do together; the other side agrees or changes it. What stands open between two is one at a time.

    Proposing the same twice changes nothing. `Changed` where something else stands open: it is to be read first.
    """
    now = Match.objects.select_for_update(of=("self",)).with_sides().get(pk=match.pk)
    require(may_agree(by, now), hidden=True)
    still_open = now.exchanges.filter(result_at__isnull=True, called_off_at__isnull=True).first()
    if still_open is not None:
        if _says(still_open, terms):
            return still_open
        raise Changed(still_open)
    first, second = now.first, now.second
    exchange = Exchange(
        match=now,
        first_organisation=first.organisation,
        first_person=first.person,
        second_organisation=second.organisation,
        second_person=second.person,
        topics=sorted(set(first.topics) & set(second.topics)),
    )
    _write(exchange, terms)
    _agree(exchange, side_of(by, now))
    exchange.save()
    journal.record("peers.exchange_proposed", by=by, what=exchange, public=False)
    telling.tell_exchange(exchange, other(side_of(by, now)), "proposed")
    return exchange


@transaction.atomic
def change(exchange: Exchange, *, by: Visitor, edits: int, terms: Terms) -> Exchange:
    """Change what is to be agreed on; the other side is asked anew. `Changed` where it saved since this was read.

    The terms of a review are changed there, by its host.
    """
    now = lock(exchange)
    require(may_change_exchange(by, now), hidden=not now.is_public)
    if now.called_off_at is not None or now.result_at is not None or now.is_of_review:
        raise NotNow
    if now.edits != edits:
        raise Changed(now)
    side = exchange_side(by, now)
    _write(now, terms)
    now.first_agreed = now.second_agreed = None
    _agree(now, side)
    now.edits += 1
    now.save()
    journal.record("peers.exchange_changed", by=by, what=now, public=False)
    telling.tell_exchange(now, other(side), "changed")
    return now


@transaction.atomic
def agree(exchange: Exchange, *, by: Visitor, edits: int) -> Exchange:
    """Say yes to what stands there. `Changed` where that is not what was read. Twice changes nothing."""
    now = lock(exchange)
    require(may_change_exchange(by, now), hidden=not now.is_public)
    if now.called_off_at is not None or now.result_at is not None:
        raise NotNow
    if now.edits != edits:
        raise Changed(now)
    side = exchange_side(by, now)
    if not now.agreed(side):
        _agree(now, side)
        now.save(update_fields=[f"{side}_agreed"])
        journal.record("peers.exchange_agreed", by=by, what=now, public=False)
        telling.tell_exchange(now, other(side), "agreed")
    return now


@transaction.atomic
def call_off(exchange: Exchange, *, by: Visitor) -> Exchange:
    """It does not take place; the other side is told. Twice changes nothing. Of a review: its host calls it off, or a peer withdraws."""
    now = lock(exchange)
    require(may_withdraw_exchange(by, now), hidden=not now.is_public)
    if now.result_at is not None or now.is_of_review:
        raise NotNow
    if now.called_off_at is None:
        now.called_off_at = timezone.now()
        now.edits += 1
        now.save(update_fields=["called_off_at", "edits"])
        journal.record("peers.exchange_called_off", by=by, what=now, public=False)
        telling.tell_exchange(now, other(exchange_side(by, now)), "called_off")
    return now


@transaction.atomic
def record_result(exchange: Exchange, *, by: Visitor, edits: int, result: Result, consents: bool) -> Exchange:
    """Say what came of it, or say it otherwise. Other public words than before ask both sides for their consent again."""
    now = lock(exchange)
    require(may_change_exchange(by, now), hidden=not now.is_public)
    if not now.is_agreed or now.called_off_at is not None or now.begins_on > timezone.localdate():
        raise NotNow
    if now.edits != edits:
        raise Changed(now)
    side, was_public = exchange_side(by, now), now.is_public
    if (now.public_text, now.outcome) != (result.public_text, result.outcome):
        now.first_consent = now.second_consent = None
    now.outcome, now.result, now.public_text = result.outcome, result.result, result.public_text
    now.result_at = now.result_at or timezone.now()
    _consent(now, side, consents)
    now.changed_at = timezone.now()
    now.edits += 1
    now.save()
    _record("peers.result_recorded", now, by=by, was_public=was_public)
    telling.tell_exchange(now, other(side), "result")
    return now


def _consent(exchange: Exchange, side: str, consents: bool) -> None:
    if not consents:
        setattr(exchange, f"{side}_consent", None)
    elif not exchange.consented(side):
        setattr(exchange, f"{side}_consent", timezone.now())


@transaction.atomic
def consent(exchange: Exchange, *, by: Visitor, edits: int) -> Exchange:
    """Let the public words be seen, as they stand there. Public once both do. `Changed` where other words stand there now."""
    now = lock(exchange)
    require(may_change_exchange(by, now), hidden=not now.is_public)
    if now.result_at is None:
        raise NotNow
    if now.edits != edits:
        raise Changed(now)
    side, was_public = exchange_side(by, now), now.is_public
    if not now.consented(side):
        _consent(now, side, True)
        now.save(update_fields=[f"{side}_consent"])
        _record("peers.result_consented", now, by=by, was_public=was_public)
    return now


@transaction.atomic
def withdraw_consent(exchange: Exchange, *, by: Visitor) -> Exchange:
    """Take the consent back: from now on nobody else sees it. Twice changes nothing."""
    now = lock(exchange)
    require(may_withdraw_exchange(by, now), hidden=not now.is_public)
    side, was_public = exchange_side(by, now), now.is_public
    if now.consented(side):
        _consent(now, side, False)
        now.save(update_fields=[f"{side}_consent"])
        _record("peers.result_withdrawn", now, by=by, was_public=was_public, shown=was_public)
    return now


@transaction.atomic
def take_down(exchange: Exchange, *, by: Visitor, words: str) -> Exchange:
    """The coordinator takes the public part off the site; both sides are told why. Twice changes nothing."""
    now = lock(exchange)
    require(may_take_down(by))
    if now.is_public:
        now.removed_at = timezone.now()
        now.save(update_fields=["removed_at"])
        journal.record("peers.result_taken_down", by=by, what=now, details={"shown": True})
        telling.tell_exchange_taken_down(now, words)
    return now


@transaction.atomic
def take_down_after_notice(exchange: Exchange) -> None:
    """Decided upon a notice; whether that person may decide, `notices` has asked."""
    now = lock(exchange)
    if now.removed_at is None:
        was_public = now.is_public
        now.removed_at = timezone.now()
        now.save(update_fields=["removed_at"])
        journal.record("peers.result_taken_down", by=None, what=now, details={"shown": was_public})


@transaction.atomic
def restore_after_complaint(exchange: Exchange) -> None:
    now = lock(exchange)
    if now.removed_at is not None:
        now.removed_at = None
        now.save(update_fields=["removed_at"])
        journal.record("peers.result_restored", by=None, what=now)


def _record(verb: str, exchange: Exchange, *, by: Visitor, was_public: bool, **details: bool) -> None:
    """`details`: whether it was `shown` to everybody until then, for those who are told that it is gone."""
    journal.record(verb, by=by, what=exchange, details=details, public=was_public or exchange.is_public)


def ask_for_results() -> int:
    """By the clock: whose exchange is over for a while without a result is asked, and asked again; returns how many."""
    now, today = timezone.now(), timezone.localdate()
    due = Exchange.objects.filter(
        Q(asked_at__isnull=True) | Q(asked_at__lt=now - ASK_AGAIN),
        result_at__isnull=True,
        called_off_at__isnull=True,
        first_agreed__isnull=False,
        second_agreed__isnull=False,
        ends_on__lte=today - ASK_AFTER,
        asked__lt=ASK_MOST,
    )
    asked = 0
    for pk in list(due.order_by("pk").values_list("pk", flat=True)[:500]):
        with transaction.atomic():
            # As it stands now: meanwhile it may have been asked, called off, changed, or said what came of it.
            exchange = due.select_for_update(of=("self",)).with_sides().filter(pk=pk).first()
            if exchange is None:
                continue
            exchange.asked_at, exchange.asked = now, exchange.asked + 1
            exchange.save(update_fields=["asked_at", "asked"])
            for side in ("first", "second"):
                telling.tell_exchange(exchange, side, "ask_result")
            asked += 1
    return asked
