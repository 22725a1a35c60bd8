"""What may be typed among peers: an offer or need, a profile, a message, an exchange and its result."""

import secrets
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import DEFAULT, ENDONYMS, language_name, without_language
from koinon.base.visitor import Visitor
from koinon.calls.models import Call
from koinon.network.models import Organisation
from koinon.peers.actions.entries import Said
from koinon.peers.actions.exchanging import Result, Terms
from koinon.peers.actions.profiles import Told
from koinon.peers.deadlines import deadline
from koinon.peers.models import Entry, Exchange, Profile
from koinon.peers.models.entries import SEEKERS, STAFF, held
from koinon.peers.words import LONGEST, Availability, Format, Kind, Outcome
from koinon.practices import concepts
from koinon.practices.fields import Line, OnePlace, Several, Topics, Words

LANGUAGES = list(ENDONYMS.items())
NONCE = r"[A-Za-z0-9_-]{8,64}"
FORMATS = [(value, capfirst(label)) for value, label in Format.choices]


def day_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    """A day, as browsers and people without one type it."""
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )


def working_languages() -> list[tuple[str, str]]:
    """Languages to choose from, by their names in the one that is spoken."""
    spoken = get_language() or DEFAULT
    named = [(code, capfirst(language_name(code, spoken))) for code in ENDONYMS]
    return sorted(named, key=lambda pair: pair[1])


def _nonce() -> str:
    return secrets.token_urlsafe(16)


def edits_field() -> forms.IntegerField:
    return forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


def bodies_for(by: Visitor, kind: str) -> list[Organisation]:
    """The bodies for which somebody may say this."""
    there = held(by, SEEKERS if kind == Kind.PARTNERS else STAFF)
    return list(Organisation.objects.filter(pk__in=there).order_by("name")) if there else []


_TITLES = {
    Kind.OFFER: (
        _("What you offer, in a sentence"),
        _("“Two days with the team that runs our one-door office”"),
    ),
    Kind.NEED: (
        _("What you need, in a sentence"),
        _("“Someone who has moved youth services under one roof”"),
    ),
    Kind.PARTNERS: (
        _("Whom you look for, in a sentence"),
        _("“A partner in two countries, with a workshop for young people”"),
    ),
}


