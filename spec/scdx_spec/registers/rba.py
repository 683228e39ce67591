"""RBA's list of members, as somebody wrote it down: names, with a category where it is known.

RBA gives out a page and no file: no identifiers, so a name is all there is to go by.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from scdx_spec.registers.matching import country_code
from scdx_spec.registers.tables import Row, Table

CATEGORIES: Final = ("supporter", "affiliate", "regular", "full")
_NAMES: Final = (
    "member_name",
    "member",
    "company_name",
    "company",
    "organisation",
    "organization",
    "name",
)
_CATEGORIES: Final = (
    "rba_category",
    "membership_category",
    "member_category",
    "category",
    "membership_type",
    "member_type",
    "membership",
    "type",
)
_COUNTRIES: Final = ("country", "headquarters", "hq_country", "location")


@dataclass(frozen=True, slots=True)
class Member:
    """One member; ``category`` is empty where the list doesn't tell."""

    line: int
    name: str
    country: str | None = None
    category: str = ""
    identifiers: Mapping[str, frozenset[str]] = field(default_factory=dict)


def is_list(table: Table) -> bool:
    """Whether a table is a list of RBA's: its file, sheet or heads say so, and it has names."""
    told = " ".join((table.file, table.title, *table.heads)).casefold()
    ours = re.search(r"(?<![a-z])rba(?![a-z])|responsible.?business", told) is not None
    return ours and any(name in table.heads for name in _NAMES)


def members(table: Table) -> list[Member]:
    """Every member of a list."""
    return [
        Member(int(row["#"]), name, country_code(_first(row, _COUNTRIES)), _category(row))
        for row in table.rows()
        if (name := _first(row, _NAMES))
    ]


def _category(row: Row) -> str:
    told = _first(row, _CATEGORIES).casefold()
    return next((one for one in CATEGORIES if re.search(rf"\b{one}\b", told)), "")


def _first(row: Row, names: tuple[str, ...]) -> str:
    return next((row[name] for name in names if row.get(name)), "")
