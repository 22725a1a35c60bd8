"""Expert support for managing authorities: its authors, who is named for triage, and who handles it.

Whoever may not see a request gets the 404 of what does not exist. What is sent about a confidential one needs a passkey
used lately, and what was typed stays in the form until there is one.
"""

import secrets
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base.governance import governed
from koinon.base.guessing import guess_language
from koinon.base.languages import DEFAULT
from koinon.base.visitor import HttpRequest, require
from koinon.network.models import Organisation, Role
from koinon.network.visitor import Visitor
from koinon.people.step_up import has_passkey, used_passkey, used_passkey_lately
from koinon.questions import routing, triage
from koinon.questions.actions import support as actions
from koinon.questions.actions import working
from koinon.questions.actions.steps import Changed, NotFrom
from koinon.questions.forms_support import (
    AddressForm,
    ChangedForm,
    ConsentForm,
    DeclineForm,
    DetailsForm,
    GiveBackForm,
    NoteForm,
    OutcomeForm,
    ReplyForm,
    RequestForm,
    ShareForm,
    SupportAddForm,
    WithdrawRequestForm,
)
from koinon.questions.models import Assignment, Question, Request
from koinon.questions.permissions import is_assigned
from koinon.questions.permissions_support import (
    may_handle,
    may_own,
    may_request,
    may_share_outcome,
    may_speak_for,
    may_triage,
)

get_and_post = require_http_methods(["GET", "HEAD", "POST"])


def _bodies(request: HttpRequest) -> list[Organisation]:
    """The authorities for which somebody may request support."""
    visitor = request.visitor
    if not isinstance(visitor, Visitor):
        return []
    held = [r.organisation_id for r in visitor.roles if r.kind == Role.Kind.AUTHORITY and r.organisation_id]
    found = Organisation.objects.seen_by(visitor).filter(pk__in=held).order_by("name")
    return [body for body in found if may_request(visitor, body)]


@governed("C2", GET="R")
@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """The requests that somebody made, handles or says who handles; a 404 where there is nothing of the kind."""
    bodies, is_triage = _bodies(request), may_triage(request.visitor)
    person = request.visitor.person_id or 0
    seen = Request.objects.seen_by(request.visitor).select_related("question", "for_body").newest_first()
    own = list(seen.filter(question__in=Question.objects.seen_by(request.visitor).of_author(person)))
    handled = seen.filter(
        question__assignments__person=person, question__assignments__state__in=Assignment.ACTIVE
    ).distinct()
    require(bool(bodies or is_triage or own or handled), hidden=True)
    context = {
        "bodies": bodies,
        "own": own,
        "handled": list(handled),
        "is_triage": is_triage,
        "lines": triage.lines(request.visitor) if is_triage else [],
        "address_form": AddressForm(auto_id=False),
        "today": timezone.localdate(),
    }
    return render(request, "questions/support.html", context)