class EntryForm(forms.Form):
    """One offer, need or search. One sentence and one topic are enough."""

    body = forms.ChoiceField(label=_("On behalf of"), required=False)
    title = Line(label="", max_length=160)
    call_title = Line(label=_("The call"), max_length=300, help_text=_("Its name, as the call has it."))
    call_address = forms.URLField(label=_("Its page"), max_length=500, required=False, assume_scheme="https")
    topics = Topics(
        label=_("Topics"),
        help_text=_("Words of the field, between commas or on lines. Matches are found by them."),
    )
    text = Words(
        label=_("More, if it helps"),
        required=False,
        rows=4,
        max_length=4000,
        help_text=_("No address and no number: you are introduced through the house."),
    )
    formats = Several(label=_("In which form"), choices=FORMATS)
    languages = Several(label=_("In which languages you can work together"))
    place = OnePlace(
        label=_("Where"),
        required=False,
        help_text=_("A municipality, a region or a country. Empty: anywhere."),
    )
    until = day_field(
        _("Until when"), required=False, help_text=_("Empty: open; you are asked again after a year.")
    )
    language = forms.ChoiceField(label=_("Language in which you write"), choices=LANGUAGES)
    edits = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False, widget=forms.HiddenInput)
    nonce = forms.RegexField(regex=NONCE, required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        by: Visitor,
        kind: str,
        of: Entry | None = None,
        call: Call | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        self.kind, self.of, self.call = Kind(kind), of, call
        super().__init__(data, initial=_entry_initial(of) | (initial or {}))
        label, example = _TITLES[self.kind]
        self.fields["title"].label, self.fields["title"].help_text = label, example
        self.fields["languages"].choices = working_languages()  # type: ignore[attr-defined]
        if self.kind != Kind.PARTNERS:
            del self.fields["call_title"], self.fields["call_address"]
        else:
            until = self.fields["until"]
            until.label, until.required = _("The deadline of the call"), True
            until.help_text = _("After this day the search closes by itself.")
            if call is not None:
                # What the call says of itself nobody types again.
                del self.fields["call_title"], self.fields["call_address"]
                if deadline(call) is not None:
                    del self.fields["until"]
        self.bodies = {str(row.pk): row for row in bodies_for(by, kind)} if of is None else {}
        if self.bodies:
            self.fields["body"].initial = next(iter(self.bodies))
            self.fields["body"].choices = [  # type: ignore[attr-defined]
                *((key, row.name) for key, row in self.bodies.items()),
                ("", _("myself; only people with an account see it")),
            ]
        else:
            del self.fields["body"]

    def clean_until(self) -> date | None:
        day: date | None = self.cleaned_data["until"]
        today = timezone.localdate()
        if day is not None and not today <= day <= today + LONGEST:
            raise forms.ValidationError(_("Choose a day from today on, within three years."))
        return day

    @property
    def chosen_body(self) -> Organisation | None:
        return self.bodies.get(self.cleaned_data.get("body") or "")

    def said(self) -> Said:
        data = self.cleaned_data
        call = self.call
        return Said(
            kind=str(self.kind),
            language=data["language"],
            title=data["title"],
            text=data["text"],
            topics=data["topics"],
            formats=data["formats"],
            languages=data["languages"],
            place=data["place"],
            until=data["until"] if "until" in self.fields or call is None else deadline(call),
            call_title=call.title if call is not None else data.get("call_title", ""),
            call_address=without_language(call.get_absolute_url())
            if call is not None
            else data.get("call_address", ""),
            call=call.slug if call is not None else "",
        )


def topic_words(keys: Any) -> str:
    language = get_language() or DEFAULT
    return ", ".join(concepts.label(key, language) for key in keys)


def place_words(of: Any) -> str:
    return f"{of.display_name()} ({of.key})" if of is not None else ""


def _entry_initial(of: Entry | None) -> dict[str, Any]:
    if of is None:
        return {"language": get_language() or DEFAULT, "nonce": _nonce()}
    names = "title text formats languages until language edits call_title call_address".split()
    return {name: getattr(of, name) for name in names} | {
        "topics": topic_words(of.topics),
        "place": place_words(of.place),
        # What was over stands again from today on.
        "until": of.until if not of.is_over else None,
    }


class ProfileForm(forms.Form):
    """What a person says of themselves. Nothing is shown before *listed* is ticked."""

    listed = forms.BooleanField(
        label=_("List me in the expert directory"),
        required=False,
        help_text=_("Only people with an account see it, never your address. You can go again at any time."),
    )
    organisation = forms.ChoiceField(label=_("Your body"), required=False)
    topics = Topics(label=_("Topics"), help_text=_("Words of the field, between commas or on lines."))
    about = Words(
        label=_("What you know and have done"),
        required=False,
        rows=5,
        max_length=2000,
        help_text=_("No address and no number: you are introduced through the house."),
    )
    formats = Several(label=_("How you can help"), choices=FORMATS)
    languages = Several(label=_("Languages"))
    availability = forms.ChoiceField(
        label=_("Availability"), choices=[(value, capfirst(label)) for value, label in Availability.choices]
    )
    availability_text = Line(
        label=_("Availability, in words"),
        max_length=120,
        required=False,
        help_text=_("“Fridays, from March on”"),
    )
    language = forms.ChoiceField(label=_("Language in which you write"), choices=LANGUAGES)
    edits = edits_field()

    def __init__(self, data: QueryDict | None = None, *, by: Visitor, of: Profile | None = None) -> None:
        initial: dict[str, Any] = {"language": get_language() or DEFAULT, "edits": 0, "availability": "some"}
        if of is not None:
            names = "listed about formats languages availability availability_text language edits".split()
            initial = {name: getattr(of, name) for name in names}
            initial |= {"topics": topic_words(of.topics), "organisation": str(of.organisation_id or "")}
        super().__init__(data, initial=initial)
        self.fields["languages"].choices = working_languages()  # type: ignore[attr-defined]
        there: frozenset[int] = getattr(by, "organisations", frozenset())
        rows = Organisation.objects.public().filter(pk__in=there).order_by("name")
        self.bodies = {str(row.pk): row for row in rows}
        self.fields["organisation"].choices = [  # type: ignore[attr-defined]
            ("", _("none")),
            *((key, row.name) for key, row in self.bodies.items()),
        ]
        if not self.bodies:
            del self.fields["organisation"]

    def told(self) -> Told:
        data = self.cleaned_data
        return Told(
            listed=data["listed"],
            language=data["language"],
            about=data["about"],
            topics=data["topics"],
            formats=data["formats"],
            languages=data["languages"],
            availability=data["availability"],
            availability_text=data["availability_text"],
            organisation=self.bodies.get(data.get("organisation") or ""),
        )


class MessageForm(forms.Form):
    """Words to the other side."""

    text = Words(label=_("Write to the other side"), rows=5, max_length=8000)
    nonce = forms.RegexField(regex=NONCE, required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"nonce": _nonce()})


