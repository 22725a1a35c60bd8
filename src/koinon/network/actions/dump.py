"""Writing the facts out again, in the format in which they are read: what was loaded, with what changed here since."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from koinon.network.actions.load import KINDS
from koinon.network.models import Call, Contradiction, Load, MemberState, Organisation, Programme

# What an owner may have changed here, and under which key a file has it.
_CHANGED = {
    "name": "name",
    "name_local": "name_local",
    "city": "city",
    "website": "website",
    "contact": "contact",
    "languages": "languages",
    "lead_text": "lead_text",
    "state": "state",
}

# What upper floors write beside, in files of their own kinds; each gets the folder and says what it wrote.
others: list[Callable[[Path], list[Path]]] = []


def dump(folder: Path | str) -> list[Path]:
    """Write every fact file into a folder; returns what was written. Loaded elsewhere, they make the same network."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    heads = {row.file: row.head for row in Load.objects.all()}
    written = []
    for kind in KINDS:
        content = dict(heads.get(kind.file, {})) | _lists(kind.file)
        if kind.file not in heads:
            continue
        path = target / kind.file
        text = json.dumps(content, ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")
        written.append(path)
    for write in others:
        written += write(target)
    return written


def _lists(file: str) -> dict[str, Any]:
    match file:
        case "member_states.json":
            return {"member_states": [row.loaded["record"] for row in MemberState.objects.all()]}
        case "consortia.json":
            calls = [row.loaded["record"] for row in Call.objects.order_by("pk")]
            return {"calls": calls, "consortia": _organisations(file)}
        case "organisations.json":
            return {"organisations": _organisations(file)}
        case "centres.json":
            european = set(Organisation.objects.of_kind("european_centre").values_list("slug", flat=True))
            records = _organisations(file)
            found: dict[str, Any] = {"centres": [one for one in records if one["id"] not in european]}
            for one in records:
                if one["id"] in european:
                    found["european_centre"] = one
            return found
        case "programmes.json":
            return {"programmes": [row.loaded["record"] for row in Programme.objects.order_by("pk")]}
        case "contradictions.json":
            return {"contradictions": [row.loaded["record"] for row in Contradiction.objects.all()]}
        case _:
            # history.json is kept whole in the head of its load.
            return {}


def _organisations(file: str) -> list[dict[str, Any]]:
    rows = Organisation.objects.filter(loaded__file=file).order_by("pk")
    return [_record(row) for row in rows]


def _record(row: Organisation) -> dict[str, Any]:
    """The record as it was loaded, with what changed here since, when it was confirmed, and when it was changed."""
    record = dict(row.loaded["record"])
    if row.edited_at:
        record |= {key: getattr(row, name) or None for name, key in _CHANGED.items()}
        record["edited_at"] = row.edited_at.isoformat()
    if row.confirmed_on:
        record["confirmed_on"] = row.confirmed_on.isoformat()
    return record
