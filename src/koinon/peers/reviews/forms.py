"""What may be typed of a review: the host's words, an application and its answer, the agenda, recommendations, the follow-up."""

import secrets
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from koinon.base.languages import DEFAULT
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation
from koinon.peers.forms import (
    LANGUAGES,
    NONCE,
    day_field,
    edits_field,
    place_words,
    topic_words,
    working_languages,
)
from koinon.peers.models.entries import SEEKERS, held
from koinon.peers.reviews.actions.following import Recommended
from koinon.peers.reviews.actions.writing import Slot, Words
from koinon.peers.reviews.models import Application, Item, PeerReview, Recommendation
from koinon.peers.reviews.telling import host_people
from koinon.peers.reviews.words import MOST_PEERS, Answer, Progress, ReviewKind
from koinon.peers.words import LONGEST
from koinon.people.models import Person
from koinon.practices.fields import Line, OnePlace, Several, Topics
from koinon.practices.fields import Words as Text


def _nonce() -> str:
    return secrets.token_urlsafe(16)


def nonce_field() -> forms.RegexField:
    return forms.RegexField(regex=NONCE, widget=forms.HiddenInput)


def hosts_for(by: Visitor) -> list[Organisation]:
    """The bodies for which somebody may host."""
    there = held(by, SEEKERS)
    return list(Organisation.objects.filter(pk__in=there).order_by("name")) if there else []


_QUESTIONS = {
    ReviewKind.REVIEW: (
        _("Your question to the peers"),
        _("“Why do people leave our one-door office before the second visit?”"),
    ),
    ReviewKind.VISIT: (_("What visitors can learn"), _("“How three services came to share one counter”")),
    ReviewKind.MENTORING: (
        _("What the mentoring is about"),
        _("“Half a year at the side of somebody who has led a new centre”"),
    ),
}


class ReviewForm(forms.Form):
    """All that a host says: the question, the terms, the days, whom it looks for until when."""

    host = forms.ChoiceField(label=_("Who hosts"))
    title = Line(label=_("Title"), max_length=160)
    question = Text(label="", rows=4, max_length=4000)
    topics = Topics(label=_("Topics"), help_text=_("Words of the field, between commas or on lines."))
    languages = Several(label=_("Languages in which you work"))
    place = OnePlace(label=_("Where"), required=False, help_text=_("A place. Empty: online."))
    first_day = day_field(_("First day"))
    last_day = day_field(_("Last day"), help_text=_("For a single day the same day."))
    terms = Text(
        label=_("Terms"),
        rows=4,
        max_length=4000,
        help_text=_("Who pays what: travel, nights, meals, work. What is expected of a peer."),
    )
    wanted = forms.IntegerField(label=_("How many peers"), min_value=1, max_value=MOST_PEERS, initial=3)
    call_until = day_field(
        _("The call for peers closes after"), help_text=_("It closes by itself once this day is over.")
    )
    inner = Text(
        label=_("For the peers alone"),
        rows=4,
        max_length=8000,
        required=False,
        help_text=_(
            "Papers, links, how to get there. Only your own people and the accepted peers read this."
        ),
    )
    language = forms.ChoiceField(label=_("Language in which you write"), choices=LANGUAGES)
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False, widget=forms.HiddenInput)
    nonce = forms.RegexField(regex=NONCE, required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: QueryDict | None = None, *, by: Visitor, kind: str, of: PeerReview | None = None
    ) -> None:
        self.of, self.kind = of, ReviewKind(kind)
        super().__init__(data, initial=_initial(of))
        label, example = _QUESTIONS[self.kind]
        self.fields["question"].label, self.fields["question"].help_text = label, example
        self.fields["languages"].choices = working_languages()  # type: ignore[attr-defined]
        if self.kind == ReviewKind.MENTORING:
            del self.fields["wanted"]
        self.bodies = {str(row.pk): row for row in hosts_for(by)} if of is None else {}
        if of is None:
            self.fields["host"].choices = [(key, row.name) for key, row in self.bodies.items()]  # type: ignore[attr-defined]
        else:
            del self.fields["host"]

    @property
    def chosen_host(self) -> Organisation:
        return self.bodies[self.cleaned_data["host"]]

    def _stood(self, name: str) -> Any:
        return getattr(self.of, name) if self.of is not None else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        today = timezone.localdate()
        for name in ("first_day", "call_until"):
            day: date | None = data.get(name)
            # What stood there may stay, though it lies behind us by now.
            if day and day != self._stood(name) and not today <= day <= today + LONGEST:
                self.add_error(name, _("Choose a day from today on, within three years."))
        first, last, until = data.get("first_day"), data.get("last_day"), data.get("call_until")
        if first and last and not first <= last <= first + LONGEST:
            self.add_error("last_day", _("The last day cannot lie before the first."))
        if first and until and until > first:
            self.add_error("call_until", _("The call for peers closes before the days begin."))
        if self.of is not None and data.get("wanted") is not None:
            accepted = self.of.applications.filter(answer=Answer.ACCEPTED).count()
            if data["wanted"] < accepted:
                self.add_error("wanted", _("You have accepted more peers than that."))
        return data

    def told(self) -> Words:
        data = self.cleaned_data
        names = (
            "language title question terms first_day last_day call_until topics languages place inner".split()
        )
        return Words(**{name: data[name] for name in names}, wanted=data.get("wanted") or 1)


