"""UNTP passports, judged by dppvalidator with its bundled schema of version 0.7.0."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from dppvalidator.validators.engine import ValidationEngine
from hypothesis import given, settings
from hypothesis import strategies as st

from scdx_spec import BASE_URI
from scdx_spec.convert.boavizta import read_boavizta
from scdx_spec.convert.losses import ConversionError, Converted
from scdx_spec.convert.untp import Issuer, to_untp
from scdx_spec.convert.untp_claims import multibase
from scdx_spec.data import examples, load_json, schema

NOW = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
ISSUER = Issuer("did:web:devices.example.com", "Example Devices AB")
PRODUCTS = {
    name: document
    for name, document in examples().items()
    if "pcf" in document or document.get("type") == "ProductDeclaration"
}
DECLARATION, FOOTPRINT, PLAIN = (
    load_json(f"examples/{name}.json")
    for name in ("product-declaration", "product-footprint", "product-footprint-plain")
)


@pytest.fixture(scope="module")
def engine() -> ValidationEngine:
    """Schema, model and business rules of UNTP 0.7.0; no network, no plugins."""
    return ValidationEngine(schema_version="0.7.0", load_plugins=False)


def passport(document: Any) -> Converted:
    return to_untp(document, issuer=ISSUER, now=NOW)


def errors(engine: ValidationEngine, document: dict[str, Any]) -> list[str]:
    found = engine.validate(json.loads(json.dumps(document)))
    return [f"{one.code} {one.path} {one.message}" for one in found.errors]


def claims(converted: Converted) -> dict[str, Any]:
    found = converted.document["credentialSubject"]["performanceClaim"]
    return {claim["id"].partition("#")[2]: claim for claim in found}


def kinds(converted: Converted, pointer: str) -> list[str]:
    return [loss.kind for loss in converted.losses if loss.pointer == pointer]


@pytest.mark.parametrize("name", sorted(PRODUCTS))
def test_every_example_becomes_a_valid_passport(engine: ValidationEngine, name: str) -> None:
    assert errors(engine, passport(PRODUCTS[name]).document) == []


def test_the_validator_notices_a_passport_without_a_facility(engine: ValidationEngine) -> None:
    document = passport(DECLARATION).document
    del document["credentialSubject"]["producedAtFacility"]
    assert errors(engine, document)


def test_wbcsds_samples_of_pact_3_become_valid_passports(
    engine: ValidationEngine, real_data: Path
) -> None:
    files = sorted((real_data / "pact").glob("*-v3.*.json"))
    assert len(files) == 36
    for file in files:
        converted = passport(json.loads(file.read_text("utf-8")))
        assert errors(engine, converted.document) == [], file.name


def test_every_published_device_becomes_a_valid_passport(
    engine: ValidationEngine, real_data: Path
) -> None:
    table = real_data / "boavizta" / "boavizta-data-us.csv"
    rows = read_boavizta(table, now=NOW, publisher={"name": "Example Reseller AS"})
    found = [row.converted.document for row in rows if row.converted is not None]
    assert len(found) > 1200
    assert [one["id"] for one in found if errors(engine, passport(one).document)] == []


def test_each_stage_with_a_figure_and_the_total_is_a_claim() -> None:
    found = claims(passport(DECLARATION))
    assert list(found) == ["manufacturing", "distribution", "use", "endOfLife", "total"]
    for claim in found.values():
        assert claim["conformityTopic"][0]["name"] == "environment.emissions"
        assert claim["claimedPerformance"][0]["measure"]["unit"] == "KGM"
        assert claim["claimDate"] == "2025-03-01"
    assert found["distribution"]["claimedPerformance"][0]["measure"]["value"] == 11
    assert "Per one laptop used for 4 years." in found["use"]["description"]
    assert "Boundary: cradle to grave." in found["total"]["description"]


def test_a_stage_without_a_figure_is_no_claim_and_no_zero() -> None:
    converted = passport(DECLARATION)
    assert "packaging" not in claims(converted)
    assert kinds(converted, "/product/footprint/stages/packaging") == ["dropped"]


def test_the_use_stage_says_lifetime_and_yearly_energy() -> None:
    _, years, energy = claims(passport(DECLARATION))["use"]["claimedPerformance"]
    assert years["measure"] == {"value": 4, "unit": "ANN"}
    assert energy["measure"] == {"value": 18.8, "unit": "KWH"}


def test_every_metric_is_the_address_of_a_definition_in_the_schemas() -> None:
    metrics = {
        performance["metric"]["id"]
        for document in PRODUCTS.values()
        for claim in claims(passport(document)).values()
        for performance in claim["claimedPerformance"]
    }
    assert len(metrics) > 15
    for metric in metrics:
        file, _, pointer = metric.removeprefix(BASE_URI).partition("#/")
        node: Any = schema(file.removesuffix(".schema.json"))
        for step in pointer.split("/"):
            node = node[step]
        assert isinstance(node, dict), metric


@pytest.mark.parametrize(
    ("uncertainty", "upper", "lower"),
    [
        ({"p5": {"kgCO2e": "210"}, "p95": {"kgCO2e": "420"}}, 122.8, 87.2),
        ({"standardDeviation": {"kgCO2e": "60"}}, 60, 60),
        ({"relativeStandardDeviationPercent": "10"}, 29.72, 29.72),
    ],
)
def test_the_spread_becomes_tolerances_of_the_total(
    uncertainty: dict[str, Any], upper: float, lower: float
) -> None:
    document = copy.deepcopy(DECLARATION)
    document["product"]["footprint"]["uncertainty"] = uncertainty
    measure = claims(passport(document))["total"]["claimedPerformance"][0]["measure"]
    assert measure == {
        "value": 297.2,
        "unit": "KGM",
        "upperTolerance": upper,
        "lowerTolerance": lower,
    }


def test_evidence_is_linked_with_its_digest() -> None:
    document = copy.deepcopy(DECLARATION)
    document["evidence"]["e1"]["sha256"] = "ab" * 32
    link = claims(passport(document))["total"]["evidence"][0]
    assert link["linkURL"] == "https://devices.example.com/eb14.pdf"
    assert link["digestMultibase"] == multibase(b"\xab" * 32)
    document["evidence"]["e1"]["url"] = "javascript:alert(1)"
    converted = passport(document)
    assert "evidence" not in claims(converted)["total"]
    assert kinds(converted, "/evidence/e1/url") == ["dropped"]


def test_a_digest_is_a_multihash_in_base64url() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert multibase(bytes.fromhex(empty)) == "uEiDjsMRCmPwcFJr79MiZb7kkJ65B5GSbk0yklZkbeFK4VQ"


def test_a_plain_footprint_of_pact_is_one_claim_with_its_figures() -> None:
    found = claims(passport(PLAIN))
    assert list(found) == ["pact"]
    values = {
        one["metric"]["id"].rpartition("/")[2]: one["measure"]
        for one in found["pact"]["claimedPerformance"]
    }
    total = float(PLAIN["pcf"]["pcfExcludingBiogenicUptake"])
    assert values["pcfExcludingBiogenicUptake"] == {"value": total, "unit": "KGM"}
    assert "declaredUnitAmount" not in values


def test_the_last_day_of_the_reference_period_is_the_day_before_its_excluded_end() -> None:
    period = claims(passport(FOOTPRINT))["pact"]["applicablePeriod"]
    assert period == {"startDate": "2025-01-01", "endDate": "2025-12-31"}


def test_a_gtin_names_the_product_else_a_urn_else_the_document() -> None:
    def named(document: dict[str, Any]) -> tuple[str, str]:
        subject = passport(document).document["credentialSubject"]
        return subject["id"], subject["idScheme"]["id"]

    gtin = ("https://id.gs1.org/01/09501101530003", "https://id.gs1.org/01/")
    assert named(FOOTPRINT) == named(DECLARATION) == gtin
    document = copy.deepcopy(DECLARATION)
    document["product"]["identity"]["identifiers"] = [{"scheme": "mpn", "value": "EB14-2"}]
    assert named(document) == (f"urn:uuid:{document['id']}", ISSUER.id)
    document["product"]["identity"]["url"] = "https://devices.example.com/eb14"
    page = ("https://devices.example.com/eb14", "https://devices.example.com")
    assert named(document) == page
    urn = {**PLAIN, "productIds": ["urn:pact:x.example:product-id:7"]}
    assert named(urn) == ("urn:pact:x.example:product-id:7", "urn:pact:x.example:product-id")


def test_facility_and_country_that_nobody_gave_are_stated_as_such() -> None:
    converted = passport(DECLARATION)
    subject = converted.document["credentialSubject"]
    assert subject["producedAtFacility"]["name"] == "not stated"
    assert subject["countryOfProduction"] == {"countryCode": "ZZ", "countryName": "not stated"}
    assert kinds(converted, "/credentialSubject/producedAtFacility") == ["assumed"]
    assert kinds(converted, "/credentialSubject/countryOfProduction") == ["assumed"]


@pytest.mark.parametrize(
    ("place", "code"), [("CN", "CN"), ("US-CA", "US"), ("EU", "ZZ"), ("GLO", "ZZ"), ("Asia", "ZZ")]
)
def test_where_it_is_assembled_is_the_country_of_production(place: str, code: str) -> None:
    document = copy.deepcopy(DECLARATION)
    document["product"]["footprint"]["assembledIn"] = place
    subject = passport(document).document["credentialSubject"]
    assert subject["countryOfProduction"]["countryCode"] == code


def test_pacts_geography_stands_in_for_the_country_and_that_is_told() -> None:
    document = copy.deepcopy(PLAIN)
    document["pcf"].pop("geographyRegionOrSubregion", None)
    document["pcf"]["geographyCountry"] = "FI"
    converted = passport(document)
    assert converted.document["credentialSubject"]["countryOfProduction"] == {"countryCode": "FI"}
    assert kinds(converted, "/credentialSubject/countryOfProduction") == ["approximated"]


@pytest.mark.parametrize("granularity", ["model", "configuration", "batch", "item", None])
def test_each_granularity_gives_a_valid_passport(
    engine: ValidationEngine, granularity: str | None
) -> None:
    document = copy.deepcopy(DECLARATION)
    document["product"]["identity"]["granularity"] = granularity
    converted = passport(document)
    assert errors(engine, converted.document) == []
    given_as = converted.document["credentialSubject"]["idGranularity"]
    assert given_as == (granularity if granularity in ("batch", "item") else "model")


def test_the_same_input_gives_the_same_passport_and_another_issuer_another_id() -> None:
    assert passport(DECLARATION) == passport(DECLARATION)
    other = to_untp(DECLARATION, issuer=Issuer("https://other.example", "Other"), now=NOW)
    assert other.document["id"] != passport(DECLARATION).document["id"]


def test_a_passport_ends_with_the_footprint_and_never_before_it_begins() -> None:
    assert passport(FOOTPRINT).document["validUntil"] == FOOTPRINT["validityPeriodEnd"]
    ended = {**FOOTPRINT, "validityPeriodEnd": "2026-10-31T00:00:00Z"}
    assert "validUntil" not in passport(ended).document


@pytest.mark.parametrize("issuer", ["", "Example AB", "http://x.example", "did:web:a b", "did:"])
def test_an_issuer_that_is_no_uri_is_refused(issuer: str) -> None:
    with pytest.raises(ConversionError):
        to_untp(DECLARATION, issuer=Issuer(issuer, "Example"), now=NOW)


def test_documents_that_are_no_product_are_refused() -> None:
    old = {**FOOTPRINT, "specVersion": "2.2.0"}
    others = (None, [], {}, load_json("examples/supplier-disclosure.json"), old)
    for document in others:
        with pytest.raises(ConversionError):
            passport(document)


def test_a_product_without_any_figure_is_refused() -> None:
    document = copy.deepcopy(DECLARATION)
    none = {"state": "confidential", "reason": "a secret"}
    document["product"]["footprint"] = {"source": "own", "boundary": "cradle_to_gate"}
    document["product"]["footprint"]["total"] = none
    with pytest.raises(ConversionError):
        passport(document)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to every member of a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, child in items:
        found.append((*path, key))
        if isinstance(child, dict | list):
            found += places(child, (*path, key))
    return found


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([DECLARATION, FOOTPRINT]), st.data())
def test_any_value_anywhere_gives_a_passport_or_an_error_with_a_pointer(
    original: dict[str, Any], data: st.DataObject
) -> None:
    document = copy.deepcopy(original)
    *path, last = data.draw(st.sampled_from(places(document)))
    holder: Any = document
    for step in path:
        holder = holder[step]
    holder[last] = data.draw(JSON)
    try:
        converted = passport(document)
    except ConversionError:
        return
    json.dumps(converted.document, allow_nan=False)
