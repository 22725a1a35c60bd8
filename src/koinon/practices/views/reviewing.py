"""Where practices are reviewed: what waits, who looks at it, what was found, the decision."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base.governance import governed
from koinon.base.languages import DEFAULT
from koinon.base.visitor import HttpRequest, require
from koinon.network.models import Role
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.practices.actions import keeping, reviewing
from koinon.practices.content import content_of, unkept
from koinon.practices.forms import AssignForm, NoteForm, ReviewForm, WithdrawForm
from koinon.practices.life import NotFrom, State
from koinon.practices.models import Practice, Version
from koinon.practices.permissions import (
    may_assign,
    may_confirm,
    may_decide,
    may_note,
    may_read_reviews,
    may_read_submitted,
    may_restore,
    may_withdraw,
)
from koinon.practices.pictures import pictures_in, told
from koinon.practices.readings import languages_of, read
from koinon.practices.staff import reviewers_for
from koinon.practices.views.common import visible, working
from koinon.practices.views.reading import differences, parts_of, picture_differences

Kind = Role.Kind
get_and_post = require_http_methods(["GET", "HEAD", "POST"])


def reviews_somewhere(visitor: Any) -> bool:
    """Whether anything can wait for this visitor."""
    return isinstance(visitor, NetworkVisitor) and visitor.holds(
        Kind.EDITOR, Kind.MANAGER, Kind.LEAD, Kind.COORDINATOR
    )


@governed("D2")
@require_safe
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """What was sent in and waits for this visitor, the longest waiting first."""
    require(reviews_somewhere(request.visitor))
    return render(request, "practices/inbox.html", {"versions": reviewing.open_to(request.visitor)})


def _in_review(request: HttpRequest, slug: str) -> Version:
    """The version in review, for who may read it there and did not only write it."""
    version = working(request, slug)
    require(may_read_submitted(request.visitor, version), hidden=True)
    return version


@governed("D2", GET="R", POST="M")
@get_and_post
@login_required
def review(request: HttpRequest, slug: str) -> HttpResponse:
    """Read what was sent in, say what was found, decide."""
    version = _in_review(request, slug)
    if request.method != "POST":
        if version.state != State.SUBMITTED:
            return redirect("practices:version", slug, version.number)
        return _page(request, version)
    require(may_decide(request.visitor, version))
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return _page(request, version, form=form, status=422)
    try:
        done = reviewing.decide(version, by=request.visitor, findings=form.findings())
    except NotFrom:
        form.add_error(None, _("Somebody else has decided a moment before; nothing was changed."))
        return _page(request, version, form=form, status=409)
    if done.state == State.SUBMITTED:
        return redirect("practices:review", slug)
    return redirect("practices:version", slug, done.number)


def _page(
    request: HttpRequest,
    version: Version,
    *,
    form: ReviewForm | None = None,
    assign_form: AssignForm | None = None,
    note_form: NoteForm | None = None,
    status: int = 200,
) -> HttpResponse:
    visitor, practice = request.visitor, version.practice
    reading = read(version, languages_of(practice, version), get_language() or DEFAULT)
    may = {
        "decide": may_decide(visitor, version),
        "assign": may_assign(visitor, version),
        "note": may_note(visitor, version),
        "read_reviews": may_read_reviews(visitor, version),
    }
    reviews = list(version.reviews.of_now().select_related("reviewer"))
    own = next((one for one in reviews if one.reviewer_id == visitor.person_id), None)
    context: dict[str, Any] = {
        "practice": practice,
        "version": version,
        "reading": reading,
        "said": reading.said,
        "may": may,
        "reviews": reviews if may["read_reviews"] else [],
        "sees_all": may["read_reviews"],
        **_before(version),
        "form": form or ReviewForm(initial={"note": own.note if own else ""}),
        "note_form": note_form or NoteForm(initial={"note": own.note if own else ""}),
        "assign_form": assign_form or (AssignForm(people=reviewers_for(version)) if may["assign"] else None),
        **parts_of(practice, version),
    }
    return render(request, "practices/review.html", context, status=status)


def _before(version: Version) -> dict[str, Any]:
    """What was asked for in earlier rounds, and what differs between the text and pictures as they were sent back and are now."""
    back = version.sent_back
    since = None
    if back:
        since = differences(unkept(back), content_of(version))
        if "pictures" in back:
            # What was sent back before pictures were kept is compared by its words alone.
            since += picture_differences(back["pictures"], told(pictures_in(version)))
    return {
        "earlier": list(version.reviews.of_before().done().select_related("reviewer")),
        "since": since,
    }


@governed("D2", POST="A")
@require_POST
@login_required
def assign(request: HttpRequest, slug: str) -> HttpResponse:
    """Name somebody to review it."""
    version = _in_review(request, slug)
    require(may_assign(request.visitor, version))
    form = AssignForm(request.POST, people=reviewers_for(version))
    if not form.is_valid():
        return _page(request, version, assign_form=form, status=422)
    try:
        reviewing.assign(version, by=request.visitor, to=form.chosen)
    except reviewing.NotPossible:
        form.add_error("to", _("This person cannot review it."))
        return _page(request, version, assign_form=form, status=422)
    return redirect("practices:review", slug)


@governed("D2", POST="A")
@require_POST
@login_required
def second(request: HttpRequest, slug: str) -> HttpResponse:
    """Wish a second person, or no longer."""
    version = _in_review(request, slug)
    require(may_assign(request.visitor, version))
    reviewing.want_second(version, by=request.visitor, wanted=request.POST.get("wanted") == "yes")
    return redirect("practices:review", slug)


@governed("D3", POST="C")
@require_POST
@login_required
def note(request: HttpRequest, slug: str) -> HttpResponse:
    """A word for those who decide."""
    version = _in_review(request, slug)
    require(may_note(request.visitor, version))
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, version, note_form=form, status=422)
    reviewing.note(version, by=request.visitor, text=form.cleaned_data["note"])
    return redirect("practices:review", slug)


@governed("D3")
@require_safe
@login_required
def reviews(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What was found of a version, earlier rounds too: all of it for those who decide, the text that was sent for its author."""
    from koinon.practices.permissions import is_owner
    from koinon.practices.views.common import version_of

    version = version_of(request, visible(request, slug), number)
    sees_all = may_read_reviews(request.visitor, version)
    require(sees_all or is_owner(request.visitor, version.practice))
    now = version.reviews.of_now().select_related("reviewer")
    context = {
        "practice": version.practice,
        "version": version,
        "reviews": list(now if sees_all else now.done()),
        "sees_all": sees_all,
        **_before(version),
    }
    return render(request, "practices/reviews.html", context)


@governed("D4", POST="P")
@require_POST
@login_required
def confirm(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that it still holds."""
    practice = visible(request, slug)
    require(may_confirm(request.visitor, practice))
    keeping.confirm(practice, by=request.visitor)
    return redirect(practice)


@governed("D4", GET="D", POST="D")
@get_and_post
@login_required
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Take it away, with the reason that its place goes on telling."""
    practice = visible(request, slug)
    require(may_withdraw(request.visitor, practice))
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _withdraw(request, practice, form)
    if not form.is_valid():
        return _withdraw(request, practice, form, status=422)
    keeping.withdraw(practice, by=request.visitor, because=form.cleaned_data["because"])
    return redirect(practice)


def _withdraw(
    request: HttpRequest, practice: Practice, form: WithdrawForm, status: int = 200
) -> HttpResponse:
    context = {"practice": practice, "version": practice.latest, "form": form}
    return render(request, "practices/withdraw.html", context, status=status)


@governed("D5", POST="M")
@require_POST
@login_required
def restore(request: HttpRequest, slug: str) -> HttpResponse:
    """Bring back what was withdrawn."""
    practice = visible(request, slug)
    require(may_restore(request.visitor, practice))
    keeping.restore(practice, by=request.visitor)
    return redirect(practice)
