"""Spaces, posts and files as things that can be reported (`notices/subjects.py`).

What is said in an open space the body answers for. Of a closed one the body's staff learns nothing: the coordinators decide,
who read the one post or file that was reported, under a label that does not name the space.
"""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koinon.base.visitor import Visitor
from koinon.network.models import Organisation
from koinon.notices.subjects import Kind, Subject, kinds
from koinon.spaces.actions import keeping, talking, things
from koinon.spaces.models import File, Post, Space
from koinon.spaces.permissions import FILE, POST

SPACE = "space"


def _answers(space: Space) -> Organisation | None:
    return None if space.is_closed else space.organisation


def _space(key: str, visitor: Visitor) -> Subject | None:
    found = Space.objects.seen_by(visitor).stands().with_owner().filter(code=key[:12]).first()
    if found is None:
        return None
    if found.is_closed:
        return Subject(_("A closed space"), reverse("spaces:list"), None, found.proposed_by_id)
    return Subject(found.name, found.get_absolute_url(), found.organisation, found.proposed_by_id)


def _number(key: str) -> int:
    """The number that a key is, written as we write it; 0, which nothing has, where it is none."""
    is_ours = key.isascii() and key.isdecimal() and len(key) <= 18 and not key.startswith("0")
    return int(key) if is_ours else 0


def _post(key: str, visitor: Visitor) -> Subject | None:
    rows = Post.objects.standing().select_related("thread__space__organisation")
    found = rows.filter(
        pk=_number(key), thread__space__in=Space.objects.seen_by(visitor).values("pk")
    ).first()
    if found is None:
        return None
    space = found.thread.space
    label = _("A post in a closed space") if space.is_closed else _("A post in a space")
    return Subject(label, reverse("spaces:post", args=[found.pk]), _answers(space), found.person_id)


def _file(key: str, visitor: Visitor) -> Subject | None:
    rows = File.objects.standing().light().select_related("space__organisation")
    found = rows.filter(code=key[:32], space__in=Space.objects.seen_by(visitor).values("pk")).first()
    if found is None:
        return None
    label = _("A file in a closed space") if found.space.is_closed else found.name
    address = reverse("spaces:reported_file", args=[found.code])
    return Subject(label, address, _answers(found.space), found.person_id)


def _take_space(key: str, reason: str, words: str, by: Visitor) -> None:
    """Decided upon a notice; whether this person may decide, `notices` has asked. So with all below."""
    if (found := Space.objects.filter(code=key[:12]).first()) is not None:
        keeping.take_down_after_notice(found)


def _give_space(key: str, by: Visitor) -> None:
    if (found := Space.objects.filter(code=key[:12]).first()) is not None:
        keeping.restore_after_complaint(found)


def _take_post(key: str, reason: str, words: str, by: Visitor) -> None:
    if (found := Post.objects.select_related("thread__space").filter(pk=_number(key)).first()) is not None:
        talking.remove_after_notice(found)


def _give_post(key: str, by: Visitor) -> None:
    if (found := Post.objects.select_related("thread__space").filter(pk=_number(key)).first()) is not None:
        talking.restore_after_complaint(found)


def _take_file(key: str, reason: str, words: str, by: Visitor) -> None:
    if (found := File.objects.light().select_related("space").filter(code=key[:32]).first()) is not None:
        things.remove_file_after_notice(found)


def _give_file(key: str, by: Visitor) -> None:
    if (found := File.objects.light().select_related("space").filter(code=key[:32]).first()) is not None:
        things.restore_file_after_complaint(found)


def join_in() -> None:
    """Called once, when spaces are ready."""
    kinds[SPACE] = Kind(gettext_lazy("space"), _space, _take_space, _give_space)
    kinds[POST] = Kind(gettext_lazy("post in a space"), _post, _take_post, _give_post)
    kinds[FILE] = Kind(gettext_lazy("file in a space"), _file, _take_file, _give_file)
