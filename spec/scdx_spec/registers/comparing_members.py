"""A membership in the RBA, beside a list of its members."""

from collections.abc import Iterator, Mapping
from typing import Any

from scdx_spec.registers.matching import Sought, organisation
from scdx_spec.registers.rba import CATEGORIES
from scdx_spec.registers.reading import Register
from scdx_spec.registers.results import Comparison


def compare_memberships(disclosure: Mapping[str, Any], register: Register) -> Iterator[Comparison]:
    """Compare every membership whose scheme is ``rba``.

    A list of names confirms nothing where it has no countries (REG-03); that it lacks a Supporter
    is no contradiction (REG-05), and that it lacks others proves nothing by itself, since lists
    have other names than registers of companies.
    """
    listed = disclosure.get("memberships")
    for number, one in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(one, dict) and one.get("scheme") == "rba":
            yield _membership(disclosure, one, f"/memberships/{number}", register)


def _membership(
    disclosure: Mapping[str, Any], claim: Mapping[str, Any], pointer: str, register: Register
) -> Comparison:
    category = claim.get("category")
    category = category if category in CATEGORIES else ""
    match = register.rba_index.match(_sought(disclosure, claim))
    if match is None:
        if category == "supporter":
            told = "The list doesn't have this Supporter, who needn't be on it."
            requirement, fix = "REG-05", ""
        else:
            told = "The list has no member of this name; somebody has to look."
            requirement, fix = "REG-03", "Give memberName as the list has it, or parentMember."
        return Comparison(
            requirement, "not_found", pointer, told, register.copy, fix=fix, claimed=category
        )
    member = match.found
    same = not (category and member.category) or category == member.category
    told = "The list has a member of this name"
    told += f", but as {member.category}" if not same else ""
    outcome = "confirmed" if same else "contradicted"
    fix = "" if same else f"Give the category {member.category}, or have the list corrected."
    if same and category and not member.category:
        told += "; it doesn't tell the category"
        outcome = "ambiguous"
    if not match.sure:
        outcome = "ambiguous"
        told += f"; but {match.doubt}"
    return Comparison(
        "REG-03",
        outcome,
        pointer,
        f"{told}.",
        register.copy,
        fix=fix,
        key=match.key,
        line=member.line,
        claimed=category,
        registered=member.category,
    )


def _sought(disclosure: Mapping[str, Any], claim: Mapping[str, Any]) -> Sought:
    """The organisation, or the parent that is the member, under the name that the list has."""
    parent = claim.get("parentMember")
    about = parent if isinstance(parent, dict) else disclosure.get("organization")
    sought = organisation(about if isinstance(about, dict) else {})
    name = claim.get("memberName")
    own = sought.names or ("",)  # the first counts as the legal name, which this one isn't
    names = (*own, name) if isinstance(name, str) else own
    return Sought(names, sought.country, sought.identifiers)
