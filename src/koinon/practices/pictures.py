"""The pictures of a version as words, and what differs between those of two."""

from collections.abc import Mapping, Sequence

from koinon.practices.models import Picture, Version

Told = Mapping[str, str]
Piece = tuple[str, str]


def pictures_in(version: Version) -> list[Picture]:
    """The pictures of a version, without their bytes. One query."""
    rows = version.practice.pictures.select_related("since", "until", "practice").defer("content")
    return [one for one in rows if one.is_in(version)]


def told(pictures: Sequence[Picture]) -> list[dict[str, str]]:
    """As they are kept beside a text that was sent back: which, with which words. Never the picture itself."""
    return [{"code": one.code, "description": one.description, "credit": one.credit} for one in pictures]


def differing(before: Sequence[Told], after: Sequence[Told]) -> list[Piece]:
    """Which went, which came, and whose words are others, as pieces of one text: `same`, `out`, `in`. Empty where nothing differs."""
    then, now = ({one["code"]: _words(one) for one in side} for side in (before, after))
    pieces: list[Piece] = []
    for code, words in then.items():
        if now.get(code) == words:
            pieces.append(("same", words))
        else:
            pieces.append(("out", words))
            pieces += [("in", now[code])] if code in now else []
    pieces += [("in", words) for code, words in now.items() if code not in then]
    if all(kind == "same" for kind, _text in pieces):
        return []
    return [(kind, f"{text}\n") for kind, text in pieces[:-1]] + pieces[-1:]


def _words(one: Told) -> str:
    return f"{one['description']} ({one['credit']})" if one["credit"] else one["description"]
