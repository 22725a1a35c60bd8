"""What may be typed of a webhook."""

import re
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from koinon.base import outward
from koinon.base.forms import PlainText
from koinon.base.languages import DEFAULT, ENDONYMS
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation, Role
from koinon.news import subjects
from koinon.news.models.follows import DEFAULT_LEVELS, Level
from koinon.places.models import Place
from koinon.practices import concepts
from koinon.practices.fields import Line, OnePlace, Topics
from koinon.webhooks.actions import Wish
from koinon.webhooks.kinds import all_kinds, by_source, known
from koinon.webhooks.models import Hook
from koinon.webhooks.words import REFUSED

_SLUG = re.compile(r"[A-Za-z0-9_-]{1,120}")


class HookForm(forms.Form):
    """Where to, and of what."""

    organisation = forms.ChoiceField(label=_("For which body"))
    label = Line(label=_("What it is for"), max_length=80)
    address = PlainText(
        label=_("Address"),
        max_length=outward.LONGEST,
        widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "url", "autocomplete": "off"}),
        help_text=_("Where your program takes what we send: https, at the ports 443 or 8443."),
    )
    types = forms.MultipleChoiceField(
        label=_("Only these events"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all of them, also kinds that are new here."),
    )
    place = OnePlace(label=_("Only what is for this place"), required=False)
    levels = forms.MultipleChoiceField(
        label=_("Of a place, also what holds for"),
        choices=Level.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    topic = Topics(label=_("Only what is about this topic"), required=False)
    body = PlainText(
        label=_("Only what is from this body, or about it"),
        max_length=200,
        required=False,
        help_text=_("The last part of the address of its page here: ncc-it."),
    )
    language = forms.ChoiceField(
        label=_("Language of the titles, where they are told in it"), choices=list(ENDONYMS.items())
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: QueryDict | dict[str, Any] | None = None, *, by: Visitor, of: Hook | None = None
    ) -> None:
        initial = _said(of) if of is not None else {"language": get_language(), "levels": DEFAULT_LEVELS}
        super().__init__(data, initial=initial)
        self.organisations = {str(row.pk): row for row in bodies_of(by)}
        self.fields["organisation"].choices = [(key, row.name) for key, row in self.organisations.items()]  # type: ignore[attr-defined]
        self.fields["types"].choices = [  # type: ignore[attr-defined]
            (source.heading, [(kind.name, kind.label) for kind in kinds]) for source, kinds in by_source()
        ]
        if of is not None:
            del self.fields["organisation"]

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"]).strip()
        try:
            outward.checked(address)
        except outward.Refused as refused:
            raise forms.ValidationError(str(REFUSED[refused.why]), code=refused.why) from None
        return address

    def clean_place(self) -> str:
        place: Place | None = self.cleaned_data["place"]
        return place.code if place is not None else ""

    def clean_topic(self) -> str:
        topics = self.cleaned_data["topic"]
        if len(topics) > 1:
            raise forms.ValidationError(_("One topic at most."))
        return topics[0] if topics else ""

    def clean_body(self) -> str:
        slug = str(self.cleaned_data["body"]).strip().strip("/").rpartition("/")[2]
        if slug and subjects.find(subjects.ORGANISATION, slug) is None:
            raise forms.ValidationError(_("No public body has this address here."))
        return slug

    @property
    def wish(self) -> Wish:
        names = ("label", "address", "language", "place", "topic", "body")
        chosen = list(self.cleaned_data["types"])
        return Wish(
            **{name: self.cleaned_data[name] for name in names},
            types=[] if len(chosen) == len(known()) else chosen,
            levels=list(self.cleaned_data["levels"]) if self.cleaned_data["place"] else [],
        )


class VersionForm(forms.Form):
    """Which version was before one's eyes."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)


def _said(hook: Hook) -> dict[str, Any]:
    names = ("label", "address", "types", "levels", "body", "language", "version")
    place = subjects.find(subjects.PLACE, hook.place) if hook.place else None
    key = place.address.rstrip("/").rpartition("/")[2] if place is not None else ""
    return {name: getattr(hook, name) for name in names} | {
        "place": f"{place.label} ({key})" if place is not None else hook.place,
        "topic": concepts.label(hook.topic, get_language() or DEFAULT) if hook.topic else "",
        "levels": hook.levels if hook.place else DEFAULT_LEVELS,
    }


def bodies_of(by: Visitor) -> Any:
    """The bodies for which somebody may set one up: those one manages, the consortium one leads with its members, all as coordinator."""
    rows = Organisation.objects.public().order_by("name", "pk")
    if getattr(by, "is_coordinator", False):
        return rows
    managed = {r.organisation_id for r in getattr(by, "roles", ()) if r.kind == Role.Kind.MANAGER}
    return Organisation.objects.order_by("name", "pk").filter(
        pk__in=managed | set(getattr(by, "led", frozenset()))
    )


def body_named(key: str) -> Organisation | None:
    """The body that a form names by number, or a program by its slug; None where it names none."""
    if key.isascii() and key.isdigit() and len(key) < 18:
        return Organisation.objects.filter(pk=int(key)).first()
    # What is no slug is not asked for: PostgreSQL refuses a NUL in what it compares.
    return Organisation.objects.filter(slug=key).first() if _SLUG.fullmatch(key) else None


def all_types() -> list[str]:
    return [kind.name for kind in all_kinds()]
