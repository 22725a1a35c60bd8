"""The space in which meanings are compared: what a language adds to every vector is taken away.

An encoder puts texts of one language near each other whatever they say. How far a language lies off, two things tell: texts
that say the same in every language (`parallel`: the names of the concepts, which `topics` puts in), and the mean of the documents
of that language. The second is better where there are many, the first where there are few: they are mixed by number. Within
one language the vectors as they are tell more, so both are kept. docs/decisions/meaning.md has what was measured.
"""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np

Thing = tuple[str, str]
"""Type and key."""
Place = tuple[str, str, str, int]
"""Type, key, language and part: what names a row."""
WHOLE: Final = 0
"""The part that is all of a text; the others are pieces of it."""

ENOUGH: Final = 96
"""So many concepts tell a language's place as well as three hundred do."""
_DOUBT: Final = 8
"""Documents of a language that count as much as what the names of the concepts say of it."""
_CENTRE_DOUBT: Final = 4
_SHARP: Final = 10.0
_CONCEPT: Final = 0.025
_SAME: Final = 1.0
_SAME_FROM: Final = 0.04

Labels = Callable[[], Mapping[str, Mapping[str, str]]]
_parallel: list[Labels] = []


def register_parallel(labels: Labels) -> None:
    """Put in what gives texts that say the same in many languages: language → name → text."""
    _parallel[:] = [labels]


def parallel() -> dict[str, list[str]]:
    """For each language the same texts in the same order; always the same ones, as long as they are there."""
    found = next((labels() for labels in _parallel), {})
    if not found:
        return {}
    names = set.intersection(*(set(labels) for labels in found.values()))
    chosen = sorted(names, key=lambda name: sha256(name.encode()).digest())[:ENOUGH]
    return {language: [labels[name] for name in chosen] for language, labels in sorted(found.items())}


class Offsets:
    """The middle of what is asked, and how far each language lies off it. Empty: nothing is known of any language."""

    def __init__(
        self, middle: "np.ndarray | None" = None, off: "Mapping[str, np.ndarray] | None" = None
    ) -> None:
        self.middle = middle
        self.off = dict(off or {})

    @classmethod
    def of(cls, vectors: "Mapping[str, np.ndarray]") -> "Offsets":
        """From the vectors of texts that say the same: a row for each, in the same order in every language."""
        import numpy as np

        if not vectors:
            return cls()
        means = {language: rows.mean(axis=0) for language, rows in vectors.items()}
        middle = np.mean(list(means.values()), axis=0)
        return cls(middle, {language: mean - middle for language, mean in means.items()})

    def without(self, asked: "np.ndarray", language: str) -> "np.ndarray":
        """What somebody asked, without what its language adds."""
        import numpy as np

        if self.middle is None:
            return asked
        moved = asked - self.middle - self.off.get(language, np.float32(0))
        return np.asarray(unit(moved), np.float32)


def unit(rows: "np.ndarray") -> "np.ndarray":
    """The same directions, of length one."""
    import numpy as np

    made: np.ndarray = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)
    return made


def centre(
    rows: "np.ndarray", languages: Sequence[str], offsets: Offsets
) -> "tuple[np.ndarray, dict[str, np.ndarray]]":
    """What is taken from the rows of each language: the middle of all, and what the language adds."""
    import numpy as np

    count = len(rows)
    middle = rows.mean(axis=0)
    if offsets.middle is not None:
        middle = (count * middle + _CENTRE_DOUBT * offsets.middle) / (count + _CENTRE_DOUBT)
    named = np.array(languages)
    taken: dict[str, np.ndarray] = {}
    for language in dict.fromkeys(languages):
        these = rows[named == language]
        known = offsets.off.get(language, np.zeros_like(middle))
        own = these.mean(axis=0) - middle
        taken[language] = (len(these) * own + _DOUBT * known) / (len(these) + _DOUBT) + middle
    return middle, taken


