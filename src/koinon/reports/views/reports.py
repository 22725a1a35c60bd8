"""The periodic report of a body: written, handed in, decided; read, printed and taken along as table and text."""

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import SuspiciousOperation
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base.governance import governed
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest, require
from koinon.journal import actions as journal
from koinon.network.models import Organisation
from koinon.reports import telling
from koinon.reports.actions import reporting as actions
from koinon.reports.content import Account
from koinon.reports.forms import DecisionForm, ReportForm, body_named
from koinon.reports.listing import ACTIVITIES, HANDED_IN, handed
from koinon.reports.models import PeriodReport
from koinon.reports.permissions import (
    may_decide,
    may_edit,
    may_export,
    may_submit,
    may_work,
    may_write,
)
from koinon.reports.views.log import version_of
from koinon.reports.words import HANDED_IN as DONE
from koinon.reports.words import State

get_and_post = require_http_methods(["GET", "HEAD", "POST"])
A_PAGE = 30
FORMATS = ("csv", "xlsx", "json", "md", "txt")
TEXTS = {"md": ("text/markdown", telling.markdown), "txt": ("text/plain", telling.plain)}


@governed("F1")
@require_safe
@login_required
def reports(request: HttpRequest) -> HttpResponse:
    """The reports of one's own bodies, and those that were handed in by bodies one leads or coordinates."""
    require(may_work(request.visitor), hidden=True)
    rows = PeriodReport.objects.seen_by(request.visitor).select_related("organisation").latest_first()
    own = ReportForm(by=request.visitor).organisations
    context = {
        "page": page_of(request, rows, A_PAGE),
        "writes": bool(own),
        "may_export": may_export(request.visitor),
    }
    return render(request, "reports/reports.html", context)


@governed("F2", GET="X")
@require_safe
@login_required
def table(request: HttpRequest, ending: str) -> HttpResponse:
    """All figures of the reports that were handed in, of the bodies one leads or coordinates, as one table."""
    if ending not in {"csv", "xlsx", "json"}:
        raise Http404
    seen = PeriodReport.objects.seen_by(request.visitor).handed_in()
    # Who reads a report that was handed in is told that the table is not its part; for the others there is nothing.
    require(may_export(request.visitor), hidden=not seen.exists())
    found = list(seen.select_related("organisation").latest_first())
    for report in found[:1]:
        journal.record(
            "reports.exported", by=request.visitor, what=report, details={"count": len(found)}, public=False
        )
    return HANDED_IN.file(list(handed(found)), ending)


def _seen(request: HttpRequest, pk: int) -> PeriodReport:
    rows = PeriodReport.objects.seen_by(request.visitor).select_related("organisation")
    found = rows.filter(pk=pk).first() if pk < 2**62 else None
    if found is None:
        raise Http404
    return found


@governed("F1")
@require_safe
@login_required
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """One report; `?format=` csv and xlsx are its activities, md and txt the whole of it as text, json everything."""
    found = _seen(request, pk)
    asked = request.GET.get("format", "")
    if asked in {"", "html"}:
        return _page(request, found)
    if asked not in FORMATS:
        raise SuspiciousOperation(f"format is one of {', '.join(FORMATS)}")
    account = Account(found)
    if asked in TEXTS:
        kind, tell = TEXTS[asked]
        return _file(tell(account), f"{kind}; charset=utf-8", found, asked)
    if asked == "json":
        body = json.dumps(_data(account), cls=DjangoJSONEncoder, ensure_ascii=False)
        return HttpResponse(body, content_type="application/json")
    return ACTIVITIES.file(account.activities, asked)


