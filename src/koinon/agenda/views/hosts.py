"""Where hosts work on a session: drafting, changing, the run of show, publishing, moving, cancelling, material."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.agenda.actions import publishing, writing
from koinon.agenda.forms import CancelForm, MaterialForm, MoveForm, SegmentForm, SessionForm
from koinon.agenda.models import Material, Segment, Series, Session
from koinon.agenda.permissions import (
    may_add_material,
    may_change,
    may_create,
    may_delete,
    may_publish,
    may_remove_material,
    may_work_somewhere,
)
from koinon.agenda.views.programme import visible
from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest, require

get_and_post = require_http_methods(["GET", "HEAD", "POST"])
_KEYS = (
    "title lead format theme outline venue video audience capacity here_capacity spoken interpreted captioned asked_in"
).split()


@governed("B1")
@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """Drafts and sessions that this visitor may work on."""
    require(may_work_somewhere(request.visitor))
    rows = Session.objects.run_by(request.visitor).select_related("organiser").prefetch_related("places")
    return render(request, "agenda/mine.html", {"sessions": rows.latest_first()[:200]})


@governed("B1", GET="C", POST="C")
@get_and_post
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Draft a session of one's own body."""
    form = SessionForm(request.POST if request.method == "POST" else None, by=request.visitor)
    asked = request.POST.get("organiser", "")
    require(bool(form.organisers) and (not asked.isdecimal() or asked in form.organisers))
    if request.method != "POST":
        return render(request, "agenda/edit.html", {"form": form})
    if not form.is_valid():
        return render(request, "agenda/edit.html", {"form": form}, status=422)
    organiser = form.chosen_organiser
    require(may_create(request.visitor, organiser))
    series = form.cleaned_data["series"]
    session = writing.draft(
        organiser,
        by=request.visitor,
        announcement=form.announcement(
            writing.make_series(organiser, by=request.visitor, title=series) if series else None
        ),
        moment=form.cleaned_data["moment"],
        minutes=form.cleaned_data["minutes"],
    )
    return redirect("sessions:edit", session.code)


@governed("B1", GET="U", POST="U")
@get_and_post
@login_required
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change the announcement. Of two at once, the second sees both texts."""
    session = visible(request, code)
    require(may_change(request.visitor, session))
    if request.method != "POST":
        return _edit(request, session, SessionForm(by=request.visitor, of=session))
    form = SessionForm(request.POST, by=request.visitor, of=session)
    if not form.is_valid():
        return _edit(request, session, form, status=422)
    data = form.cleaned_data
    try:
        writing.edit(
            session,
            by=request.visitor,
            version=data["version"],
            announcement=form.announcement(_series(request, session, data["series"])),
            moment=data.get("moment"),
            minutes=data.get("minutes"),
        )
    except writing.Changed as changed:
        return _both(request, changed.current, form)
    except writing.TooLong as wrong:
        form.add_error("minutes" if "minutes" in form.fields else None, _too_long(wrong.over))
        return _edit(request, session, form, status=422)
    return redirect(session)


def _series(request: HttpRequest, session: Session, title: str) -> Series | None:
    if not title:
        return None
    if session.series is not None and session.series.title == title:
        return session.series
    if session.organiser is None:
        return Series.objects.filter(title=title).first()
    return writing.make_series(session.organiser, by=request.visitor, title=title)


def _both(request: HttpRequest, current: Session, form: SessionForm) -> HttpResponse:
    """Somebody else was faster: what was typed stays in the form, what stands now is shown beside it."""
    typed = form.cleaned_data
    differs = [
        (str(form[key].label), getattr(current, key))
        for key in _KEYS
        if key in form.fields and getattr(current, key) != typed.get(key)
    ]
    kept = request.POST.copy()
    kept["version"] = str(current.version)
    again = SessionForm(kept, by=request.visitor, of=current)
    return _edit(request, current, again, differs=differs, status=409)


def _edit(
    request: HttpRequest,
    session: Session,
    form: SessionForm,
    *,
    differs: list[tuple[str, Any]] | None = None,
    status: int = 200,
) -> HttpResponse:
    visitor = request.visitor
    context = {
        "session": session,
        "form": form,
        "differs": differs,
        "may_publish": may_publish(visitor, session),
        "may_delete": may_delete(visitor, session),
    }
    return render(request, "agenda/edit.html", context, status=status)


def _too_long(over: int) -> str:
    return ngettext(
        "The parts take %(n)s minute more than the session has.",
        "The parts take %(n)s minutes more than the session has.",
        over,
    ) % {"n": over}


# The run of show.


@governed("B1", GET="U", POST="U")
@get_and_post
@login_required
def rundown(request: HttpRequest, code: str) -> HttpResponse:
    """The parts of the hour in their order; the form adds one at the end."""
    session = visible(request, code)
    require(may_change(request.visitor, session))
    if request.method != "POST":
        return _rundown(request, session, SegmentForm())
    form = SegmentForm(request.POST)
    if not form.is_valid():
        return _rundown(request, session, form, status=422)
    if session.segments.count() >= writing.MOST_SEGMENTS:
        form.add_error(None, _("These are as many parts as an hour can have here."))
        return _rundown(request, session, form, status=422)
    data = form.cleaned_data
    try:
        writing.add_segment(
            session,
            by=request.visitor,
            kind=data["kind"],
            title=data["title"],
            text=data["text"],
            minutes=data["minutes"],
            who=data["who"],
        )
    except writing.TooLong as wrong:
        form.add_error("minutes", _too_long(wrong.over))
        return _rundown(request, session, form, status=422)
    return redirect("sessions:rundown", session.code)


@governed("B1", POST="U")
@require_POST
@login_required
def part(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Change one part, move it up or down, or take it out: `do` says which."""
    session = visible(request, code)
    require(may_change(request.visitor, session))
    segment = get_object_or_404(Segment, session=session, pk=_small(pk))
    by, do = request.visitor, request.POST.get("do", "save")
    if do in {"up", "down"}:
        writing.move_segment(segment, by=by, up=do == "up")
    elif do == "remove":
        writing.remove_segment(segment, by=by)
    else:
        form = SegmentForm(request.POST, prefix=f"part{segment.pk}")
        if not form.is_valid():
            return _rundown(request, session, SegmentForm(), changed=(segment.pk, form), status=422)
        data = form.cleaned_data
        try:
            writing.change_segment(
                segment,
                by=by,
                kind=data["kind"],
                title=data["title"],
                text=data["text"],
                minutes=data["minutes"],
                who=data["who"],
            )
        except writing.TooLong as wrong:
            form.add_error("minutes", _too_long(wrong.over))
            return _rundown(request, session, SegmentForm(), changed=(segment.pk, form), status=422)
    return redirect("sessions:rundown", session.code)


