"""How a test makes a person, and how it comes in."""

import time
from itertools import count
from typing import Any

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client

from koinon.people.models import Person

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_number = count(1)


def make_person(email: str = "", **more: Any) -> Person:
    """Somebody with a proved address."""
    person = Person.objects.create_user(email or f"person{next(_number)}@example.eu", **more)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


def make_passkey(person: Person, name: str = "phone") -> Authenticator:
    """A passkey as far as lists and rules look at it; nothing can sign with it."""
    return Authenticator.objects.create(
        user=person, type=Authenticator.Type.WEBAUTHN, data={"name": name, "credential": {}}
    )


def come_in(client: Client, person: Person, *, how: str = "code", proved: bool = False) -> Client:
    """Sign the person in without the way there. `how="mfa"`: with a passkey just now; `proved`: proved anew just now."""
    client.force_login(person, backend=BACKEND)
    record: dict[str, Any] = {"method": how, "at": time.time()}
    if how == "mfa":
        record |= {"type": "webauthn", "passwordless": True}
    if proved:
        record["reauthenticated"] = True
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [record]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(person.pk)
    session.save()
    return client
