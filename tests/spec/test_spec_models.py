"""The Python views of documents: nothing is lost in them, and they have what the schemas have."""

import json
import types
import typing
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import standard_laws as laws
from pydantic import BaseModel, ValidationError

from scdx_spec.check import kind_of
from scdx_spec.data import ROOT, examples, schema
from scdx_spec.models import (
    CustomerReport,
    ProductData,
    ProductDeclaration,
    ProductFootprint,
    SupplierDisclosure,
)
from scdx_spec.shape import SCHEMAS, resolve, shape_findings

VIEWS: dict[str, type[BaseModel]] = {
    "ProductFootprint": ProductFootprint,
    "ProductDeclaration": ProductDeclaration,
    "SupplierDisclosure": SupplierDisclosure,
    "CustomerReport": CustomerReport,
}
CARRIED = [*[(SCHEMAS[kind], view) for kind, view in VIEWS.items()], ("product-data", ProductData)]
SOUND = [(name, document) for name, document in examples().items()] + [
    (str(vector), vector.document())
    for vector in laws.read_vectors(ROOT)
    if (kind := kind_of(vector.document())) and not shape_findings(vector.document(), SCHEMAS[kind])
]


@pytest.mark.parametrize(("name", "document"), SOUND, ids=[name for name, _ in SOUND])
def test_a_document_comes_back_unchanged(name: str, document: Any) -> None:
    view = VIEWS[str(kind_of(document))].model_validate(document)
    assert view.model_dump(by_alias=True, exclude_unset=True, mode="json") == document
    assert json.loads(view.model_dump_json(by_alias=True, exclude_unset=True)) == document


@pytest.mark.parametrize(("name", "view"), CARRIED, ids=[name for name, _ in CARRIED])
def test_views_and_schemas_have_the_same_members(name: str, view: type[BaseModel]) -> None:
    problems = list(dict.fromkeys(unlike(view, [(name, schema(name))], view.__name__)))
    assert not problems, "\n".join(problems)


def test_an_unlike_view_is_noticed() -> None:
    class Party(BaseModel):
        name: str | None = None
        country: int | None = None
        surplus: str | None = None

    found = list(unlike(Party, [("common", schema("common")["$defs"]["party"])], "Party"))
    assert found == [
        "Party: identifiers is in the schema alone",
        "Party: surplus is in the view alone",
        "Party.name: required in the schema",
        "Party.country: str in the schema, int in the view",
    ]


def unlike(
    view: type[BaseModel], nodes: list[tuple[str, Any]], where: str, seen: tuple[type, ...] = ()
) -> Iterator[str]:
    """What view and schema do not have alike, at this level and below."""
    together = list(merged(nodes))
    members: dict[str, list[tuple[str, Any]]] = {}
    for file, node in together:
        for name, child in node.get("properties", {}).items():
            if child is not False and child != {} and child.get("not") != {}:
                members.setdefault(name, []).append((file, child))
    required = {name for _, node in together for name in node.get("required", [])}
    fields = {field.alias or name: field for name, field in view.model_fields.items()}
    yield from (f"{where}: {name} is in the schema alone" for name in members.keys() - fields)
    yield from (f"{where}: {name} is in the view alone" for name in fields.keys() - members)
    for name in [one for one in fields if one in members]:
        field, place = fields[name], f"{where}.{name}"
        if field.is_required() != (name in required):
            yield f"{place}: {'required' if name in required else 'optional'} in the schema"
        yield from unlike_types(field.annotation, members[name], place, (*seen, view))


def unlike_types(
    annotation: Any, nodes: list[tuple[str, Any]], where: str, seen: tuple[type, ...]
) -> Iterator[str]:
    """What one member's type and its schema do not have alike."""
    together = list(merged(nodes))
    given = plain(annotation)
    origin, inner = typing.get_origin(given), typing.get_args(given)
    if origin is list:
        items = [(file, node["items"]) for file, node in together if "items" in node]
        yield from unlike_types(inner[0], items, f"{where}[]", seen)
    elif origin is dict and inner[1] is not Any:
        names = ("additionalProperties", "patternProperties")
        held = [(f, n[k]) for f, n in together for k in names if isinstance(n.get(k), dict)]
        below = [(f, next(iter(n.values())) if "^" in str([*n][:1]) else n) for f, n in held]
        yield from unlike_types(inner[1], below, f"{where}{{}}", seen)
    elif isinstance(given, type) and issubclass(given, BaseModel):
        if given not in seen:
            yield from unlike(given, nodes, where, seen)
    elif (wanted := told(together)) != (got := TYPES.get(given, str(given))):
        yield f"{where}: {wanted} in the schema, {got} in the view"


