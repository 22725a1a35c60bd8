"""What the views share: finding a practice and a version that this visitor may see."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from koinon.base.visitor import HttpRequest, Visitor
from koinon.network.visitor import Visitor as NetworkVisitor
from koinon.practices.models import Practice, Version
from koinon.practices.models.practices import takes_part
from koinon.practices.permissions import may_read_version


def visible(request: HttpRequest, slug: str) -> Practice:
    """The practice of an address, if this visitor may see it; else the 404 of what is not there."""
    rows = Practice.objects.seen_by(request.visitor).select_related(
        "organisation", "centre", "owner", "shown"
    )
    return get_object_or_404(rows, slug=slug[:120])


def version_of(request: HttpRequest, practice: Practice, number: int) -> Version:
    """One of its versions, if this visitor may see it."""
    found = practice.versions.filter(number=number).first() if number < 2**31 else None
    if found is None:
        raise Http404
    found.practice = practice
    if not may_read_version(request.visitor, found):
        raise Http404
    return found


def working(request: HttpRequest, slug: str) -> Version:
    """The version that is being written or reviewed, if this visitor may see it."""
    practice = visible(request, slug)
    found = practice.in_work
    if found is None:
        raise Http404
    found.practice = practice
    if not may_read_version(request.visitor, found):
        raise Http404
    return found


def may_write_here(visitor: Visitor) -> bool:
    """Whether there is anything to begin here for this visitor."""
    return isinstance(visitor, NetworkVisitor) and takes_part(visitor)
