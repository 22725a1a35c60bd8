"""Loading the objectives of the ESF+ and the glossary, from the files that ship with the product."""

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from koinon.journal import versions
from koinon.topics.models import Objective, Term

DATA = Path(__file__).resolve().parent / "data"
FILES = ("objectives.json", "glossary.json")
# Words of the regulation, written in `objectives.json` beside the objectives.
_DEFINED = {
    "social_innovation": ("social-innovation", "Social innovation"),
    "social_experimentation": ("social-experimentation", "Social experimentation"),
}


class LoadError(Exception):
    """A file that cannot be loaded; nothing of it was kept."""

    def __init__(self, file: str, record: str, trouble: str) -> None:
        self.file, self.record, self.trouble = file, record, trouble
        super().__init__(f"{file}, {record}: {trouble}")


def is_loaded() -> bool:
    """Whether what ships with this version is in the house: one query."""
    wanted = _digest()
    return Term.objects.filter(slug=_mark(wanted)).exists()


def load_topics() -> bool:
    """Load objectives and glossary, all or nothing. False where they are there already."""
    digest = _digest()
    if Term.objects.filter(slug=_mark(digest)).exists():
        return False
    objectives, glossary = (_read(name) for name in FILES)
    with transaction.atomic():
        Term.objects.all().delete()
        made = _day("objectives.json", objectives)
        rows = [_objective(record, made) for record in _records("objectives.json", objectives, "objectives")]
        Objective.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=[field.name for field in Objective._meta.fields if not field.primary_key],
        )
        Term.objects.bulk_create(
            [*_terms_of_the_regulation(objectives, made), *_terms(glossary), _stamp(digest, made)]
        )
        versions.raise_()
    return True


def article_14() -> list[tuple[str, str]]:
    """The paragraphs of Article 14, as paraphrased in the file."""
    found = _read("objectives.json").get("article_14", {})
    return [(number, text) for number, text in found.items() if number.isdigit()]


def _digest() -> str:
    seen = hashlib.sha256()
    for name in FILES:
        seen.update((DATA / name).read_bytes())
    return seen.hexdigest()[:32]


def _mark(digest: str) -> str:
    """The slug of the row that says which content was loaded; it is no word and never shown."""
    return f"_{digest}"


def _stamp(digest: str, made: date) -> Term:
    return Term(slug=_mark(digest), term="", meaning="", checked_on=made)


def _read(name: str) -> dict[str, Any]:
    try:
        content = json.loads((DATA / name).read_text(encoding="utf-8"))
    except ValueError as trouble:
        raise LoadError(name, "", "this is not JSON") from trouble
    if not isinstance(content, dict):
        raise LoadError(name, "", "a fact file is a JSON object")
    return content


def _day(name: str, content: dict[str, Any]) -> date:
    try:
        return date.fromisoformat(content["generated"])
    except (KeyError, TypeError, ValueError) as trouble:
        raise LoadError(name, "generated", "no date") from trouble


def _records(name: str, content: dict[str, Any], key: str) -> list[dict[str, Any]]:
    rows = content.get(key)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise LoadError(name, key, "not a list of records")
    return rows


def _text(name: str, record: dict[str, Any], key: str) -> str:
    value = record.get(key)
    if not isinstance(value, str) or not value:
        raise LoadError(name, str(record.get("code") or record.get("id")), f"{key} is missing")
    return value


def _objective(record: dict[str, Any], made: date) -> Objective:
    name = "objectives.json"
    sources = [record[key] for key in ("source", "cci_code_source") if record.get(key)]
    return Objective(
        code=_text(name, record, "code"),
        sfc_code=_text(name, record, "cci_code"),
        sfc_code_certain=record.get("cci_code_certain") is True,
        short=_text(name, record, "short"),
        area=_text(name, record, "policy_area"),
        paraphrase=_text(name, record, "paraphrase"),
        article14=record.get("article14_allowed") is True,
        legal_basis=_text(name, record, "legal_basis"),
        sources=sources,
        certain=record.get("certain") is True,
        checked_on=made,
    )


def _terms_of_the_regulation(content: dict[str, Any], made: date) -> list[Term]:
    """The definitions of Article 2 and what Article 14 is, each with the regulation as its source."""
    definitions, article = content.get("article_2_definitions", {}), content.get("article_14", {})
    sources = content.get("sources", [])[:1]
    found = [
        Term(
            slug=slug,
            term=words,
            meaning=_text("objectives.json", definitions, key),
            sources=[*sources, _text("objectives.json", definitions, "legal_basis")],
            certain=definitions.get("certain") is True,
            checked_on=made,
        )
        for key, (slug, words) in _DEFINED.items()
    ]
    found.append(
        Term(
            slug="article-14",
            term="Article 14",
            meaning=" ".join(article[number] for number in ("1", "4") if number in article),
            sources=[*sources, article.get("source", "")],
            certain=article.get("certain") is True,
            checked_on=made,
        )
    )
    return found


def _terms(content: dict[str, Any]) -> list[Term]:
    name = "glossary.json"
    made = _day(name, content)
    found = []
    for record in _records(name, content, "terms"):
        sources = record.get("sources")
        if not isinstance(sources, list) or not sources:
            raise LoadError(name, str(record.get("id")), "sources is missing")
        found.append(
            Term(
                slug=_text(name, record, "id"),
                term=_text(name, record, "term"),
                meaning=_text(name, record, "meaning"),
                sources=sources,
                certain=record.get("certain") is True,
                checked_on=made,
            )
        )
    return found
