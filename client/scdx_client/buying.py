"""What the buyer's commands do and print; each gives its exit status."""

import json
import sys
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from scdx_client.errors import ClientError, ClientWarning
from scdx_client.sync import PullResult, pull_one
from scdx_client.transport import is_loopback, origin
from scdx_client.workspace import Supplier, Workspace
from scdx_spec.reading import plain

KINDS = {"scdx": "SCDX", "static": "static folder", "pact3": "PACT 3 host", "": "unknown"}


def _fail(error: object, status: int) -> int:
    print(f"scdx: {plain(error, 500)}", file=sys.stderr)
    return status


def add(
    place: Path,
    name: str,
    url: str,
    client_id: str,
    client_secret: str,
    *,
    token_url: str,
    ca: Path | None,
) -> int:
    """``scdx suppliers add``."""
    if client_secret == "-":
        client_secret = sys.stdin.readline().strip()
    if bool(client_id) != bool(client_secret):
        return _fail("--client-id and --client-secret go together", 2)
    if plain(name) != name or not name.strip():
        return _fail("a supplier's name is plain text", 2)
    if ca is not None and not ca.is_file():
        return _fail(f"{ca}: there is no such file", 2)
    try:
        for address in filter(None, (url, token_url)):
            scheme, host, _ = origin(address)
            if scheme == "http" and not is_loopback(host):
                return _fail("HTTPS only; plain HTTP is for a loopback address", 2)
        with Workspace.open(place, create=True) as workspace:
            workspace.add_supplier(
                Supplier(name, url.rstrip("/"), client_id, client_secret, token_url, ca)
            )
    except ClientError as error:
        return _fail(error, 2)
    print(f"{name}: registered in {plain(place)}. Next: scdx pull")
    return 0


def show(place: Path, *, as_json: bool) -> int:
    """``scdx suppliers list``."""
    try:
        with Workspace.open(place) as workspace:
            held = list(workspace.documents(usable_only=False))
            listed = [
                {
                    "name": one.name,
                    "url": one.url,
                    "kind": one.kind or None,
                    "documents": sum(d.supplier == one.name for d in held),
                    "usable": sum(d.supplier == one.name and d.usable for d in held),
                }
                for one in workspace.suppliers()
            ]
    except ClientError as error:
        return _fail(error, 2)
    if as_json:
        print(json.dumps({"suppliers": listed}, ensure_ascii=False))
        return 0
    for row in listed:
        kind, count = KINDS[str(row["kind"] or "")], row["documents"]
        told = f"{count} document{'s' * (count != 1)}, {row['usable']} usable"
        print(f"{row['name']}  {kind}  {plain(row['url'])}  {told}")
    return 0


def pull(place: Path, names: Sequence[str], *, strict: bool, as_json: bool) -> int:
    """``scdx pull``."""
    try:
        with Workspace.open(place) as workspace:
            suppliers = workspace.suppliers()
            unknown = sorted(set(names) - {one.name for one in suppliers})
            if unknown:
                return _fail(f"no supplier called {', '.join(unknown)}", 2)
            chosen = [one for one in suppliers if not names or one.name in names]
            if not chosen:
                return _fail("no suppliers yet: scdx suppliers add NAME URL", 2)
            results = [_one(workspace, one, strict=strict, quiet=as_json) for one in chosen]
            flagged = _flagged(workspace, [one.name for one in chosen])
    except ClientError as error:
        return _fail(error, 2)
    if as_json:
        print(json.dumps({"suppliers": [r.as_dict() for r in results]}, ensure_ascii=False))
    else:
        for line in flagged:
            print(line)
    return 1 if any(r.error or r.tampered for r in results) else 0


def _one(workspace: Workspace, supplier: Supplier, *, strict: bool, quiet: bool) -> PullResult:
    with warnings.catch_warnings():
        warnings.simplefilter("error" if strict else "ignore", ClientWarning)
        try:
            result = pull_one(workspace, supplier, now=datetime.now(UTC))
        except ClientWarning as warning:
            workspace.rollback()
            result = PullResult(supplier.name, supplier.kind, error=f"strict: {warning}")
    if not quiet:
        print(_line(result), flush=True)
        for problem in result.problems[:5]:
            print(f"  {plain(problem)}")
    return result


def _line(result: PullResult) -> str:
    head = f"{plain(result.supplier)}  {KINDS.get(result.kind, 'unknown')}"
    if result.error:
        return f"{head}  FAILED: {plain(result.error, 300)}"
    parts = [f"{result.new} new", f"{result.changed} changed", f"{result.unchanged} unchanged"]
    parts += [f"{result.gone} gone"] if result.gone else []
    parts += [f"{result.with_findings} with findings"] if result.with_findings else []
    parts += [f"{result.tampered} NOT AS SIGNED"] if result.tampered else []
    return f"{head}  {', '.join(parts)}"


def _flagged(workspace: Workspace, names: Sequence[str]) -> list[str]:
    """A line for each kind of finding, and one for each document that doesn't fit."""
    lines: list[str] = []
    counted: dict[tuple[str, str, str], int] = {}
    for one in workspace.documents(usable_only=False):
        if one.supplier not in names or one.state == "gone":
            continue
        bad = [flag for flag in one.flags if flag not in ("advice", "breaks_must")]
        if bad:
            lines.append(
                f"  {plain(one.supplier)}: {one.kind} {plain(one.id)}: {', '.join(bad)}; "
                "not calculated with"
            )
        for found in one.findings:
            key = (one.supplier, found["requirement"], found["sentence"])
            counted[key] = counted.get(key, 0) + 1
    for (supplier, requirement, sentence), count in counted.items():
        lines.append(f"  {plain(supplier)}: {requirement} ×{count}: {plain(sentence, 160)}")
    return lines