class TermsForm(forms.Form):
    """What two agree on."""

    title = Line(
        label=_("What you do together"),
        max_length=160,
        help_text=_("“Two days in the one-door office in Gent”"),
    )
    format = forms.ChoiceField(label=_("Form"), choices=FORMATS)
    begins_on = day_field(_("From"))
    ends_on = day_field(_("Until"), help_text=_("For a single day the same day."))
    where = Line(label=_("Where"), max_length=200, required=False, help_text=_("A place, or “online”."))
    terms = Words(
        label=_("Who does what"),
        rows=4,
        max_length=4000,
        required=False,
        help_text=_("Who prepares what, who pays what, who comes."),
    )
    language = forms.ChoiceField(label=_("Language in which you write"), choices=LANGUAGES)
    edits = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        of: Exchange | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        start: dict[str, Any] = {"language": get_language() or DEFAULT} | (initial or {})
        if of is not None:
            names = "title format begins_on ends_on where terms language edits".split()
            start = {name: getattr(of, name) for name in names}
        super().__init__(data, initial=start)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        begins, ends = data.get("begins_on"), data.get("ends_on")
        today = timezone.localdate()
        if begins and not today - LONGEST <= begins <= today + LONGEST:
            self.add_error("begins_on", _("Choose a day within three years."))
        if begins and ends and not begins <= ends <= begins + LONGEST:
            self.add_error("ends_on", _("The last day cannot lie before the first."))
        return data

    def told(self) -> Terms:
        data = self.cleaned_data
        return Terms(
            language=data["language"],
            title=data["title"],
            format=data["format"],
            begins_on=data["begins_on"],
            ends_on=data["ends_on"],
            where=data["where"],
            terms=data["terms"],
        )


class ResultForm(forms.Form):
    """What came of an exchange. What is for all to see stands in a field of its own."""

    outcome = forms.ChoiceField(
        label=_("Did it help?"), choices=[(value, capfirst(label)) for value, label in Outcome.choices]
    )
    result = Words(
        label=_("What came of it"),
        rows=4,
        max_length=4000,
        required=False,
        help_text=_("Only the two of you read this."),
    )
    public_text = Words(
        label=_("In a few sentences, for all to see"),
        rows=4,
        max_length=2000,
        required=False,
        help_text=_(
            "It stands on the pages of both bodies, once both sides have said yes. No names of persons."
        ),
    )
    consents = forms.BooleanField(
        label=_("Yes, this may be seen by all, with the name of our body"), required=False
    )
    edits = edits_field()

    def __init__(self, data: QueryDict | None = None, *, of: Exchange, side: str) -> None:
        names = "outcome result public_text edits".split()
        initial = {name: getattr(of, name) for name in names} | {"consents": of.consented(side)}
        super().__init__(data, initial=initial)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("consents") and not data.get("public_text"):
            self.add_error("public_text", _("Write what is for all to see, or take the tick away."))
        return data

    def told(self) -> Result:
        data = self.cleaned_data
        return Result(outcome=data["outcome"], result=data["result"], public_text=data["public_text"])


class TakeDownForm(forms.Form):
    """Why something is taken off the site; its owner reads this."""

    words = Words(
        label=_("Why it is taken down"), rows=3, max_length=2000, help_text=_("Its owner reads this.")
    )
