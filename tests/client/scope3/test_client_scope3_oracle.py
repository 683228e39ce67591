"""The calculation against an independent one: same rules, other code, exact decimals.

The oracle never sees the documents. It works on the facts from which they are written, one line
at a time, with the ECB's rates read from the raw file.
"""

import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cache
from typing import Any

import pytest

Row = dict[str, Any]
NAICS = {"334111": "0.058", "541512": "0.089", "518210": "0.093"}
CODES = {
    **{f"naics:{code}": Decimal(value) for code, value in NAICS.items()},
    "cpv:30213100-6": Decimal("0.058"),
    "cpv:72222000": Decimal("0.089"),
    "cpv:03000000": None,
    "": None,
}
UNITS = {"st": ("piece", 1), "kg": ("kilogram", 1), "g": ("kilogram", Decimal("0.001")), "?": None}
DECLARED = ("piece", "kilogram")


@dataclass(frozen=True)
class Product:
    """One document on one product: what it says per declared unit, and how strong it is."""

    key: str
    kind: str
    unit: str
    gate: Decimal | None
    own: bool
    created: datetime
    usable: bool


@dataclass(frozen=True)
class Supplier:
    """One supplier: tonnes, revenue and whether its upstream can be used; None: no disclosure."""

    name: str
    tonnes: Decimal
    revenue: Decimal
    currency: str
    complete: bool
    line: Decimal | None


@cache
def ecb() -> dict[date, dict[str, Decimal]]:
    from currency_converter.currency_converter import CURRENCY_FILE

    with zipfile.ZipFile(CURRENCY_FILE) as archive:
        text = archive.read(archive.namelist()[0]).decode()
    header, *lines = (line.rstrip(",").split(",") for line in io.StringIO(text).read().split())
    return {
        date.fromisoformat(cells[0]): {
            name: Decimal(cell)
            for name, cell in zip(header[1:], cells[1:], strict=False)
            if cell not in ("N/A", "")
        }
        for cells in lines
    }


def exchange(currency: str, target: str, on: date) -> Decimal | None:
    if currency == target:
        return Decimal(1)
    for back in range(11):
        quoted = {"EUR": Decimal(1), **ecb().get(on - timedelta(back), {})}
        if len(quoted) > 1 and currency in quoted and target in quoted:
            return Context(prec=10).plus(quoted[target] / quoted[currency])
    return None


def expected(
    line: dict[str, str], products: list[Product], suppliers: list[Supplier]
) -> tuple[str, Decimal | None]:
    """Method and kg of one line, by the book."""
    amount, quantity = Decimal(line["amount"]), Decimal(line["quantity"])
    if amount < 0 < quantity:
        quantity = -quantity
    on = date.fromisoformat(line["date"])
    unit = UNITS[line["unit"]]
    if unit and quantity and line["scope3_category"] in ("1", "2", "8"):
        fitting = [
            p
            for p in products
            if p.key in line["product_id"].split()
            and p.usable
            and p.gate is not None
            and p.unit == unit[0]
        ]
        if fitting:
            best = max(fitting, key=lambda p: (p.own, p.kind == "product_footprint", p.created))
            assert best.gate is not None
            return best.kind, quantity * unit[1] * best.gate
    if not amount:
        return "gap", None
    for supplier in suppliers:
        if supplier.name == line["supplier"]:
            named = supplier.line is not None and line["business_line"] == "resale"
            rate = exchange(line["currency"], supplier.currency, on)
            if rate and (named or supplier.complete):
                intensity = supplier.line if named else supplier.tonnes * 1000 / supplier.revenue
                assert intensity is not None
                return "supplier_intensity", amount * rate * intensity
    factor, rate = CODES[line["category_code"]], exchange(line["currency"], "USD", on)
    if factor is None or rate is None:
        return "gap", None
    return "spend_factor", amount * rate * factor


def some_products(chance: random.Random) -> list[Product]:
    found = []
    for number in range(40):
        kind = chance.choice(["product_footprint", "product_declaration"])
        unknown = kind == "product_declaration" and chance.random() < 0.3
        found.append(
            Product(
                f"urn:example:{chance.randrange(15)}",
                kind,
                chance.choice(DECLARED),
                None if unknown else Decimal(chance.randrange(1, 10**6)) / 1000,
                kind == "product_footprint" or chance.random() < 0.4,
                datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=7 * number),
                chance.random() < 0.8,
            )
        )
    return found


