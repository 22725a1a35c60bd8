"""What may be typed about an account."""

from typing import Any

from allauth.account.forms import (
    AddEmailForm,
    ConfirmEmailVerificationCodeForm,
    ConfirmLoginCodeForm,
    RequestLoginCodeForm,
)
from django import forms
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import ENDONYMS
from koinon.base.text import is_plain
from koinon.people.models import Token


def plain(text: str) -> str:
    if not is_plain(text):
        raise forms.ValidationError(_("This holds characters that cannot be seen. Please type it again."))
    return text.strip()


class AddressForm(RequestLoginCodeForm):  # type: ignore[misc]
    """The first step of signing in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        email = self.fields["email"]
        email.label = _("Your e-mail at the organisation")
        email.help_text = _("We send a code. There is no password to forget.")
        email.widget.attrs = {"type": "email", "autocomplete": "email webauthn", "maxlength": "254"}


class _SixDigits:
    """How a code is typed."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        code.label = _("The six digits")
        code.widget.attrs = {
            "class": "codes",
            "inputmode": "numeric",
            "autocomplete": "one-time-code",
            "maxlength": "12",
        }


class CodeForm(_SixDigits, ConfirmLoginCodeForm):  # type: ignore[misc]
    """The second step of signing in; also proves anew."""


class NewAddressForm(AddEmailForm):  # type: ignore[misc]
    """Moving the account to another address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("The new address")
        self.fields["email"].help_text = _("We send a code there. The old address is told.")
        self.fields["email"].widget.attrs = {"type": "email", "autocomplete": "email", "maxlength": "254"}


class NewAddressCodeForm(_SixDigits, ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    """The code that was sent to a new address."""


class ProfileForm(forms.Form):
    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        required=False,
        help_text=_("Shown to the people of your organisations. Leave it empty to be known by your address."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(label=_("Language of the mails to you"), choices=list(ENDONYMS.items()))

    def clean_name(self) -> str:
        return plain(self.cleaned_data["name"])


class TokenForm(forms.Form):
    label = forms.CharField(label=_("What it is for"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=Token.Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Never more than you may yourself at that moment."),
    )

    def clean_label(self) -> str:
        return plain(self.cleaned_data["label"])


class FarewellForm(forms.Form):
    """Closing the account: the address is typed, so that no slip of the hand does it."""

    email = forms.CharField(
        label=_("Type your e-mail to close the account"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._expected = email

    def clean_email(self) -> str:
        typed: str = self.cleaned_data["email"]
        if typed.strip().lower() != self._expected.lower():
            raise forms.ValidationError(_("This is not the address of your account."))
        return typed


class WhoForm(forms.Form):
    """Finding an account by its whole address."""

    email = forms.EmailField(label=_("The whole address"), max_length=254)
