"""Spend factors: kg CO2e per unit of currency, by class of purchase; and the crosswalk to them.

A factor file has one strict form (`COLUMNS`), so that a ledger can say for every line which price
year, price basis, boundary and characterisation a number stands on. The US EPA's own file is
accepted as published. Factors are never blended: one factor per class, or none.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib import resources
from pathlib import Path

from scdx_client.scope3.figures import shortest
from scdx_client.scope3.problems import InputError, shown

BUNDLED_FACTORS = "epa-v1.3.0-it.csv"
BUNDLED_CROSSWALK = "cpv-naics-draft.csv"
COLUMNS = (
    "id",
    "source",
    "version",
    "class_scheme",
    "class_code",
    "title",
    "region",
    "unit",
    "value",
    "currency",
    "price_year",
    "price_basis",
    "vat",
    "gwp",
    "boundary",
    "gsd",
    "valid_from",
    "valid_to",
    "licence",
    "url",
)
PRICE_BASES = ("basic", "producer", "purchaser")
BOUNDARIES = ("cradle_to_gate", "cradle_to_shelf")
EPA_CODE, EPA_UNIT = "2017 NAICS Code", "Unit"
EPA_VALUE = "Supply Chain Emission Factors with Margins"
LARGEST = Decimal(10_000)


@dataclass(frozen=True)
class SpendFactor:
    """One factor; ``value`` in kg CO2e per ``currency`` of ``price_year``."""

    id: str
    source: str
    version: str
    class_scheme: str
    class_code: str
    title: str
    value: Decimal
    currency: str
    price_year: int
    price_basis: str
    vat: str
    gwp: str
    boundary: str
    valid_from: date | None
    valid_to: date | None
    licence: str
    url: str

    @property
    def digest(self) -> str:
        """SHA-256 over everything the factor states, in a fixed order."""
        parts = [
            str(getattr(self, name))
            for name in self.__dataclass_fields__  # in the order of definition
            if name != "value"
        ]
        return hashlib.sha256("\x1f".join([*parts, shortest(self.value)]).encode()).hexdigest()


@dataclass(frozen=True)
class FactorSet:
    """A file of factors by ``(class_scheme, class_code)``, and the file's SHA-256."""

    name: str
    sha256: str
    factors: Mapping[tuple[str, str], SpendFactor]


@dataclass(frozen=True)
class Crosswalk:
    """CPV prefixes to NAICS codes; the longest prefix of a code decides."""

    name: str
    sha256: str
    naics: Mapping[str, str]

    def of(self, cpv: str) -> tuple[str, str] | None:
        """``(prefix, naics)`` for a CPV code, with or without its check digit."""
        digits = cpv.split("-")[0]
        for length in range(len(digits), 1, -1):
            if digits[:length] in self.naics:
                return digits[:length], self.naics[digits[:length]]
        return None


def load_factors(path: Path | None = None) -> FactorSet:
    """Read a factor file: our form or the EPA's; without ``path`` the bundled one.

    Raises:
        InputError: unreadable, another header, a value that is no factor, two for one class.
    """
    raw, name = _read(path, BUNDLED_FACTORS)
    header, rows = _table(raw, name)
    if EPA_CODE in header and EPA_VALUE in header:
        factors = [_epa(name, number, row) for number, row in rows]
    else:
        missing = [column for column in COLUMNS if column not in header and column != "title"]
        if missing:
            raise InputError(f"{name}: no column {', '.join(missing)}; see docs/guides/ledger.md")
        factors = [_own(name, number, row) for number, row in rows]
    return FactorSet(name, hashlib.sha256(raw).hexdigest(), _by_class(name, factors))


def load_crosswalk(path: Path | None = None) -> Crosswalk:
    """Read ``cpv_prefix,naics[,…]``; without ``path`` the bundled draft.

    Raises:
        InputError: unreadable, another header, a code that is none.
    """
    raw, name = _read(path, BUNDLED_CROSSWALK)
    header, rows = _table(raw, name)
    if not {"cpv_prefix", "naics"} <= set(header):
        raise InputError(f"{name}: a crosswalk has the columns cpv_prefix and naics")
    pairs = {}
    for number, row in rows:
        prefix, naics = row["cpv_prefix"].strip(), row["naics"].strip()
        if not re.fullmatch(r"[0-9]{2,8}", prefix) or not re.fullmatch(r"[0-9]{2,6}", naics):
            raise InputError(f"{name}: row {number}: a CPV prefix has 2 to 8 digits, NAICS 2 to 6")
        pairs[prefix] = naics
    return Crosswalk(name, hashlib.sha256(raw).hexdigest(), pairs)


