"""What a desk promises: set by whoever decides there, measured for all who work there."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest, require
from koinon.desk import boxes, keeping
from koinon.desk.forms import PromiseForm
from koinon.desk.sayings import DONE
from koinon.desk.who import worker
from koinon.network.models import Organisation
from koinon.questions.actions import working
from koinon.questions.permissions import may_set_promise

_MOST = 20


@governed("C1", GET="R", POST="A")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def promises(request: HttpRequest) -> HttpResponse:
    """The desks of the visitor: the days they promise, and how that was kept."""
    if request.method != "POST":
        return _page(request)
    typed = request.POST.get("desk", "")
    key = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else 0
    require(may_set_promise(request.visitor, key))
    desk = next(desk for desk in keeping.desks_of(worker(request)) if desk.pk == key)
    form = PromiseForm(request.POST, auto_id=f"desk{key}_%s")
    if not form.is_valid():
        return _page(request, status=422, bound={key: form})
    working.set_promise(
        desk, by=request.visitor, days=form.cleaned_data["days"], take_days=form.cleaned_data["take_days"]
    )
    return redirect(f"{reverse('desk:promise')}?done=promise")


def _page(
    request: HttpRequest, status: int = 200, bound: "dict[int, PromiseForm] | None" = None
) -> HttpResponse:
    visitor, today = worker(request), timezone.localdate()
    desks: list[Organisation | None] = list(keeping.desks_of(visitor)[:_MOST])
    if boxes.is_operator(visitor):
        desks.append(None)
    rows = []
    for desk in desks:
        kept = keeping.kept(desk, today)
        form = None
        if desk is not None and may_set_promise(visitor, desk.pk):
            form = (bound or {}).get(desk.pk) or PromiseForm(
                auto_id=f"desk{desk.pk}_%s", initial={"days": kept.days, "take_days": kept.take_days}
            )
        rows.append((kept, form))
    context = {"rows": rows, "done": DONE.get(request.GET.get("done", ""))}
    return render(request, "desk/promise.html", context, status=status)
