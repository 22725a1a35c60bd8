"""What would come of a table, row by row: new, changed, unchanged or wrong. Nothing is written here."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django import forms
from django.utils import translation
from django.utils.translation import gettext as _

from koinon.base.languages import DEFAULT, ENDONYMS
from koinon.base.text import fold
from koinon.base.visitor import Visitor
from koinon.network.models import Organisation
from koinon.places.models import Place
from koinon.practices.content import PLAIN, Content
from koinon.practices.exchange.columns import ID, NAMES
from koinon.practices.exchange.tables import Table
from koinon.practices.fields import Line
from koinon.practices.forms import ContentForm
from koinon.practices.life import WRITTEN_ON
from koinon.practices.models import Practice, Version
from koinon.practices.words import Cost, Evidence, EvidenceKind, Kind, Level, Stage, Target

_CHOICES: dict[str, Any] = {
    "kind": Kind,
    "stage": Stage,
    "level": Level,
    "cost": Cost,
    "evidence": Evidence,
    "evidence_kind": EvidenceKind,
    "targets": Target,
}
_MOST_OF_A_KEY = 120
MOST_WRONG = 500
"""Rows that are wrong, after which nobody looks further: it is another file, or another column."""
_YEAR = re.compile(r"(?<![0-9])(?:19[5-9][0-9]|20[0-9]{2})(?![0-9])")
_DATE = re.compile(r"[0-9]{1,4}[-./][0-9]{1,4}(?:[-./][0-9]{1,4})?(?: [0-9:]{4,8})?")
_PERIOD = re.compile(r"[0-9]{4}\s*(?:[-–—/]|to)\s*(?:[0-9]{4})?")


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong: in which row, beneath which heading, what."""

    row: int
    heading: str
    what: str


@dataclass(frozen=True)
class Known:
    """What is here already under a key, as far as it matters."""

    practice: int
    version: Version
    content: Content


@dataclass(frozen=True)
class Row:
    """A row that can be taken in."""

    number: int
    key: str
    content: Content
    known: Known | None = None

    @property
    def state(self) -> str:
        if self.known is None:
            return "new"
        return "unchanged" if same(self.known.content, self.content) else "changed"


@dataclass
class Plan:
    """What would come of the whole file."""

    rows: list[Row] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)
    is_cut: bool = False
    """Whether so much was wrong that the rest was not looked at."""

    @property
    def bad_rows(self) -> int:
        return len({one.row for one in self.wrong})

    def of(self, state: str) -> list[Row]:
        return [row for row in self.rows if row.state == state]

    @property
    def counts(self) -> dict[str, int]:
        found = dict.fromkeys(("new", "changed", "unchanged"), 0)
        for row in self.rows:
            found[row.state] += 1
        return found | {"wrong": self.bad_rows}


def same(one: Content, other: Content) -> bool:
    """Whether two contents say the same; places have no order."""
    places = [{place.pk for place in content.places} for content in (one, other)]
    return places[0] == places[1] and replace(one, places=()) == replace(other, places=())


def check(
    table: Table, mapping: Mapping[str, int], *, by: Visitor, organisation: Organisation, language: str
) -> Plan:
    """The plan for a table. Columns that the mapping leaves out stay empty."""
    reader, plan = _Reader(table, mapping, language), Plan()
    seen: dict[str, int] = {}
    bad = 0
    for number, cells in zip(table.numbers, table.rows, strict=True):
        key, content, wrong = reader.row(number, cells)
        if not wrong and key in seen:
            heading = reader.heading(ID) or reader.heading("title")
            wrong = [
                Wrong(number, heading, _("The same practice stands in row %(row)s.") % {"row": seen[key]})
            ]
        seen.setdefault(key, number)
        plan.wrong += wrong
        bad += bool(wrong)
        if bad == MOST_WRONG:
            plan.is_cut = True
            break
        if content is not None and not wrong:
            plan.rows.append(Row(number, key, content))
    _compare(plan, by, organisation, reader)
    return plan


def read_row(table: Table) -> tuple[Content | None, list[Wrong]]:
    """What the one row of a table with our own headings tells, or what is wrong with it."""
    mapping = {name: at for at, name in enumerate(table.headers) if name in NAMES}
    _key, content, wrong = _Reader(table, mapping, DEFAULT).row(table.numbers[0], table.rows[0])
    return content, wrong


def origin_of(organisation: Organisation, key: str) -> str:
    """How a practice keeps the key that its row has, within one organisation."""
    return f"import:{organisation.pk}:{key}"