def _rundown(
    request: HttpRequest,
    session: Session,
    form: SegmentForm,
    *,
    changed: tuple[int, SegmentForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = []
    for segment in session.segments.order_by("position"):
        own = changed[1] if changed and changed[0] == segment.pk else _segment_form(segment)
        rows.append((segment, own))
    left = session.minutes - writing.taken(session)
    context = {"session": session, "rows": rows, "form": form, "left": left}
    return render(request, "agenda/rundown.html", context, status=status)


def _segment_form(segment: Segment) -> SegmentForm:
    names = ("title", "kind", "minutes", "who", "text")
    return SegmentForm(initial={name: getattr(segment, name) for name in names}, prefix=f"part{segment.pk}")


# Showing, moving, cancelling, deleting.


@governed("B1", POST="P")
@require_POST
@login_required
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """Show it to those it is for."""
    session = visible(request, code)
    require(may_publish(request.visitor, session))
    return redirect(publishing.publish(session, by=request.visitor))


@governed("B2", GET="P", POST="P")
@get_and_post
@login_required
def move(request: HttpRequest, code: str) -> HttpResponse:
    """Another time, with word to all."""
    session = visible(request, code)
    require(may_publish(request.visitor, session))
    initial = {
        "day": session.day,
        "begins": session.begins,
        "minutes": session.minutes,
        "zone": session.zone,
        "version": session.version,
        "fold": str(session.fold) if session.moment.is_twofold else "",
    }
    form = MoveForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method != "POST":
        return _change(request, session, "move", form)
    if not form.is_valid():
        return _change(request, session, "move", form, status=422)
    data = form.cleaned_data
    try:
        moved = publishing.move(
            session,
            by=request.visitor,
            version=data["version"],
            moment=data["moment"],
            minutes=data["minutes"],
            words=data["words"],
        )
    except writing.Changed as changed:
        kept = request.POST.copy()
        kept["version"] = str(changed.current.version)
        return _change(request, changed.current, "move", MoveForm(kept), differs=True, status=409)
    except writing.TooLong as wrong:
        form.add_error("minutes", _too_long(wrong.over))
        return _change(request, session, "move", form, status=422)
    except publishing.Started:
        form.add_error(None, _("It runs or is over: it can no longer be moved."))
        return _change(request, session, "move", form, status=422)
    return redirect(moved)


@governed("B2", GET="P", POST="P")
@get_and_post
@login_required
def cancel(request: HttpRequest, code: str) -> HttpResponse:
    """It does not take place; the reason is told to all."""
    session = visible(request, code)
    require(may_publish(request.visitor, session))
    form = CancelForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _change(request, session, "cancel", form)
    if not form.is_valid():
        return _change(request, session, "cancel", form, status=422)
    try:
        cancelled = publishing.cancel(
            session, by=request.visitor, because=" ".join(form.cleaned_data["because"].split())
        )
    except publishing.Started:
        form.add_error(None, _("It runs or is over: it can no longer be cancelled."))
        return _change(request, session, "cancel", form, status=422)
    return redirect(cancelled)


@governed("B1", GET="D", POST="D")
@get_and_post
@login_required
def delete(request: HttpRequest, code: str) -> HttpResponse:
    """Take away a draft, or what was published by mistake."""
    session = visible(request, code)
    require(may_delete(request.visitor, session))
    if request.method != "POST":
        return _change(request, session, "delete", None)
    try:
        publishing.delete(session, by=request.visitor)
    except publishing.HasPeople:
        return _change(
            request,
            session,
            "delete",
            None,
            trouble=_("Somebody is registered for it. Cancel it instead, so that they hear of it."),
            status=422,
        )
    except publishing.Started:
        return _change(
            request,
            session,
            "delete",
            None,
            trouble=_("It runs or is over, and stays in the record."),
            status=422,
        )
    return redirect("sessions:mine")


@governed("B2", POST="U")
@require_POST
@login_required
def confirm_time(request: HttpRequest, code: str) -> HttpResponse:
    """The time is what was meant."""
    session = visible(request, code)
    require(may_change(request.visitor, session))
    return redirect(publishing.confirm_time(session, by=request.visitor))


def _change(
    request: HttpRequest,
    session: Session,
    what: str,
    form: MoveForm | CancelForm | None,
    *,
    differs: bool = False,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {"session": session, "what": what, "form": form, "differs": differs, "trouble": trouble}
    return render(request, "agenda/change.html", context, status=status)


# Material.


@governed("B15", GET="U", POST="C")
@get_and_post
@login_required
def material(request: HttpRequest, code: str) -> HttpResponse:
    """What the session left, and where it lies; the form adds one."""
    session = visible(request, code)
    visitor = request.visitor
    require(may_change(visitor, session))
    if request.method != "POST":
        return _material(request, session, MaterialForm())
    require(may_add_material(visitor, session))
    form = MaterialForm(request.POST)
    if not form.is_valid():
        return _material(request, session, form, status=422)
    data = form.cleaned_data
    writing.add_material(
        session,
        by=visitor,
        kind=data["kind"],
        title=data["title"],
        url=data["url"],
        language=data["language"],
    )
    return redirect("sessions:material", session.code)


@governed("B15", POST="U")
@require_POST
@login_required
def change_material(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Set right what it is called and where it lies."""
    session, row = _one(request, code, pk)
    require(may_change(request.visitor, session))
    form = MaterialForm(request.POST)
    if not form.is_valid():
        return _material(request, session, form, status=422)
    data = form.cleaned_data
    writing.change_material(
        row, by=request.visitor, title=data["title"], url=data["url"], language=data["language"]
    )
    return redirect("sessions:material", session.code)


@governed("B15", POST="P")
@require_POST
@login_required
def publish_material(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Show it, or take it back; a recording needs its captions."""
    session, row = _one(request, code, pk)
    require(may_publish(request.visitor, session))
    try:
        writing.publish_material(row, by=request.visitor, published=request.POST.get("published") == "yes")
    except writing.NoCaptions:
        trouble = _(
            "A recording is published once its captions are. Add the captions and publish them first."
        )
        return _material(request, session, MaterialForm(), trouble=trouble, status=422)
    return redirect("sessions:material", session.code)


@governed("B15", POST="D")
@require_POST
@login_required
def remove_material(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    session, row = _one(request, code, pk)
    require(may_remove_material(request.visitor, session))
    writing.remove_material(row, by=request.visitor)
    return redirect("sessions:material", session.code)


def _one(request: HttpRequest, code: str, pk: int) -> tuple[Session, Material]:
    session = visible(request, code)
    return session, get_object_or_404(Material, session=session, pk=_small(pk))


def _small(pk: int) -> int:
    """A key that a database can hold; 404 for one that it cannot."""
    if pk > 2**62:
        raise Http404
    return pk


def _material(
    request: HttpRequest, session: Session, form: MaterialForm, *, trouble: str = "", status: int = 200
) -> HttpResponse:
    visitor = request.visitor
    context = {
        "session": session,
        "form": form,
        "rows": list(session.material.all()),
        "trouble": trouble,
        "has_captions": writing.has_captions(session),
        "may_add": may_add_material(visitor, session),
        "may_publish": may_publish(visitor, session),
        "may_remove": may_remove_material(visitor, session),
    }
    return render(request, "agenda/material.html", context, status=status)
