"""What may be typed at the desk."""

import re
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from koinon.base.forms import PlainText
from koinon.base.languages import DEFAULT, ENDONYMS, country_name
from koinon.base.text import fold
from koinon.desk.boxes import NAMES
from koinon.desk.routes import OPERATORS, Way
from koinon.network.models import MemberState, Organisation, Programme
from koinon.people.models import Person
from koinon.places.models import Place
from koinon.questions.forms import Words
from koinon.questions.life import Reason
from koinon.questions.models import Question
from koinon.topics.models import Objective

LONGEST_REPLY = 20_000
LANGUAGES = list(ENDONYMS.items())


class FilterForm(forms.Form):
    """The inbox: which queue, which words, where from, about what, in which language, in which order."""

    box = forms.ChoiceField(choices=list(NAMES.items()), required=False, widget=forms.HiddenInput)
    q = PlainText(label=_("Words or number"), required=False, max_length=200)
    sort = forms.ChoiceField(
        label=_("Order"), choices=[("due", _("Due first")), ("newest", _("Newest first"))], required=False
    )
    country = forms.ChoiceField(label=_("Country"), required=False)
    topic = forms.ChoiceField(label=_("Topic"), required=False)
    lang = forms.ChoiceField(label=_("Language"), choices=[("", _("all")), *LANGUAGES], required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        language = get_language() or DEFAULT
        codes = MemberState.objects.values_list("code", flat=True)
        countries = sorted(
            ((code, country_name(code, language)) for code in codes), key=lambda row: fold(row[1])
        )
        self.fields["country"].choices = [("", _("all")), *countries]  # type: ignore[attr-defined]
        topics = [(topic.code, str(topic)) for topic in Objective.objects.all()]
        self.fields["topic"].choices = [("", _("all")), *topics]  # type: ignore[attr-defined]


class ReplyForm(forms.Form):
    """What goes to the asker: an answer, or a question back."""

    text = Words(
        label=_("Reply"),
        max_length=LONGEST_REPLY,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        error_messages={"required": _("Write the reply.")},
    )
    language = forms.ChoiceField(label=_("Language of the reply"), choices=LANGUAGES)
    publish = forms.BooleanField(
        label=_("Then publish it, without what could tell who asked"), required=False
    )


class NoteForm(forms.Form):
    text = Words(
        label=_("Note for colleagues; the asker never sees it"),
        max_length=LONGEST_REPLY,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )


class AssignForm(forms.Form):
    """Who of the desk shall handle it."""

    person = forms.TypedChoiceField(label=_("Who handles it?"), coerce=int)

    def __init__(self, *args: Any, people: list[Person], **more: Any) -> None:
        super().__init__(*args, **more)
        self.people = {person.pk: person for person in people}
        self.fields["person"].choices = [(pk, str(person)) for pk, person in self.people.items()]  # type: ignore[attr-defined]


class GiveBackForm(forms.Form):
    conflict = forms.BooleanField(label=_("I have a conflict of interest"), required=False)
    words = PlainText(
        label=_("Words for colleagues"),
        required=False,
        max_length=500,
        help_text=_("The asker reads that it was given back, not why."),
    )


class ForwardForm(forms.Form):
    """To which desk, and why. `to` is a body that answers for the place, another one with a desk, or the operators."""

    OTHER = "other"

    to = forms.ChoiceField(
        label=_("Who should answer?"), error_messages={"required": _("Choose who should.")}
    )
    other = forms.ChoiceField(label=_("Another body with a desk"), required=False)
    reason = Words(
        label=_("Why, and what exactly do you need?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        help_text=_("The asker reads this."),
        error_messages={"required": _("Say why; the asker reads it.")},
    )

    def __init__(
        self, *args: Any, ways: list[Way], others: list[Organisation], operators: bool, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.ways = ways
        self.operators = operators
        self.bodies = {
            str(body.pk): body for body in [*(way.organisation for way in ways if way.days), *others]
        }
        choices = [(str(way.organisation.pk), way.organisation.name) for way in ways if way.days]
        choices += [(OPERATORS, str(_("the operators of this site")))] if operators else []
        choices += [(self.OTHER, str(_("another body")))] if others else []
        self.fields["to"].choices = choices  # type: ignore[attr-defined]
        more_choices = [("", "—"), *((str(body.pk), body.name) for body in others)]
        self.fields["other"].choices = more_choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = data.get("to", "")
        if chosen == self.OTHER:
            chosen = data.get("other", "")
            if not chosen:
                self.add_error("other", _("Choose the body."))
        data["body"] = self.bodies.get(chosen)
        return data


class MergeForm(forms.Form):
    into = PlainText(
        label=_("Number of the question that is the same"),
        max_length=20,
        error_messages={"required": _("Give the number of the other question.")},
    )


class DeclineForm(forms.Form):
    reason = forms.ChoiceField(label=_("Why?"), choices=Reason.choices)
    words = Words(
        label=_("In words, for the asker"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        error_messages={"required": _("Tell the asker why, in words.")},
    )


class NewDateForm(forms.Form):
    due = forms.DateField(
        label=_("New date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reason = Words(
        label=_("Why? The asker reads this."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        error_messages={"required": _("Say why; the asker reads it.")},
    )


class LanguageForm(forms.Form):
    language = forms.ChoiceField(label=_("Language of the question"), choices=LANGUAGES)


class PromiseForm(forms.Form):
    days = forms.IntegerField(label=_("Working days until an answer"), min_value=1, max_value=60)
    take_days = forms.IntegerField(
        label=_("Working days until somebody takes a question by name"), min_value=1, max_value=30
    )


class PublishForm(forms.Form):
    """The anonymised copy: what was asked, the answer, where and how long it holds, and what it rests on.

    `copy_version` tells whether somebody else changed the copy in the meantime; a program that leaves it out does not mind.
    """

    copy_version = forms.IntegerField(
        required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput
    )
    asked = Words(
        label=_("The question, without names"), widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"})
    )
    asked_language = forms.ChoiceField(label=_("Language of the question"), choices=LANGUAGES)
    text = Words(
        label=_("The answer, without names"),
        max_length=LONGEST_REPLY,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
    )
    language = forms.ChoiceField(label=_("Language of the answer"), choices=LANGUAGES)
    places = forms.MultipleChoiceField(
        label=_("Where does it hold?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    more_places = PlainText(
        lines=True,
        label=_("Other places, one key on each line"),
        required=False,
        max_length=1000,
        help_text=_("A key is what stands in a place’s address: ITH5, or bologna-3181928."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    topics = forms.MultipleChoiceField(
        label=_("About which objectives of the ESF+?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    sources = PlainText(
        lines=True,
        label=_("What it rests on, one source on each line"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    no_source = forms.BooleanField(label=_("It rests on no source, only on our experience"), required=False)
    programme = forms.ModelChoiceField(
        label=_("Programme"), queryset=Programme.objects.none(), required=False, empty_label=_("none")
    )
    valid_until = forms.DateField(
        label=_("Valid until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("After this day it is marked as old."),
    )
    clean_of_names = forms.BooleanField(
        label=_("I have read both texts: nothing in them tells who asked"),
        error_messages={"required": _("Read both texts once more, and say that nothing tells who asked.")},
    )

    def __init__(self, *args: Any, question: Question, **more: Any) -> None:
        super().__init__(*args, **more)
        place = question.place
        around = [place, *Place.objects.ancestors_of(place)]
        self.around = {one.code: one for one in around}
        self.fields["places"].choices = [(one.code, f"{one.display_name()} ({one.key})") for one in around]  # type: ignore[attr-defined]
        topics = [(topic.code, str(topic)) for topic in Objective.objects.all()]
        self.fields["topics"].choices = topics  # type: ignore[attr-defined]
        programmes = Programme.objects.holding_for(place)
        self.fields["programme"].queryset = programmes  # type: ignore[attr-defined]

    def clean_more_places(self) -> list[Place]:
        found: list[Place] = []
        for line in self.cleaned_data["more_places"].splitlines():
            if not (key := line.strip()):
                continue
            place = Place.objects.find(key) if len(found) < 20 else None
            if place is None:
                raise forms.ValidationError(
                    _("There is no place with the key %(key)s."), params={"key": key[:40]}
                )
            found.append(place)
        return found

    def clean_sources(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["sources"].splitlines() if line.strip()][:20]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        chosen = [self.around[code] for code in data.get("places", [])]
        every = {place.code: place for place in [*chosen, *data.get("more_places", [])]}
        data["where"] = list(every.values())
        if not every and "more_places" not in self.errors and "places" not in self.errors:
            self.add_error("places", _("Choose at least one place for which it holds."))
        if "sources" not in self.errors and not data.get("sources") and not data.get("no_source"):
            self.add_error("sources", _("Name at least one source, or say below that there is none."))
        return data


class WordingForm(forms.Form):
    text = PlainText(label=_("The same question in other words"), max_length=500)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)


class WithdrawForm(forms.Form):
    reason = PlainText(
        label=_("Why is it taken off?"), max_length=40, help_text=_("A few words; kept in the history.")
    )


_TELLING = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # an e-mail address
    r"|(?:https?://|www\.)[^\s<>\"]+"  # an address in the web
    r"|(?<![\w/])\+?\(?\d[\d\s()./-]{6,}\d",  # a telephone number, or what looks like one
)


def telling(*texts: str) -> list[str]:
    """What a machine can find that may tell who asked: mail addresses, telephone numbers, links. Names it cannot find."""
    found: dict[str, None] = {}
    for text in texts:
        for match in _TELLING.finditer(text[:LONGEST_REPLY]):
            found.setdefault(match.group().strip()[:100])
    return list(found)[:20]
