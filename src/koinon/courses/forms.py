"""What may be typed about a course, its modules, questions, dates and translations, and by who learns."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from koinon.agenda.models import Session
from koinon.base.languages import DEFAULT, ENDONYMS
from koinon.base.visitor import Visitor
from koinon.courses.actions.writing import Asked, Dates, Part, Told
from koinon.courses.models import Cohort, Course, Module, Question
from koinon.courses.words import (
    COURSE_TEXTS,
    MOST_CHOICES,
    Competence,
    Level,
    ModuleKind,
    Pace,
    QuestionKind,
)
from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.practices import concepts
from koinon.practices.fields import Line, Places, Several, Topics, Words

LANGUAGES = list(ENDONYMS.items())
EARLIEST, LATEST = date(2020, 1, 1), date(2099, 12, 31)
MOST_MINUTES = 60_000


class Edits(forms.IntegerField):
    """How often what is changed was saved when it was read."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput, required=required)


def organisers_of(by: Visitor) -> dict[str, Organisation]:
    """The bodies for which somebody may begin a course."""
    if not isinstance(by, NetworkVisitor):
        return {}
    keys = {role.organisation_id for role in by.roles if role.kind in {Role.Kind.EDITOR, Role.Kind.MANAGER}}
    rows = Organisation.objects.filter(pk__in=[key for key in keys if key is not None]).order_by("name")
    return {str(row.pk): row for row in rows}


class CourseForm(forms.Form):
    """All that is told of a course."""

    organiser = forms.ChoiceField(label=_("On behalf of"))
    language = forms.ChoiceField(label=_("Language in which you write"), choices=LANGUAGES)
    title = Line(label=_("Title"), max_length=200)
    lead = Line(
        label=_("In one sentence"),
        max_length=300,
        required=False,
        help_text=_("For whom, and what one has at the end. Lists and search show this sentence."),
    )
    about = Words(
        label=_("What it is about"), rows=6, required=False, help_text=_("An empty line begins a paragraph.")
    )
    outcomes = Words(
        label=_("What one can do afterwards"),
        required=False,
        max_length=4000,
        lines_at_most=20,
        help_text=_("One on each line."),
    )
    requires = Words(
        label=_("What one should know before"),
        rows=2,
        required=False,
        max_length=2000,
        help_text=_("Empty: nothing is needed. Nobody is kept out by it; it is only said."),
    )
    level = forms.ChoiceField(label=_("Level"), choices=Level.choices, initial=Level.FIRST)
    minutes = forms.IntegerField(
        label=_("Workload in minutes, all together"), min_value=1, max_value=MOST_MINUTES, initial=60
    )
    pace = forms.ChoiceField(label=_("When"), choices=Pace.choices, initial=Pace.SELF)
    gives_certificate = forms.BooleanField(
        label=_("Who finishes gets a certificate that can be checked"), required=False, initial=True
    )
    topics = Topics(
        label=_("Topics"), required=False, help_text=_("Words of the field, between commas or on lines.")
    )
    competences = Several(label=_("Competences of a centre that it builds"), choices=Competence.choices)
    places = Places(
        label=_("For which places"),
        required=False,
        help_text=_("One on each line. Empty: for every place in Europe."),
    )
    edits = Edits()

    def __init__(self, *args: Any, by: Visitor, of: Course | None = None, **more: Any) -> None:
        self.of = of
        self.organisers = {str(of.organiser_id): of.organiser} if of is not None else organisers_of(by)
        if of is not None:
            more.setdefault("initial", _initial(of))
        else:
            more.setdefault("initial", {"language": get_language() or DEFAULT})
        super().__init__(*args, **more)
        choices = [(key, row.name) for key, row in self.organisers.items()]
        field = self.fields["organiser"]
        field.choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            field.widget, field.required = forms.HiddenInput(), False
            field.initial = choices[0][0]

    @property
    def chosen_organiser(self) -> Organisation | None:
        chosen = self.cleaned_data.get("organiser") or next(iter(self.organisers), "")
        return self.organisers.get(chosen)

    def told(self) -> Told:
        data = self.cleaned_data
        return Told(
            title=data["title"],
            language=data["language"],
            lead=data["lead"],
            about=data["about"],
            outcomes=data["outcomes"],
            requires=data["requires"],
            level=data["level"],
            minutes=data["minutes"],
            pace=data["pace"],
            takes_learners=self.of.takes_learners if self.of is not None else True,
            gives_certificate=data["gives_certificate"],
            topics=tuple(data["topics"]),
            competences=tuple(data["competences"]),
            places=tuple(sorted(data["places"], key=lambda place: place.pk)),
        )


