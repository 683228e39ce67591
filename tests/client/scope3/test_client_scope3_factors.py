"""Spend factors, crosswalk and exchange rates: strict, sourced, never guessed."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from scdx_client.scope3.factors import COLUMNS, load_crosswalk, load_factors
from scdx_client.scope3.problems import InputError
from scdx_client.scope3.rates import last_day, rate

ROW = {
    "id": "example:1",
    "source": "Example factors",
    "version": "1",
    "class_scheme": "cpv",
    "class_code": "30213100",
    "title": "laptops",
    "region": "SE",
    "unit": "kgCO2e/SEK",
    "value": "0.01",
    "currency": "SEK",
    "price_year": "2021",
    "price_basis": "basic",
    "vat": "excluded",
    "gwp": "AR6",
    "boundary": "cradle_to_gate",
    "gsd": "",
    "valid_from": "2020-01-01",
    "valid_to": "2026-01-01",
    "licence": "CC0",
    "url": "https://example.org",
}


def write(folder: Path, *rows: dict[str, str]) -> Path:
    path = folder / "factors.csv"
    lines = [",".join(COLUMNS), *(",".join(row[name] for name in COLUMNS) for row in rows)]
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_the_bundled_factors_are_the_agencys_own(real_data: Path) -> None:
    (path,) = (real_data / "epa").glob("*CO2e_USD2022.csv")
    published, bundled = load_factors(path), load_factors()
    assert len(published.factors) == 1016
    assert len(bundled.factors) == 11
    for place, factor in bundled.factors.items():
        theirs = published.factors[place]
        assert (factor.value, factor.currency, factor.price_year, factor.id) == (
            theirs.value,
            theirs.currency,
            theirs.price_year,
            theirs.id,
        )


def test_every_class_of_the_bundled_crosswalk_has_a_bundled_factor() -> None:
    factors, crosswalk = load_factors().factors, load_crosswalk()
    assert {("naics", code) for code in crosswalk.naics.values()} <= set(factors)


@pytest.mark.parametrize(
    ("cpv", "naics"),
    [
        ("30213100-6", ("30213", "334111")),
        ("30230000", ("302", "334118")),
        ("48820000-2", ("4882", "334111")),
        ("03000000", None),
        ("", None),
    ],
)
def test_the_longest_prefix_of_a_cpv_code_decides(cpv: str, naics: tuple[str, str] | None) -> None:
    assert load_crosswalk().of(cpv) == naics


def test_a_factor_of_our_form_is_read_as_it_stands(tmp_path: Path) -> None:
    factor = load_factors(write(tmp_path, ROW)).factors["cpv", "30213100"]
    assert (factor.value, factor.valid_to) == (Decimal("0.01"), date(2026, 1, 1))


def test_a_factors_digest_changes_with_what_it_states(tmp_path: Path) -> None:
    digests = {
        load_factors(write(tmp_path, ROW | change)).factors["cpv", "30213100"].digest
        for change in ({}, {"value": "0.02"}, {"price_year": "2022"}, {"url": "https://b.example"})
    }
    assert len(digests) == 4


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"value": "-1"}, "row 2, value"),
        ({"value": "0,01"}, "more or fewer cells"),
        ({"value": "NaN"}, "row 2, value"),
        ({"value": "99999"}, "absurd"),
        ({"unit": "kgCO2e/EUR"}, "row 2, unit"),
        ({"currency": "kr"}, "row 2, currency"),
        ({"price_year": ""}, "row 2, price_year"),
        ({"price_basis": "net"}, "row 2, price_basis"),
        ({"boundary": "cradle_to_grave"}, "row 2, boundary"),
        ({"licence": ""}, "row 2, licence"),
        ({"valid_to": "soon"}, "no date"),
    ],
)
def test_a_factor_that_says_too_little_or_nonsense_is_refused(
    tmp_path: Path, change: dict[str, str], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        load_factors(write(tmp_path, ROW | change))


def test_two_factors_for_one_class_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="two factors for cpv:30213100"):
        load_factors(write(tmp_path, ROW, ROW | {"id": "example:2"}))


def test_a_rate_is_a_quoted_days_or_none() -> None:
    friday = rate("SEK", "USD", date(2025, 2, 28))
    assert friday is not None
    assert friday.day == date(2025, 2, 28)
    assert rate("SEK", "USD", date(2025, 3, 2)) == friday
    assert rate("SEK", "SEK", date(2099, 1, 1)) == (Decimal(1), date(2099, 1, 1))
    assert rate("SEK", "USD", date(1998, 1, 1)) is None
    assert rate("ISK", "EUR", date(2015, 6, 1)) is None
    assert rate("???", "EUR", date(2025, 6, 2)) is None
    assert rate("SEK", "USD", date(last_day().year + 1, 12, 31)) is None
