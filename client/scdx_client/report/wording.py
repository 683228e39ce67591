"""Amounts and names as people read them."""

from decimal import Decimal

METHODS = {
    "product_footprint": "product footprint",
    "product_declaration": "product declaration",
    "supplier_intensity": "supplier's intensity",
    "spend_factor": "spend factor",
    "gap": "gap (no figure)",
    "excluded": "excluded",
}
CATEGORIES = {
    "1": "1 purchased goods and services",
    "2": "2 capital goods",
    "3": "3 fuel- and energy-related",
    "4": "4 upstream transport",
    "5": "5 waste",
    "6": "6 business travel",
    "7": "7 commuting",
    "8": "8 upstream leased assets",
}


def grouped(value: Decimal | str | None, decimals: int = 0) -> str:
    """``1,240``; a missing value is a dash, never 0."""
    if value is None:
        return "–"
    return f"{Decimal(value):,.{decimals}f}"


def mass(kg: Decimal | str | None) -> str:
    """Three significant digits, in t from 1,000 kg: ``12.4 t``, ``870 kg``."""
    if kg is None:
        return "no figure"
    value, unit = (Decimal(kg), "kg") if abs(Decimal(kg)) < 1000 else (Decimal(kg) / 1000, "t")
    digits = max(0, 2 - value.adjusted()) if value else 0
    return f"{value:,.{min(digits, 2)}f} {unit}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """``1 line``, ``1,204 lines``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def spend(amounts: dict[str, str]) -> str:
    """``SEK 12,300 and NOK 4,000``."""
    said = [f"{currency} {grouped(amount)}" for currency, amount in sorted(amounts.items())]
    return " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)
