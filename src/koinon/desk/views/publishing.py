"""Publishing an answer: an anonymised copy, checked by a person, for the places where it holds."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest, require
from koinon.desk.forms import PublishForm, WithdrawForm, WordingForm, telling
from koinon.desk.sayings import CHANGED, DONE, ENDED
from koinon.desk.views.acting import after
from koinon.desk.who import found
from koinon.practices.actions.origins import draft_from_experience
from koinon.practices.permissions import may_draft
from koinon.questions.actions import publishing
from koinon.questions.actions.steps import Changed, NotFrom
from koinon.questions.knowledge import origin_key, practice_of
from koinon.questions.life import State
from koinon.questions.models import Answer, Question, Step
from koinon.questions.permissions import (
    may_assign,
    may_change_answer,
    may_prepare_answer,
    may_publish,
    may_work,
)


@governed("C6", GET="R", POST="P")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def publish(request: HttpRequest, number: str) -> HttpResponse:
    """The copy as it would be read; published by who decides at the desk, with the consent of the asker."""
    question = found(request, number)
    if request.method != "POST":
        require(_may_look(request, question))
        return _page(request, question, None)
    require(may_publish(request.visitor, question) or (may_assign(request.visitor, question)))
    form = PublishForm(request.POST, question=question)
    if not form.is_valid():
        return _page(request, question, form, status=422)
    typed = form.cleaned_data
    try:
        publishing.publish(
            question,
            by=request.visitor,
            asked=typed["asked"],
            text=typed["text"],
            language=typed["language"],
            asked_language=typed["asked_language"],
            places=typed["where"],
            topics=typed["topics"],
            sources=typed["sources"],
            programme=typed["programme"],
            valid_until=typed["valid_until"],
            version=typed["copy_version"],
        )
    except Changed:
        form.add_error(None, CHANGED)
        return _page(request, found(request, number), form, status=409)
    except publishing.NoConsent:
        form.add_error(None, _("The asker has not agreed that it is published, or has taken that back."))
        return _page(request, found(request, number), form, status=409)
    except NotFrom:
        form.add_error(None, ENDED)
        return _page(request, found(request, number), form, status=409)
    return after(request, question, "publish", "desk:publish")


@governed("C6", POST="P")
@require_POST
@login_required
def also_asked(request: HttpRequest, number: str) -> HttpResponse:
    """Keep another wording of the same question, in its language."""
    question = found(request, number)
    answer = _published(question)
    require(answer is not None and may_change_answer(request.visitor, answer))
    form = WordingForm(request.POST, auto_id="also_%s")
    if not form.is_valid():
        return _page(request, question, None, status=422, wording=form)
    assert answer is not None
    publishing.also_asked(
        answer, by=request.visitor, text=form.cleaned_data["text"], language=form.cleaned_data["language"]
    )
    return after(request, question, "also_asked", "desk:publish")


@governed("C6", POST="P")
@require_POST
@login_required
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Take the published answer off; its address says so."""
    question = found(request, number)
    answer = _published(question)
    require(answer is not None and may_change_answer(request.visitor, answer))
    form = WithdrawForm(request.POST, auto_id="off_%s")
    if not form.is_valid():
        return _page(request, question, None, status=422, withdrawal=form)
    assert answer is not None
    publishing.withdraw_answer(answer, by=request.visitor, because=form.cleaned_data["reason"])
    return after(request, question, "withdraw", "desk:publish")


@governed("D1", POST="C")
@require_POST
@login_required
def to_practice(request: HttpRequest, number: str) -> HttpResponse:
    """Make the published answer the draft of a practice of the body that answered, once; linked from both ends."""
    question = found(request, number)
    answer = _published(question)
    require(_may_draft(request, question, answer))
    assert answer is not None
    made = draft_from_experience(
        answer.text,
        by=request.visitor,
        organisation=answer.body,
        language=answer.language,
        place=question.place,
        origin=(origin_key(answer), answer.title, answer.get_absolute_url()),
        title=answer.title if answer.asked_language == answer.language else "",
    )
    return redirect(made)


def _may_draft(request: HttpRequest, question: Question, answer: Answer | None) -> bool:
    """Who works the case, as far as drafts of the body that answered are theirs to begin."""
    by = request.visitor
    return answer is not None and may_work(by, question) and may_draft(by, answer.body)


def _may_look(request: HttpRequest, question: Question) -> bool:
    """Who works it or decides about it; without consent the page says that it is missing."""
    by = request.visitor
    return not question.confidential and (may_work(by, question) or may_assign(by, question))


def _published(question: Question) -> Answer | None:
    return Answer.objects.public().filter(question=question).select_related("body").first()


def _page(
    request: HttpRequest,
    question: Question,
    form: PublishForm | None,
    status: int = 200,
    wording: forms.Form | None = None,
    withdrawal: forms.Form | None = None,
) -> HttpResponse:
    answer = _published(question)
    by = request.visitor
    may_begin = _may_draft(request, question, answer)
    may_decide = may_publish(by, question) and question.state == State.ANSWERED
    if form is None:
        form = PublishForm(question=question, initial=_initial(question, answer))
    texts = [str(form["asked"].value() or ""), str(form["text"].value() or "")]
    context: dict[str, Any] = {
        "question": question,
        "form": form,
        "published": answer,
        # As it is now: what was typed is shown again beside it, and sending it anew is a decision.
        "copy_version": publishing.version_of(question),
        "told": telling(*texts),
        "may_publish": may_decide or form.is_bound,
        "may_prepare": may_prepare_answer(by, question),
        "may_draft": may_begin,
        # A draft is its people's; that there is one is said to nobody else.
        "practice": practice_of(answer, public=not may_begin) if answer is not None else None,
        "may_change": answer is not None and may_change_answer(by, answer),
        "wording": wording or WordingForm(auto_id="also_%s", initial={"language": question.language}),
        "wordings": list(answer.wordings.all()) if answer is not None else [],
        "withdrawal": withdrawal or WithdrawForm(auto_id="off_%s"),
        "form_trouble": next((one for one in (form, wording, withdrawal) if one and one.is_bound), None),
        "done": DONE.get(request.GET.get("done", "")),
    }
    return render(request, "desk/publish.html", context, status=status)


def _initial(question: Question, answer: Answer | None) -> dict[str, Any]:
    """What the form begins with: the copy that is there, or else the words as they were written."""
    if answer is not None:
        around = {question.place.code, *question.place.ancestor_codes()}
        places = list(answer.places.all())
        return {
            "asked": answer.asked,
            "text": answer.text,
            "language": answer.language,
            "asked_language": answer.asked_language,
            "places": [place.code for place in places if place.code in around],
            "more_places": "\n".join(place.key for place in places if place.code not in around),
            "topics": answer.topics,
            "sources": "\n".join(answer.sources),
            "no_source": not answer.sources,
            "programme": answer.programme_id,
            "valid_until": answer.valid_until,
        }
    asked, text = publishing.draft_of(question)
    said = question.steps.filter(kind=Step.Kind.ANSWERED).last()
    return {
        "asked": asked,
        "text": text,
        "language": said.language if said is not None else question.language,
        "asked_language": question.language,
        "places": [question.place.code],
        "topics": question.topics,
        "valid_until": _in_two_years(timezone.localdate()),
    }


def _in_two_years(day: date) -> date:
    return date(day.year + 2, 12, 31)
