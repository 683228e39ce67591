"""A copy of a register: what it is, of which day, with which digest (REG-01)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

SBTI_COMPANIES: Final = "sbti_companies"
SBTI_TARGETS: Final = "sbti_targets"
RBA_MEMBERS: Final = "rba_members"
TCO_CERTIFIED: Final = "tco_certified"
ENERGY_STAR: Final = "energy_star"

TITLES: Final = {
    SBTI_COMPANIES: "SBTi's file of companies",
    SBTI_TARGETS: "SBTi's file of targets",
    RBA_MEMBERS: "RBA's list of members",
    TCO_CERTIFIED: "TCO Certified's export",
    ENERGY_STAR: "ENERGY STAR's export",
}
_SBTI_DAYS: Final = 35
_OTHER_DAYS: Final = 366
"""REG-04 names an age for SBTi's file; for the others it is the year that MEM-02 gives members."""


@dataclass(frozen=True, slots=True)
class Copy:
    """Where a result comes from. ``day`` is None where nothing says of which day the copy is."""

    register: str
    file: str
    sha256: str
    day: date | None
    day_from: str = ""
    """``file name`` or ``newest entry``."""

    @property
    def title(self) -> str:
        """The register's name, for people."""
        return TITLES[self.register]

    @property
    def longest(self) -> int:
        """How many days a copy of this register may be old."""
        return _SBTI_DAYS if self.register.startswith("sbti") else _OTHER_DAYS

    def stale(self, now: datetime) -> str:
        """Why nothing can rest on this copy any more, or an empty string."""
        if self.day is None:
            return (
                "nothing says of which day the copy is: put the day of the download into the"
                " file's name, as in companies-2026-11-19.xlsx"
            )
        age = (now.date() - self.day).days
        if age > self.longest:
            return f"the copy is {age} days old, more than {self.longest}: download it anew"
        return ""

    def as_dict(self) -> dict[str, str | None]:
        """The copy as a report's JSON has it."""
        return {
            "register": self.register,
            "file": self.file,
            "sha256": self.sha256,
            "date": self.day.isoformat() if self.day else None,
            "dateFrom": self.day_from or None,
        }


def dated(named: date | None, newest: date | None, now: datetime) -> tuple[date | None, str]:
    """The day of a copy, and from where it is known: the later of the two that aren't to come.

    A copy can't be older than its newest entry, and may be newer where little changes.
    """
    latest = now.date() + timedelta(days=1)  # for whoever is ahead of us in time
    days = [
        (one, source)
        for one, source in ((newest, "newest entry"), (named, "file name"))
        if one is not None and one <= latest
    ]
    return max(days, key=lambda found: found[0]) if days else (None, "")
