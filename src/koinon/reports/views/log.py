"""The log of what bodies did: read, typed, corrected, withdrawn, taken along as a file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base.governance import governed
from koinon.base.languages import DEFAULT, ENDONYMS, in_language
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest, require
from koinon.network.models import Organisation
from koinon.network.views.asked import among, text
from koinon.places.models import Place
from koinon.reports.actions import log as actions
from koinon.reports.content import country_words
from koinon.reports.forms import ActivityForm, WithdrawForm, bodies_for, body_named
from koinon.reports.listing import LOG
from koinon.reports.models import Activity
from koinon.reports.periods import asked
from koinon.reports.permissions import may_change, may_log, may_withdraw, may_work
from koinon.reports.words import Kind

get_and_post = require_http_methods(["GET", "HEAD", "POST"])
A_PAGE = 40


@governed("N5")
@require_safe
@login_required
def log(request: HttpRequest) -> HttpResponse:
    """What one's bodies did, by body, kind and period. The list leaves by `?format=`."""
    require(may_work(request.visitor), hidden=True)
    period = asked(request)
    kinds = among(request, "kind", set(Kind.values))
    rows = Activity.objects.seen_by(request.visitor).select_related("organisation")
    rows = rows.between(period.first, period.last)
    if kinds:
        rows = rows.filter(kind__in=kinds)
    slug = text(request, "body")[:120]
    body = Organisation.objects.seen_by(request.visitor).filter(slug=slug).first() if slug else None
    if slug:
        rows = rows.filter(organisation=body) if body is not None else rows.none()
    rows = rows.latest_first()
    if file := LOG.answer(request, rows):
        return file
    own = list(bodies_for(request.visitor))
    context = {
        "page": page_of(request, rows, A_PAGE),
        "period": period,
        "kinds": Kind.choices,
        "kind": kinds[0] if kinds else "",
        "body": body,
        "bodies": own,
        "formats": LOG.formats,
        "is_filtered": bool(kinds or slug or not period.is_open),
    }
    return render(request, "reports/log.html", context)


def _seen(request: HttpRequest, pk: int) -> Activity:
    rows = Activity.objects.seen_by(request.visitor).select_related("organisation")
    found = rows.filter(pk=pk).first() if pk < 2**62 else None
    if found is None:
        raise Http404
    return found


@governed("N5")
@require_safe
@login_required
def activity(request: HttpRequest, pk: int) -> HttpResponse:
    """One activity, where it comes from, and what the house says of it where a person said otherwise."""
    return _page(request, _seen(request, pk))


def _page(
    request: HttpRequest,
    found: Activity,
    *,
    form: WithdrawForm | None = None,
    changed: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "activity": found,
        "address": _address(found.link),
        "countries": [country_words(code) for code in found.countries],
        "differs": _differs(found) if found.corrected else [],
        "form": form or WithdrawForm(),
        "changed": changed,
        "may_change": may_change(request.visitor, found),
        "may_withdraw": may_withdraw(request.visitor, found),
    }
    return render(request, "reports/activity.html", context, status=status)


def _address(link: str) -> str:
    """Where more stands about it: a page of the house in the language that is spoken, or an address elsewhere."""
    return in_language(link, get_language() or DEFAULT) if link.startswith("/") else link


@dataclass(frozen=True)
class Difference:
    """What a person says, and what the house says."""

    label: str
    own: str
    house: str


def _differs(found: Activity) -> list[Difference]:
    labels = {
        "kind": _("Kind"),
        "title": _("Title"),
        "language": _("Language"),
        "first_day": _("First day"),
        "last_day": _("Last day"),
        "places": _("Places"),
        "participants": _("Participants"),
        "partners": _("Partners"),
    }
    own, house = found.said, found.house
    places = {place.pk: place for place in Place.objects.filter(pk__in=[*own["places"], *house["places"]])}
    return [
        Difference(label, _words(name, own, places), _words(name, house, places))
        for name, label in labels.items()
        if own[name] != house[name]
    ]


