"""What is said of what is served, and of a file of deliveries: member by member, word by word."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from scdx_conformance.products_wanted import plain_mpn, read_deliveries
from scdx_conformance.served import ProfileResult, Questions, Served, judge_served
from scdx_conformance.served_documents import ServedDocument
from scdx_spec.data import examples
from scdx_spec.profiles import judge_profile
from scdx_spec.reading import UnreadableError
from scdx_spec.requirements import load_requirements

NOW = datetime(2026, 11, 24, tzinfo=UTC)
GTIN = "09501101530003"


def deliveries(folder: Path, text: str) -> Path:
    path = folder / "deliveries.csv"
    path.write_text(text, "utf-8")
    return path


def test_a_profile_as_json() -> None:
    whole = examples()["supplier-disclosure.json"]
    less = {name: value for name, value in whole.items() if name != "sbti"}
    verdicts = [(name, judge_profile(one, "it-buyer", now=NOW)) for name, one in
                (("one", whole), ("two", less))]  # fmt: skip
    told = ProfileResult("it-buyer", True, tuple(verdicts)).as_dict()
    assert {name: told[name] for name in ("profile", "asked", "documents", "complete")} == {
        "profile": "it-buyer", "asked": True, "documents": 2, "complete": 1,
    }  # fmt: skip
    by_name = {one["requirement"]: one for one in told["requirements"]}
    assert list(by_name) == sorted(by_name)
    assert by_name["ITB-04"] == {
        "requirement": "ITB-04",
        "sentence": load_requirements()["ITB-04"].sentence,
        "met": 1,
        "documents": 2,
    }
    first, second = told["results"]
    assert (first["document"], first["valid"], first["complete"]) == ("one", True, True)
    assert (second["document"], second["valid"], second["complete"]) == ("two", True, False)
    assert first["items"][0] == {"requirement": first["items"][0]["requirement"], "met": True}
    (lacking,) = [one for one in second["items"] if one["requirement"] == "ITB-04"]
    assert set(lacking) == {"requirement", "met", "pointer", "message", "fix"}
    assert lacking["met"] is False
    assert lacking["message"].startswith("It isn't said how things stand")
    assert lacking["fix"].startswith("Give sbti")


def test_texts_are_redacted_wherever_they_stand() -> None:
    document = {**examples()["supplier-disclosure.json"], "id": "has-a-secret"}
    served = judge_served(
        Questions(("it-buyer",)).read(NOW),
        [ServedDocument("has-a-secret", "exchange", document)],
        now=NOW,
        redact=lambda text: text.replace("secret", "$SECRET"),
    )
    told = json.dumps(served.as_dict())
    assert "$SECRET" in told
    assert "a-secret" not in told
    assert served.as_dict()["profiles"][0]["results"][0]["document"] == "has-a-$SECRET"
    plain = Served(1, True, served.profiles).as_dict()
    assert plain["profiles"][0]["results"][0]["document"] == "has-a-secret"
    assert (plain["documents"], plain["whole"]) == (1, True)


@pytest.mark.parametrize(("known", "judged"), [(None, True), (True, True), (False, False)])
def test_what_a_run_has_checked_is_not_checked_again(
    tmp_path: Path, known: bool | None, judged: bool
) -> None:
    """A verdict goes by what the run found of a document, or by a check where nobody looked."""
    document = examples()["product-declaration.json"]
    path = deliveries(tmp_path, f"gtin,quantity\n{GTIN},3\n")
    served = judge_served(
        Questions(("datasheet",), (), path).read(NOW),
        [ServedDocument("one", "exchange", document, known)],
        now=NOW,
    ).as_dict()
    (result,) = served["profiles"][0]["results"]
    assert (result["valid"], result["complete"]) == (judged, judged)
    assert served["products"]["profiles"]["datasheet"]["units"] == (3 if judged else 0)


def coverage_of(folder: Path, text: str, *documents: dict[str, Any]) -> dict[str, Any]:
    asked = Questions((), (), deliveries(folder, text)).read(NOW)
    served = [ServedDocument(str(one["id"]), "exchange", one) for one in documents]
    told = judge_served(asked, served, now=NOW).as_dict()["products"]
    assert isinstance(told, dict)
    return told


def test_products_are_known_by_what_their_documents_say(tmp_path: Path) -> None:
    declaration = copy.deepcopy(examples()["product-declaration.json"])
    found = coverage_of(tmp_path, f"gtin,quantity\n{GTIN},3\n", declaration)
    assert (found["units"], found["unitsWithFootprint"]) == (3, 3)
    assert set(found["profiles"]) == {"datasheet", "lifecycle"}
    without = copy.deepcopy(declaration)
    del without["product"]["footprint"]["total"]
    assert coverage_of(tmp_path, f"gtin,quantity\n{GTIN},3\n", without)["unitsWithFootprint"] == 0
    listed = {**declaration, "productIds": ["urn:gtin:4006381333931"]}
    text = "gtin,quantity\n4006381333931,3\n"
    assert coverage_of(tmp_path, text, listed)["unitsWithFootprint"] == 0


def test_footprints_are_known_by_their_urns_and_their_company(tmp_path: Path) -> None:
    plain = copy.deepcopy(examples()["product-footprint-plain.json"])
    plain["productIds"] = ["URN:GTIN:4006381333931", "urn:example:maker:AB-12"]
    plain["companyName"] = "Example Components GmbH"
    text = "gtin,mpn,manufacturer,quantity\n4006381333931,,,1\n,ab-12,Example Components,10\n"
    assert coverage_of(tmp_path, text, plain)["unitsWithFootprint"] == 11
    other = "mpn,manufacturer,quantity\nab-12,Somebody Else,10\n"
    assert coverage_of(tmp_path, other, plain)["unitsWithFootprint"] == 0


def test_a_file_of_deliveries_is_read_row_by_row(tmp_path: Path) -> None:
    text = (
        "EAN,MPN,Brand,Antal\n"
        "95 0110-1530003,,,1 200\n"
        ",AB 12,Dell Inc.,12.0\n"
        ",,,5\n"
        "9501101530004,,,5\n"
        "9.5E+12,,,5\n"
        f"{GTIN},,,many\n"
        f"{GTIN},,,\n"
        f'{GTIN},,,"12,000"\n'
        f"{GTIN},,,1000000000000\n"
        f"{GTIN},,,1000000000001\n"
    )
    path = deliveries(tmp_path, text)
    found = read_deliveries(path)
    assert [(one.line, one.gtin, one.mpn, one.units) for one in found.rows] == [
        (2, GTIN, "", 1200), (3, "", "ab12", 12), (10, GTIN, "", 10**12),
    ]  # fmt: skip
    assert found.unreadable == (
        (4, "there is neither GTIN nor mpn"),
        (5, "the GTIN's digits don't add up"),
        (6, "the spreadsheet shortened the GTIN: format the column as text"),
        (7, "write the quantity as a whole number"),
        (8, "there is no quantity"),
        (9, "write the quantity as a whole number"),
        (11, "write the quantity as a whole number"),
    )
    assert found.file == "deliveries.csv"
    assert len(found.sha256) == 64
    assert found.counted
    assert found.units == 1212 + 10**12
    assert plain_mpn(" AB\t12 ") == "ab12"


def test_rows_without_quantities_are_units(tmp_path: Path) -> None:
    found = read_deliveries(deliveries(tmp_path, f"gtin\n{GTIN}\n{GTIN}\n"))
    assert [one.units for one in found.rows] == [1, 1]
    assert not found.counted


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name,price\nLaptop,9\n",
         "no column names products: give gtin (or ean) or mpn, and quantity"),
        ("gtin,quantity\n", "no row can be counted"),
        (f"gtin,quantity\n{GTIN},\n1,2\n",
         "no row can be counted (line 2: there is no quantity)"),
    ],
    ids=["columns", "empty", "unreadable"],
)  # fmt: skip
def test_a_file_that_can_not_be_used_says_why(tmp_path: Path, text: str, told: str) -> None:
    path = deliveries(tmp_path, text)
    with pytest.raises(UnreadableError) as error:
        read_deliveries(path)
    assert str(error.value) == f"{path}: {told}"