def _initial(of: Course) -> dict[str, Any]:
    language = get_language() or DEFAULT
    plain = [
        *COURSE_TEXTS,
        "language",
        "level",
        "minutes",
        "pace",
        "gives_certificate",
        "competences",
        "edits",
    ]
    return {name: getattr(of, name) for name in plain} | {
        "organiser": str(of.organiser_id),
        "topics": ", ".join(concepts.label(key, language) for key in of.topics),
        "places": "\n".join(f"{place.name} ({place.key})" for place in of.places.order_by("pk")),
    }


class ModuleForm(forms.Form):
    """One module. Its kind says which of the fields are read."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ModuleKind.choices, initial=ModuleKind.TEXT)
    language = forms.ChoiceField(label=_("Language in which you write"), choices=LANGUAGES)
    title = Line(label=_("Title"), max_length=200)
    text = Words(
        label=_("Text"),
        rows=10,
        required=False,
        help_text=_("Of a task: what is to be done. An empty line begins a paragraph."),
    )
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=MOST_MINUTES, initial=20)
    link = forms.URLField(
        label=_("Address of the video"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=_("It stays where it is; a link leads there. Name where its captions are in the text."),
    )
    session = Line(
        label=_("Code of the session"),
        required=False,
        max_length=40,
        help_text=_("Of a module that is a session of the programme: the code on its page."),
    )
    needs = forms.IntegerField(
        label=_("Of questions: how many per cent have to be right"), min_value=0, max_value=100, initial=60
    )
    tries = forms.IntegerField(
        label=_("Of questions: how many tries at most"),
        min_value=1,
        max_value=100,
        required=False,
        help_text=_("Empty: as many as one likes."),
    )
    edits = Edits()

    def __init__(
        self, *args: Any, by: Visitor, of: Module | None = None, language: str = "", **more: Any
    ) -> None:
        self.by = by
        if of is not None:
            names = ("kind", "language", "title", "text", "minutes", "link", "needs", "tries", "edits")
            more.setdefault(
                "initial",
                {name: getattr(of, name) for name in names}
                | {"session": of.session.code if of.session is not None else ""},
            )
        else:
            more.setdefault("initial", {"language": language or DEFAULT})
        super().__init__(*args, **more)

    def clean_link(self) -> str:
        link = str(self.cleaned_data.get("link") or "")
        if link and not link.startswith(("https://", "http://")):
            raise forms.ValidationError(_("Write an address that begins with https://."))
        return link

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        kind = data.get("kind")
        if kind == ModuleKind.VIDEO and not data.get("link") and "link" not in self.errors:
            self.add_error("link", _("Give the address at which the video is."))
        code, data["of_session"] = data.get("session") or "", None
        if code:
            data["of_session"] = Session.objects.seen_by(self.by).filter(code__iexact=code).first()
            if data["of_session"] is None:
                self.add_error("session", _("There is no session with this code that you may see."))
        elif kind == ModuleKind.SESSION and "session" not in self.errors:
            self.add_error("session", _("Give the code of the session."))
        if kind in {ModuleKind.TEXT, ModuleKind.TASK} and not data.get("text") and "text" not in self.errors:
            self.add_error("text", _("Write the text."))
        return data

    def part(self) -> Part:
        data = self.cleaned_data
        return Part(
            kind=data["kind"],
            title=data["title"],
            language=data["language"],
            text=data["text"],
            minutes=data["minutes"],
            link=data["link"],
            session=data["of_session"],
            needs=data["needs"],
            tries=data["tries"],
        )


class QuestionForm(forms.Form):
    """One question of a quiz; the right choices are marked with a star."""

    kind = forms.ChoiceField(label=_("Kind"), choices=QuestionKind.choices, initial=QuestionKind.SINGLE)
    text = Line(label=_("Question"), max_length=500)
    choices = Words(
        label=_("Answers to choose from"),
        rows=5,
        required=False,
        max_length=3000,
        lines_at_most=MOST_CHOICES,
        help_text=_(
            "One on each line. Begin each right one with a star: “* This is right”. What is to be put in order: write it in the"
            " right order, without stars; it is mixed on the page."
        ),
    )
    number = forms.DecimalField(
        label=_("Of a number: the right one"), required=False, max_digits=15, decimal_places=4
    )
    within = forms.DecimalField(
        label=_("Of a number: give or take"),
        required=False,
        min_value=0,
        max_digits=15,
        decimal_places=4,
        help_text=_("How far off is still right."),
    )
    explanation = Words(
        label=_("Why"),
        rows=3,
        required=False,
        max_length=2000,
        help_text=_("Everybody reads it after answering, whether right or wrong."),
    )
    edits = Edits()

    def __init__(self, *args: Any, of: Question | None = None, **more: Any) -> None:
        if of is not None:
            more.setdefault("initial", _initial_question(of))
        super().__init__(*args, **more)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        kind = data["kind"]
        lines = [line.strip() for line in data["choices"].splitlines() if line.strip()]
        if kind == QuestionKind.NUMBER:
            if data.get("number") is None:
                self.add_error("number", _("Give the right number."))
            data["said"], data["right"] = (), ()
            return data
        right = tuple(place for place, line in enumerate(lines) if line.startswith("*"))
        said = tuple(line.removeprefix("*").strip() for line in lines)
        if len(said) < 2 or not all(said):
            self.add_error("choices", _("Give at least two answers, one on each line."))
        elif len(set(said)) != len(said):
            self.add_error("choices", _("Two of the answers are the same."))
        elif any(len(one) > 300 for one in said):
            self.add_error("choices", _("An answer has at most 300 letters."))
        elif kind == QuestionKind.SINGLE and len(right) != 1:
            self.add_error("choices", _("Begin the one right answer with a star."))
        elif kind == QuestionKind.SEVERAL and not right:
            self.add_error("choices", _("Begin each right answer with a star."))
        elif kind == QuestionKind.ORDER and right:
            self.add_error("choices", _("What is to be put in order has no stars."))
        data["said"], data["right"] = said, right if kind != QuestionKind.ORDER else ()
        return data

    def asked(self) -> Asked:
        data = self.cleaned_data
        is_number = data["kind"] == QuestionKind.NUMBER
        return Asked(
            kind=data["kind"],
            text=data["text"],
            choices=data["said"],
            right=data["right"],
            number=data["number"] if is_number else None,
            within=(data["within"] or Decimal()) if is_number else Decimal(),
            explanation=data["explanation"],
        )


def _initial_question(of: Question) -> dict[str, Any]:
    marked = [f"* {text}" if place in of.right else str(text) for place, text in enumerate(of.choices)]
    number = (
        {"number": of.number.normalize(), "within": of.within.normalize()} if of.number is not None else {}
    )
    return {
        "kind": of.kind,
        "text": of.text,
        "choices": "\n".join(marked),
        "explanation": of.explanation,
        "edits": of.edits,
        **{name: f"{value:f}" for name, value in number.items()},
    }


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        **more,
    )


class DatesForm(forms.Form):
    """Dates on which a course is learnt together, and its seats."""

    starts_on = _day(_("First day"))
    ends_on = _day(_("Last day"))
    enrol_until = _day(
        _("One can enrol until"), required=False, help_text=_("Empty: until the last day; late comers may.")
    )
    capacity = forms.IntegerField(
        label=_("Seats"),
        min_value=1,
        max_value=100_000,
        required=False,
        help_text=_("Empty: as many as want. Beyond them there is a waiting list."),
    )
    note = Line(label=_("Rhythm"), max_length=100, required=False, help_text=_("“four Thursdays”, “one day”"))
    edits = Edits()

    def __init__(self, *args: Any, of: Cohort | None = None, **more: Any) -> None:
        if of is not None:
            names = ("starts_on", "ends_on", "enrol_until", "capacity", "note", "edits")
            more.setdefault("initial", {name: getattr(of, name) for name in names})
        self.of = of
        super().__init__(*args, **more)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in ("starts_on", "ends_on", "enrol_until"):
            day = data.get(name)
            if day is not None and not EARLIEST <= day <= LATEST:
                self.add_error(name, _("Choose a day of this century."))
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day is before the first."))
        is_moved = self.of is None or self.of.ends_on != last
        if last and is_moved and last < timezone.localdate() and "ends_on" not in self.errors:
            self.add_error("ends_on", _("This date has gone by."))
        until = data.get("enrol_until")
        if until and last and until > last:
            self.add_error("enrol_until", _("This is after the last day."))
        return data

    def dates(self) -> Dates:
        data = self.cleaned_data
        return Dates(data["starts_on"], data["ends_on"], data["enrol_until"], data["capacity"], data["note"])


# As long as the original can be.
_LONGEST = {"title": 200, "lead": 300}


class TextsForm(forms.Form):
    """Texts in another language beside the original; an empty one is read in the original."""

    edits = Edits(required=True)

    def __init__(
        self, data: QueryDict | None = None, *, own: dict[str, str], language: str, **more: Any
    ) -> None:
        super().__init__(data, **more)
        self.own = own
        for name, original in own.items():
            if not original:
                continue
            if name not in _LONGEST and ("\n" in original or len(original) > 160):
                rows = min(14, 2 + original.count("\n") + len(original) // 70)
                field: forms.Field = Words(label=_label(name), required=False, rows=rows)
            else:
                field = Line(label=_label(name), required=False, max_length=_LONGEST.get(name, 500))
            if name.endswith("choices"):
                field.help_text = _("One on each line, as many as beside it and in the same order.")
            field.widget.attrs |= {"lang": language, "dir": "auto"}
            self.fields[name] = field

    @property
    def pairs(self) -> list[tuple[Any, str]]:
        """Each field with its original."""
        return [(self[name], original) for name, original in self.own.items() if name in self.fields]

    def texts(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.own if self.cleaned_data.get(name)}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        if not data.get("title"):
            self.add_error("title", _("The title at least has to be translated."))
        for name, original in self.own.items():
            text = data.get(name)
            if name.endswith(".choices") and text and len(_lines(text)) != len(_lines(original)):
                self.add_error(name, _("There are %(n)s answers beside it.") % {"n": len(_lines(original))})
        return data


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _label(name: str) -> Any:
    plain = {
        "title": _("Title"),
        "lead": _("In one sentence"),
        "about": _("What it is about"),
        "outcomes": _("What one can do afterwards"),
        "requires": _("What one should know before"),
        "text": _("Text"),
    }
    if name in plain:
        return plain[name]
    parts = {"text": _("Question"), "choices": _("Answers to choose from"), "explanation": _("Why")}
    return parts[name.rpartition(".")[2]]


class CertificateForm(forms.Form):
    """The name on a certificate, if any."""

    name = Line(
        label=_("Name on the certificate"),
        max_length=150,
        required=False,
        help_text=_("Whoever has the number reads it. Leave it empty for a certificate without a name."),
    )


class FromSessionForm(forms.Form):
    """The session whose recording becomes a module."""

    session = Line(label=_("Code of the session"), max_length=40)

    def __init__(self, *args: Any, by: Visitor, **more: Any) -> None:
        self.by = by
        super().__init__(*args, **more)

    def clean_session(self) -> Session:
        code = self.cleaned_data["session"]
        found = Session.objects.seen_by(self.by).public().filter(code__iexact=code).first()
        if found is None:
            raise forms.ValidationError(_("There is no public session with this code."))
        return found
