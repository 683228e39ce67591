"""The laws that hold prose, schemas, rules and vectors together.

Each law takes the folder of a standard and gives what breaks it, a line each, so that a test can
show it red on a spoilt copy as well as green on the real one.
"""

import base64
import copy
import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonpatch
import jsonschema
import referencing

from scdx_spec import BASE_URI, cel_profile
from scdx_spec.check import check, check_bytes
from scdx_spec.findings import Finding
from scdx_spec.profiles import profile, profile_names
from scdx_spec.requirements import Requirement, read_prose
from scdx_spec.rules import compiled, read_rules
from scdx_spec.strict_json import StrictJsonError, loads

PACKAGES = Path(__file__).resolve().parents[2]
ID = re.compile(r"[A-Z]{3}-[0-9]{2}")
NO_SCHEMAS = ("const", "enum", "examples", "default", "x-requirement", "x-fix", "x-message")
OTHER_VECTORS = ("functions.json", "profiles.json")
_MARKERS = "|".join(["JSN", "DOC", "PCF", "PRD", "ORG", "INV", "SBT", "MEM", "CRD", "AST", "CUS"])
_MARKERS += "|STM|COR|EXC|STA|PAC|REG|ISO|REQ|HED|VSM|ITB|DSH|LCY"
CODE_MARKER = re.compile(rf"\b(?:{_MARKERS})-[0-9]{{2}}\b")


@dataclass(frozen=True)
class Vector:
    """One vector: a document made of an example and a patch, or raw bytes; a clock; findings."""

    file: str
    number: int
    content: dict[str, Any]
    root: Path

    def __str__(self) -> str:
        return f"{self.file}:{self.number} {self.content['requirement']}"

    @property
    def requirement(self) -> str:
        return str(self.content["requirement"])

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(self.content["now"])

    @property
    def expected(self) -> set[tuple[str, str]]:
        return {(one["requirement"], one["pointer"]) for one in self.content["expect"]}

    @property
    def breaks(self) -> bool:
        """Whether it shows its requirement broken."""
        return any(requirement == self.requirement for requirement, _ in self.expected)

    def document(self) -> Any:
        """The document, or None where no JSON value can show it."""
        if "raw" in self.content:
            try:
                return loads(base64.b64decode(self.content["raw"]))
            except StrictJsonError:
                return None
        text = (self.root / "examples" / self.content["base"]).read_text("utf-8")
        return jsonpatch.apply_patch(json.loads(text), self.content.get("patch", []))

    def findings(self) -> list[Finding]:
        if "raw" in self.content:
            return check_bytes(base64.b64decode(self.content["raw"]), now=self.now, root=self.root)
        return check(self.document(), now=self.now, root=self.root)


def read_vectors(root: Path) -> list[Vector]:
    """All vectors about documents (functions and profiles have vectors of another form)."""
    return [
        Vector(path.name, number, content, root)
        for path in sorted((root / "vectors").glob("*.json"))
        if path.name not in OTHER_VECTORS
        for number, content in enumerate(json.loads(path.read_text("utf-8")))
    ]


def prose_is_numbered(root: Path) -> list[str]:
    """Every keyword stands in a numbered sentence with one keyword and an actor."""
    return read_prose(root)[1]


def nothing_cites_the_unknown(root: Path) -> list[str]:
    """Schemas, rules, vectors and code cite requirements that the prose has."""
    known = read_prose(root)[0]
    return [f"{where}: {cited}" for where, cited in citations(root) if cited not in known]