def _read(path: Path | None, bundled: str) -> tuple[bytes, str]:
    if path is None:
        return (resources.files("scdx_client") / "data" / bundled).read_bytes(), bundled
    try:
        return path.read_bytes(), path.name
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or 'not readable'}") from error


def _table(raw: bytes, name: str) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    try:
        reader = csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
        rows = []
        for number, row in enumerate(reader, 2):
            if None in row or None in row.values():
                raise InputError(f"{name}: row {number} has more or fewer cells than the header")
            rows.append((number, row))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{name}: no CSV in UTF-8: {error}") from error
    return list(reader.fieldnames or []), rows


def _value(name: str, number: int, text: str) -> Decimal:
    if not re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,12})?", text.strip()):
        raise InputError(f"{name}: row {number}, value: {shown(text)!r} is no factor")
    value = Decimal(text.strip())
    if value > LARGEST:
        raise InputError(f"{name}: row {number}, value: {value} kg per unit of currency is absurd")
    return value


def _day(name: str, number: int, text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError as error:
        raise InputError(f"{name}: row {number}: {shown(text)!r} is no date") from error


def _own(name: str, number: int, row: dict[str, str]) -> SpendFactor:
    cell = {key: value.strip() for key, value in row.items()}
    for column in ("id", "source", "version", "class_scheme", "class_code", "licence"):
        if not cell[column]:
            raise InputError(f"{name}: row {number}, {column}: is missing")
    for column, known in (("price_basis", PRICE_BASES), ("boundary", BOUNDARIES)):
        if cell[column] not in known:
            raise InputError(f"{name}: row {number}, {column}: one of {', '.join(known)}")
    if not re.fullmatch(r"[A-Z]{3}", cell["currency"]):
        raise InputError(f"{name}: row {number}, currency: three letters, as EUR")
    if cell["unit"] != f"kgCO2e/{cell['currency']}":
        raise InputError(f"{name}: row {number}, unit: must be kgCO2e/{cell['currency']}")
    if not re.fullmatch(r"(19|20)[0-9]{2}", cell["price_year"]):
        raise InputError(f"{name}: row {number}, price_year: a year, as 2022")
    return SpendFactor(
        id=cell["id"],
        source=cell["source"],
        version=cell["version"],
        class_scheme=cell["class_scheme"].lower(),
        class_code=cell["class_code"].lower(),
        title=cell.get("title", ""),
        value=_value(name, number, cell["value"]),
        currency=cell["currency"],
        price_year=int(cell["price_year"]),
        price_basis=cell["price_basis"],
        vat=cell["vat"],
        gwp=cell["gwp"],
        boundary=cell["boundary"],
        valid_from=_day(name, number, cell["valid_from"]),
        valid_to=_day(name, number, cell["valid_to"]),
        licence=cell["licence"],
        url=cell["url"],
    )


def _epa(name: str, number: int, row: dict[str, str]) -> SpendFactor:
    """A row of ``SupplyChainGHGEmissionFactors_v…_NAICS_CO2e_USD….csv``, with margins."""
    unit = re.search(r"kg CO2e/(20[0-9]{2}) USD, purchaser price", row[EPA_UNIT])
    if not unit or not re.fullmatch(r"[0-9]{6}", row[EPA_CODE]):
        raise InputError(f"{name}: row {number}: not the EPA's CO2e factors per NAICS-6 code")
    version = found[1] if (found := re.search(r"_v([0-9.]+)_", name)) else "not stated"
    return SpendFactor(
        id=f"us-epa-v{version}:{row[EPA_CODE]}",
        source="US EPA Supply Chain Greenhouse Gas Emission Factors",
        version=version,
        class_scheme="naics",
        class_code=row[EPA_CODE],
        title=row.get("2017 NAICS Title", ""),
        value=_value(name, number, row[EPA_VALUE]),
        currency="USD",
        price_year=int(unit[1]),
        price_basis="purchaser",
        vat="excluded",
        gwp="AR5",
        boundary="cradle_to_shelf",
        valid_from=None,
        valid_to=None,
        licence="public domain",
        url="https://github.com/USEPA/supply-chain-factors",
    )


def _by_class(name: str, factors: Iterable[SpendFactor]) -> dict[tuple[str, str], SpendFactor]:
    found: dict[tuple[str, str], SpendFactor] = {}
    for factor in factors:
        place = (factor.class_scheme, factor.class_code)
        if place in found:
            raise InputError(f"{name}: two factors for {shown(':'.join(place))}; keep one")
        found[place] = factor
    return found
