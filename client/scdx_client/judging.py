"""What is found about a document when it arrives: its digest, its statements, its findings.

Nothing is dropped. What doesn't fit is flagged, and the workspace never hands it to a calculation.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from scdx_client.workspace import Received
from scdx_spec.canonical import canonical_bytes, digest
from scdx_spec.check import check, kind_of
from scdx_spec.statements import StatementError, verify


def receive(
    document: dict[str, Any],
    *,
    kind: str,
    document_id: str,
    state: str,
    now: datetime,
    source_url: str,
    stated_sha256: str | None = None,
    tokens: Sequence[str] = (),
    keys: Sequence[dict[str, Any]] = (),
    signed: bool = False,
) -> Received:
    """A document with its digest recomputed, its statements verified and its findings.

    ``signed`` says that this source gives statements (SCDX), so that a missing one is flagged.
    Raises ``ValueError`` where the document has no canonical form.
    """
    body = canonical_bytes(document)
    sha256 = digest(body)
    flags: list[str] = []
    if stated_sha256 is not None and stated_sha256 != sha256:
        flags.append("digest_mismatch")
    if str(document.get("id", "")).lower() != document_id.lower():
        flags.append("digest_mismatch")
    if signed:
        flags += statement_flags(document_id, sha256, tokens, keys)
    found = check(document, now=now)
    if any(one.level == "MUST" for one in found):
        flags.append("breaks_must")
    elif found:
        flags.append("advice")
    return Received(
        id=document_id.lower(),
        kind=kind_of(document) or kind,
        sha256=sha256,
        state=state,
        body=body,
        findings=tuple(one.as_dict() for one in found),
        flags=tuple(dict.fromkeys(flags)),
        statements=tuple(tokens),
        source_url=source_url,
    )


def statement_flags(
    document_id: str, sha256: str, tokens: Sequence[str], keys: Sequence[dict[str, Any]]
) -> list[str]:
    """``statement_invalid`` where one proves nothing, ``no_statement`` where none publishes."""
    published = False
    for token in tokens:
        try:
            payload = verify(token, keys)
        except StatementError:
            return ["statement_invalid"]
        about = payload["document"]
        if about["id"].lower() != document_id.lower() or about["sha256"] != sha256:
            return ["statement_invalid"]
        published = published or payload["statement"] == "published"
    return [] if published else ["no_statement"]
