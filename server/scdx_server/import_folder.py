"""The folder of imported documents: its memory of what each row said before.

A row that says what a document of the folder says is that document. One that is about the same
thing and says something else becomes a new document that supersedes it. The id is made from what
the document says, so that the same rows give the same documents.
"""

import json
import os
import re
import unicodedata
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from scdx_server.import_rows import Remark, Row
from scdx_spec.canonical import canonical_bytes
from scdx_spec.check import kind_of
from scdx_spec.convert.workbook_plan import KINDS
from scdx_spec.reading import UnreadableError, plain, read_values
from scdx_spec.strict_json import StrictJsonError, escape

EARLIER: Final = "superseded"
"""Folder below the documents' own, where documents go that a changed row has replaced."""
_NAMESPACE: Final = uuid.UUID("5b1c7f0e-3c0d-5a57-9a1e-6f0f4a6f2d58")
_ENVELOPE: Final = ("id", "created")
_NAMES: Final = {kind: name for name, kind in KINDS.items()}
_NAMED_BY: Final = {
    "SupplierDisclosure": ("organization", "legalName"),
    "ProductDeclaration": ("product", "identity", "name"),
    "CustomerReport": ("customer", "name"),
    "ProductFootprint": ("productNameCompany",),
}


@dataclass(frozen=True, slots=True)
class Held:
    """A document that lies in the folder."""

    path: Path
    document: dict[str, Any]


@dataclass(slots=True)
class Change:
    """What becomes of a row: ``new``, ``changed`` or ``same``.

    ``pointers`` are the values that a changed row says otherwise than ``before``.
    """

    row: Row
    path: Path
    document: dict[str, Any]
    result: Literal["new", "changed", "same"] = "new"
    before: Held | None = None
    pointers: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """What an import would do to a folder; ``unsaid`` are its documents that no row is about."""

    changes: list[Change]
    unsaid: list[Path]
    mistakes: list[Remark]


def read_folder(folder: Path) -> list[Held]:
    """The documents of a folder; none where it isn't there yet.

    Raises ``UnreadableError`` for a file that can't be read: what it said would be forgotten.
    """
    if folder.exists() and not folder.is_dir():
        raise UnreadableError(f"{plain(folder)}: it is a file; documents go into a folder")
    found = []
    for path in sorted(folder.glob("*.json")):
        for _, value in read_values(path):
            if isinstance(value, StrictJsonError):
                raise UnreadableError(f"{plain(path)}: it is damaged; put it back, or move it away")
            if isinstance(value, dict) and kind_of(value) is not None and "id" in value:
                found.append(Held(path, value))
    return found


def compare(rows: Sequence[Row], folder: Path, *, now: datetime) -> Plan:
    """What becomes of rows, given what lies in the folder; nothing is written.

    Raises ``UnreadableError`` as :func:`read_folder` does.
    """
    held = read_folder(folder)
    old = {id(one): one for one in held}
    by_content: dict[bytes, list[Held]] = {}
    for one in held:
        by_content.setdefault(_content(one.document), []).append(one)
    changes: dict[int, Change] = {}
    for number, row in enumerate(rows):
        alike = by_content.get(_content(row.document), [])
        same = next((x for x in alike if id(x) in old and _agrees(x.document, row.document)), None)
        if same is not None:
            changes[number] = Change(row, same.path, same.document, "same", same)
            del old[id(same)]
    left = [number for number in range(len(rows)) if number not in changes]
    about = {number: subject(rows[number].document) for number in left}
    times = Counter(about.values())
    earlier: dict[str, list[Held]] = {}
    for one in old.values():
        earlier.setdefault(subject(one.document), []).append(one)
    for number in left:
        found = earlier.get(about[number], [])
        before = found[0] if times[about[number]] == len(found) == 1 else None
        changes[number] = _changed(rows[number], before, folder, now)
        if before is not None and changes[number].before is before:
            del old[id(before)]
    ordered = [changes[number] for number in range(len(rows))]
    kinds = {row.kind for row in rows}
    unsaid = [one.path for one in old.values() if kind_of(one.document) in kinds]
    return Plan(ordered, unsaid, list(_mistakes(ordered, held)))


def subject(document: dict[str, Any]) -> str:
    """What a document is about, as text to compare.

    An organisation is known by its identifiers, or else by its name; a product by its maker and
    identifiers; a customer's report by both parties and its period; a footprint by its company's
    and product's ids, period and place.
    """
    kind = kind_of(document)
    said: list[Any]
    if kind == "ProductFootprint":
        pcf = _at(document, "pcf")
        names = ["referencePeriodStart", "referencePeriodEnd"]
        names += sorted(name for name in pcf if name.startswith("geography"))
        said = [_at(document, "companyIds"), _at(document, "productIds")]
        said += [_at(pcf, name) for name in names]
    elif kind == "ProductDeclaration":
        maker = _at(document, "manufacturer", "name")
        product = _at(document, "product", "identity")
        said = [maker, _known_by(product), _known_by(_at(document, "publisher"))]
    elif kind == "CustomerReport":
        parties = ("organization", "customer", "subEntity")
        said = [*(_known_by(_at(document, name)) for name in parties), _at(document, "period")]
    else:
        said = [_known_by(_at(document, "organization"))]
    return json.dumps([kind, said], sort_keys=True, ensure_ascii=False).casefold()


