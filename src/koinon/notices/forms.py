"""What may be typed about a thing that is reported, by whom it reaches, and by who complains."""

import secrets
from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from koinon.base.forms import PlainText
from koinon.notices.models import Notice


class NoticeForm(forms.Form):
    """A notice, by anyone. `nonce` makes sending it twice the same as sending it once."""

    fault = forms.ChoiceField(
        label=_("What is wrong with it?"), choices=Notice.Reason.choices, widget=forms.RadioSelect
    )
    text = PlainText(
        label=_("Say it in your words, in any language"),
        max_length=4000,
        lines=True,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    email = forms.EmailField(
        label=_("E-mail, if you want to hear what was decided"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    nonce = forms.RegexField(regex=r"^[A-Za-z0-9_-]{8,64}$", required=False, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, feedback: bool) -> None:
        super().__init__(data, initial={"nonce": secrets.token_urlsafe(16)})
        if feedback:
            del self.fields["fault"]


class DecisionForm(forms.Form):
    """What is decided, on what ground, and the statement of reasons."""

    outcome = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    ground = forms.ChoiceField(label=_("Ground"), choices=[("", _("Choose one")), *Notice.Ground.choices])
    words = PlainText(
        label=_("Reasons, in words that both sides will read"),
        max_length=4000,
        lines=True,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, data: QueryDict | None = None, *, of: Notice) -> None:
        super().__init__(data)
        outcomes = [Notice.Outcome.KEPT, Notice.Outcome.CORRECTED]
        if of.can_withdraw:
            outcomes.append(Notice.Outcome.RESTRICTED)
        self.fields["outcome"].choices = [(o.value, o.label) for o in outcomes]  # type: ignore[attr-defined]

    def clean(self) -> None:
        """What is taken off or corrected has a ground against it."""
        super().clean()
        outcome, ground = self.cleaned_data.get("outcome"), self.cleaned_data.get("ground")
        if ground == Notice.Ground.NOTHING and outcome not in {None, Notice.Outcome.KEPT}:
            self.add_error("ground", _("Say what was found against it."))


class WordsForm(forms.Form):
    """An answer to feedback, or a complaint."""

    words = PlainText(
        label=_("Your words"), max_length=4000, lines=True, widget=forms.Textarea(attrs={"rows": 4})
    )
