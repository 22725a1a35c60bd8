"""Which published answers hold for a place: known in the process for the version of the data that holds. And what came of one."""

from functools import lru_cache

from koinon.journal import versions
from koinon.places.models import Place
from koinon.practices.actions.origins import by_origin
from koinon.practices.models import Practice
from koinon.questions.models import Answer

SHOWN = 10


def answers_around(place: Place) -> tuple[int, ...]:
    """The newest answers that hold for a place or for what it lies in, nearest first; at most ten.

    No query once the version is known: pages of places ask this each time, and most places have none of their own.
    """
    around = _around(versions.known())
    found: list[int] = []
    for code in (place.code, *place.ancestor_codes()):
        found += [pk for pk in around.get(code, ()) if pk not in found]
        if len(found) >= SHOWN:
            break
    return tuple(found[:SHOWN])


@lru_cache(maxsize=1)
def _around(version: int) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    rows = Answer.places.through.objects.filter(answer__in=Answer.objects.public())
    for code, pk in rows.order_by("-answer").values_list("place", "answer"):
        if len(found.setdefault(code, [])) < SHOWN:
            found[code].append(pk)
    return {code: tuple(pks) for code, pks in found.items()}


def origin_key(answer: Answer) -> str:
    """What a practice that began with an answer names as its origin."""
    return f"answer:{answer.pk}"


def practice_of(answer: Answer, *, public: bool) -> Practice | None:
    """The practice that came of an answer: only one that everybody reads, or whatever there is."""
    return by_origin([origin_key(answer)], public=public).get(origin_key(answer))


def forget() -> None:
    """Ask anew the next time (for tests, whose changes are undone without a new version)."""
    _around.cache_clear()
