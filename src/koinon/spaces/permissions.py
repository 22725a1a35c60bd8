"""Who may propose and open a space, join, write, change, moderate: rows N7 (open), N8 (closed), N10 (proposed).

`Space.objects.seen_by` says who finds a space at all; these say what one may do in it. In a closed space rank gives no right:
its members read, its hosts decide, and who handles a notice reads the one thing that was reported.
"""

from koinon.base.visitor import Visitor
from koinon.network.models import Organisation
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.notices.models import Notice
from koinon.notices.permissions import may_handle
from koinon.spaces.models import Date, File, Member, Post, Space, held, takes_part
from koinon.spaces.models.spaces import OPENERS, STAFF

POST, FILE = "space-post", "space-file"
"""The kinds of a reported post and a reported file (`notices/subjects.py`)."""


def member_of(by: Visitor, space: Space) -> Member | None:
    """The membership of who comes; None for who does not belong to it."""
    if not takes_part(by):
        return None
    return Member.objects.belonging().filter(space=space, person=by.person_id).first()


def may_host(by: Visitor, space: Space) -> bool:
    """Let in, invite, show out, name a host, withdraw others' files and dates: its hosts and nobody else (N7, N8 M:l)."""
    found = member_of(by, space)
    return found is not None and found.is_host and space.state != Space.State.PROPOSED


def _manages(by: Visitor, space: Space) -> bool:
    return space.organisation_id in held(by, OPENERS)


def _coordinates(by: Visitor) -> bool:
    return isinstance(by, NetworkVisitor) and by.is_coordinator


def may_propose(by: Visitor, organisation: Organisation) -> bool:
    """Editors and managers of a body, the lead of a consortium (N10 C)."""
    return takes_part(by) and organisation.pk in held(by, STAFF)


def may_change_proposal(by: Visitor, space: Space) -> bool:
    """The same, for a proposal of their body (N10 U, D)."""
    return space.state == Space.State.PROPOSED and takes_part(by) and space.organisation_id in held(by, STAFF)


def may_open(by: Visitor, space: Space) -> bool:
    """A manager of the body, the lead of the consortium (N10 P)."""
    return space.state == Space.State.PROPOSED and takes_part(by) and _manages(by, space)


def may_join(by: Visitor, space: Space) -> bool:
    """An open space: whoever has an account (N7 C:o)."""
    return takes_part(by) and not space.is_closed and space.is_running


def may_knock(by: Visitor) -> bool:
    """Ask to join a closed space, or take up an invitation: whoever has an account and holds the code (N8 C:k)."""
    return takes_part(by)


def may_write(by: Visitor, space: Space) -> bool:
    """Its members, while it runs (N7, N8 C:j)."""
    return space.is_running and member_of(by, space) is not None


def may_keep_membership(by: Visitor, space: Space) -> bool:
    """One's own name and mails in it, and leaving: its members (N7, N8 U:j, D:j)."""
    return member_of(by, space) is not None


def may_see_members(by: Visitor, space: Space) -> bool:
    """Who belongs to it: its members and nobody else (N7 U:j, N8 R:j)."""
    return member_of(by, space) is not None


def may_change_post(by: Visitor, post: Post) -> bool:
    """One's own words, as long as one belongs to the space and it runs (N7, N8 U:j)."""
    return may_write(by, post.thread.space) and post.person_id == by.person_id


def may_withdraw_post(by: Visitor, post: Post) -> bool:
    """One's own words, as long as one belongs to the space, also when it has ended (N7, N8 D:j)."""
    return post.person_id == by.person_id and member_of(by, post.thread.space) is not None


def may_withdraw_file(by: Visitor, file: File) -> bool:
    """Who added it, as long as one belongs to the space, and the hosts; also when it has ended (N7, N8 D:j, M:l)."""
    own = file.person_id == by.person_id and member_of(by, file.space) is not None
    return own or may_host(by, file.space)


def may_change_date(by: Visitor, date: Date) -> bool:
    """Who set it, and the hosts (N7, N8 U:j, D:j, M:l)."""
    own = date.person_id == by.person_id or may_host(by, date.space)
    return own and may_write(by, date.space)


def may_moderate(by: Visitor, space: Space) -> bool:
    """Close threads, say it otherwise, end it: its hosts; of an open one also the manager of its body and the coordinator (N7 M, N8 M:l)."""
    if space.state == Space.State.PROPOSED or not takes_part(by):
        return False
    from_outside = not space.is_closed and (_manages(by, space) or _coordinates(by))
    return from_outside or may_host(by, space)


def may_read_reported(by: Visitor, thing: Post | File) -> bool:
    """Who handles a notice about this very post or file, and that one alone (N8)."""
    kind, key = (POST, str(thing.pk)) if isinstance(thing, Post) else (FILE, thing.code)
    notices = Notice.objects.filter(kind=kind, key=key)
    return takes_part(by) and any(may_handle(by, notice) for notice in notices)