def product_document(product: Product, make: Any) -> Any:
    created = product.created.strftime("%Y-%m-%dT%H:%M:%SZ")
    known = {"unit": product.unit, "created": created, "usable": product.usable}
    if product.kind == "product_footprint":
        assert product.gate is not None
        return make.footprint([product.key], str(product.gate * 4), amount="4", **known)
    stages = None
    if product.gate is not None:
        packaging = product.gate / 10
        stages = {
            "manufacturing": {"kgCO2e": str(product.gate - packaging)},
            "packaging": {"kgCO2e": str(packaging)},
            "use": {"kgCO2e": "1000"},
        }
    source = "own" if product.own else "transcribed"
    return make.declaration([product.key], stages=stages, source=source, **known)


def some_suppliers(chance: random.Random) -> list[Supplier]:
    return [
        Supplier(
            f"Supplier {number}",
            Decimal(chance.randrange(1, 10**6)),
            Decimal(chance.randrange(10**6, 10**10)),
            chance.choice(["SEK", "EUR", "NOK"]),
            chance.random() < 0.6,
            Decimal("0.041") if chance.random() < 0.4 else None,
        )
        for number in range(6)
    ]


def supplier_document(supplier: Supplier, make: Any) -> Any:
    """Tonnes are spread over the scopes; an incomplete one leaves waste out."""
    tenth = supplier.tonnes / 10
    categories = {
        "purchased_goods_and_services": {"tCO2e": str(tenth * 6)},
        "upstream_transportation_and_distribution": {"tCO2e": str(tenth)},
        "waste_generated_in_operations": {"tCO2e": "0"},
        "use_of_sold_products": {"tCO2e": "5000000"},
    }
    if not supplier.complete:
        categories["waste_generated_in_operations"] = {"state": "not_reported", "reason": "later"}
    lines: list[Row] = [{"name": "other"}]
    if supplier.line is not None:
        intensity = {f"kgCO2ePer{supplier.currency}": str(supplier.line)}
        lines.append({"name": "resale", "upstreamIntensity": intensity})
    inventory = make.inventory(
        scope1={"tCO2e": str(tenth)},
        scope2={"locationBased": {"tCO2e": str(tenth * 2)}, "marketBased": {"tCO2e": "0"}},
        scope3={"categories": categories},
        revenue={supplier.currency: str(supplier.revenue)},
        businessLines=lines,
    )
    document = make.disclosure(inventory, name=supplier.name, supplier=supplier.name)
    identifiers = document.document["organization"]["identifiers"]
    identifiers[0]["value"] = f"55600000{supplier.name[-1]}0"
    return document


def some_lines(chance: random.Random) -> list[dict[str, str]]:
    return [
        {
            "date": str(date(2025, 1, 1) + timedelta(chance.randrange(400))),
            "supplier": f"Supplier {chance.randrange(9)}",
            "amount": str(Decimal(chance.randrange(-(10**6), 10**8)) / 100 * chance.randrange(9)),
            "currency": chance.choice(["SEK", "NOK", "EUR", "USD", "XYZ"]),
            "product_id": " ".join(
                f"urn:example:{chance.randrange(20)}" for _ in range(chance.randrange(3))
            ),
            "quantity": str(chance.randrange(6)),
            "unit": chance.choice(list(UNITS)),
            "category_code": chance.choice(list(CODES)),
            "business_line": chance.choice(["", "resale", "other"]),
            "scope3_category": str(chance.randrange(1, 9)),
        }
        for _ in range(400)
    ]


@pytest.mark.parametrize("seed", range(6))
def test_every_line_is_what_an_independent_calculation_says(
    run: Callable[..., list[Row]], make: Any, seed: int
) -> None:
    chance = random.Random(seed)
    products, suppliers, lines = some_products(chance), some_suppliers(chance), some_lines(chance)
    documents = [product_document(p, make) for p in products]
    documents += [supplier_document(s, make) for s in suppliers]
    chance.shuffle(documents)
    rows = run(*lines, documents=documents)
    assert len(rows) == len(lines)
    seen = set()
    for line, row in zip(lines, rows, strict=True):
        method, kg = expected(line, products, suppliers)
        assert row["method"] == method, (line, row)
        seen.add(method)
        if kg is None:
            assert row["kg"] is None
        else:
            near = Decimal("0.000001") + abs(kg) * Decimal("1e-13")
            assert abs(row["kg"] - kg.quantize(Decimal("1e-6"), ROUND_HALF_EVEN)) <= near, line
    assert len(seen) == 5, seen
