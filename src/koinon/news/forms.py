"""What may be typed by who follows, by who writes news and newsletters."""

import secrets
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import lazystr
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from koinon.agenda.models import BodyKind
from koinon.base.languages import ENDONYMS
from koinon.base.visitor import Visitor
from koinon.journal import fresh
from koinon.network.models import Organisation, Role
from koinon.network.models.organisations import staffed_by
from koinon.news.actions.items import Words as ItemWords
from koinon.news.models import Follow, Follower, Item, Letter
from koinon.news.models.follows import DEFAULT_LEVELS, Level, Rhythm
from koinon.news.subjects import LETTER, PLACE
from koinon.places import zones
from koinon.practices.fields import Line, OnePlace, Places, Several, Topics, Words
from koinon.topics.models import Objective

WEEKDAYS = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)
EARLY = 7
HOURS = [(hour, lazystr(f"{hour:02}:00")) for hour in range(24)]


NONCE = r"[A-Za-z0-9_-]{8,64}"


def _begun() -> dict[str, Any]:
    """What a form begins with that writes something new."""
    return {"language": get_language(), "nonce": secrets.token_urlsafe(16)}


def groups() -> list[tuple[str, Any]]:
    """The kinds of things that can be new."""
    return [(source.name, source.heading) for source in fresh.sources]


