"""What may be typed about the facts of an organisation."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from koinon.base.forms import PlainText
from koinon.base.languages import ENDONYMS
from koinon.network.models import Correction, Organisation


class CorrectionForm(forms.Form):
    """A correction, by anyone. `nonce` makes sending it twice the same as sending it once."""

    about = forms.ChoiceField(label=_("Which fact?"), choices=Correction.About.choices)
    text = PlainText(
        label=_("What is right, and how do you know?"),
        max_length=4000,
        lines=True,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    email = forms.EmailField(
        label=_("E-mail, if you want to hear what became of it"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    nonce = forms.RegexField(regex=r"^[A-Za-z0-9_-]{8,64}$", required=False, widget=forms.HiddenInput)


class DecisionForm(forms.Form):
    """What the owner decides, and why; the proposer reads the reason."""

    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[("accept", _("It is right: we change the facts")), ("decline", _("It stays as it is"))],
        widget=forms.RadioSelect,
    )
    reason = PlainText(
        label=_("Reason, in words the proposer will read"),
        max_length=2000,
        lines=True,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class FactsForm(forms.Form):
    """The facts an owner keeps. `version` tells whether somebody else changed them in the meantime."""

    name = PlainText(label=_("Name"), max_length=300)
    name_local = PlainText(label=_("Name in its own language"), max_length=300, required=False)
    lead_text = PlainText(
        label=_("What it is, in a few sentences"),
        max_length=2000,
        lines=True,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    city = PlainText(label=_("City"), max_length=120, required=False)
    website = forms.URLField(label=_("Website"), max_length=500, required=False, assume_scheme="https")
    contact = forms.EmailField(label=_("Public mail address"), max_length=254, required=False)
    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        choices=list(ENDONYMS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    state = forms.ChoiceField(label=_("State"), choices=Organisation.State.choices, required=False)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, of: Organisation) -> None:
        initial = {
            "name": of.name,
            "name_local": of.name_local,
            "lead_text": of.lead_text,
            "city": of.city,
            "website": of.website,
            "contact": of.contact,
            "languages": of.languages,
            "state": of.state,
            "version": of.version,
        }
        super().__init__(data, initial=initial)
        if of.kind != Organisation.Kind.CENTRE:
            del self.fields["state"]
