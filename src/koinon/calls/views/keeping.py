"""Where a body's people work on their calls: drafting, correcting, dates, conditions, publishing, taking away."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest, require
from koinon.calls.actions import publishing, writing
from koinon.calls.forms import ConditionForm, DateForm, FirstDateForm, TermsForm, WithdrawForm
from koinon.calls.models import Call, Condition, Cutoff
from koinon.calls.permissions import (
    may_change,
    may_confirm,
    may_create,
    may_delete,
    may_publish,
    may_withdraw,
    may_work_somewhere,
)
from koinon.calls.views.reading import call_page, visible

get_and_post = require_http_methods(["GET", "HEAD", "POST"])


@governed("E7")
@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """Drafts and calls that this visitor may work on."""
    require(may_work_somewhere(request.visitor))
    rows = Call.objects.run_by(request.visitor).select_related("keeper", "opener").prefetch_related("cutoffs")
    return render(request, "calls/mine.html", {"calls": rows.order_by("-changed_at")[:200]})


@governed("E7", GET="C", POST="C")
@get_and_post
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Draft a call that one's own body opened, or knows of."""
    data = request.POST if request.method == "POST" else None
    form, first = TermsForm(data, by=request.visitor), FirstDateForm(data, prefix="first")
    asked = request.POST.get("keeper", "")
    require(bool(form.keepers) and (not asked.isdecimal() or asked in form.keepers))
    if request.method != "POST":
        return render(request, "calls/edit.html", {"form": form, "first": first})
    if not all([form.is_valid(), first.is_valid()]):
        return render(request, "calls/edit.html", {"form": form, "first": first}, status=422)
    opens = form.cleaned_data["opens_on"]
    if first.is_given and opens is not None and first.cleaned_data["day"] < opens:
        first.add_error("day", _("This lies before the call opens."))
        return render(request, "calls/edit.html", {"form": form, "first": first}, status=422)
    keeper = form.chosen_keeper
    require(may_create(request.visitor, keeper))
    made = writing.draft(
        keeper, by=request.visitor, terms=form.terms(), when=first.when() if first.is_given else None
    )
    return redirect(made)


@governed("E7", GET="U", POST="U")
@get_and_post
@login_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Correct what is said of it. Of two at once, the second sees both texts."""
    call = visible(request, slug)
    require(may_change(request.visitor, call))
    if request.method != "POST":
        return _edit(request, call, TermsForm(by=request.visitor, of=call))
    form = TermsForm(request.POST, by=request.visitor, of=call)
    if not form.is_valid():
        return _edit(request, call, form, status=422)
    try:
        writing.edit(
            call,
            by=request.visitor,
            version=form.cleaned_data["version"],
            terms=form.terms(),
            words=form.cleaned_data.get("words", ""),
        )
    except writing.Changed as changed:
        return _both(request, changed.current, form)
    return redirect(call)


def _both(request: HttpRequest, current: Call, form: TermsForm) -> HttpResponse:
    """Somebody else was faster: what was typed stays in the form, what stands now is shown beside it."""
    typed = form.terms().columns()
    labels = {name: field.label for name, field in form.fields.items()}
    differs = [
        (str(labels.get(name, labels.get("opener", name))), _shown(getattr(current, name)))
        for name in typed
        if getattr(current, name) != typed[name]
    ]
    kept = request.POST.copy()
    kept["version"] = str(current.version)
    return _edit(
        request, current, TermsForm(kept, by=request.visitor, of=current), differs=differs, status=409
    )


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _edit(
    request: HttpRequest,
    call: Call,
    form: TermsForm,
    *,
    differs: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"call": call, "form": form, "differs": differs}
    return render(request, "calls/edit.html", context, status=status)


# Its dates.


@governed("E7", GET="U", POST="U")
@get_and_post
@login_required
def dates(request: HttpRequest, slug: str) -> HttpResponse:
    """The cut-off dates; the form adds one. Of a public call that is word to those who follow it."""
    call = visible(request, slug)
    _may_date(request, call)
    if request.method != "POST":
        return _dates(request, call, DateForm(call=call))
    form = DateForm(request.POST, call=call)
    if not form.is_valid():
        return _dates(request, call, form, status=422)
    data = form.cleaned_data
    try:
        writing.add_date(
            call,
            by=request.visitor,
            version=data["version"],
            when=form.when(),
            words=data.get("words", ""),
        )
    except writing.Changed as changed:
        return _dates(request, _again(request, changed), _kept(request, changed), differs=True, status=409)
    except writing.Full:
        form.add_error(None, _("These are as many dates as a call can have here."))
        return _dates(request, call, form, status=422)
    return redirect("calls:dates", call.slug)


@governed("E7", POST="U")
@require_POST
@login_required
def one_date(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Move one date, or take it off: `do` says which."""
    call = visible(request, slug)
    _may_date(request, call)
    row = get_object_or_404(Cutoff, call=call, pk=_small(pk))
    form = DateForm(request.POST, call=call, of=row, prefix=f"date{row.pk}")
    removing = request.POST.get("do") == "remove"
    if not form.is_valid() and not (removing and "version" in form.cleaned_data):
        return _dates(request, call, DateForm(call=call), changed=(row.pk, form), status=422)
    data = form.cleaned_data
    more: dict[str, Any] = {"version": data["version"], "words": data.get("words", "")}
    try:
        if removing:
            writing.remove_date(row, by=request.visitor, **more)
        else:
            writing.move_date(row, by=request.visitor, when=form.when(), **more)
    except writing.Changed as changed:
        now = _again(request, changed)
        there = Cutoff.objects.filter(pk=row.pk).first()
        if there is None:
            return _dates(request, now, DateForm(call=now), differs=True, status=409)
        kept = request.POST.copy()
        kept[f"date{row.pk}-version"] = str(now.version)
        again = DateForm(kept, call=now, of=there, prefix=f"date{row.pk}")
        return _dates(request, now, DateForm(call=now), changed=(row.pk, again), differs=True, status=409)
    return redirect("calls:dates", call.slug)


