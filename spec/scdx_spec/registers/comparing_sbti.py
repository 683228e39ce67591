"""What a disclosure says of its science-based targets, beside SBTi's files.

Each of the three statuses on its own; year and ambition where the register gives them (REG-02).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from scdx_spec.registers.matching import Match, organisation
from scdx_spec.registers.reading import Register
from scdx_spec.registers.results import Comparison
from scdx_spec.registers.sbti import (
    AMBITIONS,
    BY_PARENT,
    HORIZONS,
    Organisation,
    Part,
    ValidatedTarget,
)
from scdx_spec.registers.tables import day

_WORDS: Final = {
    "targets_set": "targets set",
    "committed": "committed",
    "commitment_removed": "commitment removed",
    "none": "neither targets nor a commitment",
}
_MAY_FOLLOW: Final = {
    ("none", "committed"),
    ("none", "targets_set"),
    ("committed", "targets_set"),
    ("committed", "commitment_removed"),
    ("commitment_removed", "committed"),
    ("commitment_removed", "targets_set"),
}
"""What a status may have become since the copy was made; that one vanishes isn't among it."""


@dataclass(frozen=True, slots=True)
class _Case:
    register: Register
    match: Match[Organisation]
    parent: Match[Organisation] | None
    as_of: date | None

    def result(self, outcome: str, pointer: str, message: str, **more: Any) -> Comparison:
        """A result; one that isn't sure whom it is about is ambiguous (REG-03)."""
        match: Match[Organisation] = more.pop("match", self.match)
        requirement = more.pop("requirement", "REG-02")
        if not match.sure:
            requirement, outcome = "REG-03", "ambiguous"
            message = f"{message.rstrip('.')}; but {match.doubt}."
            more["fix"] = "Give the SBTi id and the LEI, and former names in tradeNames."
        return Comparison(
            requirement,
            outcome,
            pointer,
            message,
            self.register.copy,
            key=match.key,
            line=match.found.line,
            **more,
        )


def compare_sbti(
    disclosure: Mapping[str, Any], register: Register, *, now: datetime
) -> Iterator[Comparison]:
    """Compare the triple, and single targets where the copy has them."""
    sbti = _object(disclosure.get("sbti"))
    about = _object(disclosure.get("organization"))
    match = register.sbti_index.match(organisation(about, sbti.get("sbtiId")))
    parent = None
    if _object(sbti.get("coveredByParent")):
        parent = register.sbti_index.match(organisation(sbti["coveredByParent"]))
    if match is None and parent is None:
        yield from _not_found(disclosure, register)
        return
    as_of = day(str(sbti.get("asOf", "")))
    if as_of is not None and as_of > now.date():
        as_of = None
    case = _Case(register, match or _sure(parent), parent, as_of)
    if not sbti:
        yield from _unstated(case)
        return
    for member in HORIZONS:
        yield from _part(case, member, _object(sbti.get(member)))
    if case.match.found.targets is not None:
        yield from _targets(case, disclosure)


def _not_found(disclosure: Mapping[str, Any], register: Register) -> Iterator[Comparison]:
    """SBTi lists everybody with a status, so claims of one want an entry; ``none`` doesn't."""
    sbti = _object(disclosure.get("sbti"))
    for member in HORIZONS:
        claimed = _object(sbti.get(member)).get("status")
        if claimed in ("targets_set", "committed", "commitment_removed"):
            yield Comparison(
                "REG-02",
                "not_found",
                f"/sbti/{member}/status",
                f"The register has no entry of this organisation; {_WORDS[claimed]} for the"
                f" {HORIZONS[member]} is claimed.",
                register.copy,
                fix="Give the SBTi id as the register has it, or coveredByParent.",
                claimed=claimed,
            )


def _unstated(case: _Case) -> Iterator[Comparison]:
    for member, part in case.match.found.parts.items():
        if part.status == "commitment_removed":
            yield case.result(
                "unstated",
                "",
                f"SBTi removed the commitment for the {HORIZONS[member]}, and no SBTi status is"
                " stated.",
                requirement="REG-06",
                fix=f"Give sbti, with commitment_removed for {member}.",
                registered=part.status,
            )


def _part(case: _Case, member: str, claim: Mapping[str, Any]) -> Iterator[Comparison]:
    claimed = claim.get("status")
    if not isinstance(claimed, str) or claimed not in _WORDS:
        return  # the schema's finding
    match, part = case.match, case.match.found.parts[member]
    parents = _covering(case, member, claimed, part)
    if parents is not None:
        match, part = parents, parents.found.parts[member]
    pointer = f"/sbti/{member}/status"
    shown: dict[str, Any] = {"match": match, "claimed": claimed, "registered": part.status or ""}
    what = f"{_WORDS[claimed]} for the {HORIZONS[member]}"
    whose = "the covering parent" if parents is not None else "the register"
    if part.status is not None and claimed == part.status:
        yield case.result("confirmed", pointer, f"{_capital(whose)} has it: {what}.", **shown)
        if claimed == "targets_set":
            yield from _details(case, member, claim, part, match)
    elif part.status is None or claimed in part.or_else:
        told = f"This form of the register can't tell whether it is {what}."
        yield case.result("ambiguous", pointer, told, **shown)
    else:
        yield _against(case, pointer, claimed, part.status, what, whose, shown)


