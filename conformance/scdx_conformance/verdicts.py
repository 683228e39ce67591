"""What the tests found out, requirement by requirement.

A pass needs at least one case that was judged: a test that found nothing to judge leaves its
requirement *not testable*, with the reason. So there is no silent skip and no vacuous pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from scdx_conformance.wire import Exchange

MAX_EVIDENCE = 5
Evidence = dict[str, str]
Describe = Callable[[str, Exchange | None], Evidence]


@dataclass
class Verdict:
    """One requirement so far: cases judged, what broke it, why it could not be judged."""

    judged: int = 0
    broken: int = 0
    evidence: list[Evidence] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


@dataclass
class Verdicts:
    """All verdicts of a run. ``describe`` turns a message and an exchange into evidence."""

    describe: Describe
    by_requirement: dict[str, Verdict] = field(default_factory=dict)

    def of(self, requirement: str) -> Verdict:
        """The verdict of a requirement, begun where there is none yet."""
        return self.by_requirement.setdefault(requirement, Verdict())

    def case(self, requirement: str, kept: bool, message: str, exchange: Exchange | None) -> None:
        """Count one judged case; keep the evidence of the first few that break it."""
        verdict = self.of(requirement)
        verdict.judged += 1
        if not kept:
            verdict.broken += 1
            if len(verdict.evidence) < MAX_EVIDENCE:
                verdict.evidence.append(self.describe(message, exchange))


class Judge:
    """What a test judges with; it may judge only the requirements in its marker."""

    def __init__(self, verdicts: Verdicts, requirements: frozenset[str]) -> None:
        self._verdicts = verdicts
        self._requirements = requirements
        self.broken: list[str] = []
        for requirement in requirements:
            verdicts.of(requirement)

    def expect(
        self, requirement: str, kept: bool, message: str, exchange: Exchange | None = None
    ) -> bool:
        """Judge one case: ``message`` says what is wrong when it is not ``kept``.

        Returns ``kept``. The test goes on either way, so that one fault hides no other.
        """
        self._own(requirement)
        self._verdicts.case(requirement, kept, message, exchange)
        if not kept:
            self.broken.append(f"{requirement}: {message}")
        return kept

    def not_testable(self, requirement: str, reason: str) -> None:
        """Say why nothing could be judged; it holds unless another case is judged."""
        self._own(requirement)
        reasons = self._verdicts.of(requirement).reasons
        if reason not in reasons:
            reasons.append(reason)

    def _own(self, requirement: str) -> None:
        if requirement not in self._requirements:
            raise LookupError(f"the test does not name {requirement} in its marker")
