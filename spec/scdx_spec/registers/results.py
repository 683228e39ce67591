"""A claim beside a register's entry: what came out, and from which copy it is known."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from scdx_spec import BASE_URI
from scdx_spec.reading import plain
from scdx_spec.registers.copies import Copy

OUTCOMES: Final = ("contradicted", "unstated", "ambiguous", "not_found", "stale", "confirmed")
"""What may come out, the most telling first. ``unstated``: the register knows what the document
should have told. ``stale``: the copy is too old, or of no known day, whatever it says."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One claim compared with one copy.

    ``requirement`` is the REG rule that was gone by; ``pointer`` where the claim stands (RFC 6901);
    ``key`` by what the entry was found; ``line`` its row in the file. ``claimed`` and
    ``registered`` are codes, days and figures, never texts of the document's.
    """

    requirement: str
    outcome: str
    pointer: str
    message: str
    copy: Copy
    fix: str = ""
    key: str = ""
    line: int | None = None
    claimed: str = ""
    registered: str = ""

    @property
    def verification(self) -> str | None:
        """``register_confirmed`` where the register says the same (``verification-statuses``)."""
        return "register_confirmed" if self.outcome == "confirmed" else None

    def as_dict(self) -> dict[str, Any]:
        """The result as a report's JSON has it; what is empty is left out."""
        told = {
            "requirement": self.requirement,
            "type": f"{BASE_URI}{self.requirement}",
            "outcome": self.outcome,
            "verification": self.verification,
            "pointer": self.pointer,
            "message": self.message,
            "fix": self.fix,
            "matchedBy": self.key,
            "line": self.line,
            "claimed": plain(self.claimed),
            "registered": plain(self.registered),
            "copy": self.copy.as_dict(),
        }
        return {name: value for name, value in told.items() if value not in ("", None)}


def settled(result: Comparison, now: datetime) -> Comparison:
    """The result as it may be told: nothing is confirmed or contradicted by a stale copy."""
    why = result.copy.stale(now)
    if not why:
        return result
    said = result.message.rstrip(".")
    return replace(
        result,
        requirement="REG-04" if result.copy.register.startswith("sbti") else result.requirement,
        outcome="stale",
        message=f"{said}; but {why}.",
        fix="",
    )
