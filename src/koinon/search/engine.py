"""The index of words: Tantivy in the process, one folder that can be thrown away and made again from the database.

A thing is one document of the index with the words of all its texts, so that counts and pages are exact. All text is folded
(base/text.py) before it goes in and before it is looked for. Nothing from outside is ever parsed as a query: a search is a
list of words, put together here.

What stands in the index for each word: itself, and its beginnings of three to eight letters, which serve a word half typed
and its other endings. Only a word that no document has is looked for with one typo.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import lru_cache
from itertools import combinations, islice
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from koinon.base.text import fold
from koinon.search import bridges
from koinon.search.documents import Document, Text

if TYPE_CHECKING:
    import tantivy

VERSION: Final = 1
"""Raise it when the fields change, or what is written into them: an index of another version is made anew."""

FACETS: Final = (
    "type",
    "country",
    "topic",
    "objective",
    "target",
    "stage",
    "cost",
    "evidence",
    "lang",
    "place",
)
COUNTED: Final = FACETS[:-1]
"""Places are a filter, and told by the gazetteer; they are not counted."""

MOST_LETTERS: Final = 600
MOST_WORDS: Final = 32
LONGEST_WORD: Final = 40
MOST_BODY: Final = 20_000
_SHORTEST, _LONGEST = 3, 8
_FEW, _ENOUGH = 5, 50
_VALUES = 400
MOST_PARTED: Final = 6
"""Of so many words a part may be enough; of more the rarest are taken."""
_MANY = 100
_COMMON = 0.2
"""A word that more than this part of all things has need not be there, if there are others."""


class Broken(Exception):
    """The index cannot be read: it is damaged, missing, or of another version."""


@dataclass(frozen=True)
class Filters:
    """What a thing must have: for each facet one of the values; and from which day on."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    since: date | None = None

    def without(self, name: str) -> "Filters":
        return Filters({key: given for key, given in self.values.items() if key != name}, self.since)


@dataclass(frozen=True)
class Candidate:
    """A document that was found, with the score of its words."""

    document: Document
    score: float


@dataclass(frozen=True)
class Answer:
    """What the engine found: the documents of this page, how many in all, and the counts of the facets asked for."""

    candidates: tuple[Candidate, ...]
    total: int
    facets: dict[str, list[tuple[str, int]]]
    unknown: frozenset[str] = frozenset()
    """Words that no document has: they were looked for with one typo."""


def words_of(query: str) -> list[str]:
    """The words of a search as the index knows them: folded, each once, bounded in number and length."""
    folded = fold(query[:MOST_LETTERS])[: 4 * MOST_LETTERS]
    return list(dict.fromkeys(word[:LONGEST_WORD] for word in folded.split()))[:MOST_WORDS]


def stem_of(word: str) -> str:
    """The beginning that a word most likely keeps in its other forms; the word itself where it is short."""
    if len(word) < 5:
        return word
    return word[: min(_LONGEST, max(4, round(len(word) * 0.7)))]


def _is_beginning(word: str) -> bool:
    return _SHORTEST <= len(word) <= _LONGEST


def _beginnings(words: Iterable[str]) -> str:
    """The beginnings of all words; what two words share may stand twice, which harms nothing."""
    return " ".join(map(_beginnings_of, words))


@lru_cache(maxsize=200_000)
def _beginnings_of(word: str) -> str:
    return " ".join(word[:length] for length in range(_SHORTEST, min(_LONGEST, len(word)) + 1))


@lru_cache(maxsize=1)
def schema() -> "tantivy.Schema":
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("thing", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("title", tokenizer_name="words", index_option="freq")
    builder.add_text_field("text", tokenizer_name="words", index_option="freq")
    builder.add_text_field("begin", tokenizer_name="words", index_option="basic")
    builder.add_text_field("concept", tokenizer_name="raw", index_option="basic")
    for name in FACETS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=name != "place")
    builder.add_integer_field("on", indexed=True, fast=True)
    builder.add_bytes_field("document", stored=True)
    return builder.build()


_PLAIN: Final = tuple(part.name for part in fields(Document) if part.name not in {"texts", "on"})


def thing_of(type: str, key: str) -> str:
    return f"{type}:{key}"


def make_index(folder: Path) -> "tantivy.Index":
    """An empty index in a folder, or the one that is there."""
    import tantivy

    folder.mkdir(parents=True, exist_ok=True)
    try:
        index = tantivy.Index(schema(), str(folder))
        _prepare(index)
    except (ValueError, OSError) as trouble:
        raise Broken(str(trouble)) from trouble
    return index


