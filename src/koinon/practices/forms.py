"""What may be typed about a practice, its review, its adoption, its translation and its pictures."""

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import DEFAULT, ENDONYMS
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.people.models import Person
from koinon.practices import concepts
from koinon.practices.actions.adopting import Told
from koinon.practices.actions.reviewing import Findings
from koinon.practices.content import Content
from koinon.practices.fields import Line, Links, OnePlace, Places, Several, Topics, Words, lines_field
from koinon.practices.models import Adoption, Practice, Review, Version
from koinon.practices.permissions import is_only_staff
from koinon.practices.words import TEXTS, Cost, Evidence, EvidenceKind, Kind, Level, Stage, Target, Why

LANGUAGES = list(ENDONYMS.items())
FIRST_YEAR, LAST_YEAR = 1950, 2099
EARLIEST = date(1990, 1, 1)
GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_("What it is"), ("kind", "language", "title", "summary", "who", "challenge", "approach", "steps")),
    (
        _("For whom, where, since when"),
        ("targets", "objectives", "topics", "places", "level", "stage", "begun", "ended"),
    ),
    (_("What it costs"), ("cost", "amount", "costs", "funding", "time_to_start")),
    (_("What it brought"), ("evidence", "evidence_kind", "evidence_text", "results", "not_shown")),
    (
        _("What somebody else needs"),
        ("law", "money", "staff", "time_needed", "partners", "must_stay", "may_change", "stops", "lessons"),
    ),
    (_("Where to read on"), ("links",)),
)


def _objectives() -> list[tuple[str, str]]:
    from koinon.practices.listing import objectives

    return [(code, f"{code} · {words}") for code, words in objectives().items()]


