"""Finds the place that somebody typed: any region, city or municipality of the EU, in any of its languages.

All names are held in this process, folded and sorted, about 45 MB; a question costs no query. `find` reads on from what
is surest to what is guessed: a code, the whole name, the name without words of administration, the name with its region
or country, its beginning, and last with one slip of the finger. What it does not know it says.
"""

from koinon.base.languages import DEFAULT, country_name
from koinon.base.text import visible
from koinon.places import outline
from koinon.places.gazetteer.answers import Answer, Candidate, Match, Outside
from koinon.places.gazetteer.index import current
from koinon.places.gazetteer.points import coordinates, near
from koinon.places.gazetteer.search import Search

__all__ = [
    "LONGEST",
    "Answer",
    "Candidate",
    "Match",
    "Outside",
    "coordinates",
    "find",
    "near",
    "size",
    "warm",
]

LONGEST = 200


def find(query: str, *, limit: int = 10, guesses: bool = True) -> Answer:
    """What somebody may mean by these words, the likeliest first. Takes anything, and never fails.

    More than 200 characters are no place: nothing is found. Without `guesses` neither beginnings nor slips of the finger are
    looked for, which costs most.
    """
    if len(query) > LONGEST:
        return Answer(visible(query[:LONGEST]))
    plain = " ".join(visible(" ".join(query.split())).split())
    if not plain:
        return Answer("")
    if point := coordinates(plain):
        return near(*point, query=plain, limit=limit)
    return Search(current(), plain, limit, guesses=guesses).answer()


def warm() -> None:
    """Read all names now, so that nobody waits for it."""
    current()
    outline.countries()
    country_name("UK", DEFAULT)


def size() -> int:
    """How many cities and municipalities are known."""
    return len(current().numbers)
