"""One search over everything: the words, the concepts of the field, and where an encoder answers the meaning.

Pages, the API, suggestions while typing and similar things all come through here. Nothing here asks who searches: only what
everybody may read is in the index.
"""

import logging
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from threading import Lock
from time import monotonic, time
from types import ModuleType
from typing import Any, Final

from koinon.search import bridges, engine, shelf, showing
from koinon.search.documents import Document, Found, Hit, Text
from koinon.search.encoder.away import Away
from koinon.search.engine import COUNTED, VERSION, Broken, Engine, Filters

__all__ = ["COUNTED", "Away", "Filters", "NoIndex", "alike", "search", "similar", "state"]

log = logging.getLogger("koinon.search")

HEAD: Final = 100
"""So many of the best are put in order by meaning; what comes after them stays in the order of the words."""
MOST_PASSING: Final = 50_000
MOST_ASKED: Final = 2_000
"""Things whether they pass the filters, where all of them would be too many."""
MOST_BY_MEANING: Final = 20
"""Things that only the meaning found, at most: something is always nearest."""
DOUBT_EACH: Final = 60.0
"""Seconds after which an index that still cannot be read is looked through again: not for everybody who asks."""
Thing = tuple[str, str]


class NoIndex(Exception):
    """There is no index yet, or it is being made anew: ask again in a moment. `why` says it in a word."""

    why = "damaged"


