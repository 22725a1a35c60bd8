"""The answer for a place in a few lines, for other people's sites: of each shelf its head, what is nearest, and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape

from koinon.guide.items import Gap, Item, Shelf
from koinon.guide.shelves import nearest_to_ask

WIDTH, HEIGHT = "100%", "760"


@dataclass(frozen=True)
class Head:
    """One shelf in a few lines. `language`: of the title of what is nearest, where it is known."""

    shelf: Shelf
    item: Item | None
    language: str
    gap: Gap | None


def heads(shelves: Sequence[Shelf]) -> list[Head]:
    """Of each shelf what is nearest and holds today, and the first of what is missing. Asks nothing more of anybody."""
    found = []
    for shelf in shelves:
        now = [item for item in shelf.items if item.relation == "now" and not item.is_gap]
        item = nearest_to_ask(shelf) if shelf.id == "responsible" else next(iter(now), None)
        gap = next(iter(shelf.gaps), None)
        found.append(Head(shelf, item, _language_of(item) if item is not None else "", gap))
    return found


def _language_of(item: Item) -> str:
    """In which language a title is told; each kind keeps it where its shelf draws it from."""
    if item.type == "practice":
        return item.period
    place = {"session": 6, "course": 6, "call": 3, "answer": 0, "offer": 0, "need": 0}.get(item.type)
    if place is None or place >= len(item.meta):
        return ""
    return item.meta[place].label


def snippet(address: str, title: str) -> str:
    """What somebody copies into a page of their own: a frame, and nothing that runs. A plain text, escaped where it is shown."""
    return (
        f'<iframe src="{escape(address)}" title="{escape(title)}" width="{WIDTH}" height="{HEIGHT}"'
        ' loading="lazy" referrerpolicy="no-referrer"></iframe>'
    )
