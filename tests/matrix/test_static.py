"""In request code, what has a `seen_by` is reached through it and no other way."""

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest
from django.apps import apps

import koinon

SOURCE = Path(koinon.__file__).parent
# With the code of a receipt one holds the right itself.
OPEN = {"seen_by", "worked_by", "worked_on_by", "run_by", "public", "sent", "withdrawn", "with_code"}


def guarded_models() -> dict[str, set[str]]:
    """Name → the folders that have a guarded model of this name."""
    found: dict[str, set[str]] = {}
    for model in apps.get_models():
        if model.__module__.startswith("koinon.") and hasattr(model._default_manager.all(), "seen_by"):
            found.setdefault(model.__name__, set()).add(model.__module__.split(".")[1])
    return found


def meant(tree: ast.AST, guarded: Mapping[str, set[str]]) -> set[str]:
    """The names that stand for guarded models here: another folder may have an unguarded one of the same name."""
    names = set(guarded)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("koinon."):
            folder = str(node.module).split(".")[1]
            names -= {one.name for one in node.names if folder not in guarded.get(one.name, {folder})}
    return names


def request_code() -> list[Path]:
    """Views and API of every capability, as files or as folders."""
    found = [*SOURCE.glob("*/views.py"), *SOURCE.glob("*/api.py"), *SOURCE.glob("*/views/*.py")]
    return sorted([*found, *SOURCE.glob("*/api/*.py"), *SOURCE.glob("*/reviews/views/*.py")])


def ways_round(code: str, models: Mapping[str, set[str]]) -> list[int]:
    """The lines in which a guarded model is reached otherwise: `Model.objects.x` without `seen_by` or `public`, or whole."""
    lines = []
    tree = ast.parse(code)
    guarded = meant(tree, models)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
            base = node.value
            of_model = isinstance(base.value, ast.Name) and base.value.id in guarded
            if of_model and base.attr in {"objects", "_default_manager"} and node.attr not in OPEN:
                lines.append(node.lineno)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            whole = node.args and isinstance(node.args[0], ast.Name) and node.args[0].id in guarded
            if whole and node.func.id in {"get_object_or_404", "get_list_or_404"}:
                lines.append(node.lineno)
    return lines


def test_request_code_goes_through_seen_by() -> None:
    guarded = guarded_models()
    found = {
        f"{file.relative_to(SOURCE)}:{line}"
        for file in request_code()
        for line in ways_round(file.read_text(encoding="utf-8"), guarded)
    }

    assert found == set()


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("Organisation.objects.all()", [1]),
        ("Organisation.objects.get(pk=1)", [1]),
        ("get_object_or_404(Organisation, pk=1)", [1]),
        ("Organisation.objects.filter(pk=1)", [1]),
        ("Organisation.objects.seen_by(v).get(pk=1)", []),
        ("get_object_or_404(Organisation.objects.seen_by(v), pk=1)", []),
        ("from koinon.network.models import Organisation\nOrganisation.objects.all()", [2]),
        ("from koinon.somewhere.models import Organisation\nOrganisation.objects.all()", []),
    ],
)
def test_the_finder_finds(code: str, lines: list[int]) -> None:
    assert ways_round(code, {"Organisation": {"network"}}) == lines
