"""Published shares of a published total, as life-cycle stages in kg CO2e.

A datasheet prints a total and percentages. A stage is share times total in exact decimal
arithmetic, rounded no more coarsely than the shares themselves are, so that no figure claims more
than was printed and rounding alone never makes a sum wrong.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from scdx_spec.convert.boavizta_cells import number, plain_decimal

STAGES = {
    "manufacturing": "gwp_manufacturing_ratio",
    "distribution": "gwp_transport_ratio",
    "use": "gwp_use_ratio",
    "endOfLife": "gwp_eol_ratio",
}
COMPONENTS = {
    "battery": ("gwp_battery_ratio",),
    "hdd": ("gwp_hdd_ratio",),
    "ssd": ("gwp_ssd_ratio",),
    "other": ("gwp_electronics_ratio", "gwp_othercomponents_ratio"),
}
_EMPTY = "the source gives no share for this stage"
_NO_NUMBER = "the source's share for this stage is no number"
_ZERO = "the source gives a share of 0, but the other shares do not make up the whole"


class ImpossibleShareError(Exception):
    """A share that cannot be one; ``column`` and the text say which and why."""

    def __init__(self, column: str, text: str) -> None:
        super().__init__(text)
        self.column = column


def stages(row: Mapping[str, str], total: Decimal) -> dict[str, Any]:
    """The stages that a row's shares give; empty where it gives none at all.

    A stage without a share is ``not_reported``. So is a share of 0, unless the other shares make
    up the whole: tables hold 0 for what a program did not find. Raises
    :class:`ImpossibleShareError` for a share above 1, or below 0 outside the end of life.
    """
    shares = {stage: _share(row, column, stage) for stage, column in STAGES.items()}
    given = [share for share in shares.values() if share]
    if not given:
        return {}
    complete = sum(given, Decimal(0)) >= 1
    step = _step(row, total)
    found: dict[str, Any] = {}
    for stage, share in shares.items():
        if share or (share is not None and complete):
            found[stage] = _kilograms(share, total, step)
        else:
            cell = row[STAGES[stage]]
            reason = _EMPTY if not cell else _NO_NUMBER if share is None else _ZERO
            found[stage] = {"state": "not_reported", "reason": reason}
    if "kgCO2e" in found["manufacturing"]:
        found["packaging"] = {"state": "included_elsewhere", "in": "manufacturing"}
    return found


def components(row: Mapping[str, str], total: Decimal) -> dict[str, Any]:
    """The parts of manufacturing that a row's shares give; 0 is unknown here and left out."""
    step, found = _step(row, total), {}
    for code, columns in COMPONENTS.items():
        share = sum((_share(row, column, code) or Decimal(0) for column in columns), Decimal(0))
        if share:
            found[code] = _kilograms(share, total, step)
    return found


def _share(row: Mapping[str, str], column: str, stage: str) -> Decimal | None:
    value = number(row[column])
    if value is not None and value > 1:
        percent = plain_decimal(value * 100)
        raise ImpossibleShareError(column, f"a share of {percent} % is more than the whole")
    if value is not None and value < 0 and stage != "endOfLife":
        raise ImpossibleShareError(column, "a share below 0 makes no sense outside the end of life")
    return value


def _kilograms(share: Decimal, total: Decimal, step: Decimal) -> dict[str, str]:
    figure = (share * total).quantize(step)
    return {"kgCO2e": format(figure if figure else abs(figure), "f")}  # a small credit is no -0


def _step(row: Mapping[str, str], total: Decimal) -> Decimal:
    """The power of ten in kg CO2e just below what the last digit of the row's shares stands for.

    Shares are taken for whole percent at least.
    """
    columns = [*STAGES.values(), *(column for several in COMPONENTS.values() for column in several)]
    values = (number(row[column]) for column in columns)
    digits = max((_decimals(value) for value in values if value is not None), default=2)
    last_digit = total.scaleb(-max(digits, 2))
    return max(Decimal(1).scaleb(last_digit.adjusted()), Decimal("0.000001"))


def _decimals(value: Decimal) -> int:
    text = plain_decimal(value)
    return len(text.partition(".")[2])
