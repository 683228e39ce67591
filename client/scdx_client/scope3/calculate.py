"""The calculation, as one Ibis expression: every line one method, by precedence, or a gap.

1. a product's footprint or declaration × quantity (categories 1, 2 and 8), gate part only
2. the supplier's intensity × spend
3. a spend factor × spend
4. else a gap: kg is NULL, with the reason, never 0

The expression knows no backend: equality joins, explicit casts, cases. It is computed in doubles
(15 digits) and each line's kg is fixed as DECIMAL(18, 6), so that sums are exact and don't depend
on the number of threads or on order. The tables it joins come from `scdx_client.scope3.matching`.
"""

import ibis
from ibis.expr import types as ir

KG = "decimal(18, 6)"
LARGEST_KG = 1e11
PRODUCT_CATEGORIES = (1, 2, 8)
LEVELS = {
    "product_footprint": 1,
    "product_declaration": 1,
    "supplier_intensity": 2,
    "spend_factor": 3,
    "gap": 4,
    "excluded": 0,
}
_FACTOR_TEXTS = ("factor_id", "digest", "source", "url", "value_text", "parts", "unit", "boundary")


def ledger_expression(
    lines: ir.Table, products: ir.Table, suppliers: ir.Table, spend: ir.Table, rates: ir.Table
) -> ir.Table:
    """The audited ledger: one row per line of ``lines``, in its order.

    ``lines`` has `ledger_file.SCHEMA`; the others are `matching`'s tables. kg and spend_only_kg
    are kilograms CO2e; quantity_used is in the factor's declared unit, spend_used in its currency.
    """
    joined = _joined(lines, products, suppliers, spend, rates)
    tried = _tried(joined)
    chosen = tried.mutate(method=_method(tried))
    return _output(chosen).order_by("row")


def _joined(
    lines: ir.Table, products: ir.Table, suppliers: ir.Table, spend: ir.Table, rates: ir.Table
) -> ir.Table:
    """Each line beside its three candidates and the two rates they need."""
    table = lines.left_join(
        products,
        [
            lines.product_id == products.p_product_id,
            lines.product_scope == products.p_product_scope,
            lines.unit_code == products.p_unit_code,
        ],
    )
    table = table.left_join(
        suppliers,
        [
            table.supplier == suppliers.s_supplier,
            table.supplier_id == suppliers.s_supplier_id,
            table.business_line == suppliers.s_business_line,
        ],
    )
    table = table.left_join(spend, [table.category_code == spend.f_category_code])
    for prefix in ("s", "f"):
        own = rates.rename(**{f"{prefix}x_{name}": name for name in rates.columns})
        table = table.left_join(
            own,
            [
                table.currency == own[f"{prefix}x_currency"],
                table.date == own[f"{prefix}x_date"],
                table[f"{prefix}_currency"] == own[f"{prefix}x_target"],
            ],
        )
    return table


def _tried(t: ir.Table) -> ir.Table:
    """What each method would give (NULL where it can't), and why it can't."""
    quantity = t.quantity.cast("float64") * t.unit_conversion.cast("float64")
    amount = t.amount.cast("float64")
    spent = {prefix: amount * t[f"{prefix}x_rate"] for prefix in ("s", "f")}
    in_time = (t.f_start.isnull() | (t.date >= t.f_start)) & (t.f_end.isnull() | (t.date < t.f_end))
    raw = {
        "p": quantity * t.p_value,
        "s": spent["s"] * t.s_value,
        "f": spent["f"] * t.f_value,
    }
    reasons = {
        "p": ibis.cases(
            (t.p_value.isnull(), t.p_reason),
            (~t.scope3_category.isin(PRODUCT_CATEGORIES), "not for this category"),
            (t.quantity.isnull() | (t.quantity == 0), "no quantity"),
            (raw["p"].abs() >= LARGEST_KG, "the result is too large to be true"),
            else_="",
        ),
        "s": _spend_reason(t, "s", raw["s"]),
        "f": ibis.cases(
            (t.f_value.notnull() & ~in_time, "the factor isn't valid on this day"),
            else_=_spend_reason(t, "f", raw["f"]),
        ),
    }
    return t.mutate(
        quantity_in_unit=quantity,
        s_spent=spent["s"],
        f_spent=spent["f"],
        **{f"{prefix}_kg": _if(reasons[prefix] == "", raw[prefix]) for prefix in "psf"},
        **{f"{prefix}_why": reasons[prefix] for prefix in "psf"},
    )


def _spend_reason(t: ir.Table, prefix: str, kg: ir.FloatingValue) -> ir.StringValue:
    return ibis.cases(
        (t[f"{prefix}_value"].isnull(), t[f"{prefix}_reason"]),
        (t.amount.isnull() | (t.amount == 0), "no amount"),
        (
            t[f"{prefix}x_rate"].isnull(),
            "no exchange rate from " + t.currency + " to " + t[f"{prefix}_currency"],
        ),
        (kg.abs() >= LARGEST_KG, "the result is too large to be true"),
        else_="",
    )


def _if(condition: ir.BooleanValue, value: ir.Value) -> ir.Value:
    return ibis.cases((condition, value), else_=ibis.null(value.type()))


