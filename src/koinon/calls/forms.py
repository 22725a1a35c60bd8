"""What may be typed about a call: its terms, its dates, its conditions; and by who asks whether a place may apply."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import DEFAULT, ENDONYMS
from koinon.base.visitor import Visitor
from koinon.base.when import Moment
from koinon.calls.actions.writing import Asking, Terms, When
from koinon.calls.check import Case
from koinon.calls.models import Call, Condition, Cutoff
from koinon.calls.models.calls import DEFAULT_ZONE, MOST_SHARE, MOST_SHARE_OF_PRIORITY, kept_by
from koinon.calls.words import WITH_DAY, WITH_NUMBER, WITH_WORDS, Applicant, Currency, Kind
from koinon.network.models import Organisation, Programme
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.places import zones
from koinon.places.models import Place
from koinon.practices import concepts
from koinon.practices.fields import Line, OnePlace, Places, Topics, Words
from koinon.questions.forms import NONCE
from koinon.questions.forms import Words as Question
from koinon.topics.models import Objective

EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)
MOST_MONEY = Decimal("999999999999")
_PRIORITY = [("", _("not known")), ("yes", _("yes")), ("no", _("no"))]
_PRIORITY_OF: dict[bool | None, str] = {None: "", True: "yes", False: "no"}


class Day(forms.DateField):
    """A day of this century, as browsers send it."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            input_formats=["%Y-%m-%d"],
            **more,
        )

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day is not None and not EARLIEST <= day <= LATEST:
            raise forms.ValidationError(_("Choose a day of this century."))
        return day


