"""One case: everything that is known of it, and what may be done with it."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest
from koinon.base.workdays import working_days_between
from koinon.calls.beside import call_of
from koinon.desk import boxes, keeping, presence, routes
from koinon.desk.forms import (
    AssignForm,
    DeclineForm,
    FilterForm,
    ForwardForm,
    GiveBackForm,
    LanguageForm,
    MergeForm,
    NewDateForm,
    NoteForm,
    ReplyForm,
)
from koinon.desk.sayings import DONE
from koinon.desk.templates_of_words import sentence, sentences
from koinon.desk.views.inbox import chosen, kept
from koinon.desk.who import confidential_number, found, on_desk, worker
from koinon.network.visitor import Visitor
from koinon.people.step_up import used_passkey
from koinon.places.models import Place
from koinon.questions import routing
from koinon.questions.about import about_of
from koinon.questions.life import OPEN, State
from koinon.questions.matching import Match, matches
from koinon.questions.models import Answer, Assignment, File, Question, Request, Step
from koinon.questions.permissions import (
    is_assigned,
    may_assign,
    may_prepare_answer,
    may_publish,
    may_read_notes,
    may_take_over,
    may_work,
)
from koinon.questions.permissions_support import may_add_files, may_read_files
from koinon.questions.staff import people_at

NEIGHBOURS = 7
_LOOKED_AT = 200


@governed("C1", GET="R")
@require_safe
@login_required
def case(request: HttpRequest, number: str) -> HttpResponse:
    """The case as it is now. A confidential one leads on to its own page, where it is worked."""
    if secret := confidential_number(request, number):
        return redirect("support:request", number=secret)
    return page(request, found(request, number))


@governed("C1", GET="R")
@require_safe
@login_required
def state(request: HttpRequest, number: str) -> HttpResponse:
    """For the open page: whether the case changed, and who else looks at it."""
    question = found(request, number)
    visitor = worker(request)
    presence.look_in(question, visitor.person)
    steps = _steps(question, visitor)
    answer = {
        "version": question.version,
        "step": steps.order_by("pk").values_list("pk", flat=True).last() or 0,
        "others": presence.others(question, visitor.person),
    }
    response = JsonResponse(answer)
    response.headers["Cache-Control"] = "no-store"
    return response


def page(request: HttpRequest, question: Question, status: int = 200, **typed: forms.Form) -> HttpResponse:
    """The case, with what somebody typed where it could not be done."""
    visitor = worker(request)
    today = timezone.localdate()
    presence.look_in(question, visitor.person)
    rights = _rights(visitor, question, typed)
    steps = list(_steps(question, visitor).select_related("by_body", "by_person"))
    context: dict[str, Any] = {
        "question": question,
        "row": boxes.row(question, today),
        "left": working_days_between(today, question.due, routing.country_of(question.desk)),
        "region": _region(question),
        "why": routing.reason_words(question.because),
        "steps": steps,
        "last_step": steps[-1].pk if steps else 0,
        "files": _files(question, steps) if may_read_files(visitor, question) else {},
        "may_add_files": may_add_files(visitor, question),
        "support": Request.objects.seen_by(visitor).filter(question=question).exists(),
        "others": presence.others(question, visitor.person),
        "began_at": call_of(question),
        "about": about_of(question),
        "assigned": _assigned(question),
        "joined": list(question.merged.filter(confidential=False).select_related("place")[:20]),
        "published": Answer.objects.public().filter(question=question).first(),
        "fitting": _fitting(question, today) if rights["reply"] else [],
        "sentences": sentences(question.language) if rights["reply"] else [],
        "may": rights,
        "forms": _forms(request, question, visitor, rights, today) | typed,
        "alike": _alike(question, visitor) if rights["merge"] else [],
        "rest": question.details or (question.text if question.title.endswith("…") else ""),
        "trouble": next(iter(typed.values()), None),
        "done": DONE.get(request.GET.get("done", "")),
        **_beside(request, question, visitor),
    }
    return render(request, "desk/case.html", context, status=status)


def _region(question: Question) -> Place | None:
    """The region that people know a municipality by (NUTS 2)."""
    if question.place.kind != Place.Kind.LOCALITY:
        return None
    return Place.objects.ancestors_of(question.place).filter(level=2).first()


def _steps(question: Question, visitor: Visitor) -> Any:
    """The whole thread for who handles it; what the asker reads for who only looks."""
    return question.steps.all() if may_read_notes(visitor, question) else question.steps.for_asker()


def _files(question: Question, steps: list[Step]) -> dict[int, list[File]]:
    """The files of the steps that are shown, without their contents."""
    shown = {step.pk for step in steps}
    by_step: dict[int, list[File]] = {}
    for file in question.files.filter(step__in=shown).defer("content"):
        by_step.setdefault(file.step_id, []).append(file)
    return by_step


def _assigned(question: Question) -> list[Assignment]:
    rows = question.assignments.filter(state__in=Assignment.ACTIVE)
    return list(rows.select_related("person").order_by("pk"))


def _rights(visitor: Visitor, question: Question, typed: dict[str, forms.Form]) -> dict[str, bool]:
    """What may be done now. A form with words in it stays, so that nothing that was typed is lost."""
    works, is_open = may_work(visitor, question), question.is_open
    asked = question.assignments.filter(person=visitor.person_id or 0, state=Assignment.State.ASKED).exists()
    holds = is_assigned(visitor, question) or question.handler_id == visitor.person_id
    rights = {
        "work": works,
        "take": works and is_open and not asked and question.handler_id != visitor.person_id,
        "accept": asked and is_open,
        "give_back": holds and is_open,
        "assign": may_assign(visitor, question) and is_open,
        "forward": works and is_open and not question.confidential,
        "note": works and may_read_notes(visitor, question),
        "reply": works and is_open,
        "merge": works and is_open and not question.confidential,
        "decline": works and is_open,
        "new_date": works and is_open,
        "take_over": may_take_over(visitor, question),
        "language": works,
        "publish": question.state == State.ANSWERED and may_publish(visitor, question),
        "prepare": question.state == State.ANSWERED and may_prepare_answer(visitor, question),
        "publish_after": question.may_publish and may_assign(visitor, question),
    }
    return rights | dict.fromkeys(typed, True)


def _forms(
    request: HttpRequest, question: Question, visitor: Visitor, rights: dict[str, bool], today: date
) -> dict[str, forms.Form]:
    """Empty forms for what may be done. The reply begins with what was asked to be inserted (`?insert=`, `?words=`)."""
    made: dict[str, forms.Form] = {
        "give_back": GiveBackForm(auto_id="back_%s"),
        "note": NoteForm(auto_id="note_%s"),
        "merge": MergeForm(auto_id="merge_%s"),
        "decline": DeclineForm(auto_id="decline_%s"),
        "new_date": NewDateForm(auto_id="date_%s"),
        "language": LanguageForm(auto_id="language_%s", initial={"language": question.language}),
        "reply": ReplyForm(
            auto_id="reply_%s",
            initial={"text": _inserted(request, question), "language": question.language},
        ),
    }
    if rights["forward"]:
        made["forward"] = forward_form(question, today)
    if rights["assign"]:
        made["assign"] = assign_form(question)
    return made


def forward_form(question: Question, today: date, data: Any = None) -> ForwardForm:
    return ForwardForm(
        data,
        auto_id="forward_%s",
        ways=routes.ways(question, today),
        others=routes.other_desks(question),
        operators=question.desk_id is not None,
    )


def assign_form(question: Question, data: Any = None) -> AssignForm:
    people = {role.person_id: role.person for role in people_at(question.desk)}
    return AssignForm(data, auto_id="assign_%s", people=list(people.values()))


def _inserted(request: HttpRequest, question: Question) -> str:
    """Without script: the texts that were chosen by links stand in the field."""
    parts = [sentence(key, question.language) for key in request.GET.getlist("words")[:10]]
    for key in request.GET.getlist("insert")[:5]:
        if key.isascii() and key.isdigit() and len(key) < 19:
            answer = Answer.objects.public().filter(pk=int(key)).first()
            parts.append(answer.text if answer is not None else "")
    return "\n\n".join(part for part in parts if part)


def _fitting(question: Question, today: date) -> list[tuple[Match, int, bool]]:
    """Published answers that may fit, with their age in days and whether they are past their day.

    The words of the first line are compared by themselves too: a long story hides what is asked. Meaning is asked for once.
    """
    best: dict[int, Match] = {}
    for text in dict.fromkeys((question.text, question.title)):
        for match in matches(text, place=question.place, by_meaning=text == question.text):
            known = best.get(match.answer.pk)
            if match.answer.question_id != question.pk and (known is None or known.score < match.score):
                best[match.answer.pk] = match
    ordered = sorted(best.values(), key=lambda match: (round(match.score, 1), match.holds_here), reverse=True)
    return [
        (match, (today - timezone.localdate(match.answer.published_at)).days, match.answer.is_old(today))
        for match in ordered[:3]
    ]


def _alike(question: Question, visitor: Visitor) -> list[Question]:
    """Questions at one's desk, from the same place or at the same desk, that may ask the same."""
    rows = on_desk(visitor).ordinary().filter(boxes.ours(visitor))
    same = rows.filter(place=question.place) | rows.filter(desk=question.desk_id)
    live = same.filter(state__in=[*OPEN, State.ANSWERED]).exclude(pk=question.pk).select_related("place")
    return routes.same_before(question, list(live.order_by("-asked_at")[:_LOOKED_AT]))


def _beside(request: HttpRequest, question: Question, visitor: Visitor) -> dict[str, Any]:
    """The queues, and the questions around this one in the list it was opened from."""
    today = timezone.localdate()
    form = FilterForm(request.GET)
    typed = chosen(form)
    rows = boxes.narrowed(
        boxes.in_box(visitor, typed["box"], today, secret=used_passkey(request)), typed
    ).select_related("place")
    listed = list(rows[:100])
    at = next((index for index, row in enumerate(listed) if row.pk == question.pk), 0)
    start = max(0, min(at - NEIGHBOURS // 2, len(listed) - NEIGHBOURS))
    desks = keeping.desks_of(visitor)
    return {
        "boxes": boxes.boxes(visitor, today, secret=used_passkey(request)),
        "box": typed["box"],
        "box_name": boxes.NAMES[typed["box"]],
        "kept": kept(typed),
        "form": form,
        "rows": [boxes.row(row, today) for row in listed[start : start + NEIGHBOURS]],
        "desks": desks,
        "promise": keeping.kept(desks[0] if desks else None, today)
        if desks or boxes.is_operator(visitor)
        else None,
    }
