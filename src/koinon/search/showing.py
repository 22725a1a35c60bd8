"""How a thing that was found is shown: in which of its texts, with which piece of it, and why it is here."""

import re
from collections.abc import Sequence
from html import escape
from typing import Final

from koinon.base.text import fold_word
from koinon.search.documents import Document, Text
from koinon.search.engine import stem_of

_TOKEN = re.compile(r"\w+")
MOST_READ: Final = 6000
LENGTH: Final = 220
_LEAD: Final = 60
Why = tuple[tuple[str, ...], ...]


class Eye:
    """Looks for the words of one search in texts; what it learnt of a word it keeps."""

    def __init__(self, words: Sequence[str], unknown: frozenset[str] = frozenset()) -> None:
        self.words = words
        self.unknown = unknown
        self._stems = {word: stem_of(word) for word in words}
        self._known: dict[str, tuple[str, str] | None] = {}
        self._starts = {word[:2] for word in words}

    def sees(self, token: str) -> tuple[str, str] | None:
        """Which word a token of a text stands for, and how: `word`, `begins`, `form` or `typo`."""
        found = self._known.get(token, ...)
        if found is ...:
            found = self._known[token] = self._look(fold_word(token))
        return found

    def _look(self, seen: str) -> tuple[str, str] | None:
        if seen[:2] not in self._starts and not self.unknown:
            # No word of the search begins so, and none was mistyped.
            return None
        if seen in self.words:
            return seen, "word"
        for word in self.words:
            if len(word) > 2 and seen.startswith(word):
                return word, "begins"
        for word in self.words:
            if len(word) > 4 and seen.startswith(self._stems[word]):
                return word, "form"
        for word in self.words:
            if word in self.unknown and near(word, seen):
                return word, "typo"
        return None

    def matches(self, text: str) -> list[tuple[int, int, str, str]]:
        """Where in a text: start, end, the word, how."""
        sees = self.sees
        return [
            (match.start(), match.end(), *seen)
            for match in _TOKEN.finditer(text, 0, MOST_READ)
            if (seen := sees(match.group())) is not None
        ]


def near(one: str, other: str) -> bool:
    """Whether one letter more, less, other or two changed about make one word of the other."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        start += 1
    a, b = one[start:], other[start:]
    if len(a) == len(b):
        return a[1:] == b[1:] or (len(a) > 1 and a[0] == b[1] and a[1] == b[0] and a[2:] == b[2:])
    return a[1:] == b if len(a) > len(b) else a == b[1:]


def show(
    document: Document,
    eye: Eye,
    language: str,
    *,
    concepts: frozenset[str] = frozenset(),
    best: str = "",
) -> tuple[Text, str, Why]:
    """The text for this reader, a piece of it as safe HTML, and why. `best`: the language of the text that fits by meaning.

    The reader's own language comes first, where there is a text in it; else the one in which the words were found.
    """
    if not eye.words:
        text = _own(document, language) or document.texts[0]
        return text, snippet(text.body, []), ()
    own = _own(document, language)
    chosen = own or document.texts[0]
    where: Text | None = own
    seen = _both(own, eye) if own else ([], [])
    if own is None or not (seen[0] or seen[1]):
        ranked = sorted(
            ((text, _both(text, eye)) for text in document.texts if text is not own),
            key=lambda pair: -len({match[2] for part in pair[1] for match in part}),
        )
        if ranked and (ranked[0][1][0] or ranked[0][1][1]):
            where, seen = ranked[0]
        else:
            where = next((text for text in document.texts if text.language == best), None)
        chosen = own or where or document.texts[0]
    in_title, in_body = seen
    why = _why(eye, in_title, in_body)
    if where is not None and where is not chosen and (in_title or in_body):
        why = (*why, ("in", where.language))
    piece = snippet(chosen.body, in_body if where is chosen else [])
    return chosen, piece, (*why, *(("concept", name) for name in sorted(concepts)))


def _own(document: Document, language: str) -> Text | None:
    return next((text for text in document.texts if text.language == language), None) if language else None


def _both(text: Text, eye: Eye) -> tuple[list[tuple[int, int, str, str]], list[tuple[int, int, str, str]]]:
    return eye.matches(text.title), eye.matches(text.body)


def _why(
    eye: Eye,
    in_title: Sequence[tuple[int, int, str, str]],
    in_body: Sequence[tuple[int, int, str, str]],
) -> Why:
    """For each word of the search the best way in which it was found."""
    ranks = {"word": 0, "begins": 1, "form": 2, "typo": 3}
    found: dict[str, tuple[int, tuple[str, ...]]] = {}
    for inside, matches in (("title", in_title), ("text", in_body)):
        for _, _, word, how in matches:
            rank = ranks[how]
            if word not in found or rank < found[word][0]:
                found[word] = (rank, (inside if how == "word" else how, word))
    return tuple(found[word][1] for word in eye.words if word in found)


def snippet(text: str, matches: Sequence[tuple[int, int, str, str]]) -> str:
    """A piece of the text with the most words of the search in it, as HTML: all escaped, the words in `<mark>`."""
    start = 0
    if matches:
        best, most = matches[0][0], 0
        for at, (begin, _, _, _) in enumerate(matches[:200]):
            words = set()
            for other in matches[at : at + 40]:
                if other[1] > begin + LENGTH - _LEAD:
                    break
                words.add(other[2])
            if len(words) > most:
                best, most = begin, len(words)
        start = _start(text, best)
    end = min(len(text), start + LENGTH)
    if end < len(text):
        cut = text.rfind(" ", start, end)
        end = cut if cut > start + LENGTH // 2 else end
    parts = ["… "] if start else []
    at = start
    for begin, stop, _, _ in matches:
        if begin < at or stop > end:
            continue
        parts += [escape(text[at:begin]), "<mark>", escape(text[begin:stop]), "</mark>"]
        at = stop
    parts.append(escape(text[at:end]))
    if end < len(text):
        parts.append(" …")
    return "".join(parts)


def _start(text: str, at: int) -> int:
    """The beginning of the sentence, or a word not far before."""
    if at <= _LEAD:
        return 0
    for end in (". ", "! ", "? ", "\n"):
        found = text.rfind(end, at - _LEAD * 2, at)
        if found >= 0:
            return found + len(end)
    found = text.find(" ", at - _LEAD, at)
    return found + 1 if found >= 0 else at