def _initial(of: PeerReview | None) -> dict[str, Any]:
    if of is None:
        return {"language": get_language() or DEFAULT, "nonce": _nonce()}
    names = (
        "title question languages first_day last_day terms wanted call_until inner language version".split()
    )
    return {name: getattr(of, name) for name in names} | {
        "topics": topic_words(of.topics),
        "place": place_words(of.place),
    }


class ApplyForm(forms.Form):
    """Why somebody would come as a peer."""

    body = forms.ChoiceField(label=_("On behalf of"), required=False)
    reason = Text(
        label=_("Why you would come"),
        rows=4,
        max_length=2000,
        help_text=_("What you bring, and what you hope to take home. Only the host reads this."),
    )
    named = forms.BooleanField(
        label=_("If I come, everybody may read my name on the page"),
        required=False,
        help_text=_("For a body its name. You can change this at any time."),
    )
    language = forms.ChoiceField(label=_("Language in which you write"), choices=LANGUAGES)
    terms_version = edits_field()

    def __init__(self, data: QueryDict | None = None, *, by: Visitor, review: PeerReview) -> None:
        start = {"language": get_language() or DEFAULT, "terms_version": review.terms_version}
        super().__init__(data, initial=start)
        self.bodies = {str(row.pk): row for row in hosts_for(by)}
        if self.bodies:
            self.fields["body"].choices = [  # type: ignore[attr-defined]
                *((key, row.name) for key, row in self.bodies.items()),
                ("", _("myself")),
            ]
            self.fields["body"].initial = next(iter(self.bodies))
        else:
            del self.fields["body"]

    @property
    def chosen_body(self) -> Organisation | None:
        return self.bodies.get(self.cleaned_data.get("body") or "")


class AnswerForm(forms.Form):
    """The host's answer to who would come."""

    decision = forms.ChoiceField(
        label=_("Your answer"),
        choices=[("accept", _("Accept")), ("decline", _("Decline"))],
        widget=forms.RadioSelect,
    )
    words = Text(
        label=_("A few words"), rows=3, max_length=2000, help_text=_("They go to the applicant by mail.")
    )

    def __init__(self, data: QueryDict | None = None, *, application: Application) -> None:
        super().__init__(data, auto_id=f"id_a{application.pk}_%s")


