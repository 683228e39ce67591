"""What was found in what is served, in lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from scdx_conformance.products_wanted import MAX_TOLD, Coverage, share
from scdx_conformance.redaction import printable
from scdx_conformance.served import ProfileResult, RegisterResult, Served
from scdx_spec.registers.results import OUTCOMES

MAX_LINES = 8
PARTLY = "Not everything that is served was looked at (--max-documents)."
_TOLD = ("contradicted", "unstated", "ambiguous", "not_found")
OUTCOME_WORDS = {name: name for name in OUTCOMES} | {
    "not_found": "not found",
    "unstated": "not stated",
}
"""What stands for a comparison's outcome."""


def served_lines(served: Served) -> list[str]:
    """All lines; those that say more of the one before are indented."""
    lines = [line for one in served.profiles for line in _profile(one)]
    lines += [line for one in served.registers for line in _register(one)]
    if served.products:
        lines += _products(served.products)
    if lines and not served.whole:
        lines.append(PARTLY)
    return [printable(served.redact(line)) for line in lines]


def profile_lines(profile: ProfileResult, served: Served) -> list[str]:
    """The lines of one profile."""
    return [printable(served.redact(line)) for line in _profile(profile)]


def incomplete_sentence(served: Served) -> str:
    """Why a run fails over the profiles that were asked for; empty where it doesn't."""
    names = ", ".join(served.incomplete)
    return f"What is served isn't complete in {names}." if names else ""


def _profile(result: ProfileResult) -> Iterator[str]:
    if not result.verdicts:
        yield f"{result.name}: nothing is served that this profile is for"
        return
    count = len(result.verdicts)
    yield f"{result.name}: {result.complete} of {count} document{'s' * (count > 1)} complete"
    told = _Once()
    for name, verdict in result.verdicts:
        if not verdict.valid:
            told.add("breaks a MUST, so it is complete in no profile: see the findings", name)
        for item in verdict.items:
            if not item.met:
                told.add(f"lacks {item.requirement}: {item.message} {item.fix}", name, item.pointer)
    yield from _first(told.lines())


def _register(result: RegisterResult) -> Iterator[str]:
    copy = result.register.copy
    counts = [f"{count} {OUTCOME_WORDS[name]}" for name, count in result.outcomes.items()]
    day = f" of {copy.day.isoformat()}" if copy.day else ""
    yield f"{copy.title}{day} ({copy.file}): {', '.join(counts) or 'nothing to compare'}"
    told = _Once()
    for outcome in _TOLD:
        for name, one in result.comparisons:
            if one.outcome == outcome:
                word = OUTCOME_WORDS[outcome]
                text = f"{word} ({one.requirement}): {one.message} {one.fix}".rstrip()
                told.add(text, name, one.pointer)
    yield from _first(told.lines())
    if result.stale:
        yield f"  stale: {result.stale}"


def _products(found: Coverage) -> Iterator[str]:
    all_units = found.deliveries.units
    percent = share(found.units, all_units)
    profiles = [f"{name} {share(units, all_units)} %" for name, units in found.complete.items()]
    if percent is None:
        yield f"{found.deliveries.file}: no units were delivered"
    else:
        yield (
            f"{found.deliveries.file}: {percent} % of {all_units:,} delivered units have a"
            f" footprint served; complete in {', '.join(profiles)}"
        )
    if not found.deliveries.counted:
        yield "  the file has no quantities, so every row is one unit"
    lines = [
        f"  line {row.line}, {row.gtin or row.mpn}: {row.units:,} units without a footprint"
        for row in found.without[:MAX_TOLD]
    ]
    yield from _first(lines, len(found.without))
    unreadable = found.deliveries.unreadable
    yield from _first([f"  line {line} isn't counted: {why}" for line, why in unreadable])


def _first(lines: list[str], count: int | None = None) -> Iterator[str]:
    count = len(lines) if count is None else count
    yield from lines[:MAX_LINES]
    if count > MAX_LINES:
        yield f"  and {count - MAX_LINES} more (--json FILE has them)"


class _Once:
    """Each fault once: in how many documents it is, and where it is in the first of them."""

    def __init__(self) -> None:
        self._places: dict[str, list[str]] = {}

    def add(self, fault: str, document: str, pointer: str = "") -> None:
        """Count a fault of one document."""
        place = f"{document} at {pointer}" if pointer else document
        self._places.setdefault(fault, []).append(place)

    def lines(self) -> list[str]:
        """A line for each fault."""
        return [
            f"  {len(places)} × {fault} (first: {places[0]})"
            if len(places) > 1
            else f"  {places[0]} {fault}"
            for fault, places in self._places.items()
        ]