def _method(t: ir.Table) -> ir.StringValue:
    return ibis.cases(
        (t.excluded != "", "excluded"),
        (t.problem != "", "gap"),
        (t.p_kg.notnull(), t.p_method),
        (t.s_kg.notnull(), "supplier_intensity"),
        (t.f_kg.notnull(), "spend_factor"),
        else_="gap",
    )


def _output(t: ir.Table) -> ir.Table:
    product = t.method.isin(("product_footprint", "product_declaration"))
    supplier, spend = t.method == "supplier_intensity", t.method == "spend_factor"

    def pick(name: str) -> ir.Value:
        """The chosen candidate's ``name``."""
        return ibis.cases(
            (product, t[f"p_{name}"]),
            (supplier, t[f"s_{name}"]),
            (spend, t[f"f_{name}"]),
            else_=ibis.null(t[f"p_{name}"].type()),
        )

    def by_spend(from_supplier: ir.Value, from_factor: ir.Value) -> ir.Value:
        return ibis.cases(
            (supplier, from_supplier), (spend, from_factor), else_=ibis.null(from_factor.type())
        )

    foreign = t.currency != by_spend(t.s_currency, t.f_currency)
    counted = (t.problem == "") & (t.excluded == "")
    texts = {name: ibis.coalesce(pick(name), "") for name in _FACTOR_TEXTS}
    return t.select(
        "row",
        "line_id",
        "date",
        "supplier",
        "supplier_id",
        "description",
        "product_id",
        "category_code",
        "business_line",
        "scope3_category",
        "category_rule",
        "contract_type",
        "method",
        level=ibis.cases(
            *((t.method == name, ibis.literal(level, "int64")) for name, level in LEVELS.items()),
            else_=ibis.null("int64"),
        ),
        kg=pick("kg").cast(KG),
        spend_only_kg=_if(counted, t.f_kg).cast(KG),
        factor_id=texts["factor_id"],
        factor_digest=texts["digest"],
        factor_source=texts["source"],
        factor_url=texts["url"],
        factor_value=texts["value_text"],
        factor_parts=texts["parts"],
        factor_unit=texts["unit"],
        quantity=t.quantity,
        unit=t.unit,
        unit_conversion=_if(product, t.unit_conversion),
        quantity_used=_if(product, t.quantity_in_unit).cast(KG),
        amount=t.amount,
        currency=t.currency,
        rate=ibis.coalesce(_if(foreign, by_spend(t.sx_rate_text, t.fx_rate_text)), ""),
        rate_date=_if(foreign, by_spend(t.sx_rate_date, t.fx_rate_date)),
        factor_currency=ibis.coalesce(by_spend(t.s_currency, t.f_currency), ""),
        spend_used=by_spend(t.s_spent, t.f_spent).cast(KG),
        price_year=by_spend(t.s_price_year, t.f_price_year),
        deflated=ibis.literal(False),
        boundary=texts["boundary"],
        stages_removed=ibis.coalesce(pick("removed"), ""),
        gap_reason=_gap_reason(t),
        warnings=_warnings(t, product, supplier, spend),
    )


def _gap_reason(t: ir.Table) -> ir.StringValue:
    return ibis.cases(
        (t.method == "excluded", "excluded: " + t.excluded),
        ((t.method == "gap") & (t.problem != ""), t.problem),
        (
            t.method == "gap",
            "product: " + t.p_why + "; supplier: " + t.s_why + "; spend: " + t.f_why,
        ),
        else_="",
    )


def _warnings(
    t: ir.Table, product: ir.BooleanValue, supplier: ir.BooleanValue, spend: ir.BooleanValue
) -> ir.StringValue:
    """Everything a reader of the line must know, joined by semicolons."""
    below_product, year = supplier | spend | (t.method == "gap"), t.date.year().cast("int64")
    outside = (t.date < t.p_start) | (t.date >= t.p_end)
    beside = (t.date < t.s_start) | (t.date > t.s_end)
    pieces = (
        (t.notes != "", t.notes),
        (below_product & (t.p_refused != ""), t.p_refused),
        (spend & (t.s_refused != ""), t.s_refused),
        (product & (t.p_warnings != ""), t.p_warnings),
        (product & outside, "dated outside the footprint's validity"),
        (product & (t.scope3_category == 8), "leased: the gate part at the start of the lease"),
        (supplier & (t.s_warnings != ""), t.s_warnings),
        (supplier & (ibis.coalesce(t.sx_note, "") != ""), t.sx_note),
        (supplier & beside, _not_deflated(year, "intensity's period ends", t.s_price_year)),
        (spend & (t.f_warnings != ""), t.f_warnings),
        (spend & (ibis.coalesce(t.fx_note, "") != ""), t.fx_note),
        (
            spend & (year != t.f_price_year),
            _not_deflated(year, "factor's price year", t.f_price_year),
        ),
    )
    text = ibis.literal("")
    for applies, piece in pieces:
        text = text + ibis.cases((ibis.coalesce(applies, False), "; " + piece), else_="")
    return text.substr(2)


def _not_deflated(year: ir.IntegerValue, what: str, price_year: ir.IntegerValue) -> ir.StringValue:
    return (
        f"not deflated: {what} " + price_year.cast("string") + ", spend of " + year.cast("string")
    )
