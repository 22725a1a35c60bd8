"""Files and dates of a space."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_safe

from koinon.base import uploads
from koinon.base.calendars import response
from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest, require
from koinon.network.actions.roles import site
from koinon.places import zones
from koinon.spaces import finding
from koinon.spaces.actions import things
from koinon.spaces.actions.pacing import SLOWLY, TooFast
from koinon.spaces.calendar import calendar
from koinon.spaces.finding import date_for, file_for, opened
from koinon.spaces.forms import DateForm, FilesForm, ReasonForm, SessionForm
from koinon.spaces.models import Date, Space
from koinon.spaces.permissions import may_change_date, may_keep_membership, may_withdraw_file, may_write
from koinon.spaces.views.slowly import slowed

get_and_post = require_http_methods(["GET", "HEAD", "POST"])


@governed("N7")
@require_safe
def file(request: HttpRequest, code: str, file: str) -> HttpResponse:
    """One file, to be saved: never shown, never run on our pages."""
    found = file_for(opened(request, code), file)
    return HttpResponse(bytes(found.content), headers=uploads.headers(found.name, found.kind))


@governed("N8")
@require_safe
@login_required
def reported_file(request: HttpRequest, file: str) -> HttpResponse:
    """One file alone: for who sees its space, and for who handles a notice about it, who gets nothing else of the space."""
    found = finding.reported_file(request, file)
    return HttpResponse(bytes(found.content), headers=uploads.headers(found.name, found.kind))


@governed("N7", GET="C", POST="C")
@get_and_post
@login_required
def add_files(request: HttpRequest, code: str) -> HttpResponse:
    """Add files. They are cleaned before they are kept."""
    space = opened(request, code)
    require(may_write(request.visitor, space))
    if request.method != "POST":
        return _files(request, space, FilesForm())
    form = FilesForm(request.POST)
    if not form.is_valid():
        return _files(request, space, form, status=422)
    given = request.FILES.getlist("files")[: uploads.MOST_FILES + 1]
    trouble = _trouble([one.size or 0 for one in given])
    if not trouble:
        try:
            clean = [uploads.clean(one.name or "", one.read()) for one in given]
            things.add_files(
                space,
                by=request.visitor,
                files=clean,
                words=form.cleaned_data["words"],
                language=get_language() or "en",
                nonce=form.cleaned_data["nonce"],
            )
        except uploads.Refused as refused:
            trouble = refused.reason
        except things.TooMuch:
            trouble = gettext("This space holds as many files as it can. Withdraw one first.")
        except TooFast:
            form.add_error(None, str(SLOWLY))
            return slowed(_files(request, space, form, status=429))
    if trouble:
        form.add_error(None, trouble)
        return _files(request, space, form, status=422)
    return redirect(space.get_absolute_url() + "#files")


def _trouble(sizes: list[int]) -> str:
    """What is wrong before any file is read, as a sentence."""
    if not sizes:
        return gettext("Choose at least one file.")
    if len(sizes) > uploads.MOST_FILES:
        return gettext("At most %(number)d files at once.") % {"number": uploads.MOST_FILES}
    return uploads.Refused("large").reason if max(sizes) > uploads.MOST_BYTES else ""


def _files(request: HttpRequest, space: Space, form: FilesForm, status: int = 200) -> HttpResponse:
    context = {
        "space": space,
        "form": form,
        "most_files": uploads.MOST_FILES,
        "most_megabytes": uploads.MOST_BYTES // 1024**2,
    }
    return render(request, "spaces/files.html", context, status=status)


@governed("N7", GET="D", POST="D")
@get_and_post
@login_required
def withdraw_file(request: HttpRequest, code: str, file: str) -> HttpResponse:
    """Asks once, then the file is gone."""
    space = opened(request, code)
    found = file_for(space, file)
    require(may_withdraw_file(request.visitor, found))
    if request.method != "POST":
        return render(request, "spaces/withdraw_file.html", {"space": space, "file": found})
    things.withdraw_file(found, by=request.visitor)
    return redirect(space.get_absolute_url() + "#files")


@governed("N7", GET="C", POST="C")
@get_and_post
@login_required
def add_date(request: HttpRequest, code: str) -> HttpResponse:
    """Set a date with its time zone."""
    space = opened(request, code)
    if request.method != "POST":
        require(may_write(request.visitor, space))
        return _date(request, space, DateForm(zone=zones.zone_of(space.place)))
    form = DateForm(request.POST)
    if not may_write(request.visitor, space):
        require(may_keep_membership(request.visitor, space))
        return _date(request, space, form, trouble="ended", status=409)
    if not form.is_valid():
        return _date(request, space, form, status=422)
    try:
        made = things.set_date(space, form.told(), by=request.visitor, nonce=form.cleaned_data["nonce"])
    except things.TooMuch:
        form.add_error(None, gettext("This space holds as many dates as it can."))
        return _date(request, space, form, status=409)
    except TooFast:
        form.add_error(None, str(SLOWLY))
        return slowed(_date(request, space, form, status=429))
    return redirect(made)


@governed("N7", GET="C", POST="C")
@get_and_post
@login_required
def add_session(request: HttpRequest, code: str) -> HttpResponse:
    """Bring in a session of the programme as a date."""
    space = opened(request, code)
    require(may_write(request.visitor, space))
    initial = {"session": request.GET.get("session", "")[:20]}
    form = SessionForm(request.POST) if request.method == "POST" else SessionForm(initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(things.set_date(space, form.told(), by=request.visitor))
        except things.TooMuch:
            form.add_error(None, gettext("This space holds as many dates as it can."))
        except TooFast:
            form.add_error(None, str(SLOWLY))
            context = {"space": space, "form": form}
            return slowed(render(request, "spaces/session.html", context, status=429))
    status = 422 if request.method == "POST" else 200
    return render(request, "spaces/session.html", {"space": space, "form": form}, status=status)


def _date(
    request: HttpRequest,
    space: Space,
    form: DateForm,
    *,
    date: Date | None = None,
    there: Date | None = None,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {"space": space, "form": form, "date": date, "there": there, "trouble": trouble}
    return render(request, "spaces/date.html", context, status=status)


@governed("N7", GET="U", POST="U")
@get_and_post
@login_required
def change_date(request: HttpRequest, code: str, date: str) -> HttpResponse:
    """Move a date or say it otherwise. Of two at once, the second sees both."""
    space = opened(request, code)
    found = date_for(space, date)
    require(may_change_date(request.visitor, found))
    if found.session is not None or (found.cancelled_at is not None and request.method != "POST"):
        return redirect(found)
    if request.method != "POST":
        return _date(request, space, DateForm(of=found), date=found)
    form = DateForm(request.POST, of=found)
    if found.cancelled_at is not None:
        return _date(request, space, form, date=found, trouble="cancelled", status=409)
    if not form.is_valid():
        return _date(request, space, form, date=found, status=422)
    try:
        things.change_date(found, form.told(), by=request.visitor, edits=form.cleaned_data["edits"] or 0)
    except things.Changed as changed:
        there = date_for(space, changed.current.code)
        kept = request.POST.copy()
        kept["edits"] = str(there.edits)
        return _date(request, space, DateForm(kept, of=there), date=there, there=there, status=409)
    except things.Cancelled:
        return _date(request, space, form, date=found, trouble="cancelled", status=409)
    except TooFast:
        form.add_error(None, str(SLOWLY))
        return slowed(_date(request, space, form, date=found, status=429))
    return redirect(found)


@governed("N7", GET="D", POST="D")
@get_and_post
@login_required
def cancel_date(request: HttpRequest, code: str, date: str) -> HttpResponse:
    """Cancel a date, with a reason that stands there."""
    space = opened(request, code)
    found = date_for(space, date)
    require(may_change_date(request.visitor, found))
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        things.cancel_date(found, by=request.visitor, because=form.cleaned_data["because"])
        return redirect(found)
    status = 422 if request.method == "POST" else 200
    return render(
        request, "spaces/cancel_date.html", {"space": space, "date": found, "form": form}, status=status
    )


@governed("N7")
@require_safe
def date_calendar(request: HttpRequest, code: str, date: str) -> HttpResponse:
    """One date as a calendar file."""
    space = opened(request, code)
    found = date_for(space, date)
    text = calendar([found], name=space.name, site=site(), now=timezone.now())
    return response(text, f"koinon-{found.code}")


@governed("N7")
@require_safe
def dates_calendar(request: HttpRequest, code: str) -> HttpResponse:
    """All dates of a space as one calendar file."""
    space = opened(request, code)
    rows = space.dates.shown().select_related("session", "space").soonest_first()[:500]
    text = calendar(rows, name=space.name, site=site(), now=timezone.now())
    return response(text, f"koinon-{space.code}")
