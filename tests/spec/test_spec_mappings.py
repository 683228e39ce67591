"""The tables of counterparts and of the value-chain cap: whole, and leading to names that exist."""

import csv
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scdx_spec.convert import pact2_tables as tables
from scdx_spec.convert.untp import Issuer, to_untp
from scdx_spec.data import ROOT, codelist, examples
from scdx_spec.mappings import NONE, SYSTEMS, cap, counterparts, property_paths, rows_needed
from scdx_spec.shape import SCHEMAS

Row = dict[str, str]
PROPERTIES = "mappings/properties.csv"
CAPS = "mappings/value-chain-cap.csv"
XBRL = {
    "TotalEnergyConsumption",
    "EnergyConsumptionFromElectricity",
    "EnergyConsumptionFromSelfGeneratedElectricity",
    "EnergyConsumptionFromFuels",
    "GrossScope1GreenhouseGasEmissions",
    "GrossLocationBasedScope2GreenhouseGasEmissions",
    "GrossMarketBasedScope2GreenhouseGasEmissions",
    "GrossScope3GreenhouseGasEmissions",
    "Turnover",
    "NumberOfEmployees",
    "NaceSectorClassificationCodes",
    "BasisForReporting",
    "GreenhouseGasEmissionReductionTargetBaseYear",
    "GreenhouseGasEmissionReductionTargetYear",
    "DisclosureOfListOfMainActionsTheEntitySeeksInOrderToAchieveItsTargets",
}
"""The elements that were read; another name in the table is invented until it is added here."""


def rows(name: str = PROPERTIES, root: Path = ROOT) -> list[Row]:
    with (root / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def table_problems(root: Path = ROOT) -> list[str]:
    """What is wrong with the table of properties; for a lacking row the row to think about."""
    found = rows(root=root)
    if list(found[0]) != ["document", "path", *SYSTEMS, "note"]:
        return ["other columns"]
    keys = [(row["document"], row["path"]) for row in found]
    needed = rows_needed(root)
    skeleton = ",".join([NONE] * len(SYSTEMS))
    problems = [f"lacks: {d},{p},{skeleton}," for d, p in needed if (d, p) not in set(keys)]
    problems += [f"no property: {d},{p}" for d, p in keys if not _exists(d, p, needed, root)]
    problems += [f"twice: {d},{p}" for d, p in set(keys) if keys.count((d, p)) > 1]
    for row in found:
        if any(value is None or value == "" for name, value in row.items() if name != "note"):
            problems.append(f"an empty cell: {row['document']},{row['path']}")
    return problems


def _exists(document: str, path: str, needed: list[tuple[str, str]], root: Path) -> bool:
    if document == "common":
        return (document, path) in needed
    return document in SCHEMAS and path in property_paths(document, root)


def names(system: str) -> set[str]:
    """All counterparts that the table names in one system."""
    cells = {row[system] for row in rows()} - {NONE}
    return {one for cell in cells for one in cell.split("; ")}


def test_every_property_of_every_document_has_one_row_and_no_row_is_of_anything_else() -> None:
    assert table_problems() == []


def _changed(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        text = (root / name).read_text("utf-8")
        assert old in text
        (root / name).write_text(text.replace(old, new, 1), "utf-8")

    return change


def _new_property(root: Path) -> None:
    path = root / "schemas" / "supplier-disclosure.schema.json"
    schema = json.loads(path.read_text("utf-8"))
    schema["properties"]["invented"] = {"type": "object", "properties": {"deeper": {}}}
    path.write_text(json.dumps(schema), "utf-8")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_new_property, {"SupplierDisclosure,invented,", "SupplierDisclosure,invented.deeper,"}),
        (
            _changed(PROPERTIES, "SupplierDisclosure,sbti.asOf,", "SupplierDisclosure,sbti.of,"),
            {"lacks: SupplierDisclosure,sbti.asOf,", "no property: SupplierDisclosure,sbti.of"},
        ),
        (_changed(PROPERTIES, "common,party.name,—,", "common,party.name,,"), {"an empty cell"}),
    ],
)
def test_a_lacking_row_is_told_with_the_row_to_add(
    spoilt: Path, spoil: Callable[[Path], None], told: set[str]
) -> None:
    spoil(spoilt)
    problems = "\n".join(table_problems(spoilt))
    assert [one for one in told if one not in problems] == []