def open_index(folder: Path) -> "tantivy.Index":
    """The index of a folder, to be read."""
    import tantivy

    try:
        index = tantivy.Index.open(str(folder))
        _prepare(index)
    except (ValueError, OSError) as trouble:
        raise Broken(str(trouble)) from trouble
    return index


def _prepare(index: "tantivy.Index") -> None:
    import tantivy

    words = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
    index.register_tokenizer("words", words.filter(tantivy.Filter.remove_long(200)).build())
    index.config_reader("manual")


def to_index(document: Document) -> "tantivy.Document":
    """A thing as the index keeps it."""
    import tantivy

    titles = [fold(text.title[:1000]) for text in document.texts]
    bodies = [fold(text.body[:MOST_BODY]) for text in document.texts]
    title, whole = " ".join(titles), " ".join([*titles, *bodies])
    made = tantivy.Document()
    made.add_text("thing", thing_of(document.type, document.key))
    made.add_text("title", title)
    made.add_text("text", whole)
    made.add_text("begin", _beginnings(set(whole.split())))
    concepts: set[str] = set()
    for text in document.texts:
        concepts |= bridges.concepts_in(f"{text.title}\n{text.body[:MOST_BODY]}")
    for concept in sorted(concepts):
        made.add_text("concept", concept)
    for name, values in _facets(document).items():
        for value in dict.fromkeys(values):
            if value:
                made.add_text(name, value)
    made.add_integer("on", document.on.toordinal() if document.on else 0)
    made.add_bytes("document", _pack(document))
    return made


def _facets(document: Document) -> dict[str, Sequence[str]]:
    return {
        "type": (document.type,),
        "country": document.countries,
        "topic": document.topics,
        "objective": document.objectives,
        "target": document.targets,
        "stage": (document.stage,),
        "cost": (document.cost,),
        "evidence": (document.evidence,),
        "lang": tuple(text.language for text in document.texts),
        "place": document.places,
    }


def _pack(document: Document) -> bytes:
    row: dict[str, Any] = {name: value for name in _PLAIN if (value := getattr(document, name))}
    row["texts"] = [
        [text.language, text.title[:1000], text.body[:MOST_BODY], text.state] for text in document.texts
    ]
    if document.on:
        row["on"] = document.on.isoformat()
    # Lone surrogates cannot be kept; they are no text.
    return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace")


def _unpack(packed: bytes) -> Document:
    row: dict[str, Any] = json.loads(packed)
    texts = tuple(Text(*parts) for parts in row.pop("texts"))
    on = date.fromisoformat(row.pop("on")) if "on" in row else None
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
    }
    return Document(texts=texts, on=on, **values)


@dataclass(frozen=True)
class _Way:
    """How words are looked for, and how many things are enough to stop here."""

    wide: bool = False
    inexact: frozenset[str] = frozenset()
    part: float = 1.0
    enough: int = 0


