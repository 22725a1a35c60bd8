"""On the page of a body: its latest news, and how to get its letters. Known in the process for the version of the data."""

from collections import defaultdict
from functools import lru_cache

from koinon.base.visitor import HttpRequest
from koinon.journal import versions
from koinon.network import panels
from koinon.network.models import Organisation
from koinon.news.models import Item, Letter

SHOWN = 3


def join_in() -> None:
    """Called once, when news are ready."""
    panels.panels.append(of_body)


def of_body(request: HttpRequest, organisation: Organisation) -> panels.Panel | None:
    """Nothing where the body has told nothing and sent nothing."""
    items, writers = _known(versions.known())
    mine = items.get(organisation.pk, ())
    if not mine and organisation.pk not in writers:
        return None
    rows = [(row, row.read()) for row in mine]
    return panels.Panel(
        "news/_of_body.html", {"rows": rows, "slug": organisation.slug, "writes": organisation.pk in writers}
    )


@lru_cache(maxsize=1)
def _known(version: int) -> tuple[dict[int, tuple[Item, ...]], frozenset[int]]:
    """Body → its latest items; the bodies that have sent a letter. Three queries."""
    found: dict[int, list[Item]] = defaultdict(list)
    for row in Item.objects.public().prefetch_related("texts").newest_first():
        if len(found[row.organisation_id]) < SHOWN:
            found[row.organisation_id].append(row)
    writers = frozenset(Letter.objects.sent().values_list("organisation", flat=True))
    return {key: tuple(rows) for key, rows in found.items()}, writers


def forget() -> None:
    """Ask anew the next time (for tests, whose changes are undone without a new version)."""
    _known.cache_clear()
