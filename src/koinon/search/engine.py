"""The index of words: Tantivy in the process, one folder that can be thrown away and made again from the database.

A thing is one document of the index with the words of all its texts, so that counts and pages are exact. All text is folded
(base/text.py) before it goes in and before it is looked for. Nothing from outside is ever parsed as a query: a search is a
list of words, put together here.

What stands in the index is each word as it is, and its beginnings of three and four letters, which very many words share. A
word half typed and its other endings are found by these, or by leafing through the list of all words from a longer beginning
on. Only a word that no document has is looked for with one typo.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import lru_cache
from math import ceil, log
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from koinon.base.text import fold, fold_long
from koinon.search import bridges
from koinon.search.documents import Document, Text

if TYPE_CHECKING:
    import tantivy

VERSION: Final = 3
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
_LISTED = (3, 4)
"""Beginnings of so many letters stand in the index; longer ones are found in the list of words."""
_FEW, _HARDLY, _ENOUGH = 5, 10, 50
_VALUES = 400
MOST_PARTED: Final = 6
"""Of so many words a part may be enough; of more the rarest are taken."""
_MANY = 100
SAMPLED: Final = 16
"""One thing in so many is of the sample in which is counted where very many were found."""
MUCH: Final = 20_000
_IN_IT = "1"
_MOST_KNOWN = 10_000
_COMMON = 0.2
"""A word that more than this part of all things has need not be there, if there are others."""


class Broken(Exception):
    """The index cannot be read: it is damaged, missing, or of another version, as `why` says in a word."""

    def __init__(self, said: str = "", why: str = "damaged") -> None:
        super().__init__(said)
        self.why = why


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
    """What the engine found: the documents of this page, how many in all, and the counts of the facets asked for.

    `about`: facets that were counted in a sample, since very many things were found; their counts are near the truth.
    """

    candidates: tuple[Candidate, ...]
    total: int
    facets: dict[str, list[tuple[str, int]]]
    unknown: frozenset[str] = frozenset()
    """Words that no document has: they were looked for with one typo."""
    about: frozenset[str] = frozenset()


def words_of(query: str) -> list[str]:
    """The words of a search as the index knows them: folded, each once, bounded in number and length."""
    folded = fold(query[:MOST_LETTERS])[: 4 * MOST_LETTERS]
    return list(dict.fromkeys(word[:LONGEST_WORD] for word in folded.split()))[:MOST_WORDS]


def stem_of(word: str) -> str:
    """The beginning that a word most likely keeps in its other forms; the word itself where it is short."""
    if len(word) < 5:
        return word
    return word[: min(_LONGEST, max(4, round(len(word) * 0.7)))]


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
    builder.add_text_field("sample", tokenizer_name="raw", index_option="basic")
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

    title = " ".join([fold_long(text.title[:1000]) for text in document.texts])
    whole = " ".join([title, *(fold_long(text.body[:MOST_BODY]) for text in document.texts)])
    made = tantivy.Document()
    thing = thing_of(document.type, document.key)
    made.add_text("thing", thing)
    if crc32(thing.encode("utf-8", "replace")) % SAMPLED == 0:
        made.add_text("sample", _IN_IT)
    made.add_text("title", title)
    made.add_text("text", whole)
    each = set(whole.split())
    made.add_text(
        "begin", " ".join({word[:length] for word in each for length in _LISTED if len(word) >= length})
    )
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
class _Asked:
    """What is looked for: words, concepts, and things that were found in another way."""

    words: tuple[str, ...]
    concepts: tuple[str, ...]
    also: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Way:
    """How words are looked for, and how many things are enough to stop here."""

    wide: bool = False
    inexact: frozenset[str] = frozenset()
    part: float = 1.0
    enough: int = 0


_ALL: Final = _Asked((), (), ())


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
            self._frequencies: dict[tuple[str, str], int] = {}
        except (ValueError, OSError) as trouble:
            raise Broken(str(trouble)) from trouble

    def check(self) -> None:
        """Read a little of everything, so that what is damaged is noticed. `Broken` where it is."""
        try:
            self.search(["a"], facets=COUNTED, limit=3)
            self.search([], limit=3)
            for segment_hit in self._searcher.search(
                self._query(_ALL, _Way(), Filters()), 50, count=False
            ).hits:
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
        terms = self._searcher.terms_with_prefix("thing", "", self._query(_ALL, _Way(), filters), most)
        return frozenset(tuple(term.split(":", 1)) for term, _ in terms)  # type: ignore[misc]

    def passes(self, thing: tuple[str, str], filters: Filters) -> bool:
        """Whether a thing is there and the filters let it through."""
        import tantivy

        named = tantivy.Query.term_query(self._schema, "thing", thing_of(*thing))
        query = tantivy.Query.boolean_query([(tantivy.Occur.Must, named), *self._narrow(filters)])
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
        chosen = filters or Filters()
        unknown = frozenset(word for word in words if len(word) > 3 and not self._frequency(word))
        asked = _Asked(tuple(words), tuple(concepts), tuple(also))
        order = "on" if by_date or not (asked.words or asked.concepts) else None
        for way in self._ways(asked.words, unknown, part, chosen):
            query = self._query(asked, way, chosen)
            found: Any = self._searcher.search(
                query, max(limit, 1), count=True, offset=offset, order_by_field=order
            )
            total = int(found.count or 0)
            if total >= way.enough:
                break
        counts, about = self._count(asked, way, chosen, facets, total)
        candidates = tuple(
            Candidate(self._load(address), 0.0 if order else float(score))
            for score, address in found.hits[:limit]
        )
        return Answer(candidates, total, counts, unknown, about)

    def _ways(
        self, words: Sequence[str], unknown: frozenset[str], part: float, filters: Filters
    ) -> list["_Way"]:
        """How the words are looked for, one way after the other until enough is found: as they stand, in other forms and with
        a typo in what nobody has, half of them, half of them with a typo in any.

        Where hardly anything can have all words as they stand, the first way is spared: the second finds that, too.
        """
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
        return ways[1:] if unknown or self._expected(words, filters) < _HARDLY else ways

    def _expected(self, words: Sequence[str], filters: Filters) -> float:
        """How many things would have all words and pass the filters if each of these came by lot."""
        documents = expected = float(self.documents) or 1.0
        for word in self._needed(words):
            expected *= self._frequency(word) / documents
        for name, values in filters.values.items():
            if values:
                having = sum(self._searcher.doc_freq(name, value) for value in values)
                expected *= min(1.0, having / documents)
        return expected

    def _load(self, address: Any) -> Document:
        packed: Any = self._searcher.doc(address).get_first("document")
        return _unpack(packed)

    def _query(
        self, asked: "_Asked", way: "_Way", filters: Filters, *, scored: bool = True
    ) -> "tantivy.Query":
        """What a thing must fulfil: the words, the concepts, or that it was found in another way; and all filters.

        Each of these is narrowed by the filters for itself, so that it is looked for by leaping from one rare thing to the next.
        Without a score only what decides is asked for: the rest would be looked up in vain.
        """
        import tantivy

        Query, Must, Should = tantivy.Query, tantivy.Occur.Must, tantivy.Occur.Should
        narrow = self._narrow(filters)
        either: list[tantivy.Query] = []
        if asked.words:
            either.append(self._of_words(asked.words, way, narrow, scored))
        if asked.concepts:
            each = [self._term("concept", concept, 1.5) for concept in asked.concepts]
            either.append(self._some_of(each, -(-2 * len(each) // 3), narrow))
        if asked.also:
            things = [thing_of(*thing) for thing in asked.also]
            one_of = Query.const_score_query(Query.term_set_query(self._schema, "thing", things), 0.0)
            either.append(Query.boolean_query([(Must, one_of), *narrow]))
        if not either:
            return Query.boolean_query(narrow) if narrow else Query.all_query()
        return either[0] if len(either) == 1 else Query.boolean_query([(Should, one) for one in either])

    def _narrow(self, filters: Filters) -> list[tuple[Any, "tantivy.Query"]]:
        """The filters as clauses that give no score."""
        import tantivy

        Query, Must = tantivy.Query, tantivy.Occur.Must
        clauses: list[tuple[Any, tantivy.Query]] = []
        for name, values in filters.values.items():
            if values:
                terms = [Query.term_query(self._schema, name, value, "basic") for value in values]
                one_of = (
                    terms[0]
                    if len(terms) == 1
                    else Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])
                )
                clauses.append((Must, Query.const_score_query(one_of, 0.0)))
        if filters.since:
            since = Query.range_query(
                self._schema, "on", tantivy.FieldType.Integer, filters.since.toordinal(), None
            )
            clauses.append((Must, Query.const_score_query(since, 0.0)))
        return clauses

    def _some_of(
        self, each: Sequence["tantivy.Query"], least: int, narrow: Sequence[tuple[Any, "tantivy.Query"]]
    ) -> "tantivy.Query":
        """At least so many of these, and the filters. All of them are asked for together; of a part each is narrowed first."""
        import tantivy

        Query, Must, Should = tantivy.Query, tantivy.Occur.Must, tantivy.Occur.Should
        if least >= len(each):
            return Query.boolean_query([*((Must, one) for one in each), *narrow])
        if narrow:
            each = [Query.boolean_query([(Must, one), *narrow]) for one in each]
        return Query.boolean_query([(Should, one) for one in each], minimum_number_should_match=least)

    def _of_words(
        self, words: Sequence[str], way: "_Way", narrow: Sequence[tuple[Any, "tantivy.Query"]], scored: bool
    ) -> "tantivy.Query":
        """The words that say something, all of them or a part; the others only raise the score."""
        import tantivy

        Must, Should = tantivy.Occur.Must, tantivy.Occur.Should
        needed = self._needed(words)
        more = [(Should, self._term("title", word, 1.5)) for word in words if self._frequency(word)]
        if way.wide:
            if way.part < 1 and len(needed) > MOST_PARTED:
                # The rarest say most.
                needed = sorted(needed, key=self._rarity)[:MOST_PARTED]
            each = [self._word(word, word in way.inexact, way.part < 1) for word in needed]
            more += [(Should, self._term("text", word, 1.0)) for word in words if self._frequency(word)]
        else:
            each = [self._term("text", word, 1.0) for word in needed]
            more += [(Should, self._term("text", word, 1.0)) for word in words if word not in needed]
        found = self._some_of(each, max(1, ceil(len(each) * way.part)), narrow)
        return tantivy.Query.boolean_query([(Must, found), *more]) if scored and more else found

    def _frequency(self, word: str, name: str = "text") -> int:
        """How many things have a word, or a beginning."""
        known = self._frequencies
        found = known.get((name, word))
        if found is None:
            if len(known) >= _MOST_KNOWN:
                known.clear()
            found = known[name, word] = int(self._searcher.doc_freq(name, word))
        return found

    def _rarity(self, word: str) -> int:
        """How many things have it; what nobody has comes last, for it may be a slip."""
        return self._frequency(word) or self.documents

    def _weight(self, word: str) -> float:
        """How much it says that a thing has a word that begins so: the rarer, the more.

        Between what the word itself and what its first four letters would say, for how many things have it is not known.
        """
        listed = self._frequency(word[: _LISTED[-1]], "begin")
        if len(word) <= _LISTED[-1]:
            return self._says(listed)
        return (self._says(listed) + self._says(self._frequency(word))) / 2

    def _says(self, frequency: int) -> float:
        """The weight of a word that so many things have (BM25's, for a text of usual length)."""
        frequency = max(1, frequency)
        return log(1 + (self.documents - frequency + 0.5) / (frequency + 0.5))

    def _needed(self, words: Sequence[str]) -> list[str]:
        """The words that say something: not those of one or two letters, nor those that stand everywhere."""
        documents = self.documents
        rare = [
            word
            for word in words
            if len(word) > 2 and (documents < 200 or self._frequency(word) <= _COMMON * documents)
        ]
        return rare or list(words)

    def _word(self, word: str, inexact: bool, strict: bool) -> "tantivy.Query":
        """What a thing must have for a word: it, one that begins so, another form of it, or it with one typo.

        `strict`: where many have the word itself, its other forms are not asked for. That is for a part of the words, where
        much is looked at.
        """
        import tantivy

        frequency = self._frequency(word)
        ways: list[tantivy.Query] = []
        if len(word) < _SHORTEST or (strict and frequency >= _MANY):
            ways.append(self._term("text", word, 1.0))
        else:
            # The word itself begins as its other forms do.
            stem, weight = stem_of(word), self._weight(word)
            ways.append(self._beginning(stem, weight * (0.5 if stem == word else 0.3)))
            if not frequency and stem != word:
                ways.append(self._beginning(word, weight * 0.5))
        if inexact:
            typo = tantivy.Query.fuzzy_term_query(self._schema, "text", word, 1, True)
            ways.append(tantivy.Query.boost_query(typo, 4.0))
        return ways[0] if len(ways) == 1 else tantivy.Query.disjunction_max_query(ways, 0.1)

    def _beginning(self, start: str, score: float) -> "tantivy.Query":
        """Any word that begins so. Only what begins with few letters has a list of its own: very many words do."""
        import tantivy

        if len(start) in _LISTED:
            any_of = tantivy.Query.term_query(self._schema, "begin", start, "basic")
        else:
            any_of = tantivy.Query.fuzzy_term_query(self._schema, "text", start, 0, True, True)
        return tantivy.Query.const_score_query(any_of, score)

    def _term(self, name: str, value: str, boost: float) -> "tantivy.Query":
        import tantivy

        return tantivy.Query.boost_query(tantivy.Query.term_query(self._schema, name, value, "freq"), boost)

    def _count(
        self, asked: "_Asked", way: "_Way", filters: Filters, facets: Sequence[str], total: int
    ) -> tuple[dict[str, list[tuple[str, int]]], frozenset[str]]:
        """Counts of each facet, and which of them are from the sample. One that is filtered by is counted as if it were not,
        so that others can be chosen."""
        together = [name for name in facets if not filters.values.get(name)]
        alone = [name for name in facets if name not in together]
        found: dict[str, list[tuple[str, int]]] = {}
        about: set[str] = set()
        for names, narrowed in [(together, filters), *(([name], filters.without(name)) for name in alone)]:
            if not names:
                continue
            query = self._query(asked, way, narrowed, scored=False)
            many = total > MUCH if narrowed is filters else self._is_much(query)
            if many:
                query = self._sampled(query)
                about.update(names)
            raw = self._searcher.aggregate(query, {name: _terms(name) for name in names})
            found |= {name: _buckets(raw[name], SAMPLED if many else 1) for name in names}
        return {name: found[name] for name in facets}, frozenset(about)

    def _is_much(self, query: "tantivy.Query") -> bool:
        """Whether it finds more than is counted one by one, as the sample tells."""
        if self.documents <= MUCH:
            return False
        found: Any = self._searcher.search(self._sampled(query), 1, count=True)
        return int(found.count or 0) * SAMPLED > MUCH

    def _sampled(self, query: "tantivy.Query") -> "tantivy.Query":
        import tantivy

        sample = tantivy.Query.term_query(self._schema, "sample", _IN_IT, "basic")
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, sample)])


def _terms(name: str) -> dict[str, Any]:
    return {"terms": {"field": name, "size": _VALUES}}


def _buckets(raw: Mapping[str, Any], each: int) -> list[tuple[str, int]]:
    return [(bucket["key"], bucket["doc_count"] * each) for bucket in raw["buckets"]]