class Money(forms.DecimalField):
    """A sum: not below nothing, not above what a number can hold here; no NaN, no infinity."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            min_value=0,
            max_value=MOST_MONEY,
            max_digits=14,
            decimal_places=2,
            required=False,
            widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            **more,
        )

    def to_python(self, value: Any) -> Any:
        """Spaces between thousands are how people write it."""
        if isinstance(value, str):
            value = "".join(value.split())
        return super().to_python(value)


class Several(forms.MultipleChoiceField):
    def __init__(self, **more: Any) -> None:
        super().__init__(required=False, widget=forms.CheckboxSelectMultiple, **more)


_GROUPS = (
    (_("What it is"), "keeper title language summary text opener programme objectives topics"),
    (_("Who, and where"), "who who_text places places_says"),
    (_("Money"), "under_priority share least most budget currency"),
    (_("From when"), "opens_on no_deadline"),
    (_("How sure, and where from"), "url sources checked_on certain note disagree"),
    (_("The correction"), "words"),
)


class TermsForm(forms.Form):
    """What is said of a call. Its dates and its conditions have forms of their own."""

    keeper = forms.ChoiceField(label=_("Your body, which keeps this entry"))
    title = Line(label=_("Title"), max_length=200)
    language = forms.ChoiceField(label=_("Language of these words"), choices=list(ENDONYMS.items()))
    summary = Line(label=_("In one sentence"), max_length=300, required=False)
    text = Words(
        label=_("What it is for"),
        required=False,
        rows=6,
        help_text=_("An empty line begins a paragraph."),
    )
    opener = Line(
        label=_("Who opened the call"),
        max_length=200,
        help_text=_("The name of the body, as it stands in the network or in its own words."),
    )
    programme = Line(
        label=_("Programme, if it belongs to one"),
        max_length=60,
        required=False,
        help_text=_("Its CCI number, such as 2021IT05SFPR006, or its key here."),
    )
    url = forms.URLField(
        label=_("Address of its text"), max_length=500, required=False, assume_scheme="https"
    )
    sources = Words(
        label=_("Other sources"),
        required=False,
        rows=2,
        max_length=4000,
        lines_at_most=12,
        help_text=_("One on each line: an address, or what it was read in."),
    )
    who = Several(
        label=_("Who may apply"), choices=Applicant.choices, help_text=_("None chosen: not stated.")
    )
    who_text = Line(label=_("Who may apply, in the words of the call"), max_length=500, required=False)
    places = Places(
        label=_("Where applicants have to be"),
        required=False,
        help_text=_("One on each line: a municipality, a region, a country; EU for all Member States."),
    )
    places_says = Line(label=_("Where, in the words of the call"), max_length=500, required=False)
    objectives = Several(label=_("Objectives of the ESF+"))
    topics = Topics(
        label=_("Topics"), required=False, help_text=_("One on each line, as the glossary names them.")
    )
    under_priority = forms.ChoiceField(
        label=_("Under a priority of social innovation (Article 14)"), choices=_PRIORITY, required=False
    )
    share = forms.DecimalField(
        label=_("EU share at most, in per cent"),
        min_value=Decimal("0.01"),
        max_value=MOST_SHARE,
        max_digits=5,
        decimal_places=2,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    least = Money(label=_("For one project at least"))
    most = Money(label=_("For one project at most"))
    budget = Money(label=_("For all projects together"))
    currency = forms.ChoiceField(label=_("Currency"), choices=Currency.choices)
    opens_on = Day(label=_("Opens on"), required=False, help_text=_("Empty: it is open already."))
    no_deadline = Line(
        label=_("If it has no deadline: until when"),
        max_length=200,
        required=False,
        help_text=_("For example: until the money is spent."),
    )
    checked_on = Day(label=_("Held against its source on"))
    certain = forms.BooleanField(label=_("Sure: read in its own text"), required=False)
    note = Line(label=_("If unsure: what, and why"), max_length=500, required=False)
    disagree = Words(
        label=_("Where sources say different things"),
        required=False,
        rows=2,
        max_length=2000,
        lines_at_most=8,
        help_text=_("One on each line: who says what."),
    )
    words = Line(
        label=_("What was corrected, and why"),
        max_length=500,
        required=False,
        help_text=_("Stands in the history of the call."),
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, by: Visitor, of: Call | None = None) -> None:
        self.by, self.of = by, of
        super().__init__(data, initial=_initial(of))
        letters = [(row.code, str(row)) for row in Objective.objects.all()]
        self.fields["objectives"].choices = letters  # type: ignore[attr-defined]
        if of is None:
            self.keepers = {str(row.pk): row for row in keepers_for(by)}
            keeper = self.fields["keeper"]
            keeper.choices = [(key, row.name) for key, row in self.keepers.items()]  # type: ignore[attr-defined]
        else:
            del self.fields["keeper"]
            self.fields["version"].required = True
        if of is None or not of.is_public:
            del self.fields["words"]

    @property
    def groups(self) -> "list[tuple[Any, list[forms.BoundField]]]":
        """The fields as the page groups them; each heading with those that this form has."""
        found = [
            (heading, [self[name] for name in names.split() if name in self.fields])
            for heading, names in _GROUPS
        ]
        return [(heading, fields) for heading, fields in found if fields]

    def clean_opener(self) -> "tuple[Organisation | None, str]":
        typed = self.cleaned_data["opener"]
        now = self.of.opener if self.of is not None else None
        if now is not None and typed == now.name:
            # As it stands: two bodies of one name do not take the tie to the right one away.
            return (now, "")
        rows = Organisation.objects.seen_by(self.by)
        named = Q(slug=typed) | Q(name__iexact=typed) | Q(name_local__iexact=typed) | Q(acronym__iexact=typed)
        found = list(rows.filter(named)[:2])
        return (found[0], "") if len(found) == 1 else (None, typed)

    def clean_programme(self) -> Programme | None:
        typed = self.cleaned_data["programme"]
        if not typed:
            return None
        found = Programme.objects.public().filter(Q(cci__iexact=typed) | Q(code__iexact=typed)).first()
        if found is None:
            raise forms.ValidationError(_("No programme here has this number."))
        return found

    def clean_sources(self) -> list[str]:
        return _lines(self.cleaned_data["sources"])

    def clean_disagree(self) -> list[str]:
        return _lines(self.cleaned_data["disagree"])

    def clean_checked_on(self) -> date:
        day: date = self.cleaned_data["checked_on"]
        # A day ahead: where it is tomorrow already.
        if day > timezone.localdate() + timedelta(days=1):
            raise forms.ValidationError(_("This day has not come yet."))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        least, most, budget = data.get("least"), data.get("most"), data.get("budget")
        if least is not None and most is not None and least > most:
            self.add_error("most", _("The most is less than the least."))
        if budget is not None and most is not None and most > budget:
            self.add_error("budget", _("All projects together get less than one alone."))
        share = data.get("share")
        if share is not None and data.get("under_priority") == "yes" and share > MOST_SHARE_OF_PRIORITY:
            self.add_error("share", _("Under a priority of Article 14 the EU pays 95 per cent at most."))
        if data.get("certain") is False and "note" in data and not data["note"] and not data.get("disagree"):
            self.add_error("note", _("Say what is unsure about it."))
        opens, closes = data.get("opens_on"), self._last_day()
        if opens is not None and closes is not None and opens > closes:
            self.add_error("opens_on", _("It would open after its last date."))
        return data

    def _last_day(self) -> date | None:
        if self.of is None:
            return None
        return max((one.day for one in self.of.cutoffs.all()), default=None)

    @property
    def chosen_keeper(self) -> Organisation:
        return self.keepers[self.cleaned_data["keeper"]]

    def terms(self) -> Terms:
        """What was typed, as the action takes it."""
        data = self.cleaned_data
        opener, opener_text = data["opener"]
        return Terms(
            title=data["title"],
            language=data["language"],
            summary=data["summary"],
            text=data["text"],
            opener=opener,
            opener_text=opener_text,
            programme=data["programme"],
            who=data["who"],
            who_text=data["who_text"],
            places=tuple(data["places"] or ()),
            places_says=data["places_says"],
            topics=list(data["topics"] or ()),
            objectives=data["objectives"],
            under_priority={"yes": True, "no": False}.get(data["under_priority"]),
            share=data["share"],
            least=data["least"],
            most=data["most"],
            budget=data["budget"],
            currency=data["currency"],
            opens_on=data["opens_on"],
            no_deadline=data["no_deadline"],
            url=data["url"],
            sources=data["sources"],
            checked_on=data["checked_on"],
            certain=data["certain"],
            note=data["note"],
            disagree=data["disagree"],
        )


def _lines(text: str) -> list[str]:
    return [line.strip()[:500] for line in text.splitlines() if line.strip()]


def _initial(of: Call | None) -> dict[str, Any]:
    if of is None:
        return {"language": "en", "currency": "EUR", "certain": True, "checked_on": timezone.localdate()}
    plain = (
        "title language summary text url who who_text places_says objectives share least most budget currency opens_on"
        " no_deadline checked_on certain note version"
    ).split()
    language = get_language() or DEFAULT
    return {
        **{name: getattr(of, name) for name in plain},
        "opener": of.opener_name,
        "programme": (of.programme.cci or of.programme.code) if of.programme else "",
        "sources": "\n".join(of.sources),
        "places": "\n".join(place.key for place in of.places.all()),
        "topics": "\n".join(concepts.label(key, language) for key in of.topics),
        "under_priority": _PRIORITY_OF[of.under_priority],
        "disagree": "\n".join(of.disagree),
    }


def keepers_for(by: Visitor) -> list[Organisation]:
    """The bodies for which somebody may write calls down: own ones, those one leads; as coordinator centres and authorities."""
    if not isinstance(by, NetworkVisitor) or by.person_id is None:
        return []
    kinds = Organisation.Kind
    rows = Organisation.objects.seen_by(by).defer("loaded")
    if by.is_coordinator:
        rows = rows.filter(kind__in=[kinds.CENTRE, kinds.CONSORTIUM, kinds.EUROPEAN_CENTRE, kinds.AUTHORITY])
    else:
        rows = rows.filter(pk__in=kept_by(by))
    return list(rows.order_by("name"))


class DateForm(forms.Form):
    """A cut-off date: a wall time in a zone. One that clocks never show is refused; of one they show twice it is asked which."""

    day = Day(label=_("Until the day"))
    at = forms.TimeField(
        label=_("and the time, by the clocks of the zone"),
        required=False,
        help_text=_("Empty: not stated; then it ends with the day."),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        input_formats=["%H:%M", "%H:%M:%S"],
    )
    zone = forms.ChoiceField(label=_("Time zone"))
    fold = forms.ChoiceField(
        label=_("Which of the two?"),
        choices=[("", "—"), ("0", _("the first, before clocks go back")), ("1", _("the second, after it"))],
        required=False,
        widget=forms.HiddenInput,
    )
    label = Line(label=_("Which date this is, if there are several"), max_length=120, required=False)
    announced = Line(
        label=_("As announced, where that differs"),
        max_length=120,
        required=False,
        help_text=_("In its own words: 17:00 CET."),
    )
    certain = forms.BooleanField(label=_("This date is sure"), required=False)
    words = Line(
        label=_("Words to those who follow it"),
        max_length=500,
        required=False,
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, call: Call | None = None, of: Cutoff | None = None, **more: Any) -> None:
        self.call, self.of = call, of
        more.setdefault("initial", _date_initial(call, of))
        super().__init__(*args, **more)
        self.fields["zone"].choices = [(name, name) for name in zones.offered()]  # type: ignore[attr-defined]
        if call is None:
            for name in ("words", "version"):
                del self.fields[name]
        else:
            self.fields["version"].required = True
            if not call.is_public:
                del self.fields["words"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if any(name not in data for name in ("day", "zone")) or "at" in self.errors:
            return data
        asked, at = data.get("fold") or "", data.get("at")
        if at is not None:
            at = data["at"] = at.replace(second=0, microsecond=0)
            moment = Moment(data["day"], at, data["zone"])
            if not moment.exists:
                self.add_error(
                    "at",
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
                asked = ""
        else:
            asked = ""
        data["fold_number"] = int(asked or 0)
        self._not_before(data)
        return data

    def _not_before(self, data: dict[str, Any]) -> None:
        """A date that has gone by, or lies before the opening, cannot be what is meant."""
        opens = self.call.opens_on if self.call is not None else None
        if opens is not None and data["day"] < opens:
            self.add_error("day", _("This lies before the call opens."))
            return
        if self.call is not None and self.of is not None and self.of.day == data["day"]:
            return
        if When(data["day"], data.get("at"), data["zone"], data["fold_number"]).is_past:
            self.add_error("day", _("This date has gone by."))

    def when(self) -> When:
        data = self.cleaned_data
        return When(
            day=data["day"],
            at=data["at"],
            zone=data["zone"],
            fold=data["fold_number"],
            label=data["label"],
            announced=data["announced"],
            certain=data["certain"],
        )


def _date_initial(call: Call | None, of: Cutoff | None) -> dict[str, Any]:
    version = call.version if call is not None else None
    if of is None:
        zone = call.zone if call is not None else DEFAULT_ZONE
        return {"zone": zone, "certain": True, "version": version}
    plain = "day at zone label announced certain".split()
    fold = str(of.fold) if of.at is not None and of.moment.is_twofold else ""
    return {**{name: getattr(of, name) for name in plain}, "fold": fold, "version": version}


class FirstDateForm(DateForm):
    """The date that a new call begins with; left empty, it gets its dates later."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["day"].required = False

    @property
    def is_given(self) -> bool:
        return bool(self.cleaned_data.get("day"))

    def clean(self) -> dict[str, Any]:
        if not self.cleaned_data.get("day") and "day" not in self.errors:
            if self.cleaned_data.get("at") is not None:
                self.add_error("day", _("Say which day."))
            return self.cleaned_data
        return super().clean()


