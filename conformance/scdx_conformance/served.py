"""What is served, beyond how: judged by content profiles, registers and a list of deliveries.

Nothing of it is a requirement of a server, so it changes no verdict of a class. A profile that was
asked for is another matter: what isn't complete in it makes a run fail.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from scdx_conformance.products_wanted import (
    Coverage,
    Deliveries,
    ServedProduct,
    coverage,
    plain_mpn,
    read_deliveries,
)
from scdx_conformance.served_documents import ServedDocument
from scdx_conformance.settings import CannotRunError
from scdx_spec.check import kind_of
from scdx_spec.identifiers import normal_gtin
from scdx_spec.profiles import Verdict, judge_profile, profile, profile_names
from scdx_spec.reading import UnreadableError
from scdx_spec.registers.comparing import Comparison, Register, compare, product_part, read_register
from scdx_spec.registers.comparing_products import identifiers
from scdx_spec.registers.matching import core_name
from scdx_spec.registers.results import OUTCOMES
from scdx_spec.requirements import load_requirements

PRODUCT_KINDS = ("ProductFootprint", "ProductDeclaration")


@dataclass(frozen=True)
class Wanted:
    """What a run is asked to find out about what is served."""

    profiles: tuple[str, ...] = ()
    registers: tuple[Register, ...] = ()
    deliveries: Deliveries | None = None

    @property
    def something(self) -> bool:
        """Whether anything was asked for at all."""
        return bool(self.profiles or self.registers or self.deliveries)


@dataclass(frozen=True)
class Questions:
    """The same as options name it: profiles by name, registers and deliveries as files."""

    profiles: tuple[str, ...] = ()
    registers: tuple[Path, ...] = ()
    products: Path | None = None

    def read(self, now: datetime) -> Wanted:
        """Read the files. Raises CannotRunError: before a run, which may take minutes."""
        if any(name not in profile_names() for name in self.profiles):
            known = ", ".join(profile_names())
            raise CannotRunError(f"There is no profile of that name. Profiles: {known}.")
        try:
            return Wanted(
                tuple(dict.fromkeys(self.profiles)),
                tuple(read_register(path, now=now) for path in self.registers),
                read_deliveries(self.products) if self.products is not None else None,
            )
        except UnreadableError as error:
            raise CannotRunError(f"{error}.") from None


@dataclass(frozen=True)
class ProfileResult:
    """One profile: the verdict of every served document of its kinds."""

    name: str
    asked: bool
    verdicts: tuple[tuple[str, Verdict], ...]

    @property
    def complete(self) -> int:
        """How many documents are complete in it."""
        return sum(verdict.complete for _, verdict in self.verdicts)

    @property
    def fails(self) -> bool:
        """Whether it was asked for and isn't met; no document at all doesn't meet it either."""
        return self.asked and (not self.verdicts or self.complete < len(self.verdicts))

    def as_dict(self) -> dict[str, Any]:
        """One of the report's ``served.profiles``: by requirement, and by document."""
        met, of = Counter[str](), Counter[str]()
        for _, verdict in self.verdicts:
            for item in verdict.items:
                of[item.requirement] += 1
                met[item.requirement] += item.met
        known = load_requirements()
        return {
            "profile": self.name,
            "asked": self.asked,
            "documents": len(self.verdicts),
            "complete": self.complete,
            "requirements": [
                {
                    "requirement": name,
                    "sentence": known[name].sentence if name in known else "",
                    "met": met[name],
                    "documents": count,
                }
                for name, count in sorted(of.items())
            ],
            "results": [_told(name, verdict) for name, verdict in self.verdicts],
        }


@dataclass(frozen=True)
class RegisterResult:
    """One copy of a register: what it says of the served documents."""

    register: Register
    comparisons: tuple[tuple[str, Comparison], ...]
    stale: str = ""
    """Why the copy confirms nothing any more."""

    @property
    def outcomes(self) -> dict[str, int]:
        """How many claims have each outcome."""
        return dict(sorted(Counter(one.outcome for _, one in self.comparisons).items()))

    def as_dict(self) -> dict[str, Any]:
        """One of the report's ``served.registers``."""
        results = []
        for name, comparison in self.comparisons:
            told = comparison.as_dict()
            del told["copy"]
            results.append({"document": name, **told})
        return {
            **self.register.copy.as_dict(),
            "rows": len(self.register),
            "outcomes": self.outcomes,
            "results": results,
        }


@dataclass(frozen=True)
class Served:
    """What was found in what is served. ``whole``: nothing that is served was left out.

    ``redact`` goes over every text that is shown, for what a server put into its documents.
    """

    documents: int
    whole: bool
    profiles: tuple[ProfileResult, ...] = ()
    registers: tuple[RegisterResult, ...] = ()
    products: Coverage | None = None
    redact: Callable[[str], str] = str

    @property
    def asked(self) -> tuple[ProfileResult, ...]:
        """The profiles that were asked for: with one that isn't met, a run fails."""
        return tuple(one for one in self.profiles if one.asked)

    @property
    def incomplete(self) -> tuple[str, ...]:
        """The profiles that were asked for and aren't met: with one, a run fails."""
        return tuple(one.name for one in self.profiles if one.fails)

    def state(self, profile: ProfileResult) -> str:
        """A profile's verdict: ``fail``; ``pass``; ``part`` where not everything was seen."""
        return "fail" if profile.fails else "pass" if self.whole else "part"

    def as_dict(self) -> dict[str, Any]:
        """The report's ``served``: ``{documents, whole, profiles, registers, products}``."""
        told = {
            "documents": self.documents,
            "whole": self.whole,
            "profiles": [one.as_dict() for one in self.profiles],
            "registers": [one.as_dict() for one in self.registers],
            "products": self.products.as_dict() if self.products else None,
        }
        cleaned = _cleaned(told, self.redact)
        assert isinstance(cleaned, dict)
        return cleaned


