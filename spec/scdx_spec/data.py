"""Where the standard's files lie, and how they are read. Never over the network."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent / "v1"


def text(path: str, *, root: Path = ROOT) -> str:
    """A file of the standard as text; ``path`` is relative to ``v1/``."""
    return (root / path).read_text("utf-8")


def load_json(path: str, *, root: Path = ROOT) -> Any:
    """A JSON file of the standard, parsed anew at each call."""
    return json.loads(text(path, root=root))


def load_yaml(path: str, *, root: Path = ROOT) -> Any:
    """A YAML file of the standard, parsed anew at each call.

    By libyaml where PyYAML has it, which takes a tenth of the time.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(text(path, root=root), loader)  # noqa: S506 - both are safe loaders


@cache
def schema(name: str, *, root: Path = ROOT) -> dict[str, Any]:
    """One schema by its short name: ``schema("supplier-disclosure")``."""
    found: dict[str, Any] = load_json(f"schemas/{name}.schema.json", root=root)
    return found


@cache
def schema_names(*, root: Path = ROOT) -> tuple[str, ...]:
    """Short names of all schemas."""
    files = (root / "schemas").glob("*.schema.json")
    return tuple(sorted(path.name.removesuffix(".schema.json") for path in files))


@cache
def codelist(name: str, *, root: Path = ROOT) -> dict[str, dict[str, str]]:
    """A code list: code → its row (code, title, description, source).

    Raises ``FileNotFoundError`` for a list that the standard does not have.
    """
    with (root / "codelists" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def examples(*, root: Path = ROOT) -> dict[str, Any]:
    """All examples by file name."""
    return {
        path.name: json.loads(path.read_text("utf-8"))
        for path in sorted((root / "examples").glob("*.json"))
    }
