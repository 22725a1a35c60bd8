"""What is taken away again, and comes back: the entries of the journal that say so, and where each thing stood.

`journal/fresh.py` tells what is new; here stands what undoes it, so that a program that keeps things lets them go. Of a thing that
nobody may read any more nothing is told but that it is gone and where it stood; of what was never for everybody, not even that.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from koinon.base.languages import without_language
from koinon.calls.models import Call
from koinon.courses.models import Course
from koinon.courses.words import State as CourseState
from koinon.network.models import Organisation
from koinon.news.models import Item
from koinon.peers.models import Entry, Exchange, PeerReview
from koinon.practices.life import State as PracticeState
from koinon.practices.models import Practice
from koinon.questions.models import Answer
from koinon.spaces.models import Space, Thread

# Verb → a word that stands in the details of its entry where the thing was for everybody until then.
WAS_SHOWN = {"peers.result_withdrawn": "shown", "peers.result_taken_down": "shown"}


@dataclass(frozen=True)
class Gone:
    """Of one source: the verbs that take a thing away, those that bring it back, and the rows that stood here for everybody."""

    away: Sequence[str]
    back: Sequence[str] = field(default=())
    stood: Callable[[], "QuerySet[Any]"] | None = None


def _entries() -> "QuerySet[Any]":
    """What bodies say. What a person says was never for everybody."""
    return Entry.objects.filter(person__isnull=True).exclude(closed_at__isnull=True, removed_at__isnull=True)


def _threads() -> "QuerySet[Any]":
    rows = Thread.objects.filter(
        space__in=Space.objects.public().values("pk"), title_removed_at__isnull=False
    )
    return rows.select_related("space")


def _exchanges() -> "QuerySet[Any]":
    return Exchange.objects.exclude(pk__in=Exchange.objects.public().values("pk"))


_SAYS = ("offer", "need", "partners")
GONE: Mapping[str, Gone] = {
    "news": Gone(
        ["news.withdrawn"], ["news.restored"], lambda: Item.objects.filter(state=Item.State.WITHDRAWN)
    ),
    "calls": Gone(
        ["call.withdrawn"], ["call.restored"], lambda: Call.objects.filter(state=Call.State.WITHDRAWN)
    ),
    "answers": Gone(
        ["answer.withdrawn"], ["answer.restored"], lambda: Answer.objects.filter(withdrawn_at__isnull=False)
    ),
    "courses": Gone(
        ["course.withdrawn"], ["course.restored"], lambda: Course.objects.filter(state=CourseState.WITHDRAWN)
    ),
    # That one is brought back is new for everybody (`practices/fresh.py`).
    "practices": Gone(
        ["practice.withdrawn"], (), lambda: Practice.objects.filter(state=PracticeState.WITHDRAWN)
    ),
    "network": Gone(["organisation.withdrawn"], (), lambda: Organisation.objects.filter(published=False)),
    "peers": Gone(
        [f"peers.{kind}_{end}" for kind in _SAYS for end in ("closed", "taken_down")],
        [f"peers.{kind}_restored" for kind in _SAYS],
        _entries,
    ),
    "exchanges": Gone(
        ["peers.result_withdrawn", "peers.result_taken_down"], ["peers.result_restored"], _exchanges
    ),
    "reviews": Gone(
        ["peers.review_taken_down"],
        ["peers.review_restored"],
        lambda: PeerReview.objects.filter(removed_at__isnull=False),
    ),
    "spaces": Gone(
        ["spaces.taken_down"],
        ["spaces.restored"],
        lambda: Space.objects.filter(removed_at__isnull=False, is_closed=False, organisation__published=True),
    ),
    "talk": Gone(["spaces.title_taken_off"], ["spaces.title_given_back"], _threads),
    # A session or a date that is cancelled can still be read, and is told with its state.
    "dates": Gone((), ["spaces.date_cancelled"]),
}


def addresses(source: str, keys: Iterable[str]) -> dict[str, str]:
    """Key → where a thing stood that nobody may read any more. What was never for everybody is left out. One query."""
    gone = GONE.get(source)
    numbers = [int(key) for key in keys if key.isdecimal() and len(key) <= 18]
    if gone is None or gone.stood is None or not numbers:
        return {}
    rows = gone.stood().filter(Q(pk__in=numbers))
    return {str(row.pk): without_language(row.get_absolute_url()) for row in rows}
