"""Files that hold documents: one JSON object, an array, a page with ``data``, or NDJSON."""

import re
from pathlib import Path

from scdx_spec import strict_json

MAX_BYTES = 256 * 1024 * 1024
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class UnreadableError(Exception):
    """A file that holds no document; the message says why and is safe to print."""


def plain(text: object, longest: int = 200) -> str:
    """Text from outside made safe for a terminal: no control, escape or direction characters."""
    shown = _CONTROL.sub("�", str(text))
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def counted(count: int, noun: str) -> str:
    """``1 document``, ``2 documents``, ``2 tries``."""
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun[:-1]}ies" if noun.endswith("y") else f"{count} {noun}s"


def read_values(
    path: Path,
) -> list[tuple[str, strict_json.JsonValue | strict_json.StrictJsonError]]:
    """Label and value of everything that a file holds; a value that isn't strict JSON is its error.

    Raises :class:`UnreadableError` where there is no file, or nothing in it.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableError(f"{plain(path)}: larger than {MAX_BYTES // 2**20} MiB")
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"{plain(path)}: {error.strerror or 'cannot be read'}") from None
    if not raw.strip():
        raise UnreadableError(f"{plain(path)}: the file is empty")
    label = plain(path)
    try:
        value = strict_json.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except strict_json.StrictJsonError as error:
        lines = [line for line in raw.splitlines() if line.strip()]
        if error.reason != "syntax" or len(lines) < 2 or not lines[0].lstrip().startswith(b"{"):
            return [(label, error)]
        if not _is_json(lines[0]):
            return [(label, error)]
        return [(f"{label} line {n}", _value(line)) for n, line in enumerate(lines, 1)]
    return _spread(label, value)


def _spread(
    label: str, value: strict_json.JsonValue
) -> list[tuple[str, strict_json.JsonValue | strict_json.StrictJsonError]]:
    items = value.get("data") if isinstance(value, dict) and "id" not in value else value
    if isinstance(items, list):
        return [(f"{label} [{index}]", item) for index, item in enumerate(items)]
    return [(label, value)]


def _is_json(line: bytes) -> bool:
    return not isinstance(_value(line), strict_json.StrictJsonError)


def _value(line: bytes) -> strict_json.JsonValue | strict_json.StrictJsonError:
    try:
        return strict_json.loads(line)
    except strict_json.StrictJsonError as error:
        return error
