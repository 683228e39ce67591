"""SBTi's public files, in the three shapes that are about: what they say of each organisation.

Companies since 2025 (``sbti_id``, ``near_term_status`` …), companies of 2022 to 2025 (``Near term -
Target Status`` …), and one row for each target or commitment (``Action``, ``Target`` …).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from scdx_spec.registers.matching import core_name, country_code
from scdx_spec.registers.tables import Row, Table, day

HORIZONS: Final = {"nearTerm": "near term", "longTerm": "long term", "netZero": "net zero"}
"""The three statuses, by their member in a document, in the standard's words."""
AMBITIONS: Final = ("1.5C", "well_below_2C", "2C")
BY_PARENT: Final = "target set at parent company level"
_SINCE_2025: Final = frozenset({"company_name", "near_term_status", "net_zero_status"})
_UNTIL_2025: Final = frozenset({"company_name", "near_term_target_status"})
_BY_TARGET: Final = frozenset({"company_name", "action", "target", "status"})
_STATUSES: Final = {
    "targets set": "targets_set",
    "target set": "targets_set",
    "committed": "committed",
    "active": "committed",
    "extended": "committed",
    "commitment removed": "commitment_removed",
    "removed": "commitment_removed",
    "": "none",
}
_NO_TARGETS: Final = frozenset({"none", "committed", "commitment_removed"})


@dataclass(frozen=True, slots=True)
class Part:
    """One of the three statuses.

    ``status`` is None where the shape leaves it open; ``or_else`` are those that it can't tell
    apart from it. ``years`` and ``classifications`` (scope 1 and 2, then use of sold products) are
    empty where the register doesn't give them, as for one in seven with targets.
    """

    status: str | None
    or_else: frozenset[str] = frozenset()
    years: frozenset[int] = frozenset()
    classifications: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class ValidatedTarget:
    """One target of the file of targets; ``horizon`` is a code of ``target-horizons``."""

    horizon: str
    scopes: frozenset[int]
    base_year: int | None
    target_year: int | None


@dataclass(frozen=True, slots=True)
class Organisation:
    """What a file says of one organisation; ``line`` is its (first) row there."""

    line: int
    name: str
    country: str | None
    identifiers: Mapping[str, frozenset[str]]
    parts: Mapping[str, Part]
    reason: str = ""
    """Why a commitment was removed or prolonged, in SBTi's words."""
    updated: date | None = None
    targets: tuple[ValidatedTarget, ...] | None = None
    """None where the file has no single targets."""


def shape_of(table: Table) -> str | None:
    """``since 2025``, ``until 2025``, ``by target``, or None for what is no file of SBTi's."""
    if table.heads >= _BY_TARGET:
        return "by target"
    if table.heads >= _SINCE_2025:
        return "since 2025"
    return "until 2025" if table.heads >= _UNTIL_2025 else None


def organisations(table: Table) -> list[Organisation]:
    """Every organisation of a file in any of the shapes."""
    rows = [row for row in table.rows() if row.get("company_name")]
    shape = shape_of(table)
    if shape == "by target":
        return [_by_target(mine) for mine in _grouped(rows)]
    parts = _since_2025 if shape == "since 2025" else _until_2025
    return [_organisation([row], parts(row)) for row in rows]


def status_of(text: str | None) -> str | None:
    """A status in SBTi's words as a code of ``sbti-status``; None for words that aren't known."""
    return _STATUSES.get((text or "").strip().casefold())


def classification_of(text: str | None) -> str:
    """An ambition such as ``Well-below 2°C`` as a code, or an empty string."""
    found = re.sub(r"[^a-z0-9.]", "", (text or "").casefold()).removesuffix("c")
    known = {"1.5": "1.5C", "wellbelow2": "well_below_2C", "wb2": "well_below_2C", "2": "2C"}
    return known.get(found, "")


def years_of(text: str | None) -> frozenset[int]:
    """The years of ``2030``, ``FY2030`` or ``FY2029/2030``."""
    return frozenset(
        int(year) for year in re.findall(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])", text or "")
    )


def _since_2025(row: Row) -> dict[str, Part]:
    return {
        "nearTerm": _part(row, "near_term_status", "near_term_target"),
        "longTerm": _long_term(row, "long_term_status"),
        "netZero": Part(
            status_of(row.get("net_zero_status")), years=years_of(row.get("net_zero_year"))
        ),
    }


def _until_2025(row: Row) -> dict[str, Part]:
    """In this shape a net-zero commitment and net-zero targets are the same ``Yes``."""
    yes = row.get("net_zero_committed", "").casefold() == "yes"
    left = {"committed", "targets_set"} if yes else {"none", "commitment_removed"}
    return {
        "nearTerm": _part(row, "near_term_target_status", "near_term_target"),
        "longTerm": _long_term(row, "long_term_target_status"),
        "netZero": Part(None, frozenset(left), years_of(row.get("net_zero_year"))),
    }


