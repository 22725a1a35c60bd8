"""A version as somebody reads it: in the language of the page where there is a translation, with its state and the original."""

import re
from dataclasses import dataclass
from typing import Any

from koinon.base.languages import ENDONYMS
from koinon.practices.models import Practice, Translation, Version
from koinon.practices.words import MOST_LINES, TEXTS

_NUMBER = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*%")
_WHEN = re.compile(r"^(.{1,60}?):\s+(.+)$")


@dataclass(frozen=True)
class Said:
    """One text: as it is read, in which language, and how the original says it (empty where this is the original)."""

    text: str
    language: str
    original: str = ""
    original_language: str = ""

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.text.splitlines() if line.strip()][:MOST_LINES]

    @property
    def paragraphs(self) -> list[str]:
        return [
            part.strip() for part in re.split(r"\n\s*\n", self.text.replace("\r\n", "\n")) if part.strip()
        ]

    @property
    def steps(self) -> list[tuple[str, str]]:
        """Lines of the form *when: what*."""
        found: list[tuple[str, str]] = []
        for line in self.lines:
            match = _WHEN.match(line)
            found.append((match[1], match[2]) if match else ("", line))
        return found

    @property
    def table(self) -> list[list[str]]:
        """Lines of the form *a | b | c*."""
        return [[cell.strip() for cell in line.split("|")] for line in self.lines]


@dataclass(frozen=True)
class Reading:
    """A version in the language in which it is read. `state`: original, human, machine, outdated."""

    version: Version
    language: str
    state: str
    said: dict[str, Said]
    translation: Translation | None = None

    @property
    def is_original(self) -> bool:
        return self.state == "original"

    @property
    def results(self) -> list[dict[str, str]]:
        """Rows of the table of results: what, with it, before, people."""
        found: list[dict[str, str]] = []
        for cells in self.said["results"].table:
            what, after, before, people = [*cells, "", "", "", ""][:4]
            row = {"what": what, "after": after, "before": before, "people": people}
            found.append(row | {"n": str(len(found) + 1)})
        return found

    @property
    def costs(self) -> list[tuple[str, str]]:
        return [(cells[0], cells[1] if len(cells) > 1 else "") for cells in self.said["costs"].table]

    @property
    def slope(self) -> list[dict[str, Any]]:
        """Lines of the drawing *before → with it*, where results say per cents; at most four that do not cover each other."""
        found: list[dict[str, Any]] = []
        for row in self.results:
            before, after = _NUMBER.search(row["before"]), _NUMBER.search(row["after"])
            if before is None or after is None:
                continue
            first, second = (float(one[1].replace(",", ".")) for one in (before, after))
            if max(first, second) <= 100:
                found.append({**row, "first": first, "second": second})
        return _drawn(found[:4])


def _drawn(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Where each line begins and ends, from 16 (the highest) to 116; labels at least 17 apart."""
    if not rows:
        return []
    values = [value for row in rows for value in (row["first"], row["second"])]
    low, high = min(values), max(values)
    scale = 100 / (high - low) if high > low else 0
    for at, row in enumerate(rows):
        row["y1"] = round(116 - (row["first"] - low) * scale) if scale else 66
        row["y2"] = round(116 - (row["second"] - low) * scale) if scale else 66
        row["is_first"] = at == 0
    for key, label in (("y1", "t1"), ("y2", "t2")):
        last = -99
        for row in sorted(rows, key=lambda one: one[key]):
            last = max(row[key], last + 17)
            row[label] = last + 5
    return rows


def languages_of(practice: Practice, version: Version) -> dict[str, Translation]:
    """Language → its translation: of this version, else of the latest before it that has one."""
    found: dict[str, Translation] = {}
    rows = Translation.objects.filter(
        version__practice=practice, version__number__lte=version.number
    ).select_related("version", "by")
    for one in rows.order_by("version__number"):
        if one.language != version.language:
            found[one.language] = one
    return found


def read(
    version: Version, translations: dict[str, Translation], language: str, *, fallback: str = "en"
) -> Reading:
    """The version in a language; where nobody has told it so, in the original."""
    wanted = language if language in ENDONYMS else fallback
    chosen = translations.get(wanted)
    own = version.texts
    if wanted == version.language or chosen is None:
        said = {name: Said(own[name], version.language) for name in TEXTS}
        return Reading(version, version.language, "original", said)
    said = {}
    for name in TEXTS:
        text = str(chosen.texts.get(name, ""))
        if text and own[name]:
            said[name] = Said(text, chosen.language, own[name], version.language)
        else:
            said[name] = Said(own[name], version.language)
    return Reading(version, chosen.language, chosen.state_for(version), said, chosen)
