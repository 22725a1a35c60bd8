"""Where practices are written: beginning one, writing on, pictures, sending in one or several, the next version, taking away."""

import re
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base import uploads
from koinon.base.governance import governed
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest, require
from koinon.practices.actions import writing
from koinon.practices.content import Content, content_of, differing
from koinon.practices.exchange.permissions import organisations as organisations_to_try
from koinon.practices.forms import ContentForm, PictureForm
from koinon.practices.life import IN_WORK, NotFrom, State
from koinon.practices.models import Practice, Version
from koinon.practices.permissions import (
    may_delete,
    may_draft,
    may_read_version,
    may_revise,
    may_write,
)
from koinon.practices.pictures import pictures_in
from koinon.practices.views.common import may_write_here, visible, working

A_PAGE = writing.MOST_AT_ONCE
_SLUG = re.compile(r"[-\w]{1,120}", re.ASCII)
get_and_post = require_http_methods(["GET", "HEAD", "POST"])


@governed("D1")
@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """What this visitor wrote, and what its organisations draft. `?tick=all` ticks what can be sent in."""
    require(may_write_here(request.visitor))
    organisations: frozenset[int] = getattr(request.visitor, "organisations", frozenset())
    rows = Practice.objects.seen_by(request.visitor).select_related("shown", "organisation")
    rows = rows.owned_by(request.visitor.person_id) | rows.filter(organisation__in=organisations)
    page = page_of(request, rows.prefetch_related("versions").order_by("-made_at", "-pk"), A_PAGE)
    practices = []
    for row in page:
        latest = max(row.versions.all(), key=lambda one: one.number)
        practices.append((row, latest, may_write(request.visitor, latest)))
    context = {
        "page": page,
        "practices": practices,
        "may_take_in": organisations_to_try(request.visitor).exists(),
        "can_send": any(can_send for _row, _version, can_send in practices),
        "all_ticked": request.GET.get("tick") == "all",
        "here": request.path,
    }
    return render(request, "practices/mine.html", context)


@governed("D1", POST="U")
@require_POST
@login_required
def send_in(request: HttpRequest) -> HttpResponse:
    """Send in those that were ticked, each by the rules of one; what cannot be sent in is told with what is missing."""
    typed = request.POST.getlist("practice")
    if len(typed) > writing.MOST_AT_ONCE:
        raise SuspiciousOperation(f"at most {writing.MOST_AT_ONCE} at once")
    ticked = {slug for slug in typed if _SLUG.fullmatch(slug)}
    if not typed:
        require(may_write_here(request.visitor))
        return render(request, "practices/sent_in.html", {"is_empty": True}, status=422)
    there, mine_to_send = _ticked(request, ticked)
    if not there:
        raise Http404
    require(bool(mine_to_send))
    done = writing.submit_several(mine_to_send, by=request.visitor)
    form = ContentForm(by=request.visitor)
    context = {
        "sent": len(done.sent),
        "already": len(done.already),
        "left": len(set(typed)) - len(done.sent) - len(done.already) - len(done.lacking),
        "lacking": [(version, [label_of(form, name) for name in fields]) for version, fields in done.lacking],
    }
    is_refused = not done.sent and not done.already
    return render(request, "practices/sent_in.html", context, status=422 if is_refused else 200)


def _ticked(request: HttpRequest, slugs: set[str]) -> tuple[bool, list[Version]]:
    """Whether any of them is there for this visitor; and the versions that it may send in, or did."""
    practices = list(Practice.objects.seen_by(request.visitor).filter(slug__in=slugs))
    rows = Version.objects.filter(practice__in=practices, state__in=IN_WORK).select_related("practice")
    found = [
        row
        for row in rows.prefetch_related("writers", "reviews").order_by("practice")
        if may_write(request.visitor, row)
        or (row.state == State.SUBMITTED and may_read_version(request.visitor, row))
    ]
    return bool(practices), found


@governed("D1", GET="C", POST="C")
@get_and_post
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Begin a draft."""
    require(may_write_here(request.visitor))
    form = ContentForm(request.POST if request.method == "POST" else None, by=request.visitor)
    asked = request.POST.get("organisation", "")
    require(not asked.isdecimal() or asked in form.organisations)
    if request.method != "POST":
        return render(request, "practices/edit.html", {"form": form})
    if not form.is_valid():
        return render(request, "practices/edit.html", {"form": form}, status=422)
    organisation = form.chosen_organisation
    require(may_draft(request.visitor, organisation))
    made = writing.draft(form.content(), by=request.visitor, organisation=organisation)
    return redirect("practices:version", made.slug, 1)


def _written(request: HttpRequest, slug: str) -> Version:
    """The version under way, for who may write on it."""
    version = working(request, slug)
    require(may_write(request.visitor, version))
    return version


@governed("D1", GET="U", POST="U")
@get_and_post
@login_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Write on. Of two at once, the second sees both texts."""
    version = _written(request, slug)
    if request.method != "POST":
        return _edit(request, version, ContentForm(by=request.visitor, of=version))
    form = ContentForm(request.POST, by=request.visitor, of=version)
    if not form.is_valid():
        return _edit(request, version, form, status=422)
    try:
        writing.change(version, by=request.visitor, edits=form.cleaned_data["edits"], content=form.content())
    except writing.Changed as changed:
        return _both(request, changed.current, form)
    if request.POST.get("do") == "submit":
        return _submit(request, working(request, slug))
    return redirect("practices:version", slug, version.number)


