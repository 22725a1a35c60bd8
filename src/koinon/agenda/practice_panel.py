"""What the agenda adds to a practice's page: sessions to come that speak of its topics, and those that name it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from koinon.agenda.models import Session
from koinon.agenda.outline import plain
from koinon.base.languages import DEFAULT
from koinon.base.visitor import HttpRequest
from koinon.journal import versions
from koinon.network.actions.roles import site
from koinon.practices.models import Practice, Version
from koinon.practices.panels import Panel, panels
from koinon.topics import concepts

SHOWN = 3
_ADDRESS = "/practices/"


@dataclass(frozen=True)
class Told:
    """A public session as the page of a practice shows it."""

    code: str
    title: str
    language: str
    day: date
    ends_at: datetime
    topics: frozenset[str] = frozenset()


def sessions_of(request: HttpRequest, practice: Practice, version: Version) -> Panel | None:
    """Sessions to come that share a topic with it, each with why, soonest first; then those that name it. No query.

    Only what is announced to everybody, whoever asks.
    """
    coming = _about(version.topics)
    there = {told.code for told, _why in coming}
    named = [told for told in _naming(versions.known()).get(practice.slug, ()) if told.code not in there]
    if not coming and not named:
        return None
    return Panel("agenda/_practice.html", {"coming": coming, "named": named[:SHOWN]})


def _about(topics: Iterable[str]) -> list[tuple[Told, str]]:
    wanted, now, language = frozenset(topics), timezone.now(), get_language() or DEFAULT
    found = []
    for told in _coming(versions.known()) if wanted else ():
        if told.ends_at >= now and (shared := wanted & told.topics):
            names = ", ".join(sorted(concepts.label(key, language) for key in shared))
            found.append((told, _("It speaks of this: %(names)s.") % {"names": names}))
            if len(found) == SHOWN:
                break
    return found


@lru_cache(maxsize=1)
def _coming(version: int) -> tuple[Told, ...]:
    """What is announced, soonest first, with the concepts that its words speak of. One query."""
    rows = Session.objects.public().to_come(timezone.now()).soonest_first()
    return tuple(_told(row, "\n".join((row.title, row.lead, row.theme, plain(row.outline)))) for row in rows)


@lru_cache(maxsize=1)
def _naming(version: int) -> dict[str, tuple[Told, ...]]:
    """Slug → sessions in whose programme or material the address of that practice stands, the latest first. Three queries."""
    named = Q(segments__text__contains=_ADDRESS) | Q(
        material__published=True, material__url__contains=_ADDRESS
    )
    named |= Q(outline__contains=_ADDRESS) | Q(lead__contains=_ADDRESS)
    rows = Session.objects.public().exclude(state=Session.State.CANCELLED).filter(named).distinct()
    found: dict[str, list[Told]] = {}
    for row in rows.prefetch_related("segments", "material").latest_first():
        said = [row.lead, row.outline, *(part.text for part in row.segments.all())]
        said += [one.url for one in row.material.all() if one.published]
        for slug in dict.fromkeys(_slugs("\n".join(said))):
            found.setdefault(slug, []).append(_told(row))
    return {slug: tuple(told) for slug, told in found.items()}


def _slugs(text: str) -> list[str]:
    """The practices whose addresses stand in a text: those of this house, with or without its name."""
    here = rf"(?:{re.escape(site())}|(?<![\w.\-/]))(?:/[a-z]{{2}})?{_ADDRESS}([-\w]{{1,120}})"
    return re.findall(here, text, re.ASCII)


def _told(row: Session, words: str = "") -> Told:
    return Told(row.code, row.title, row.language, row.day, row.ends_at, concepts.concepts_in(words))


def forget() -> None:
    """Ask anew the next time (for tests, whose changes are undone without a new version)."""
    _coming.cache_clear()
    _naming.cache_clear()


def join_in() -> None:
    """Called once, when the agenda is ready."""
    panels.append(sessions_of)
