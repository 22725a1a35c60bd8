"""What hosts may type about a session, its parts, its people and what it left."""

from datetime import date, time
from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from koinon.agenda.actions.writing import Announcement, notes_from
from koinon.agenda.models import Material, Segment, Series, Session, Speaker
from koinon.base.forms import PlainText
from koinon.base.languages import ENDONYMS
from koinon.base.visitor import Visitor
from koinon.base.when import Moment
from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.places import zones
from koinon.places.models import Place
from koinon.questions.forms import PlaceField, Words

LANGUAGES = list(ENDONYMS.items())
EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)
LONGEST = 1440
MOST_PLACES = 40
_MODES = {"spoken", "interpreted", "captioned", "asked_in"}


class Languages(forms.MultipleChoiceField):
    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(
            label=label,
            choices=LANGUAGES,
            required=False,
            widget=forms.SelectMultiple(attrs={"size": 5}),
            **more,
        )


class Places(PlainText):
    """Places, one on each line, as people type them; gives the list of `Place`."""

    def __init__(self, **more: Any) -> None:
        super().__init__(lines=True, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}), **more)

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > MOST_PLACES:
            raise forms.ValidationError(_("At most %(most)s places.") % {"most": MOST_PLACES})
        found: dict[str, Place] = {}
        for line in lines:
            try:
                place = PlaceField(max_length=200).clean(line)
            except forms.ValidationError as wrong:
                raise forms.ValidationError(
                    _("%(line)s: %(wrong)s") % {"line": line, "wrong": " ".join(wrong.messages)}
                ) from wrong
            found[place.pk] = place
        return list(found.values())