def test_pacts_names_are_pacts_and_a_footprints_own_members_keep_theirs() -> None:
    known = property_paths("ProductFootprint")
    assert names("pact_3") - set(known) == set()
    own = [row for row in rows() if row["document"] == "ProductFootprint"]
    assert [row["path"] for row in own if row["pact_3"] != row["path"]] == []


def test_names_of_pact_2_3_are_those_of_the_converter() -> None:
    by_path = {row["path"]: row["pact_2_3"] for row in rows() if row["pact_3"] == row["path"]}
    figures = {**tables.FIGURES, tables.TOTAL_2: tables.TOTAL_3}
    figures[tables.INCLUDING_2] = tables.INCLUDING_3
    for old, new in figures.items():
        assert by_path[f"pcf.{new}"] == f"pcf.{old}"
    for name in (*tables.SAME_IN_PCF, *tables.PERCENTS):
        assert by_path[f"pcf.{name}"] == f"pcf.{name}"
    for name in tables.SAME:
        assert by_path[name] == name
    assert all(by_path[f"pcf.dqi.{name}DQR"] == NONE for name in ("technological", "temporal"))


def test_names_of_xbrl_elements_are_among_those_that_were_read() -> None:
    assert names("vsme") <= XBRL
    assert names("esrs") <= XBRL
    assert counterparts("SupplierDisclosure", "inventories[*].scope1")["vsme"] in XBRL


def test_names_of_vocabularies_have_their_prefix() -> None:
    for system, prefix in (("schema_org", "schema"), ("gs1", "gs1")):
        assert [n for n in names(system) if not re.fullmatch(rf"{prefix}:[A-Za-z0-9]+", n)] == []