@governed("C2", GET="C", POST="C")
@get_and_post
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Request expert support: two questions to begin with."""
    bodies = _bodies(request)
    require(bool(bodies), hidden=True)
    if request.method != "POST":
        initial = {"nonce": secrets.token_urlsafe(16), "body": bodies[0] if len(bodies) == 1 else None}
        return _new_page(request, RequestForm(initial=initial, bodies=bodies))
    form = RequestForm(request.POST, bodies=bodies)
    if not _is_valid(request, form, confidential=request.POST.get("confidential") != "no"):
        return _new_page(request, form, status=422)
    given = form.cleaned_data
    try:
        made = actions.request_support(
            given["body"],
            by=request.visitor,
            text=given["text"],
            confidential=given["confidential"] == "yes",
            nonce=given["nonce"] or secrets.token_urlsafe(16),
            programme=given["programme"],
            priority=given["priority"],
            urgency=given["urgency"],
            wish=given["wish"],
            topics=given["topics"],
            page_language=get_language() or DEFAULT,
        )
    except actions.NobodyForTriage:
        form.add_error("confidential", _nobody_for_triage())
        return _new_page(request, form, status=422)
    return redirect("support:request", number=made.question.number)


def _nobody_for_triage() -> str:
    return gettext(
        "A confidential request cannot be taken here yet: nobody is named to say who handles it. Nothing was kept. You can "
        "send it as an ordinary one, which goes to a desk."
    )


def _new_page(request: HttpRequest, form: RequestForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "is_triage_there": actions.is_triage_there(),
        "must_prove": _proof(request) if form.errors and not used_passkey_lately(request) else "",
    }
    return render(request, "questions/support_new.html", context, status=status)


# One request.


def _found(request: HttpRequest, number: str) -> Request:
    rows = Request.objects.seen_by(request.visitor).select_related(
        "question",
        "question__desk",
        "question__place",
        "question__handler",
        "for_body",
        "programme",
        "shared_as",
    )
    return get_object_or_404(rows, question__number=number)


def _worked(request: HttpRequest, number: str) -> Request:
    """For who handles it; its author may not."""
    found = _found(request, number)
    require(may_handle(request.visitor, found))
    return found


@governed("C2", GET="R")
@require_safe
@login_required
def request_page(request: HttpRequest, number: str) -> HttpResponse:
    """One request, for its authors and for who handles it."""
    found = _found(request, number)
    if found.question.confidential and not used_passkey(request):
        messages.warning(request, gettext("This needs a passkey. Prove with it that it is you."))
        return redirect(_proof(request))
    return _page(request, found)


def _page(request: HttpRequest, row: Request, status: int = 200, **forms_of: forms.Form) -> HttpResponse:
    visitor, question = request.visitor, row.question
    speaks, handles = may_speak_for(visitor, row), may_handle(visitor, row)
    steps = question.steps.select_related("by_body").prefetch_related("files")
    context: dict[str, Any] = {
        "row": row,
        "question": question,
        "steps": list(steps if handles else steps.for_asker()),
        "for_desk": not speaks,
        "speaks": speaks,
        "owns": may_own(visitor, row),
        "handles": handles,
        "is_asked": question.assignments.filter(
            person=visitor.person_id, state=Assignment.State.ASKED
        ).exists(),
        "is_assigned": is_assigned(visitor, question),
        "may_share": may_share_outcome(visitor, row),
        "coauthors": list(question.coauthors.all()) if speaks or handles else [],
        "handlers": [
            one.person
            for one in question.assignments.filter(state=Assignment.State.ACCEPTED).select_related("person")
        ],
        "why": routing.reason_words(question.because) if question.because else "",
        "late": question.is_late(timezone.localdate()),
        "details_form": DetailsForm(
            initial={
                "programme": row.programme_id,
                "priority": row.priority,
                "topics": question.topics,
                "urgency": row.urgency,
                "wish": question.wish,
            },
            bodies=[row.for_body],
        ),
        "add_form": SupportAddForm(initial={"nonce": secrets.token_urlsafe(16)}, prefix=None),
        "coauthor_form": AddressForm(auto_id="coauthor_%s"),
        "changed_form": ChangedForm(auto_id="changed_%s"),
        "consent_form": ConsentForm(initial={"shared": row.outcome_shared}),
        "withdraw_form": WithdrawRequestForm(),
        "reply_form": ReplyForm(initial={"version": question.version}, auto_id="reply_%s"),
        "note_form": NoteForm(auto_id="note_%s"),
        "outcome_form": OutcomeForm(initial={"text": row.outcome}, auto_id="outcome_%s"),
        "share_form": ShareForm(),
        "give_back_form": GiveBackForm(auto_id="back_%s"),
        "decline_form": DeclineForm(auto_id="decline_%s"),
        "must_prove": "",
        **forms_of,
    }
    if forms_of and question.confidential and not used_passkey_lately(request):
        context["must_prove"] = _proof(request)
    return render(request, "questions/support_request.html", context, status=status)


def _proof(request: HttpRequest) -> str:
    """Where one proves with a passkey, or makes one, and then comes back here."""
    here = request.path if request.method != "POST" else reverse("support:mine")
    way = "mfa_reauthenticate_webauthn" if has_passkey(request) else "mfa_add_webauthn"
    return f"{reverse(way)}?{urlencode({'next': here})}"


def _is_valid(request: HttpRequest, form: forms.Form, *, confidential: bool) -> bool:
    """Whether the form is right, and for what is confidential a passkey was used lately; nothing typed is lost."""
    is_right = form.is_valid()
    if confidential and not used_passkey_lately(request):
        form.add_error(
            None,
            gettext(
                "This needs a passkey used in the last minutes. Prove it in another tab, then send this again."
            ),
        )
        return False
    return is_right


def _ended() -> str:
    return gettext("This has ended or changed a moment before; what became of it stands above.")


def _do(
    request: HttpRequest, row: Request, name: str, form: forms.Form, deed: Any, part: str = "history"
) -> HttpResponse:
    """Run an action with a form that is right, and go back to the page; else show the page with what is wrong."""
    if not _is_valid(request, form, confidential=row.question.confidential):
        return _page(request, row, status=422, **{name: form})
    try:
        deed(form.cleaned_data)
    except (NotFrom, Changed, actions.NothingToShare):
        form.add_error(None, _ended())
        return _page(request, _found(request, row.question.number), status=409, **{name: form})
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, row, status=422, **{name: form})
    if not Request.objects.seen_by(request.visitor).filter(pk=row.pk).exists():
        # It was given back or withdrawn: from now on there is nothing here.
        messages.success(request, gettext("Done."))
        return redirect("people:account")
    response = redirect("support:request", number=row.question.number)
    response["Location"] += f"#{part}"
    return response


@governed("C2", POST="U")
@require_POST
@login_required
def add(request: HttpRequest, number: str) -> HttpResponse:
    """Its author or a co-author adds something, or asks back."""
    row = _found(request, number)
    require(may_speak_for(request.visitor, row))
    form = SupportAddForm(request.POST)
    return _do(
        request,
        row,
        "add_form",
        form,
        lambda given: actions.add_words(
            row, by=request.visitor, text=given["text"], nonce=given["nonce"] or secrets.token_urlsafe(16)
        ),
    )


@governed("C2", POST="U")
@require_POST
@login_required
def details(request: HttpRequest, number: str) -> HttpResponse:
    """Programme, priority, objectives, urgency, format: what was left for later."""
    row = _found(request, number)
    require(may_own(request.visitor, row))
    form = DetailsForm(request.POST, bodies=[row.for_body])
    return _do(
        request,
        row,
        "details_form",
        form,
        lambda given: actions.set_details(
            row,
            by=request.visitor,
            programme=given["programme"],
            priority=given["priority"],
            urgency=given["urgency"],
            wish=given["wish"],
            topics=given["topics"],
        ),
        "facts",
    )


@governed("C2", POST="U")
@require_POST
@login_required
def coauthors(request: HttpRequest, number: str) -> HttpResponse:
    """Name a colleague of the same authority."""
    row = _found(request, number)
    require(may_own(request.visitor, row))
    form = AddressForm(request.POST, auto_id="coauthor_%s")
    return _do(
        request,
        row,
        "coauthor_form",
        form,
        lambda given: actions.add_coauthor(row, by=request.visitor, email=given["email"]),
        "coauthors",
    )


class _WhoForm(forms.Form):
    person = forms.IntegerField(min_value=1, max_value=2**31)


@governed("C2", POST="U")
@require_POST
@login_required
def remove_coauthor(request: HttpRequest, number: str) -> HttpResponse:
    """A colleague sees it no more."""
    row = _found(request, number)
    require(may_own(request.visitor, row))
    form = _WhoForm(request.POST)
    return _do(
        request,
        row,
        "who_form",
        form,
        lambda given: actions.remove_coauthor(row, by=request.visitor, person_id=given["person"]),
        "coauthors",
    )


@governed("C2", POST="U")
@require_POST
@login_required
def consent(request: HttpRequest, number: str) -> HttpResponse:
    """Whether others may read the outcome."""
    row = _found(request, number)
    require(may_speak_for(request.visitor, row))
    form = ConsentForm(request.POST)
    return _do(
        request,
        row,
        "consent_form",
        form,
        lambda given: actions.consent(row, by=request.visitor, shared=given["shared"]),
        "outcome",
    )


@governed("C2", POST="U")
@require_POST
@login_required
def changed(request: HttpRequest, number: str) -> HttpResponse:
    """What changed, three or six months after."""
    row = _found(request, number)
    require(may_speak_for(request.visitor, row))
    form = ChangedForm(request.POST, auto_id="changed_%s")
    months = 6 if row.asked_after_6 is not None else 3
    return _do(
        request,
        row,
        "changed_form",
        form,
        lambda given: actions.say_what_changed(row, by=request.visitor, months=months, text=given["text"]),
        "outcome",
    )


@governed("C2", POST="U")
@require_POST
@login_required
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """End it and erase what was written."""
    row = _found(request, number)
    require(may_own(request.visitor, row))
    form = WithdrawRequestForm(request.POST)
    return _do(request, row, "withdraw_form", form, lambda given: actions.withdraw(row, by=request.visitor))


# Who handles it.


@governed("C3", POST="A")
@require_POST
@login_required
def assign(request: HttpRequest, handle: str) -> HttpResponse:
    """Say by name who handles it, without reading it."""
    row = triage.by_handle(request.visitor, handle)
    form = AddressForm(request.POST)
    if not _is_valid(request, form, confidential=row.question.confidential):
        return _refused(request, form)
    try:
        actions.assign_expert(row, by=request.visitor, email=form.cleaned_data["email"])
    except NotFrom:
        form.add_error(None, gettext("This has ended a moment before."))
        return _refused(request, form, status=409)
    except ValidationError as error:
        form.add_error("email", error)
        return _refused(request, form)
    if row.question.confidential:
        return redirect("support:mine")
    return redirect("support:request", number=row.question.number)


def _refused(request: HttpRequest, form: AddressForm, status: int = 422) -> HttpResponse:
    context = {"form": form, "must_prove": "" if used_passkey_lately(request) else _proof(request)}
    return render(request, "questions/support_refused.html", context, status=status)


@governed("C2", POST="U")
@require_POST
@login_required
def accept(request: HttpRequest, number: str) -> HttpResponse:
    """Say yes to being asked."""
    row = _worked(request, number)
    require(is_assigned(request.visitor, row.question))
    return _do(
        request,
        row,
        "accept_form",
        forms.Form(request.POST),
        lambda given: actions.accept(row, by=request.visitor),
    )


@governed("C2", POST="U")
@require_POST
@login_required
def give_back(request: HttpRequest, number: str) -> HttpResponse:
    """Decline being asked, or pass it on, or say that there is a conflict of interest."""
    row = _worked(request, number)
    require(is_assigned(request.visitor, row.question))
    form = GiveBackForm(request.POST, auto_id="back_%s")
    return _do(
        request,
        row,
        "give_back_form",
        form,
        lambda given: actions.give_back(
            row, by=request.visitor, words=given["words"], conflict=given["conflict"]
        ),
    )


@governed("C2", POST="U")
@require_POST
@login_required
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """Answer in writing."""
    row = _worked(request, number)
    form = ReplyForm(request.POST, auto_id="reply_%s")
    return _do(
        request,
        row,
        "reply_form",
        form,
        lambda given: working.answer(
            row.question,
            by=request.visitor,
            text=given["text"],
            language=_language(given["text"], row),
            version=given["version"],
        ),
    )


@governed("C2", POST="U")
@require_POST
@login_required
def ask_back(request: HttpRequest, number: str) -> HttpResponse:
    """Ask its author something; the clock stands until then."""
    row = _worked(request, number)
    form = ReplyForm(request.POST, auto_id="reply_%s")
    return _do(
        request,
        row,
        "reply_form",
        form,
        lambda given: working.ask_back(
            row.question,
            by=request.visitor,
            text=given["text"],
            language=_language(given["text"], row),
            version=given["version"],
        ),
    )


def _language(text: str, row: Request) -> str:
    return guess_language(text, hint=row.question.language)[0]


@governed("C4", POST="C")
@require_POST
@login_required
def note(request: HttpRequest, number: str) -> HttpResponse:
    """A note for who handles it too; its author never reads it."""
    row = _worked(request, number)
    form = NoteForm(request.POST, auto_id="note_%s")
    return _do(
        request,
        row,
        "note_form",
        form,
        lambda given: working.note(
            row.question, by=request.visitor, text=given["text"], language=_language(given["text"], row)
        ),
    )


@governed("C2", POST="U")
@require_POST
@login_required
def decline(request: HttpRequest, number: str) -> HttpResponse:
    """End it without an answer, with a reason that its author reads."""
    row = _worked(request, number)
    form = DeclineForm(request.POST, auto_id="decline_%s")
    return _do(
        request,
        row,
        "decline_form",
        form,
        lambda given: working.decline(
            row.question,
            by=request.visitor,
            reason=given["reason"],
            words=given["words"],
            language=_language(given["words"], row),
        ),
    )


@governed("C2", POST="U")
@require_POST
@login_required
def outcome(request: HttpRequest, number: str) -> HttpResponse:
    """Store what came of it."""
    row = _worked(request, number)
    form = OutcomeForm(request.POST, auto_id="outcome_%s")
    return _do(
        request,
        row,
        "outcome_form",
        form,
        lambda given: actions.store_outcome(row, by=request.visitor, text=given["text"]),
        "outcome",
    )


@governed("C2", POST="U")
@require_POST
@login_required
def share(request: HttpRequest, number: str) -> HttpResponse:
    """Publish the outcome, in the words that its author consented to."""
    row = _worked(request, number)
    require(may_share_outcome(request.visitor, row))
    form = ShareForm(request.POST)
    return _do(
        request,
        row,
        "share_form",
        form,
        lambda given: actions.share_outcome(row, by=request.visitor, asked=given["asked"]),
        "outcome",
    )