def _words(name: str, said: Mapping[str, Any], places: Mapping[str, Place]) -> str:
    """One thing that is said of an activity, as somebody reads it."""
    value = said[name]
    if value in (None, "", []):
        return _("not known")
    if name == "kind":
        return str(Kind(value).label)
    if name == "language":
        return ENDONYMS[value]
    if name in {"first_day", "last_day"}:
        return date_format(date.fromisoformat(value), "DATE_FORMAT")
    if name == "places":
        return ", ".join(places[code].display_name() if code in places else code for code in value)
    if name == "participants" and said["at_least"]:
        return _("at least %(n)s") % {"n": value}
    return ", ".join(value) if isinstance(value, list) else str(value)


@governed("N5", GET="C", POST="C")
@get_and_post
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Type something that a body did."""
    require(may_work(request.visitor), hidden=True)
    form = ActivityForm(request.POST if request.method == "POST" else None, by=request.visitor)
    body = body_named(request.POST.get("organisation", ""))
    # Who reads the log of a body is told that typing into it is not its part; for the others there is nothing.
    require(body is None or may_log(request.visitor, body), hidden=not _reads(request, body))
    if request.method != "POST":
        require(bool(form.organisations))
        return render(request, "reports/activity_edit.html", {"form": form})
    if not form.is_valid():
        return render(request, "reports/activity_edit.html", {"form": form}, status=422)
    made = actions.log(
        form.said(), by=request.visitor, organisation=form.chosen, nonce=form.cleaned_data["nonce"]
    )
    messages.success(request, _("It is in the log."))
    return redirect(made)


def _reads(request: HttpRequest, body: Organisation | None) -> bool:
    """Whether somebody reads the log of a body."""
    visitor = request.visitor
    if body is None:
        return True
    return bool(getattr(visitor, "is_coordinator", False)) or body.pk in getattr(visitor, "led", frozenset())


@governed("N5", GET="U", POST="U")
@get_and_post
@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct it. Of two at once the second sees what stands now and keeps its words."""
    found = _seen(request, pk)
    require(may_change(request.visitor, found))
    if request.method != "POST":
        form = ActivityForm(by=request.visitor, of=found)
        return render(request, "reports/activity_edit.html", {"form": form, "activity": found})
    form = ActivityForm(request.POST, by=request.visitor, of=found)
    if not form.is_valid():
        return render(request, "reports/activity_edit.html", {"form": form, "activity": found}, status=422)
    try:
        actions.change(found, form.said(), by=request.visitor, version=form.cleaned_data["version"] or 0)
    except actions.Changed as changed:
        kept = request.POST.copy()
        kept["version"] = str(changed.current.version)
        again = ActivityForm(kept, by=request.visitor, of=changed.current)
        context = {"form": again, "activity": found, "there": changed.current}
        return render(request, "reports/activity_edit.html", context, status=409)
    messages.success(request, _("Saved."))
    return redirect(found)


@governed("N5", POST="U")
@require_POST
@login_required
def follow_the_house(request: HttpRequest, pk: int) -> HttpResponse:
    """Take what the house says instead of what a person corrected."""
    found = _seen(request, pk)
    require(may_change(request.visitor, found))
    try:
        actions.follow_the_house(found, by=request.visitor, version=version_of(request))
    except actions.Changed as changed:
        return _page(request, changed.current, changed=True, status=409)
    return redirect(found)


@governed("N5", POST="D")
@require_POST
@login_required
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it out of all figures, with a reason; it stays in the log."""
    found = _seen(request, pk)
    if found.is_counted:
        require(may_withdraw(request.visitor, found))
        form = WithdrawForm(request.POST)
        if not form.is_valid():
            return _page(request, found, form=form, status=422)
        actions.withdraw(found, by=request.visitor, because=form.cleaned_data["because"])
        messages.success(request, _("Withdrawn: it counts no more."))
    return redirect(found)


def version_of(request: HttpRequest) -> int:
    """The version that somebody had before their eyes; 0 for what is none."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