class WhatForm(forms.Form):
    """What around a place, and which kinds of things. None ticked: all."""

    levels = forms.MultipleChoiceField(
        label=_("Also what holds for"),
        choices=Level.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    groups = forms.MultipleChoiceField(
        label=_("Only"),
        choices=groups,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: everything that is new."),
    )

    def __init__(self, data: QueryDict | dict[str, Any] | None = None, *, kind: str, **more: Any) -> None:
        more.setdefault("initial", {})
        more["initial"] = {"levels": DEFAULT_LEVELS, **more["initial"]}
        super().__init__(data, **more)
        if kind != PLACE:
            del self.fields["levels"]
        if kind == LETTER:
            del self.fields["groups"]

    @property
    def told(self) -> dict[str, list[str]]:
        """Levels and groups as they are kept; all groups is none."""
        chosen = list(self.cleaned_data.get("groups", []))
        return {
            "levels": list(self.cleaned_data.get("levels", [])),
            "groups": [] if len(chosen) == len(fresh.sources) else chosen,
        }


class RhythmForm(forms.Form):
    """How often, and by which clock."""

    rhythm = forms.ChoiceField(
        label=_("How often"), choices=Rhythm.choices, initial=Rhythm.WEEKLY, widget=forms.RadioSelect
    )
    weekday = forms.TypedChoiceField(
        label=_("On which day, once a week or a month"),
        choices=WEEKDAYS,
        coerce=int,
        initial=0,
        required=False,
        empty_value=None,
    )
    hour = forms.TypedChoiceField(
        label=_("At which hour, of days, weeks and months"),
        choices=HOURS,
        coerce=int,
        initial=7,
        required=False,
        empty_value=None,
    )
    zone = forms.ChoiceField(label=_("By the clock of"), required=False)
    body_kind = forms.ChoiceField(
        label=_("What are you from?"),
        required=False,
        choices=[("", _("not stated")), *BodyKind.choices],
        help_text=_("Only newsletters look at it, so that you get those that are for you."),
    )

    def __init__(self, data: QueryDict | dict[str, Any] | None = None, *, zone: str, **more: Any) -> None:
        super().__init__(data, **more)
        offered = list(zones.offered())
        if zone and zone not in offered:
            offered.insert(0, zone)
        self.fields["zone"].choices = [(name, name.replace("_", " ")) for name in offered]  # type: ignore[attr-defined]
        self.fields["zone"].initial = zone
        self.else_zone = zone

    def clean_weekday(self) -> int:
        return int(self.cleaned_data["weekday"] or 0)

    def clean_hour(self) -> int:
        hour = self.cleaned_data["hour"]
        return EARLY if hour is None else int(hour)

    def clean_zone(self) -> str:
        return str(self.cleaned_data["zone"] or self.else_zone)

    @property
    def told(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("rhythm", "weekday", "hour", "zone", "body_kind")}


class FollowForm(RhythmForm, WhatForm):
    """The wish to follow something by mail."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("We ask once if it is you. One click in any mail stops it and erases the address."),
    )
    field_order = ("levels", "groups", "rhythm", "weekday", "hour", "zone", "email", "body_kind")

    @property
    def told(self) -> dict[str, Any]:
        """Everything but the address, as the action takes it."""
        return {**RhythmForm.told.fget(self), **WhatForm.told.fget(self)}  # type: ignore[attr-defined]


class LanguageForm(RhythmForm):
    """What the private page changes."""

    language = forms.ChoiceField(label=_("Language of the mails"), choices=list(ENDONYMS.items()))
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


def rhythm_of(follower: Follower) -> dict[str, Any]:
    """What a follower chose, as the form begins with it."""
    names = ("rhythm", "weekday", "hour", "zone", "body_kind", "language", "version")
    return {name: getattr(follower, name) for name in names}


def what_of(follow: Follow) -> dict[str, Any]:
    return {"levels": follow.levels, "groups": follow.groups}


class ItemForm(forms.Form):
    """What an item of news says, and what it is about."""

    organisation = forms.ChoiceField(label=_("On behalf of"))
    language = forms.ChoiceField(label=_("Language in which you write"), choices=list(ENDONYMS.items()))
    title = Line(label=_("Title"), max_length=200)
    lead = Line(label=_("In one sentence"), max_length=300, required=False)
    text = Words(label=_("Text"), rows=8, required=False, help_text=_("An empty line begins a paragraph."))
    places = Places(
        label=_("For which places"), required=False, help_text=_("One on each line. None: for all of Europe.")
    )
    topics = Topics(
        label=_("Topics"), required=False, help_text=_("Words of the field, between commas or on lines.")
    )
    objectives = Several(label=_("Objectives of the ESF+"))
    source = Line(label=_("Source"), max_length=200, required=False)
    source_url = forms.URLField(
        label=_("Address of the source"), max_length=500, required=False, assume_scheme="https"
    )
    expires_on = forms.DateField(
        label=_("Holds until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("From the day after the page says that it is over, and nobody is told of it any more."),
    )
    version = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)
    nonce = forms.RegexField(regex=NONCE, required=False, widget=forms.HiddenInput)
    correction = Line(
        label=_("What was corrected"),
        max_length=300,
        help_text=_("Everybody reads it, and those who follow are told."),
    )

    def __init__(self, data: QueryDict | None = None, *, by: Visitor, of: Item | None = None) -> None:
        super().__init__(data, initial=_said(of) if of is not None else _begun())
        self.organisations = {str(row.pk): row for row in bodies_of(by)}
        self.fields["organisation"].choices = [(key, row.name) for key, row in self.organisations.items()]  # type: ignore[attr-defined]
        rows = Objective.objects.order_by("pk")
        self.fields["objectives"].choices = [(row.code, str(row)) for row in rows]  # type: ignore[attr-defined]
        if of is not None:
            del self.fields["organisation"], self.fields["nonce"]
        if of is None or of.state != Item.State.PUBLISHED:
            del self.fields["correction"]

    def clean_expires_on(self) -> date | None:
        day: date | None = self.cleaned_data["expires_on"]
        if day is not None and not date(2000, 1, 1) <= day <= date(2099, 12, 31):
            raise forms.ValidationError(_("Name a day of this century."))
        return day

    def words(self) -> ItemWords:
        names = (
            "title",
            "language",
            "lead",
            "text",
            "places",
            "topics",
            "objectives",
            "source",
            "source_url",
            "expires_on",
        )
        return ItemWords(**{name: self.cleaned_data[name] for name in names})


def _said(item: Item) -> dict[str, Any]:
    names = (
        "title",
        "language",
        "lead",
        "text",
        "objectives",
        "source",
        "source_url",
        "expires_on",
        "version",
    )
    return {name: getattr(item, name) for name in names} | {
        "topics": ", ".join(item.topics),
        "places": "\n".join(f"{place.display_name()} ({place.key})" for place in item.places.all()),
    }


def bodies_of(by: Visitor) -> "QuerySet[Organisation]":
    """The bodies for which somebody may write: where one is editor or manager, the consortium one leads; all as coordinator."""
    rows = Organisation.objects.public().order_by("name", "pk")
    if getattr(by, "is_coordinator", False):
        return rows
    leads = {role.organisation_id for role in getattr(by, "roles", ()) if role.kind == Role.Kind.LEAD}
    return rows.filter(pk__in=staffed_by(by) | leads)


def body_named(key: str) -> Organisation | None:
    """The body that a form names, whoever may write for it; None where it names none."""
    is_key = key.isascii() and key.isdigit() and len(key) < 18
    return Organisation.objects.filter(pk=int(key)).first() if is_key else None


class ReasonForm(forms.Form):
    """Why an item is withdrawn."""

    because = Line(label=_("Why it is withdrawn"), max_length=300, help_text=_("Everybody reads it."))


class TranslationForm(forms.Form):
    """An item in another language."""

    language = forms.ChoiceField(label=_("Language"), choices=list(ENDONYMS.items()))
    title = Line(label=_("Title"), max_length=200)
    lead = Line(label=_("In one sentence"), max_length=300, required=False)
    text = Words(label=_("Text"), rows=8, required=False)
    of = forms.IntegerField(min_value=1, max_value=1_000_000, widget=forms.HiddenInput)
    seen = forms.CharField(max_length=16, required=False, widget=forms.HiddenInput)


class LetterForm(forms.Form):
    """A newsletter and for whom it is."""

    organisation = forms.ChoiceField(label=_("Newsletter of"))
    language = forms.ChoiceField(label=_("Language in which you write"), choices=list(ENDONYMS.items()))
    title = Line(label=_("Subject"), max_length=200)
    text = Words(label=_("Text"), rows=12, help_text=_("An empty line begins a paragraph."))
    place = OnePlace(label=_("Only those who follow a place in"), required=False)
    topic = Topics(label=_("Only those who follow the topic"), required=False)
    reads = forms.ChoiceField(
        label=_("Only those who read"), required=False, choices=[("", _("any language")), *ENDONYMS.items()]
    )
    body_kind = forms.ChoiceField(
        label=_("Only those who are from"), required=False, choices=[("", _("anywhere")), *BodyKind.choices]
    )
    version = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)
    nonce = forms.RegexField(regex=NONCE, required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, by: Visitor, of: Letter | None = None) -> None:
        super().__init__(data, initial=_of_letter(of) if of is not None else _begun())
        self.organisations = {str(row.pk): row for row in bodies_of(by)}
        self.fields["organisation"].choices = [(key, row.name) for key, row in self.organisations.items()]  # type: ignore[attr-defined]
        if of is not None:
            del self.fields["organisation"], self.fields["nonce"]

    def clean_topic(self) -> str:
        topics = self.cleaned_data["topic"]
        if len(topics) > 1:
            raise forms.ValidationError(_("One topic at most."))
        return topics[0] if topics else ""

    @property
    def told(self) -> dict[str, Any]:
        names = ("language", "title", "text", "place", "topic", "reads", "body_kind")
        return {name: self.cleaned_data[name] for name in names}


def _of_letter(letter: Letter) -> dict[str, Any]:
    names = ("language", "title", "text", "topic", "reads", "body_kind", "version")
    place = f"{letter.place.display_name()} ({letter.place.key})" if letter.place is not None else ""
    return {name: getattr(letter, name) for name in names} | {"place": place}