def _both(request: HttpRequest, current: Version, form: ContentForm) -> HttpResponse:
    """Somebody else was faster: what was typed stays in the form, what stands now is shown beside it."""
    typed, there = form.content(), content_of(current)
    differs = [(label_of(form, name), shown(there, name)) for name in differing(there, typed)]
    kept = request.POST.copy()
    kept["edits"] = str(current.edits)
    again = ContentForm(kept, by=request.visitor, of=current)
    return _edit(request, current, again, differs=differs, status=409)


def label_of(form: ContentForm, name: str) -> str:
    return str(form[name].label) if name in form.fields else name


def shown(content: Content, name: str) -> str:
    """A field of a content as one text."""
    value = getattr(content, name)
    if name == "places":
        return ", ".join(place.display_name() for place in value)
    if name == "links":
        return "\n".join(f"{label} | {address}" for label, address in value)
    if isinstance(value, tuple):
        return ", ".join(value)
    return "" if value is None else str(value)


def _edit(
    request: HttpRequest,
    version: Version,
    form: ContentForm,
    *,
    differs: list[tuple[str, str]] | None = None,
    lacks: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "practice": version.practice,
        "version": version,
        "form": form,
        "differs": differs,
        "lacks": [label_of(form, name) for name in lacks or []],
        "may_delete": may_delete(request.visitor, version.practice),
        "is_revision": version.practice.state == State.PUBLISHED,
        "pictures": pictures_in(version),
        "picture_form": PictureForm(),
        "most_megabytes": uploads.MOST_BYTES // 1024**2,
    }
    return render(request, "practices/edit.html", context, status=status)


@governed("D1", POST="U")
@require_POST
@login_required
def submit(request: HttpRequest, slug: str) -> HttpResponse:
    """Send it in for review."""
    return _submit(request, _written(request, slug))


def _submit(request: HttpRequest, version: Version) -> HttpResponse:
    try:
        writing.submit(version, by=request.visitor)
    except writing.Lacking as missing:
        form = ContentForm(by=request.visitor, of=version)
        return _edit(request, version, form, lacks=missing.fields, status=422)
    return redirect("practices:version", version.practice.slug, version.number)


@governed("D4", POST="U")
@require_POST
@login_required
def revise(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin the next version of a public practice, or go on with the one that is begun."""
    practice = visible(request, slug)
    require(may_revise(request.visitor, practice))
    version = writing.revise(practice, by=request.visitor)
    if version.state == State.SUBMITTED:
        return redirect("practices:version", slug, version.number)
    return redirect("practices:edit", slug)


@governed("D1", GET="D", POST="D")
@get_and_post
@login_required
def delete(request: HttpRequest, slug: str) -> HttpResponse:
    """Take away what was never published."""
    practice = visible(request, slug)
    require(may_delete(request.visitor, practice))
    if request.method != "POST":
        return render(request, "practices/delete.html", {"practice": practice, "version": practice.latest})
    writing.delete(practice, by=request.visitor)
    return redirect("practices:mine")


@governed("D1", POST="U")
@require_POST
@login_required
def drop(request: HttpRequest, slug: str) -> HttpResponse:
    """Take away the next version of a public practice; what is public stays."""
    version = _written(request, slug)
    try:
        writing.drop(version, by=request.visitor)
    except NotFrom:
        return redirect("practices:delete", slug)
    return redirect("practices:practice", slug)


@governed("D1", POST="U")
@require_POST
@login_required
def add_picture(request: HttpRequest, slug: str) -> HttpResponse:
    """Add a picture with its description; place and camera are taken out of it."""
    version = _written(request, slug)
    form = PictureForm(request.POST)
    given = request.FILES.get("picture")
    if given is None:
        form.add_error(None, _("Choose a picture."))
    elif (given.size or 0) > uploads.MOST_BYTES:
        form.add_error(None, uploads.Refused("large").reason)
    if not form.is_valid() or given is None:
        return _with_picture(request, version, form)
    try:
        clean = uploads.clean(given.name or "", given.read())
        if not clean.kind.startswith("image/"):
            form.add_error(None, _("Only pictures (PNG, JPEG, WebP, GIF) are taken here."))
            return _with_picture(request, version, form)
        writing.add_picture(
            version,
            by=request.visitor,
            file=clean,
            description=form.cleaned_data["description"],
            credit=form.cleaned_data["credit"],
        )
    except uploads.Refused as refused:
        form.add_error(None, refused.reason)
        return _with_picture(request, version, form)
    except writing.TooManyPictures:
        form.add_error(None, _("This practice holds as many pictures as it can."))
        return _with_picture(request, version, form)
    return redirect("practices:edit", slug)


def _with_picture(request: HttpRequest, version: Version, form: PictureForm) -> HttpResponse:
    context = {
        "practice": version.practice,
        "version": version,
        "form": ContentForm(by=request.visitor, of=version),
        "may_delete": may_delete(request.visitor, version.practice),
        "pictures": pictures_in(version),
        "picture_form": form,
        "most_megabytes": uploads.MOST_BYTES // 1024**2,
    }
    return render(request, "practices/edit.html", context, status=422)


@governed("D1", POST="U")
@require_POST
@login_required
def remove_picture(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Take a picture out of the version under way."""
    version = _written(request, slug)
    picture = version.practice.pictures.select_related("since", "until").filter(code=code[:32]).first()
    if picture is None or not picture.is_in(version):
        raise Http404
    writing.remove_picture(picture, version, by=request.visitor)
    return redirect("practices:edit", slug)
