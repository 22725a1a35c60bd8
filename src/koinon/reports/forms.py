"""What may be typed of an activity, a report, and a decision about it."""

import secrets
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import DEFAULT, ENDONYMS
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation
from koinon.places.models import Place
from koinon.practices.fields import Line, Places, Words
from koinon.reports.actions.log import Said
from koinon.reports.actions.reporting import Told
from koinon.reports.models import Activity, PeriodReport
from koinon.reports.models.activities import bodies_worked_for
from koinon.reports.periods import EARLIEST, LATEST
from koinon.reports.words import Kind

LANGUAGES = list(ENDONYMS.items())
KINDS = [(value, capfirst(label)) for value, label in Kind.choices]
NONCE = r"[A-Za-z0-9_-]{8,64}"
MOST_PARTNERS = 60
MOST_PEOPLE = 1_000_000


def bodies_for(by: Visitor) -> "QuerySet[Organisation]":
    """The bodies for which somebody logs and reports."""
    return Organisation.objects.filter(pk__in=bodies_worked_for(by)).order_by("name", "pk")


def body_named(key: str) -> Organisation | None:
    """The body that a form names, whoever may write for it; None where it names none."""
    is_key = key.isascii() and key.isdigit() and len(key) < 18
    return Organisation.objects.filter(pk=int(key)).first() if is_key else None


class Partners(Words):
    """Names of bodies, one on each line; gives a tuple."""

    def clean(self, value: Any) -> Any:
        lines = [" ".join(line.split()) for line in super().clean(value).split("\n") if line.strip()]
        if len(lines) > MOST_PARTNERS:
            raise forms.ValidationError(_("At most %(most)s partners.") % {"most": MOST_PARTNERS})
        if any(len(line) > 300 for line in lines):
            raise forms.ValidationError(_("A name has at most 300 letters."))
        return tuple(dict.fromkeys(lines))


def _day(label: Any, help_text: Any = "", *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )


class _Days(forms.Form):
    """Two days of this century in their order."""

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        for name in ("first_day", "last_day"):
            day: date | None = found.get(name)
            if day is not None and not EARLIEST <= day <= LATEST:
                self.add_error(name, _("Name a day of this century."))
        first, last = found.get("first_day"), found.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("It ends before it begins."))
        return found


class _Of(forms.Form):
    """On behalf of a body for which somebody works; asked for only when something is begun."""

    organisation = forms.ChoiceField(label=_("On behalf of"))
    nonce = forms.RegexField(regex=NONCE, required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False, widget=forms.HiddenInput)

    def offer(self, by: Visitor, *, begins: bool) -> None:
        self.organisations = {str(row.pk): row for row in bodies_for(by)} if begins else {}
        if not begins:
            del self.fields["organisation"]
            return
        self.fields["organisation"].choices = [(key, row.name) for key, row in self.organisations.items()]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Organisation:
        return self.organisations[self.cleaned_data["organisation"]]


