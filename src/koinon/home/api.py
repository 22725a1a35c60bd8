"""The search's part of the API: one search over everything, with facets, and why each thing was found."""

from typing import Literal

from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError
from pydantic import ConfigDict

from koinon.base.governance import governed
from koinon.base.languages import DEFAULT, in_language
from koinon.base.text import visible
from koinon.base.visitor import HttpRequest
from koinon.home import finding
from koinon.places.api import Language
from koinon.search import service
from koinon.search.engine import MOST_LETTERS

router = Router(tags=["search"])
MOST_TYPED = 10_000
"""Characters that may be sent; only the first 600 are looked for."""


class Asked(Schema):
    """Words and filters. Other fields are refused."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field("", max_length=MOST_TYPED, description="words in any language; signs mean nothing")
    lang: Language = Field(
        DEFAULT, description="the reader's language: of texts where there is one, and of addresses"
    )
    type: list[str] = Field([], max_length=20, description="answer, practice, session, organisation, person")
    country: list[str] = Field([], max_length=30, description="codes of countries")
    topic: list[str] = Field([], max_length=20, description="keys of concepts, as in the facet")
    limit: int = Field(20, ge=1, le=100)


class FoundOut(Schema):
    """`snippet` is HTML, escaped but for `mark`; `why` are sentences in the reader's language; `lang` is the text's."""

    type: str
    title: str
    url: str
    lang: str
    score: float
    snippet: str
    why: list[str]


class SearchOut(Schema):
    items: list[FoundOut]
    total: int
    facets: dict[str, dict[str, int]]
    about: list[str] = Field(description="facets that were counted in a sample, since very much was found")
    mode: Literal["lexical", "semantic"]


@router.get("/search", response=SearchOut)
@governed("P1", GET="R")
def search(request: HttpRequest, asked: Query[Asked]) -> SearchOut:
    """Everything that fits, best first, in one search over all languages; counts of each filter beside it."""
    from django.utils import translation

    try:
        found = service.search(
            visible(asked.q[:MOST_LETTERS]),
            language=asked.lang,
            types=[value for value in asked.type if value],
            countries=[value.upper() for value in asked.country if value],
            topics=[value for value in asked.topic if value],
            limit=asked.limit,
        )
    except service.NoIndex:
        raise HttpError(503, "The index is being made. Try again in a moment.") from None
    with translation.override(asked.lang):
        items = [
            FoundOut(
                type=hit.document.type,
                title=hit.text.title,
                url=in_language(hit.document.address, asked.lang),
                lang=hit.text.language,
                score=hit.score,
                snippet=hit.snippet,
                why=list(finding.why(hit, asked.lang)),
            )
            for hit in found.hits
        ]
    facets = {name: dict(values) for name, values in found.facets.items() if values}
    about = sorted(found.about & facets.keys())
    return SearchOut(items=items, total=found.total, facets=facets, about=about, mode=found.mode)  # type: ignore[arg-type]
