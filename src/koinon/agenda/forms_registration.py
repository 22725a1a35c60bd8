"""What may be typed by who registers, and by the hosts about who comes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from koinon.agenda.actions.reminding import EARLIEST
from koinon.agenda.actions.waiting import modes_of
from koinon.agenda.models import BodyKind, Registration, Session
from koinon.base.forms import PlainText
from koinon.places import zones
from koinon.places.gazetteer import Candidate
from koinon.places.models import Place
from koinon.questions.forms import NONCE, PlaceField, Words

_MODES = {
    Registration.Mode.HERE: _("I come to the place"),
    Registration.Mode.ONLINE: _("Online"),
}


def zone_choices() -> list[tuple[str, Any]]:
    """The zones by the names people give them; first: that of my place, or else the event's."""
    return [("", _("that of my place")), *((name, name.replace("_", " ")) for name in zones.offered())]


class AboutForm(forms.Form):
    """What one tells about oneself; all of it can be left out."""

    mode = forms.ChoiceField(
        label=_("How do you take part?"), choices=[], required=False, widget=forms.RadioSelect
    )
    place = PlaceField(
        label=_("Your place"),
        required=False,
        max_length=200,
        help_text=_("For the time on your clock, and for the figures of the report."),
        widget=forms.TextInput(attrs={"class": "place", "autocomplete": "off"}),
    )
    name = PlainText(
        label=_("Your name"),
        required=False,
        max_length=150,
        help_text=_("Only the hosts see it, unless you choose otherwise below."),
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    listed = forms.BooleanField(
        label=_("Show my name to the others who take part"),
        required=False,
        help_text=_("On the list of participants, which only they see. It needs a name."),
    )
    body_kind = forms.ChoiceField(
        label=_("What are you from?"), choices=[("", _("not stated")), *BodyKind.choices], required=False
    )
    zone = forms.ChoiceField(label=_("Your clock"), choices=zone_choices, required=False)
    need = Words(
        label=_("What do you need to take part?"),
        required=False,
        max_length=500,
        help_text=_(
            "For example: a step-free way, captions, sign language, documents before the day. The hosts answer each; only they read it."
        ),
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )

    def __init__(self, *args: Any, session: Session, **more: Any) -> None:
        super().__init__(*args, **more)
        self.modes = modes_of(session)
        mode = self.fields["mode"]
        assert isinstance(mode, forms.ChoiceField)
        mode.choices = [(name, _MODES[Registration.Mode(name)]) for name in self.modes]
        if len(self.modes) == 1:
            mode.widget = forms.HiddenInput()

    def clean_mode(self) -> str:
        return self.cleaned_data["mode"] or self.modes[0]

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if told.get("listed") and not told.get("name") and "name" not in self.errors:
            self.add_error("name", _("To stand on the list, write the name that the others shall see."))
        return told

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        field = self.fields["place"]
        return field.candidates if isinstance(field, PlaceField) else ()

    @property
    def is_open(self) -> bool:
        """Whether something that is folded away was filled in, or is wrong."""
        told = ("place", "name", "listed", "body_kind", "zone", "need")
        return any(self[name].errors or self[name].value() for name in told)


class RegisterForm(AboutForm):
    """An address is all that is needed. `nonce` makes sending it twice the same as sending it once."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        error_messages={"required": _("Write your address: your place and its link go there.")},
        help_text=_("For the link and the reminders. Erased 60 days after the session."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    nonce = forms.RegexField(regex=NONCE, required=False, widget=forms.HiddenInput)

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        return email.lower()


class HereForm(forms.Form):
    """The code that is shown in the room, for who is on site."""

    code = PlainText(
        label=_("The code shown in the room"),
        required=False,
        max_length=20,
        widget=forms.TextInput(
            attrs={"class": "codes", "autocomplete": "off", "autocapitalize": "characters"}
        ),
    )


class CertificateForm(forms.Form):
    name = PlainText(
        label=_("The name on the certificate"),
        required=False,
        max_length=150,
        help_text=_("As you wish it. Without a name the certificate says that its holder took part."),
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )


class NeedForm(forms.Form):
    """How far an access need is. What cannot be met is said in words."""

    registration = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**62)
    state = forms.ChoiceField(
        label=_("How far is it?"),
        choices=[
            (name, label)
            for name, label in Registration.Need.choices
            if name not in {"", Registration.Need.ASKED}
        ],
    )
    words = Words(
        label=_("Words to the person"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if (
            told.get("state") == Registration.Need.NOT_MET
            and not told.get("words")
            and "words" not in self.errors
        ):
            self.add_error("words", _("Say why it cannot be met, and what is possible instead."))
        return told


class ReminderForm(forms.Form):
    """When a reminder goes, to whom, and what it says besides the time and the link."""

    reminder = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1, max_value=2**62)
    minutes_before = forms.IntegerField(
        label=_("Minutes before the beginning"),
        min_value=5,
        max_value=EARLIEST,
        help_text=_("60 is an hour, 1440 a day, 10080 a week."),
    )
    mode = forms.ChoiceField(
        label=_("To whom"),
        choices=[("", _("to all")), ("here", _("to those on site")), ("online", _("to those online"))],
        required=False,
    )
    text = Words(
        label=_("In your own words, if you like"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    off = forms.BooleanField(label=_("Do not send it"), required=False)


def shown_place(place: Place | None) -> str:
    """A place as its field shows it."""
    return place.display_name() if place is not None else ""