class _Reader:
    """Cells to contents. Equal cells of lists and places are looked up once."""

    def __init__(self, table: Table, mapping: Mapping[str, int], language: str) -> None:
        self.headers, self.unread, self.language = table.headers, table.unread, language
        headers = self.headers
        self.mapping = {name: at for name, at in mapping.items() if name in NAMES and 0 <= at < len(headers)}
        self.fields: dict[str, Any] = dict(ContentForm.base_fields)
        self.key = Line(max_length=_MOST_OF_A_KEY, required=False)
        self.words = {name: _words(choices) for name, choices in _CHOICES.items()}
        self.kept: dict[tuple[str, str, str], Any] = {}

    def heading(self, name: str) -> str:
        at = self.mapping.get(name)
        return self.headers[at] if at is not None else ""

    def row(self, number: int, cells: list[str]) -> tuple[str, Content | None, list[Wrong]]:
        """The key, the content, and what is wrong."""
        wrong: list[Wrong] = []
        values: dict[str, Any] = {}
        typed = {name: cells[at].strip() for name, at in self.mapping.items() if at < len(cells)}
        spoken = typed.get("language", "")
        language = fold(spoken) if fold(spoken) in ENDONYMS else self.language
        for name, text in typed.items():
            try:
                self._readable(number, name, text)
                if name == ID:
                    values[ID] = self.key.clean(text)
                elif text:
                    values[name] = self._value(name, text, language)
            except forms.ValidationError as error:
                wrong.append(Wrong(number, self.heading(name) or name, " ".join(error.messages)))
        title = values.get("title", "")
        if not title and not any(one.heading == self.heading("title") for one in wrong):
            wrong.append(Wrong(number, self.heading("title") or "title", _("There is no title.")))
        if not typed.get("ended") and (period := _period(typed.get("begun", ""))) is not None:
            values["ended"] = period
        begun, ended = values.get("begun"), values.get("ended")
        if begun and ended and ended < begun:
            wrong.append(Wrong(number, self.heading("ended"), _("It cannot end before it begins.")))
        key = values.pop(ID, "") or _made_of(title)
        if wrong:
            return key, None, wrong
        return key, Content(**({"language": language} | values)), []

    def _readable(self, number: int, name: str, text: str) -> None:
        """Refuse what a program did not save, and letters that were lost on the way."""
        if "\ufffd" in text:
            raise forms.ValidationError(_("Some letters of this cell cannot be read."))
        if (number, self.mapping[name]) in self.unread:
            error = self.unread[(number, self.mapping[name])]
            if error:
                raise forms.ValidationError(_("This cell holds the error %(error)s.") % {"error": error})
            raise forms.ValidationError(
                _("This cell holds a formula without its result. Open the file, save it, and send it again.")
            )

    def _value(self, name: str, text: str, language: str) -> Any:
        if name in {"begun", "ended"}:
            return self.fields[name].clean(_year(text))
        if name == "language":
            if fold(text) not in ENDONYMS:
                raise forms.ValidationError(_("The language is two letters, such as “en” or “fi”."))
            return fold(text)
        if name in self.words or name in {"objectives", "topics", "places", "links"}:
            mark = (name, text, language if name == "topics" else "")
            if mark not in self.kept:
                self.kept[mark] = self._looked_up(name, text, language)
            found = self.kept[mark]
            if isinstance(found, forms.ValidationError):
                raise found
            return found
        return self.fields[name].clean(text)

    def _looked_up(self, name: str, text: str, language: str) -> Any:
        try:
            if name == "targets":
                return tuple(dict.fromkeys(self._chosen(name, one) for one in _parts(text)))
            if name in self.words:
                return self._chosen(name, text)
            if name == "objectives":
                return _objectives(text)
            if name == "topics":
                with translation.override(language):
                    return self.fields[name].clean(text)
            return self.fields[name].clean("\n".join(_parts(text)) if name == "places" else text)
        except forms.ValidationError as wrong:
            return wrong

    def _chosen(self, name: str, text: str) -> Any:
        words = self.words[name]
        if (value := words.get(fold(text))) is None:
            values = ", ".join(str(one) for one in _CHOICES[name].values)
            raise forms.ValidationError(
                _("“%(word)s” is none of: %(values)s.") % {"word": text[:60], "values": values}
            )
        return value


def _year(text: str) -> str:
    """The year of a date or at the beginning of a period; else what stands there."""
    years = _YEAR.findall(text)
    if years and (_DATE.fullmatch(text) or _PERIOD.fullmatch(text)):
        return str(years[0])
    return text


