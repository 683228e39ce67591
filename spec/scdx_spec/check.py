"""One check, three callers: server, client and suite judge every document with :func:`check`.

Guards first (what engines crash or disagree over), then shape (JSON Schema), then sense (CEL) and
what open schemas let through. Total: any input gives findings, never an exception.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from scdx_spec import strict_json
from scdx_spec.data import ROOT
from scdx_spec.findings import Finding, breaks_must, finding

MAX_FINDINGS = 200
MAX_BYTES = 16 * 1024 * 1024
PACT_VERSION_REQUIREMENT = "PCF-01"

__all__ = ["Finding", "breaks_must", "check", "check_bytes", "kind_of"]

_OWN_KINDS = ("ProductDeclaration", "SupplierDisclosure", "CustomerReport")
_GUARDS = {
    "JSN-01": ("it holds something that JSON does not have", "Give plain JSON values."),
    "JSN-03": ("a number is not finite or beyond 2^53", "Write large numbers as decimal strings."),
    "JSN-04": ("a string holds a lone surrogate", "Correct the text's encoding."),
    "JSN-05": ("it is nested too deep", "Flatten the document."),
    "JSN-06": ("it holds more than 20,000 values", "Split it into several documents."),
}


def kind_of(document: object) -> str | None:
    """The kind of a document: a footprint is recognised by ``pcf``, the others by ``type``."""
    if not isinstance(document, dict):
        return None
    if "pcf" in document and "type" not in document:
        return "ProductFootprint"
    kind = document.get("type")
    return kind if isinstance(kind, str) and kind in _OWN_KINDS else None


def check(document: object, *, now: datetime, root: Path = ROOT) -> list[Finding]:
    """Judge one parsed document; ``now`` is the time that rules about time go by.

    Never raises; at most 200 findings, MUST before SHOULD.
    """
    if not strict_json.is_sound(document):
        violations = _first(strict_json.violations(document))
        if violations:
            return [finding(requirement, p, *_GUARDS[requirement]) for requirement, p in violations]
        document = json.loads(json.dumps(document))  # of subclasses, which engines don't know
    kind = kind_of(document)
    if kind is None or not isinstance(document, dict):
        what = "it is no kind of document that this standard knows"
        return [finding("DOC-01", "", what, "Give it the type it is meant to have, or a pcf.")]
    if kind == "ProductFootprint" and _is_pact_2(document):
        what = "it is a PACT 2.x document"
        fix = "Convert it to PACT 3; 2.x figures are per unit, 3.x figures per declared amount."
        return [finding(PACT_VERSION_REQUIREMENT, "/specVersion", what, fix)]
    return _judged(document, kind, now, root)


def check_bytes(raw: bytes, *, now: datetime, root: Path = ROOT) -> list[Finding]:
    """Judge a document's text: what is wrong with the JSON itself becomes a finding too."""
    try:
        document = strict_json.loads(raw, max_bytes=MAX_BYTES)
    except strict_json.StrictJsonError as error:
        return [finding(error.requirement, "", str(error), "Give strict JSON in UTF-8.")]
    if not isinstance(document, dict):
        return [finding("JSN-01", "", "its top is not an object", "Give one JSON object.")]
    return check(document, now=now, root=root)


def _judged(document: dict[str, Any], kind: str, now: datetime, root: Path) -> list[Finding]:
    from scdx_spec.members import member_findings
    from scdx_spec.rules import readable, rule_findings
    from scdx_spec.shape import SCHEMAS, shape_findings

    found = shape_findings(document, SCHEMAS[kind], limit=MAX_FINDINGS, root=root)
    broken = [one.pointer for one in found if one.requirement not in readable(root)]
    found += member_findings(document, kind, root=root)
    found += rule_findings(document, kind, now=now, broken=broken, root=root)
    unique = dict.fromkeys(found)
    return sorted(unique, key=lambda one: one.level != "MUST")[:MAX_FINDINGS]


def _first(violations: Any) -> list[tuple[str, str]]:
    found = []
    for violation in violations:
        found.append(violation)
        if len(found) >= MAX_FINDINGS:
            break
    return found


def _is_pact_2(document: dict[str, Any]) -> bool:
    version, pcf = document.get("specVersion"), document.get("pcf")
    if isinstance(version, str) and version.startswith("2."):
        return True
    old = {"unitaryProductAmount", "pCfExcludingBiogenic", "declaredUnit"}
    return isinstance(pcf, dict) and bool(old & set(pcf)) and "declaredUnitAmount" not in pcf