def _long_term(row: Row, status: str) -> Part:
    """Nothing in its cell: SBTi keeps no commitments for the long term apart."""
    part = _part(row, status, "long_term_target")
    return part if part.status == "targets_set" else Part(part.status, _NO_TARGETS)


def _part(row: Row, status: str, stem: str) -> Part:
    text = row.get(f"{stem}_classification", "")
    first, _, second = text.partition("/")
    ambition = (classification_of(first), classification_of(second))
    return Part(
        status_of(row.get(status)),
        years=years_of(row.get(f"{stem}_year")),
        classifications=frozenset({ambition} if ambition[0] else ()),
    )


def _grouped(rows: Iterable[Row]) -> list[list[Row]]:
    """Rows of one organisation together: by SBTi id where there is one, else by name and place."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        place = row.get("location") or row.get("country", "")
        named = (core_name(row["company_name"]), place)
        groups.setdefault((row["sbti_id"], "") if row.get("sbti_id") else named, []).append(row)
    return list(groups.values())


def _by_target(rows: list[Row]) -> Organisation:
    horizons = {_horizon(row.get("target", "")) for row in rows if _is(row, "target")}
    parts = {
        "nearTerm": _from_rows(rows, "near_term", ("standard", "ba1.5")),
        "longTerm": Part("targets_set", years=_years(rows, "long_term"))
        if "long_term" in horizons
        else Part(
            None if "long_term_before" in horizons else "none", _NO_TARGETS | {"targets_set"}
        ),
        "netZero": _from_rows(rows, "net_zero", ("net-zero",)),
    }
    if parts["netZero"].status == "none" and any("1" in _option(row) for row in rows):
        parts["netZero"] = Part(None, _NO_TARGETS)
    targets = tuple(
        ValidatedTarget(
            _horizon(row.get("target", "")),
            _scopes(row),
            _year(row, "base_year"),
            _year(row, "target_year"),
        )
        for row in rows
        if _is(row, "target")
    )
    return _organisation(rows, parts, targets)


def _from_rows(rows: list[Row], horizon: str, kinds: tuple[str, ...]) -> Part:
    """Targets before commitments, and a live commitment before a removed one."""
    mine = [
        row for row in rows if _is(row, "target") and _horizon(row.get("target", "")) == horizon
    ]
    if mine:
        names = ("target_classification", "target_classification_short")
        pairs = {(classification_of(row.get(name)), "") for row in mine for name in names}
        return Part(
            "targets_set",
            years=_years(rows, horizon),
            classifications=frozenset(pairs - {("", "")}),
        )
    found = {
        status_of(row.get("status"))
        for row in rows
        if _is(row, "commitment") and row.get("commitment_type", "").casefold().startswith(kinds)
    }
    for status in ("committed", "commitment_removed"):
        if status in found:
            return Part(status)
    return Part("none") if not found else Part(None, _NO_TARGETS | {"targets_set"})


def _organisation(
    rows: list[Row], parts: dict[str, Part], targets: tuple[ValidatedTarget, ...] | None = None
) -> Organisation:
    row = {key: value for one in reversed(rows) for key, value in one.items()}
    found = {
        "sbti_id": {row.get("sbti_id", "")},
        "lei": {row.get("lei", "").upper()},
        "isin": set(re.split(r"[\s,;|/]+", row.get("isin", "").upper())),
    }
    days = [day(one.get(name)) for one in rows for name in ("date_updated", "date_published")]
    reasons = ("reason_for_extension_or_removal", "reason_for_commitment_extension_or_removal")
    return Organisation(
        line=int(rows[0]["#"]),
        name=row["company_name"],
        country=country_code(row.get("location") or row.get("country", "")),
        identifiers={
            scheme: frozenset(values - {""}) for scheme, values in found.items() if values - {""}
        },
        parts=parts,
        reason=next((row[name] for name in reasons if row.get(name)), ""),
        updated=max((one for one in days if one), default=None),
        targets=targets,
    )


def _is(row: Row, action: str) -> bool:
    return row.get("action", "").casefold() == action


def _option(row: Row) -> str:
    """Which option of the campaign for 1.5 °C a commitment is of: 1 goes for net zero too."""
    kind = row.get("commitment_type", "").casefold()
    return kind.partition("option")[2] if _is(row, "commitment") else ""


def _horizon(text: str) -> str:
    named = text.casefold()
    if named.startswith("long-term"):
        return "long_term" if named == "long-term" else "long_term_before"
    return {"near-term": "near_term", "net-zero": "net_zero"}.get(named, "")


def _years(rows: list[Row], horizon: str) -> frozenset[int]:
    mine = [row for row in rows if _horizon(row.get("target", "")) == horizon]
    return frozenset(year for row in mine for year in years_of(row.get("target_year")))


def _scopes(row: Row) -> frozenset[int]:
    return frozenset(int(one) for one in re.findall(r"[123]", row.get("scope", "")))


def _year(row: Row, name: str) -> int | None:
    return max(years_of(row.get(name)), default=None)
