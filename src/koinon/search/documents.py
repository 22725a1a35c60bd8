"""What can be found: a thing as the search sees it, with its texts in one or more languages.

Only what everybody may read ever becomes a document: no right is asked for when somebody searches.
"""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Text:
    """One language version of a thing. `state`: `original`, `human` or `machine` translation, or `outdated`."""

    language: str
    title: str
    body: str
    state: str = "original"


@dataclass(frozen=True)
class Document:
    """A thing that can be found. `address` is its path without a language before it; the first text is the original.

    `countries`, `places`, `topics`, `objectives`, `targets`, `stage`, `cost` and `evidence` are codes, and become facets.
    """

    type: str
    key: str
    address: str
    texts: tuple[Text, ...]
    countries: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    stage: str = ""
    cost: str = ""
    evidence: str = ""
    on: date | None = None

    @property
    def thing(self) -> tuple[str, str]:
        """What names it: type and key."""
        return (self.type, self.key)


@dataclass(frozen=True)
class Hit:
    """A thing that was found: the text that suits the reader best, a piece of it as safe HTML, and why it is here.

    `why` are short codes with a value, for the page to put into words: `("word", "coach")`, `("title", "coach")`,
    `("typo", "caoch", "coach")`, `("begins", "mun", "municipality")`, `("concept", "care-leaver")`, `("meaning",)`.
    """

    document: Document
    text: Text
    score: float
    snippet: str
    why: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Found:
    """The answer of a search: hits of this page, how many in all, and for each facet its values with counts.

    `about`: the facets whose counts come from a sample, since very much was found.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    facets: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    mode: str = "lexical"
    concepts: frozenset[str] = frozenset()
    about: frozenset[str] = frozenset()
