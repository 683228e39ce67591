"""What is said of a document whose shape is wrong: the words, and the place."""

import copy
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from scdx_spec import shape
from scdx_spec.check import check
from scdx_spec.data import ROOT, examples
from scdx_spec.findings import Finding
from scdx_spec.requirements import load_requirements

Change = Callable[[dict[str, Any]], None]


def disclosure() -> dict[str, Any]:
    return copy.deepcopy(examples()["supplier-disclosure.json"])


def wrong(document: dict[str, Any], now: datetime) -> dict[str, Finding]:
    return {one.pointer: one for one in check(document, now=now)}


def set_at(pointer: str, value: Any) -> Change:
    def change(document: dict[str, Any]) -> None:
        node: Any = document
        *steps, last = pointer.split("/")[1:]
        for step in steps:
            node = node[int(step)] if isinstance(node, list) else node[step]
        if value is ...:
            del node[last]
        else:
            node[int(last) if isinstance(node, list) else last] = value

    return change


def test_names_of_entries_are_told_without_themselves(now: datetime) -> None:
    document = disclosure()
    document["evidence"] = {"not a key!": next(iter(document["evidence"].values()))}
    found = [one for one in check(document, now=now) if one.pointer == "/evidence"]
    assert found
    assert all("not a key!" not in one.message + one.fix for one in found)


def test_words_for_names() -> None:
    import jsonschema_rs

    def kind(subschema: dict[str, Any]) -> Any:
        validator = jsonschema_rs.validator_for({"propertyNames": subschema})
        (error,) = validator.iter_errors({"Wrong": 1})
        return error

    assert shape.explain(kind({"enum": ["a", "b"]})) == (
        "a name in it is none of those allowed here", "Use one of: a, b.",
    )  # fmt: skip
    assert shape.explain(kind({"pattern": "^[a-z]+$"})) == (
        "a name in it does not have the form ^[a-z]+$", "Rename the member.",
    )  # fmt: skip
    assert shape.explain(kind({"maxLength": 2})) == (
        "a name is not of the form asked for", "Rename the member.",
    )  # fmt: skip


WORDS: list[tuple[Any, Any, str, str]] = [
    ({"required": ["a"]}, {}, "the member a is missing", "Give a."),
    ({"type": "string"}, 1, "it is not of type string", "Write it as string."),
    ({"pattern": "^a$"}, "b", "it does not have the form ^a$",
     "Write it in the form that is asked for."),
    ({"format": "date"}, "b", "it is not a valid date", "Write a valid date."),
    ({"enum": ["a", 1]}, "b", "it is none of the values allowed here", "Use one of: a, 1."),
    ({"const": "a"}, "b", "it is not the one value allowed here", "Write a."),
    ({"not": {}}, "b", "it does not go together with what stands beside it",
     "Leave out one of the two."),
    ({"properties": {"a": False}}, {"a": 1}, "it does not go together with what stands beside it",
     "Leave out one of the two."),
    ({"minimum": 3}, 1, "the number is below the smallest allowed", "Write 3 or more."),
    ({"maximum": 3}, 5, "the number is above the largest allowed", "Write 3 or less."),
    ({"minLength": 1}, "", "it is empty", "Write something, or leave the member out."),
    ({"maxLength": 1}, "ab", "it is too long", "Shorten it."),
    ({"minItems": 1}, [], "the list has too few entries", "Give an entry, or leave the list out."),
    ({"maxItems": 1}, [1, 2], "the list has too many entries", "Keep to the schema's bound."),
    ({"uniqueItems": True}, [1, 1], "the list says the same thing twice", "Keep one of the two."),
    ({"minProperties": 1}, {}, "the object is empty", "Give a member."),
    ({"maxProperties": 0}, {"a": 1}, "the object has too many members", "Keep one of them."),
    ({"multipleOf": 2}, 3, "it breaks the schema's multipleOf", "Compare with the schema."),
]  # fmt: skip


