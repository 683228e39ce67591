"""Places: every subschema that says something of a value counts, below whichever keyword."""

from typing import Any

from scdx_spec.data import ROOT, codelist
from scdx_spec.places import MOST_KEPT, Place

SUBSCHEMA: dict[str, Any] = {
    "properties": {"own": {"properties": {"inner": {}}}},
    "allOf": [{"properties": {"all": {}, "own": {"properties": {"more": {}}}}}],
    "anyOf": [{"properties": {"any": {}}}, True],
    "if": {"properties": {"if": {}}},
    "then": {"properties": {"then": {}}},
    "else": {"properties": {"else": {"items": {"properties": {"entry": {}}}}}},
}


def place(*subschemas: Any) -> Place:
    return Place([("common", one) for one in subschemas], ROOT)


def test_names_are_those_of_every_keyword() -> None:
    found = place(SUBSCHEMA)
    assert found.names == {"own", "all", "any", "if", "then", "else"}
    own = found.below("own")
    assert own is not None
    assert own.names == {"inner", "more"}
    assert found.below("own") is own
    assert found.children["own"] is own
    other = found.below("else")
    assert other is not None
    assert other.item().names == {"entry"}
    assert other.item() is other.item()
    assert found.below("unknown") is None
    assert found.children["unknown"] is None
    assert "unknown" not in dict(found.children)
    assert place(True, False).names == set()


def test_references_are_followed_in_their_own_file() -> None:
    found = place({"$ref": "#/$defs/evidence"})
    assert "sha256" in found.names
    elsewhere = Place(
        [("supplier-disclosure", {"$ref": "common.schema.json#/$defs/evidence"})], ROOT
    )
    assert elsewhere.names == found.names


def test_names_by_pattern_and_by_what_is_additional() -> None:
    patterned = place(
        {"patternProperties": {"^[A-Z]{3}$": {"properties": {"amount": {}}}},
         "properties": {"state": {}}}
    )  # fmt: skip
    money = patterned.below("SEK")
    assert money is not None
    assert money.names == {"amount"}
    assert patterned.below("sek") is None
    assert patterned.below("state") is not None
    for number in range(MOST_KEPT + 10):
        assert patterned.below(f"x{number}") is None
    assert patterned.below("EUR") is not None
    free = place({"additionalProperties": {"properties": {"value": {}}}, "properties": {"a": {}}})
    additional = free.below("anything")
    assert additional is not None
    assert additional.names == {"value"}
    assert free.below("other") is additional
    named = free.below("a")
    assert named is not None
    assert named.names == set()
    assert place({"additionalProperties": False}).below("x") is None
    assert place({"additionalProperties": True}).below("x") is None


def test_codes_are_those_of_an_open_list() -> None:
    opened = place({"x-codelist": "identifier-schemes"})
    assert opened.codelist == "identifier-schemes"
    assert opened.codes == frozenset(codelist("identifier-schemes"))
    assert "lei" in opened.codes
    closed = place({"x-codelist": "identifier-schemes", "x-codelist-closed": True})
    assert (closed.codelist, closed.codes) == (None, frozenset())
    both = place({"x-codelist": "identifier-schemes"}, {"x-codelist-closed": True})
    assert both.codelist is None
    assert place({}).codelist is None
