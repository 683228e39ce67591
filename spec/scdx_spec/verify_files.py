"""What ``scdx verify`` does: prove, offline, that documents are what their publisher signed."""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scdx_spec.canonical import canonical_bytes, digest
from scdx_spec.reading import UnreadableError, counted, plain, read_values
from scdx_spec.statements import StatementError, verify
from scdx_spec.strict_json import StrictJsonError


@dataclass(slots=True)
class Proof:
    """What is proven about one document."""

    label: str
    id: str
    sha256: str
    proven: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Case:
    label: str
    document: dict[str, Any]
    stated: str | None
    tokens: list[str]


def prove(
    case_label: str,
    document: dict[str, Any],
    stated: str | None,
    tokens: list[str],
    keys: list[dict[str, Any]],
) -> Proof:
    """Digest and statements of one document against public keys."""
    try:
        recomputed = digest(canonical_bytes(document))
    except ValueError as error:
        return Proof(case_label, plain(document.get("id")), "", problems=[str(error)])
    proof = Proof(case_label, plain(document.get("id")), recomputed)
    if stated is not None and stated != recomputed:
        proof.problems.append("the sha256 beside it is not that of its bytes")
    for token in tokens:
        try:
            payload = verify(token, keys)
        except StatementError as error:
            proof.problems.append(f"a statement proves nothing: {error}")
            continue
        about = payload["document"]
        if about != {"id": document.get("id"), "sha256": recomputed}:
            proof.problems.append(f"a statement ({payload['statement']}) is about other bytes")
            continue
        issuer = plain(payload.get("iss", "unknown"))
        proof.proven.append(f"{payload['statement']} by {issuer} at {plain(payload['at'])}")
    if not proof.proven and not proof.problems:
        proof.problems.append("no statement about it")
    return proof


def run(files: list[Path], *, statements: list[Path], keys: list[Path], as_json: bool) -> int:
    """Prove files and print; gives the exit status (0 proven, 1 not, 2 not readable)."""
    try:
        cases, found_keys = _cases(files)
        found_keys += _keys(keys)
        loose = _tokens(statements)
    except UnreadableError as error:
        print(error, file=sys.stderr)
        return 2
    if not found_keys:
        print(
            "no keys: give the supplier's with --keys (JWKS, scdx.json, index.json)",
            file=sys.stderr,
        )
        return 2
    for case in cases:
        case.tokens += [token for token in loose if _about(token) == case.document.get("id")]
    proofs = [prove(c.label, c.document, c.stated, c.tokens, found_keys) for c in cases]
    if as_json:
        shown = [
            {
                "file": p.label,
                "id": p.id,
                "sha256": p.sha256,
                "proven": p.proven,
                "problems": p.problems,
            }
            for p in proofs
        ]
        print(json.dumps({"documents": shown}, ensure_ascii=False, indent=2))
    else:
        _print(proofs)
    return 1 if any(proof.problems for proof in proofs) or not proofs else 0


def _print(proofs: list[Proof]) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False, soft_wrap=True)
    for proof in proofs:
        verdict = "[red]not proven[/]" if proof.problems else "[green]proven[/]"
        console.print(
            f"[bold]{escape(proof.label)}[/]  {verdict}  [dim]sha256 {proof.sha256[:16]}…[/]"
        )
        for line in proof.proven:
            console.print(f"  {escape(line)}")
        for line in proof.problems:
            console.print(f"  [red]{escape(line)}[/]")
    proven = sum(not proof.problems for proof in proofs)
    count = counted(len(proofs), "document")
    console.print(f"{count}: {proven} proven, {len(proofs) - proven} not")


def _cases(files: list[Path]) -> tuple[list[_Case], list[dict[str, Any]]]:
    cases: list[_Case] = []
    keys: list[dict[str, Any]] = []
    for path in files:
        for label, value in read_values(path):
            if not isinstance(value, dict):
                why = f": {value}" if isinstance(value, StrictJsonError) else ""
                raise UnreadableError(f"{label}: not a document{why}")
            if path.name == "index.json" and "state" in value:
                cases += _static_case(path, label, value)
            elif isinstance(value.get("document"), dict):
                cases.append(_entry_case(label, value))
            else:
                cases.append(_Case(label, value, None, []))
        if path.name == "index.json":
            keys += _keys([path])
    return cases, keys


def _entry_case(label: str, entry: dict[str, Any]) -> _Case:
    """An entry as the exchange serves it: document, digest and statements in one."""
    held = entry.get("statements")
    tokens = [t for t in held if isinstance(t, str)] if isinstance(held, list) else []
    return _Case(label, entry["document"], str(entry.get("sha256")), tokens)


def _static_case(index: Path, label: str, entry: dict[str, Any]) -> list[_Case]:
    """One entry of a static folder's index: its document and statements stand beside it."""
    if entry.get("state") not in ("current", "deprecated"):
        return []
    name = Path(f"{entry.get('id')}.json").name
    (_, document), *_ = read_values(index.parent / "documents" / name)
    held = [value for _, value in read_values(index.parent / "statements" / name)]
    if not isinstance(document, dict):
        raise UnreadableError(f"{label}: documents/{plain(name)} is not a document")
    return [
        _Case(
            f"{label} {plain(name)}",
            document,
            str(entry.get("sha256")),
            [token for token in held if isinstance(token, str)],
        )
    ]


def _keys(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """Public keys in JWKS, discovery, capability or index files."""
    found: list[dict[str, Any]] = []
    for path in paths:
        value = _whole(path)
        holder = value.get("keys") if isinstance(value, dict) else None
        if isinstance(holder, dict):
            holder = holder.get("keys")
        if not isinstance(holder, list):
            raise UnreadableError(f"{plain(path)}: no keys in it")
        found += [key for key in holder if isinstance(key, dict)]
    return found


def _tokens(paths: Iterable[Path]) -> list[str]:
    found: list[str] = []
    for path in paths:
        try:
            text = path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise UnreadableError(f"{plain(path)}: cannot be read") from None
        if text.startswith("["):
            value = _whole(path)
            found += [token for token in value if isinstance(token, str)]
        else:
            found += text.split()
    return found


def _whole(path: Path) -> Any:
    from scdx_spec import strict_json

    try:
        return strict_json.loads(path.read_bytes())
    except OSError as error:
        raise UnreadableError(f"{plain(path)}: {error.strerror or 'cannot be read'}") from None
    except StrictJsonError as error:
        raise UnreadableError(f"{plain(path)}: {error}") from None


def _about(token: str) -> str | None:
    """The document id in a statement's payload, unverified: only to sort statements."""
    import base64
    import binascii

    from scdx_spec import strict_json

    try:
        part = token.split(".")[1]
        value = strict_json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, binascii.Error, ValueError):
        return None
    about = value.get("document") if isinstance(value, dict) else None
    return str(about.get("id")) if isinstance(about, dict) else None