def _paths(value: Any, path: str = "") -> Iterator[str]:
    yield path
    if isinstance(value, dict):
        for name, child in value.items():
            yield from _paths(child, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for child in value:
            yield from _paths(child, f"{path}[*]")


def passports() -> Iterator[dict[str, Any]]:
    """Passports of all examples of products, with digests and makers of two identifiers."""
    issuer = Issuer("https://example.com", "Example")
    domain = {"scheme": "domain", "value": "example.org"}
    lei = {"scheme": "lei", "value": "ZZ00EXAMPLE000000137"}
    for document in examples().values():
        if "product" not in document and "pcf" not in document:
            continue
        for holder in (document, *(one["data"] for one in document.get("extensions", []))):
            if "manufacturer" in holder:
                holder["manufacturer"]["identifiers"] = [domain, lei]
            for entry in holder.get("evidence", {}).values():
                entry["sha256"] = "0" * 64
        yield to_untp(document, issuer=issuer, now=datetime(2026, 11, 1, tzinfo=UTC)).document


def test_names_of_untp_occur_in_the_passports_that_the_converter_makes() -> None:
    made = {path for passport in passports() for path in _paths(passport)}
    named = names("untp_0_7")
    assert len(named) > 20
    assert sorted({one for one in named if one not in made and f"{one}[*]" not in made}) == []


def test_a_counterpart_is_found_at_the_place_in_the_shape_and_in_the_extension() -> None:
    assert counterparts("ProductDeclaration", "product.identity.brand") == {
        "schema_org": "schema:brand",
        "gs1": "gs1:brand",
    }
    inside = counterparts("ProductFootprint", "extensions[*].data.product.identity.brand")
    assert inside == counterparts("ProductDeclaration", "product.identity.brand")
    shared = counterparts("SupplierDisclosure", "certificates[*].validUntil")
    assert shared == counterparts("ProductDeclaration", "product.certificates[*].validUntil")
    assert shared["gs1"] == "gs1:certificationEndDate"
    assert counterparts("SupplierDisclosure", "sbti.asOf") == {}


def test_a_place_may_have_a_row_of_its_own_besides_the_shapes(spoilt: Path) -> None:
    place = "organization.identifiers[*].value"
    with (spoilt / PROPERTIES).open("a", encoding="utf-8") as file:
        file.write(f"SupplierDisclosure,{place},—,—,—,—,—,schema:leiCode,—,\n")
    assert table_problems(spoilt) == []
    here = counterparts("SupplierDisclosure", place, root=spoilt)
    assert here == {"schema_org": "schema:leiCode"}
    elsewhere = counterparts("CustomerReport", "customer.identifiers[*].value", root=spoilt)
    assert elsewhere == {"schema_org": "schema:value"}


def test_paths_reach_amounts_by_currency_and_leave_out_what_a_schema_forbids(spoilt: Path) -> None:
    assert "inventories[*].revenue[*]" in property_paths("SupplierDisclosure")
    assert "allocations[*].avoidedEmissions" not in property_paths("CustomerReport")
    path = spoilt / "schemas" / "customer-report.schema.json"
    schema = json.loads(path.read_text("utf-8"))
    schema["properties"]["netTotal"] = False
    path.write_text(json.dumps(schema), "utf-8")
    assert "netTotal" not in property_paths("CustomerReport", spoilt)
    assert table_problems(spoilt) == []


@pytest.mark.parametrize(
    ("document", "path"), [("SupplierDisclosure", "scope1"), ("Letter", "id"), ("common", "x")]
)
def test_an_unknown_property_raises(document: str, path: str) -> None:
    with pytest.raises(KeyError):
        counterparts(document, path)
    with pytest.raises(KeyError):
        cap(document, path)


def test_every_row_of_the_cap_is_of_a_property_has_a_code_and_is_not_verified() -> None:
    found = rows(CAPS)
    assert list(found[0]) == ["document", "path", "cap", "basis", "verified"]
    for row in found:
        assert row["path"] == "*" or row["path"] in property_paths(row["document"]), row
        assert row["cap"] in codelist("value-chain-caps")
        assert row["basis"]
        assert row["verified"] == "no"
    assert {row["document"] for row in found if row["path"] == "*"} == set(SCHEMAS)
    assert len({(row["document"], row["path"]) for row in found}) == len(found)


def test_a_cap_holds_for_what_is_below_until_a_longer_path_says_otherwise() -> None:
    def code(path: str) -> str:
        return cap("SupplierDisclosure", path).cap

    assert code("inventories[*].scope1.tCO2e") == "within"
    assert code("inventories[*].energy.fuels.MWh") == "within"
    assert code("inventories[*].energy.heat.MWh") == "unknown"
    assert code("inventories[*].scope2.marketBased") == "above"
    assert code("inventories[*].gases") == "unknown"
    assert cap("ProductFootprint", "pcf.dqi").cap == "not_in_standard"
    assert cap("ProductFootprint", "extensions[*].data.product").cap == "not_in_standard"


def test_who_has_read_the_annex_replaces_a_row_and_says_so(spoilt: Path) -> None:
    old = "SupplierDisclosure,targets,unknown,"
    _changed(CAPS, old, "SupplierDisclosure,targets,above,Annex II,yes\n,,unknown,")(spoilt)
    found = cap("SupplierDisclosure", "targets[*].baseYear", root=spoilt)
    assert (found.cap, found.basis, found.verified) == ("above", "Annex II", True)
    assert not cap("SupplierDisclosure", "targets[*].baseYear").verified


def test_the_readmes_say_that_it_is_unread_no_advice_and_not_about_procurement() -> None:
    text = (ROOT / "mappings" / "value-chain-cap.README.md").read_text("utf-8")
    for words in ("3 July 2026", "was not read", "Not legal advice", "procurement", "confirmed"):
        assert words in text
    assert "second hand" in (ROOT / "mappings" / "README.md").read_text("utf-8")