def citations(root: Path) -> Iterator[tuple[str, str]]:
    """Where which requirement is cited."""
    for path in (*sorted((root / "schemas").glob("*.json")), root / "openapi.json"):
        for cited in _schema_citations(json.loads(path.read_text("utf-8"))):
            yield path.name, cited
    for rule in read_rules(root):
        yield f"{rule.file}.yaml", rule.requirement
    for vector in read_vectors(root):
        yield str(vector), vector.requirement
        for cited, _ in vector.expected:
            yield str(vector), cited
        for cited in vector.content.get("implies", []):
            yield str(vector), cited
    for name in profile_names(root):
        for criterion in profile(name, root).criteria:
            yield f"{name}.yaml", criterion.requirement
    for package in ("spec", "server", "client", "conformance"):
        for path in sorted((PACKAGES / package).rglob("*.py")):
            for cited in CODE_MARKER.findall(path.read_text("utf-8")):
                yield str(path.relative_to(PACKAGES)), cited


def _schema_citations(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        cited = node.get("x-requirement")
        if isinstance(cited, dict):
            yield from (str(one) for one in cited.values())
        elif cited is not None:
            yield from cited if isinstance(cited, list) else [str(cited)]
        for child in node.values():
            yield from _schema_citations(child)
    elif isinstance(node, list):
        for child in node:
            yield from _schema_citations(child)


def must_of_documents(root: Path) -> list[Requirement]:
    """The testable MUSTs whose actor is the document."""
    return [
        one
        for one in read_prose(root)[0].values()
        if one.actor == "document" and one.binding and not one.not_testable
    ]


def every_must_has_vectors(root: Path) -> list[str]:
    """A vector breaks each testable MUST of a document alone, and one keeps it."""
    vectors = read_vectors(root)
    problems = []
    for requirement in must_of_documents(root):
        own = [vector for vector in vectors if vector.requirement == requirement.id]
        alone = [vector for vector in own if vector.breaks and not _side_effects(vector)]
        kept = [v for v in own if not v.breaks or "base" in v.content]  # a base without findings
        if not alone:
            problems.append(f"{requirement.id}: no vector breaks it alone")
        if not kept:
            problems.append(f"{requirement.id}: no vector keeps it")
    return problems


def _side_effects(vector: Vector) -> set[str]:
    implied = {vector.requirement, *vector.content.get("implies", [])}
    return {requirement for requirement, _ in vector.expected} - implied


def every_vector_holds(root: Path) -> list[str]:
    """Each vector yields exactly the findings that it expects."""
    return [problem for vector in read_vectors(root) for problem in vector_problems(vector)]


def vector_problems(vector: Vector) -> list[str]:
    """What one vector yields and does not expect, or the other way round."""
    got = {(one.requirement, one.pointer) for one in vector.findings()}
    missing = [f"{vector}: no {r} at {p or 'the top'}" for r, p in vector.expected - got]
    surplus = [f"{vector}: {r} at {p or 'the top'}" for r, p in got - vector.expected]
    return missing + surplus


def examples_are_clean(root: Path, now: datetime) -> list[str]:
    """Examples have no findings, warnings included."""
    return [
        f"{path.name}: {one.requirement} at {one.pointer}: {one.message}"
        for path in sorted((root / "examples").glob("*.json"))
        for one in check_bytes(path.read_bytes(), now=now, root=root)
    ]


def rules_keep_to_the_profile(root: Path) -> list[str]:
    """Every expression is in the published profile of CEL, and compiles."""
    problems = []
    criteria = [one for name in profile_names(root) for one in profile(name, root).criteria]
    for rule in [*read_rules(root), *criteria]:
        guards = [start.when for start in rule.starts.values() if start.when]
        where = f"{rule.file}.yaml {rule.requirement}"
        for expression, guard in [(rule.rule, rule.when), (rule.when, None)] + [
            (guard, None) for guard in guards
        ]:
            if expression is None:
                continue
            problems += [f"{where}: {one}" for one in cel_profile.problems(expression, guard)]
            try:
                compiled(expression)
            except ValueError as error:
                problems.append(f"{where}: {error}")
        for path in rule.at:
            if path != "@" and not re.fullmatch(r"\$(\.[A-Za-z0-9]+(\[\*\])*|\[\*\])*", path):
                problems.append(f"{where}: the path {path} is not of names and [*]")
    return problems


def schemas_are_sound(root: Path) -> list[str]:
    """Schemas satisfy JSON Schema's own schema, and this house's rules for them."""
    problems = []
    for path in sorted((root / "schemas").glob("*.json")):
        schema = json.loads(path.read_text("utf-8"))
        try:
            jsonschema.Draft202012Validator.check_schema(schema)
        except jsonschema.SchemaError as error:
            problems.append(f"{path.name}: {error.message}")
        if schema.get("$id") != f"{BASE_URI}{path.name}":
            problems.append(f"{path.name}: its $id is not its address")
        if "x-requirement" not in schema and path.name != "protocol.schema.json":
            problems.append(f"{path.name}: no requirement at the top")
        problems += [f"{path.name}: {one}" for one in _unsound(schema, root)]
    return problems


def _unsound(node: Any, root: Path, inside_properties: bool = False) -> Iterator[str]:
    if isinstance(node, list):
        for child in node:
            yield from _unsound(child, root)
    if not isinstance(node, dict):
        return
    if not inside_properties:
        if "oneOf" in node:
            yield "oneOf: its errors can't be attributed"
        if node.get("additionalProperties") is False or node.get("unevaluatedProperties") is False:
            yield "a closed object"
        pattern = node.get("pattern")
        if isinstance(pattern, str) and (not pattern.startswith("^") or not pattern.endswith("$")):
            yield f"the pattern {pattern} is not anchored"
        if isinstance(pattern, str) and "\\d" in pattern:
            yield f"the pattern {pattern} uses \\d"
        yield from _codelist_problems(node, root)
    for name, child in node.items():
        if name not in NO_SCHEMAS:
            yield from _unsound(child, root, name in ("properties", "$defs", "patternProperties"))


def _codelist_problems(node: dict[str, Any], root: Path) -> Iterator[str]:
    name = node.get("x-codelist")
    if name is None:
        return
    path = root / "codelists" / f"{name}.csv"
    if not path.exists():
        yield f"there is no code list {name}"
    elif node.get("x-codelist-closed"):
        listed = sorted(_codes(path))
        allowed = sorted(node.get("enum", node.get("properties", {})))
        if listed != allowed:
            yield f"the closed code list {name} and the schema differ: {listed} {allowed}"


def _codes(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row["code"] for row in csv.DictReader(file)]


def codelists_are_sound(root: Path) -> list[str]:
    """Code lists have their columns filled, and no code twice."""
    problems = []
    for path in sorted((root / "codelists").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            if None in row or not all(
                row.get(c) for c in ("code", "title", "description", "source")
            ):
                problems.append(f"{path.name}: {row.get('code')} has an empty or surplus column")
        codes = [row["code"] for row in rows]
        problems += [f"{path.name}: {code} twice" for code in set(codes) if codes.count(code) > 1]
    return problems


def second_opinion(root: Path) -> dict[str, jsonschema.Draft202012Validator]:
    """Validators of the Python library ``jsonschema`` by schema name, formats asserted."""
    contents = {
        path.name: json.loads(path.read_text("utf-8")) for path in (root / "schemas").glob("*.json")
    }
    registry: Any = referencing.Registry().with_contents(
        [(f"{BASE_URI}{name}", content) for name, content in contents.items()]
    )
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return {
        name.removesuffix(".schema.json"): jsonschema.Draft202012Validator(
            content, registry=registry, format_checker=checker
        )
        for name, content in contents.items()
    }


def mutated(document: Any, pointer: list[str | int], value: Any) -> Any:
    """A copy of a document with the value at ``pointer`` replaced."""
    changed = copy.deepcopy(document)
    if not pointer:
        return value
    holder = changed
    for step in pointer[:-1]:
        holder = holder[step]
    holder[pointer[-1]] = value
    return changed
