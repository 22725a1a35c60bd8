"""What can be done with an account. Views, commands and the API all come through here."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from koinon.base.text import is_plain
from koinon.base.visitor import Visitor, require
from koinon.journal import actions as journal
from koinon.people import mine
from koinon.people.models import Person, SignInLink, Token, digest
from koinon.people.permissions import may_govern_accounts, may_make_token, may_revoke_token, may_use

USED_WITHIN = timedelta(minutes=1)


@transaction.atomic
def join(email: str, *, language: str = "en") -> Person:
    """The person of a proved address: whoever has it already, or a new account."""
    person = find(email)
    if person is None:
        person = Person.objects.create_user(email, language=language)
        journal.record("person.joined", by=None, what=person, public=False)
    EmailAddress.objects.get_or_create(
        user=person, email=email.lower(), defaults={"verified": True, "primary": True}
    )
    return person


def find(email: str) -> Person | None:
    """Whose address this is; None where it is nobody's."""
    address = EmailAddress.objects.filter(email=email.lower(), verified=True).select_related("user").first()
    return address.user if address else Person.objects.filter(email=email.lower()).first()


def note_sign_in(person: Person, *, how: str) -> None:
    """Write down that somebody signed in, and how. The address of the machine is not kept."""
    journal.record("person.signed_in", by=None, what=person, details={"how": how}, public=False)


@transaction.atomic
def change_profile(person: Person, *, by: Visitor, name: str, language: str) -> None:
    require(may_use(by, person))
    person.name, person.language = name, language
    person.full_clean(exclude=["password"])
    person.save(update_fields=["name", "language"])
    journal.record("person.profile_changed", by=by, what=person, public=False)


@transaction.atomic
def sign_out_everywhere(person: Person, *, by: Visitor) -> None:
    require(may_use(by, person))
    person.end_sessions()
    journal.record("person.signed_out_everywhere", by=by, what=person, public=False)


# Tokens


@transaction.atomic
def make_token(person: Person, *, by: Visitor | None, label: str, scopes: Iterable[str]) -> tuple[Token, str]:
    """A new key to the API and its secret, which nobody can see again. `by` is None for an operator on the server."""
    require(by is None or (may_make_token(by) and may_use(by, person)))
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= set(Token.Scope.values) or not is_plain(label):
        raise ValidationError("A token needs one scope at least, of those that there are, and a plain label.")
    secret = Token.new_secret()
    token = Token.objects.create(person=person, label=label, scopes=wanted, hash=digest(secret))
    journal.record("token.made", by=by, what=token, details={"scopes": wanted}, public=False)
    return token, secret


def new_token(email: str) -> str:
    """For `koinon token`: a token with every scope for the person with this address; the secret is shown once."""
    person = find(email)
    if person is None:
        raise ValidationError(f"Nobody here has the address {email}.")
    _, secret = make_token(person, by=None, label="koinon token", scopes=Token.Scope.values)
    return secret


@transaction.atomic
def revoke_token(token: Token, *, by: Visitor) -> None:
    """From now on the token opens nothing. Doing it twice changes nothing."""
    require(may_revoke_token(by, token))
    if token.revoked is None:
        token.revoked = timezone.now()
        token.save(update_fields=["revoked"])
        journal.record("token.revoked", by=by, what=token, public=False)


def use_token(secret: str) -> Token | None:
    """The token that this secret opens. When it was last used is kept to the minute, so that reading hardly writes."""
    token = Token.objects.known_by(secret)
    now = timezone.now()
    if token and (token.last_used is None or now - token.last_used > USED_WITHIN):
        Token.objects.filter(pk=token.pk).update(last_used=now)
    return token


# One-time links


@transaction.atomic
def make_link(person: Person) -> str:
    """The secret of a link that signs this person in once, within an hour. Earlier links stop working."""
    SignInLink.objects.filter(person=person, used=None).update(used=timezone.now())
    secret = Token.new_secret().removeprefix("kn_")
    SignInLink.objects.create(person=person, hash=digest(secret))
    return secret


