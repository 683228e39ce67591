"""Lines calculated by hand: which method, which number, and what is said beside it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from scdx_client.scope3.explain import formula

Row = dict[str, Any]
Run = Callable[..., list[Row]]
LAPTOP = {
    "product_id": "mpn:EB14-2",
    "quantity": "2",
    "unit": "st",
    "category_code": "naics:334111",
}
SERVICE = {"supplier": "Example Services AB", "category_code": "naics:541512", "currency": "SEK"}
MUST = {"level": "MUST", "requirement": "PCF-09"}


def test_a_transcribed_declaration_gives_manufacturing_and_packaging_alone(
    run: Run, make: Any
) -> None:
    (row,) = run(LAPTOP, documents=[make.declaration(["mpn:EB14-2"])])
    assert (row["method"], row["level"]) == ("product_declaration", 1)
    assert row["kg"] == Decimal(492)
    assert row["stages_removed"] == "distribution 11 kg, endOfLife 0.9 kg, use 39.3 kg"
    assert "transcribed" in row["warnings"]
    assert formula(row) == (
        "2 st × (246 + 0) kg CO2e (manufacturing + packaging, cradle to gate) = 492 kg CO2e"
    )
    assert row["spend_only_kg"] == Decimal(58)


def test_packaging_counts_where_it_is_stated_and_is_named_where_it_is_not(
    run: Run, make: Any
) -> None:
    with_it = make.declaration(
        ["mpn:a"], stages={"manufacturing": {"kgCO2e": "100"}, "packaging": {"kgCO2e": "2.5"}}
    )
    without = make.declaration(
        ["mpn:b"],
        stages={
            "manufacturing": {"kgCO2e": "100"},
            "packaging": {"state": "not_reported", "reason": "unknown"},
        },
    )
    first, second = run(
        LAPTOP | {"product_id": "mpn:A"},
        LAPTOP | {"product_id": "mpn:B"},
        documents=[with_it, without],
    )
    assert (first["kg"], first["boundary"]) == (Decimal(205), "cradle_to_gate")
    assert (second["kg"], second["boundary"]) == (Decimal(200), "cradle_to_gate_without_packaging")
    assert "packaging left out: not_reported" in second["warnings"]


def test_a_cradle_to_grave_total_without_stages_is_not_used_and_that_is_said(
    run: Run, make: Any
) -> None:
    (row,) = run(LAPTOP, documents=[make.declaration(["mpn:EB14-2"], stages=None)])
    assert (row["method"], row["kg"]) == ("spend_factor", Decimal(58))
    assert "cradle to grave, without stages" in row["warnings"]


def test_a_cradle_to_gate_total_without_stages_is_used(run: Run, make: Any) -> None:
    document = make.declaration(["mpn:EB14-2"], stages=None, boundary="cradle_to_gate", total="80")
    assert run(LAPTOP, documents=[document])[0]["kg"] == Decimal(160)


def test_a_pact_footprint_is_divided_by_its_declared_amount(run: Run, make: Any) -> None:
    document = make.footprint(["urn:example:x:1"], "12.5", unit="kilogram", amount="5")
    (row,) = run(
        {"product_id": "URN:example:X:1", "quantity": "400", "unit": "g"}, documents=[document]
    )
    assert (row["method"], row["kg"]) == ("product_footprint", Decimal(1))
    assert row["unit_conversion"] == Decimal("0.001")
    assert formula(row) == (
        "400 g × 0.001 kilogram × 12.5 / 5 kg CO2e per kilogram (cradle to gate) = 1 kg CO2e"
    )


def test_a_unit_that_does_not_fit_the_declared_unit_falls_to_spend(run: Run, make: Any) -> None:
    document = make.footprint(["urn:example:x:1"], unit="kilogram")
    (row,) = run(
        LAPTOP | {"product_id": "urn:example:x:1", "quantity": "400"}, documents=[document]
    )
    assert row["method"] == "spend_factor"
    assert "is per kilogram, the line in piece" in row["warnings"]


@pytest.mark.parametrize(
    ("in_ledger", "in_document"),
    [
        ("gtin:4006381333931", "gtin:04006381333931"),
        ("gtin:04006381333931", "gtin:4006381333931"),
        ("sku:nothing gtin:4006381333931", "gtin:4006381333931"),
        ("mpn:Book 14 G9", "mpn:book  14 g9"),
    ],
)
def test_one_product_written_in_two_ways_is_one_product(
    run: Run, make: Any, in_ledger: str, in_document: str
) -> None:
    (row,) = run(LAPTOP | {"product_id": in_ledger}, documents=[make.declaration([in_document])])
    assert row["method"] == "product_declaration"


def test_a_gtin_urn_of_a_footprint_meets_a_gtin_of_the_ledger(run: Run, make: Any) -> None:
    (row,) = run(
        LAPTOP | {"product_id": "gtin:04006381333931"},
        documents=[make.footprint(["urn:gtin:4006381333931"], "7")],
    )
    assert (row["method"], row["kg"]) == ("product_footprint", Decimal(14))


def test_a_part_number_of_two_makers_is_used_only_where_the_supplier_tells_them_apart(
    run: Run, make: Any
) -> None:
    documents = [
        make.declaration(["mpn:X1"], maker="Example One", publisher="Example One"),
        make.declaration(["mpn:X1"], maker="Example Two", publisher="Example Two"),
    ]
    ours, theirs = (
        LAPTOP | {"product_id": "mpn:X1", "supplier": name}
        for name in ("Example Two", "Example Three")
    )
    first, second = run(ours, theirs, documents=documents)
    assert first["factor_id"] == documents[1].id
    assert second["method"] == "spend_factor"
    assert "several makers" in second["warnings"]


def test_two_suppliers_with_equal_evidence_for_one_product_are_named(run: Run, make: Any) -> None:
    documents = [make.footprint(["urn:example:x:1"], "9", supplier=name) for name in ("one", "two")]
    line = LAPTOP | {"product_id": "urn:example:x:1"}
    assert "equal evidence" in run(line, documents=documents)[0]["warnings"]
    assert "equal evidence" not in run(line, documents=documents[:1])[0]["warnings"]


def test_the_owners_figure_goes_before_a_newer_transcribed_one(run: Run, make: Any) -> None:
    own = make.declaration(["mpn:EB14-2"], source="own", created="2020-01-01T00:00:00Z")
    newer = make.declaration(["mpn:EB14-2"], created="2026-10-30T00:00:00Z")
    assert run(LAPTOP, documents=[newer, own])[0]["factor_id"] == own.id


def test_of_equal_evidence_the_newest_counts_whatever_the_order(run: Run, make: Any) -> None:
    old = make.declaration(["mpn:EB14-2"], created="2025-10-01T00:00:00+02:00")
    new = make.declaration(["mpn:EB14-2"], created="2025-09-30T23:00:00Z")
    for documents in ([old, new], [new, old]):
        assert run(LAPTOP, documents=documents)[0]["factor_id"] == new.id


@pytest.mark.parametrize(
    "changed",
    [
        {"usable": False, "flags": ("digest_mismatch",)},
        {"state": "deprecated"},
        {"state": "withdrawn"},
        {"findings": (MUST | {"pointer": "/product/footprint/total"},)},
        {"findings": (MUST | {"pointer": "/product/footprint/stages/use/kgCO2e"},)},
    ],
    ids=["tampered", "deprecated", "withdrawn", "a sum that is off", "a stage that is wrong"],
)
def test_a_document_that_cannot_be_trusted_is_never_calculated_with(
    run: Run, make: Any, changed: dict[str, Any]
) -> None:
    (row,) = run(LAPTOP, documents=[make.declaration(["mpn:EB14-2"], **changed)])
    assert (row["method"], row["kg"]) == ("spend_factor", Decimal(58))
    assert "not used: " in row["warnings"]


def test_a_deprecated_pact_footprint_is_not_used(run: Run, make: Any) -> None:
    document = make.footprint(["urn:example:x:1"], status="Deprecated")
    (row,) = run(LAPTOP | {"product_id": "urn:example:x:1"}, documents=[document])
    assert row["method"] == "spend_factor"


def test_a_fault_away_from_the_figures_is_stated_and_does_not_stop_them(
    run: Run, make: Any
) -> None:
    findings = (MUST | {"pointer": "/usage"}, {"level": "SHOULD", "pointer": "/product"})
    (row,) = run(LAPTOP, documents=[make.declaration(["mpn:EB14-2"], findings=findings)])
    assert row["kg"] == Decimal(492)
    assert "breaks 1 other requirement" in row["warnings"]


def test_a_negative_footprint_is_not_subtracted(run: Run, make: Any) -> None:
    documents = [make.footprint(["urn:example:x:1"], "-5")]
    (row,) = run(LAPTOP | {"product_id": "urn:example:x:1"}, documents=documents)
    assert row["method"] == "spend_factor"
    assert "a negative footprint isn't subtracted" in row["warnings"]


# 41,630 t / SEK 1,210 million = 0.0344049586... kg per SEK
INTENSITY = Decimal(310 + 120 + 41200) * 1000 / Decimal(1_210_000_000)


def test_a_suppliers_intensity_leaves_downstream_and_credits_out(run: Run, make: Any) -> None:
    plain = make.disclosure(make.inventory())
    offset = make.disclosure(
        make.inventory(),
        more={"carbonCredits": [{"retired": {"tCO2e": "40000"}, "programme": "Example"}]},
        created="2026-10-02T00:00:00Z",
    )
    wanted = round(1000 * INTENSITY, 6)
    for document in (plain, offset):
        (row,) = run(SERVICE, documents=[document])
        assert (row["method"], row["kg"]) == ("supplier_intensity", wanted)
        assert row["factor_parts"] == "(310 + 120 + 41200) t × 1000 / 1210000000 SEK"
        assert row["factor_id"] == f"{document.id}#/inventories/0"


def test_market_based_scope_2_counts_only_with_instruments(run: Run, make: Any) -> None:
    scope2 = {"locationBased": {"tCO2e": "940"}, "marketBased": {"tCO2e": "120"}}
    (row,) = run(SERVICE, documents=[make.disclosure(make.inventory(scope2=scope2))])
    assert row["factor_parts"].startswith("(310 + 940 + ")
    assert "scope 2 location-based" in row["warnings"]


def test_a_business_lines_own_intensity_goes_before_the_companys(run: Run, make: Any) -> None:
    lines = [{"name": "Hardware resale", "upstreamIntensity": {"kgCO2ePerSEK": "0.041"}}]
    document = make.disclosure(make.inventory(businessLines=lines))
    own, other = run(
        SERVICE | {"business_line": "hardware resale"},
        SERVICE | {"business_line": "consulting"},
        documents=[document],
    )
    assert own["kg"] == Decimal(41)
    assert other["kg"] == round(1000 * INTENSITY, 6)
    assert "no intensity for business line consulting" in other["warnings"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"scope3": {"state": "not_reported", "reason": "later"}}, "upstream isn't complete"),
        ({"scope3": {"categories": {}}}, "purchased_goods_and_services is not_reported"),
        ({"scope1": {"state": "confidential", "reason": "x"}}, "scope 1 is confidential"),
        ({"scope2": {"marketBased": {"tCO2e": "0"}}}, "location-based scope 2 is not_reported"),
        ({"revenue": {"state": "confidential", "reason": "x"}}, "states no revenue"),
        ({"period": {"start": "2026-01-01", "end": "2026-12-31"}}, "isn't over"),
    ],
)
def test_an_incomplete_inventory_falls_to_spend_with_its_reason(
    run: Run, make: Any, changed: dict[str, Any], reason: str
) -> None:
    document = make.disclosure(make.inventory(**changed))
    (row,) = run(SERVICE | {"currency": "USD"}, documents=[document])
    assert (row["method"], row["kg"]) == ("spend_factor", Decimal(89))
    assert reason in row["warnings"]


def test_an_unusable_newer_inventory_gives_way_to_the_older_and_is_named(
    run: Run, make: Any
) -> None:
    older, newer = make.inventory(2024), make.inventory(2025, scope3={"categories": {}})
    (row,) = run(SERVICE, documents=[make.disclosure(newer, older)])
    assert row["factor_id"].endswith("#/inventories/1")
    assert "inventory to 2025-12-31 not used" in row["warnings"]
    assert "not deflated: intensity's period ends 2024, spend of 2025" in row["warnings"]


def test_an_identifier_finds_the_supplier_whatever_it_is_called(run: Run, make: Any) -> None:
    line = SERVICE | {"supplier": "E. Services", "supplier_id": "se_orgnr:556000-0001"}
    (row,) = run(line, documents=[make.disclosure(make.inventory())])
    assert row["method"] == "supplier_intensity"


def test_what_another_supplier_says_of_a_supplier_never_takes_its_place(
    run: Run, make: Any
) -> None:
    true = make.disclosure(make.inventory())
    false = make.disclosure(
        make.inventory(scope1={"tCO2e": "0"}),
        supplier="example-rival",
        created="2026-10-30T00:00:00Z",
    )
    by_id = SERVICE | {"supplier_id": "se_orgnr:5560000001", "supplier": "whoever"}
    own_name = SERVICE | {"supplier": "Example-Services"}
    first, second = run(by_id, own_name, documents=[false, true])
    assert first["method"] == "spend_factor"
    assert "2 organisations fit" in first["warnings"]
    assert second["factor_id"].startswith(true.id)


@pytest.mark.parametrize(
    "changed", [{"state": "withdrawn"}, {"usable": False, "flags": ("bytes_changed",)}]
)
def test_a_disclosure_that_may_not_be_used_is_named_and_takes_nobodys_place(
    run: Run, make: Any, changed: dict[str, Any]
) -> None:
    bad = make.disclosure(make.inventory(), **changed)
    elsewhere = make.disclosure(make.inventory(), supplier="example-rival", **changed)
    line = SERVICE | {"currency": "USD", "supplier_id": "se_orgnr:5560000001"}
    (alone,) = run(line, documents=[bad])
    assert alone["method"] == "spend_factor"
    assert "not used: " in alone["warnings"]
    good = make.disclosure(make.inventory(2024))
    (beside,) = run(line, documents=[elsewhere, bad, good])
    assert beside["factor_id"].startswith(good.id)


def test_two_years_of_one_supplier_are_one_supplier(run: Run, make: Any) -> None:
    older = make.disclosure(make.inventory(2023))
    newer = make.disclosure(make.inventory(2024), created="2026-01-01T00:00:00Z")
    (row,) = run(SERVICE, documents=[newer, older])
    assert row["factor_id"].startswith(newer.id)


def test_a_datasheet_without_declared_unit_is_per_piece_and_gate_to_gate_is_no_gate(
    run: Run, make: Any
) -> None:
    per_piece = make.declaration(["mpn:a"], unit=None)
    partial = make.declaration(["mpn:b"], boundary="gate_to_gate")
    first, second = run(
        *(LAPTOP | {"product_id": key} for key in ("mpn:a", "mpn:b")),
        documents=[per_piece, partial],
    )
    assert first["kg"] == Decimal(492)
    assert "read as piece" in first["warnings"]
    assert second["method"] == "spend_factor"
    assert "gate to gate" in second["warnings"]
