"""How a test makes a person, and how it comes in."""

import hashlib
import json
import os
import time
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from koinon.people.models import Person

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
VERIFIED = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV
_number = count(1)


def make_person(email: str = "", **more: Any) -> Person:
    """Somebody with a proved address."""
    person = Person.objects.create_user(email or f"person{next(_number)}@example.eu", **more)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


class Device:
    """A device with one passkey: answers what the server wants as an authenticator does, person verified."""

    def __init__(self, origin: str = "https://testserver") -> None:
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(16)
        self.user = b""

    def create(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.create`."""
        self.user = websafe_decode(wanted["publicKey"]["user"]["id"])
        public = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        attested = AttestedCredentialData.create(b"\0" * 16, self.id, public)
        data = AuthenticatorData.create(self._site(), VERIFIED | AuthenticatorData.FLAG.AT, 0, attested)
        return self._answer(
            {
                "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
                "clientDataJSON": websafe_encode(self._client("webauthn.create", wanted)),
            },
            {"credProps": {"rk": True}},
        )

    def get(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.get`."""
        data = AuthenticatorData.create(self._site(), VERIFIED, 1)
        client = self._client("webauthn.get", wanted)
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {
                "authenticatorData": websafe_encode(data),
                "clientDataJSON": websafe_encode(client),
                "signature": websafe_encode(signed),
                "userHandle": websafe_encode(self.user),
            },
            {},
        )

    def _site(self) -> bytes:
        return hashlib.sha256(urlsplit(self.origin).hostname.encode()).digest()  # type: ignore[union-attr]

    def _client(self, kind: str, wanted: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": wanted["publicKey"]["challenge"], "origin": self.origin}
        return json.dumps(said).encode()

    def _answer(self, response: dict[str, Any], extensions: dict[str, Any]) -> dict[str, Any]:
        name = websafe_encode(self.id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "clientExtensionResults": extensions,
            "response": response,
        }


def make_passkey(person: Person, name: str = "phone") -> Authenticator:
    """A passkey that nobody holds the device of."""
    wanted = {"publicKey": {"user": {"id": websafe_encode(str(person.pk).encode())}, "challenge": "AAAA"}}
    return Authenticator.objects.create(
        user=person,
        type=Authenticator.Type.WEBAUTHN,
        data={"name": name, "credential": Device().create(wanted)},
    )


@dataclass(frozen=True)
class Comer:
    """A visitor as `people` knows one: an account or none, with no role in any organisation."""

    person_id: int | None = None
    is_operator: bool = False
    is_only_operator: bool = False

    @property
    def is_signed_in(self) -> bool:
        return self.person_id is not None


def as_visitor(person: Person | None = None) -> Comer:
    return Comer(person.pk if person else None)


def come_in(
    client: Client, person: Person, *, how: str = "code", proved: bool = False, holds: float = 0
) -> Client:
    """Sign the person in without the way there. `how="mfa"`: with a passkey just now; `proved`: proved anew just now.

    `holds`: seconds for which that counts as just now, for a world that stands through many tests.
    """
    client.force_login(person, backend=BACKEND)
    record: dict[str, Any] = {"method": how, "at": time.time() + holds}
    if how == "mfa":
        record |= {"type": "webauthn", "passwordless": True}
    if proved:
        record["reauthenticated"] = True
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [record]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(person.pk)
    session.save()
    return client
