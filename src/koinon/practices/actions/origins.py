"""Practices that begin with what somebody told elsewhere: an experience in a room, an answer of a desk. Linked both ways."""

from collections.abc import Iterable

from django.db import transaction

from koinon.base.languages import DEFAULT, ENDONYMS
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation
from koinon.places.models import Place
from koinon.practices.actions.writing import draft
from koinon.practices.content import Content
from koinon.practices.life import State
from koinon.practices.models import Practice

_TITLE = 120


@transaction.atomic
def draft_from_experience(
    text: str,
    *,
    by: Visitor,
    organisation: Organisation | None,
    language: str,
    place: Place | None,
    origin: tuple[str, str, str],
    title: str = "",
) -> Practice:
    """Begin a draft with the words of an experience or an answer. Once for each origin: the second time gives the first draft.

    `origin`: key (`contribution:7`), label and address of where it was told. Whoever calls has asked whether its author
    agreed: the words come into a draft that the organisation's people read. Without `title` their first line is it.
    """
    before = Practice.objects.filter(origin=origin[0]).order_by("pk").first()
    if before is not None:
        return before
    first = title or text.strip().partition("\n")[0]
    short = first if len(first) <= _TITLE else first[: _TITLE - 1].rsplit(" ", 1)[0] + "…"
    content = Content(
        title=short,
        language=language if language in ENDONYMS else DEFAULT,
        approach=text.strip(),
        places=(place,) if place is not None else (),
    )
    return draft(content, by=by, organisation=organisation, origin=origin)


def by_origin(keys: Iterable[str], *, public: bool) -> dict[str, Practice]:
    """Origin → the practice that came of it; only what everybody reads, or whatever there is."""
    rows = Practice.objects.filter(origin__in=list(keys))
    if public:
        rows = rows.filter(state=State.PUBLISHED)
    return {row.origin: row for row in rows}
