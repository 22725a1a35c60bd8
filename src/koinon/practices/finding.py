"""Which practices fit what somebody typed: asked of the search, and by plain words where it does not answer."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import get_language

from koinon.base.languages import DEFAULT
from koinon.base.text import fold

if TYPE_CHECKING:
    from koinon.practices.listing import Row

log = logging.getLogger("koinon.practices")
MOST = 200


def found(typed: str, rows: "Sequence[Row]") -> dict[str, int]:
    """Slug → its place in the order, best first."""
    by_search = _searched(typed)
    if by_search:
        return by_search
    words = fold(typed).split()
    if not words:
        return {}
    scored = []
    # At least half of the words have to be there: small ones stand everywhere.
    for at, row in enumerate(rows):
        # A word counts where one begins with it: endings differ with the case.
        padded = " " + row.folded
        hits = sum(f" {word}" in padded for word in words)
        if hits * 2 >= len(words):
            scored.append((-hits, at, row.slug))
    return {slug: place for place, (_hits, _at, slug) in enumerate(sorted(scored))}


def _searched(typed: str) -> dict[str, int]:
    """What the search of the house says; nothing where there is no index to ask."""
    try:
        from koinon.search.service import search

        answer = search(typed, language=get_language() or DEFAULT, types=("practice",), limit=MOST)
    except Exception as trouble:
        # Whatever is wrong with the index: somebody wants to read practices.
        log.warning("the search does not answer: %s", type(trouble).__name__)
        return {}
    return {hit.document.key: place for place, hit in enumerate(answer.hits)}
