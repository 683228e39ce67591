"""The findings of all documents of a run, counted by requirement."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from scdx_spec.canonical import canonical_bytes, digest
from scdx_spec.check import Finding, check

MAX_EXAMPLES = 3


@dataclass
class Count:
    """One requirement's findings: how many, and the first few places."""

    level: str
    sentence: str
    count: int = 0
    examples: list[dict[str, str]] = field(default_factory=list)


@dataclass
class DocumentFindings:
    """How many documents were looked at, and what was found in them."""

    checked: dict[str, set[str]] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)
    """The ids (in lower case) of all that was served, more than were checked where a run checks a
    sample."""
    counts: dict[str, Count] = field(default_factory=dict)
    _found: dict[str, list[Finding]] = field(default_factory=dict, repr=False)

    def of(self, document: object) -> list[Finding]:
        """What the standard's check finds in a document, which several classes may serve."""
        try:
            key = digest(canonical_bytes(document)) if isinstance(document, dict) else ""
        except (ValueError, RecursionError, TypeError):
            key = ""
        if not key:
            return check(document, now=datetime.now(UTC))
        if key not in self._found:
            self._found[key] = check(document, now=datetime.now(UTC))
        return self._found[key]

    def knows(self, document_id: str) -> bool:
        """Whether a document was checked, through whatever class."""
        return any(document_id.lower() in seen for seen in self.checked.values())

    def add(self, through: str, document_id: str, found: list[Finding]) -> list[Finding]:
        """Count a document's findings, once however many classes serve it; gives those of MUSTs."""
        known = self.knows(document_id)
        self.shown.add(document_id.lower())
        self.checked.setdefault(through, set()).add(document_id.lower())
        for finding in [] if known else found:
            count = self.counts.setdefault(
                finding.requirement, Count(finding.level, finding.sentence)
            )
            count.count += 1
            if len(count.examples) < MAX_EXAMPLES:
                count.examples.append(
                    {
                        "document": document_id,
                        "pointer": finding.pointer,
                        "message": finding.message,
                    }
                )
        return [finding for finding in found if finding.level == "MUST"]

    def as_dict(self) -> dict[str, object]:
        """The report's section ``documents``."""
        everything: set[str] = set().union(*self.checked.values())
        return {
            "checked": len(everything),
            "shown": len(self.shown),
            "findings": [
                {
                    "requirement": requirement,
                    "level": count.level,
                    "sentence": count.sentence,
                    "count": count.count,
                    "examples": count.examples,
                }
                for requirement, count in sorted(self.counts.items())
            ],
        }
