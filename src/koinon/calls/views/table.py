"""How Member States organise the priority: the table, and its exits."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from koinon.base.exits import exit_name
from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.visitor import HttpRequest
from koinon.calls import article14 as known


@governed("P1")
@require_safe
def article14(request: HttpRequest) -> HttpResponse:
    """One row for each Member State; each programme with source and date; what is not known is said."""
    found = known.table(timezone.localdate())
    if answer := known.LISTING.answer(request, known.lines(found)):
        return answer
    context = {
        "table": found,
        "exits": [(exit_name(name), f"?format={name}") for name in known.LISTING.formats],
    }
    response = render(request, "calls/article14.html", context)
    return response if request.GET or request.visitor.is_signed_in else shared(response)
