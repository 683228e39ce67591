"""Points in time as the wire writes them."""

from __future__ import annotations

from datetime import datetime


def is_time(written: object) -> bool:
    """Whether this is a date and time with its zone (RFC 3339)."""
    try:
        return isinstance(written, str) and datetime.fromisoformat(written).tzinfo is not None
    except ValueError:
        return False
