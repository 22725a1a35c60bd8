"""Where documents come from: each capability registers what of it can be found, in its `apps.py`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from koinon.search.documents import Document


@dataclass(frozen=True)
class Source:
    """All of one type: `keys` names everything that there is, `load` makes documents of what everybody may read.

    A key for which `load` gives nothing is taken out of the index. `has_meaning`: whether its texts say enough to be compared
    by meaning; a name alone does not, and would be near to everything.
    """

    type: str
    keys: Callable[[], Iterable[str]]
    load: Callable[[Sequence[str]], Iterable[Document]]
    has_meaning: bool = True


sources: dict[str, Source] = {}
"""Type → where its documents come from, in the order in which the chips of the page show them."""


def register(source: Source) -> None:
    """Make a type of things findable. Twice is once."""
    sources[source.type] = source


def has_meaning(type: str) -> bool:
    """Whether things of a type are compared by meaning."""
    source = sources.get(type)
    return source is None or source.has_meaning
