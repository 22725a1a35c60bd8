"""How a report is reached over the web: read, taken along as a file, corrected, edited, published."""

import json
import secrets
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import SuspiciousOperation
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.agenda.models import Session
from koinon.agenda.permissions import may_host
from koinon.base import problems
from koinon.base.exits import Column, Listing
from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest, require
from koinon.minutes import actions, printing, telling
from koinon.minutes.counting import count
from koinon.minutes.forms import DecisionForm, EditForm, FollowUpForm, PledgeForm, RemarkForm
from koinon.minutes.models import Pledge, Remark, Report
from koinon.minutes.permissions import may_edit, may_publish
from koinon.network.limits import anonymous_writes
from koinon.practices.actions.origins import by_origin
from koinon.practices.permissions import may_draft
from koinon.room.models import Room

FORMATS = ("pdf", "csv", "json", "xlsx")


@governed("B2", GET="R")
@require_safe
def report(request: HttpRequest, code: str) -> HttpResponse:
    """The report of a session; a draft only for its hosts, marked as one. `?format=` pdf, csv, json, xlsx."""
    return _page(request, _seen(request, code))


def _seen(request: HttpRequest, code: str) -> Report:
    """The report, for those who may see the session, and it; for the rest there is nothing here."""
    session = get_object_or_404(Session.objects.seen_by(request.visitor), code=code[:40])
    found = Report.objects.of(session)
    if found is None or not found.is_shown_to(request.visitor):
        raise Http404
    return found


def _hosted(request: HttpRequest, code: str) -> Report:
    """The report, for the hosts of the session."""
    found = _seen(request, code)
    require(may_edit(request.visitor, found))
    return found


def _account(found: Report) -> telling.Account:
    """Before it is published the figures are counted anew: somebody may have withdrawn."""
    if found.state == Report.State.PUBLISHED:
        return telling.account_of(found)
    room = Room.objects.filter(session=found.session).first()
    return telling.account_of(found, count(room) if room is not None else None)


def _page(
    request: HttpRequest, found: Report, form: RemarkForm | None = None, status: int = 200
) -> HttpResponse:
    account = _account(found)
    asked = request.GET.get("format", "")
    if asked and asked != "html":
        return _file(request, account, asked)
    hosts = may_host(request.visitor, found.session)
    context = {
        "account": account,
        "report": found,
        "session": found.session,
        "formats": FORMATS,
        "hosts": hosts,
        "remark_form": form or RemarkForm(initial={"nonce": secrets.token_hex(16)}),
        "remarks": list(found.remarks.all()) if found.state == Report.State.CORRECTING or hosts else [],
        "today": timezone.localdate(),
    }
    answer = render(request, "minutes/report.html", context, status=status)
    if found.state == Report.State.PUBLISHED and found.session.audience == Session.Audience.PUBLIC:
        return answer if request.GET or status != 200 else shared(answer)
    return answer


LISTING: Listing[telling.Told] = Listing(
    name="report",
    title="Report",
    columns=[
        Column("kind", lambda row: row.kind),
        Column("words", lambda row: row.words),
        Column("language", lambda row: row.language),
        Column("place", lambda row: row.place),
        Column("votes", lambda row: row.votes),
        Column("languages", lambda row: list(row.languages)),
        Column("result", lambda row: row.how),
        Column("answer", lambda row: row.answer),
        Column("answered_by", lambda row: row.answered_by),
        Column("desk", lambda row: row.desk),
        Column("due", lambda row: row.due),
        Column("url", lambda row: row.link),
    ],
    entry_title=lambda row: row.words,
    entry_url=lambda row: row.link,
    entry_updated=lambda row: timezone.now(),
)


def _file(request: HttpRequest, account: telling.Account, asked: str) -> HttpResponse:
    """The report as a file."""
    name = f"koinon-{account.report.session.code}"
    if asked == "json":
        body = json.dumps(telling.as_data(account), cls=DjangoJSONEncoder, ensure_ascii=False)
        return HttpResponse(body, content_type="application/json")
    if asked == "pdf":
        headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
        address = request.build_absolute_uri(account.report.get_absolute_url())
        return HttpResponse(
            printing.pdf(account, address=address), content_type="application/pdf", headers=headers
        )
    if asked not in FORMATS:
        raise SuspiciousOperation(f"format is one of {', '.join(FORMATS)}")
    answer = LISTING.answer(request, telling.rows(account))
    if answer is None:
        raise Http404
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{asked}"'
    return answer