class WhenForm(forms.Form):
    """A wall time in a zone. One that clocks never show is refused with the reason; of one that they show twice it is asked which."""

    day = forms.DateField(
        label=_("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    begins = forms.TimeField(
        label=_("Begins at, by the clocks of the zone below"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M", "%H:%M:%S"],
    )
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=LONGEST)
    zone = forms.ChoiceField(label=_("Time zone"))
    fold = forms.ChoiceField(
        label=_("Which of the two?"),
        choices=[("", "—"), ("0", _("the first, before clocks go back")), ("1", _("the second, after it"))],
        required=False,
        widget=forms.HiddenInput,
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        names = zones.offered()
        self.fields["zone"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if not EARLIEST <= day <= LATEST:
            raise forms.ValidationError(_("Choose a day of this century."))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if any(name not in data for name in ("day", "begins", "zone")):
            return data
        asked = data.get("fold") or ""
        moment = Moment(data["day"], _minute(data["begins"]), data["zone"], int(asked or 0))
        if not Moment(moment.day, moment.at, moment.zone).exists:
            self.add_error(
                "begins",
                _(
                    "Clocks in %(zone)s do not show this time on that day: they go forward and leave it out. Choose another."
                )
                % {"zone": moment.zone},
            )
            return data
        if moment.is_twofold:
            self.fields["fold"].widget = forms.Select(choices=self.fields["fold"].choices)  # type: ignore[attr-defined]
            if not asked:
                self.add_error(
                    "fold",
                    _("Clocks in %(zone)s show this time twice on that day. Say which is meant.")
                    % {"zone": moment.zone},
                )
                return data
        else:
            moment = Moment(moment.day, moment.at, moment.zone)
        data["moment"] = moment
        return data


def _minute(at: time) -> time:
    return at.replace(second=0, microsecond=0)


class SessionForm(WhenForm):
    """A whole announcement. Of a published one the time is not changed here: it is moved, with word to all."""

    organiser = forms.ChoiceField(label=_("Organiser"))
    title = PlainText(label=_("Title"), max_length=200)
    language = forms.ChoiceField(label=_("Language of these words"), choices=LANGUAGES)
    lead = PlainText(label=_("In one sentence"), max_length=300, required=False)
    format = forms.ChoiceField(label=_("Format"), choices=Session.Format.choices)
    theme = PlainText(label=_("Theme"), max_length=120, required=False)
    outline = Words(
        label=_("Purpose and outline"),
        max_length=12_000,
        required=False,
        help_text=_("An empty line begins a paragraph; ## at its beginning makes it a heading."),
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
    )
    notes = PlainText(
        label=_("Words explained"),
        max_length=4000,
        lines=True,
        required=False,
        help_text=_("One on each line: the word, a colon, what it means."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
    places = Places(
        label=_("For which places"),
        required=False,
        help_text=_("One on each line. Empty: for no place in particular."),
    )
    spoken = Languages(_("Spoken in"))
    interpreted = Languages(_("Interpreted into"))
    captioned = Languages(_("Captions in"))
    asked_in = Languages(_("Questions taken in"), help_text=_("None chosen: in any language."))
    series = PlainText(
        label=_("Series, if it belongs to one"),
        max_length=200,
        required=False,
        help_text=_("The same name makes the same series."),
    )
    follows = PlainText(label=_("Follows up the session with the code"), max_length=20, required=False)
    audience = forms.ChoiceField(label=_("For whom"), choices=Session.Audience.choices)
    venue = PlainText(label=_("Where, on site"), max_length=300, required=False)
    video = forms.URLField(
        label=_("Link to the video"), max_length=500, required=False, assume_scheme="https"
    )
    takes_registrations = forms.BooleanField(label=_("People register"), required=False)
    capacity = forms.IntegerField(
        label=_("Places in all"),
        min_value=1,
        max_value=1_000_000,
        required=False,
        help_text=_("Empty: no limit."),
    )
    here_capacity = forms.IntegerField(
        label=_("Places on site"), min_value=0, max_value=1_000_000, required=False
    )
    votes_need_account = forms.BooleanField(label=_("Voting needs signing in"), required=False)
    holds_questions = forms.BooleanField(label=_("Questions wait for a moderator"), required=False)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False, widget=forms.HiddenInput)

    field_order = (
        "organiser title language lead format theme day begins fold minutes zone spoken interpreted captioned asked_in"
        " outline notes places series follows audience venue video takes_registrations capacity here_capacity"
        " holds_questions votes_need_account version"
    ).split()

    def __init__(self, data: QueryDict | None = None, *, by: Visitor, of: Session | None = None) -> None:
        self.by, self.of = by, of
        super().__init__(data, initial=_initial(of))
        if of is None:
            self.organisers = {str(row.pk): row for row in organisers_for(by)}
            field = self.fields["organiser"]
            field.choices = [(key, row.name) for key, row in self.organisers.items()]  # type: ignore[attr-defined]
        else:
            del self.fields["organiser"]
            self.fields["version"].required = True
        if of is not None and of.published:
            for name in ("day", "begins", "minutes", "zone", "fold"):
                del self.fields[name]

    def clean_follows(self) -> Session | None:
        code = self.cleaned_data["follows"].strip()
        if not code:
            return None
        found = Session.objects.seen_by(self.by).filter(code=code).first()
        if found is None or (self.of is not None and found.pk == self.of.pk):
            raise forms.ValidationError(_("No session has this code."))
        return found

    def clean_notes(self) -> str:
        text: str = self.cleaned_data["notes"]
        lines = [line for line in text.splitlines() if line.strip()]
        if len(notes_from(text)) != len(lines):
            raise forms.ValidationError(_("Write on each line the word, a colon, and what it means."))
        return text

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        here, whole = data.get("here_capacity"), data.get("capacity")
        if here is not None and whole is not None and here > whole:
            self.add_error("here_capacity", _("There cannot be more places on site than in all."))
        return data

    @property
    def chosen_organiser(self) -> Organisation:
        return self.organisers[self.cleaned_data["organiser"]]

    def announcement(self, series: Series | None) -> Announcement:
        """What was typed, as the action takes it."""
        data = self.cleaned_data
        return Announcement(
            title=data["title"],
            language=data["language"],
            lead=data["lead"],
            format=data["format"],
            theme=data["theme"],
            outline=data["outline"],
            notes=notes_from(data["notes"]),
            series=series,
            follows=data["follows"],
            places=tuple(data["places"] or ()),
            spoken=data["spoken"],
            interpreted=data["interpreted"],
            captioned=data["captioned"],
            asked_in=data["asked_in"],
            audience=data["audience"],
            takes_registrations=data["takes_registrations"],
            capacity=data["capacity"],
            here_capacity=data["here_capacity"],
            venue=data["venue"],
            video=data["video"],
            votes_need_account=data["votes_need_account"],
            holds_questions=data["holds_questions"],
        )


def _initial(of: Session | None) -> dict[str, Any]:
    if of is None:
        return {
            "language": "en",
            "minutes": 60,
            "zone": zones.DEFAULT,
            "takes_registrations": True,
            "holds_questions": True,
        }
    named = (
        "title language lead format theme outline audience venue video takes_registrations capacity here_capacity"
        " votes_need_account holds_questions day begins minutes zone version"
    ).split()
    return {
        **{name: getattr(of, name) for name in [*named, *_MODES]},
        "notes": "\n".join(f"{word}: {meaning}" for word, meaning in of.notes),
        "places": "\n".join(place.key for place in of.places.all()),
        "series": of.series.title if of.series else "",
        "follows": of.follows.code if of.follows else "",
        "fold": str(of.fold) if of.moment.is_twofold else "",
    }


def organisers_for(by: Visitor) -> list[Organisation]:
    """The bodies for which somebody may announce a session: own ones, those one leads; as coordinator all of the network."""
    if not isinstance(by, NetworkVisitor) or by.person_id is None:
        return []
    kinds = Organisation.Kind
    rows = Organisation.objects.seen_by(by).defer("loaded")
    if by.is_coordinator:
        rows = rows.filter(kind__in=[kinds.CENTRE, kinds.CONSORTIUM, kinds.EUROPEAN_CENTRE])
    else:
        staff = [
            role.organisation_id for role in by.roles if role.kind in {Role.Kind.EDITOR, Role.Kind.MANAGER}
        ]
        rows = rows.filter(Q(pk__in=staff) | Q(pk__in=by.led))
    return list(rows.order_by("name"))


class MoveForm(WhenForm):
    """Another time for what is announced already, and words to those who come."""

    words = PlainText(
        label=_("Words to those who come"),
        max_length=500,
        lines=True,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class CancelForm(forms.Form):
    because = PlainText(
        label=_("Why, in words that all who come will read"),
        max_length=500,
        lines=True,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )


class SegmentForm(forms.Form):
    """A part of the hour."""

    title = PlainText(label=_("Title"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=Segment.Kind.choices)
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=LONGEST, required=False)
    who = PlainText(label=_("Who"), max_length=200, required=False)
    text = PlainText(label=_("In a sentence"), max_length=300, required=False)


class SpeakerForm(forms.Form):
    """Somebody for the programme. With an address, they can be asked by mail."""

    name = PlainText(label=_("Name"), max_length=150)
    role = forms.ChoiceField(label=_("Role"), choices=Speaker.Role.choices)
    body = PlainText(label=_("Organisation"), max_length=200, required=False)
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    language = forms.ChoiceField(label=_("Language of our mails"), choices=LANGUAGES, initial="en")
    slides_due = forms.DateField(
        label=_("Slides until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )

    def clean_slides_due(self) -> date | None:
        day: date | None = self.cleaned_data["slides_due"]
        if day is not None and not EARLIEST <= day <= LATEST:
            raise forms.ValidationError(_("Choose a day of this century."))
        return day


class InviteForm(forms.Form):
    """People for a session that is not for everybody: addresses, one on each line."""

    MOST = 100

    emails = PlainText(
        label=_("Addresses, one on each line"),
        max_length=20_000,
        lines=True,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    language = forms.ChoiceField(
        label=_("Language of our mails to those without an account"), choices=LANGUAGES, initial="en"
    )

    def clean_emails(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["emails"].splitlines() if line.strip()]
        if len(lines) > self.MOST:
            raise forms.ValidationError(_("At most %(most)s at once.") % {"most": self.MOST})
        check = forms.EmailField(max_length=254)
        for line in lines:
            try:
                check.clean(line)
            except forms.ValidationError as wrong:
                raise forms.ValidationError(
                    _("%(line)s is no mail address.") % {"line": line[:100]}
                ) from wrong
        return lines


class HandInForm(forms.Form):
    """What a speaker tells on the private page."""

    name = PlainText(label=_("Your name, as it shall stand on the programme"), max_length=150)
    body = PlainText(label=_("Organisation"), max_length=200, required=False)
    bio = Words(
        label=_("A few sentences about you"),
        max_length=1500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    slides = forms.URLField(
        label=_("Link to your slides"), max_length=500, required=False, assume_scheme="https"
    )


class MaterialForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=Material.Kind.choices)
    title = PlainText(label=_("Title"), max_length=200)
    url = forms.URLField(label=_("Address"), max_length=500, assume_scheme="https")
    language = forms.ChoiceField(label=_("Language"), choices=[("", "—"), *LANGUAGES], required=False)
