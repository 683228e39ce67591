"""TCO Certified's export: certificates by number and by GTIN, each with its days and status."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from scdx_spec.registers.tables import Row, Table, day, gtin_of_cell

_INFO: Final = "certification_info"
_NUMBER: Final = (
    "certificate_number",
    "certificate_no",
    "certificate_id",
    f"{_INFO}_certificate_id",
    "certificate",
)
_GTIN: Final = ("gtin", "gtin_14", "gtin_13", "ean")
_FROM: Final = ("start_date", "valid_from", f"{_INFO}_start_date")
_UNTIL: Final = (
    "end_date",
    "valid_until",
    "valid_to",
    "expiry_date",
    "expires",
    f"{_INFO}_end_date",
)
_STATUS: Final = ("status", "certificate_status", f"{_INFO}_status")
_SCANNED: Final = 20


@dataclass(frozen=True, slots=True)
class Certified:
    """One certificate of one product; what the export doesn't give is empty."""

    line: int
    number: str
    gtin: str
    name: str
    valid_from: date | None
    valid_until: date | None
    status: str


def is_export(table: Table) -> bool:
    """Whether a table has certificates, and names TCO somewhere."""
    if not any(name in table.heads for name in _NUMBER):
        return False
    told = " ".join((table.file, table.title, *table.heads)).casefold()
    return "tco" in told or any(
        text.casefold().startswith("tco certified")
        for row in table.rows()[:_SCANNED]
        for text in row.values()
    )


def certificates(table: Table) -> list[Certified]:
    """Every row with a certificate's number; ``gtin`` has 14 digits."""
    return [
        Certified(
            line=int(row["#"]),
            number=number.upper(),
            gtin=gtin_of_cell(_first(row, _GTIN)),
            name=_first(row, ("name", "product_name", "model", "model_name")),
            valid_from=day(_first(row, _FROM)),
            valid_until=day(_first(row, _UNTIL)),
            status=_first(row, _STATUS).casefold(),
        )
        for row in table.rows()
        if (number := _first(row, _NUMBER))
    ]


def _first(row: Row, names: tuple[str, ...]) -> str:
    return next((row[name] for name in names if row.get(name)), "")
