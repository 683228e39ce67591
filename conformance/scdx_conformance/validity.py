"""When a footprint is valid: what it says, else what its reference period implies (PACT 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from scdx_conformance.footprints import Footprint

YEARS = 3
LEAP_DAY = (2, 29)


@dataclass(frozen=True)
class Validity:
    """Begin and end, both included."""

    start: datetime
    end: datetime


def validity(footprint: Footprint) -> Validity | None:
    """A footprint's validity; None where its times can't be read."""
    pcf = footprint.get("pcf")
    period = moment(pcf.get("referencePeriodEnd")) if isinstance(pcf, dict) else None
    start = moment(footprint.get("validityPeriodStart")) or period
    end = moment(footprint.get("validityPeriodEnd")) or (later(period) if period else None)
    return Validity(start, end) if start and end else None


def moment(written: object) -> datetime | None:
    """A time of RFC 3339 in UTC; None for anything else."""
    try:
        found = datetime.fromisoformat(written) if isinstance(written, str) else None
        return found.astimezone(UTC) if found is not None and found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def later(period: datetime) -> datetime:
    """Three years after a time; 29 February becomes 28 February."""
    day = 28 if (period.month, period.day) == LEAP_DAY else period.day
    return period.replace(year=min(9999, period.year + YEARS), day=day)


def moved(when: datetime, by: timedelta) -> datetime | None:
    """A time before or after another one; None beyond the years that there are."""
    try:
        return when + by
    except OverflowError:
        return None


def written(when: datetime) -> str:
    """A time as a query has it."""
    return when.isoformat().replace("+00:00", "Z")