class ContentForm(forms.Form):
    """All that is told of a practice, part by part, each with a word on what helps a reader elsewhere."""

    organisation = forms.ChoiceField(label=_("On behalf of"), required=False)
    kind = forms.ChoiceField(
        label=_("How did it go?"),
        choices=Kind.choices,
        initial=Kind.WORKED,
        help_text=_("What did not work is as welcome: it spares others the same way."),
    )
    language = forms.ChoiceField(label=_("Language in which you write"), choices=LANGUAGES)
    title = Line(label=_("Title"), max_length=200, help_text=_("What is done, in a few words; no slogan."))
    summary = Line(
        label=_("In one sentence"),
        max_length=300,
        required=False,
        help_text=_("Who does what for whom. Lists and search show this sentence."),
    )
    who = Line(label=_("Who ran it"), max_length=300, required=False)
    challenge = Words(
        label=_("The challenge"),
        required=False,
        help_text=_("What was the matter before, for whom, and how was that known?"),
    )
    approach = Words(
        label=_("The approach"),
        rows=6,
        required=False,
        help_text=_("What was done differently. An empty line begins a paragraph."),
    )
    steps = lines_field(
        _("Step by step"), _("One on each line: when, a colon, what. “Month 1: Two heads of service agree.”")
    )
    targets = Several(label=_("For whom"), choices=Target.choices)
    objectives = Several(label=_("Objectives of the ESF+"))
    topics = Topics(
        label=_("Topics"), required=False, help_text=_("Words of the field, between commas or on lines.")
    )
    places = Places(
        label=_("Where"),
        required=False,
        help_text=_("One place on each line: a municipality, a region or a country."),
    )
    level = forms.ChoiceField(label=_("Level of action"), choices=Level.choices, initial=Level.LOCAL)
    stage = forms.ChoiceField(label=_("Stage"), choices=Stage.choices, initial=Stage.RUNNING)
    begun = forms.IntegerField(
        label=_("Begun in the year"), min_value=FIRST_YEAR, max_value=LAST_YEAR, required=False
    )
    ended = forms.IntegerField(
        label=_("Ended in the year"),
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        required=False,
        help_text=_("Empty: it goes on."),
    )
    cost = forms.ChoiceField(
        label=_("Cost in a year"), choices=[("", _("not known")), *Cost.choices], required=False
    )
    amount = Line(
        label=_("The amount, as you would tell it"),
        max_length=60,
        required=False,
        help_text=_("“€60 000–85 000”, “€2 300 a learner”"),
    )
    costs = lines_field(
        _("What it is spent on"),
        _("One on each line: what, a |, the amount. “Coordinator, half time | €31 000”"),
    )
    funding = Line(
        label=_("Funding"), max_length=300, required=False, help_text=_("Who pays: programmes, own budget.")
    )
    time_to_start = Line(
        label=_("How long it took to start"), max_length=100, required=False, help_text=_("“Five months”")
    )
    evidence = forms.TypedChoiceField(
        label=_("How well is it shown?"),
        choices=Evidence.choices,
        coerce=int,
        initial=Evidence.NONE,
        help_text=_("Choose the step that you can show, not the one you hope for."),
    )
    evidence_kind = forms.ChoiceField(
        label=_("By what"), choices=[("", _("not stated")), *EvidenceKind.choices], required=False
    )
    evidence_text = Words(label=_("The evidence, in words"), required=False)
    results = lines_field(
        _("Results"),
        _(
            "One on each line: what | with it | before | how many people. “In work or learning, Gent | 46 % | 31 % | 412”"
        ),
    )
    not_shown = Words(
        label=_("What it does not show"),
        required=False,
        rows=2,
        help_text=_("Said openly, the rest is believed."),
    )
    law = Words(label=_("Law"), required=False, rows=2, help_text=_("Which legal ground does it need?"))
    money = Words(label=_("Money"), required=False, rows=2)
    staff = Words(label=_("Staff"), required=False, rows=2, help_text=_("Which skills, how many hours?"))
    time_needed = Words(label=_("Time"), required=False, rows=2, help_text=_("Until it shows an effect."))
    partners = Words(label=_("Partners"), required=False, rows=2)
    must_stay = Words(
        label=_("Must stay"), required=False, rows=2, help_text=_("Without this it is another thing.")
    )
    may_change = Words(label=_("May change"), required=False, rows=2)
    stops = Words(label=_("Stops it"), required=False, rows=2, help_text=_("What to check in month one."))
    lessons = Words(label=_("Lessons"), required=False, help_text=_("What you would do otherwise today."))
    links = Links(label=_("Links"), required=False, help_text=_("One on each line: label | https://…"))
    edits = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: QueryDict | None = None, *, by: Visitor, of: Version | None = None, **more: Any
    ) -> None:
        self.of = of
        super().__init__(data, initial=initial_of(of) | more.pop("initial", {}), **more)
        self.fields["objectives"].choices = _objectives()  # type: ignore[attr-defined]
        if of is None:
            self.organisations = {str(row.pk): row for row in organisations_for(by)}
            alone = [] if is_only_staff(by) else [("", _("myself"))]
            self.fields["organisation"].choices = [  # type: ignore[attr-defined]
                *alone,
                *((key, row.name) for key, row in self.organisations.items()),
            ]
            self.fields["organisation"].required = not alone
            if not self.organisations:
                del self.fields["organisation"]
        else:
            del self.fields["organisation"]
            self.fields["edits"].required = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        begun, ended = data.get("begun"), data.get("ended")
        if begun and ended and ended < begun:
            self.add_error("ended", _("It cannot end before it begins."))
        return data

    @property
    def chosen_organisation(self) -> Organisation | None:
        return self.organisations.get(self.cleaned_data.get("organisation") or "")

    @property
    def groups(self) -> list[tuple[Any, list[Any]]]:
        """The fields in the parts in which they are asked."""
        found = [(heading, [self[name] for name in names]) for heading, names in GROUPS]
        if "organisation" in self.fields:
            found[0][1].insert(0, self["organisation"])
        return found

    def content(self) -> Content:
        """What was typed, as the actions take it."""
        data = self.cleaned_data
        given = {name: data[name] for name in Content.__dataclass_fields__ if name in data}
        given["places"], given["topics"] = tuple(data["places"] or ()), tuple(data["topics"] or ())
        given["links"] = tuple(data["links"] or ())
        return Content(**given)


def initial_of(of: Version | None) -> dict[str, Any]:
    """What stands in the form to begin with."""
    if of is None:
        return {"language": get_language() or DEFAULT}
    plain = {name: getattr(of, name) for name in Content.__dataclass_fields__ if name not in {"places"}}
    language = get_language() or DEFAULT
    return plain | {
        "places": "\n".join(f"{place.display_name()} ({place.key})" for place in of.places.order_by("pk")),
        "topics": ", ".join(concepts.label(key, language) for key in of.topics),
        "links": "\n".join(f"{label} | {address}" for label, address in of.links),
        "edits": of.edits,
    }


