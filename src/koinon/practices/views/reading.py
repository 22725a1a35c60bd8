"""A practice as it is read: its page, its versions, what changed between them, its pictures; the thread of who took it over."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from koinon.base.front import shared
from koinon.base.governance import governed
from koinon.base.languages import DEFAULT
from koinon.base.visitor import HttpRequest
from koinon.practices.models import Practice
from koinon.practices.models.practices import tombstone
from koinon.practices.readings import languages_of, read
from koinon.practices.views.common import visible


@governed("D4")
@require_safe
def practice(request: HttpRequest, slug: str) -> HttpResponse:
    """One practice, in the language of the page where there is a translation; `?read=` chooses another."""
    gone = tombstone(slug[:120])
    if gone is not None and not Practice.objects.seen_by(request.visitor).filter(pk=gone.pk).exists():
        return render(request, "practices/gone.html", {"practice": gone}, status=410)
    found = visible(request, slug)
    version = found.latest
    translations = languages_of(found, version)
    reading = read(version, translations, request.GET.get("read", "") or get_language() or DEFAULT)
    context: dict[str, Any] = {
        "practice": found,
        "version": version,
        "reading": reading,
        "said": reading.said,
    }
    response = render(request, "practices/practice.html", context)
    if found.is_public and not request.GET and not request.visitor.is_signed_in:
        return shared(response)
    return response
