"""Each rule is needed: without it, one of its own vectors tells. And what holds for products."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import standard_laws as laws
import yaml

from scdx_spec.check import check
from scdx_spec.data import ROOT, codelist, examples, schema
from scdx_spec.requirements import read_prose

NOW = datetime(2026, 11, 1, tzinfo=UTC)
VECTORS = laws.read_vectors(ROOT)
RULES = [
    (name, number, rule["requirement"])
    for name in ("everywhere", "pact", "product", "disclosure", "customer")
    for number, rule in enumerate(
        yaml.safe_load((ROOT / "rules" / f"{name}.yaml").read_text("utf-8"))["rules"]
    )
]


@pytest.mark.parametrize(("name", "number", "requirement"), RULES)
def test_without_this_rule_a_vector_is_red(
    spoilt: Path, name: str, number: int, requirement: str
) -> None:
    path = spoilt / "rules" / f"{name}.yaml"
    content = yaml.safe_load(path.read_text("utf-8"))
    content["rules"][number]["rule"] = "true"
    path.write_text(yaml.safe_dump(content), "utf-8")
    own = [v for v in laws.read_vectors(spoilt) if v.requirement == requirement]
    assert any(laws.vector_problems(vector) for vector in own)


CHAPTERS = ["product-footprint", "products", "disclosures", "customer-reports"]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_requirement_about_documents_has_a_vector_that_breaks_it(chapter: str) -> None:
    known = [one for one in read_prose(ROOT)[0].values() if one.chapter == chapter]
    assert len(known) > 4
    broken = {vector.requirement for vector in VECTORS if vector.breaks}
    assert {one.id for one in known} - broken == set()


def test_pact_has_no_field_that_the_schema_forgets() -> None:
    footprint = schema("product-footprint")
    assert len(footprint["properties"]) == 16
    assert len(footprint["$defs"]["carbonFootprint"]["properties"]) == 45


@pytest.mark.parametrize(
    ("name", "field"),
    [("pact-units", "declaredUnitOfMeasurement"), ("pact-regions", "geographyRegionOrSubregion")],
)
def test_pacts_closed_lists_are_the_schemas(name: str, field: str) -> None:
    fields = schema("product-footprint")["$defs"]["carbonFootprint"]["properties"]
    assert fields[field]["enum"] == list(codelist(name))


def test_the_same_product_part_is_judged_alike_in_both_carriers() -> None:
    footprint = examples()["product-footprint.json"]
    declaration = examples()["product-declaration.json"]
    part = footprint["extensions"][0]["data"]
    part["product"]["footprint"]["total"] = {"kgCO2e": "400"}
    part["product"]["footprint"]["usePhase"]["assumedLifetimeYears"] = "40"
    part["product"]["identity"]["identifiers"][0]["value"] = "9501101530001"
    declaration["product"] = json.loads(json.dumps(part["product"]))
    carried = {
        (one.requirement, one.pointer.removeprefix("/extensions/0/data"))
        for one in check(footprint, now=NOW)
    }
    alone = {(one.requirement, one.pointer) for one in check(declaration, now=NOW)}
    assert carried == alone
    assert {requirement for requirement, _ in alone} == {"PRD-01", "PRD-12", "PRD-27", "DOC-21"}


def test_a_wrong_sign_is_explained_in_words() -> None:
    footprint = examples()["product-footprint-plain.json"]
    footprint["pcf"]["biogenicCO2Uptake"] = "0.8"
    (one,) = check(footprint, now=NOW)
    assert (one.requirement, one.pointer) == ("PCF-21", "/pcf/biogenicCO2Uptake")
    assert one.fix == "Write what is taken out of the air as a negative number."
