"""What a page finds where `seen_by` alone does not say it: a pair of which one side is over, a message that was reported."""

from django.http import Http404

from koinon.base.visitor import Visitor, require
from koinon.peers.actions import answering
from koinon.peers.models import Entry, Match, Message
from koinon.peers.models.matches import SIDES
from koinon.peers.permissions import may_answer, may_read_reported, speaks_for
from koinon.peers.reasons import facts_of, may_fit


class Ended(Exception):
    """The other one stood here, and is over. Said the same whatever the other side has answered."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(kind)


def pair_for(visitor: Visitor, own_code: str, there_code: str) -> tuple[Entry, Entry, Match | None]:
    """One's own entry and another that one may see, or that one asked while it stood; else there is nothing here (or `Ended`)."""
    own = Entry.objects.of(visitor).with_owners().filter(code=own_code[:12]).first()
    there = Entry.objects.with_owners().filter(code=there_code[:12]).first()
    if own is None or there is None or there.pk == own.pk:
        raise Http404
    first, second = answering.pair(own, there)
    match = Match.objects.filter(first=first, second=second).first()
    seen = Entry.objects.seen_by(visitor).filter(pk=there.pk).exists()
    side = "first" if match is not None and match.first_id == own.pk else "second"
    asked = match is not None and bool(match.answer(side))
    require(may_answer(visitor, own, there), hidden=True)
    if not (seen or asked):
        if there.removed_at is None and not there.is_open:
            raise Ended(there.kind)
        raise Http404
    if not asked and (not may_fit(facts_of(own), facts_of(there)) or answering.same_people(own, there)):
        raise Http404
    return own, there, match


def message_for(visitor: Visitor, pk: int) -> tuple[Message, bool]:
    """One message alone, for its parties and for who handles a notice about it; and whether one is a party."""
    found = Message.objects.filter(pk=pk).select_related("by").first() if pk < 2**63 else None
    if found is None:
        raise Http404
    found.match = Match.objects.with_sides().get(pk=found.match_id)
    is_party = any(speaks_for(visitor, found.match.entry(side)) for side in SIDES)
    require(is_party or may_read_reported(visitor, found), hidden=True)
    return found, is_party
