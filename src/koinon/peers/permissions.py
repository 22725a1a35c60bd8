"""Who may offer and seek, be listed, answer a match, write, agree and let a result be seen: rows E1a, E1b, E2, E9, E10.

`seen_by` of the models says the same for lists. For a body speak the editors and managers who hold that role at this moment;
for a partner search also an authority's people and an innovator of an enterprise. Rank gives no right on what two write.
"""

from koinon.base.visitor import Visitor
from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.notices.models import Notice
from koinon.notices.permissions import may_handle
from koinon.peers.models import Entry, Exchange, Match, Message, Profile
from koinon.peers.models.entries import SEEKERS, STAFF, held, takes_part
from koinon.peers.words import Kind

MESSAGE = "message"
"""The kind of a reported message (`notices/subjects.py`)."""
_ENDS_OFFERS = frozenset({Role.Kind.MANAGER})
_ENDS_SEARCHES = frozenset({Role.Kind.MANAGER, Role.Kind.AUTHORITY, Role.Kind.INNOVATOR})


def speaks_for(by: Visitor, entry: Entry) -> bool:
    """Whether somebody is the party behind an entry: the person, or somebody on the body's staff."""
    if not takes_part(by):
        return False
    if entry.organisation_id is None:
        return entry.person_id == by.person_id
    return entry.organisation_id in held(by, SEEKERS if entry.kind == Kind.PARTNERS else STAFF)


def may_make_entry(by: Visitor, organisation: Organisation | None, kind: str) -> bool:
    """For oneself whoever has an account (E1b C); for a body its staff (E1a C), and for partners whoever speaks for it (E10 C)."""
    if not takes_part(by):
        return False
    if organisation is None:
        return True
    return organisation.pk in held(by, SEEKERS if kind == Kind.PARTNERS else STAFF)


def may_change_entry(by: Visitor, entry: Entry) -> bool:
    """Who speaks for it; for what a body offers or needs also the lead of its consortium (E1a U, E1b U, E10 U)."""
    led = by.led if isinstance(by, NetworkVisitor) else frozenset()
    by_the_lead = (
        entry.kind != Kind.PARTNERS and entry.organisation_id is not None and entry.organisation_id in led
    )
    return speaks_for(by, entry) or by_the_lead


def may_close_entry(by: Visitor, entry: Entry) -> bool:
    """The person; of a body its managers, and of a partner search whoever speaks for it but an editor (E1a D, E1b D, E10 D)."""
    if not takes_part(by):
        return False
    if entry.organisation_id is None:
        return entry.person_id == by.person_id
    return entry.organisation_id in held(by, _ENDS_SEARCHES if entry.kind == Kind.PARTNERS else _ENDS_OFFERS)


def may_take_down(by: Visitor) -> bool:
    """The coordinator, with reasons (E1a M, E1b M, E9 M, E10 M)."""
    return isinstance(by, NetworkVisitor) and by.is_coordinator


def may_see_people(by: Visitor) -> bool:
    """The expert directory and what persons offer: whoever has an account (E1b R)."""
    return takes_part(by)


def may_have_profile(by: Visitor) -> bool:
    """One of one's own, by own choice (E1b C, U)."""
    return takes_part(by)


def may_end_profile(by: Visitor, profile: Profile) -> bool:
    """The person always; and the manager of the body that it names, as long as the person holds a role there (E1b D)."""
    if not takes_part(by):
        return False
    if profile.person_id == by.person_id:
        return True
    if profile.organisation_id not in held(by, {Role.Kind.MANAGER}):
        return False
    there = Role.objects.today().filter(person=profile.person_id, organisation=profile.organisation_id)
    return there.exists()


def may_answer(by: Visitor, own: Entry, other: Entry) -> bool:
    """Say yes or no for one side, never for both (E2 C)."""
    return speaks_for(by, own) and not speaks_for(by, other)


def side_of(by: Visitor, match: Match) -> str:
    """The side for which somebody speaks; empty for who is no party."""
    for side in ("first", "second"):
        if speaks_for(by, match.entry(side)):
            return side
    return ""


def may_write_message(by: Visitor, match: Match) -> bool:
    """Its parties, once they are introduced (E2 C)."""
    return match.is_introduced and bool(side_of(by, match))


def may_read_reported(by: Visitor, message: Message) -> bool:
    """Who handles a notice about this very message, and that message alone (E2)."""
    notices = Notice.objects.filter(kind=MESSAGE, key=str(message.pk))
    return takes_part(by) and any(may_handle(by, notice) for notice in notices)


def exchange_side(by: Visitor, exchange: Exchange) -> str:
    """The side of an exchange for which somebody speaks; empty for who is no party."""
    if not takes_part(by):
        return ""
    bodies = held(by, SEEKERS if exchange.is_of_review else STAFF)
    for side in ("first", "second"):
        body = exchange.first_organisation_id if side == "first" else exchange.second_organisation_id
        person = exchange.first_person_id if side == "first" else exchange.second_person_id
        if (body is not None and body in bodies) or (person is not None and person == by.person_id):
            return side
    return side_of(by, exchange.match) if exchange.match is not None else ""


def may_agree(by: Visitor, match: Match) -> bool:
    """Propose an exchange: the parties of an introduction (E9 C)."""
    return match.is_introduced and bool(side_of(by, match))


def may_change_exchange(by: Visitor, exchange: Exchange) -> bool:
    """Agree, change, record, consent: its parties (E9 U)."""
    return bool(exchange_side(by, exchange))


def may_withdraw_exchange(by: Visitor, exchange: Exchange) -> bool:
    """Call it off, or take back the consent that it is seen: its parties (E9 D)."""
    return bool(exchange_side(by, exchange))