class Engine:
    """Reads an index. Safe to be asked from several threads; `refresh` shows what was written since."""

    def __init__(self, folder: Path) -> None:
        self._index = open_index(folder)
        self._schema = self._index.schema
        self.refresh()

    def refresh(self) -> None:
        try:
            self._index.reload()
            self._searcher = self._index.searcher()
        except (ValueError, OSError) as trouble:
            raise Broken(str(trouble)) from trouble

    def check(self) -> None:
        """Read a little of everything, so that what is damaged is noticed. `Broken` where it is."""
        try:
            self.search(["a"], facets=COUNTED, limit=3)
            self.search([], limit=3)
            for segment_hit in self._searcher.search(self._filtered([], Filters()), 50, count=False).hits:
                self._load(segment_hit[1])
        except Broken:
            raise
        except BaseException as trouble:
            # A panic of Tantivy is no Exception.
            if isinstance(trouble, KeyboardInterrupt | SystemExit | MemoryError):
                raise
            raise Broken(f"the index cannot be read: {type(trouble).__name__}") from trouble

    @property
    def documents(self) -> int:
        return int(self._searcher.num_docs)

    def document(self, type: str, key: str) -> Document | None:
        """One thing as it stands in the index."""
        import tantivy

        found = self._searcher.search(
            tantivy.Query.term_query(self._schema, "thing", thing_of(type, key)), 1, count=False
        )
        return self._load(found.hits[0][1]) if found.hits else None

    def things(self) -> list[tuple[str, str]]:
        """All that is in the index, by type and key."""
        return [tuple(term.split(":", 1)) for term, _ in self._searcher.terms_with_prefix("thing", "")]  # type: ignore[misc]

    def passing(self, filters: Filters, most: int) -> frozenset[tuple[str, str]]:
        """The things that the filters let through, at most so many."""
        terms = self._searcher.terms_with_prefix("thing", "", self._filtered([], filters), most)
        return frozenset(tuple(term.split(":", 1)) for term, _ in terms)  # type: ignore[misc]

    def passes(self, thing: tuple[str, str], filters: Filters) -> bool:
        """Whether a thing is there and the filters let it through."""
        import tantivy

        named = tantivy.Query.term_query(self._schema, "thing", thing_of(*thing))
        query = self._filtered([[(tantivy.Occur.Must, named)]], filters)
        return bool(self._searcher.search(query, 1, count=False).hits)

    def search(
        self,
        words: Sequence[str],
        *,
        concepts: Iterable[str] = (),
        filters: Filters | None = None,
        facets: Sequence[str] = (),
        also: Iterable[tuple[str, str]] = (),
        limit: int = 20,
        offset: int = 0,
        by_date: bool = False,
        part: float = 1.0,
    ) -> Answer:
        """Things with these words, best first; with none of them, all that passes the filters, newest first.

        `concepts`: a thing that speaks of them is found without any of the words. `also`: things found in another way (by
        meaning): they count and pass the filters like the others, with no score of their own. `part`: how many of the words must
        be there at least, for a text that is longer than a search.
        """
        searcher = self._searcher
        chosen = filters or Filters()
        unknown = frozenset(word for word in words if len(word) > 3 and not searcher.doc_freq("text", word))
        concepts, also = list(concepts), list(also)
        order = "on" if by_date or not (words or concepts) else None
        for way in self._ways(words, unknown, part):
            matching = self._matching(words, concepts, also, way)
            query = self._filtered(matching, chosen)
            found: Any = searcher.search(
                query, max(limit, 1), count=True, offset=offset, order_by_field=order
            )
            total = int(found.count or 0)
            if total >= way.enough:
                break
        counts = self._count(matching, chosen, facets) if facets else {}
        candidates = tuple(
            Candidate(self._load(address), 0.0 if order else float(score))
            for score, address in found.hits[:limit]
        )
        return Answer(candidates, total, counts, unknown)

    def _ways(self, words: Sequence[str], unknown: frozenset[str], part: float) -> list["_Way"]:
        """How the words are looked for, one way after the other until enough is found: as they stand, in other forms and with
        a typo in what nobody has, half of them, half of them with a typo in any."""
        if not words:
            return [_Way()]
        if part < 1:
            return [_Way(wide=True, part=part)]
        longer = frozenset(word for word in words if len(word) > 3)
        ways = [
            _Way(enough=_ENOUGH),
            _Way(wide=True, inexact=unknown, enough=_FEW),
            _Way(wide=True, inexact=unknown, part=0.5, enough=1),
            _Way(wide=True, inexact=longer, part=0.5),
        ]
        return ways[1:] if unknown else ways

    def _load(self, address: Any) -> Document:
        packed: Any = self._searcher.doc(address).get_first("document")
        return _unpack(packed)

    def _matching(
        self,
        words: Sequence[str],
        concepts: Sequence[str],
        also: Sequence[tuple[str, str]],
        way: "_Way",
    ) -> list[list[tuple[Any, "tantivy.Query"]]]:
        """The ways in which a thing may match: it must fulfil one of them, as clauses. None: all things do.

        They are kept apart, so that each of them can be narrowed by the filters: a thing that must have two rare words is
        found by leaping, while one that has half of many words is found only by looking at everything that has any.
        """
        import tantivy

        Query, Occur = tantivy.Query, tantivy.Occur
        either = self._of_words(words, way) if words else []
        if concepts:
            least = -(-2 * len(concepts) // 3)
            among = [Query.boost_query(Query.term_query(self._schema, "concept", c), 1.5) for c in concepts]
            either += [[(Occur.Must, one) for one in some] for some in islice(combinations(among, least), 20)]
        if also:
            things = [Query.term_query(self._schema, "thing", thing_of(*thing)) for thing in also]
            one_of = Query.boolean_query([(Occur.Should, thing) for thing in things])
            either.append([(Occur.Must, Query.const_score_query(one_of, 0.0))])
        return either

    def _of_words(self, words: Sequence[str], way: "_Way") -> list[list[tuple[Any, "tantivy.Query"]]]:
        """The words that say something, all of them or a part, each part for itself; the others only raise the score."""
        import tantivy

        Must, Should = tantivy.Occur.Must, tantivy.Occur.Should
        needed = self._needed(words)
        more = [(Should, self._term("title", word, 1.5)) for word in words]
        if not way.wide:
            more += [(Should, self._term("text", word, 1.0)) for word in words if word not in needed]
            return [[*((Must, self._term("text", word, 1.0)) for word in needed), *more]]
        more += [(Should, self._term("text", word, 1.0)) for word in words]
        more += [(Should, self._term("begin", word, 0.5)) for word in words if _is_beginning(word)]
        if way.part < 1 and len(needed) > MOST_PARTED:
            # The rarest say most.
            needed = sorted(needed, key=self._rarity)[:MOST_PARTED]
        least = max(1, ceil(len(needed) * way.part))
        clauses = [(Must, self._word(word, word in way.inexact, way.part < 1)) for word in needed]
        return [[*some, *more] for some in combinations(clauses, least)]

    def _rarity(self, word: str) -> int:
        """How many things have it; what nobody has comes last, for it may be a slip."""
        return self._searcher.doc_freq("text", word) or self.documents

    def _needed(self, words: Sequence[str]) -> list[str]:
        """The words that say something: not those of one or two letters, nor those that stand everywhere."""
        documents = self.documents
        rare = [
            word
            for word in words
            if len(word) > 2
            and (documents < 200 or self._searcher.doc_freq("text", word) <= _COMMON * documents)
        ]
        return rare or list(words)

    def _word(self, word: str, inexact: bool, strict: bool) -> "tantivy.Query":
        """What a thing must have for a word: it, one that begins so, another form of it, or it with one typo.

        `strict`: where many have the word itself, its other forms are not asked for. That is for a part of the words, where
        much is looked at.
        """
        import tantivy

        if len(word) >= _SHORTEST and not (strict and self._searcher.doc_freq("text", word) >= _MANY):
            # The word itself is among its beginnings, or begins as its other forms do.
            stem = stem_of(word)
            ways = [self._term("begin", stem, 0.5 if stem == word else 0.3)]
        else:
            ways = [self._term("text", word, 1.0)]
        if inexact:
            typo = tantivy.Query.fuzzy_term_query(self._schema, "text", word, 1, True)
            ways.append(tantivy.Query.boost_query(typo, 4.0))
        return ways[0] if len(ways) == 1 else tantivy.Query.disjunction_max_query(ways, 0.1)

    def _term(self, name: str, value: str, boost: float) -> "tantivy.Query":
        import tantivy

        return tantivy.Query.boost_query(tantivy.Query.term_query(self._schema, name, value, "freq"), boost)

    def _filtered(
        self, either: Sequence[Sequence[tuple[Any, "tantivy.Query"]]], filters: Filters
    ) -> "tantivy.Query":
        """Each of the ways narrowed by all filters; one of them must hold."""
        import tantivy

        Query, Occur = tantivy.Query, tantivy.Occur
        must: list[tuple[Any, tantivy.Query]] = []
        for name, values in filters.values.items():
            if values:
                terms = [Query.term_query(self._schema, name, value) for value in values]
                one_of = (
                    terms[0] if len(terms) == 1 else Query.boolean_query([(Occur.Should, t) for t in terms])
                )
                must.append((Occur.Must, Query.const_score_query(one_of, 0.0)))
        if filters.since:
            since = Query.range_query(
                self._schema, "on", tantivy.FieldType.Integer, filters.since.toordinal(), None
            )
            must.append((Occur.Must, Query.const_score_query(since, 0.0)))
        if not either:
            return Query.boolean_query(must) if must else Query.all_query()
        ways = [Query.boolean_query([*clauses, *must]) for clauses in either]
        return ways[0] if len(ways) == 1 else Query.boolean_query([(Occur.Should, way) for way in ways])

    def _count(
        self, either: Sequence[Sequence[tuple[Any, "tantivy.Query"]]], filters: Filters, facets: Sequence[str]
    ) -> dict[str, list[tuple[str, int]]]:
        """Counts of each facet. One that is filtered by is counted as if it were not, so that others can be chosen."""
        names = [name for name in facets if not filters.values.get(name)]
        found: dict[str, list[tuple[str, int]]] = {}
        if names:
            query = self._filtered(either, filters)
            raw = self._searcher.aggregate(query, {name: _terms(name) for name in names})
            found = {name: _buckets(raw[name]) for name in names}
        for name in facets:
            if name not in found:
                other = self._filtered(either, filters.without(name))
                found[name] = _buckets(self._searcher.aggregate(other, {name: _terms(name)})[name])
        return {name: found[name] for name in facets}


def _terms(name: str) -> dict[str, Any]:
    return {"terms": {"field": name, "size": _VALUES}}


def _buckets(raw: Mapping[str, Any]) -> list[tuple[str, int]]:
    return [(bucket["key"], bucket["doc_count"]) for bucket in raw["buckets"]]