def test_words_for_several_types_and_for_many_options() -> None:
    import jsonschema_rs

    def explained(schema: dict[str, Any], value: Any) -> tuple[str, str]:
        (error,) = jsonschema_rs.Draft202012Validator(schema).iter_errors(value)
        return shape.explain(error)

    told, fix = explained({"type": ["string", "null"]}, 1)
    assert sorted(told.removeprefix("it is not of type ").split(" or ")) == ["null", "string"]
    assert sorted(fix.removeprefix("Write it as ").removesuffix(".").split(" or ")) == [
        "null", "string",
    ]  # fmt: skip
    _, fix = explained({"enum": [f"o{number}" for number in range(40)]}, "x")
    assert fix == f"Use one of: {', '.join(f'o{number}' for number in range(30))}."


def test_requirements_are_the_deepest_on_the_way() -> None:
    shape.attribute.cache_clear()
    document = disclosure()
    document["targets"][0]["baseYear"] = "x"
    document["id"] = "x"
    validator = shape.validator(shape.SCHEMAS["SupplierDisclosure"], "", ROOT)
    found = {
        "/".join(str(step) for step in error.instance_path): shape.attribute(
            shape.SCHEMAS["SupplierDisclosure"], "", tuple(error.evaluation_path)
        )
        for error in validator.iter_errors(document)
    }
    assert set(found) == {"targets/0/baseYear", "id"}
    told = {one.pointer.lstrip("/"): one.requirement for one in shape.shape_findings(
        document, shape.SCHEMAS["SupplierDisclosure"])}  # fmt: skip
    assert {pointer: name for pointer, (name, _, _) in found.items()} == told
    assert all(name in load_requirements() for name in told.values())
    assert told["id"] != told["targets/0/baseYear"]


def test_references_lead_into_their_file() -> None:
    file, node = shape.resolve("supplier-disclosure", "common.schema.json#/$defs/evidence")
    assert file == "common"
    assert "sha256" in node["properties"]
    assert shape.resolve("common", "#/$defs/evidence") == ("common", node)
    whole = "https://w3id.org/scdx/1.0/common.schema.json#/$defs/evidence"
    assert shape.resolve("product", whole) == ("common", node)


def test_findings_of_shapes_are_bounded() -> None:
    document = {**disclosure(), "targets": [{"baseYear": "x"}] * 300}
    name = shape.SCHEMAS["SupplierDisclosure"]
    assert len(shape.shape_findings(document, name)) == 200
    assert len(shape.shape_findings(document, name, limit=3)) == 3


@pytest.mark.parametrize(
    ("schema", "value", "message", "fix"), WORDS, ids=map(str, range(len(WORDS)))
)
def test_words_for_shapes(schema: Any, value: Any, message: str, fix: str) -> None:
    import jsonschema_rs

    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    (error,) = validator.iter_errors(value)
    assert shape.explain(error) == (message, fix)


CHANGES: list[tuple[str, Any, str, str]] = [
    ("/targets/0/baseYear", "x", "/targets/0/baseYear", "MUST"),
    ("/targets/0/targetYear", ..., "/targets/0", "MUST"),
    ("/sbti/nearTerm/status", "x", "/sbti/nearTerm/status", "MUST"),
    ("/unheardOf", 1, "/unheardOf", "SHOULD"),
    ("/targets/0/basYear", 1, "/targets/0/basYear", "SHOULD"),
    ("/id", "x", "/id", "MUST"),
]


@pytest.mark.parametrize(("at", "value", "pointer", "level"), CHANGES, ids=lambda one: str(one))
def test_a_change_is_found_at_its_place(
    at: str, value: Any, pointer: str, level: str, now: datetime
) -> None:
    document = disclosure()
    assert not check(document, now=now)
    set_at(at, value)(document)
    found = wrong(json.loads(json.dumps(document)), now)
    assert pointer in found
    assert found[pointer].level == level
