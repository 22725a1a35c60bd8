"""What may be typed about a request for expert support."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from koinon.network.models import Organisation, Programme
from koinon.questions.forms import NONCE, Words
from koinon.questions.life import Reason, Wish
from koinon.questions.models import Request
from koinon.topics.models import Objective


class _Programmes(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.title)


def _topics() -> list[tuple[str, str]]:
    return [(row.code, str(row)) for row in Objective.objects.all()]


class DetailsForm(forms.Form):
    """What can be said now or later."""

    programme = _Programmes(label=_("Programme"), queryset=Programme.objects.none(), required=False)
    priority = Words(
        label=_("Priority, and the call it is about"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    topics = forms.MultipleChoiceField(
        label=_("Specific objectives"), choices=_topics, required=False, widget=forms.CheckboxSelectMultiple
    )
    urgency = forms.ChoiceField(label=_("How urgent is it?"), choices=Request.Urgency.choices, required=False)
    wish = forms.ChoiceField(label=_("What would help you?"), choices=Wish.choices, required=False)

    def __init__(self, *args: Any, bodies: Sequence[Organisation], **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["programme"]
        assert isinstance(field, forms.ModelChoiceField)
        countries = {body.country for body in bodies}
        field.queryset = Programme.objects.public().filter(country__in=countries)

    def clean_urgency(self) -> str:
        return self.cleaned_data["urgency"] or Request.Urgency.CALM

    def clean_wish(self) -> str:
        return self.cleaned_data["wish"] or Wish.WRITTEN


class RequestForm(DetailsForm):
    """Two questions to begin with. `nonce` makes sending it twice the same as sending it once."""

    text = Words(
        label=_("What is the challenge?"),
        help_text=_("In any language. Details can follow on further lines, or later."),
        error_messages={"required": _("Write what the challenge is.")},
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    confidential = forms.ChoiceField(
        label=_("Who may know of it?"),
        choices=[
            (
                "yes",
                _(
                    "Only me, colleagues I name, and the experts who are asked by name. Nobody else sees that it exists."
                ),
            ),
            ("no", _("The desk that answers, as with every question.")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say who may know of it.")},
    )
    body = forms.ModelChoiceField(label=_("For which authority?"), queryset=Organisation.objects.none())
    nonce = forms.RegexField(regex=NONCE, required=False, widget=forms.HiddenInput)

    field_order = ("body", "text", "confidential")

    def __init__(self, *args: Any, bodies: Sequence[Organisation], **more: Any) -> None:
        super().__init__(*args, bodies=bodies, **more)
        field = self.fields["body"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Organisation.objects.filter(pk__in=[body.pk for body in bodies])
        if len(bodies) == 1:
            # There is nothing to choose.
            field.required, field.widget = False, forms.HiddenInput()
        self.only = bodies[0] if len(bodies) == 1 else None

    def clean_body(self) -> Organisation:
        chosen: Organisation | None = self.cleaned_data["body"]
        found = chosen or self.only
        if found is None:
            raise forms.ValidationError(_("Choose the authority."))
        return found


class SupportAddForm(forms.Form):
    """Its author adds something, or asks back."""

    text = Words(label=_("Add something, or ask back"), widget=forms.Textarea(attrs={"rows": 3}))
    nonce = forms.RegexField(regex=NONCE, required=False, widget=forms.HiddenInput)


class AddressForm(forms.Form):
    """Somebody, by the address of the account."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)


class ChangedForm(forms.Form):
    text = Words(label=_("What changed since?"), widget=forms.Textarea(attrs={"rows": 3}))


class ConsentForm(forms.Form):
    shared = forms.BooleanField(
        label=_("Others may read the outcome, in these very words and without my authority’s name"),
        required=False,
    )


class WithdrawRequestForm(forms.Form):
    sure = forms.BooleanField(label=_("Yes, withdraw it and erase what was written"))


class ReplyForm(forms.Form):
    """What a handler writes: an answer, a question back, a note. Which, the button says."""

    text = Words(label=_("Your words"), widget=forms.Textarea(attrs={"rows": 4}))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class NoteForm(forms.Form):
    text = Words(label=_("Note for colleagues"), widget=forms.Textarea(attrs={"rows": 2}))


class OutcomeForm(forms.Form):
    text = Words(
        label=_("Outcome"),
        help_text=_("In words that could be shared: no names, no amounts that tell who asked."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ShareForm(forms.Form):
    asked = Words(
        label=_("The question that it answers, written anew"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class GiveBackForm(forms.Form):
    words = Words(label=_("Why?"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    conflict = forms.BooleanField(label=_("I have a conflict of interest"), required=False)


class DeclineForm(forms.Form):
    reason = forms.ChoiceField(label=_("Reason"), choices=Reason.choices)
    words = Words(label=_("Why, in words that its author reads"), widget=forms.Textarea(attrs={"rows": 2}))


class FilesForm(forms.Form):
    """Files, with a few words. They are cleaned before they are kept."""

    words = Words(label=_("A few words about them"), required=False, max_length=1000)
    for_asker = forms.BooleanField(label=_("For who asked; else for colleagues only"), required=False)