@transaction.atomic
def use_link(secret: str) -> Person | None:
    """The person this link signs in; None where it was used, is older than an hour, or never was."""
    now = timezone.now()
    link = SignInLink.objects.usable(secret, now).select_related("person").first()
    # Of two that come at once, one wins.
    if link is None or not SignInLink.objects.filter(pk=link.pk, used=None).update(used=now):
        return None
    return join(link.person.email) if find(link.person.email) == link.person else link.person


# The administrator


@transaction.atomic
def lock(person: Person, *, by: Visitor) -> None:
    """Nobody comes in with this account until it is opened again: no session, no token, no code."""
    require(may_govern_accounts(by) and by.person_id != person.pk)
    person.is_active = False
    person.save(update_fields=["is_active"])
    person.end_sessions()
    journal.record("person.locked", by=by, what=person, public=False)


@transaction.atomic
def unlock(person: Person, *, by: Visitor) -> None:
    require(may_govern_accounts(by) and by.person_id != person.pk and person.erased is None)
    person.is_active = True
    person.save(update_fields=["is_active"])
    journal.record("person.unlocked", by=by, what=person, public=False)


@transaction.atomic
def begin_anew(person: Person, *, by: Visitor) -> None:
    """For who lost the passkeys: they are taken off and all sessions end; the person signs in by a mailed code again."""
    require(may_govern_accounts(by) and by.person_id != person.pk)
    Authenticator.objects.filter(user=person).delete()
    person.end_sessions()
    journal.record("person.began_anew", by=by, what=person, public=False)


# One's own data


def export_account(person: Person) -> dict[str, Any]:
    """What `people` knows about a person, for the copy of the data."""
    return {
        "email": person.email,
        "name": person.name,
        "language": person.language,
        "joined": person.joined.isoformat(),
        "addresses": list(EmailAddress.objects.filter(user=person).values("email", "verified", "primary")),
        "passkeys": [
            {"name": str(key), "made": key.created_at.isoformat()}
            for key in Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN)
        ],
        "sign_in_services": list(SocialAccount.objects.filter(user=person).values("provider", "uid")),
        "tokens": [
            {
                "label": token.label,
                "scopes": token.scopes,
                "made": token.created.isoformat(),
                "revoked": token.revoked and token.revoked.isoformat(),
            }
            for token in Token.objects.filter(person=person).order_by("pk")
        ],
    }


def export(person: Person, *, by: Visitor) -> dict[str, Any]:
    """Everything that is kept about a person, from every capability that knows something."""
    require(may_use(by, person))
    return {name: function(person) for name, function in sorted(mine.exports.items())}


def what_keeps(person: Person) -> list[str]:
    """Why the account cannot be closed yet; empty where nothing keeps it."""
    return [reason for reason in (keeper(person) for keeper in mine.keepers) if reason]


def hold(by: Visitor) -> Person:
    """The account of who comes, as it is now; it is not closed before the transaction ends. Denied where it is closed already.

    For whoever writes down what the end of an account takes along: held before all else, as `erase` does, so that what is
    written either goes with the account or is not written.
    """
    rows = Person.objects.select_for_update(no_key=True)
    found = rows.filter(pk=by.person_id or 0, is_active=True).first()
    require(found is not None)
    assert found is not None
    return found


@transaction.atomic
def erase(person: Person, *, by: Visitor) -> None:
    """Close the account and forget the person: addresses, name, passkeys, tokens, links, and the names in the journal.

    What remains is a row that names nobody. Who is still needed (the last manager) has to hand over first.
    """
    require(may_use(by, person))
    # Who writes for this account at this moment is waited for; who comes later finds it closed (`hold`).
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if reasons := what_keeps(person):
        raise ValidationError(reasons)
    for farewell in mine.farewells:
        farewell(person)
    for rows in (
        EmailAddress.objects.filter(user=person),
        Authenticator.objects.filter(user=person),
        SocialAccount.objects.filter(user=person),
        Token.objects.filter(person=person),
        SignInLink.objects.filter(person=person),
    ):
        rows.delete()
    person.email, person.name, person.language = f"erased-{person.pk}@erased.invalid", "", "en"
    person.is_active, person.erased = False, timezone.now()
    person.set_unusable_password()
    person.save()
    journal.record("person.erased", by=by, what=person, public=False)
    journal.forget(f"person:{person.pk}", f"people.person:{person.pk}")
