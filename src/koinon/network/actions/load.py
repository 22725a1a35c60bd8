"""Loading facts: the files that ship with the product, and those an operator brings, all or nothing.

The format is that of the files in `network/data/` (NOTES.md there says what they are). Loading the same files again
changes nothing. What is left alone, although a file says otherwise: `keeping.py`.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from koinon.journal import versions
from koinon.network import found
from koinon.network.actions import centres, consortia, programmes
from koinon.network.actions.keeping import Outcome
from koinon.network.actions.reading import LoadError, generated_on, read_json
from koinon.network.models import Load, Organisation

DATA = Path(__file__).resolve().parent.parent / "data"
# Raise it when loading itself changes, so that what is there is loaded anew.
LOADER = 2


@dataclass(frozen=True)
class Kind:
    """A kind of fact file: its name, the list that gives it away, and which lists it holds."""

    file: str
    sign: str
    lists: tuple[str, ...]


# In the order in which they are loaded: later ones refer to earlier ones.
KINDS = (
    Kind("member_states.json", "member_states", ("member_states",)),
    Kind("consortia.json", "consortia", ("consortia", "calls")),
    Kind("organisations.json", "organisations", ("organisations",)),
    Kind("centres.json", "centres", ("centres", "european_centre")),
    # Kept whole with the note of its load: most of its records become dates of others.
    Kind("history.json", "host_names", ()),
    Kind("programmes.json", "programmes", ("programmes",)),
    Kind("contradictions.json", "contradictions", ("contradictions",)),
)

# Kinds of files that upper floors bring: the list that gives one away → what loads such a file, in one transaction.
others: dict[str, Callable[[Path], Outcome]] = {}

__all__ = [
    "DATA",
    "LoadError",
    "Outcome",
    "is_loaded",
    "kind_of",
    "load_facts",
    "load_file",
    "load_files",
    "others",
]


def is_loaded() -> bool:
    """Whether the facts that ship with this version are in the house: one query, and a hash of half a megabyte."""
    there = dict(Load.objects.values_list("file", "shipped"))
    return all(there.get(kind.file) == _digest((DATA / kind.file).read_bytes()) for kind in KINDS)


def load_facts() -> Outcome:
    """Load the facts that ship with the product, all or nothing. Costs one query where they are there already."""
    if is_loaded():
        return Outcome()
    return _load({kind.file: read_json(DATA / kind.file) for kind in KINDS}, shipped=True)


def load_file(path: Path | str) -> Outcome:
    """Load one fact file of an operator; what it refers to is looked for in the house."""
    return load_files([path])


def load_files(paths: Iterable[Path | str]) -> Outcome:
    """Load fact files of an operator together, all or nothing. Raises `LoadError` with file and record."""
    read: dict[str, tuple[dict[str, Any], bytes]] = {}
    names: dict[str, str] = {}
    apart: list[tuple[Callable[[Path], Outcome], Path]] = []
    for path in map(Path, paths):
        content, raw = read_json(path)
        if other := next((load for sign, load in others.items() if sign in content), None):
            apart.append((other, path))
            continue
        kind = kind_of(content)
        if kind is None:
            raise LoadError(path.name, "", "none of the known kinds of fact files")
        if kind.file in read:
            raise LoadError(path.name, "", f"a second file of the kind {kind.file}")
        read[kind.file], names[kind.file] = (content, raw), path.name
    with transaction.atomic():
        outcome = _load(read, shipped=False, names=names)
        for load, path in apart:
            more = load(path)
            outcome.new, outcome.changed = outcome.new + more.new, outcome.changed + more.changed
            outcome.kept += more.kept
    return outcome


def kind_of(content: Mapping[str, Any]) -> Kind | None:
    """Which kind of fact file this is, by the lists in it."""
    found = [kind for kind in KINDS if kind.sign in content]
    # history.json holds a list `centres` too.
    return next((kind for kind in found if kind.sign != "centres"), found[0] if found else None)


def _load(
    read: dict[str, tuple[dict[str, Any], bytes]], *, shipped: bool, names: Mapping[str, str] | None = None
) -> Outcome:
    outcome = Outcome()
    called = dict(names or {})
    with transaction.atomic():
        before = set(Organisation.objects.values_list("slug", flat=True))
        for kind in KINDS:
            if kind.file not in read:
                continue
            content, raw = read[kind.file]
            name = called.get(kind.file, kind.file)
            made = generated_on(name, content)
            try:
                with transaction.atomic():
                    records = _load_kind(kind, name, content, made, outcome)
            except IntegrityError as trouble:
                raise LoadError(name, "", f"contradicts what is there: {trouble}") from trouble
            _note(kind, content, raw, made, records, shipped=shipped)
        if outcome:
            versions.raise_()
            found.changed(*sorted(before | set(Organisation.objects.values_list("slug", flat=True))))
    return outcome


def _load_kind(kind: Kind, name: str, content: dict[str, Any], made: date, outcome: Outcome) -> int:
    match kind.file:
        case "member_states.json":
            return programmes.load_member_states(name, content, made, outcome)
        case "consortia.json":
            return consortia.load_consortia(name, content, made, outcome)
        case "organisations.json":
            return consortia.load_organisations(name, content, made, outcome)
        case "centres.json":
            return centres.load_centres(name, content, made, outcome)
        case "history.json":
            return centres.load_history(name, content, made, outcome)
        case "programmes.json":
            return programmes.load_programmes(name, content, made, outcome)
        case _:
            return programmes.load_contradictions(name, content, made, outcome)


def _note(
    kind: Kind, content: dict[str, Any], raw: bytes, made: date, records: int, *, shipped: bool
) -> None:
    head = {key: value for key, value in content.items() if key not in kind.lists}
    digest = _digest(raw)
    there = {"digest": digest, "records": records, "generated": made, "head": head}
    if shipped:
        there["shipped"] = digest
    old = Load.objects.filter(pk=kind.file).first()
    if old is None or any(getattr(old, key) != value for key, value in there.items()):
        Load.objects.update_or_create(pk=kind.file, defaults=there | {"loaded_at": timezone.now()})


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw + str(LOADER).encode()).hexdigest()