def organisations_for(by: Visitor) -> list[Organisation]:
    """The bodies on whose behalf somebody may write: those in which one holds a role."""
    if not isinstance(by, NetworkVisitor) or by.person_id is None:
        return []
    kinds = {"editor", "manager", "authority", "innovator"}
    held = {role.organisation_id for role in by.roles if role.kind in kinds and role.organisation_id}
    return list(Organisation.objects.filter(pk__in=held).defer("loaded").order_by("name"))


class PictureForm(forms.Form):
    """A picture with words for those who do not see it."""

    description = Line(
        label=_("What is to be seen"),
        max_length=300,
        help_text=_("For those who do not see it. Nobody recognisable without their consent."),
    )
    credit = Line(label=_("Whose picture it is"), max_length=200, required=False)
    # Read from the files of the request by the view, where it is washed.


# Nothing is chosen beforehand: who reviews has looked at each.
_LOOKS = [("", "—"), *Review.Look.choices]


class ReviewForm(forms.Form):
    """Four things looked at, each with reasons; a decision; words to the author; a note for colleagues."""

    _hints = {
        "scope": _("Is it about social innovation, and is it clear what was done for whom?"),
        "approach": _("Could somebody else do it after reading this?"),
        "results": _("Does the evidence carry what is claimed, and is it said what it does not show?"),
        "transfer": _("Are law, money, staff, time and partners told?"),
    }
    scope = forms.ChoiceField(label=_("Scope"), choices=_LOOKS)
    scope_because = Words(label=_("Scope, why"), rows=2, max_length=3000)
    approach = forms.ChoiceField(label=_("Approach"), choices=_LOOKS)
    approach_because = Words(label=_("Approach, why"), rows=2, max_length=3000)
    results = forms.ChoiceField(label=_("Results"), choices=_LOOKS)
    results_because = Words(label=_("Results, why"), rows=2, max_length=3000)
    transfer = forms.ChoiceField(label=_("Transfer"), choices=_LOOKS)
    transfer_because = Words(label=_("Transfer, why"), rows=2, max_length=3000)
    decision = forms.ChoiceField(
        label=_("Decision"), choices=Review.Decision.choices, widget=forms.RadioSelect
    )
    words = Words(label=_("Words to the author"), max_length=4000, required=False)
    note = Words(
        label=_("Note for those who decide"),
        rows=2,
        max_length=3000,
        required=False,
        help_text=_("The author does not read this."),
    )
    is_named = forms.BooleanField(label=_("The author may know that it was me"), required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name, hint in self._hints.items():
            self.fields[name].help_text = hint

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("decision") in {"changes", "decline"} and not data.get("words"):
            self.add_error("words", _("Say in words what is asked for, or why it is not taken up."))
        return data

    def findings(self) -> Findings:
        return Findings(**{name: self.cleaned_data[name] for name in Findings.__dataclass_fields__})


class NoteForm(forms.Form):
    note = Words(label=_("Note for those who decide"), rows=2, max_length=3000)


class AssignForm(forms.Form):
    """Whom to ask."""

    to = forms.ChoiceField(label=_("Who reviews it"))

    def __init__(self, *args: Any, people: dict[Person, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.people = {str(one.pk): one for one in people}
        self.fields["to"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), f"{one.name or _('somebody without a name')}, {where}")
            for one, where in people.items()
        ]

    @property
    def chosen(self) -> Person:
        return self.people[self.cleaned_data["to"]]


class WithdrawForm(forms.Form):
    because = forms.ChoiceField(
        label=_("Why"),
        choices=[pair for pair in Why.choices if pair[0] != Why.NOTICE],
        help_text=_("The place where it stood goes on telling this reason, and nothing else."),
    )


class AdoptionForm(forms.Form):
    """That it was taken over: by whom, where, since when, what was changed, what came of it."""

    adopter = forms.ChoiceField(label=_("Who took it over"), required=False)
    adopter_text = Line(
        label=_("Another body, by its name"),
        max_length=200,
        required=False,
        help_text=_("A municipality, an association, an enterprise; no name of a person."),
    )
    place = OnePlace(label=_("Where"))
    since = forms.DateField(
        label=_("Since"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )
    stage = forms.ChoiceField(label=_("Where it stands"), choices=Adoption.Stage.choices)
    language = forms.ChoiceField(label=_("Language in which you write"), choices=LANGUAGES)
    changed = Words(label=_("What was changed"), required=False, rows=3, max_length=4000)
    result = Words(label=_("What came of it"), required=False, rows=3, max_length=4000)
    dropped_because = Words(
        label=_("Why it was dropped"),
        required=False,
        rows=2,
        max_length=4000,
        help_text=_("Only where it was dropped. Others learn most from this line."),
    )
    leads_to = Line(
        label=_("Your own practice here, if you told of it"),
        max_length=200,
        required=False,
        help_text=_("Its address, or the last part of it."),
    )
    edits = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | dict[str, Any] | None = None,
        *,
        by: Visitor,
        origin: Practice,
        of: Adoption | None = None,
    ) -> None:
        self.by, self.origin, self.of = by, origin, of
        super().__init__(data, initial=_adoption_initial(of))
        rows = organisations_for(by)
        if of is not None and of.adopter is not None and of.adopter not in rows:
            rows.append(of.adopter)
        self.organisations = {str(row.pk): row for row in rows}
        self.fields["adopter"].choices = [  # type: ignore[attr-defined]
            ("", _("another body")),
            *((key, row.name) for key, row in self.organisations.items()),
        ]
        if not self.organisations:
            del self.fields["adopter"]
            self.fields["adopter_text"].label = _("Who took it over")
        if of is not None:
            self.fields["edits"].required = True

    def clean_since(self) -> date:
        day: date = self.cleaned_data["since"]
        if not EARLIEST <= day <= timezone.localdate():
            raise forms.ValidationError(_("Choose a day that has been."))
        return day

    def clean_leads_to(self) -> Practice | None:
        typed = str(self.cleaned_data["leads_to"]).rstrip("/").rsplit("/", 1)[-1]
        if not typed:
            return None
        found = Practice.objects.seen_by(self.by).filter(slug=typed[:120]).first()
        if found is None or found.pk == self.origin.pk:
            raise forms.ValidationError(_("There is no such practice of yours here."))
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("adopter") and not data.get("adopter_text"):
            self.add_error("adopter_text", _("Say who took it over."))
        if data.get("stage") == Adoption.Stage.DROPPED and not data.get("dropped_because"):
            self.add_error("dropped_because", _("Say why it was dropped."))
        return data

    def told(self) -> Told:
        data = self.cleaned_data
        adopter = self.organisations.get(data.get("adopter") or "")
        return Told(
            place=data["place"],
            since=data["since"],
            stage=data["stage"],
            language=data["language"],
            adopter=adopter,
            adopter_text="" if adopter is not None else data["adopter_text"],
            changed=data["changed"],
            result=data["result"],
            dropped_because=data["dropped_because"],
            leads_to=data["leads_to"],
        )


def _adoption_initial(of: Adoption | None) -> dict[str, Any]:
    if of is None:
        return {"language": get_language() or DEFAULT}
    names = "adopter_text since stage language changed result dropped_because edits".split()
    return {name: getattr(of, name) for name in names} | {
        "adopter": str(of.adopter_id or ""),
        "place": f"{of.place.display_name()} ({of.place.key})",
        "leads_to": of.leads_to.slug if of.leads_to is not None else "",
    }


class TranslationForm(forms.Form):
    """A version in another language, text by text beside the original; an empty one is read in the original."""

    edits = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, version: Version, language: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.version, self.language = version, language
        for name in TEXTS:
            original = getattr(version, name)
            if not original:
                continue
            label = str(Version._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            label = label[:1].upper() + label[1:]
            if name in {"title", "summary", "who", "funding", "time_to_start"}:
                field: forms.Field = Line(label=label, required=False, max_length=400)
            else:
                rows = min(14, 2 + original.count("\n") + len(original) // 70)
                field = Words(label=label, required=False, rows=rows, max_length=16_000)
            field.widget.attrs |= {"lang": language, "dir": "auto"}
            self.fields[name] = field

    @property
    def pairs(self) -> list[tuple[Any, str]]:
        """Each field with its original."""
        return [(self[name], getattr(self.version, name)) for name in TEXTS if name in self.fields]

    def texts(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in TEXTS if self.cleaned_data.get(name)}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("title") and not self.errors:
            self.add_error("title", _("The title at least has to be translated."))
        return data