TYPES: dict[Any, str] = {str: "str", int: "int", bool: "bool", Decimal: "Decimal", date: "date"}
TYPES |= {datetime: "datetime", dict[str, Any]: "object"}
DECIMALS = {"decimal", "nonNegativeDecimal", "notNegative", "notPositive", "percent", "dqr"}


def told(together: list[tuple[str, Any]]) -> str:
    """The type of a scalar by its schema."""
    names = {node["$ref"].rpartition("/")[2] for _, node in together if "$ref" in node}
    kinds = {node["type"] for _, node in together if "type" in node}
    if names & DECIMALS:
        return "Decimal"
    if names & {"date", "dateTime"}:
        return "date" if "date" in names else "datetime"
    kind = next(iter(kinds), "string")
    return {"integer": "int", "boolean": "bool", "string": "str"}.get(kind, kind)


def merged(nodes: list[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Schemas with all that holds unconditionally beside them."""
    for file, node in nodes:
        if isinstance(node, dict):
            yield file, node
            below = [(file, part) for part in node.get("allOf", []) if "if" not in part]
            if "$ref" in node:
                below.append(resolve(file, node["$ref"]))
            if node.get("if") == {"type": "string"}:  # a code, or a party
                below.append((file, node["else"]))
            yield from merged(below)


def plain(annotation: Any) -> Any:
    """The type without ``| None``, ``Annotated`` and the code that may stand for a party."""
    if typing.get_origin(annotation) is typing.Annotated:
        return plain(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (types.UnionType, typing.Union):
        options = [one for one in typing.get_args(annotation) if one is not type(None)]
        return plain(options[-1])
    return annotation


def test_a_measure_has_an_amount_a_unit_or_a_state() -> None:
    view = SupplierDisclosure.model_validate(examples()["supplier-disclosure.json"])
    assert view.inventories is not None
    scope1 = view.inventories[0].scope1
    assert isinstance(scope1.amount, Decimal)
    assert scope1.unit == "tCO2e"
    revenue = view.inventories[0].revenue
    assert revenue is not None
    assert isinstance(revenue.amount, Decimal)
    assert len(str(revenue.unit)) == 3


def test_a_missing_figure_is_none_and_says_why() -> None:
    document = examples()["supplier-disclosure.json"]
    document["inventories"][0]["scope1"] = {"state": "confidential", "reason": "one customer"}
    document["inventories"][0]["revenue"] = {"state": "not_reported", "reason": "not listed"}
    view = SupplierDisclosure.model_validate(document)
    assert view.inventories is not None
    inventory = view.inventories[0]
    assert inventory.revenue is not None
    assert (inventory.scope1.amount, inventory.scope1.state) == (None, "confidential")
    assert (inventory.revenue.amount, inventory.revenue.unit) == (None, None)


def test_a_footprint_gives_its_product_part() -> None:
    view = ProductFootprint.model_validate(examples()["product-footprint.json"])
    assert view.product_data is not None
    assert view.product_data.product.identity.name
    plain_view = ProductFootprint.model_validate(examples()["product-footprint-plain.json"])
    assert plain_view.product_data is None


@pytest.mark.parametrize("written", ["2025-01-01T00:00:00+02:00", "2025-01-01T00:00:00.120Z"])
def test_a_moment_is_written_as_it_was_read(written: str) -> None:
    document = {**examples()["product-footprint.json"], "validityPeriodStart": written}
    view = ProductFootprint.model_validate(document)
    assert view.validity_period_start == datetime.fromisoformat(written)
    assert view.model_dump(by_alias=True, exclude_unset=True, mode="json") == document


@pytest.mark.parametrize("figure", ["0.000000000001", "1.50", "999999999999999", "0"])
def test_a_figure_keeps_its_digits(figure: str) -> None:
    document = examples()["supplier-disclosure.json"]
    document["inventories"][0]["scope1"] = {"tCO2e": figure}
    view = SupplierDisclosure.model_validate(document)
    assert view.inventories is not None
    assert view.inventories[0].scope1.amount == Decimal(figure)
    assert view.model_dump(by_alias=True, exclude_unset=True, mode="json") == document


def test_members_that_nobody_defined_are_kept() -> None:
    document = {**examples()["supplier-disclosure-minimal.json"], "later": {"a": [1]}}
    view = SupplierDisclosure.model_validate(document)
    assert view.model_extra == {"later": {"a": [1]}}
    assert view.model_dump(by_alias=True, exclude_unset=True, mode="json") == document


def test_what_a_view_cannot_read_is_an_error_that_names_the_place() -> None:
    document = examples()["supplier-disclosure.json"]
    document["inventories"][0]["scope1"]["tCO2e"] = "many"
    with pytest.raises(ValidationError, match=r"inventories\.0\.scope1\.tCO2e"):
        SupplierDisclosure.model_validate(document)
