"""Spend, gaps and credit notes, calculated by hand."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

Row = dict[str, Any]
Run = Callable[..., list[Row]]
LAPTOP = {
    "product_id": "mpn:EB14-2",
    "quantity": "2",
    "unit": "st",
    "category_code": "naics:334111",
}
MUST = {"level": "MUST", "requirement": "PCF-09"}


def test_crowns_spent_on_a_sunday_take_fridays_rate(run: Run) -> None:
    # ECB 2025-02-28: EUR 1 = SEK 11.1795 = USD 1.0403; 1.0403 / 11.1795 = 0.0930542...
    from currency_converter import CurrencyConverter

    friday = CurrencyConverter(decimal=True).convert(1, "SEK", "USD", date=date(2025, 2, 28))
    (row,) = run(
        {
            "date": "2025-03-02",
            "currency": "SEK",
            "amount": "10000",
            "category_code": "naics:334111",
        }
    )
    assert (row["method"], row["rate_date"]) == ("spend_factor", date(2025, 2, 28))
    assert abs(row["kg"] - friday * 580) < Decimal("0.000001")
    assert "SEK to USD at the rate of 2025-02-28" in row["warnings"]
    assert "not deflated: factor's price year 2022, spend of 2025" in row["warnings"]


def test_spend_in_a_factors_currency_needs_no_rate(run: Run) -> None:
    (row,) = run({"category_code": "cpv:30213100-6"})
    assert (row["kg"], row["rate"], row["rate_date"]) == (Decimal(58), "", None)
    assert "CPV 30213 read as NAICS 334111" in row["warnings"]


def test_what_nothing_fits_is_a_gap_with_every_reason_and_no_zero(run: Run) -> None:
    (row,) = run({"category_code": "cpv:99"})
    assert (row["method"], row["kg"], row["spend_only_kg"]) == ("gap", None, None)
    assert row["gap_reason"] == (
        "product: no product identifier; supplier: no disclosure of this supplier; "
        "spend: no spend factor for cpv:99"
    )


def test_a_line_with_a_bad_cell_is_a_gap_also_where_a_factor_would_fit(run: Run, make: Any) -> None:
    good = LAPTOP | {"line_id": "A"}
    wrong = [good, LAPTOP | {"scope3_category": "11"}, LAPTOP | {"quantity": "two"}]
    rows = run(good, *wrong, documents=[make.declaration(["mpn:EB14-2"])])
    assert rows[0]["kg"] == Decimal(492)
    assert {(row["method"], row["kg"], row["spend_only_kg"]) for row in rows[1:]} == {
        ("gap", None, None)
    }
    assert [row["gap_reason"].split(":")[0] for row in rows[1:]] == [
        "line_id",
        "scope3_category",
        "quantity",
    ]


@pytest.mark.parametrize("line", [{"currency": "XAU"}, {"currency": "SEK", "date": "2030-01-01"}])
def test_spend_without_an_exchange_rate_is_a_gap(run: Run, line: dict[str, str]) -> None:
    (row,) = run({"category_code": "naics:334111"} | line)
    assert row["kg"] is None
    assert f"no exchange rate from {line['currency']} to USD" in row["gap_reason"]


def test_a_credit_note_nets_off_also_where_its_quantity_is_positive(run: Run, make: Any) -> None:
    bought, returned = run(
        LAPTOP,
        LAPTOP | {"quantity": "1", "amount": "-500"},
        documents=[make.declaration(["mpn:EB14-2"])],
    )
    assert (bought["kg"], returned["kg"]) == (Decimal(492), Decimal(-246))
    assert "credit note" in returned["warnings"]


def test_a_line_is_left_out_only_where_the_ledger_says_so(run: Run) -> None:
    excluded, counted = run(
        {"category_code": "naics:334111", "excluded": "VAT"}, {"category_code": "naics:334111"}
    )
    assert (excluded["method"], excluded["kg"]) == ("excluded", None)
    assert (excluded["spend_only_kg"], excluded["gap_reason"]) == (None, "excluded: VAT")
    assert counted["kg"] == Decimal(58)


@pytest.mark.parametrize(
    ("line", "category"),
    [
        ({}, 1),
        ({"contract_type": "Lease"}, 8),
        ({"scope3_category": "2", "contract_type": "lease"}, 2),
    ],
)
def test_the_category_is_the_ledgers_or_a_stated_default(
    run: Run, line: dict[str, str], category: int
) -> None:
    (row,) = run(line)
    assert row["scope3_category"] == category
    assert ("default" in row["category_rule"]) == ("scope3_category" not in line)


def test_a_product_footprint_does_not_answer_for_transport_or_waste(run: Run, make: Any) -> None:
    (row,) = run(LAPTOP | {"scope3_category": "4"}, documents=[make.declaration(["mpn:EB14-2"])])
    assert row["method"] == "spend_factor"


def test_a_line_without_quantity_falls_to_spend(run: Run, make: Any) -> None:
    (row,) = run(LAPTOP | {"quantity": ""}, documents=[make.declaration(["mpn:EB14-2"])])
    assert row["method"] == "spend_factor"


def test_a_result_too_large_to_be_true_is_not_given(run: Run, make: Any) -> None:
    stages = {"manufacturing": {"kgCO2e": "99999999999999"}, "packaging": {"kgCO2e": "0"}}
    line = LAPTOP | {"category_code": ""}
    (row,) = run(line, documents=[make.declaration(["mpn:EB14-2"], stages=stages)])
    assert row["kg"] is None
    assert "too large to be true" in row["gap_reason"]