@governed("A7", POST="C")
@require_POST
def remark(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody who was there says what is right, without an account."""
    found = _seen(request, code)
    if not request.visitor.is_signed_in:
        seconds = anonymous_writes.wait(request.META.get("REMOTE_ADDR", ""))
        if seconds:
            answer = problems.answer(request, 429)
            answer.headers["Retry-After"] = str(seconds)
            return answer
    form = RemarkForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    try:
        actions.remark(
            found, by=request.visitor, text=form.cleaned_data["text"], nonce=form.cleaned_data["nonce"]
        )
    except actions.NotNow:
        form.add_error(None, _("This report takes no more corrections; the hosts have closed it."))
        return _page(request, found, form, status=409)
    messages.success(request, _("Thank you. The hosts decide, and their answer stands here."))
    return redirect(found.get_absolute_url() + "#corrections")


@governed("B13", GET="R", POST="U")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """The hosts' worktable: their words beside the record."""
    found = _hosted(request, code)
    form = EditForm(request.POST or None, report=found)
    if request.method != "POST":
        return _worktable(request, found, form)
    if not form.is_valid():
        return _worktable(request, found, form, status=422)
    try:
        actions.edit(
            found,
            by=request.visitor,
            version=form.cleaned_data["version"],
            language=form.cleaned_data["language"],
            lead=form.cleaned_data["lead"],
            lines=form.typed(),
        )
    except actions.Changed:
        return _worktable(request, found, form, status=409, changed=True)
    messages.success(request, _("Saved."))
    return redirect("minutes:edit", code=found.session.code)


def _practices(form: EditForm) -> dict[int, Any]:
    """Line → the practice that came of what was shared there."""
    keys = {telling.origin_key(line.contribution_id): line.pk for line in form.lines}
    return {keys[origin]: row for origin, row in by_origin(keys, public=False).items()}


def _worktable(
    request: HttpRequest,
    found: Report,
    form: EditForm,
    *,
    status: int = 200,
    changed: bool = False,
    pledge_form: PledgeForm | None = None,
) -> HttpResponse:
    found = Report.objects.of(found.session) or found
    context: dict[str, Any] = {
        "report": found,
        "session": found.session,
        "account": _account(found),
        "form": form,
        "changed": changed,
        "there": found,
        "pledge_form": pledge_form or PledgeForm(),
        "pledge_states": Pledge.State.choices,
        "remarks": list(found.remarks.all()),
        "may_publish": may_publish(request.visitor, found),
        "days": actions.DAYS_TO_CORRECT,
        "shared": actions.SHARED,
        "may_draft": may_draft(request.visitor, found.session.organiser),
        "practices": _practices(form),
    }
    return render(request, "minutes/edit.html", context, status=status)


@governed("D1", POST="C")
@require_POST
@login_required
def to_practice(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Make what somebody shared the draft of a practice of the organiser."""
    session = get_object_or_404(Session.objects.seen_by(request.visitor), code=code[:40])
    require(may_host(request.visitor, session) and may_draft(request.visitor, session.organiser))
    found = _hosted(request, code)
    line = get_object_or_404(found.lines.select_related("contribution__place"), pk=pk if pk < 2**63 else 0)
    try:
        made = actions.to_practice(found, line, by=request.visitor)
    except actions.NotNow:
        messages.error(request, _("Its author did not agree to be quoted: first say it in your own words."))
        return redirect("minutes:edit", code=found.session.code)
    return redirect(made)


@governed("B13", POST="U")
@require_POST
@login_required
def open_for_corrections(request: HttpRequest, code: str) -> HttpResponse:
    """Show the draft to all who may see the session."""
    found = _hosted(request, code)
    try:
        actions.open_for_corrections(found, by=request.visitor)
    except actions.NotNow:
        messages.error(request, _("It is published already."))
    return redirect("minutes:edit", code=found.session.code)


@governed("B2", POST="P")
@require_POST
@login_required
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """Publish it at its lasting address."""
    found = _seen(request, code)
    require(may_publish(request.visitor, found))
    actions.publish(found, by=request.visitor)
    return redirect(found.get_absolute_url())


@governed("B13", POST="U")
@require_POST
@login_required
def pledge(request: HttpRequest, code: str) -> HttpResponse:
    """Write down a promise."""
    found = _hosted(request, code)
    form = PledgeForm(request.POST)
    if not form.is_valid():
        return _worktable(request, found, EditForm(report=found), status=422, pledge_form=form)
    data = form.cleaned_data
    actions.pledge(
        found,
        by=request.visitor,
        text=data["text"],
        owner=data["body"],
        owner_text=data["owner_text"],
        due=data["due"],
    )
    return redirect("minutes:edit", code=found.session.code)


@governed("B13", POST="U")
@require_POST
@login_required
def follow_up(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Say what became of a promise."""
    found = _hosted(request, code)
    promise = get_object_or_404(Pledge, pk=min(pk, 2**62), report=found)
    form = FollowUpForm(request.POST)
    if not form.is_valid():
        return _worktable(request, found, EditForm(report=found), status=422)
    actions.follow_up(
        promise, by=request.visitor, state=form.cleaned_data["state"], became=form.cleaned_data["became"]
    )
    return redirect("minutes:edit", code=found.session.code)


@governed("B13", POST="U")
@require_POST
@login_required
def decide(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take a suggestion up, or not, with a word."""
    found = _hosted(request, code)
    suggestion = get_object_or_404(Remark, pk=min(pk, 2**62), report=found)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _worktable(request, found, EditForm(report=found), status=422)
    actions.decide(
        suggestion,
        by=request.visitor,
        taken=form.cleaned_data["decision"] == "taken",
        reply=form.cleaned_data["reply"],
    )
    return redirect("minutes:edit", code=found.session.code)