def _may_date(request: HttpRequest, call: Call) -> None:
    """Dates of a draft are changed like its words; those of a public call are moved by who may publish."""
    require(may_change(request.visitor, call))
    require(not call.is_public or may_publish(request.visitor, call))


def _again(request: HttpRequest, changed: writing.Changed) -> Call:
    return visible(request, changed.current.slug)


def _kept(request: HttpRequest, changed: writing.Changed) -> DateForm:
    kept = request.POST.copy()
    kept["version"] = str(changed.current.version)
    return DateForm(kept, call=changed.current)


def _dates(
    request: HttpRequest,
    call: Call,
    form: DateForm,
    *,
    changed: tuple[int, DateForm] | None = None,
    differs: bool = False,
    status: int = 200,
) -> HttpResponse:
    rows = [
        (
            one,
            changed[1]
            if changed and changed[0] == one.pk
            else DateForm(call=call, of=one, prefix=f"date{one.pk}"),
        )
        for one in call.dates
    ]
    context = {"call": call, "rows": rows, "form": form, "differs": differs}
    return render(request, "calls/dates.html", context, status=status)


# Its conditions.


@governed("E7", GET="U", POST="U")
@get_and_post
@login_required
def conditions(request: HttpRequest, slug: str) -> HttpResponse:
    """What the call asks, in its order; the form adds one at the end."""
    call = visible(request, slug)
    require(may_change(request.visitor, call))
    if request.method != "POST":
        return _conditions(request, call, ConditionForm(call=call))
    form = ConditionForm(request.POST, call=call)
    if not form.is_valid():
        return _conditions(request, call, form, status=422)
    try:
        writing.add_condition(
            call, by=request.visitor, version=form.cleaned_data["version"], asking=form.asking()
        )
    except writing.Changed as changed:
        now = _again(request, changed)
        kept = request.POST.copy()
        kept["version"] = str(now.version)
        return _conditions(request, now, ConditionForm(kept, call=now), differs=True, status=409)
    except writing.Full:
        form.add_error(None, _("These are as many conditions as a call can have here."))
        return _conditions(request, call, form, status=422)
    return redirect("calls:conditions", call.slug)


