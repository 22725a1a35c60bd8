"""Who else looks at a case right now. Kept for half a minute in this process's cache and nowhere else.

With several processes each knows only who asked it; the version, which all know, is what keeps words from being lost.
"""

from threading import Lock

from django.core.cache import cache
from django.utils import timezone

from koinon.people.models import Person
from koinon.questions.models import Question

SECONDS = 30
_lock = Lock()


def _key(question: Question) -> str:
    return f"desk:here:{question.pk}"


def look_in(question: Question, person: Person | None) -> None:
    """Somebody has the case open."""
    if person is None:
        return
    with _lock:
        here = _here(question)
        here[person.pk] = (timezone.now().timestamp() + SECONDS, str(person))
        cache.set(_key(question), here, SECONDS)


def others(question: Question, person: Person | None) -> list[str]:
    """The names of those who have it open besides this person, in a lasting order."""
    here = _here(question)
    return [name for pk, (_until, name) in sorted(here.items()) if person is None or pk != person.pk]


def _here(question: Question) -> dict[int, tuple[float, str]]:
    now = timezone.now().timestamp()
    kept: dict[int, tuple[float, str]] = cache.get(_key(question)) or {}
    return {pk: seen for pk, seen in kept.items() if seen[0] > now}
