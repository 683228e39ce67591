"""The numbered sentences of the prose: the standard's requirements, read from where they stand.

A requirement is a paragraph ``**ABC-12** — A document MUST ….`` with one keyword of RFC 2119; its
actor is how it begins. The prose is the only place where the sentence stands.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scdx_spec import BASE_URI
from scdx_spec.data import ROOT

KEYWORDS = re.compile(
    r"\b(MUST NOT|MUST|SHALL NOT|SHALL|SHOULD NOT|SHOULD|NOT RECOMMENDED|RECOMMENDED"
    r"|REQUIRED|OPTIONAL|MAY)\b"
)
LEVELS = ("MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY")
ACTORS = {
    "A document ": "document",
    "In a document, ": "document",
    "A server ": "server",
    "A client ": "client",
    "For the profile ": "profile",
}
_NUMBERED = re.compile(r"^\*\*([A-Z]{3}-[0-9]{2})\*\* — (.+)$")
_TAKEN = re.compile(r"^Of [a-z0-9-]+ an? [a-z ]+ takes ([^.]+)\.", re.MULTILINE)
_ID = re.compile(r"\b[A-Z]{3}-[0-9]{2}\b")
_EXCUSE = re.compile(r"^(.*?) \*\(not testable: (.+)\)\*$")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One normative sentence."""

    id: str
    level: str
    actor: str
    sentence: str
    chapter: str
    line: int
    not_testable: str | None = None

    @property
    def link(self) -> str:
        """Permanent address of the requirement, also the ``type`` of findings."""
        return f"{BASE_URI}{self.id}"

    @property
    def binding(self) -> bool:
        """Whether breaking it breaks conformance (MUST, MUST NOT)."""
        return self.level.startswith("MUST")


def read_chapter(name: str, text: str) -> tuple[list[Requirement], list[str]]:
    """Requirements of one chapter, and what is wrong with its prose (one line each)."""
    found: list[Requirement] = []
    problems: list[str] = []
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            fenced = not fenced
        if fenced:
            continue
        keywords = KEYWORDS.findall(line)
        match = _NUMBERED.match(line)
        where = f"{name}.md:{number}"
        if match is None:
            if keywords and not _talks_about_keywords(line):
                problems.append(f"{where}: {keywords[0]} outside a numbered sentence")
            continue
        excuse = _EXCUSE.match(match[2])
        sentence = excuse[1] if excuse else match[2]
        actor = next((a for start, a in ACTORS.items() if sentence.startswith(start)), None)
        inside = KEYWORDS.findall(sentence)
        if actor is None:
            problems.append(f"{where}: {match[1]} begins with no actor")
        if len(inside) != 1 or inside[0] not in LEVELS:
            problems.append(f"{where}: {match[1]} has {len(inside)} keywords, not one")
        if actor and len(inside) == 1:
            plain = sentence.replace("`", "")
            reason = excuse[2] if excuse else None
            found.append(Requirement(match[1], inside[0], actor, plain, name, number, reason))
    return found, problems


def _talks_about_keywords(line: str) -> bool:
    """Prose that names a keyword as a word: ``a MUST of this standard``."""
    rest = re.sub(r"\b(every|a|of a) (MUST|SHOULD)\b", "", line)
    return not KEYWORDS.search(rest)


def read_prose(root: Path = ROOT) -> tuple[dict[str, Requirement], list[str]]:
    """All requirements below ``root`` by ID, in the prose's order, and the prose's problems."""
    all_found: dict[str, Requirement] = {}
    problems: list[str] = []
    for path in sorted(root.glob("*.md"), key=lambda p: (_order(p.stem), p.stem)):
        found, wrong = read_chapter(path.stem, path.read_text("utf-8"))
        problems += wrong
        for requirement in found:
            if requirement.id in all_found:
                problems.append(f"{path.name}:{requirement.line}: {requirement.id} stands twice")
            all_found[requirement.id] = requirement
    return all_found, problems


_ORDER = (
    "documents",
    "product-footprint",
    "products",
    "disclosures",
    "customer-reports",
    "profiles",
    "statements",
    "registers",
    "core",
    "exchange",
    "static",
    "isolation",
    "requests",
    "integrity",
    "pact-3",
)


def _order(chapter: str) -> int:
    return _ORDER.index(chapter) if chapter in _ORDER else len(_ORDER)


@cache
def load_requirements(root: Path = ROOT) -> dict[str, Requirement]:
    """All requirements of the standard by ID, in the order of the prose."""
    return read_prose(root)[0]


@cache
def taken_over(chapter: str, root: Path = ROOT) -> tuple[str, ...]:
    """IDs of what a chapter takes over from another, whose class need not be claimed for it.

    They are read from the chapter's sentence ``Of core a host takes … (COR-01, …).``
    """
    sentences = _TAKEN.findall((root / f"{chapter}.md").read_text("utf-8"))
    return tuple(_ID.findall(" ".join(sentences)))
