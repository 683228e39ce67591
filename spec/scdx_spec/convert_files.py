"""What ``scdx convert`` does: documents in, the same data in another form out, losses told."""

import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from scdx_spec.convert.losses import ConversionError, Converted
from scdx_spec.reading import UnreadableError, plain, read_values
from scdx_spec.strict_json import JsonValue, StrictJsonError
from scdx_spec.validate_files import parse_now

FORMS: Final = ("pact3", "pact2.3", "untp")


def run(
    file: Path, *, to: str, out: Path | None, as_json: bool, issuer: str, issuer_name: str, now: str
) -> int:
    """Convert a file's documents and print or write them; gives the exit status.

    0: all converted, whatever was lost. 1: one can't be. 2: the file or an option can't be read.
    """
    try:
        moment = parse_now(now)
        values = read_values(file)
    except (UnreadableError, ValueError) as error:
        known = isinstance(error, UnreadableError)
        return _refused(str(error) if known else "--now takes a date, or a date and time")
    if to not in FORMS:
        return _refused(f"--to takes one of: {', '.join(FORMS)}")
    if to == "untp" and not (issuer and issuer_name):
        return _refused("a passport needs --issuer (a DID or https address) and --issuer-name")
    done: list[Converted] = []
    unfit = unreadable = False
    for label, value in values:
        if isinstance(value, StrictJsonError):
            unreadable = True
            print(f"{label}: {plain(value, 400)}", file=sys.stderr)
            continue
        try:
            done.append(_convert(value, to, (issuer, issuer_name), moment))
            _tell(label, done[-1])
        except ConversionError as error:
            unfit = True
            where = plain(error.pointer) or "the document"
            print(f"{label}: not converted: {where}: {plain(error.text, 400)}", file=sys.stderr)
    if done and (status := _put(done, out, as_json)):
        return status
    return 2 if unreadable else 1 if unfit else 0


def _convert(value: JsonValue, to: str, issuer: tuple[str, str], now: datetime) -> Converted:
    if isinstance(value, dict) and "sha256" in value and "document" in value:
        value = value["document"]  # an entry of a list, with its digest and statements
    if to == "untp":
        from scdx_spec.convert.untp import Issuer, to_untp

        return to_untp(value, issuer=Issuer(*issuer), now=now)
    from scdx_spec.convert.pact2 import to_pact_2_3, to_pact_3

    return to_pact_3(value) if to == "pact3" else to_pact_2_3(value)


def _tell(label: str, converted: Converted) -> None:
    for loss in converted.losses:
        where = plain(loss.pointer) or "the document"
        print(f"{label}: {loss.kind} {where}: {plain(loss.text, 400)}", file=sys.stderr)


def _put(done: list[Converted], out: Path | None, as_json: bool) -> int:
    """One document as JSON, several as NDJSON; with losses, if asked, in the same way."""
    values: list[dict[str, Any]] = [
        {"document": one.document, "losses": [asdict(loss) for loss in one.losses]}
        if as_json
        else one.document
        for one in done
    ]
    indent = 2 if len(values) == 1 else None
    text = "".join(f"{json.dumps(one, ensure_ascii=False, indent=indent)}\n" for one in values)
    if out is None:
        sys.stdout.write(text)
        return 0
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        return _refused(f"{plain(out)}: {error.strerror or 'cannot be written'}")
    return 0


def _refused(text: str) -> int:
    print(text, file=sys.stderr)
    return 2