class Reader:
    """The index in use, opened once and looked at again when it has changed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._engine: Engine | None = None
        self._seen: tuple[Any, ...] = ()
        self._folder: Path | None = None
        self._harmed: Path | None = None
        self._doubted: float | None = None

    def engine(self) -> Engine:
        root = shelf.root()
        now, folder = self._engine, self._folder
        if now is not None and folder is not None and _look(root, folder) == self._seen:
            return now
        with self._lock:
            return self._again(root)

    def _again(self, root: Path) -> Engine:
        for last in (False, True):
            folder: Path | None = None
            try:
                folder = shelf.current()
                # Looked at before it is read: what is written meanwhile is read the next time.
                seen = _look(root, folder)
                made = self._engine
                if made is None or folder != self._folder:
                    made = Engine(folder)
                else:
                    made.refresh()
                self._engine, self._folder, self._seen = made, folder, seen
                return made
            except (Broken, OSError) as trouble:
                # It may have been replaced at this very moment: once more.
                self._engine = self._folder = None
                if last:
                    if folder is not None:
                        self._doubt(folder)
                    away = NoIndex(str(trouble))
                    away.why = trouble.why if isinstance(trouble, Broken) else "damaged"
                    raise away from trouble
        raise NoIndex

    def forget(self) -> None:
        with self._lock:
            self._engine = self._folder = None
            self._seen = ()

    def give_up(self) -> None:
        """What is open cannot be read, though it was opened anew: whoever keeps the index is told to look through it."""
        with self._lock:
            if self._folder is not None:
                self._doubt(self._folder)
            self._engine = self._folder = None
            self._seen = ()

    def answered(self) -> None:
        """What is open could be read."""
        self._harmed = None

    def is_harmed(self) -> bool:
        """Whether the index in use could not be read the last time."""
        with suppress(Broken):
            return self._harmed is not None and self._harmed == shelf.current()
        return False

    def _doubt(self, folder: Path) -> None:
        self._harmed = folder
        now = monotonic()
        if self._doubted is None or now - self._doubted >= DOUBT_EACH:
            self._doubted = now
            with suppress(OSError):
                shelf.doubt(folder)


def _look(root: Path, folder: Path) -> tuple[Any, ...]:
    """What tells that another index is in use, or that this one was written to."""
    try:
        named, meta = os.stat(root / shelf.CURRENT), os.stat(folder / "meta.json")
    except OSError:
        return ()
    return (str(root), named.st_ino, named.st_mtime_ns, meta.st_ino, meta.st_mtime_ns)


reader = Reader()


def search(
    query: str,
    *,
    language: str = "",
    types: Sequence[str] = (),
    countries: Sequence[str] = (),
    topics: Sequence[str] = (),
    objectives: Sequence[str] = (),
    targets: Sequence[str] = (),
    stages: Sequence[str] = (),
    costs: Sequence[str] = (),
    evidence: Sequence[str] = (),
    languages: Sequence[str] = (),
    places: Sequence[str] = (),
    since: date | None = None,
    by_date: bool = False,
    facets: Sequence[str] = COUNTED,
    limit: int = 20,
    offset: int = 0,
) -> Found:
    """What fits the words and passes the filters, best first; with no words all that passes, newest first.

    `language` is the reader's: texts are shown in it where there are any. Raises `NoIndex` while there is none.
    """
    filters = Filters(
        {
            "type": types,
            "country": countries,
            "topic": topics,
            "objective": objectives,
            "target": targets,
            "stage": stages,
            "cost": costs,
            "evidence": evidence,
            "lang": languages,
            "place": places,
        },
        since,
    )
    words = engine.words_of(query)
    if query.strip() and not words:
        # Nothing but signs: there is nothing to look for.
        return Found(mode=mode())
    concepts = bridges.concepts_in(query[: engine.MOST_LETTERS]) if words else frozenset()
    answer: Found = _guarded(
        lambda using: _search(
            using, query, words, concepts, language, filters, by_date, tuple(facets), limit, offset
        )
    )
    return answer


def _guarded(work: Callable[[Engine], Any]) -> Any:
    """The answer of the engine; where it breaks under us, it is opened anew once, then there is none."""
    for last in (False, True):
        try:
            answer = work(reader.engine())
            reader.answered()
            return answer
        except (NoIndex, Away):
            raise
        except BaseException as trouble:
            # A panic of the engine is no Exception.
            if isinstance(trouble, KeyboardInterrupt | SystemExit | MemoryError):
                raise
            if last:
                reader.give_up()
                # What breaks in the middle of a search may name what somebody typed.
                what = f": {trouble}" if isinstance(trouble, Broken | OSError) else ""
                log.warning("search: the index cannot be read: %s%s", type(trouble).__name__, what)
                raise NoIndex(str(trouble)) from trouble
            reader.forget()
    raise NoIndex


def _search(
    using: Engine,
    query: str,
    words: list[str],
    concepts: frozenset[str],
    language: str,
    filters: Filters,
    by_date: bool,
    facets: tuple[str, ...],
    limit: int,
    offset: int,
) -> Found:
    ranked: dict[Thing, Any] = {}
    how = "lexical"
    meaning = _ranking() if words and not by_date and offset < HEAD else None
    first: engine.Answer | None = None
    if meaning is not None:
        try:
            first = using.search(words, concepts=concepts, filters=filters, limit=HEAD)
            ranked = _by_meaning(meaning, using, query, language, filters, first)
            how = "semantic"
        except Away:
            ranked = {}
    answer = using.search(
        words,
        concepts=concepts,
        filters=filters,
        facets=facets,
        also=list(ranked),
        limit=limit if not ranked else HEAD + limit,
        offset=offset if not ranked else 0,
        by_date=by_date,
    )
    candidates = list(answer.candidates)
    if ranked:
        candidates = _in_order(using, ranked, candidates)[offset : offset + limit]
    eye = showing.Eye(words, answer.unknown)
    hits = []
    for candidate in candidates:
        document = candidate.document
        place = ranked.get(document.thing)
        shared = concepts & bridges.concepts_of(document) if concepts else concepts
        text, piece, why = showing.show(
            document, eye, language, concepts=shared, best=place.language if place else ""
        )
        if place:
            why = (*why, *(reason for reason in place.why if reason == ("meaning",) and not why))
        score = place.score if place else candidate.score
        hits.append(Hit(document, text, round(float(score), 4), piece, why))
    if words:
        _shown(hits)
    return Found(tuple(hits), answer.total, answer.facets, how, concepts, answer.about)


def _shown(hits: Sequence[Hit]) -> None:
    """Somebody asked for these: their vectors come first. Kept in memory; the thread that makes vectors takes it."""
    from koinon.search import vectors

    vectors.asked(hit.document.thing for hit in hits)


def _in_order(
    using: Engine, ranked: dict[Thing, Any], candidates: Sequence[engine.Candidate]
) -> list[engine.Candidate]:
    """What the ranking put in order. What it does not know (it may have no vector yet) keeps its place among the words' finds:
    behind the last of those that were better."""
    known = {candidate.document.thing: candidate for candidate in candidates}
    ordered: list[engine.Candidate] = []
    for thing in ranked:
        candidate = known.get(thing)
        if candidate is None and (document := using.document(*thing)) is not None:
            candidate = engine.Candidate(document, 0.0)
        if candidate is not None:
            ordered.append(candidate)
    place = 0
    for candidate in candidates:
        thing = candidate.document.thing
        if thing in ranked:
            place = max(place, ordered.index(candidate) + 1)
        elif candidate.score > 0:
            ordered.insert(place, candidate)
            place += 1
        else:
            ordered.append(candidate)
    return ordered


def _by_meaning(
    meaning: ModuleType, using: Engine, query: str, language: str, filters: Filters, first: engine.Answer
) -> dict[Thing, Any]:
    texts = {candidate.document.thing: candidate.document.texts for candidate in first.candidates}

    def look(things: Sequence[Thing]) -> dict[Thing, Sequence[Text]]:
        found: dict[Thing, Sequence[Text]] = {}
        for thing in things:
            if thing in texts:
                found[thing] = texts[thing]
            elif (document := using.document(*thing)) is not None:
                found[thing] = document.texts
        return found

    among = None
    if any(filters.values.values()) or filters.since:
        among = _Passing(using, filters)
    ranked = meaning.rank(
        query[: engine.MOST_LETTERS],
        language,
        candidates=[meaning.Candidate(c.document.thing, c.score) for c in first.candidates],
        look=look,
        among=among,
        types=tuple(filters.values.get("type", ())),
        limit=HEAD,
    )
    # What only the meaning found must be few: there is always something that is nearest.
    by_words = {candidate.document.thing for candidate in first.candidates}
    kept: dict[Thing, Any] = {}
    only = 0
    for one in ranked:
        if one.thing not in by_words:
            only += 1
            if only > MOST_BY_MEANING:
                continue
        kept[one.thing] = one
    return kept


class _Passing:
    """The things that the filters let through: found out when somebody asks; all at once where there are few."""

    def __init__(self, using: Engine, filters: Filters) -> None:
        self._using, self._filters = using, filters
        self._known: dict[Thing, bool] = {}
        self._all: frozenset[Thing] | None = None

    def __contains__(self, thing: object) -> bool:
        if self._using.documents <= MOST_PASSING:
            if self._all is None:
                self._all = self._using.passing(self._filters, MOST_PASSING)
            return thing in self._all
        if not isinstance(thing, tuple):
            return False
        if thing not in self._known and len(self._known) < MOST_ASKED:
            self._known[thing] = self._using.passes(thing, self._filters)
        return self._known.get(thing, False)


def _ranking() -> ModuleType | None:
    """What ranks by meaning, where there is anything to compare with; else nothing is done for it."""
    from koinon.search import ranking, vectors

    try:
        vectors.held()
    except Away:
        return None
    return ranking


def similar(
    text: str,
    *,
    types: Sequence[str] = (),
    language: str = "",
    limit: int = 5,
    but: Thing | None = None,
    by_meaning: bool = True,
) -> list[Hit]:
    """Things like a text that somebody is typing, or like another thing (`but` is left out). Raises `NoIndex`.

    By words and concepts it answers at once; whoever does not want to wait for the encoder says so.
    """
    words = engine.words_of(text)
    if not words:
        return []
    concepts = bridges.concepts_in(text[: engine.MOST_LETTERS])
    filters = Filters({"type": types})

    def work(using: Engine) -> list[Hit]:
        found = using.search(words, concepts=concepts, filters=filters, limit=30, part=0.34)
        candidates = list(found.candidates)
        ranked: dict[Thing, Any] = {}
        meaning = _ranking() if by_meaning else None
        if meaning is not None:
            with suppress(Away):
                ranked = _by_meaning(meaning, using, text, language, filters, found)
                candidates = _in_order(using, ranked, candidates)
        eye = showing.Eye(words, found.unknown)
        hits = []
        for candidate in candidates:
            thing = candidate.document.thing
            if thing == but:
                continue
            shared = concepts & bridges.concepts_of(candidate.document) if concepts else concepts
            chosen, piece, why = showing.show(candidate.document, eye, language, concepts=shared)
            score = ranked[thing].score if thing in ranked else candidate.score
            hits.append(
                Hit(candidate.document, chosen, round(float(score), 4), piece, why or (("meaning",),))
            )
            if len(hits) == limit:
                break
        return hits

    answer: list[Hit] = _guarded(work)
    return answer


def alike(
    text: str,
    others: Sequence[str],
    *,
    among: Sequence[str] = (),
    keep: bool = False,
    within: float | None = None,
) -> list[float]:
    """For each of the others, 0 to 1, how likely it asks the same, by meaning. Raises `Away` where no encoder answers.

    Nothing of the texts is written anywhere, unless `keep` says that the others are public. `among`: public texts beside
    which they are compared, where there are few others.
    """
    from koinon.search import ranking

    seconds = ranking.ALIKE_SECONDS if within is None else within
    return ranking.alike(text, others, among=among, keep=keep, within=seconds)


def document(type: str, key: str) -> Document | None:
    """One thing as the index has it. Raises `NoIndex`."""
    answer: Document | None = _guarded(lambda using: using.document(type, key))
    return answer


def mode() -> str:
    """How searches are answered at this moment: `semantic` where there are vectors and the encoder runs, else `lexical`."""
    with suppress(Exception):
        from koinon.search import encoder, vectors

        encoder_now = encoder.state()
        if encoder_now["there"] and encoder_now["running"] and len(vectors.held().places):
            return "semantic"
    return "lexical"


def encoder_state() -> Any:
    """What the encoder says of itself; `none` where there is none."""
    with suppress(Exception):
        from koinon.search import encoder

        return encoder.state()
    return "none"


def state() -> dict[str, Any]:
    """For the health page: version, documents, whether it is being made anew, how many seconds it lags behind, and why it
    cannot be read, where it cannot: `missing`, `damaged`, `another version`."""
    from koinon.search.indexer import indexer
    from koinon.search.models import Change

    found: dict[str, Any] = {"version": None, "documents": 0, "lag": None}
    why = ""
    try:
        using = reader.engine()
        here = shelf.read_state(shelf.current())
        waiting = (
            Change.objects.filter(pk__gt=here.change).order_by("pk").values_list("at", flat=True).first()
        )
        lag = max(0.0, time() - waiting.timestamp()) if waiting else 0.0
        found = {"version": VERSION, "documents": using.documents, "lag": round(lag, 1)}
        why = "damaged" if reader.is_harmed() else ""
    except (NoIndex, Broken) as trouble:
        why = trouble.why
    return {**found, "rebuilding": shelf.being_made() or indexer.rebuilding, "why": why}
