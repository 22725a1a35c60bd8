"""Answering a match: yes or no for one side. Both have said yes: they are introduced, once, also when both click at once."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.network.models import Role
from koinon.peers import telling
from koinon.peers.models import Entry, Match
from koinon.peers.models.entries import SEEKERS, STAFF
from koinon.peers.models.matches import other
from koinon.peers.permissions import may_answer
from koinon.peers.reasons import facts_of, may_fit
from koinon.peers.words import ANSWER_WITHIN, Kind

MOST_ASKED = 10
"""So many may be asked for one entry at the same time."""


class NoMatch(Exception):
    """The two do not fit (any more), or one of them is over."""


class YesHolds(Exception):
    """A yes is not taken back while the other side is asked: they could tell otherwise what somebody answered."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(until.isoformat())


class AskedEnough(Exception):
    """Too many are asked at the same time."""


@dataclass(frozen=True)
class Standing:
    """How a pair stands, as one side may know it: never whether the other side said no."""

    answer: str = ""
    at: datetime | None = None
    asked_until: datetime | None = None
    other_said_yes: datetime | None = None
    other_until: datetime | None = None
    match: Match | None = None

    @property
    def waits(self) -> bool:
        """I said yes, and the other side still has time."""
        return self.match is None and self.asked_until is not None and self.asked_until > timezone.now()

    @property
    def lapsed(self) -> bool:
        """I said yes, and no answer came in time."""
        return self.match is None and self.asked_until is not None and self.asked_until <= timezone.now()

    @property
    def declined(self) -> bool:
        return self.match is None and self.answer == Match.Answer.NO

    @property
    def is_asked(self) -> bool:
        """The other side said yes and I have not answered."""
        return self.match is None and not self.answer and self.other_said_yes is not None


def standing(match: Match | None, own: Entry, now: datetime | None = None) -> Standing:
    """How a pair stands for the side of `own`."""
    if match is None:
        return Standing()
    side = "first" if match.first_id == own.pk else "second"
    if match.is_introduced:
        return Standing(answer=Match.Answer.YES, at=match.answered_at(side), match=match)
    there_until = match.asked_until(other(side))
    asks = there_until is not None and there_until > (now or timezone.now())
    return Standing(
        answer=match.answer(side),
        at=match.answered_at(side),
        asked_until=match.asked_until(side),
        other_said_yes=match.answered_at(other(side)) if asks else None,
        other_until=there_until if asks else None,
    )


def pair(one: Entry, two: Entry) -> tuple[Entry, Entry]:
    """The two in the order in which a match keeps them."""
    return (one, two) if one.pk < two.pk else (two, one)


def same_people(own: Entry, there: Entry) -> bool:
    """Whether one and the same person stands behind both: then there is nobody to be introduced to."""
    if own.owner == there.owner:
        return True
    for body, person in ((own, there), (there, own)):
        if body.organisation_id is not None and person.person_id is not None:
            kinds = SEEKERS if body.kind == Kind.PARTNERS else STAFF
            roles = Role.objects.today().filter(person=person.person_id, organisation=body.organisation_id)
            if roles.filter(kind__in=kinds).exists():
                return True
    return False


@transaction.atomic
def answer(own: Entry, there: Entry, *, by: Visitor, yes: bool) -> Match:
    """Say yes or no for the side of `own`. Saying the same twice changes nothing; a no can be changed, a yes once it lapsed."""
    require(may_answer(by, own, there), hidden=True)
    require(Entry.objects.seen_by(by).filter(pk=there.pk).exists(), hidden=True)
    match = _locked(own, there)
    first, second = match.first, match.second
    if match.is_introduced:
        return match
    if not (first.is_open and second.is_open) or not may_fit(facts_of(first), facts_of(second)):
        raise NoMatch
    if same_people(first, second):
        raise NoMatch
    side = "first" if match.first_id == own.pk else "second"
    now = timezone.now()
    stands = standing(match, own, now)
    if not yes:
        if stands.waits and stands.asked_until is not None:
            raise YesHolds(stands.asked_until)
        if stands.answer != Match.Answer.NO:
            _say(match, side, Match.Answer.NO, now)
            journal.record("peers.match_answered", by=by, what=match, public=False)
        return match
    if stands.waits:
        return match
    if stands.other_said_yes is not None:
        _say(match, side, Match.Answer.YES, now)
        match.introduced_at = now
        match.save(update_fields=["introduced_at"])
        journal.record("peers.introduced", by=by, what=match, public=False)
        telling.tell_introduced(match)
        return match
    if _asked_at_once(own, now) >= MOST_ASKED:
        raise AskedEnough
    _say(match, side, Match.Answer.YES, now)
    journal.record("peers.match_answered", by=by, what=match, public=False)
    if match.answer(other(side)) != Match.Answer.NO:
        telling.tell_asked(match, side)
    return match


def _say(match: Match, side: str, what: str, now: datetime) -> None:
    setattr(match, f"{side}_answer", what)
    setattr(match, f"{side}_at", now)
    match.save(update_fields=[f"{side}_answer", f"{side}_at"])


def _asked_at_once(own: Entry, now: datetime) -> int:
    since = now - ANSWER_WITHIN
    waiting = Match.objects.filter(introduced_at__isnull=True)
    mine = waiting.filter(first=own, first_answer=Match.Answer.YES, first_at__gt=since)
    yours = waiting.filter(second=own, second_answer=Match.Answer.YES, second_at__gt=since)
    return mine.count() + yours.count()


def _locked(own: Entry, there: Entry) -> Match:
    """The match of a pair with both entries as they stand now, made where there was none; of two at once one waits."""
    first, second = pair(own, there)
    # Both rows in one order, so that what is closed meanwhile is closed for both sides, and nobody waits for each other.
    now = {
        row.pk: row
        for row in Entry.objects.select_for_update(of=("self",))
        .with_owners()
        .filter(pk__in=[first.pk, second.pk])
        .order_by("pk")
    }
    if len(now) != 2:
        raise NoMatch
    try:
        with transaction.atomic():
            Match.objects.get_or_create(first=first, second=second)
    except IntegrityError:
        pass
    match = Match.objects.select_for_update().get(first=first, second=second)
    match.first, match.second = now[first.pk], now[second.pk]
    return match
