"""Content profiles: whether a document says enough, item by item (``v1/profiles/*.yaml``).

An item is met when at least one node is concerned and its rule holds at every such node. A document
that breaks a binding requirement is complete in no profile.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from scdx_spec.check import breaks_must, check, kind_of
from scdx_spec.data import ROOT, load_yaml
from scdx_spec.requirements import load_requirements
from scdx_spec.rules import Rule, Start, carriers, evaluated, nodes

__all__ = ["Item", "Profile", "Verdict", "judge_profile", "profile", "profile_names"]

SUBJECT = "@"
"""The path of an item that looks at the profile's subject."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile as its file has it."""

    name: str
    title: str
    kinds: tuple[str, ...]
    includes: tuple[str, ...]
    starts: Mapping[str, Start]
    subject: tuple[str, str | None] | None
    criteria: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a verdict: whether it is met, and else what is wrong and what to do."""

    requirement: str
    met: bool
    sentence: str
    message: str
    fix: str
    pointer: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a profile says of one document.

    ``applicable`` is false for another kind of document than the profile is for; ``valid`` is
    false where a binding requirement is broken.
    """

    profile: str
    applicable: bool
    valid: bool
    items: tuple[Item, ...]

    @property
    def complete(self) -> bool:
        """Whether everything that the profile asks for is there."""
        return self.applicable and self.valid and all(item.met for item in self.items)

    def as_dict(self) -> dict[str, Any]:
        """The verdict as JSON has it."""
        return {
            "profile": self.profile,
            "applicable": self.applicable,
            "valid": self.valid,
            "complete": self.complete,
            "items": [
                {
                    "requirement": item.requirement,
                    "met": item.met,
                    "sentence": item.sentence,
                    "pointer": item.pointer,
                    "message": item.message,
                    "fix": item.fix,
                }
                for item in self.items
            ],
        }


def profile_names(root: Path = ROOT) -> tuple[str, ...]:
    """The names of all profiles."""
    return tuple(sorted(path.stem for path in (root / "profiles").glob("*.yaml")))


@cache
def profile(name: str, root: Path = ROOT) -> Profile:
    """One profile by name. Raises ``KeyError`` for a name that the standard doesn't have, and
    ``ValueError`` where its file is malformed."""
    if name not in profile_names(root):
        raise KeyError(name)
    content = load_yaml(f"profiles/{name}.yaml", root=root)
    try:
        starts = {kind: Start(**start) for kind, start in content["roots"].items()}
        subject = content.get("subject")
        return Profile(
            name=content["profile"],
            title=content["title"],
            kinds=tuple(content["kinds"]),
            includes=tuple(content.get("includes", ())),
            starts=starts,
            subject=(subject["at"], subject.get("when")) if subject else None,
            criteria=tuple(
                Rule(**{**item, "at": (item["at"],)}, file=name, starts=starts)
                for item in content["criteria"]
            ),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"{name}.yaml: {error}") from None


def judge_profile(
    document: object, name: str, *, now: datetime, valid: bool | None = None, root: Path = ROOT
) -> Verdict:
    """Judge one document by a profile and those that it includes. Raises ``KeyError`` for an
    unknown name; never because of what the document holds.

    ``valid`` is whether the document breaks no MUST, for whoever has checked it already.
    """
    asked = profile(name, root)
    kind = kind_of(document)
    if kind not in asked.kinds or not isinstance(document, dict):
        return Verdict(name, applicable=False, valid=False, items=())
    if valid is None:
        valid = not breaks_must(check(document, now=now, root=root))
    if not valid:
        return Verdict(name, applicable=True, valid=False, items=())
    items = tuple(_items(document, kind, asked, now, root))
    return Verdict(name, applicable=True, valid=True, items=items)


def _items(
    document: dict[str, Any], kind: str, asked: Profile, now: datetime, root: Path
) -> Iterator[Item]:
    for included in asked.includes:
        yield from _items(document, kind, profile(included, root), now, root)
    for criterion in asked.criteria:
        yield _item(document, kind, asked, criterion, now, root)


def _item(
    document: dict[str, Any], kind: str, asked: Profile, criterion: Rule, now: datetime, root: Path
) -> Item:
    concerned, where = 0, ""
    failed: str | None = None
    for pointer, node, doc in _looked_at(document, kind, asked, criterion, now):
        if criterion.when is not None and not evaluated(criterion.when, node, doc, now):
            continue
        concerned, where = concerned + 1, where or pointer
        if failed is None and evaluated(criterion.rule, node, doc, now) is not True:
            failed = pointer
    known = load_requirements(root).get(criterion.requirement)
    return Item(
        requirement=criterion.requirement,
        met=concerned > 0 and failed is None,
        sentence=known.sentence if known else "",
        message=criterion.message,
        fix=criterion.fix,
        pointer=failed if failed is not None else where,
    )


def _looked_at(
    document: dict[str, Any], kind: str, asked: Profile, criterion: Rule, now: datetime
) -> Iterator[tuple[str, Any, Any]]:
    """Pointer, node and root of everything that one item looks at."""
    for base_pointer, base in carriers(document, asked.starts[kind], now):
        (path,) = criterion.at
        if path != SUBJECT:
            yield from ((p, node, base) for p, node in nodes(base, path, base_pointer))
        elif asked.subject is not None:
            path, when = asked.subject
            for pointer, node in nodes(base, path, base_pointer):
                if when is None or evaluated(when, node, base, now) is True:
                    yield pointer, node, base