class ConditionForm(forms.Form):
    """One thing that a call asks, with the text of the call that it rests on."""

    kind = forms.ChoiceField(label=_("What it asks"), choices=Kind.choices)
    number = forms.IntegerField(label=_("How many"), min_value=0, max_value=1000, required=False)
    day = Day(label=_("Which day"), required=False)
    question = Line(
        label=_("The question, in plain words"),
        max_length=300,
        required=False,
        help_text=_("For a question of your own, or for what cannot be settled here."),
    )
    says = Line(label=_("What the call says"), max_length=500, help_text=_("Its own text, word for word."))
    section = Line(
        label=_("Where it says so"), max_length=60, required=False, help_text=_("For example: Section 3.")
    )
    mendable = forms.BooleanField(label=_("Who does not meet it yet can still see to it"), required=False)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, call: Call, of: Condition | None = None, **more: Any) -> None:
        names = ("kind", "number", "day", "question", "says", "section", "mendable")
        start = {name: getattr(of, name) for name in names} if of is not None else {}
        more["initial"] = {**start, "version": call.version}
        super().__init__(*args, **more)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        kind = data.get("kind")
        if kind in WITH_NUMBER:
            if data.get("number") is None and "number" not in self.errors:
                self.add_error("number", _("Say how many."))
            elif kind == Kind.SHARE and (data.get("number") or 0) > 100:
                self.add_error("number", _("A hundred per cent is all there is."))
        elif "number" in data:
            data["number"] = None
        if kind in WITH_DAY:
            if data.get("day") is None and "day" not in self.errors:
                self.add_error("day", _("Say which day."))
        elif "day" in data:
            data["day"] = None
        if kind in WITH_WORDS:
            if not data.get("question") and "question" not in self.errors:
                self.add_error("question", _("Write the question."))
        elif "question" in data:
            data["question"] = ""
        return data

    def asking(self) -> Asking:
        data = self.cleaned_data
        return Asking(
            kind=data["kind"],
            says=data["says"],
            section=data["section"],
            number=data["number"],
            day=data["day"],
            question=data["question"],
            mendable=data["mendable"],
        )


