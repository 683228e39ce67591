"""A finding: which requirement a document breaks, where, and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass

from scdx_spec import BASE_URI
from scdx_spec.requirements import load_requirements


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken requirement at one place.

    ``level`` is ``MUST`` or ``SHOULD``; ``pointer`` a JSON pointer (RFC 6901); ``message`` says
    what is wrong without repeating the input; ``fix`` what to do.
    """

    requirement: str
    level: str
    pointer: str
    message: str
    fix: str

    @property
    def type(self) -> str:
        """The requirement's permanent address."""
        return f"{BASE_URI}{self.requirement}"

    @property
    def sentence(self) -> str:
        """The requirement's sentence in the prose."""
        known = load_requirements().get(self.requirement)
        return known.sentence if known else ""

    def as_dict(self) -> dict[str, str]:
        """The finding as JSON has it (``protocol.schema.json``, ``finding``)."""
        return {
            "type": self.type,
            "requirement": self.requirement,
            "level": self.level,
            "pointer": self.pointer,
            "message": self.message,
            "sentence": self.sentence,
            "fix": self.fix,
        }


def finding(requirement: str, pointer: str, message: str, fix: str) -> Finding:
    """A finding at the level of its requirement's keyword; an unknown ID counts as MUST.

    That no ID is unknown is a test's business: judging documents never fails over it.
    """
    known = load_requirements().get(requirement)
    level = "MUST" if known is None or known.binding else "SHOULD"
    return Finding(requirement, level, pointer, message, fix)


def breaks_must(findings: Iterable[Finding]) -> bool:
    """Whether one of the findings breaks conformance."""
    return any(found.level == "MUST" for found in findings)
