"""The one search over everything: what was asked for, as a page, a feed and files.

The words go to `search`, the places in them to the gazetteer. Nothing of a search is kept but that there was one for which
nothing is there (`unmet.py`).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.messages import get_messages
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpResponse
from django.template.loader import get_template, render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from koinon.base.exits import FEEDS, Column, Listing, exit_name
from koinon.base.governance import governed
from koinon.base.languages import DEFAULT, ENDONYMS, country_name, in_language, language_name
from koinon.base.text import visible
from koinon.base.visitor import HttpRequest
from koinon.home import pieces, unmet
from koinon.home.kinds import TYPES
from koinon.home.named import places_in
from koinon.journal import versions
from koinon.network.context import invented
from koinon.peers import directory
from koinon.places.gazetteer import Candidate
from koinon.places.models import Place
from koinon.search import service
from koinon.search.documents import Found, Hit
from koinon.search.engine import MOST_LETTERS, words_of
from koinon.topics import concepts
from koinon.topics.models import Objective

A_PAGE: Final = 10
A_FEW: Final = 5
MOST_PAGES: Final = 50
MOST_ROWS: Final = 200
SHOWN_VALUES: Final = 12

FILTERS: dict[str, str] = {
    "type": "type",
    "country": "country",
    "topic": "topic",
    "objective": "objective",
    "target": "target",
    "stage": "stage",
    "cost": "cost",
    "evidence": "evidence",
    "language": "lang",
}
"""Field of the address → facet of the index."""
CASES: dict[str, Callable[[str], str]] = {"country": str.upper, "language": str.lower}
"""How the codes of a filter are written, however somebody typed them."""

HEADINGS: dict[str, str | Promise] = {
    "country": lazy("Country"),
    "language": lazy("Language"),
    "topic": lazy("Topic"),
    "objective": lazy("Objective of the ESF+"),
    "target": lazy("For whom"),
    "stage": lazy("Stage"),
    "cost": lazy("Cost in a year"),
    "evidence": lazy("Evidence"),
}
_VALUE = re.compile(r"[A-Za-z0-9_.-]{1,60}")

STATES: dict[str, tuple[str | Promise, str]] = {
    "human": (lazy("Translated by a person"), ""),
    "machine": (lazy("Machine translation"), " machine"),
    "outdated": (lazy("Translation out of date"), " old"),
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    q: str
    chosen: Mapping[str, Sequence[str]]
    by_date: bool
    place: Place | None
    page: int
    is_long: bool

    def address(self, **more: str | Sequence[str] | None) -> str:
        """The same search as an address, with something else in it; always from its first page."""
        pairs: dict[str, Any] = {"q": self.q} if self.q else {}
        pairs |= {name: list(values) for name, values in self.chosen.items() if values}
        if self.place is not None:
            pairs["place"] = self.place.key
        if self.by_date:
            pairs["by"] = "date"
        pairs |= more
        kept = {name: value for name, value in pairs.items() if value}
        return "?" + urlencode(kept, doseq=True)


@dataclass(frozen=True)
class Line:
    """One thing as the page shows it."""

    kind: str
    mark: str
    about: str
    tag: str
    tag_class: str
    title: str
    url: str
    language: str
    snippet: SafeString
    why: str
    original: tuple[str, str, str] | None


LISTING: Listing[Hit] = Listing(
    name="search",
    title=lazy("Search"),
    columns=(
        Column("type", lambda hit: hit.document.type),
        Column("title", lambda hit: hit.text.title),
        Column("url", lambda hit: hit.document.address),
        Column("lang", lambda hit: hit.text.language),
        Column("state", lambda hit: hit.text.state),
        Column("score", lambda hit: hit.score),
        Column("countries", lambda hit: list(hit.document.countries)),
        Column("topics", lambda hit: list(hit.document.topics)),
        Column("on", lambda hit: hit.document.on),
    ),
    entry_title=lambda hit: hit.text.title,
    entry_url=lambda hit: hit.document.address,
    entry_updated=lambda hit: hit.document.on or date(1970, 1, 1),
)


@require_safe
@governed("P1")
def find(request: HttpRequest) -> HttpResponse:
    """Everything that fits the words and the filters, with why; places that the words name come first."""
    asked = _asked(request)
    language = get_language() or DEFAULT
    as_file = request.GET.get("format", "") not in {"", "html"}
    found, is_away = Found(), False
    try:
        found = _search(
            asked,
            language,
            limit=MOST_ROWS if as_file else A_PAGE,
            offset=0 if as_file else (asked.page - 1) * A_PAGE,
            by_date=asked.by_date or request.GET.get("format") in FEEDS,
        )
    except service.NoIndex:
        is_away = True
    if as_file and is_away:
        response = HttpResponse(_("The index is being made. Try again in a moment."), status=503)
        response.headers["Retry-After"] = "5"
        return response
    if answer := LISTING.answer(request, found.hits):
        if request.GET["format"] not in FEEDS and not found.total:
            _count(asked, found, _meant(asked))
        return answer
    if asked.page > 1 and not found.hits and not is_away:
        raise Http404
    places = _meant(asked) if asked.page == 1 else []
    has_words = bool(words_of(asked.q))
    if not is_away and not found.total:
        _count(asked, found, places)
    context = _context(asked, found, places, language, is_away, has_words)
    if asked.page == 1 and has_words and not any(asked.chosen.values()):
        people = directory.found_for(request.visitor, asked.q, found.concepts, language, most=A_FEW)
        context["people"] = [(one, directory.topic_names(one, language)) for one in people]
    return _page(request, asked, language, context)


def _meant(asked: Asked) -> list[Candidate]:
    """The places that the words name."""
    return places_in(asked.q) if asked.q and not asked.is_long else []


def _count(asked: Asked, found: Found, places: Sequence[Candidate]) -> None:
    """Nothing was found: counted where there were words. A feed is not: programs ask it again and again, whoever follows asked once
    (docs/decisions/search.md)."""
    if words_of(asked.q):
        meant = [place.code for place in places] or ([asked.place.code] if asked.place else [])
        unmet.count_search(found.concepts, meant, asked.chosen["country"], asked.chosen["topic"])


def _page(request: HttpRequest, asked: Asked, language: str, context: dict[str, Any]) -> HttpResponse:
    """The page; for who is not signed in its frame is rendered once for each language, and only filled in."""
    heading = _("Search: %(q)s") % {"q": asked.q} if asked.q else _("Search")
    body = SafeString(get_template("home/_search.html").render(context))
    parts = {"heading": heading, "feed": context["feed"], "body": body, "asked": asked.address()}

    def frame(given: Mapping[str, str]) -> str:
        there = [
            {"code": code, "name": name, "url": in_language("/search/", code) + given["asked"]}
            for code, name in ENDONYMS.items()
        ]
        return render_to_string("home/search.html", {**given, "languages": there}, request)

    if settings.SESSION_COOKIE_NAME in request.COOKIES or list(get_messages(request)):
        return HttpResponse(frame(parts))
    shell = pieces.shell(
        language,
        invented(request)["has_invented"],
        lambda: frame({name: pieces.mark(name) for name in parts}),
    )
    return HttpResponse(shell.fill(parts))


def _asked(request: HttpRequest) -> Asked:
    typed = request.GET.get("q", "")
    q = " ".join(visible(" ".join(typed[:MOST_LETTERS].split())).split())
    chosen: dict[str, list[str]] = {}
    for name in FILTERS:
        values = [value for value in request.GET.getlist(name)[:50] if value]
        if not all(_VALUE.fullmatch(value) for value in values):
            raise SuspiciousOperation(f"{name} is a code of this list")
        write = CASES.get(name, str)
        chosen[name] = list(dict.fromkeys(map(write, values)))[:20]
    number = request.GET.get("page", "1")
    if not re.fullmatch(r"[1-9]\d?", number, re.ASCII) or int(number) > MOST_PAGES:
        raise Http404
    key = request.GET.get("place", "")[:200]
    place = Place.objects.find(key) if key else None
    if key and place is None:
        raise SuspiciousOperation("place is the key of a place")
    by = request.GET.get("by", "")
    if by not in {"", "date"}:
        raise SuspiciousOperation("by is date or nothing")
    return Asked(q, chosen, by == "date", place, int(number), len(typed) > MOST_LETTERS)


def _search(asked: Asked, language: str, *, limit: int, offset: int, by_date: bool) -> Found:
    chosen = asked.chosen
    return service.search(
        asked.q,
        language=language,
        types=chosen["type"],
        countries=chosen["country"],
        topics=chosen["topic"],
        objectives=chosen["objective"],
        targets=chosen["target"],
        stages=chosen["stage"],
        costs=chosen["cost"],
        evidence=chosen["evidence"],
        languages=chosen["language"],
        places=[asked.place.code, *asked.place.ancestor_codes()] if asked.place is not None else (),
        by_date=by_date,
        limit=limit,
        offset=offset,
    )


def _context(
    asked: Asked, found: Found, places: Sequence[Candidate], language: str, is_away: bool, has_words: bool
) -> dict[str, Any]:
    first = (asked.page - 1) * A_PAGE
    has_more = found.total > first + len(found.hits) and asked.page < MOST_PAGES
    by_type = dict(found.facets.get("type", []))
    ask = {"text": asked.q} if asked.q else {}
    if places:
        ask["place"] = places[0].key
    return {
        "asked": asked,
        "found": found,
        "is_away": is_away,
        "no_words": bool(asked.q) and not has_words,
        "most_letters": MOST_LETTERS,
        "lines": pieces.articles(line(hit, language) for hit in found.hits),
        "start": first + 1,
        "shown": first + len(found.hits),
        "chips": _chips(asked, by_type, found),
        "facets": _facets(asked, found, language),
        "filters_set": sum(bool(values) for name, values in asked.chosen.items() if name != "type"),
        "places": [(place, _where(place, language)) for place in places],
        "earlier": asked.address(page=str(asked.page - 1)) if asked.page > 1 else "",
        "later": asked.address(page=str(asked.page + 1)) if has_more else "",
        "best": asked.address(by=None),
        "by_date": asked.address(by="date"),
        "clear": asked.address(**{name: None for name in FILTERS if name != "type"}, place=None),
        "exits": [(exit_name(name), asked.address(format=name)) for name in ("csv", "json", "xlsx")],
        "feed": asked.address(format="atom"),
        "ask": reverse("ask") + ("?" + urlencode(ask) if ask else ""),
    }


def _where(place: Candidate, language: str) -> str:
    if place.kind == "country":
        return _("Member State")
    return ", ".join(part for part in (place.region_name, country_name(place.country, language)) if part)


def _chips(asked: Asked, by_type: Mapping[str, int], found: Found) -> list[tuple[str, str, str, bool]]:
    """Everything, and each type that something was found of: address, words, count, whether it is chosen."""
    chosen, is_about = asked.chosen["type"], "type" in found.about
    # What was found is counted to the last, its types perhaps not.
    whole = pieces.told(sum(by_type.values()), is_about) if chosen else str(found.total)
    chips = [(asked.address(type=None), _("Everything"), whole, not chosen)]
    for type in [*TYPES, *sorted(set(by_type) - set(TYPES))]:
        if by_type.get(type) or type in chosen:
            label = str(TYPES[type][1]) if type in TYPES else type
            count = pieces.told(by_type.get(type, 0), is_about)
            chips.append((asked.address(type=type), label, count, type in chosen))
    return chips


def _facets(asked: Asked, found: Found, language: str) -> list[tuple[str | Promise, bool, SafeString]]:
    """Each filter with the values that there are, most first; one with a single value that is not chosen says nothing."""
    facets = []
    for name, heading in HEADINGS.items():
        chosen = asked.chosen[name]
        counted = found.facets.get(FILTERS[name], [])
        values = dict(counted[:SHOWN_VALUES]) | {value: dict(counted).get(value, 0) for value in chosen}
        if len(values) < 2 and not chosen:
            continue
        name_of = _namer(name, language)
        is_about = FILTERS[name] in found.about
        rows = (
            (value, name_of(value), pieces.told(count, is_about), value in chosen)
            for value, count in values.items()
        )
        facets.append((heading, bool(chosen) or name == "country", pieces.choices(name, rows)))
    return facets


def _namer(name: str, language: str) -> Callable[[str], str]:
    """What turns the codes of a filter into words."""
    if name == "country":
        return lambda code: country_name(code, language)
    if name == "language":
        return lambda code: language_name(code, language)
    if name == "objective":
        short = _objectives(versions.known())
        return lambda code: f"({code}) {short[code]}" if code in short else code
    words = _words_of_practices().get(name, {})
    return lambda code: str(words[code]) if code in words else concepts.label(code, language)


_short: dict[int, dict[str, str]] = {}


def _objectives(version: int) -> dict[str, str]:
    """What the objectives are called; asked once for each version of the data."""
    found = _short.get(version)
    if found is None:
        found = dict(Objective.objects.values_list("code", "short"))
        if found:
            _short.clear()
            _short[version] = found
    return found


def _words_of_practices() -> dict[str, dict[str, Any]]:
    from koinon.practices.words import Cost, Evidence, Stage, Target

    return {
        "target": dict(Target.choices),
        "stage": dict(Stage.choices),
        "cost": dict(Cost.choices),
        "evidence": {str(code): words for code, words in Evidence.choices},
    }


def line(hit: Hit, language: str) -> Line:
    """A thing that was found, in words."""
    document, text = hit.document, hit.text
    kind, _plural, mark = TYPES.get(document.type, (document.type, "", ""))
    about = [country_name(code, language) for code in document.countries[:3]]
    if document.on and document.type != "organisation":
        from django.utils.formats import date_format

        about.append(date_format(document.on, "DATE_FORMAT"))
    tag, tag_class = "", ""
    if text.state in STATES:
        words, tag_class = STATES[text.state]
        tag = str(words)
    elif text.language != language:
        tag = _("Original, %(language)s") % {"language": language_name(text.language, language)}
    elif len(document.texts) > 1:
        tag = _("Original")
    first = document.texts[0]
    original = None
    if text.state in STATES:
        original = (
            first.language,
            ENDONYMS.get(first.language, first.language),
            in_language(document.address, first.language),
        )
    return Line(
        kind=str(kind),
        mark=mark,
        about=", ".join(about),
        tag=tag,
        tag_class=tag_class,
        title=text.title,
        url=in_language(document.address, language),
        language=text.language,
        # Escaped where it was made (search/showing.py); its only element is `mark`.
        snippet=mark_safe(hit.snippet),  # noqa: S308
        why=" ".join(why(hit, language)),
        original=original,
    )


def why(hit: Hit, language: str) -> Iterable[str]:
    """Why this was found, in sentences."""
    by_kind: dict[str, list[str]] = {}
    for kind, *rest in hit.why:
        by_kind.setdefault(kind, []).extend(rest)

    def quoted(words: Sequence[str]) -> str:
        return ", ".join(f"“{word}”" for word in words)

    for kind, sentence in _SENTENCES.items():
        if words := by_kind.get(kind):
            yield str(sentence) % {"words": quoted(words)}
    if codes := by_kind.get("in"):
        yield _("Found in the text in %(language)s.") % {"language": language_name(codes[0], language)}
    if keys := by_kind.get("concept"):
        names = ", ".join(concepts.label(key, language) for key in keys[:4])
        yield _("It speaks of this: %(names)s.") % {"names": names}
    if "meaning" in by_kind:
        yield _("It is close in meaning, as far as a machine can tell; no word is the same.")


_SENTENCES: dict[str, str | Promise] = {
    "title": lazy("In the title: %(words)s."),
    "text": lazy("In the text: %(words)s."),
    "begins": lazy("As the beginning of a word: %(words)s."),
    "form": lazy("In another form: %(words)s."),
    "typo": lazy("Spelt a little differently: %(words)s."),
}