# What is decided upon a report has a way of its own.
_REASONS = [(one.value, one.label) for one in Call.Reason if one != Call.Reason.NOTICE]


class WithdrawForm(forms.Form):
    because = forms.ChoiceField(label=_("Why"), choices=_REASONS, widget=forms.RadioSelect)
    sure = forms.BooleanField(label=_("Yes, take it away for good"))


class CheckForm(forms.Form):
    """A few plain questions; which of them stand here depends on what the call asks. Everything may be left open."""

    place = OnePlace(label=_("Your place"), required=False)
    who = forms.ChoiceField(
        label=_("Who are you?"), choices=Applicant.choices, required=False, widget=forms.RadioSelect
    )
    partners = forms.IntegerField(label=_("Partners so far"), min_value=0, max_value=1000, required=False)
    abroad = forms.IntegerField(
        label=_("Of them from other Member States"), min_value=0, max_value=1000, required=False
    )
    start = Day(label=_("When would you begin?"), required=False)
    months = forms.IntegerField(
        label=_("How many months would it take?"), min_value=0, max_value=1000, required=False
    )
    years = forms.IntegerField(
        label=_("How many years old is your body?"), min_value=0, max_value=1000, required=False
    )
    share = forms.IntegerField(
        label=_("How many per cent can you bring yourselves?"), min_value=0, max_value=100, required=False
    )

    _NEEDED: dict[str, set[str]] = {
        "partners": {Kind.PARTNERS},
        "abroad": {Kind.ABROAD},
        "start": {Kind.START_FROM, Kind.START_UNTIL},
        "months": {Kind.MONTHS_MOST, Kind.MONTHS_LEAST},
        "years": {Kind.YEARS_LEAST, Kind.YEARS_MOST},
        "share": {Kind.SHARE},
    }

    def __init__(self, data: Any, *, conditions: list[Condition]) -> None:
        super().__init__(data)
        kinds = {one.kind for one in conditions}
        for name, needing in self._NEEDED.items():
            if not kinds & needing:
                del self.fields[name]
        self.own = [one for one in conditions if one.kind in {Kind.YES, Kind.NO}]
        for one in self.own:
            self.fields[f"q{one.pk}"] = forms.ChoiceField(
                label=one.question,
                choices=[("yes", _("Yes")), ("no", _("No"))],
                required=False,
                widget=forms.RadioSelect,
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        partners, abroad = data.get("partners"), data.get("abroad")
        if partners is not None and abroad is not None and abroad > partners:
            self.add_error("abroad", _("There cannot be more partners abroad than partners in all."))
        return data

    def case(self) -> Case:
        """What was said; what could not be understood counts as not said."""
        data = self.cleaned_data if self.is_bound and hasattr(self, "cleaned_data") else {}
        place = data.get("place")
        return Case(
            place=place if isinstance(place, Place) else None,
            who=data.get("who") or "",
            partners=data.get("partners"),
            abroad=data.get("abroad"),
            start=data.get("start"),
            months=data.get("months"),
            years=data.get("years"),
            share=data.get("share"),
            own={one.pk: data.get(f"q{one.pk}") or "" for one in self.own},
        )


class AskForm(forms.Form):
    """A question about a call, from a place. `nonce` makes sending it twice the same as sending it once."""

    text = Question(
        label=_("Your question, in any language"),
        max_length=2000,
        error_messages={"required": _("Write your question.")},
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )
    place = OnePlace(
        label=_("The place you ask for"),
        error_messages={"required": _("Name the place you ask for: a municipality, a region or a country.")},
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        help_text=_(
            "Only for this question. Erased 30 days after it has ended. Without it, the private link shows you everything."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    nonce = forms.RegexField(regex=NONCE, required=False, widget=forms.HiddenInput)