def _against(
    case: _Case,
    pointer: str,
    claimed: str,
    registered: str,
    what: str,
    whose: str,
    shown: dict[str, Any],
) -> Comparison:
    said = f"{_capital(what)} is claimed, but {whose} says {_WORDS[registered]}"
    reason = case.match.found.reason.casefold()
    own = shown["match"] is case.match
    if own and registered == "commitment_removed" and reason == BY_PARENT:
        told = f"{said}, because targets are set by the parent company."
        return case.result("ambiguous", pointer, told, fix="Give coveredByParent.", **shown)
    copied = case.register.copy.day
    newer = case.as_of is not None and copied is not None and case.as_of > copied
    if newer and (registered, claimed) in _MAY_FOLLOW:
        told = f"{said}; the document was looked up after the copy was made."
        return case.result("ambiguous", pointer, told, fix="Compare with a newer copy.", **shown)
    fix = f"State {registered}, or have the register corrected."
    return case.result("contradicted", pointer, f"{said}.", fix=fix, **shown)


def _covering(case: _Case, member: str, claimed: object, own: Part) -> Match[Organisation] | None:
    """The parent, where the organisation's own entry doesn't say what is claimed."""
    if case.parent is None or case.match is case.parent:
        return case.parent
    reason = case.match.found.reason.casefold()
    if own.status == claimed or (own.status == "commitment_removed" and reason != BY_PARENT):
        return None
    return case.parent


def _details(
    case: _Case, member: str, claim: Mapping[str, Any], part: Part, match: Match[Organisation]
) -> Iterator[Comparison]:
    year = claim.get("targetYear")
    if isinstance(year, int) and part.years:
        same = year in part.years
        years = ", ".join(map(str, sorted(part.years)))
        yield case.result(
            "confirmed" if same else "contradicted",
            f"/sbti/{member}/targetYear",
            f"The register has the target year {years}{'' if same else f', not {year}'}.",
            fix="" if same else f"Give {years}.",
            match=match,
            claimed=str(year),
            registered=years,
        )
    ambition = _object(claim.get("classification"))
    for number, name in enumerate(("scope1And2", "scope3UseOfSoldProducts")):
        listed = sorted({pair[number] for pair in part.classifications} - {""})
        claimed = ambition.get(name)
        if claimed in AMBITIONS and listed:
            same = claimed in listed
            yield case.result(
                "confirmed" if same else "contradicted",
                f"/sbti/{member}/classification/{name}",
                f"The register has the ambition {', '.join(listed)}"
                f"{'' if same else ', which isn’t what is claimed'}.",
                fix="" if same else f"Give {', '.join(listed)}.",
                match=match,
                claimed=claimed,
                registered=", ".join(listed),
            )


def _targets(case: _Case, disclosure: Mapping[str, Any]) -> Iterator[Comparison]:
    """Each target that is said to be validated, beside those of its horizon and scopes."""
    listed = disclosure.get("targets")
    for number, one in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(one, dict) or one.get("validatedBy") != "sbti":
            continue
        scopes = frozenset(s for s in _array(one.get("scopes")) if isinstance(s, int))
        known = [
            target
            for target in case.match.found.targets or ()
            if target.horizon == one.get("horizon")
            and (target.scopes == scopes or not target.scopes)
        ]
        yield _target(case, f"/targets/{number}", one, known)


def _target(
    case: _Case, pointer: str, claim: Mapping[str, Any], known: list[ValidatedTarget]
) -> Comparison:
    years_claimed = [claim.get(name) for name in ("baseYear", "targetYear")]
    claimed = " to ".join(str(one) if isinstance(one, int) else "?" for one in years_claimed)
    if not known:
        told = "The register has no validated target of this horizon and these scopes."
        fix = "State horizon and scopes as validated, or leave out validatedBy."
        return case.result("not_found", pointer, told, fix=fix, claimed=claimed)
    years = "; ".join(f"{one.base_year or '?'} to {one.target_year or '?'}" for one in known)
    same = any(
        one.base_year in (None, claim.get("baseYear"))
        and one.target_year in (None, claim.get("targetYear"))
        for one in known
    )
    if same:
        told = f"The register has a validated target of these scopes, {years}."
        return case.result("confirmed", pointer, told, claimed=claimed, registered=years)
    told = f"The register has validated targets of these scopes for other years: {years}."
    fix = "Give base year and target year as validated."
    return case.result("contradicted", pointer, told, fix=fix, claimed=claimed, registered=years)


def _sure(parent: Match[Organisation] | None) -> Match[Organisation]:
    assert parent is not None
    return parent


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _array(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
