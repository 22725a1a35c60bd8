"""Why two offers or needs might talk, and what speaks against it: read off what both sides say, the same from either side.

Nothing here is guessed: each reason names what stands in both entries, and a test reads it off them again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from math import log10
from typing import Final

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from koinon.base.languages import DEFAULT, ENDONYMS, country_name, language_name
from koinon.peers.models import Entry
from koinon.peers.words import Format, Kind
from koinon.places.models import Place
from koinon.practices import concepts

FOR, HALF, AGAINST = "full", "half", "late"
LIKE: Final = 0.35
"""How far the sizes of two places alike may lie apart: a little more than the double."""
_FITS: Final = {
    (Kind.OFFER, Kind.NEED),
    (Kind.NEED, Kind.OFFER),
    (Kind.PARTNERS, Kind.PARTNERS),
    (Kind.OFFER, Kind.PARTNERS),
    (Kind.PARTNERS, Kind.OFFER),
}


_FORMATS: Final = {value: 1 << at for at, value in enumerate(Format.values)}
_LANGUAGES: Final = {code: 1 << at for at, code in enumerate(ENDONYMS)}


def _bits(known: Mapping[str, int], values: Iterable[str]) -> int:
    return sum({known[value] for value in values if value in known})


@dataclass(frozen=True, slots=True)
class Facts:
    """What the matching knows of an entry: nothing that names anybody."""

    pk: int
    kind: str
    owner: tuple[str, int]
    topics: frozenset[str]
    formats: frozenset[str]
    languages: frozenset[str]
    format_bits: int
    language_bits: int
    place: str
    place_level: int
    population: int
    country: str
    until: date | None
    expires_on: date
    call: str
    changed: float


def facts_of(entry: Entry) -> Facts:
    """The facts of an entry whose place and body were fetched with it."""
    place: Place | None = entry.place
    return Facts(
        pk=entry.pk,
        kind=str(entry.kind),
        owner=entry.owner,
        topics=frozenset(entry.topics),
        formats=frozenset(entry.formats),
        languages=frozenset(entry.languages),
        format_bits=_bits(_FORMATS, entry.formats),
        language_bits=_bits(_LANGUAGES, entry.languages),
        place=place.code if place is not None else "",
        place_level=place.level if place is not None else -1,
        population=place.population if place is not None else 0,
        country=entry.country,
        until=entry.until,
        expires_on=entry.expires_on,
        call=entry.call_key if entry.kind == Kind.PARTNERS else "",
        changed=entry.changed_at.timestamp(),
    )


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: what it is about, whether it speaks for the two (full), in part (half) or against (late), and the facts."""

    about: str
    mark: str
    values: tuple[str, ...] = field(default=())

    @property
    def words(self) -> str:
        """As a sentence in the reader's language."""
        return _WORDS[self.about](self.values)

    @property
    def mark_words(self) -> str:
        return {FOR: _("For it"), HALF: _("Half"), AGAINST: _("Against it")}[self.mark]


def may_fit(one: Facts, two: Facts) -> bool:
    """Whether the two could be shown to each other: something in common to do, and not the same side."""
    if (one.kind, two.kind) not in _FITS or one.owner == two.owner or one.pk == two.pk:
        return False
    if one.kind == two.kind == Kind.PARTNERS:
        return one.call == two.call and bool(one.call)
    return not one.topics.isdisjoint(two.topics)


TOPIC: Final = 30
"""One more topic in common weighs more than everything else together (from -10 to +18), so that they can be sorted first."""
MOST_TOPICS: Final = 3


def score(one: Facts, two: Facts) -> int:
    """How much speaks for two that may fit; the same from either side."""
    return TOPIC * min(MOST_TOPICS, len(one.topics & two.topics)) + beside_topics(one, two)


def beside_topics(one: Facts, two: Facts) -> int:
    """What speaks for two besides their topics. Asked a thousand times for one answer: forms and languages are bits here."""
    points = 0
    same_call = bool(one.call) and one.call == two.call
    if same_call:
        points += 4 * TOPIC
        if one.country and two.country and one.country != two.country:
            points += 6
    if one.format_bits and two.format_bits:
        points += 5 if one.format_bits & two.format_bits else -4
    if one.language_bits and two.language_bits:
        points += 6 if one.language_bits & two.language_bits else -6
    if one.country and one.country == two.country:
        if one.place and one.place == two.place:
            points += 3
        elif not same_call:
            points += 1
    if one.population and two.population and _like_size(one, two):
        points += 2
    if one.until is not None and two.until is not None:
        points += 1
    return points


