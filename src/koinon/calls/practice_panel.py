"""What calls add to a practice's page: those that are open, or open later, on its topics or for its objectives."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from koinon.base.languages import DEFAULT
from koinon.base.visitor import HttpRequest
from koinon.calls.around import Near, calls_alive
from koinon.calls.words import Stage
from koinon.practices import concepts
from koinon.practices.models import Practice, Version
from koinon.practices.panels import Panel, panels

SHOWN = 3
_FAR = float("inf")


def calls_of(request: HttpRequest, practice: Practice, version: Version) -> Panel | None:
    """What shares most with it first, then what closes first; each with why. What shares nothing is not shown. No query."""
    now, found = timezone.now(), []
    for row in calls_alive():
        topics = [key for key in version.topics if key in row.topics]
        letters = [letter for letter in version.objectives if letter in row.objectives]
        if topics or letters:
            following = row.next_date(now)
            order = (
                -2 * len(topics) - len(letters),
                row.stage(now) == Stage.COMING,
                following[0].timestamp() if following else _FAR,
                row.slug,
            )
            found.append((order, row, _because(topics, letters)))
    best = sorted(found, key=lambda one: one[0])[:SHOWN]
    lines = [(row, f"{_when(row, now)} {why}".strip()) for _order, row, why in best]
    return Panel("calls/_practice.html", {"lines": lines}) if lines else None


def _because(topics: Iterable[str], letters: Iterable[str]) -> str:
    language = get_language() or DEFAULT
    words = {
        "topics": ", ".join(concepts.label(key, language) for key in topics),
        "letters": ", ".join(f"({letter})" for letter in letters),
    }
    if words["topics"]:
        return _("The call is about %(topics)s, as this is.") % words
    return _("The call is for objective %(letters)s, which this serves.") % words


def _when(row: Near, now: datetime) -> str:
    """When it opens or closes next, as a sentence; empty where there is no date."""
    if row.stage(now) == Stage.COMING and row.opens_on is not None:
        return _("It opens on %(day)s.") % {"day": date_format(row.opens_on, "DATE_FORMAT")}
    following = row.next_date(now)
    return _("Until %(day)s.") % {"day": date_format(following[1], "DATE_FORMAT")} if following else ""


def join_in() -> None:
    """Called once, when the calls are ready."""
    panels.append(calls_of)
