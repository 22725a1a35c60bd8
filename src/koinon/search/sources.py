"""Where documents come from: each capability registers what of it can be found, in its `apps.py`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from koinon.search.documents import Document


@dataclass(frozen=True)
class Source:
    """All of one type: `keys` names everything that there is, `load` makes documents of what everybody may read.

    A key for which `load` gives nothing is taken out of the index.
    """

    type: str
    keys: Callable[[], Iterable[str]]
    load: Callable[[Sequence[str]], Iterable[Document]]


sources: dict[str, Source] = {}
"""Type → where its documents come from, in the order in which the chips of the page show them."""


def register(source: Source) -> None:
    """Make a type of things findable. Twice is once."""
    sources[source.type] = source
