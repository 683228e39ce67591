"""A document's bytes: RFC 8785, without what may change.

PACT puts a mutable ``status`` inside its footprints. SCDX stores and digests a footprint without
it; PACT's paths put it back.
"""

import hashlib
import json
import re
from collections.abc import Mapping

import rfc8785

__all__ = ["canonical_bytes", "digest", "stored_form"]


_NUMBER = re.compile(r"[0-9]{16}|[0-9][.eE]")


def stored_form(document: Mapping[str, object]) -> dict[str, object]:
    """The immutable part: a product footprint without ``status``; other documents as they are."""
    if "pcf" in document and "type" not in document:
        return {name: value for name, value in document.items() if name != "status"}
    return dict(document)


def canonical_bytes(document: Mapping[str, object]) -> bytes:
    """The canonical bytes (RFC 8785) of a document's immutable part.

    Raises ``ValueError`` for what canonical JSON cannot hold; guard with ``strict_json`` first.
    """
    stored = stored_form(document)
    try:
        text = json.dumps(
            stored, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
        )
        if _is_plain(text):
            return text.encode()
    except (TypeError, ValueError, RecursionError):
        pass  # the whole algorithm says what is wrong
    try:
        return rfc8785.dumps(stored)  # type: ignore[arg-type]  # checked by rfc8785 itself
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise ValueError(f"no canonical form: {type(error).__name__}") from None


def _is_plain(text: str) -> bool:
    """Whether a text holds nothing that only the whole algorithm writes or refuses rightly.

    That is large integers, fractions, and members whose names sort otherwise in UTF-16 (some sign
    takes two units there). Where a text has escapes, numbers are looked for inside strings too,
    which costs time alone. Raises ``ValueError`` for lone surrogates.
    """
    outside = text if "\\" in text else "".join(text.split('"')[::2])
    in_one_unit = len(text.encode("utf-16-le")) == 2 * len(text)
    return in_one_unit and not _NUMBER.search(outside)


def digest(raw: bytes) -> str:
    """Lower-case hexadecimal SHA-256 of bytes."""
    return hashlib.sha256(raw).hexdigest()
