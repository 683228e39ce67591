"""What one cell of Boavizta's table says: numbers, dates, places, storage, addresses, categories.

Every reader takes the cell's text and answers ``None`` where it says nothing that can be relied on.
"""

import re
from datetime import date
from decimal import Decimal

_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,20})?")
_NOISE = Decimal("0.000001")  # 0.45299999999999996 was 0.453 before a program read it
_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_MONTHS = {name: month for month, name in enumerate(_MONTH_NAMES, 1)}
_SHORT_MONTHS = {name[:3]: month for name, month in _MONTHS.items()} | {"sept": 9}
_NUMERIC_DATE = re.compile(r"((?:19|20)[0-9]{2})-([0-9]{1,2})(?:-([0-9]{1,2}))?")
_SLASHED_DATE = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/((?:19|20)[0-9]{2})")
_SPELLED_DATE = re.compile(r"([A-Za-z]{3,9})\.?(?: ([0-9]{1,2}),?)? ((?:19|20)[0-9]{2})")
_ADDRESS = re.compile(
    r"https://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]{1,5})?"
    r"(?:[/?#](?:[A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?"
)
_DRIVES = re.compile(
    r"\s*(?:x(?P<count>[0-9]{1,3})\s+)?(?:(?P<before>SSD|HDD|eMMC)\s+)?"
    r"(?P<size>[0-9]{1,6}(?:\.[0-9]{1,3})?)\s?(?P<unit>GB|TB)(?:\s+[0-9](?:\.[0-9])?in)?"
    r"(?:\s+(?P<after>SSD|HDD|eMMC))?(?:\s+[0-9](?:\.[0-9])?in)?\s*",
    re.IGNORECASE,
)
_PLACES = {
    "ww": "GLO",
    "worldwide": "GLO",
    "world": "GLO",
    "global": "GLO",
    "glo": "GLO",
    "eu": "EU",
    "european union": "EU",
    "europe": "Europe",
    "asia": "Asia",
    "north america": "Northern America",
    "northern america": "Northern America",
    "us": "US",
    "usa": "US",
    "united states": "US",
    "uk": "GB",
    "united kingdom": "GB",
    "china": "CN",
    "taiwan": "TW",
    "japan": "JP",
    "korea": "KR",
    "south korea": "KR",
    "vietnam": "VN",
    "thailand": "TH",
    "malaysia": "MY",
    "mexico": "MX",
    "india": "IN",
    "brazil": "BR",
    "germany": "DE",
    "france": "FR",
    "poland": "PL",
    "hungary": "HU",
    "czech republic": "CZ",
    "sweden": "SE",
    "norway": "NO",
    "denmark": "DK",
    "finland": "FI",
    "iceland": "IS",
}  # fmt: skip
_COUNTRIES = re.compile(  # ISO 3166-1; NA is left out, it mostly stands for North America
    "A[DEFGILMOQRSTUWXZ]|B[ABDEFGHIJLMNOQRSTVWYZ]|C[ACDFGHIKLMNORUVWXYZ]|D[EJKMOZ]|E[CEGHRST]"
    "|F[IJKMOR]|G[ABDEFGHILMNPQRSTUWY]|H[KMNRTU]|I[DELMNOQRST]|J[EMOP]|K[EGHIMNPRWYZ]"
    "|L[ABCIKRSTUVY]|M[ACDEFGHKLMNOPQRSTUVWXYZ]|N[CEFGILOPRUZ]|OM|P[AEFGHKLMNRSTWY]|QA|R[EOSUW]"
    "|S[ABCDEGHIJKLMNORSTVXYZ]|T[CDFGHJKLMNORTVWZ]|U[AGMSYZ]|V[ACEGINU]|W[FS]|Y[ET]|Z[AMW]"
)
_CATEGORIES = {
    "laptop": "laptop",
    "desktop": "desktop",
    "workstation": "workstation",
    "thin client": "thin_client",
    "monitor": "monitor",
    "tablet": "tablet",
    "smartphone": "smartphone",
    "printer": "printer",
    "server": "server",
    "converged": "server",
    "converged edge": "server",
    "san/nas": "storage",
    "hard drive": "component",
}


