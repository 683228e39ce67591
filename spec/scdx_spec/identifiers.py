"""Identifiers and their check digits. Where python-stdnum has the rule, it is python-stdnum's."""

import re

_DIGITS = re.compile(r"[0-9]+")
_URN = re.compile(
    # RFC 8141 §2, without r-, q- and f-components beyond what identifiers use.
    r"[uU][rR][nN]:[A-Za-z0-9][A-Za-z0-9-]{0,30}[A-Za-z0-9]:[^\s#?]+([?#][^\s]*)?"
)

__all__ = ["normal_gtin", "valid_gtin", "valid_lei", "valid_urn"]


def valid_gtin(value: str) -> bool:
    """Whether 8, 12, 13 or 14 digits end in the right check digit (GS1 General Specifications)."""
    from stdnum import ean

    if not _DIGITS.fullmatch(value) or len(value) not in (8, 12, 13, 14):
        return False
    return bool(ean.is_valid(value))


def normal_gtin(value: str) -> str:
    """A GTIN in its 14-digit form, so that GTIN-12, -13 and -14 of one product are equal."""
    return value.zfill(14)


def valid_lei(value: str) -> bool:
    """Whether 20 characters end in the right check digits (ISO 17442; ISO 7064, MOD 97-10)."""
    from stdnum import lei

    if not re.fullmatch(r"[A-Z0-9]{18}[0-9]{2}", value):
        return False
    return bool(lei.is_valid(value))


def valid_urn(value: str) -> bool:
    """Whether a string is a URN (RFC 8141): a namespace of two characters and more, and a name."""
    return _URN.fullmatch(value) is not None