def _period(text: str) -> int | None:
    """The year in which a period ends that stands in the cell of its beginning: “2019–2022”."""
    years = _YEAR.findall(text)
    return int(years[1]) if len(years) == 2 and _PERIOD.fullmatch(text) else None


def _parts(text: str) -> list[str]:
    return [one.strip() for one in text.replace(";", "\n").split("\n") if one.strip()]


def _objectives(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(fold(one) for one in _parts(text.replace(",", ";"))))
    if any(len(one) != 1 or one not in "abcdefghijklm" for one in found):
        raise forms.ValidationError(_("Objectives are letters from a to m."))
    return found


def _words(choices: Any) -> dict[str, Any]:
    """What may be typed for each value: the value, and its words in English and in the page's language."""
    found: dict[str, Any] = {}
    for language in ("en", translation.get_language() or "en"):
        with translation.override(language):
            found |= {fold(str(one.label)): one.value for one in choices}
    return found | {fold(str(one.value)): one.value for one in choices}


def _made_of(title: str) -> str:
    """The key of a row that names none: the same title is the same practice."""
    return "title-" + hashlib.sha256(fold(title).encode()).hexdigest()[:24]


def _compare(plan: Plan, by: Visitor, organisation: Organisation, reader: _Reader) -> None:
    """Put beside each row what is here under its key; what is in review or public is not changed from a file."""
    if not plan.rows:
        return
    known = _known([row.key for row in plan.rows], by, organisation)
    told = _told_by_others([row.key for row in plan.rows], organisation)
    heading = reader.heading(ID) or reader.heading("title")
    rows: list[Row] = []
    met: dict[int, int] = {}
    for row in plan.rows:
        row = replace(row, known=known.get(row.key))
        if row.known is not None and row.known.practice in met:
            said = _("The same practice stands in row %(row)s.") % {"row": met[row.known.practice]}
            plan.wrong.append(Wrong(row.number, heading, said))
            continue
        if row.known is not None:
            met[row.known.practice] = row.number
        if row.known is not None and row.state == "changed" and row.known.version.state not in WRITTEN_ON:
            said = _("This practice was sent in or published. Change it in the library, not from a file.")
            plan.wrong.append(Wrong(row.number, heading, said))
        elif row.known is None and told.get(row.key) == fold(row.content.title):
            said = _("This practice stands in the library already, told by somebody else.")
            plan.wrong.append(Wrong(row.number, heading, said))
        else:
            rows.append(row)
    plan.rows = rows
    plan.wrong.sort(key=lambda one: one.row)


def _known(keys: Iterable[str], by: Visitor, organisation: Organisation) -> dict[str, Known]:
    """Key → the practice of this organisation that came of it before, or whose address it is, as far as `by` sees it."""
    wanted, start = set(keys), origin_of(organisation, "")
    of_origin: dict[str, int] = {}
    of_address: dict[str, int] = {}
    rows = Practice.objects.filter(organisation=organisation).order_by("pk")
    for pk, slug, origin in rows.values_list("pk", "slug", "origin"):
        if origin.startswith(start) and origin[len(start) :] in wanted:
            of_origin.setdefault(origin[len(start) :], pk)
        if slug in wanted:
            of_address[slug] = pk
    if of_address:
        seen = set(
            Practice.objects.seen_by(by).filter(organisation=organisation).values_list("pk", flat=True)
        )
        of_address = {key: pk for key, pk in of_address.items() if pk in seen}
    keyed = of_address | of_origin
    latest: dict[int, Version] = {}
    pks = sorted(set(keyed.values()))
    for at in range(0, len(pks), 500):
        versions = Version.objects.filter(practice__in=pks[at : at + 500]).order_by("number")
        for version in versions.prefetch_related("places"):
            latest[version.practice_id] = version
    return {
        key: Known(pk, latest[pk], held_by(latest[pk], tuple(latest[pk].places.all())))
        for key, pk in keyed.items()
    }


def _told_by_others(keys: Iterable[str], organisation: Organisation) -> dict[str, str]:
    """Address → title of what is public already and told by another organisation or a person."""
    wanted = set(keys)
    rows = Practice.objects.public().exclude(organisation=organisation)
    return {
        slug: fold(title)
        for slug, title in rows.values_list("slug", "shown__title")
        if slug in wanted and title
    }


def held_by(version: Version, places: tuple[Place, ...]) -> Content:
    """What a version holds, its places having been asked for already."""
    return Content(
        **{name: getattr(version, name) for name in PLAIN},
        targets=tuple(version.targets),
        objectives=tuple(version.objectives),
        topics=tuple(version.topics),
        links=tuple((label, address) for label, address in version.links),
        places=places,
    )
