"""Who may do what with an account. Roles are not known here; they are asked through the visitor."""

from koinon.base.visitor import Visitor
from koinon.people.models import Person, Token


def may_use(by: Visitor, person: Person) -> bool:
    """See, change, take and close an account, and see its sign-ins: its own person and nobody else (H1, H8)."""
    return by.person_id is not None and by.person_id == person.pk


def may_make_token(by: Visitor) -> bool:
    """Everybody signed in, for themselves; not who is an administrator and nothing else (H4)."""
    return by.is_signed_in and not by.is_only_operator


def may_revoke_token(by: Visitor, token: Token) -> bool:
    """Its own person; an administrator revokes any (H4)."""
    return by.is_operator or (by.person_id is not None and by.person_id == token.person_id)


def may_govern_accounts(by: Visitor) -> bool:
    """Lock an account, open it again, have its person begin anew: the administrator (H2). Nobody takes an account over."""
    return by.is_operator
