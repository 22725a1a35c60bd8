"""What may be typed at the moderators' desk."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from koinon.base.forms import PlainText
from koinon.base.languages import ENDONYMS
from koinon.network.models import Organisation
from koinon.questions.forms import Words
from koinon.room.actions.directing import MOST_OPTIONS
from koinon.room.models import Contribution, Poll

OPERATORS = "operators"


class HoldForm(forms.Form):
    """Why it is held back; the author reads it."""

    reason = forms.ChoiceField(
        label=_("Hold back, and tell the author why"),
        choices=Contribution.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the reason that the author reads.")},
    )
    words = PlainText(
        label=_("A word to the author, if you like"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 1, "dir": "auto"}),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("reason") == Contribution.Reason.OTHER and not data.get("words"):
            self.add_error("words", _("Say the other reason in words; the author reads them."))
        return data


class AnswerForm(forms.Form):
    """A written answer, beside or instead of the spoken one."""

    text = Words(
        label=_("Answer in writing"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        error_messages={"required": _("Write the answer.")},
    )


class CarryForm(forms.Form):
    """To which desk: where it goes from its place, another body with a desk, or the operators."""

    to = forms.ChoiceField(label=_("To which desk?"), required=False)

    def __init__(self, *args: Any, suggested: str, bodies: list[Organisation], **more: Any) -> None:
        super().__init__(*args, **more)
        self.bodies = {body.slug: body for body in bodies}
        self.fields["to"].choices = [  # type: ignore[attr-defined]
            ("", suggested),
            *((body.slug, body.name) for body in bodies),
            (OPERATORS, _("the operators of this site")),
        ]


class OtherForm(forms.Form):
    """Another contribution of the same room, by its number."""

    into = forms.IntegerField(min_value=1, max_value=2**53)


class StageForm(forms.Form):
    answering = PlainText(label=_("Who answers"), required=False, max_length=150)


class WhoForm(forms.Form):
    who = PlainText(label=_("Who answers"), required=False, max_length=150)
    seconds = forms.IntegerField(
        label=_("Seconds for this answer"), required=False, min_value=30, max_value=3600
    )


class WordForm(forms.Form):
    """A short word: to the audience, to the speaker, among hosts. Empty takes it away."""

    text = PlainText(required=False, max_length=300)


class NoteForm(forms.Form):
    text = PlainText(label=_("Note among hosts"), required=False, max_length=500)


class PollForm(forms.Form):
    """A poll: what is asked, how it is answered, and the options, one on each line."""

    text = PlainText(
        label=_("What do you ask?"),
        max_length=300,
        error_messages={"required": _("Write what the poll asks.")},
    )
    kind = forms.ChoiceField(label=_("How is it answered?"), choices=Poll.Kind.choices)
    language = forms.ChoiceField(label=_("Language"), choices=list(ENDONYMS.items()))
    options = PlainText(
        lines=True,
        label=_("Options, one on each line"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    shows_results = forms.BooleanField(label=_("Show results while it is open"), required=False)

    def clean_options(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["options"].splitlines()]
        return list(dict.fromkeys(line for line in lines if line))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        options = data.get("options", [])
        if data.get("kind") in {Poll.Kind.SINGLE, Poll.Kind.SEVERAL} and "options" not in self.errors:
            if not 2 <= len(options) <= MOST_OPTIONS:
                self.add_error("options", _("Give two to eight different options, one on each line."))
            elif any(len(option) > 120 for option in options):
                self.add_error("options", _("Keep each option under 120 letters."))
        return data


class OpenPollForm(forms.Form):
    minutes = forms.IntegerField(
        label=_("Minutes until it closes by itself"), required=False, min_value=1, max_value=120
    )


class HideForm(forms.Form):
    words = PlainText(max_length=140)
    hidden = forms.BooleanField(required=False)