def _known_by(party: Any) -> Any:
    """An object's identifiers, in one order; its name where it has none."""
    found = _at(party, "identifiers")
    if isinstance(found, list) and found:
        return sorted(json.dumps(one, sort_keys=True) for one in found)
    return _at(party, "legalName") or _at(party, "name")


def _at(node: Any, *path: str) -> Any:
    for step in path:
        node = node.get(step) if isinstance(node, dict) else None
    return node


def _earlier_field(document: dict[str, Any]) -> str:
    return "precedingPfIds" if "pcf" in document else "supersedes"


def _content(document: dict[str, Any]) -> bytes:
    """What a document says, without what the tools give it: id, time, what it supersedes."""
    ours = {*_ENVELOPE, _earlier_field(document)}
    return canonical_bytes({name: value for name, value in document.items() if name not in ours})


def _agrees(held: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether a held document has the id, the time and the predecessors that a row names."""
    earlier = _earlier_field(row)
    return all(held.get(name) == row[name] for name in _ENVELOPE if name in row) and (
        {*_listed(row.get(earlier))} <= {*_listed(held.get(earlier))}
    )


def _listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _changed(row: Row, before: Held | None, folder: Path, now: datetime) -> Change:
    """A document of a row that nothing in the folder says; it supersedes ``before``, if any."""
    document = dict(row.document)
    if before is not None and document.get("id") == before.document["id"]:
        before = None  # a mistake, told elsewhere: its id stands in the row
    if before is not None:
        name = _earlier_field(document)
        earlier = [*_listed(document.get(name)), str(before.document["id"])]
        document[name] = list(dict.fromkeys(earlier))
    bare = {name: value for name, value in document.items() if name not in _ENVELOPE}
    made = str(uuid.uuid5(_NAMESPACE, canonical_bytes(bare).decode()))
    document.setdefault("id", made)
    moment = now.astimezone(UTC).replace(microsecond=0)
    document.setdefault("created", moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
    path = folder / file_name(document)
    if before is None:
        return Change(row, path, document)
    pointers = list(_differing(before.document, row.document, {*_ENVELOPE, _earlier_field(bare)}))
    return Change(row, path, document, "changed", before, pointers)


def replaced(change: Change) -> str | None:
    """The id of the document that a changed row's new one supersedes."""
    changed = change.result == "changed" and change.before is not None
    return str(change.before.document["id"]) if changed and change.before else None


def file_name(document: dict[str, Any]) -> str:
    """A document's file name: its kind, what it is about, and the beginning of its id."""
    kind = kind_of(document) or ""
    about = str(_at(document, *_NAMED_BY[kind]) or "")
    ascii_only = unicodedata.normalize("NFKD", about).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")[:60].strip("-")
    parts = (_NAMES[kind], words, str(document["id"])[:8].lower())
    return "-".join(part for part in parts if part) + ".json"


def _differing(one: Any, other: Any, without: set[str], pointer: str = "") -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted({*one, *other} - (without if not pointer else set())):
            yield from _differing(
                one.get(name), other.get(name), without, f"{pointer}/{escape(name)}"
            )
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from _differing(*pair, without, f"{pointer}/{index}")
    elif one != other:
        yield pointer


def _mistakes(changes: Sequence[Change], held: Sequence[Held]) -> Iterator[Remark]:
    """Rows whose document can't be told from another's."""
    taken = {str(one.document["id"]).lower(): one for one in held}
    seen: dict[str, Change] = {}
    for one in changes:
        made = str(one.document["id"]).lower()
        if made in seen:
            text = f"it says the same as {seen[made].row.where}, or has the same id"
            fix = "Remove one of the two rows, or empty its cell Id."
            yield Remark(one.row.file, one.row.where, text, fix)
        elif one.result != "same" and made in taken:
            text = "it was changed, and still has the id of the document that was imported before"
            fix = "Empty its cells Id and Created: a changed document gets an id of its own."
            yield Remark(one.row.file, one.row.where, text, fix)
        seen.setdefault(made, one)


def write(plan: Plan, folder: Path) -> None:
    """Write what is new and changed, and put aside what it supersedes; all or nothing.

    Raises ``UnreadableError`` where the folder can't be written.
    """
    fresh = [one for one in plan.changes if one.result != "same"]
    parts = [(one.path.with_name(f".{one.path.name}.part"), one) for one in fresh]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part, one in parts:
            text = json.dumps(one.document, ensure_ascii=False, indent=2)
            part.write_text(f"{text}\n", "utf-8")
        for part, one in parts:
            os.replace(part, one.path)
        for one in fresh:
            if one.before is not None:
                (folder / EARLIER).mkdir(exist_ok=True)
                os.replace(one.before.path, folder / EARLIER / one.before.path.name)
    except OSError as error:
        for part, _ in parts:
            part.unlink(missing_ok=True)
        what = error.strerror or "cannot be written"
        raise UnreadableError(f"{plain(folder)}: {what}") from None
