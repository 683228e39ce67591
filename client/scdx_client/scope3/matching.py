"""Which factor fits which words of the ledger: three small tables, joined by equality.

Every distinct combination of what the ledger says is resolved once, in plain Python; the
calculation itself is then nothing but equality joins. Where nothing fits, ``reason`` says why;
``refused`` repeats it if there was a document that couldn't be used.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from scdx_client.scope3 import product_ids
from scdx_client.scope3.factors import Crosswalk, FactorSet, SpendFactor
from scdx_client.scope3.figures import shortest
from scdx_client.scope3.intensities import Organization, SupplierFactor, identifier_key
from scdx_client.scope3.problems import shown
from scdx_client.scope3.products import ProductFactor
from scdx_client.scope3.rates import rate

PRODUCT_KEYS = ("product_id", "product_scope", "unit_code")
SUPPLIER_KEYS = ("supplier", "supplier_id", "business_line")
SPEND_KEYS = ("category_code",)
RATE_KEYS = ("currency", "date", "target")
UNKNOWN_SUPPLIER = "no disclosure of this supplier"

_FACTOR: list[tuple[str, pa.DataType]] = [
    ("method", pa.string()),
    ("factor_id", pa.string()),
    ("digest", pa.string()),
    ("source", pa.string()),
    ("url", pa.string()),
    ("value", pa.float64()),
    ("value_text", pa.string()),
    ("parts", pa.string()),
    ("unit", pa.string()),
    ("currency", pa.string()),
    ("price_year", pa.int64()),
    ("boundary", pa.string()),
    ("removed", pa.string()),
    ("start", pa.date32()),
    ("end", pa.date32()),
    ("warnings", pa.string()),
    ("reason", pa.string()),
    ("refused", pa.string()),
]


def _schema(keys: Sequence[str], prefix: str) -> pa.Schema:
    return pa.schema(
        [(f"{prefix}_{key}", pa.string()) for key in keys]
        + [(f"{prefix}_{name}", kind) for name, kind in _FACTOR]
    )


def _row(prefix: str, keys: Mapping[str, str], **known: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        name: "" if kind == pa.string() else None for name, kind in _FACTOR
    } | known
    value = row["value"]
    if isinstance(value, Decimal):
        row["value"], row["value_text"] = float(value), shortest(value)
    return {f"{prefix}_{name}": cell for name, cell in (*keys.items(), *row.items())}


def product_table(
    combinations: Iterable[tuple[str, str, str]], factors: Mapping[str, list[ProductFactor]]
) -> pa.Table:
    """The factor for each (product_id, product_scope, unit_code) of the ledger."""
    rows = []
    for product_id, supplier, unit in combinations:
        keys = {"product_id": product_id, "product_scope": supplier, "unit_code": unit}
        rows.append(_row("p", keys, **_product(product_id, supplier, unit, factors)))
    return pa.Table.from_pylist(rows, schema=_schema(PRODUCT_KEYS, "p"))


def _product(
    product_id: str, supplier: str, unit: str, factors: Mapping[str, list[ProductFactor]]
) -> dict[str, Any]:
    keys, _ = product_ids.keys_of(product_id)
    if not keys:
        return {"reason": "no product identifier" if not product_id else "no readable identifier"}
    reasons: list[str] = []
    fitting: list[ProductFactor] = []
    for key in keys:
        for factor in _in_scope(key, supplier, factors.get(key, []), reasons):
            if factor.value is None:
                reasons.append(factor.refusal)
            elif factor.unit != unit:
                reasons.append(
                    f"document {factor.document_id} is per {factor.unit}, the line in "
                    f"{unit or 'an unknown unit'}"
                )
            else:
                fitting.append(factor)
    if not fitting:
        refused = "; ".join(dict.fromkeys(reasons))
        return {"reason": refused or "no document for this product", "refused": refused}
    # Of equal evidence the newest: `sorted` is stable, so the first key wins a tie.
    newest = sorted(fitting, key=lambda f: (f.created, f.document_id), reverse=True)
    best = min(newest, key=lambda f: f.rank)
    rivals = {f.publisher for f in fitting if f.rank == best.rank} - {best.publisher}
    doubt = ("another supplier publishes a figure of equal evidence for this product",)
    warnings = (*best.warnings, *(doubt if rivals else ()))
    return {
        "method": best.method,
        "factor_id": best.document_id,
        "digest": best.sha256,
        "source": best.source,
        "url": best.url,
        "value": best.value,
        "parts": best.parts,
        "unit": f"kgCO2e/{best.unit}",
        "boundary": best.boundary,
        "removed": best.stages_removed,
        "start": best.valid_from,
        "end": best.valid_to,
        "warnings": "; ".join(warnings),
    }


def _in_scope(
    key: str, supplier: str, factors: Sequence[ProductFactor], reasons: list[str]
) -> Sequence[ProductFactor]:
    """Article numbers hold within one supplier, part numbers within one maker."""
    scheme = key.split(":", 1)[0]
    if scheme not in product_ids.SCOPED:
        return factors
    near = [factor for factor in factors if supplier.casefold() in factor.parties]
    if scheme == "sku":
        return near
    if len({factor.maker for factor in factors}) > 1:
        if len({factor.maker for factor in near}) != 1:
            reasons.append(f"{shown(key)} is a part number of several makers")
            return ()
        return near
    return factors


def supplier_table(
    combinations: Iterable[tuple[str, str, str]], organizations: Sequence[Organization]
) -> pa.Table:
    """The intensity for each (supplier, supplier_id, business_line) of the ledger."""
    rows = []
    for supplier, supplier_id, line in combinations:
        keys = {"supplier": supplier, "supplier_id": supplier_id, "business_line": line}
        rows.append(_row("s", keys, **_supplier(supplier, supplier_id, line, organizations)))
    return pa.Table.from_pylist(rows, schema=_schema(SUPPLIER_KEYS, "s"))


def _organization(
    supplier: str, supplier_id: str, organizations: Sequence[Organization]
) -> tuple[Organization | None, str]:
    """The organisation a line was bought from: by identifier, else by name; never by guess."""
    scheme, _, value = supplier_id.partition(":")
    name = " ".join(supplier.split()).casefold()
    wanted = identifier_key(scheme, value) if value else ""
    for found, note in (
        ([o for o in organizations if wanted in o.identifiers], ""),
        ([o for o in organizations if name in o.names], "supplier matched by name"),
        ([o for o in organizations if name == o.publisher.casefold()], "supplier matched by name"),
    ):
        own = [o for o in found if o.publisher.casefold() == name]
        if len(found) == 1 or len(own) == 1:
            return (own or found)[0], note if value else ""
        if found:
            return None, f"{len(found)} organisations fit; state the supplier's own supplier_id"
    return None, UNKNOWN_SUPPLIER


def _supplier(
    supplier: str, supplier_id: str, line: str, organizations: Sequence[Organization]
) -> dict[str, Any]:
    organization, note = _organization(supplier, supplier_id, organizations)
    if organization is None:
        return {"reason": note, "refused": "" if note == UNKNOWN_SUPPLIER else note}
    wanted = " ".join(line.split()).casefold()
    usable = [factor for factor in organization.factors if factor.value is not None]
    refused = [factor for factor in organization.factors if factor.value is None]
    own_line = [factor for factor in usable if wanted and factor.business_line == wanted]
    company = [factor for factor in usable if not factor.business_line]
    if not own_line and not company:
        why = "; ".join(f.refusal for f in refused[:2]) or "its disclosure has no inventory"
        return {"reason": why, "refused": why}
    best = (own_line or company)[0]
    warnings = [note] if note else []
    if wanted and not own_line:
        warnings.append(f"no intensity for business line {shown(line)}: the whole company's")
    warnings += [f.refusal for f in refused if f.order > best.order and not f.business_line][:1]
    return _supplier_row(best, (*warnings, *best.warnings))


def _supplier_row(best: SupplierFactor, warnings: Sequence[str]) -> dict[str, Any]:
    return {
        "method": "supplier_intensity",
        "factor_id": best.factor_id,
        "digest": best.sha256,
        "source": best.source,
        "url": best.url,
        "value": best.value,
        "parts": best.parts,
        "unit": f"kgCO2e/{best.currency}",
        "currency": best.currency,
        "price_year": best.period_end.year if best.period_end else None,
        "boundary": best.boundary,
        "start": best.period_start,
        "end": best.period_end,
        "warnings": "; ".join(warnings),
    }


def spend_table(codes: Iterable[tuple[str]], factors: FactorSet, crosswalk: Crosswalk) -> pa.Table:
    """The spend factor for each category_code of the ledger."""
    rows = [
        _row("f", {"category_code": code}, **_spend(code, factors, crosswalk)) for (code,) in codes
    ]
    return pa.Table.from_pylist(rows, schema=_schema(SPEND_KEYS, "f"))


def _spend(code: str, factors: FactorSet, crosswalk: Crosswalk) -> dict[str, Any]:
    scheme, _, value = code.partition(":")
    if not value:
        return {"reason": "no category code" if not code else "category code without a scheme"}
    factor = factors.factors.get((scheme, value.split("-")[0] if scheme == "cpv" else value))
    note = ""
    if factor is None and scheme == "cpv" and (found := crosswalk.of(value)):
        prefix, naics = found
        factor = factors.factors.get(("naics", naics))
        note = f"CPV {prefix} read as NAICS {naics} by {crosswalk.name}"
    if factor is None:
        return {"reason": f"no spend factor for {shown(code)}"}
    return _spend_row(factor, note)


def _spend_row(factor: SpendFactor, note: str) -> dict[str, Any]:
    warnings = [note] if note else []
    if factor.price_basis != "purchaser":
        warnings.append(f"the factor is per {factor.price_basis} price, the spend at purchaser's")
    if factor.vat != "excluded":
        warnings.append(f"VAT in the factor: {shown(factor.vat) or 'not stated'}")
    return {
        "method": "spend_factor",
        "factor_id": factor.id,
        "digest": factor.digest,
        "source": f"{factor.source} {factor.version}",
        "url": factor.url,
        "value": factor.value,
        "parts": shortest(factor.value),
        "unit": f"kgCO2e/{factor.currency}",
        "currency": factor.currency,
        "price_year": factor.price_year,
        "boundary": factor.boundary,
        "start": factor.valid_from,
        "end": factor.valid_to,
        "warnings": "; ".join(warnings),
    }


RATE_SCHEMA = pa.schema(
    [
        ("currency", pa.string()),
        ("date", pa.date32()),
        ("target", pa.string()),
        ("rate", pa.float64()),
        ("rate_text", pa.string()),
        ("rate_date", pa.date32()),
        ("note", pa.string()),
    ]
)


def rate_table(days: Iterable[tuple[str, date | None]], targets: Iterable[str]) -> pa.Table:
    """Rates for each (currency, date) of the ledger into each target currency that exist."""
    rows: list[dict[str, Any]] = []
    wanted = sorted({target for target in targets if target})
    for currency, on in days:
        for target in wanted if on else ():
            found = rate(currency, target, on) if on else None
            if found is None:
                continue
            rows.append(
                {
                    "currency": currency,
                    "date": on,
                    "target": target,
                    "rate": float(found.value),
                    "rate_text": shortest(found.value),
                    "rate_date": found.day,
                    "note": f"{currency} to {target} at the rate of {found.day}"
                    if found.day != on
                    else "",
                }
            )
    return pa.Table.from_pylist(rows, schema=RATE_SCHEMA)