def reasons(one: Facts, two: Facts) -> tuple[Reason, ...]:
    """All that speaks for two that may fit, then what is open, then what speaks against it."""
    found: list[Reason] = []
    if one.call and one.call == two.call:
        found.append(Reason("call", FOR))
    if common := one.topics & two.topics:
        found.append(Reason("topics", FOR, tuple(sorted(common))))
    found += _formats(one, two)
    found += _languages(one, two)
    found += _where(one, two)
    found += _time(one, two)
    order = {FOR: 0, HALF: 1, AGAINST: 2}
    return tuple(sorted(found, key=lambda reason: order[reason.mark]))


def _formats(one: Facts, two: Facts) -> Iterable[Reason]:
    if not one.formats or not two.formats:
        if one.formats or two.formats:
            yield Reason("format_open", HALF, tuple(sorted(one.formats | two.formats)))
    elif common := one.formats & two.formats:
        yield Reason("formats", FOR, tuple(sorted(common)))
    else:
        yield Reason("no_format", AGAINST)


def _languages(one: Facts, two: Facts) -> Iterable[Reason]:
    if not one.languages or not two.languages:
        if one.languages or two.languages:
            yield Reason("language_open", HALF, tuple(sorted(one.languages | two.languages)))
    elif common := one.languages & two.languages:
        yield Reason("languages", FOR, tuple(sorted(common)))
    else:
        yield Reason("no_language", AGAINST)


def _where(one: Facts, two: Facts) -> Iterable[Reason]:
    if one.place and one.place == two.place:
        yield Reason("place", FOR, (one.place,))
    elif one.country and one.country == two.country:
        yield Reason("country", HALF if one.call and one.call == two.call else FOR, (one.country,))
    elif one.call and one.call == two.call and one.country and two.country:
        yield Reason("abroad", FOR, tuple(sorted((one.country, two.country))))
    if _like_size(one, two):
        yield Reason("size", FOR, tuple(str(number) for number in sorted((one.population, two.population))))


def _time(one: Facts, two: Facts) -> Iterable[Reason]:
    if one.until is not None and two.until is not None:
        yield Reason("time", FOR, (min(one.until, two.until).isoformat(),))
    elif one.until is not None or two.until is not None:
        yield Reason("time_open", HALF, ((one.until or two.until or one.expires_on).isoformat(),))


def _like_size(one: Facts, two: Facts) -> bool:
    if not one.population or not two.population or one.place == two.place:
        return False
    if one.place_level != two.place_level or one.place_level < 1:
        return False
    return abs(log10(one.population) - log10(two.population)) <= LIKE


def _spoken() -> str:
    return get_language() or DEFAULT


def _list(words: Iterable[str]) -> str:
    return ", ".join(words)


def _day(values: tuple[str, ...]) -> str:
    return date_format(date.fromisoformat(values[0]), "DATE_FORMAT")


def _topics(values: tuple[str, ...]) -> str:
    names = _list(concepts.label(key, _spoken()) for key in values)
    return _("Both are about: %(topics)s.") % {"topics": names}


def _format_names(values: tuple[str, ...]) -> str:
    return _list(str(Format(value).label) for value in values if value in Format.values)


def _language_names(values: tuple[str, ...]) -> str:
    return _list(language_name(value, _spoken()) for value in values)


def _sizes(values: tuple[str, ...]) -> str:
    less, more = (number_format(int(value), force_grouping=True) for value in values)
    return _("Like size: %(less)s and %(more)s people.") % {"less": less, "more": more}


_WORDS: dict[str, Callable[[tuple[str, ...]], str]] = {
    "call": lambda values: _("Both look for partners for the same call."),
    "topics": _topics,
    "formats": lambda values: (
        _("The same form suits both: %(formats)s.") % {"formats": _format_names(values)}
    ),
    "format_open": lambda values: (
        _("Form: %(formats)s, said by one side only.") % {"formats": _format_names(values)}
    ),
    "no_format": lambda values: _("They name other forms of working together."),
    "languages": lambda values: (
        _("A language in common: %(languages)s.") % {"languages": _language_names(values)}
    ),
    "language_open": lambda values: (
        _("Language: %(languages)s, said by one side only.") % {"languages": _language_names(values)}
    ),
    "no_language": lambda values: _("No language in common is stated."),
    "place": lambda values: _("Both are in the same place."),
    "country": lambda values: _("Both are in %(country)s.") % {"country": country_name(values[0], _spoken())},
    "abroad": lambda values: (
        _("They are in two countries: %(countries)s.")
        % {"countries": _list(country_name(value, _spoken()) for value in values)}
    ),
    "size": _sizes,
    "time": lambda values: _("Time: both until %(day)s at least.") % {"day": _day(values)},
    "time_open": lambda values: (
        _("Time: until %(day)s for one, the other names no day.") % {"day": _day(values)}
    ),
}
