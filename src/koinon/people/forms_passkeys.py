"""What is typed and signed with a passkey. Apart from the other forms, because allauth's bring a library of cryptography along."""

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm, LoginWebAuthnForm, ReauthenticateWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

from koinon.base.forms import JSONField
from koinon.people.forms import plain


class _Signed:
    """What the browser signed, as JSON."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = JSONField(widget=forms.HiddenInput)


class PasskeySignInForm(_Signed, LoginWebAuthnForm):  # type: ignore[misc]
    """Signing in with a passkey."""


class PasskeyProofForm(_Signed, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Proving anew with a passkey."""


class PasskeyForm(_Signed, AddWebAuthnForm):  # type: ignore[misc]
    """A passkey, made by the browser. It always asks for the person (fingerprint, face or PIN), so it signs in alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("passwordless", None)
        self.fields["name"].label = _("A name for it")
        self.fields["name"].help_text = _("So that you tell your keys apart, for instance: phone.")
        self.fields["name"].max_length = 60

    def clean_name(self) -> str:
        return plain(super().clean_name())[:60]

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["passwordless"] = True
        cleaned: dict[str, Any] = super().clean()
        return cleaned
