"""What may be typed by who follows."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _

from koinon.agenda.models import BodyKind
from koinon.base.languages import ENDONYMS
from koinon.journal import fresh
from koinon.news.models import Follow, Follower
from koinon.news.models.follows import DEFAULT_LEVELS, Level, Rhythm
from koinon.news.subjects import LETTER, PLACE
from koinon.places import zones

WEEKDAYS = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)
HOURS = [(hour, lazystr(f"{hour:02}:00")) for hour in range(24)]


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
        empty_value=0,
    )
    hour = forms.TypedChoiceField(
        label=_("At which hour, of days, weeks and months"),
        choices=HOURS,
        coerce=int,
        initial=7,
        required=False,
        empty_value=7,
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
        self.zone = zone

    def clean_zone(self) -> str:
        return self.cleaned_data["zone"] or self.zone

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
