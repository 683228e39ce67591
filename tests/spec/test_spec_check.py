"""What check says before any schema or rule is asked: in words, and with what is to be done."""

import json
import math
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from scdx_spec.check import MAX_BYTES, MAX_FINDINGS, check, check_bytes, kind_of
from scdx_spec.data import examples

TEXTS: list[tuple[bytes, str, str, str]] = [
    (b"{", "JSN-01",
     "not JSON at line 1, column 2: Expecting property name enclosed in double quotes",
     "Give strict JSON in UTF-8."),
    (b'{"a": 1, "a": 2}', "JSN-02", "an object has two members of the same name",
     "Give strict JSON in UTF-8."),
    (b"[1]", "JSN-01", "its top is not an object", "Give one JSON object."),
    (b'"text"', "JSN-01", "its top is not an object", "Give one JSON object."),
    (b" " * (MAX_BYTES + 1), "JSN-01", "more than 16777216 bytes", "Give strict JSON in UTF-8."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "requirement", "message", "fix"), TEXTS, ids=map(str, range(len(TEXTS)))
)
def test_a_text_that_is_no_document(
    raw: bytes, requirement: str, message: str, fix: str, now: datetime
) -> None:
    (found,) = check_bytes(raw, now=now)
    assert (found.requirement, found.pointer) == (requirement, "")
    assert (found.message, found.fix, found.level) == (message, fix, "MUST")


def test_the_largest_text_is_read(now: datetime) -> None:
    raw = b"{}" + b" " * (MAX_BYTES - 2)
    assert [one.requirement for one in check_bytes(raw, now=now)] == ["DOC-01"]


UNKNOWN = "it is no kind of document that this standard knows"
TYPED = "Give it the type it is meant to have, or a pcf."
OLD = "it is a PACT 2.x document"
CONVERT = "Convert it to PACT 3; 2.x figures are per unit, 3.x figures per declared amount."
VALUES: list[tuple[Any, str, str, str, str]] = [
    ({}, "DOC-01", "", UNKNOWN, TYPED),
    ([], "DOC-01", "", UNKNOWN, TYPED),
    (None, "DOC-01", "", UNKNOWN, TYPED),
    ({"type": "Invoice"}, "DOC-01", "", UNKNOWN, TYPED),
    ({"type": ["ProductDeclaration"]}, "DOC-01", "", UNKNOWN, TYPED),
    ({"type": "ProductFootprint", "pcf": {}}, "DOC-01", "", UNKNOWN, TYPED),
    ({"a": {1}}, "JSN-01", "/a", "it holds something that JSON does not have",
     "Give plain JSON values."),
    ({"a": math.nan}, "JSN-03", "/a", "a number is not finite or beyond 2^53",
     "Write large numbers as decimal strings."),
    ({"a": "\ud83d"}, "JSN-04", "/a", "a string holds a lone surrogate",
     "Correct the text's encoding."),
    ({"a": [0] * 20_000}, "JSN-06", "", "it holds more than 20,000 values",
     "Split it into several documents."),
    ({"pcf": {}, "specVersion": "2.3.0"}, "PCF-01", "/specVersion", OLD, CONVERT),
    ({"pcf": {"declaredUnit": "kilogram"}}, "PCF-01", "/specVersion", OLD, CONVERT),
    ({"pcf": {"unitaryProductAmount": "1"}}, "PCF-01", "/specVersion", OLD, CONVERT),
    ({"pcf": {"pCfExcludingBiogenic": "1"}, "specVersion": 3}, "PCF-01", "/specVersion", OLD,
     CONVERT),
]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "requirement", "pointer", "message", "fix"), VALUES, ids=map(str, range(len(VALUES)))
)
def test_a_value_that_is_no_document(
    value: Any, requirement: str, pointer: str, message: str, fix: str, now: datetime
) -> None:
    (found,) = check(value, now=now)
    assert (found.requirement, found.pointer) == (requirement, pointer)
    assert (found.message, found.fix) == (message, fix)


def test_a_deep_value_is_told_where_it_is_too_deep(now: datetime) -> None:
    deep: Any = []
    for _ in range(70):
        deep = [deep]
    (found,) = check({"a": deep}, now=now)
    assert (found.requirement, found.pointer) == ("JSN-05", "/a" + "/0" * 63)
    assert (found.message, found.fix) == ("it is nested too deep", "Flatten the document.")


def test_a_footprint_of_pact_3_is_none_of_pact_2(now: datetime) -> None:
    both = {"pcf": {"declaredUnit": "kilogram", "declaredUnitAmount": "1"}, "specVersion": "3.0.1"}
    for document in (both, {"pcf": {}, "specVersion": "3.0.2."}, {"pcf": "x"}):
        assert all("2.x" not in one.message for one in check(document, now=now))


def test_kinds(now: datetime) -> None:
    for name, document in examples().items():
        assert kind_of(document) in {
            "ProductFootprint", "ProductDeclaration", "SupplierDisclosure", "CustomerReport",
        }, name  # fmt: skip
    assert kind_of({"pcf": {}}) == "ProductFootprint"
    assert kind_of({"pcf": {}, "type": "ProductDeclaration"}) == "ProductDeclaration"
    assert kind_of({"type": "CustomerReport"}) == "CustomerReport"
    assert kind_of({"type": "SupplierDisclosure"}) == "SupplierDisclosure"
    assert kind_of({"type": "ProductFootprint"}) is None
    assert kind_of("pcf") is None


def test_findings_are_bounded_and_what_binds_comes_first(now: datetime) -> None:
    document = {**examples()["supplier-disclosure.json"], "unknown": 1}
    document |= {f"member{number}": number for number in range(400)}
    found = check(document, now=now)
    assert len(found) == MAX_FINDINGS
    levels = [one.level for one in found]
    assert levels == sorted(levels, key=lambda level: level != "MUST")
    many = check({"a": [math.nan] * 500}, now=now)
    assert len(many) == MAX_FINDINGS
    assert len(set(many)) == MAX_FINDINGS


def test_the_folder_of_the_standard_is_the_callers(spoilt: Path, now: datetime) -> None:
    """Rules, schemas and members are those of ``root`` all through."""
    document = json.loads(json.dumps(examples()["supplier-disclosure.json"]))
    document["targets"][0]["baseYear"] = 2100
    document["sbti"]["asOfDay"] = "2026-01-01"
    told = {one.requirement for one in check(document, now=now)}
    rules = spoilt / "rules" / "disclosure.yaml"
    rules.write_text(rules.read_text("utf-8").replace("SBT-03", "SBT-99"), "utf-8")
    other = {one.requirement for one in check(document, now=now, root=spoilt)}
    assert other == told - {"SBT-03"} | {"SBT-99"}
    raw = json.dumps(document).encode()
    assert {one.requirement for one in check_bytes(raw, now=now, root=spoilt)} == other
