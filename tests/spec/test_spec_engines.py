"""Two engines of each kind agree: CEL in C++ with cel-python, jsonschema-rs with jsonschema."""

import json
from datetime import datetime
from typing import Any

import cel_witness
import jsonschema_rs
import pytest
import standard_laws as laws

from scdx_spec import cel_functions
from scdx_spec.check import check, kind_of
from scdx_spec.data import ROOT
from scdx_spec.rules import judged, sites
from scdx_spec.shape import SCHEMAS, shape_findings, validator

NOW = datetime.fromisoformat("2026-11-01T00:00:00Z")
CASES = [(path.name, json.loads(path.read_text("utf-8")), NOW) for path in sorted(
    (ROOT / "examples").glob("*.json")
)] + [
    (str(vector), vector.document(), vector.now)
    for vector in laws.read_vectors(ROOT)
    if kind_of(vector.document())
]  # fmt: skip
IDS = [name for name, _, _ in CASES]
SECOND = laws.second_opinion(ROOT)


@pytest.mark.parametrize(("name", "document", "now"), CASES, ids=IDS)
def test_both_schema_engines_give_one_verdict(name: str, document: Any, now: datetime) -> None:
    schema = SCHEMAS[str(kind_of(document))]
    assert validator(schema).is_valid(document) == SECOND[schema].is_valid(document)


@pytest.mark.parametrize(("name", "document", "now"), CASES, ids=IDS)
def test_both_rule_engines_give_one_verdict(name: str, document: Any, now: datetime) -> None:
    kind = str(kind_of(document))
    for site in sites(document, kind, now=now):
        for program, outcome in judged(site, now):
            rule = program.rule
            witness = cel_witness.kept(rule.rule, rule.when, self=site.node, doc=site.doc, now=now)
            if outcome is not None and witness is not None:
                assert outcome == witness, f"{rule.requirement} at {site.pointer}"


SHAPELY = [
    pytest.param(*case, id=name)
    for case, name in zip(CASES, IDS, strict=True)
    if not shape_findings(case[1], SCHEMAS[str(kind_of(case[1]))])
]


@pytest.mark.parametrize(("name", "document", "now"), SHAPELY)
def test_no_rule_raises_on_a_document_that_keeps_its_schema(
    name: str, document: Any, now: datetime
) -> None:
    kind = str(kind_of(document))
    for site in sites(document, kind, now=now):
        for program, outcome in judged(site, now):
            assert outcome is not None, f"{program.rule.requirement} at {site.pointer}"
            witness = cel_witness.kept(
                program.rule.rule, program.rule.when, self=site.node, doc=site.doc, now=now
            )
            assert witness is not None, f"{program.rule.requirement} at {site.pointer} (witness)"


FUNCTION_VECTORS = json.loads((ROOT / "vectors" / "functions.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", FUNCTION_VECTORS, ids=lambda v: str(v["expression"]))
def test_functions_give_what_their_vectors_say_on_both_engines(vector: dict[str, Any]) -> None:
    expression = f"({vector['expression']}) == {vector['equals']}"
    assert _first_engine(expression) is True
    assert bool(cel_witness.value(expression, self={}, doc={}, now=NOW)) is True


def test_every_function_of_the_profile_has_vectors() -> None:
    told = " ".join(vector["expression"] for vector in FUNCTION_VECTORS)
    assert [f.name for f in cel_functions.FUNCTIONS if f"{f.name}(" not in told] == []


def test_the_witness_is_another_engine() -> None:
    assert cel_witness.celpy.__name__ == "celpy"
    assert cel_witness.kept("self.a < 1", None, self={"a": 2}, doc={}, now=NOW) is False


def _first_engine(expression: str) -> object:
    from scdx_spec.rules import compiled, environment

    activation = environment().Activation({"self": {}, "doc": {}, "now": NOW})
    return compiled(expression).eval(activation).value()


def test_check_and_schema_engine_agree_on_validity_of_examples() -> None:
    for _, document, now in CASES[:3]:
        assert check(document, now=now) == []
        assert isinstance(validator(SCHEMAS[str(kind_of(document))]), jsonschema_rs.Validator)
