"""Reading figures out of documents: exact, bounded, and never a state for a zero."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Protocol

_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,2})?")
LARGEST = Decimal(10) ** 15
# check() stops listing here: what it didn't list could concern any figure.
MOST_FINDINGS = 200
Json = Mapping[str, Any]


class SourceDocument(Protocol):
    """What the calculation asks of a stored document (``scdx_client.workspace`` has them)."""

    @property
    def supplier(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def document(self) -> dict[str, Any]: ...
    @property
    def findings(self) -> tuple[dict[str, Any], ...]: ...
    @property
    def flags(self) -> tuple[str, ...]: ...
    @property
    def source_url(self) -> str: ...
    @property
    def usable(self) -> bool: ...


@dataclass(frozen=True)
class Measured:
    """A measure as read: a ``value``, or the ``state`` that stands instead of one."""

    value: Decimal | None
    state: str
    included_in: str = ""


def figure(value: object) -> Decimal | None:
    """A decimal string or whole number as a bounded decimal; anything else is None."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return None
    number = Decimal(value)
    return number if abs(number) < LARGEST else None


def member(node: object, *names: str) -> Any:
    """``node[a][b]…``, or None where a step is missing or no object."""
    for name in names:
        node = node.get(name) if isinstance(node, Mapping) else None
    return node


def measured(node: object, unit: str) -> Measured:
    """Read ``{"kgCO2e": "246"}`` or ``{"state": …}``; absent counts as ``not_reported``."""
    if not isinstance(node, Mapping):
        return Measured(None, "not_reported")
    state, where = node.get("state"), node.get("in")
    value = figure(node.get(unit)) if state is None else None
    if value is not None:
        return Measured(value, "")
    return Measured(
        None,
        state if isinstance(state, str) else "not_reported",
        where if isinstance(where, str) else "",
    )


def day(value: object) -> date | None:
    """The day of a date or date-time string."""
    if not isinstance(value, str):
        return None
    try:
        if len(value) == 10:
            return date.fromisoformat(value)
        return datetime.fromisoformat(value).date()
    except ValueError:
        return None


def moment(value: object) -> str:
    """A date-time string in UTC, so that later is greater as text; empty if it is none."""
    try:
        read = datetime.fromisoformat(value if isinstance(value, str) else "")
        return read.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    except (ValueError, OverflowError):
        return ""


def items(node: object) -> Sequence[Any]:
    """``node`` if it is a list, else nothing."""
    return node if isinstance(node, list) else ()


def text(value: object, longest: int = 200) -> str:
    """Foreign text made safe for a cell, a terminal and a page: printable and short."""
    if not isinstance(value, str):
        return ""
    clean = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


def not_in_force(source: SourceDocument) -> str:
    """Why the document may not be calculated with at all; empty if it may."""
    if source.state != "current":
        return text(source.state, 30)
    if source.document.get("status") == "Deprecated":
        return "deprecated"
    return "" if source.usable else ", ".join(source.flags) or "not usable"


def broken_rules(source: SourceDocument, pointers: Iterable[str]) -> tuple[list[str], int]:
    """Which MUSTs are broken at or below ``pointers``, and how many are broken elsewhere.

    A figure that breaks a rule isn't calculated with; a fault elsewhere in the document (a URN
    without issuer, say) is stated and does no harm to the figure.
    """
    at = list(pointers)
    here, elsewhere = [], 0
    if len(source.findings) >= MOST_FINDINGS:
        return ["more requirements than are listed"], 0
    for finding in source.findings:
        if finding.get("level") not in ("MUST", "MUST NOT"):
            continue
        pointer = str(finding.get("pointer", ""))
        if any(pointer == own or pointer.startswith(f"{own}/") for own in at):
            here.append(str(finding.get("requirement", "?")))
        else:
            elsewhere += 1
    return sorted(set(here)), elsewhere
