"""Which space, thread, post, file or date an address means, for who may see it; else the 404 of what is not there."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from koinon.base.visitor import HttpRequest
from koinon.spaces.actions.joining import hash_of
from koinon.spaces.models import Date, File, Invitation, Post, Space, Thread
from koinon.spaces.permissions import may_read_reported


def space_for(request: HttpRequest, code: str) -> Space:
    rows = Space.objects.seen_by(request.visitor).with_owner()
    return get_object_or_404(rows, code=code[:12])


def opened(request: HttpRequest, code: str) -> Space:
    """The same, of what was opened: a proposal has no threads, files or dates."""
    space = space_for(request, code)
    if space.state == Space.State.PROPOSED:
        raise Http404
    return space


def thread_for(space: Space, code: str) -> Thread:
    thread = get_object_or_404(space.threads.all().with_words(), code=code[:12])
    thread.space = space
    return thread


def post_for(space: Space, pk: int) -> Post:
    if pk >= 2**63:
        raise Http404
    post = get_object_or_404(Post.objects.select_related("thread"), pk=pk, thread__space=space)
    post.thread.space = space
    return post


def reported_post(request: HttpRequest, pk: int) -> Post:
    """One post alone: for who sees its space, and for who handles a notice about it."""
    if pk >= 2**63:
        raise Http404
    post = get_object_or_404(Post.objects.select_related("thread__space"), pk=pk)
    sees = Space.objects.seen_by(request.visitor).filter(pk=post.thread.space_id).exists()
    if not sees and not may_read_reported(request.visitor, post):
        raise Http404
    return post


def reported_file(request: HttpRequest, code: str) -> File:
    """The same for a file; who handles a notice about it gets it after it was taken off too, to decide upon a complaint."""
    rows = File.objects.filter(withdrawn_at__isnull=True).select_related("space")
    file = get_object_or_404(rows, code=code[:32])
    sees = Space.objects.seen_by(request.visitor).filter(pk=file.space_id).exists()
    if not (sees and file.removed_at is None) and not may_read_reported(request.visitor, file):
        raise Http404
    return file


def file_for(space: Space, code: str) -> File:
    file = get_object_or_404(space.files.standing(), code=code[:32])
    file.space = space
    found: File = file
    return found


def date_for(space: Space, code: str) -> Date:
    date = get_object_or_404(space.dates.shown().select_related("session"), code=code[:12])
    date.space = space
    found: Date = date
    return found


def invitation_by(code: str) -> Invitation | None:
    """The invitation with this code, as long as it lets somebody in."""
    rows = Invitation.objects.select_related("space__organisation")
    found = rows.filter(code_hash=hash_of(code)).first()
    return found if found is not None and found.is_usable and found.space.is_running else None


def space_behind(door: str) -> Space | None:
    """The closed space whose door this is."""
    rows = Space.objects.stands().running().filter(is_closed=True).select_related("organisation")
    return rows.filter(door=door).first() if len(door) == 28 else None