class Space:
    """All vectors that there are at one moment, ready to be asked. Nobody changes it; the next moment has another."""

    def __init__(
        self,
        places: Sequence[Place],
        raw: "np.ndarray",
        concepts: Mapping[Thing, frozenset[str]],
        offsets: Offsets,
        version: int,
    ) -> None:
        """`raw` is taken over: it holds afterwards what it is compared by."""
        import numpy as np

        self.places = places
        self.offsets = offsets
        self.concepts = concepts
        self.version = version
        self.texts: list[tuple[Thing, str]] = []
        """Each text: its thing and its language."""
        numbers: dict[tuple[Thing, str], int] = {}
        for type, key, language, part in places:
            if part == WHOLE:
                numbers[((type, key), language)] = len(numbers)
        self.texts = list(numbers)
        names: dict[Thing, int] = {}
        self.thing_of = np.fromiter(
            (names.setdefault(t, len(names)) for t, _ in self.texts), np.int32, len(numbers)
        )
        self.things: list[Thing] = list(names)
        self._texts_of: dict[Thing, list[int]] = {}
        for at, (thing, _language) in enumerate(self.texts):
            self._texts_of.setdefault(thing, []).append(at)
        self._thing_at = names
        self._whole = np.zeros(len(numbers), np.int32)
        owners = np.full(len(places), -1, np.int32)
        for row, (type, key, language, part) in enumerate(places):
            text = numbers.get(((type, key), language))
            if text is not None:
                if part == WHOLE:
                    self._whole[text] = row
                else:
                    owners[row] = text
        pieces = np.flatnonzero(owners >= 0)
        pieces = pieces[np.argsort(owners[pieces], kind="stable")]
        self._pieces = pieces
        self._owners, self._starts, self._counts = np.unique(
            owners[pieces], return_index=True, return_counts=True
        )
        self._matrix = raw
        self._lengths = np.ones(len(places), np.float32)
        self._taken: dict[str, np.ndarray] = {}
        self._mean: np.ndarray | None = None
        for rows, is_whole in ((self._whole, True), (pieces, False)):
            self._centre(rows, is_whole)
        spoken: dict[str, list[int]] = {}
        for at, (_thing, language) in enumerate(self.texts):
            spoken.setdefault(language, []).append(at)
        self.of_language = {language: np.array(texts, np.int32) for language, texts in spoken.items()}
        self._said: dict[str, list[int]] = {}
        for thing, said in concepts.items():
            if thing in names:
                for concept in said:
                    self._said.setdefault(concept, []).append(names[thing])

    def _centre(self, rows: "np.ndarray", is_whole: bool) -> None:
        import numpy as np

        if not len(rows):
            return
        languages = [self.places[row][2] for row in rows]
        some = self._matrix[rows]
        if is_whole:
            self._mean = some.mean(axis=0)
        _middle, taken = centre(some, languages, self.offsets)
        if is_whole:
            self._taken = taken
        named = np.array(languages)
        for language, away in taken.items():
            these = rows[named == language]
            moved = self._matrix[these] - away
            lengths = np.maximum(np.linalg.norm(moved, axis=1), 1e-9)
            self._lengths[these] = lengths
            self._matrix[these] = moved / lengths[:, None]

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def width(self) -> int:
        return int(self._matrix.shape[1])

    def texts_of(self, thing: Thing) -> list[int]:
        """Where the texts of a thing stand in `texts`."""
        return self._texts_of.get(thing, [])

    def weight(self, concept: str) -> float:
        """How much it says that two speak of this concept: the rarer the more."""
        from math import log

        return log(1 + len(self.things) / (len(self._said.get(concept, ())) + 0.5))

    def scores(
        self, asked: "np.ndarray", language: str, concepts: frozenset[str] = frozenset()
    ) -> "np.ndarray":
        """For each text how well it answers what somebody asked in a language."""
        import numpy as np

        scores = self._near(self.offsets.without(asked, language))
        rows = self.of_language.get(language)
        if rows is not None and self._mean is not None:
            # Within one language, as the encoder has it: the row as it was is what it is now, made long again and moved back.
            whole = self._whole[rows]
            plain = self._lengths[whole] * (self._matrix[whole] @ asked) + self._taken[language] @ asked
            scores[rows] += _SAME * (plain - self._mean @ asked - _SAME_FROM)
        return np.asarray(scores + self._shared(concepts)[self.thing_of], np.float32)

    def like(self, thing: Thing, language: str = "") -> "np.ndarray | None":
        """For each text how like it is to a thing that is in here; None where it is not."""
        import numpy as np

        at = self._thing_at.get(thing)
        if at is None:
            return None
        own = self._matrix[self._whole[np.flatnonzero(self.thing_of == at)]].mean(axis=0)
        shared = self._shared(self.concepts.get(thing, frozenset()))
        return np.asarray(self._near(unit(own)) + shared[self.thing_of], np.float32)

    def _near(self, direction: "np.ndarray") -> "np.ndarray":
        """Each text as a whole and by its pieces, the nearest of which count most."""
        import numpy as np

        near = self._matrix @ direction.astype(np.float32)
        whole = near[self._whole]
        pieces = whole.copy()
        if len(self._pieces):
            sums = np.add.reduceat(np.exp(_SHARP * near[self._pieces]), self._starts)
            pieces[self._owners] = np.log(sums / self._counts) / _SHARP
        return np.asarray(whole + pieces)

    def _shared(self, concepts: frozenset[str]) -> "np.ndarray":
        import numpy as np

        found = np.zeros(len(self.things), np.float32)
        for concept in concepts:
            if said := self._said.get(concept):
                found[said] += _CONCEPT * self.weight(concept)
        return found
