"""The self-check of a centre. It needs no account; nothing is kept unless somebody signed in wishes so."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base.front import shared
from koinon.base.governance import PUBLIC_PAGE, governed
from koinon.base.visitor import HttpRequest, require
from koinon.courses import self_check
from koinon.courses.actions import keeping
from koinon.courses.models import SelfCheck
from koinon.courses.permissions import may_learn


@governed(PUBLIC_PAGE, GET="R", POST="R")
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """The statements; answered, what comes of them. The answers stand in no address and in no log."""
    if request.method != "POST":
        response = _form(request)
        return response if request.GET or request.visitor.is_signed_in else shared(response)
    levels, wrong = self_check.parse(request)
    if wrong:
        return _form(request, levels, _("Choose among the answers that are offered."), status=422)
    if not levels:
        return _form(request, levels, _("Answer the statements of at least one part."), status=422)
    return _result(request, levels)


def _form(
    request: HttpRequest, levels: dict[str, int] | None = None, trouble: str = "", status: int = 200
) -> HttpResponse:
    context = {"parts": self_check.parts(levels), "levels": self_check.LEVELS, "trouble": trouble}
    return render(request, "courses/self_check.html", context, status=status)


def _result(request: HttpRequest, levels: dict[str, int], kept: SelfCheck | None = None) -> HttpResponse:
    parts = self_check.result(request, levels)
    context = {
        "parts": parts,
        "left_out": [part.title for part in parts if not part.is_begun],
        "words": dict(self_check.LEVELS),
        "levels": sorted(levels.items()),
        "kept": kept,
        "may_keep": kept is None and may_learn(request.visitor),
    }
    return render(request, "courses/self_check_result.html", context)


@governed("E4", POST="C")
@require_POST
@login_required
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the answers with the account."""
    levels, wrong = self_check.parse(request)
    if wrong or not levels:
        return _form(request, levels, _("Choose among the answers that are offered."), status=422)
    made = keeping.keep_check(levels, by=request.visitor)
    return redirect("courses:kept_check", made.pk)


def _own(request: HttpRequest, pk: int) -> SelfCheck:
    if pk >= 2**63:
        raise Http404
    found = get_object_or_404(SelfCheck, pk=pk, person=request.visitor.person_id)
    require(may_learn(request.visitor))
    return found


@governed("E4")
@require_safe
@login_required
def kept(request: HttpRequest, pk: int) -> HttpResponse:
    """What one answered, with what helps as of today."""
    found = _own(request, pk)
    return _result(
        request, {name: level for name, level in found.levels.items() if name in self_check.NAMES}, found
    )


@governed("E4", POST="D")
@require_POST
@login_required
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    keeping.forget_check(_own(request, pk), by=request.visitor)
    return redirect("courses:mine")
