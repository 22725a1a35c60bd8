"""What a search that somebody follows is called: its words, and its filters as the language that is spoken names them."""

from collections.abc import Callable, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from koinon.base.languages import DEFAULT, ENDONYMS, country_name, language_name
from koinon.places.models import Place
from koinon.practices import concepts
from koinon.practices.words import Cost, Evidence, Stage, Target
from koinon.topics.models import Objective

Pairs = Sequence[tuple[str, str]]

types: dict[str, str | Promise] = {}
"""What the types of found things are called, many of them. Filled by `home`, whose search it is, in its `apps.py`."""


def label(pairs: Pairs, places: Mapping[str, Place], objectives: Mapping[str, str]) -> str:
    """The words in quotation marks, the filters after them. What has no name stays as it was typed."""
    spoken = get_language() or DEFAULT
    words = dict(pairs).get("q", "")
    rest = [_named(name, value, spoken, places, objectives) for name, value in pairs if name != "q"]
    if not words:
        return ", ".join(rest)
    said = _("“%(words)s”") % {"words": words}
    return f"{said} ({', '.join(rest)})" if rest else said


def objectives_in(searches: Sequence[Pairs]) -> dict[str, str]:
    """The objectives that these searches filter by, and what they are called; one query, none where there is none."""
    codes = {value for pairs in searches for name, value in pairs if name == "objective"}
    return {row.code: str(row) for row in Objective.objects.filter(pk__in=codes)} if codes else {}


def places_of(pairs: Pairs) -> list[str]:
    return [value for name, value in pairs if name == "place"]


def _named(
    name: str, value: str, spoken: str, places: Mapping[str, Place], objectives: Mapping[str, str]
) -> str:
    if name == "place":
        return places[value].display_name() if value in places else value
    # Names are kept for whoever asks again: not for whatever somebody types.
    if name == "country" and len(value) == 2:
        return country_name(value, spoken)
    if name == "language" and value in ENDONYMS:
        return language_name(value, spoken)
    if name == "topic" and concepts.is_key(value):
        return concepts.label(value, spoken)
    words: dict[str, Callable[[], Mapping[str, object]]] = {
        "type": lambda: types,
        "objective": lambda: objectives,
        "target": lambda: dict(Target.choices),
        "stage": lambda: dict(Stage.choices),
        "cost": lambda: dict(Cost.choices),
        "evidence": lambda: {str(number): word for number, word in Evidence.choices},
    }
    return str(words[name]().get(value, value)) if name in words else value