@governed("E7", POST="U")
@require_POST
@login_required
def one_condition(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Set one right, or take it out: `do` says which."""
    call = visible(request, slug)
    require(may_change(request.visitor, call))
    row = get_object_or_404(Condition, call=call, pk=_small(pk))
    name = f"c{row.pk}"
    form = ConditionForm(request.POST, call=call, of=row, prefix=name)
    removing = request.POST.get("do") == "remove"
    if not form.is_valid() and not (removing and "version" in form.cleaned_data):
        return _conditions(request, call, ConditionForm(call=call), changed=(row.pk, form), status=422)
    version = form.cleaned_data["version"]
    try:
        if removing:
            writing.remove_condition(row, by=request.visitor, version=version)
        else:
            writing.change_condition(row, by=request.visitor, version=version, asking=form.asking())
    except writing.Changed as changed:
        now = _again(request, changed)
        there = Condition.objects.filter(pk=row.pk).first()
        if there is None:
            return _conditions(request, now, ConditionForm(call=now), differs=True, status=409)
        kept = request.POST.copy()
        kept[f"{name}-version"] = str(now.version)
        again = ConditionForm(kept, call=now, of=there, prefix=name)
        return _conditions(
            request, now, ConditionForm(call=now), changed=(row.pk, again), differs=True, status=409
        )
    return redirect("calls:conditions", call.slug)


@governed("E7", POST="U")
@require_POST
@login_required
def whole(request: HttpRequest, slug: str) -> HttpResponse:
    """These are all the conditions that its text has; or they are not."""
    call = visible(request, slug)
    require(may_change(request.visitor, call))
    version = request.POST.get("version", "")
    if not version.isdecimal() or len(version) > 9:
        return _conditions(request, call, ConditionForm(call=call), status=422)
    try:
        writing.say_whole(
            call, by=request.visitor, version=int(version), whole=request.POST.get("whole") == "yes"
        )
    except writing.Changed as changed:
        now = _again(request, changed)
        return _conditions(request, now, ConditionForm(call=now), differs=True, status=409)
    return redirect("calls:conditions", call.slug)


def _conditions(
    request: HttpRequest,
    call: Call,
    form: ConditionForm,
    *,
    changed: tuple[int, ConditionForm] | None = None,
    differs: bool = False,
    status: int = 200,
) -> HttpResponse:
    rows = [
        (
            one,
            changed[1]
            if changed and changed[0] == one.pk
            else ConditionForm(call=call, of=one, prefix=f"c{one.pk}"),
        )
        for one in call.conditions.all()
    ]
    context = {"call": call, "rows": rows, "form": form, "differs": differs}
    return render(request, "calls/conditions.html", context, status=status)


# Showing it, holding it against its source, taking it away.


@governed("E7", POST="P")
@require_POST
@login_required
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Show it to all; what is missing is said."""
    call = visible(request, slug)
    require(may_publish(request.visitor, call))
    try:
        return redirect(publishing.publish(call, by=request.visitor))
    except publishing.Lacking as wrong:
        return render(request, "calls/lacking.html", {"call": call, "lacking": wrong.fields}, status=422)


@governed("E6", POST="P")
@require_POST
@login_required
def confirm(request: HttpRequest, slug: str) -> HttpResponse:
    """Its opener says that it is so."""
    call = visible(request, slug)
    require(may_confirm(request.visitor, call))
    try:
        return redirect(publishing.confirm(call, by=request.visitor, version=_version(request)))
    except writing.Changed as changed:
        return _not_so(request, changed)


@governed("E6", POST="U")
@require_POST
@login_required
def checked(request: HttpRequest, slug: str) -> HttpResponse:
    """Held against its source today."""
    call = visible(request, slug)
    require(may_change(request.visitor, call))
    try:
        return redirect(publishing.checked(call, by=request.visitor, version=_version(request)))
    except writing.Changed as changed:
        return _not_so(request, changed)


def _version(request: HttpRequest) -> int | None:
    """The version that was read, where a page sends it along."""
    sent = request.POST.get("version", "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else None


def _not_so(request: HttpRequest, changed: writing.Changed) -> HttpResponse:
    """What was read is not what stands there: it is shown, so that it can be held against its source again."""
    trouble = _("Not saved: somebody else changed this call in the meantime.")
    return call_page(request, _again(request, changed), trouble=trouble, status=409)


@governed("E6", GET="D", POST="D")
@get_and_post
@login_required
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a public call away for good."""
    call = visible(request, slug)
    require(may_withdraw(request.visitor, call))
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return render(request, "calls/withdraw.html", {"call": call, "form": form})
    if not form.is_valid():
        return render(request, "calls/withdraw.html", {"call": call, "form": form}, status=422)
    try:
        publishing.withdraw(call, by=request.visitor, because=form.cleaned_data["because"])
    except writing.Over:
        form.add_error(None, _("A draft is deleted, not withdrawn: nobody has read it."))
        return render(request, "calls/withdraw.html", {"call": call, "form": form}, status=422)
    return redirect("calls:list")


@governed("E7", GET="D", POST="D")
@get_and_post
@login_required
def delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Delete a draft."""
    call = visible(request, slug)
    require(may_delete(request.visitor, call))
    if request.method != "POST":
        return render(request, "calls/delete.html", {"call": call})
    try:
        writing.delete(call, by=request.visitor)
    except writing.Over:
        trouble = _("It is public. Withdraw it instead, so that its address says so.")
        return render(request, "calls/delete.html", {"call": call, "trouble": trouble}, status=422)
    return redirect("calls:mine")


def _small(pk: int) -> int:
    """A key that a database can hold; 404 for one that it cannot."""
    if pk > 2**62:
        raise Http404
    return pk
