"""What the gazetteer answers: candidates, a place outside, and whether it is clear."""

from dataclasses import dataclass, field
from typing import Literal

from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language

from koinon.base.languages import DEFAULT, country_name

Match = Literal["code", "name", "alias", "prefix", "fuzzy", "near"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may be meant. `match` says how it was found; `sure` compares it with the others."""

    code: str
    kind: str
    level: int
    name: str
    latin: str
    country: str
    nuts: str
    region_name: str
    population: int
    match: Match
    sure: float = field(default=0.0, compare=False)

    @property
    def key(self) -> str:
        """The place in an address: its code, or `bologna-3181928`."""
        return f"{slugify(self.latin) or 'place'}-{self.code}" if self.kind == "locality" else self.code

    @property
    def url(self) -> str:
        return reverse("place", args=[self.key])

    @property
    def display_name(self) -> str:
        """In the language of the page where CLDR has it (countries, the EU), else its own."""
        return self.name_in(get_language() or DEFAULT)

    def name_in(self, language: str) -> str:
        return country_name(self.code, language) if self.kind == "country" else self.name


@dataclass(frozen=True, slots=True)
class Outside:
    """A place outside the EU that may be meant; `country` by its ISO code, but `UK`."""

    name: str
    country: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was understood. `clear`: the first of `items` is what was meant. `former`: the NUTS 2021 code that was typed."""

    query: str
    items: tuple[Candidate, ...] = ()
    clear: bool = False
    outside: Outside | None = None
    former: str = ""
