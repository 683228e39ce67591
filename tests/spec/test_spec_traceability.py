"""Prose, schemas, rules and vectors agree; each law is shown red on a spoilt copy."""

import json
import re
from datetime import datetime
from pathlib import Path

import pytest
import standard_laws as laws
import yaml

from scdx_spec.data import ROOT
from scdx_spec.requirements import load_requirements

VECTORS = laws.read_vectors(ROOT)


def test_every_keyword_stands_in_a_numbered_sentence() -> None:
    assert laws.prose_is_numbered(ROOT) == []
    assert len(load_requirements()) > 100


def test_an_unnumbered_must_is_noticed(spoilt: Path) -> None:
    chapter = spoilt / "documents.md"
    chapter.write_text(chapter.read_text("utf-8") + "\nA document MUST be nice.\n", "utf-8")
    assert laws.prose_is_numbered(spoilt) != []


@pytest.mark.parametrize(
    "line",
    [
        "**DOC-98** — A document MUST be nice and SHOULD be short.",
        "**DOC-98** — Whoever writes MUST be nice.",
        "**DOC-98** — A document is nice.",
        "**DOC-01** — A document MUST be nice.",
    ],
)
def test_a_malformed_sentence_is_noticed(spoilt: Path, line: str) -> None:
    chapter = spoilt / "documents.md"
    chapter.write_text(f"{chapter.read_text('utf-8')}\n{line}\n", "utf-8")
    assert laws.prose_is_numbered(spoilt) != []


def test_nothing_cites_an_unknown_requirement() -> None:
    assert laws.nothing_cites_the_unknown(ROOT) == []


def test_an_unknown_requirement_in_a_rule_is_noticed(spoilt: Path) -> None:
    _change_rule(spoilt, {"requirement": "DOC-99"})
    assert any("DOC-99" in problem for problem in laws.nothing_cites_the_unknown(spoilt))


def test_an_unknown_requirement_in_a_schema_is_noticed(spoilt: Path) -> None:
    path = spoilt / "schemas" / "common.schema.json"
    path.write_text(path.read_text("utf-8").replace('"DOC-03"', '"DOC-99"'), "utf-8")
    assert any("DOC-99" in problem for problem in laws.nothing_cites_the_unknown(spoilt))


def test_every_must_of_a_document_has_vectors_that_break_and_keep_it() -> None:
    assert laws.every_must_has_vectors(ROOT) == []


def test_a_removed_vector_is_noticed(spoilt: Path) -> None:
    path = spoilt / "vectors" / "documents.json"
    vectors = [v for v in json.loads(path.read_text("utf-8")) if v["requirement"] != "DOC-21"]
    path.write_text(json.dumps(vectors), "utf-8")
    assert any("DOC-21" in problem for problem in laws.every_must_has_vectors(spoilt))


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_a_vector_yields_exactly_what_it_expects(vector: laws.Vector) -> None:
    assert laws.vector_problems(vector) == []


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_a_vector_describes_a_fact(vector: laws.Vector) -> None:
    content = vector.content
    assert set(content) <= {
        "requirement", "description", "base", "patch", "raw", "now", "expect", "implies",
    }  # fmt: skip
    assert ("raw" in content) != ("base" in content)
    assert content["description"].strip()
    assert not re.search(r"\bshould\b", content["description"], re.IGNORECASE)
    assert vector.now.tzinfo is not None


def test_no_two_vectors_say_the_same() -> None:
    told = [json.dumps({**v.content, "description": ""}, sort_keys=True) for v in VECTORS]
    assert len(set(told)) == len(told)


def test_a_weakened_rule_is_noticed(spoilt: Path) -> None:
    _change_rule(spoilt, {"rule": "true"}, requirement="DOC-21")
    assert any("DOC-21" in problem for problem in laws.every_vector_holds(spoilt))


def test_each_rule_for_a_must_is_needed_by_a_vector(spoilt: Path) -> None:
    binding = {one.id for one in laws.must_of_documents(ROOT)}
    for path in (spoilt / "rules").glob("*.yaml"):
        content = yaml.safe_load(path.read_text("utf-8"))
        for rule in content["rules"]:
            rule["rule"] = "true"
        path.write_text(yaml.safe_dump(content), "utf-8")
    ruled = {rule.requirement for rule in laws.read_rules(spoilt)} & binding
    noticed = {match for line in laws.every_vector_holds(spoilt) for match in laws.ID.findall(line)}
    assert ruled - noticed == set()


def test_every_rule_keeps_to_the_profile() -> None:
    assert laws.rules_keep_to_the_profile(ROOT) == []


@pytest.mark.parametrize(
    "expression",
    ["self.value.matches('^a')", "self.?value.hasValue()", "size(self.value) > 1.0", "self.a +"],
)
def test_an_expression_outside_the_profile_is_noticed(spoilt: Path, expression: str) -> None:
    _change_rule(spoilt, {"rule": expression})
    assert laws.rules_keep_to_the_profile(spoilt) != []


def test_examples_have_no_findings(now: datetime) -> None:
    assert laws.examples_are_clean(ROOT, now) == []


def test_schemas_are_sound() -> None:
    assert laws.schemas_are_sound(ROOT) == []


def test_code_lists_are_sound() -> None:
    assert laws.codelists_are_sound(ROOT) == []


def test_a_closed_code_list_that_differs_from_its_schema_is_noticed(spoilt: Path) -> None:
    path = spoilt / "codelists" / "states.csv"
    path.write_text(path.read_text("utf-8") + "lost,Lost,It went away,SCDX\n", "utf-8")
    assert any("states" in problem for problem in laws.schemas_are_sound(spoilt))


def _change_rule(root: Path, change: dict[str, str], requirement: str = "DOC-21") -> None:
    """Replace members of every rule of a requirement, wherever it stands."""
    for path in (root / "rules").glob("*.yaml"):
        content = yaml.safe_load(path.read_text("utf-8"))
        for rule in content["rules"]:
            if rule["requirement"] == requirement:
                rule.update(change)
        path.write_text(yaml.safe_dump(content), "utf-8")


FENCE = re.compile(r"^```json examples/(\S+)#(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _quoted(root: Path) -> list[tuple[str, str, str]]:
    """File, pointer and text of every example that the prose quotes."""
    return [
        found
        for chapter in root.glob("*.md")
        for found in FENCE.findall(chapter.read_text("utf-8"))
    ]


def _differing(root: Path) -> list[str]:
    wrong = []
    for name, pointer, text in _quoted(root):
        node = json.loads((root / "examples" / name).read_text("utf-8"))
        for step in pointer.split("/")[1:]:
            node = node[int(step)] if isinstance(node, list) else node[step]
        if node != json.loads(text):
            wrong.append(f"{name}#{pointer}")
    return wrong


def test_the_prose_quotes_examples_as_they_are(spoilt: Path) -> None:
    assert len(_quoted(ROOT)) > 10
    assert _differing(ROOT) == []
    server = spoilt / "examples" / "server.json"
    server.write_text(server.read_text("utf-8").replace('"1.6"', '"1.7"'), "utf-8")
    assert _differing(spoilt) == ["server.json#/product/footprint/usePhase"]


def test_the_prose_uses_every_example() -> None:
    prose = "".join(path.read_text("utf-8") for path in ROOT.glob("*.md"))
    unused = [path.name for path in (ROOT / "examples").glob("*.json") if path.name not in prose]
    assert unused == []
