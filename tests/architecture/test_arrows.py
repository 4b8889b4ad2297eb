"""The arrows of docs/architecture.md: between modules, between tables, and the "never" arrows the linter cannot see."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import Model
from importlinter.api import read_configuration
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

import guanxi

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(guanxi.__file__).parent
CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}
BELOW_THE_WEB = ("kernel", "schema", "journal", "access", "engine", "domains")
HTTP = ("django.http", "django.views", "django.shortcuts", "django.urls", "django.template")


def test_the_contracts_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert len(read_configuration()["contracts_options"]) == len(CONTRACTS)
    assert lint_imports(cache_dir=None) == EXIT_STATUS_SUCCESS


def height(module: str) -> tuple[int, int]:
    """How high a module stands: its layer, then its layer inside the domains."""
    _, layer, *rest = module.removesuffix(".__init__").split(".")
    inner = _level("domains", rest[0]) if layer == "domains" and rest else 0
    return _level("layers", layer), inner


def _level(contract: str, name: str) -> int:
    layers: list[str] = CONTRACTS[contract]["layers"]
    for index, layer in enumerate(layers):
        if name in (part.strip(" ()") for part in layer.replace("|", ":").split(":")):
            return len(layers) - index
    raise AssertionError(f"{name} has no place in the contract {contract}")


def relations() -> Iterator[tuple[type[Model], str, type[Model]]]:
    """Every foreign key and many-to-many between tables of ours."""
    for model in apps.get_models(include_auto_created=True):
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
            target = field.related_model
            if target is None or isinstance(target, str):
                continue
            if model.__module__.startswith("guanxi.") and target.__module__.startswith("guanxi."):
                yield model, field.name, target


def test_every_relation_points_down_or_sideways() -> None:
    wrong = [
        f"{model.__module__}.{model.__name__}.{name} -> {target.__module__}.{target.__name__}"
        for model, name, target in relations()
        if height(target.__module__) > height(model.__module__)
    ]
    assert not wrong, "\n".join(wrong)


def test_relations_were_found_at_all() -> None:
    assert any(relations())


def imports(path: Path) -> Iterator[str]:
    """The modules and names that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_not_even_types_are_named_upwards() -> None:
    wrong = []
    for path in PACKAGE.rglob("*.py"):
        module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        if "node_modules" in path.parts or module == "guanxi.__init__":
            continue
        for name in imports(path):
            if name.count(".") > 1 and name.startswith("guanxi.") and height(name) > height(module):
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_nothing_below_the_web_knows_http() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for layer in BELOW_THE_WEB
        for path in (PACKAGE / layer).rglob("*.py")
        for name in imports(path)
        if name.startswith(tuple(f"{module}." for module in HTTP)) or name in HTTP
    ]
    assert not wrong, "\n".join(wrong)


def test_no_migration_imports_live_code() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in PACKAGE.rglob("migrations/*.py")
        for name in imports(path)
        if name.split(".")[0] == "guanxi"
    ]
    assert not wrong, "\n".join(wrong)


def test_no_file_is_longer_than_400_lines_or_gathers_everything() -> None:
    wrong = []
    for path in PACKAGE.rglob("*.py"):
        if "migrations" in path.parts or "node_modules" in path.parts:
            continue
        if path.name in ("utils.py", "helpers.py", "base.py"):
            wrong.append(f"{path.relative_to(ROOT)} has a name that says nothing")
        if (lines := path.read_text(encoding="utf-8").count("\n")) > 400:
            wrong.append(f"{path.relative_to(ROOT)} has {lines} lines")
    assert not wrong, "\n".join(wrong)
