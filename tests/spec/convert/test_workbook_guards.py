"""Files that are no workbook, or a trap: refused in words, quickly, and in little memory."""

import contextlib
import io
import os
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from scdx_spec.convert.workbook import read_workbook
from scdx_spec.convert.workbook_grid import MAX_BYTES
from scdx_spec.convert.workbook_plan import plan
from scdx_spec.convert.workbook_template import head_rows
from scdx_spec.reading import UnreadableError

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def small() -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    sheet = book.add_worksheet("Ratings")
    ratings = next(one for one in plan("SupplierDisclosure") if one.title == "Ratings")
    for number, row in enumerate(head_rows(ratings)):
        sheet.write_row(number, 0, row)
    sheet.write_row(3, 1, ["cdp", "climate_change", "B"])
    book.close()
    return target.getvalue()


SMALL = small()


def changed(change: Callable[[str, bytes], bytes | None]) -> bytes:
    """The small workbook with its parts changed; ``None`` leaves one out."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(SMALL)) as old, zipfile.ZipFile(target, "w", 8) as new:
        for one in old.infolist():
            content = change(one.filename, old.read(one))
            if content is not None:
                new.writestr(one.filename, content)
    return target.getvalue()


def in_sheet(pattern: bytes, replacement: bytes) -> bytes:
    return changed(
        lambda name, raw: (
            re.sub(pattern, replacement, raw, count=1) if "sheet1.xml" in name else raw
        )
    )


def bomb() -> bytes:
    return changed(lambda name, raw: raw + b" " * (300 << 20) if "sheet1.xml" in name else raw)


def entities() -> bytes:
    doctype = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    return in_sheet(rb"<\?xml[^>]*\?>", doctype)


def lying() -> bytes:
    """A directory that says that a part is smaller than it is."""
    raw = bytearray(SMALL)
    with zipfile.ZipFile(io.BytesIO(SMALL)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    at = raw.rindex(size.to_bytes(4, "little"))
    raw[at : at + 4] = (10).to_bytes(4, "little")
    return bytes(raw)


def flipped() -> bytes:
    """A part whose packed bytes are not what was packed."""
    raw = bytearray(SMALL)
    at = raw.index(b"xl/worksheets/sheet1.xml") + 24
    raw[at : at + 40] = bytes(255 - one for one in raw[at : at + 40])
    return bytes(raw)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
TRAPS: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "the file is empty"),
    "old": (lambda: OLE, "old Excel file"),
    "locked": (lambda: OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
    "another zip": (lambda: changed(lambda n, r: None if "workbook.xml" in n else r), "no Excel"),
    "cut short": (lambda: SMALL[: len(SMALL) // 2], "damaged"),
    "zip bomb": (bomb, "unpacks to more"),
    "lying directory": (lying, "damaged"),
    "entities": (entities, "entities"),
    "far row": (lambda: in_sheet(rb'r="B4"', b'r="B1048576"'), "reaches too far"),
    "far column": (lambda: in_sheet(rb'r="B4"', b'r="XFD4"'), "reaches too far"),
    "far corner": (lambda: in_sheet(rb'r="B4"', b'r="ALL99999"'), "reaches too far"),
    "broken XML": (lambda: in_sheet(rb"</sheetData>", b""), "damaged"),
    "flipped bits": (flipped, "damaged"),
    "odd encoding": (lambda: in_sheet(rb"UTF-8", b"UTF-99"), "damaged"),
    "no sheet": (lambda: changed(lambda n, r: None if "sheet1.xml" in n else r), "damaged"),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(64), "neither a workbook|not text"),
    "latin-1": (lambda: "scdx:of G\xf6teborg".encode("latin-1"), "UTF-8"),
    "text with nul": (lambda: b"scdx:of,\0", "neither a workbook"),
}


@pytest.mark.parametrize("name", TRAPS)
def test_what_is_no_safe_workbook_is_refused_in_words(name: str, tmp_path: Path) -> None:
    make, text = TRAPS[name]
    path = tmp_path / "file.xlsx"
    path.write_bytes(make())
    with pytest.raises(UnreadableError, match=text):
        read_workbook(path, now=NOW)


def test_the_small_workbook_itself_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    path.write_bytes(SMALL)
    read = read_workbook(path, now=NOW)
    assert read.problems == ()
    assert read.documents[0].document["ratings"] == [
        {"scheme": "cdp", "theme": "climate_change", "score": "B"}
    ]


def test_a_file_that_is_missing_or_too_large_is_refused_unread(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="No such file"):
        read_workbook(tmp_path / "none.xlsx", now=NOW)
    with pytest.raises(UnreadableError, match="no CSV files"):
        read_workbook(tmp_path, now=NOW)
    path = tmp_path / "large.xlsx"
    with path.open("wb") as file:
        os.truncate(file.fileno(), MAX_BYTES + 1)
    with pytest.raises(UnreadableError, match="larger than"):
        read_workbook(path, now=NOW)


@given(data=st.data())
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_bytes_change_it_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    part = data.draw(
        st.sampled_from(["sheet1.xml", "workbook.xml", "styles.xml", "shared", "rels"])
    )

    def change(name: str, raw: bytes) -> bytes:
        if part not in name:
            return raw
        at = data.draw(st.integers(0, max(0, len(raw) - 1)))
        end = data.draw(st.integers(at, min(len(raw), at + 12)))
        piece = data.draw(
            st.sampled_from([b"", b"<", b'"', b"9", b"-1", b"\xff", b'r="A0"', b"<c>"])
        )
        return raw[:at] + piece + raw[end:]

    path = tmp_path / "file.xlsx"
    path.write_bytes(changed(change))
    with contextlib.suppress(UnreadableError):
        assert read_workbook(path, now=NOW).documents is not None