class ItemForm(forms.Form):
    """One item of the agenda."""

    day = day_field(_("Day"))
    begins = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(
        label=_("Until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    title = Line(label=_("What"), max_length=200)
    who = Line(
        label=_("Who"),
        max_length=200,
        required=False,
        help_text=_("Everybody reads this: only names of those who agreed to it."),
    )
    edits = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False, widget=forms.HiddenInput)
    nonce = forms.RegexField(regex=NONCE, required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, review: PeerReview, of: Item | None = None) -> None:
        self.review = review
        start: dict[str, Any] = {"day": review.first_day, "nonce": _nonce()}
        if of is not None:
            start = {name: getattr(of, name) for name in "day begins ends title who edits".split()}
        super().__init__(data, initial=start)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        day, begins, ends = data.get("day"), data.get("begins"), data.get("ends")
        if day and not self.review.first_day <= day <= self.review.last_day:
            self.add_error("day", _("This day is none of the days from the first to the last."))
        if begins and ends and ends <= begins:
            self.add_error("ends", _("It cannot end before it begins."))
        return data

    def told(self) -> Slot:
        data = self.cleaned_data
        return Slot(data["day"], data["begins"], data["ends"], data["title"], data["who"])


class RecommendationForm(forms.Form):
    """One recommendation: what, whose, until when, how it stands."""

    text = Text(label=_("What is recommended"), rows=3, max_length=2000)
    owner = forms.ChoiceField(
        label=_("Who sees to it"),
        required=False,
        help_text=_(
            "Everybody reads that it is somebody of the host; the name only your people and the peers."
        ),
    )
    due = day_field(_("Until when"))
    progress = forms.ChoiceField(
        label=_("How it stands"),
        choices=[(value, capfirst(label)) for value, label in Progress.choices],
        initial=Progress.OPEN,
    )
    why = Text(
        label=_("Why it is dropped"),
        rows=2,
        max_length=1000,
        required=False,
        help_text=_("Only where it is dropped."),
    )
    edits = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False, widget=forms.HiddenInput)
    nonce = forms.RegexField(regex=NONCE, required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: QueryDict | None = None, *, review: PeerReview, of: Recommendation | None = None
    ) -> None:
        self.review, self.of = review, of
        start: dict[str, Any] = {"nonce": _nonce(), "owner": ""}
        if of is not None:
            start = {name: getattr(of, name) for name in "text due progress why edits".split()}
            start["owner"] = str(of.owner_id or "")
        super().__init__(data, initial=start)
        people = list(host_people(review))
        if of is not None and of.owner is not None and of.owner not in people:
            # Who has left the host keeps it until somebody else takes it.
            people.append(of.owner)
        self.people: dict[str, Person] = {str(person.pk): person for person in people}
        self.fields["owner"].choices = [  # type: ignore[attr-defined]
            ("", review.organisation.name),
            *((key, person.name or _("somebody of the host")) for key, person in self.people.items()),
        ]

    def clean_due(self) -> date:
        day: date = self.cleaned_data["due"]
        stood = self.of.due if self.of is not None else None
        first = self.review.first_day
        if day != stood and not first <= day <= timezone.localdate() + LONGEST:
            raise forms.ValidationError(_("Choose a day after the first of the days, within three years."))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("progress") == Progress.DROPPED and not data.get("why") and "why" not in self.errors:
            self.add_error("why", _("Say why it is dropped."))
        return data

    def told(self) -> Recommended:
        data = self.cleaned_data
        return Recommended(
            text=data["text"],
            due=data["due"],
            owner=self.people.get(data["owner"] or ""),
            progress=data["progress"],
            why=data["why"],
        )


class FollowUpForm(forms.Form):
    """Half a year later: what changed."""

    words = Text(
        label=_("What changed?"),
        rows=6,
        max_length=4000,
        help_text=_(
            "That nothing changed helps others too. All see it once you let the recommendations be seen."
        ),
    )
    version = edits_field()

    def __init__(self, data: QueryDict | None = None, *, of: PeerReview) -> None:
        super().__init__(data, initial={"words": of.changed_words, "version": of.version})


class CancelForm(forms.Form):
    """Why it does not take place."""

    words = Text(
        label=_("Why it is called off"),
        rows=3,
        max_length=2000,
        help_text=_("Whoever applied or was to come gets it by mail; it stands on the page, too."),
    )
