"""What may be typed about a report."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from koinon.base.forms import PlainText
from koinon.base.languages import ENDONYMS
from koinon.minutes.models import Line, Pledge, Report
from koinon.network.models import Organisation
from koinon.questions.forms import Words

LANGUAGES = list(ENDONYMS.items())
LONGEST_ANSWER = 4000


class EditForm(forms.Form):
    """The hosts' words: the lead, and for each line its gist, its answer, and whether it is left out."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31)
    language = forms.ChoiceField(label=_("Language of your words"), choices=LANGUAGES)
    lead = Words(
        label=_("In your own words"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("A paragraph before the figures. The figures come from the record and cannot be typed."),
    )

    def __init__(self, *args: Any, report: Report, **more: Any) -> None:
        super().__init__(*args, **more)
        self.initial = {"version": report.version, "language": report.language, "lead": report.lead}
        self.lines = list(report.lines.select_related("contribution").order_by("-contribution__votes", "pk"))
        for line in self.lines:
            self.fields[f"gist_{line.pk}"] = Words(
                label=_("In your own words"),
                required=False,
                max_length=500,
                initial=line.gist,
                widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
            )
            self.fields[f"answer_{line.pk}"] = Words(
                label=_("Answer"),
                required=False,
                max_length=LONGEST_ANSWER,
                initial=line.answer,
                widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
            )
            self.fields[f"hidden_{line.pk}"] = forms.BooleanField(
                label=_("Leave it out"), required=False, initial=line.hidden
            )

    def rows(self) -> list[tuple[Line, forms.BoundField, forms.BoundField, forms.BoundField]]:
        """Each line with its three fields, for the page."""
        return [
            (line, self[f"gist_{line.pk}"], self[f"answer_{line.pk}"], self[f"hidden_{line.pk}"])
            for line in self.lines
        ]

    def typed(self) -> dict[int, tuple[str, str, bool]]:
        """Key of a line → gist, answer, left out."""
        data = self.cleaned_data
        return {
            line.pk: (data[f"gist_{line.pk}"], data[f"answer_{line.pk}"], data[f"hidden_{line.pk}"])
            for line in self.lines
        }


class PledgeForm(forms.Form):
    """A promise: what, by whom, until when."""

    text = PlainText(label=_("What was promised"), max_length=500)
    owner = forms.SlugField(
        label=_("By whom: the short name of a body of the network, as in its address"),
        required=False,
        max_length=120,
    )
    owner_text = PlainText(label=_("Or anybody else, in words"), required=False, max_length=200)
    due = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        body = None
        if data.get("owner"):
            body = Organisation.objects.public().filter(slug=data["owner"]).first()
            if body is None:
                self.add_error("owner", _("There is no body of this name in the network."))
        if not self.errors and body is None and not data.get("owner_text"):
            self.add_error("owner_text", _("Say who promised it."))
        if data.get("due") and not 2000 <= data["due"].year <= timezone.localdate().year + 20:
            self.add_error("due", _("This day lies too far away."))
        data["body"] = body
        return data


class FollowUpForm(forms.Form):
    """What became of a promise."""

    state = forms.ChoiceField(label=_("What became of it?"), choices=Pledge.State.choices)
    became = PlainText(label=_("In words"), required=False, max_length=500)


class RemarkForm(forms.Form):
    """What somebody who was there would correct."""

    text = Words(
        label=_("What is right?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        error_messages={"required": _("Write what is right.")},
    )
    nonce = forms.CharField(widget=forms.HiddenInput, min_length=8, max_length=64)


class DecisionForm(forms.Form):
    """Whether a suggestion is taken up."""

    decision = forms.ChoiceField(choices=[("taken", _("Taken up")), ("left", _("Not taken up"))])
    reply = PlainText(label=_("A word to who suggested it"), required=False, max_length=500)
