"""Units of a ledger's quantities, and what they are in PACT's declared units."""

from decimal import Decimal

_WORDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("piece", "1"): (
        "piece",
        "pieces",
        "pc",
        "pcs",
        "st",
        "stk",
        "styck",
        "stykk",
        "ea",
        "each",
        "unit",
        "units",
        "kpl",
        "stck",
    ),
    ("piece", "1000"): ("thousand pieces",),
    ("kilogram", "1"): ("kilogram", "kilograms", "kg"),
    ("kilogram", "0.001"): ("g", "gram", "grams"),
    ("kilogram", "1000"): ("t", "tonne", "tonnes", "ton"),
    ("liter", "1"): ("liter", "litre", "liters", "litres", "l"),
    ("cubic meter", "1"): ("cubic meter", "cubic metre", "m3", "m³"),
    ("kilowatt hour", "1"): ("kilowatt hour", "kilowatt hours", "kwh"),
    ("kilowatt hour", "1000"): ("mwh",),
    ("megajoule", "1"): ("megajoule", "mj"),
    ("megajoule", "1000"): ("gj",),
    ("ton kilometer", "1"): ("ton kilometer", "tonne kilometre", "tkm"),
    ("square meter", "1"): ("square meter", "square metre", "m2", "m²"),
    ("hour", "1"): ("hour", "hours", "h", "hr", "hrs", "timme", "timmar", "tim", "time", "timer"),
    ("megabit second", "1"): ("megabit second",),
}
UNITS = {
    word: (unit, Decimal(factor)) for (unit, factor), words in _WORDS.items() for word in words
}


def declared(unit: str) -> tuple[str, Decimal] | None:
    """The declared unit and how many of it one ``unit`` is; None if the unit is unknown.

    >>> declared("g")
    ('kilogram', Decimal('0.001'))
    """
    return UNITS.get(" ".join(unit.split()).rstrip(".").lower())