def number(cell: str) -> Decimal | None:
    """A plain decimal number, without the noise of binary fractions; ``None`` for other text."""
    if not _NUMBER.fullmatch(cell):
        return None
    value = Decimal(cell)
    return value if len(cell.partition(".")[2]) <= 6 else value.quantize(_NOISE)


def known(cell: str) -> Decimal | None:
    """A number above zero: in this table 0 stands for unknown."""
    value = number(cell)
    return value if value is not None and value > 0 else None


def plain_decimal(value: Decimal) -> str:
    """A number as documents write it: no exponent, no zeros that a table's format added."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def whole(cell: str) -> int | None:
    """A whole number above zero, written as ``16`` or ``16.0``."""
    value = known(cell)
    return int(value) if value is not None and value == value.to_integral_value() else None


def report_date(cell: str) -> str | None:
    """Day, month or year as precise as the cell is sure: ``2020-11``, ``2022-02-06``, ``2019``.

    ``26/07/2019`` can only be a day in July; ``05/07/2019`` may be one in May or in July, so only
    its year is sure.
    """
    if re.fullmatch(r"(19|20)[0-9]{2}", cell):
        return cell
    if match := _NUMERIC_DATE.fullmatch(cell):
        return _date(match[1], int(match[2]), match[3])
    if match := _SPELLED_DATE.fullmatch(cell):
        month = _MONTHS.get(match[1].lower()) or _SHORT_MONTHS.get(match[1].lower())
        return _date(match[3], month, match[2]) if month else None
    if match := _SLASHED_DATE.fullmatch(cell):
        first, second = int(match[1]), int(match[2])
        if first > 12 or first == second:
            return _date(match[3], second, match[1])
        if second > 12:
            return _date(match[3], first, match[2])
        return match[3]
    return None


def _date(year: str, month: int, day: str | None) -> str | None:
    try:
        found = date(int(year), month, int(day or 1))
    except ValueError:
        return None
    return found.isoformat() if day else f"{found:%Y-%m}"


def place(cell: str) -> str | None:
    """A country, ``EU``, a UN region or ``GLO``: ``WW`` and ``Worldwide`` are the same world."""
    return _PLACES.get(" ".join(cell.lower().split())) or (
        cell if _COUNTRIES.fullmatch(cell) else None
    )


def category(subcategory: str) -> str | None:
    """The code of a product category; ``None`` where the table's word covers several."""
    return _CATEGORIES.get(" ".join(subcategory.lower().split()))


def address(cell: str) -> str | None:
    """A web address of one report: https, a full host name, only characters that RFC 3986 has."""
    return cell if len(cell) <= 2000 and _ADDRESS.fullmatch(cell) else None


def storage(cell: str) -> tuple[int, str | None] | None:
    """All drives together in GB, and their kind (``ssd``, ``hdd``, ``emmc``) where it is one.

    ``x4 1TB 2.5in HDD  x2 300GB 2.5in HDD`` is ``(4600, "hdd")``; 1 TB is 1,000 GB.
    """
    if cell.lower() == "no hard drive":
        return 0, "none"
    gigabytes, kinds, at = Decimal(0), set[str | None](), 0
    while at < len(cell):
        match = _DRIVES.match(cell, at)
        if not match:
            return None
        size = Decimal(match["size"]) * (1000 if match["unit"].upper() == "TB" else 1)
        gigabytes += size * int(match["count"] or 1)
        named = {word.lower() for word in (match["before"], match["after"]) if word}
        kinds.add(named.pop() if len(named) == 1 else None)
        at = match.end()
    if gigabytes <= 0 or gigabytes != gigabytes.to_integral_value():
        return None
    return int(gigabytes), kinds.pop() if len(kinds) == 1 else None
