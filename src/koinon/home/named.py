"""Which places some words name: all of them together as the gazetteer understands them, or a name among other words."""

from itertools import islice

from koinon.base.text import fold
from koinon.places import gazetteer
from koinon.places.gazetteer import Candidate
from koinon.places.gazetteer.index import Hit, current

MOST = 3
LONGEST = 3
_MOST_WORDS = 12
_TOWN = 20_000
"""People in a town that is taken for meant where its name stands among other words: small ones are called as anything is."""


def places_in(query: str, *, most: int = MOST) -> list[Candidate]:
    """The places that are meant, the likeliest first; none where it is only a guess."""
    words = fold(query[: gazetteer.LONGEST]).split()[:_MOST_WORDS]
    if not words:
        return []
    if len(words) <= LONGEST:
        whole = gazetteer.find(query, limit=most, guesses=False)
        sure = [item for item in whole.items if item.match in {"code", "name", "alias"}]
        if sure and (whole.clear or len(words) == 1 or _is_large(sure[0])):
            return sure[:1] if whole.clear else sure
    return _among(words)[:most]


def _is_large(item: Candidate) -> bool:
    return item.kind != "locality" or item.population >= _TOWN


def _among(words: list[str]) -> list[Candidate]:
    """Names among other words, longest first; each word counts once."""
    names = current()
    found: list[Candidate] = []
    used: set[int] = set()
    for length in range(min(LONGEST, len(words)), 0, -1):
        for at in range(len(words) - length + 1):
            span = range(at, at + length)
            part = " ".join(words[at : at + length])
            if used.intersection(span) or len(part) < 4:
                continue
            hits = [Hit(place, 1.0, "name", weight) for place, weight in islice(names.exact(part), 8)]
            large = [item for hit in hits if _is_large(item := names.candidate(hit))]
            if large:
                used.update(span)
                found.append(max(large, key=lambda item: (item.kind == "country", item.population)))
    return found