class ActivityForm(_Of, _Days):
    """One thing that a body did. A kind, a title and a day are enough."""

    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS)
    title = Line(label=_("What it was, in a sentence"), max_length=200)
    language = forms.ChoiceField(label=_("Language in which you write"), choices=LANGUAGES)
    first_day = _day(_("Day, or the first day"))
    last_day = _day(_("Last day"), _("Empty: it was on one day."), required=False)
    places = Places(
        label=_("For which places"),
        required=False,
        help_text=_("One on each line; a country is enough. Empty: not stated."),
    )
    participants = forms.IntegerField(
        label=_("How many took part"),
        required=False,
        min_value=0,
        max_value=MOST_PEOPLE,
        help_text=_("Empty: not known. Nothing is put in its place."),
    )
    partners = Partners(
        label=_("With whom"),
        required=False,
        rows=3,
        max_length=6000,
        help_text=_("Names of bodies, one on each line. No names of persons."),
    )
    link = forms.URLField(
        label=_("Where more stands about it"), max_length=500, required=False, assume_scheme="https"
    )
    note = Words(label=_("Note"), required=False, rows=3, max_length=4000)
    field_order = (
        "organisation",
        "kind",
        "title",
        "language",
        "first_day",
        "last_day",
        "places",
        "participants",
        "partners",
        "link",
        "note",
    )

    def __init__(self, data: QueryDict | None = None, *, by: Visitor, of: Activity | None = None) -> None:
        super().__init__(data, initial=_of_activity(of) if of is not None else _begun())
        self.of = of
        self.offer(by, begins=of is None)
        if of is not None and of.thing:
            # What the house records leads to its own page, which is no address elsewhere.
            del self.fields["link"]

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        if found.get("first_day") and not found.get("last_day") and "last_day" not in self.errors:
            found["last_day"] = found["first_day"]
        if (day := found.get("last_day")) and day > timezone.localdate():
            self.add_error("last_day", _("The log tells what was done: name a day that is not to come."))
        return found

    def said(self) -> Said:
        clean = self.cleaned_data
        link = self.of.link if self.of is not None and self.of.thing else clean["link"]
        return Said(
            kind=clean["kind"],
            title=clean["title"],
            language=clean["language"],
            first_day=clean["first_day"],
            last_day=clean["last_day"],
            places=tuple(place.pk for place in clean["places"] or ()),
            participants=clean["participants"],
            partners=clean["partners"] or (),
            link=link,
            note=clean["note"],
        )


def _begun() -> dict[str, Any]:
    return {"language": get_language() or DEFAULT, "nonce": secrets.token_urlsafe(16)}


def _of_activity(row: Activity) -> dict[str, Any]:
    names = ("kind", "title", "language", "first_day", "last_day", "participants", "link", "note", "version")
    places = Place.objects.filter(pk__in=row.places).order_by("pk")
    return {name: getattr(row, name) for name in names} | {
        "partners": "\n".join(row.partners),
        "places": "\n".join(f"{place.display_name()} ({place.key})" for place in places),
    }


class WithdrawForm(forms.Form):
    """Why something is withdrawn from the log."""

    because = Line(label=_("Why it is withdrawn"), max_length=300, help_text=_("Your colleagues read it."))


class ReportForm(_Of, _Days):
    """The period of a report and its own words."""

    title = Line(label=_("Title"), max_length=200)
    first_day = _day(_("From"))
    last_day = _day(_("To"), _("Both days are included. It can be handed in when the period is over."))
    language = forms.ChoiceField(label=_("Language in which you write"), choices=LANGUAGES)
    text = Words(
        label=_("In your own words"),
        required=False,
        rows=10,
        help_text=_("Figures and activities stand below it by themselves. An empty line begins a paragraph."),
    )
    field_order = ("organisation", "title", "first_day", "last_day", "language", "text")

    def __init__(self, data: QueryDict | None = None, *, by: Visitor, of: PeriodReport | None = None) -> None:
        super().__init__(data, initial=_of_report(of) if of is not None else _begun())
        self.offer(by, begins=of is None)

    def told(self) -> Told:
        names = ("title", "first_day", "last_day", "language", "text")
        return Told(**{name: self.cleaned_data[name] for name in names})


def _of_report(row: PeriodReport) -> dict[str, Any]:
    names = ("title", "first_day", "last_day", "language", "text", "version")
    return {name: getattr(row, name) for name in names}


class DecisionForm(forms.Form):
    """Accept a report, or send it back with a reason."""

    decision = forms.ChoiceField(choices=[("accept", _("accept")), ("send_back", _("send back"))])
    reason = Line(
        label=_("What is missing"), max_length=500, required=False, help_text=_("Its body reads it.")
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if found.get("decision") == "send_back" and not found.get("reason"):
            self.add_error("reason", _("Say what is missing."))
        return found
