"""What may be typed by the audience of a room."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from koinon.base.forms import PlainText
from koinon.base.languages import ENDONYMS
from koinon.questions.forms import NONCE, PlaceField, Words
from koinon.room.models import Contribution

LONGEST = 1500
LONGEST_WORDS = 140


class SayForm(forms.Form):
    """One thing to say. Only the text is needed; `nonce` makes sending it twice the same as sending it once."""

    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=Contribution.Kind.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    text = Words(
        label=_("Your question or experience"),
        max_length=LONGEST,
        error_messages={"required": _("Write your question, or what you want to share.")},
        widget=forms.Textarea(attrs={"rows": 1, "placeholder": _("Ask, in any language")}),
    )
    place = PlaceField(
        label=_("Your place"),
        required=False,
        max_length=200,
        help_text=_("It is shown beside what you say. A municipality, a region or a country."),
        widget=forms.TextInput(attrs={"class": "place", "autocomplete": "off"}),
    )
    lang = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("guess it")), *ENDONYMS.items()]
    )
    contact = forms.EmailField(
        label=_("E-mail, for the next step"),
        required=False,
        max_length=254,
        help_text=_("The hosts of the session alone see it."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    may_quote = forms.BooleanField(label=_("My words may stand in the report"), required=False)
    named = forms.BooleanField(label=_("Show my name"), required=False)
    nonce = forms.RegexField(regex=NONCE, required=False, widget=forms.HiddenInput)

    def __init__(self, *given: Any, may_be_named: bool = False, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["text"].widget.attrs["id"] = "al"
        if not may_be_named:
            del self.fields["named"]

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or Contribution.Kind.QUESTION


class RewordForm(forms.Form):
    """The author mends what still waits for a moderator."""

    text = Words(label=_("Your words"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}))


class CarryForm(forms.Form):
    """Send it to a centre: for which place."""

    place = PlaceField(
        label=_("The place you ask for"),
        max_length=200,
        error_messages={"required": _("Name the place you ask for: a municipality, a region or a country.")},
        widget=forms.TextInput(attrs={"class": "place", "autocomplete": "off"}),
    )


class OwnWords(PlainText):
    """A few words for a poll."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=LONGEST_WORDS, **more)
