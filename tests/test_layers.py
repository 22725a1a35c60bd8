"""What imports do not show: foreign keys and templates also keep to the floors."""

import re
import tomllib
from pathlib import Path

from django.apps import apps
from django.db.models import ForeignKey, ManyToManyField

ROOT = Path(__file__).resolve().parents[1]
HOUSE = ROOT / "src" / "koinon"


def floors() -> dict[str, int]:
    """Folder → height, read from the very contract that `lint-imports` holds; 0 is the ground."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    layers = list(reversed(contract["layers"]))
    return {name.strip(): height for height, layer in enumerate(layers) for name in layer.split("|")}


def test_every_folder_has_a_floor() -> None:
    folders = {path.parent.name for path in HOUSE.glob("*/__init__.py")}

    assert folders - set(floors()) == set()


def test_foreign_keys_point_downwards_or_stay() -> None:
    heights = floors()
    wrong = []
    for model in apps.get_models():
        here = model._meta.app_label
        if here not in heights:
            continue
        for field in model._meta.get_fields():
            if isinstance(field, ForeignKey | ManyToManyField) and not field.auto_created:
                there = field.related_model._meta.app_label  # type: ignore[union-attr]
                if there in heights and there != here and heights[there] >= heights[here]:
                    wrong.append(f"{model._meta.label}.{field.name} → {there}")

    assert wrong == []


def test_templates_use_only_what_lies_below() -> None:
    heights = floors()
    wrong = []
    for template in HOUSE.glob("*/templates/**/*.*"):
        here = template.relative_to(HOUSE).parts[0]
        if here == "templates":
            continue
        wrong += [
            f"{template.relative_to(HOUSE)} → {used}"
            for used in re.findall(r"{% (?:include|extends) \"(\w+)/", template.read_text(encoding="utf-8"))
            if used in heights and used != here and heights[used] >= heights[here]
        ]

    assert wrong == []


def test_a_wrong_floor_would_be_seen() -> None:
    heights = floors()

    assert heights["base"] < heights["places"] < heights["network"] < heights["guide"] < heights["home"]