def _file(text: str, kind: str, found: PeriodReport, ending: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="koinon-report-{found.pk}.{ending}"'}
    return HttpResponse(text, content_type=kind, headers=headers)


def _data(account: Account) -> dict[str, Any]:
    found = account.report
    names = ("title", "language", "text", "first_day", "last_day", "state", "submitted_at")
    return {name: getattr(found, name) for name in names} | {
        "organisation": {"slug": found.organisation.slug, "name": found.organisation.name},
        **account.data,
    }


def _page(
    request: HttpRequest,
    found: PeriodReport,
    *,
    form: DecisionForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    by = request.visitor
    context = {
        "report": found,
        "account": Account(found),
        "formats": FORMATS,
        "form": form or DecisionForm(),
        "problem": problem,
        "may_edit": may_edit(by, found),
        "may_submit": may_submit(by, found),
        "may_decide": may_decide(by, found),
    }
    return render(request, "reports/report.html", context, status=status)


@governed("F1", GET="U", POST="U")
@get_and_post
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Begin a report of a body."""
    require(may_work(request.visitor), hidden=True)
    form = ReportForm(request.POST if request.method == "POST" else None, by=request.visitor)
    body: Organisation | None = body_named(request.POST.get("organisation", ""))
    require(body is None or may_write(request.visitor, body), hidden=True)
    if request.method != "POST":
        require(bool(form.organisations), hidden=True)
        return render(request, "reports/report_edit.html", {"form": form})
    if not form.is_valid():
        return render(request, "reports/report_edit.html", {"form": form}, status=422)
    made = actions.begin(
        form.told(), by=request.visitor, organisation=form.chosen, nonce=form.cleaned_data["nonce"]
    )
    return redirect(made)


@governed("F1", GET="U", POST="U")
@get_and_post
@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write on it. Of two at once the second sees what stands now and keeps its words."""
    found = _seen(request, pk)
    require(may_edit(request.visitor, found))
    if request.method != "POST":
        form = ReportForm(by=request.visitor, of=found)
        return render(request, "reports/report_edit.html", {"form": form, "report": found})
    form = ReportForm(request.POST, by=request.visitor, of=found)
    if not form.is_valid():
        return render(request, "reports/report_edit.html", {"form": form, "report": found}, status=422)
    try:
        actions.edit(found, form.told(), by=request.visitor, version=form.cleaned_data["version"] or 0)
    except actions.Changed as changed:
        kept = request.POST.copy()
        kept["version"] = str(changed.current.version)
        again = ReportForm(kept, by=request.visitor, of=changed.current)
        context = {"form": again, "report": found, "there": changed.current}
        return render(request, "reports/report_edit.html", context, status=409)
    messages.success(request, _("Saved."))
    return redirect(found)


@governed("F1", POST="P")
@require_POST
@login_required
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand it in: its figures stay as they are counted now."""
    found = _seen(request, pk)
    require(found.state in DONE or may_submit(request.visitor, found))
    try:
        actions.submit(found, by=request.visitor, version=version_of(request))
    except actions.Changed as changed:
        return _page(request, changed.current, problem=_changed(), status=409)
    except actions.NotOver:
        words = _("The period is not over yet. It can be handed in on the day after its last one.")
        return _page(request, found, problem=words, status=409)
    messages.success(request, _("Handed in. Its figures stay as they were counted now."))
    return redirect(found)


@governed("F2", POST="M")
@require_POST
@login_required
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept it, or send it back with a reason."""
    found = _seen(request, pk)
    require(found.state == State.ACCEPTED or may_decide(request.visitor, found))
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form=form, status=422)
    version = form.cleaned_data["version"] or 0
    try:
        if form.cleaned_data["decision"] == "accept":
            actions.accept(found, by=request.visitor, version=version)
            messages.success(request, _("Accepted."))
            return redirect(found)
        actions.send_back(found, by=request.visitor, version=version, reason=form.cleaned_data["reason"])
    except actions.Changed as changed:
        return _page(request, changed.current, problem=_changed(), status=409)
    messages.success(request, _("Sent back: its body reads why."))
    return redirect("reports:reports")


def _changed() -> str:
    return _("Somebody else changed it meanwhile. This is how it stands now.")