def judge_served(
    asked: Wanted,
    documents: Sequence[ServedDocument],
    *,
    whole: bool = True,
    now: datetime,
    redact: Callable[[str], str] = str,
) -> Served:
    """Judge served documents by profiles, registers and deliveries.

    Without a profile asked for, each document is judged by those that it names itself.
    """
    registers = tuple(
        RegisterResult(
            register,
            tuple(sorted(_compared(register, documents, now), key=_telling)),
            register.copy.stale(now),
        )
        for register in asked.registers
    )
    products = _products(asked.deliveries, documents, now) if asked.deliveries else None
    profiles = tuple(_profiles(asked.profiles, documents, now))
    return Served(len(documents), whole, profiles, registers, products, redact)


def _compared(
    register: Register, documents: Sequence[ServedDocument], now: datetime
) -> Iterator[tuple[str, Comparison]]:
    for one in documents:
        for result in compare(one.document, [register], now=now):
            yield one.id, result


def _telling(found: tuple[str, Comparison]) -> int:
    """The place of an outcome, the most telling first."""
    return OUTCOMES.index(found[1].outcome)


def _profiles(
    asked: Sequence[str], documents: Sequence[ServedDocument], now: datetime
) -> list[ProfileResult]:
    found = []
    for name in asked or profile_names():
        verdicts = [
            (one.id, judge_profile(one.document, name, now=now, valid=one.valid))
            for one in documents
            if kind_of(one.document) in profile(name).kinds
            and (asked or name in _claimed(one.document))
        ]
        if asked or verdicts:
            found.append(ProfileResult(name, bool(asked), tuple(verdicts)))
    return found


def _claimed(document: Mapping[str, object]) -> list[object]:
    claimed = document.get("profiles")
    return claimed if isinstance(claimed, list) else []


def _told(name: str, verdict: Verdict) -> dict[str, Any]:
    """A verdict on one document; what is met needs no more words than its place."""
    items = []
    for item in verdict.items:
        told: dict[str, Any] = {"requirement": item.requirement, "met": item.met}
        if not item.met:
            told |= {"pointer": item.pointer, "message": item.message, "fix": item.fix}
        items.append(told)
    return {
        "document": name,
        "valid": verdict.valid,
        "complete": verdict.complete,
        "items": items,
    }


def _cleaned(value: object, redact: Callable[[str], str]) -> object:
    if isinstance(value, dict):
        return {key: _cleaned(one, redact) for key, one in value.items()}
    if isinstance(value, list):
        return [_cleaned(one, redact) for one in value]
    return redact(value) if isinstance(value, str) else value


def _products(
    deliveries: Deliveries, documents: Sequence[ServedDocument], now: datetime
) -> Coverage:
    names = [name for name in profile_names() if set(PRODUCT_KINDS) & set(profile(name).kinds)]
    served = [product for one in documents if (product := _product(one, names, now)) is not None]
    return coverage(deliveries, served, names)


def _product(
    served: ServedDocument, profiles: Sequence[str], now: datetime
) -> ServedProduct | None:
    """The product of a document, where it has a figure for its footprint."""
    document, valid = served.document, served.valid
    kind = kind_of(document)
    if kind not in PRODUCT_KINDS:
        return None
    part, _ = product_part(document)
    product = part.get("product")
    product = product if isinstance(product, dict) else {}
    if kind == "ProductDeclaration" and not _has_total(product):
        return None
    gtins, mpns = set(identifiers(product, "gtin")), set(identifiers(product, "mpn"))
    listed = document.get("productIds") if kind == "ProductFootprint" else None
    for urn in listed if isinstance(listed, list) else ():
        if isinstance(urn, str) and urn.lower().startswith("urn:gtin:"):
            gtins.add(urn[len("urn:gtin:") :])
        elif isinstance(urn, str):
            mpns.add(urn.rpartition(":")[2])
    maker = part.get("manufacturer")
    makers = (maker.get("name") if isinstance(maker, dict) else None, document.get("companyName"))
    verdicts = {name: judge_profile(document, name, now=now, valid=valid) for name in profiles}
    return ServedProduct(
        frozenset(normal_gtin(one) for one in gtins),
        frozenset(plain_mpn(one) for one in mpns),
        frozenset(core_name(one) for one in makers if isinstance(one, str)),
        frozenset(name for name, verdict in verdicts.items() if verdict.complete),
    )


def _has_total(product: Mapping[str, Any]) -> bool:
    footprint = product.get("footprint")
    total = footprint.get("total") if isinstance(footprint, dict) else None
    return isinstance(total, dict) and "kgCO2e" in total
