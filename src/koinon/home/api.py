"""The search's part of the API: one search over everything, with facets, and why each thing was found."""

from typing import Annotated, Literal

from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError
from pydantic import AfterValidator, ConfigDict

from koinon.base.governance import governed
from koinon.base.languages import DEFAULT, in_language
from koinon.base.text import plain, visible
from koinon.base.visitor import HttpRequest
from koinon.home import finding, unmet
from koinon.home.named import places_in
from koinon.places.api import Language
from koinon.places.models import Place
from koinon.search import service
from koinon.search.engine import MOST_LETTERS, words_of

router = Router(tags=["search"])
Plain = Annotated[str, AfterValidator(plain)]
MOST_TYPED = 10_000
"""Characters that may be sent; only the first 600 are looked for."""


class Asked(Schema):
    """Words and filters. Other fields are refused."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field("", max_length=MOST_TYPED, description="words in any language; signs mean nothing")
    lang: Language = Field(
        DEFAULT, description="the reader's language: of texts where there is one, and of addresses"
    )
    type: list[Plain] = Field(
        [], max_length=20, description="answer, practice, session, organisation, person"
    )
    country: list[Plain] = Field([], max_length=30, description="codes of countries")
    topic: list[Plain] = Field([], max_length=20, description="keys of concepts, as in the facet")
    objective: list[Plain] = Field(
        [], max_length=20, description="codes of objectives of the ESF+, as in the facet"
    )
    target: list[Plain] = Field([], max_length=20, description="for whom: codes, as in the facet")
    stage: list[Plain] = Field([], max_length=20, description="codes, as in the facet")
    cost: list[Plain] = Field([], max_length=20, description="in a year: codes, as in the facet")
    evidence: list[Plain] = Field([], max_length=20, description="0 to 4, as in the facet")
    language: list[Plain] = Field(
        [], max_length=30, description="codes of languages in which there is a text, as in the facet lang"
    )
    place: str = Field(
        "", max_length=200, description="key of a place: what is for it, or for what it lies in"
    )
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

    q = visible(asked.q[:MOST_LETTERS])
    place = Place.objects.find(asked.place) if asked.place else None
    if asked.place and place is None:
        raise HttpError(422, "place is the key of a place.")
    countries = [value.upper() for value in asked.country if value]
    topics = [value for value in asked.topic if value]
    try:
        found = service.search(
            q,
            language=asked.lang,
            types=[value for value in asked.type if value],
            countries=countries,
            topics=topics,
            objectives=[value for value in asked.objective if value],
            targets=[value for value in asked.target if value],
            stages=[value for value in asked.stage if value],
            costs=[value for value in asked.cost if value],
            evidence=[value for value in asked.evidence if value],
            languages=[value.lower() for value in asked.language if value],
            places=[place.code, *place.ancestor_codes()] if place is not None else (),
            limit=asked.limit,
        )
    except service.NoIndex:
        raise HttpError(503, "The index is being made. Try again in a moment.") from None
    if not found.total and words_of(q):
        meant = [one.code for one in places_in(q)] or ([place.code] if place is not None else [])
        unmet.count_search(found.concepts, meant, countries, topics)
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
