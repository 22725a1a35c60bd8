"""The inbox: the queues with their numbers, and the questions of one of them."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from koinon.base.exits import FORMATS, Column, Listing
from koinon.base.governance import governed
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest
from koinon.desk import boxes, keeping
from koinon.desk.forms import FilterForm
from koinon.desk.sayings import DONE
from koinon.desk.who import on_desk, worker
from koinon.network.visitor import Visitor
from koinon.people.step_up import used_passkey
from koinon.questions.actions.receipts import code_of
from koinon.questions.models import Question

PER_PAGE = 30
KEPT = ("box", "q", "sort", "country", "topic", "lang")

LISTING: Listing[Question] = Listing(
    name="desk",
    title=_("Questions at the desk"),
    columns=[
        Column("number", lambda row: row.number),
        Column("question", lambda row: row.text),
        Column("language", lambda row: row.language),
        Column("place", lambda row: row.place.key),
        Column("country", lambda row: row.place.country),
        Column("topics", lambda row: row.topics),
        Column("wish", lambda row: row.wish),
        Column("state", lambda row: row.state),
        Column("desk", lambda row: row.desk_name),
        Column("asked", lambda row: timezone.localdate(row.asked_at)),
        Column("due", lambda row: row.due),
    ],
    entry_title=lambda row: f"{row.number}: {row.title}",
    entry_url=lambda row: reverse("desk:case", args=[row.number]),
    entry_updated=lambda row: row.asked_at,
)


@governed("C1", GET="R")
@require_safe
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """What lies with the visitor, one queue at a time. Without a desk: what a desk is, and one's own questions."""
    visitor = worker(request)
    if not boxes.has_desk(visitor) and not on_desk(visitor).exists():
        return _without(request, visitor)
    today = timezone.localdate()
    form = FilterForm(request.GET)
    typed = chosen(form)
    rows = boxes.narrowed(
        boxes.in_box(visitor, typed["box"], today, secret=used_passkey(request)), typed
    ).select_related("place", "desk")
    if exit_ := LISTING.answer(request, rows.filter(confidential=False)):
        return exit_
    page = page_of(request, rows, PER_PAGE)
    desks = keeping.desks_of(visitor)
    first = desks[0] if desks else None
    context = {
        "boxes": boxes.boxes(visitor, today, secret=used_passkey(request)),
        "form": form,
        "box": typed["box"],
        "box_name": boxes.NAMES[typed["box"]],
        "kept": kept(typed),
        "page": page,
        "rows": [boxes.row(question, today) for question in page.object_list],
        "is_narrowed": any(typed.get(name) for name in ("q", "country", "topic", "lang")),
        "promise": keeping.kept(first, today) if desks or boxes.is_operator(visitor) else None,
        "desks": desks,
        "is_proved": used_passkey(request),
        "done": DONE.get(request.GET.get("done", "")),
        "formats": FORMATS,
    }
    return render(request, "desk/inbox.html", context, status=422 if form.errors else 200)


def chosen(form: FilterForm) -> dict[str, Any]:
    """What was chosen, as far as it can be understood; the queue of what waits where none is named."""
    form.is_valid()
    return {**form.cleaned_data, "box": form.cleaned_data.get("box") or boxes.WAITING}


def kept(typed: dict[str, Any]) -> str:
    """The choice as the query of an address, so that a case keeps the list it was opened from."""
    return urlencode({name: typed[name] for name in KEPT if typed.get(name)})


def _without(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    own = Question.objects.seen_by(visitor).ordinary().filter(author=visitor.person_id)
    page = page_of(request, own.select_related("place").order_by("-asked_at", "-pk"), PER_PAGE)
    today = timezone.localdate()
    context = {
        "page": page,
        "mine": [(boxes.row(question, today), code_of(question)) for question in page.object_list],
    }
    return render(request, "desk/without.html", context)
