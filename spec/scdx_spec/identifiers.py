"""Identifiers and their check digits. Where python-stdnum has the rule, it is python-stdnum's."""

import re
from functools import lru_cache
from importlib import import_module
from typing import Final

_DIGITS = re.compile(r"[0-9]+")
_URN = re.compile(
    # RFC 8141 §2, without r-, q- and f-components beyond what identifiers use.
    r"[uU][rR][nN]:[A-Za-z0-9][A-Za-z0-9-]{0,30}[A-Za-z0-9]:[^\s#?]+([?#][^\s]*)?"
)

_CHECKED: Final = {
    "gln": "stdnum.ean",
    "isin": "stdnum.isin",
    "se_orgnr": "stdnum.se.orgnr",
    "no_orgnr": "stdnum.no.orgnr",
    "dk_cvr": "stdnum.dk.cvr",
    "fi_ytunnus": "stdnum.fi.ytunnus",
    "is_kennitala": "stdnum.is_.kennitala",
}
"""Schemes whose check digit is advice: the module of python-stdnum that knows it."""

__all__ = ["normal_gtin", "valid_gtin", "valid_lei", "valid_urn", "wrong_check_digit", "wrong_urn"]


@lru_cache(maxsize=65536)
def valid_gtin(value: str) -> bool:
    """Whether 8, 12, 13 or 14 digits end in the right check digit (GS1 General Specifications)."""
    from stdnum import ean

    if not _DIGITS.fullmatch(value) or len(value) not in (8, 12, 13, 14):
        return False
    return bool(ean.is_valid(value))


def normal_gtin(value: str) -> str:
    """A GTIN in its 14-digit form, so that GTIN-12, -13 and -14 of one product are equal."""
    return value.zfill(14)


@lru_cache(maxsize=65536)
def valid_lei(value: str) -> bool:
    """Whether 20 characters end in the right check digits (ISO 17442; ISO 7064, MOD 97-10)."""
    from stdnum import lei

    if not re.fullmatch(r"[A-Z0-9]{18}[0-9]{2}", value):
        return False
    return bool(lei.is_valid(value))


def valid_urn(value: str) -> bool:
    """Whether a string is a URN (RFC 8141): a namespace of two characters and more, and a name."""
    return _URN.fullmatch(value) is not None


@lru_cache(maxsize=65536)
def wrong_check_digit(scheme: str, value: str) -> bool:
    """Whether an identifier of a scheme with a check digit has a wrong one.

    GTIN and LEI are not asked here: theirs are rules. VAT numbers are asked by their country's
    rule, where python-stdnum has it.
    """
    if len(value) > 40:
        return False
    name = _CHECKED.get(scheme) if scheme != "vat" else _vat_module(value)
    return name is not None and not import_module(name).is_valid(value)


def wrong_urn(urn: str) -> bool:
    """Whether a ``urn:gtin:`` or ``urn:lei:`` has a number whose check digits are wrong."""
    _, _, rest = urn.partition(":")
    scheme, _, value = rest.partition(":")
    if scheme.lower() == "gtin":
        return _DIGITS.fullmatch(value) is not None and not valid_gtin(value)
    return scheme.lower() == "lei" and len(value) == 20 and not valid_lei(value)


def _vat_module(value: str) -> str | None:
    if value.startswith("NO"):
        return "stdnum.no.mva"
    from stdnum.eu.vat import MEMBER_STATES

    return "stdnum.eu.vat" if value[:2].lower() in MEMBER_STATES | {"el", "xi"} else None
