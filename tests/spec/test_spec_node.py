"""The standard as data, judged in another language: Node gives the verdicts that Python gives.

``node/check.mjs`` reads an exported bundle and nothing of ours: ajv for the schemas, CEL by Buf for
the rules. Compared are requirement and pointer of every finding, for every example and vector, for
documents changed at random, and for WBCSD's public samples. Left out is DOC-25, advice that rests
on national check digits, which are in libraries and not in the standard's files.
"""

import hashlib
import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import standard_laws as laws

from scdx_spec.check import check_bytes, kind_of
from scdx_spec.data import ROOT
from scdx_spec.export import export
from scdx_spec.findings import Finding
from scdx_spec.rules import read_rules
from scdx_spec.shape import SCHEMAS, shape_findings

pytestmark = pytest.mark.node
NOW = datetime(2026, 11, 1, tzinfo=UTC)
SCRIPTS = Path(__file__).parent / "node"
PAGE, WIDTH = 60, 100
CHANGES = 60
CHECK_DIGITS = "DOC-25"
Verdict = set[tuple[str, str]]


def unavailable(message: str) -> None:
    """Skip by name; where Node is required, fail."""
    if os.environ.get("SCDX_NODE_REQUIRED") == "1":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="module")
def installed(repository: Path) -> Path:
    """The scripts beside the npm packages that they need, installed once for each package.json."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        unavailable("Node: there is no node or no npm here")
    package = (SCRIPTS / "package.json").read_bytes()
    home = repository / (".venv" if (repository / ".venv").is_dir() else ".pytest_cache")
    folder = home / "node" / hashlib.sha256(package).hexdigest()[:12]
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_bytes(package)
        install = [str(npm), "install", "--no-audit", "--no-fund", "--no-package-lock", "--silent"]
        done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=300)
        if done.returncode:
            unavailable(f"Node: npm could not install the packages: {done.stderr[-300:]}")
        (folder / "installed").touch()
    for script in SCRIPTS.glob("*.mjs"):
        shutil.copy(script, folder)
    return folder


def bundle(folder: Path) -> Path:
    """The standard as it is exported: schemas, rules as JSON, code lists, examples, vectors."""
    export(folder)
    return folder


@dataclass(frozen=True)
class Judged:
    """A bundle with more documents among its examples, and what Node finds in it."""

    folder: Path
    verdicts: dict[str, Any]


@pytest.fixture(scope="module")
def judged(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """One run for most tests: the bundle, and examples changed at random."""
    folder = bundle(tmp_path_factory.mktemp("node") / "bundle")
    chosen = random.Random(20261101)
    for path in sorted((ROOT / "examples").glob("*.json")):
        for number in range(CHANGES):
            changed = damaged(json.loads(path.read_text("utf-8")), chosen)
            name = f"changed-{number}-{path.name}"
            (folder / "examples" / name).write_text(json.dumps(changed), "utf-8")
    return Judged(folder, verdicts(installed, folder))


def verdicts(installed: Path, bundle: Path) -> dict[str, Any]:
    """What Node finds: by example its verdict, by file of vectors a list of them."""
    command = ["node", "check.mjs", str(bundle)]
    done = subprocess.run(command, cwd=installed, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def as_set(verdict: list[list[str]]) -> Verdict:
    return {(requirement, pointer) for requirement, pointer in verdict}


def by_python(findings: list[Finding]) -> Verdict:
    told = {(one.requirement, one.pointer) for one in findings}
    return {one for one in told if one[0] != CHECK_DIGITS}


def differences(judged: Judged, named: str) -> dict[str, tuple[Verdict, Verdict]]:
    """Documents that the two judge differently: what Node alone says, what Python alone says.

    Where the shape is broken, only what is said of shape and members has to be equal: a rule that
    looks from a sound place at a broken one, ``has(1.a)`` say, is an error to one engine and false
    to another.
    """
    rules = {rule.requirement for rule in read_rules()}
    differing = {}
    for path in sorted((judged.folder / "examples").glob(named)):
        node, python = (
            as_set(judged.verdicts[path.name]),
            by_python(check_bytes(path.read_bytes(), now=NOW)),
        )
        unsure = rules if shape_is_broken(path) else set()
        if {one for one in node ^ python if one[0] not in unsure}:
            differing[path.name] = (node - python, python - node)
    return differing


def shape_is_broken(path: Path) -> bool:
    document = json.loads(path.read_text("utf-8"))
    kind = kind_of(document)
    return kind is not None and bool(shape_findings(document, SCHEMAS[kind]))


def test_node_judges_every_vector_as_python_does(judged: Judged) -> None:
    differing = {}
    for vector in laws.read_vectors(ROOT):
        node = as_set(judged.verdicts[vector.file][vector.number])
        python = by_python(vector.findings())
        if node != python:
            differing[str(vector)] = (node - python, python - node)
    assert not differing, "\n".join(f"{one}: {what}" for one, what in differing.items())


def test_node_has_the_functions_that_their_vectors_describe(judged: Judged) -> None:
    vectors = json.loads((ROOT / "vectors" / "functions.json").read_text("utf-8"))
    outcomes = judged.verdicts["functions.json"]
    wrong = [v for v, outcome in zip(vectors, outcomes, strict=True) if outcome is not True]
    assert not wrong, wrong


def test_node_judges_examples_as_python_does(judged: Judged) -> None:
    names = [path.name for path in (ROOT / "examples").glob("*.json")]
    assert [name for name in names if differences(judged, name)] == []


def test_node_judges_documents_changed_at_random_as_python_does(judged: Judged) -> None:
    found = [judged.verdicts[name] for name in judged.verdicts if name.startswith("changed-")]
    assert sum(1 for verdict in found if verdict) > len(found) / 2
    differing = differences(judged, "changed-*.json")
    assert not differing, "\n".join(f"{one}: {what}" for one, what in differing.items())


def test_node_judges_the_public_samples_of_pact_as_python_does(
    installed: Path, tmp_path: Path, real_data: Path
) -> None:
    folder = bundle(tmp_path / "bundle")
    for path in (real_data / "pact").glob("[0-9]*.json"):
        shutil.copy(path, folder / "examples" / f"pact-{path.name}")
    judged = Judged(folder, verdicts(installed, folder))
    assert sum(1 for name in judged.verdicts if name.startswith("pact-")) > 30
    differing = differences(judged, "pact-*.json")
    assert not differing, "\n".join(f"{one}: {what}" for one, what in differing.items())


def test_node_reads_the_bundle_and_nothing_else(installed: Path, tmp_path: Path) -> None:
    folder = bundle(tmp_path / "bundle")
    path = folder / "rules" / "disclosure.json"
    content = json.loads(path.read_text("utf-8"))
    for rule in content["rules"]:
        rule["rule"] = "true" if rule["requirement"] == "SBT-03" else rule["rule"]
    path.write_text(json.dumps(content), "utf-8")
    told = verdicts(installed, folder)["disclosure.json"]
    broken = [v for v in laws.read_vectors(ROOT) if v.requirement == "SBT-03" and v.breaks]
    assert broken
    assert all("SBT-03" not in {r for r, _ in told[v.number]} for v in broken)


def test_each_script_fits_on_a_page() -> None:
    for script in SCRIPTS.glob("*.mjs"):
        lines = script.read_text("utf-8").splitlines()
        assert len(lines) <= PAGE, script.name
        assert [line for line in lines if len(line) > WIDTH] == [], script.name


def damaged(document: Any, chosen: random.Random) -> Any:
    """A document with one value replaced, removed, or renamed."""
    holder, step = chosen.choice(list(places(document)))
    how = chosen.choice(["replace", "remove", "rename", "add"])
    if how == "remove":
        del holder[step]
    elif how == "rename" and isinstance(step, str):
        holder[misspelt(step, chosen)] = holder.pop(step)
    elif how == "add" and isinstance(holder, dict):
        holder[misspelt(str(step), chosen)] = chosen.choice(VALUES)
    else:
        holder[step] = chosen.choice(VALUES)
    return document


VALUES: list[Any] = [
    *("", "0", "-1", "1.5", "101", "x", "2026-02-30", "2026-11-01", "2026-11-01T00:00:00Z"),
    *("2026-11-01T00:00:00", "https://example.com/a", "own", "lei", "se_orgnr", "/inventories/0"),
    *(0, -1, 2030, 1.5, True, None),
    *([], {}, [{}], ["x", "x"], {"state": "not_reported"}, {"kgCO2e": "1"}, {"tCO2e": "x"}),
]


def misspelt(name: str, chosen: random.Random) -> str:
    at = chosen.randrange(len(name))
    forms = [
        name + "s",
        name.upper(),
        name[:at] + name[at + 1 :],
        f"{name[:at]}_{name[at:]}",
        "x/~",
    ]
    return chosen.choice(forms)


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every member and entry, as its holder and its name or index."""
    if isinstance(node, dict | list):
        steps: list[Any] = list(node) if isinstance(node, dict) else list(range(len(node)))
        for step in steps:
            yield node, step
            yield from places(node[step])
