"""``scdx spec export``: the standard as files, as they would be served below its address.

Nothing in the bundle needs Python or YAML: rules and profiles come as JSON too. The same input
gives the same bytes.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scdx_spec import BASE_URI, SPEC_VERSION
from scdx_spec.data import ROOT, load_yaml
from scdx_spec.index import requirement_index

COPIED = ("codelists", "examples", "vectors", "mappings", "clauses")


def files(root: Path = ROOT) -> Iterator[tuple[str, bytes]]:
    """Path and content of every file of the bundle but the manifest."""
    for path in sorted((root / "schemas").glob("*.json")):
        schema = json.loads(path.read_text("utf-8"))
        yield path.name, path.read_bytes()
        yield f"plain/{path.name}", _json(_without_annotations(schema))
    openapi = json.loads((root / "openapi.json").read_text("utf-8"))
    yield "openapi.json", _json(_served(openapi))
    for folder in ("rules", "profiles"):
        for path in sorted((root / folder).glob("*.yaml")):
            text = path.read_text("utf-8")
            yield f"yaml/{folder}/{path.name}", text.encode()
            yield f"{folder}/{path.stem}.json", _json(load_yaml(f"{folder}/{path.name}", root=root))
    for folder in COPIED:
        for path in sorted((root / folder).glob("*")):
            yield f"{folder}/{path.name}", path.read_bytes()
    for path in sorted(root.glob("*.md")):
        yield f"chapters/{path.name}", path.read_bytes()
    yield "glossary.csv", (root / "glossary.csv").read_bytes()
    yield "requirements.json", _json(requirement_index(root))
    readme = (root / "bundle" / "README.md").read_text("utf-8")
    yield "README.md", readme.format(version=SPEC_VERSION, base=BASE_URI).encode()


def export(target: Path, *, force: bool = False, root: Path = ROOT) -> int:
    """Write the bundle into ``target``; gives the number of files.

    Raises ``FileExistsError`` where the folder has something in it and ``force`` isn't given; then
    nothing is written.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        if not force:
            raise FileExistsError(f"{target} is not an empty folder")
        _make_room(target)
    digests: dict[str, str] = {}
    for name, content in files(root):
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        digests[name] = hashlib.sha256(content).hexdigest()
    listed = dict(sorted(digests.items()))
    manifest = {"specVersion": SPEC_VERSION, "base": BASE_URI, "files": listed}
    (target / "manifest.json").write_bytes(_json(manifest))
    return len(digests) + 1


def _make_room(target: Path) -> None:
    """Remove an earlier bundle, and nothing that isn't one."""
    if not (target / "manifest.json").is_file():
        raise FileExistsError(f"{target} holds something else than a bundle")
    shutil.rmtree(target)


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _without_annotations(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_annotations(child) for child in node]
    if not isinstance(node, dict):
        return node
    kept = {name: child for name, child in node.items() if not name.startswith("x-")}
    return {name: _without_annotations(child) for name, child in kept.items()}


def _served(node: Any) -> Any:
    """The OpenAPI document with its references as they lead among the served files."""
    if isinstance(node, list):
        return [_served(child) for child in node]
    if not isinstance(node, dict):
        return node
    return {
        name: child.removeprefix("schemas/") if name == "$ref" else _served(child)
        for name, child in node.items()
    }
