"""ENERGY STAR's exports of certified products: yearly energy by id, UPC, or brand and model.

A model may have several rows and several figures, one for each configuration or category that was
tested; they are kept as a range.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from scdx_spec.identifiers import normal_gtin, valid_gtin
from scdx_spec.registers.tables import Row, Table

_YEARLY: Final = re.compile(
    r"(category_[0-9a-z]+_)?tec_of_model_kwh|.*(annual|total)_energy_(use|consumption)(_(in_)?kwh.*)?"
    r"|.*(annual|typical)_energy_.*kwh.*"
)
_IDS: Final = ("energy_star_unique_id", "pd_id")
_MODELS: Final = ("model_number", "model_name", "energy_star_model_identifier")


@dataclass(frozen=True, slots=True)
class Certified:
    """One certified model; ``kwh`` are the yearly figures that were tested."""

    line: int
    ids: frozenset[str]
    brand: str
    models: frozenset[str]
    gtins: frozenset[str]
    kwh: tuple[Decimal, ...]


def is_export(table: Table) -> bool:
    """Whether a table has ids or models of ENERGY STAR's, and brands."""
    heads = table.heads
    own = any(one.startswith("energy_star") or one == "pd_id" for one in heads)
    brands = "brand_name" in heads or "brand" in heads
    return brands and any(one in heads for one in _MODELS) and (own or any(map(_is_yearly, heads)))


def models(table: Table) -> list[Certified]:
    """Every certified model."""
    yearly = sorted(filter(_is_yearly, table.heads))
    return [_certified(row, yearly) for row in table.rows()]


def plain_model(text: str) -> str:
    """A model's number without case, spaces and punctuation."""
    return re.sub(r"[^a-z0-9+]", "", text.casefold())


def _certified(row: Row, yearly: list[str]) -> Certified:
    figures = (_figure(row.get(name, "")) for name in yearly)
    named = [row[name] for name in _MODELS if row.get(name)]
    codes = re.split(r"[\s,;|]+", row.get("upc", ""))
    return Certified(
        line=int(row["#"]),
        ids=frozenset(row[name] for name in _IDS if row.get(name)),
        brand=row.get("brand_name", row.get("brand", "")),
        models=frozenset(plain for one in named if (plain := plain_model(one))),
        gtins=frozenset(normal_gtin(one) for one in codes if valid_gtin(one)),
        kwh=tuple(sorted({one for one in figures if one is not None})),
    )


def _is_yearly(name: str) -> bool:
    limits = ("allowance", "requirement", "limit", "maximum", "adder")
    return _YEARLY.fullmatch(name) is not None and not any(one in name for one in limits)


def _figure(text: str) -> Decimal | None:
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() and value > 0 else None
