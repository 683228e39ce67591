"""The requirement index: every numbered sentence with what tests it, as data.

What the spec itself can see stands here: schemas, rules, profiles, guards in code, vectors, PACT's
counterparts. Tests of servers and clients (and their liars) are outside; the documentation adds
them.
"""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scdx_spec import SPEC_VERSION
from scdx_spec.data import ROOT
from scdx_spec.profiles import profile, profile_names
from scdx_spec.requirements import Requirement, read_prose
from scdx_spec.rules import read_rules
from scdx_spec.strict_json import escape

CODE = {
    "JSN-01": "strict_json",
    "JSN-02": "strict_json",
    "JSN-03": "strict_json",
    "JSN-04": "strict_json",
    "JSN-05": "strict_json",
    "JSN-06": "strict_json",
    "DOC-01": "check",
    "DOC-08": "members",
    "DOC-25": "members",
    "DOC-40": "members",
    "DOC-41": "members",
    "PCF-01": "check",
}
"""What no schema and no rule can say, and the module that says it."""
RESTATED = ("PAC", "PCF")
"""Prefixes of requirements that restate PACT's."""


def requirement_index(root: Path = ROOT) -> dict[str, Any]:
    """The whole index: counts, gaps (empty, if all is well) and the requirements in order."""
    known, problems = read_prose(root)
    tested, vectors, pact = _tested_by(root), _vectors(root), _pact(root)
    entries: list[dict[str, Any]] = [
        {
            "id": one.id,
            "level": one.level,
            "actor": one.actor,
            "chapter": one.chapter,
            "sentence": one.sentence,
            "link": one.link,
            **({"notTestable": one.not_testable} if one.not_testable else {}),
            "testedBy": tested[one.id],
            "vectors": vectors[one.id],
            **({"pact": pact[one.id]} if one.id in pact else {}),
        }
        for one in known.values()
    ]
    return {
        "specVersion": SPEC_VERSION,
        "counts": _counts(list(known.values())),
        "gaps": {
            "unnumberedKeywords": problems,
            "documentMustsWithoutVector": [
                one["id"]
                for one in entries
                if one["actor"] == "document"
                and one["level"].startswith("MUST")
                and "notTestable" not in one
                and not any(vector["breaks"] for vector in one["vectors"])
            ],
            "documentRequirementsUntested": [
                one["id"]
                for one in entries
                if one["actor"] in ("document", "profile")
                and "notTestable" not in one
                and not one["testedBy"]
            ],
        },
        "requirements": entries,
    }


def _counts(known: list[Requirement]) -> dict[str, Any]:
    by_chapter: dict[str, Counter[str]] = defaultdict(Counter)
    for one in known:
        by_chapter[one.chapter][one.level] += 1
    own = [one for one in known if not one.id.startswith(RESTATED) and one.actor != "profile"]
    return {
        "byChapter": {name: dict(sorted(levels.items())) for name, levels in by_chapter.items()},
        "requirements": len(known),
        "ownMusts": sum(one.binding for one in own),
        "restatedMusts": sum(one.binding for one in known if one.id.startswith(RESTATED)),
        "profileItems": sum(one.actor == "profile" for one in known),
    }


def _tested_by(root: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for requirement, module in CODE.items():
        found[requirement].append({"kind": "code", "module": f"scdx_spec.{module}"})
    for path in (*sorted((root / "schemas").glob("*.json")), root / "openapi.json"):
        for requirement, pointer in _cited(json.loads(path.read_text("utf-8")), ""):
            found[requirement].append({"kind": "schema", "file": path.name, "pointer": pointer})
    for rule in read_rules(root):
        found[rule.requirement].append(
            {
                "kind": "rule",
                "file": f"{rule.file}.yaml",
                "at": list(rule.at),
                **({"when": rule.when} if rule.when else {}),
                "rule": rule.rule,
                "message": rule.message,
                "fix": rule.fix,
            }
        )
    for name in profile_names(root):
        for item in profile(name, root).criteria:
            found[item.requirement].append(
                {
                    "kind": "profile",
                    "file": f"{name}.yaml",
                    "at": list(item.at),
                    "rule": item.rule,
                    "message": item.message,
                    "fix": item.fix,
                }
            )
    return found


def _cited(node: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Requirements that a schema cites, with a pointer to the subschema or keyword."""
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from _cited(child, f"{pointer}/{index}")
    if not isinstance(node, dict):
        return
    cited = node.get("x-requirement")
    if isinstance(cited, str):
        yield cited, pointer
    elif isinstance(cited, dict):
        for keyword, requirement in cited.items():
            yield requirement, f"{pointer}/{escape(keyword)}"
    for name, child in node.items():
        if name not in ("x-requirement", "x-message", "x-fix"):
            yield from _cited(child, f"{pointer}/{escape(name)}")


def _vectors(root: Path) -> dict[str, list[dict[str, Any]]]:
    """Vectors by the requirement that they are about."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path in sorted((root / "vectors").glob("*.json")):
        for number, vector in enumerate(json.loads(path.read_text("utf-8"))):
            entry = {"file": path.name, "number": number, "description": vector.get("description")}
            if "missing" in vector:
                for requirement in vector["missing"]:
                    found[requirement].append({**entry, "breaks": True})
            elif "requirement" in vector:
                requirement = vector["requirement"]
                breaks = any(one["requirement"] == requirement for one in vector["expect"])
                found[requirement].append({**entry, "breaks": breaks})
    return found


def _pact(root: Path) -> dict[str, list[str]]:
    """PACT's requirements by ours that restate them."""
    found: dict[str, list[str]] = defaultdict(list)
    path = root / "mappings" / "pact-requirements.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for ours in row["ours"].split():
                found[ours].append(row["pact"])
    return dict(found)
