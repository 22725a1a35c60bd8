"""What may be typed by who asks."""

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from koinon.base.forms import PlainText
from koinon.base.languages import ENDONYMS
from koinon.places import gazetteer
from koinon.places.gazetteer import Candidate
from koinon.places.models import Place
from koinon.questions import about
from koinon.questions.life import Wish
from koinon.questions.models import Question

LONGEST = 4000
FEWEST_LETTERS = 3
NONCE = r"^[A-Za-z0-9_-]{8,64}$"


class Words(PlainText):
    """A text that says something: some letters, no towers of accents."""

    def __init__(self, **more: Any) -> None:
        super().__init__(lines=True, max_length=more.pop("max_length", LONGEST), **more)

    def clean(self, value: Any) -> str:
        text = super().clean(value).replace("\r\n", "\n").replace("\r", "\n")
        if text and sum(letter.isalnum() for letter in text) < FEWEST_LETTERS:
            raise forms.ValidationError(_("Write at least a few letters, so that somebody can answer."))
        if _has_tower(text):
            raise forms.ValidationError(_("This holds signs that cannot be shown. Type it again."))
        return text


def _has_tower(text: str) -> bool:
    """More than four marks on one letter: no language of ours writes so."""
    run = 0
    for letter in unicodedata.normalize("NFD", text):
        run = run + 1 if unicodedata.combining(letter) else 0
        if run > 4:
            return True
    return False


class PlaceField(PlainText):
    """A place as somebody types it, or its key; gives the `Place`, or tells what may be meant (`candidates`)."""

    candidates: tuple[Candidate, ...] = ()

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        self.candidates = ()
        if not typed:
            return None
        if len(typed) <= gazetteer.LONGEST and (place := Place.objects.find(typed)) is not None:
            return place
        answer = gazetteer.find(typed, limit=6)
        if answer.clear:
            return Place.objects.get(pk=answer.items[0].code)
        if answer.items:
            self.candidates = answer.items
            raise forms.ValidationError(
                _("Several places are called so. Choose yours below."), code="several"
            )
        if answer.outside is not None:
            raise forms.ValidationError(
                _("This place lies outside the European Union. Name the place in the EU that you ask for.")
            )
        raise forms.ValidationError(
            _("No such place was found. Name the municipality, the region or the country.")
        )


class PracticeField(forms.CharField):
    """The address of the practice that one asks about; what cannot be one counts as none and keeps nobody from asking."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> str:
        return about.as_slug(value)


class AskForm(forms.Form):
    """Two fields to begin with; the rest is optional. `nonce` makes sending it twice the same as sending it once."""

    text = Words(
        label=_("Your question, in any language"),
        help_text=_("One question. Details can follow on further lines."),
        error_messages={"required": _("Write your question.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    place = PlaceField(
        label=_("The place you ask for"),
        max_length=200,
        error_messages={"required": _("Name the place you ask for: a municipality, a region or a country.")},
        widget=forms.TextInput(attrs={"class": "place", "autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        help_text=_(
            "Only for this question. Erased 30 days after it has ended. Without it, the private link shows you everything."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    wish = forms.ChoiceField(label=_("What would help you?"), choices=Wish.choices, required=False)
    role = PlainText(
        label=_("In which role do you ask?"),
        required=False,
        max_length=120,
        help_text=_("For example: officer of a municipality, social enterprise. Not your name."),
    )
    practice = PracticeField(required=False)
    nonce = forms.RegexField(regex=NONCE, required=False, widget=forms.HiddenInput)

    def clean_wish(self) -> str:
        return self.cleaned_data["wish"] or Wish.WRITTEN

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        field = self.fields["place"]
        return field.candidates if isinstance(field, PlaceField) else ()


class AddForm(forms.Form):
    """The asker adds something, or asks back."""

    text = Words(label=_("Add something, or ask back"), widget=forms.Textarea(attrs={"rows": 2}))
    nonce = forms.RegexField(regex=NONCE, required=False, widget=forms.HiddenInput)


class DecisionsForm(forms.Form):
    """Whether it helped, and what others may do with it."""

    helped = forms.ChoiceField(
        label=_("Did this help?"), choices=Question.Helped.choices, required=False, widget=forms.RadioSelect
    )
    may_publish = forms.BooleanField(
        label=_("Publish the question and the answer, with my place only"), required=False
    )
    may_follow_up = forms.BooleanField(label=_("I may be asked how it went, in six months"), required=False)


class ComplaintForm(forms.Form):
    text = Words(label=_("Why do you disagree?"), widget=forms.Textarea(attrs={"rows": 3}))


class LanguageForm(forms.Form):
    language = forms.ChoiceField(label=_("Language of the question"), choices=list(ENDONYMS.items()))


class WithdrawForm(forms.Form):
    sure = forms.BooleanField(label=_("Yes, withdraw it and erase what I wrote"))


class SearchForm(forms.Form):
    """The list of answers: words, place, language."""

    q = PlainText(label=_("Words"), required=False, max_length=200)
    place = PlainText(label=_("Place"), required=False, max_length=200)
    lang = forms.ChoiceField(label=_("Language"), required=False, choices=[("", _("all")), *ENDONYMS.items()])
