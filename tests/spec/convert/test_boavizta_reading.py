"""Tables as files: separators, lines, rows that repeat or don't fit, and what is no such table."""

from pathlib import Path

import pytest
from boavizta_row import NOW, PLAIN, PUBLISHER, document, table

from scdx_spec.convert import boavizta_cells as cells
from scdx_spec.convert.boavizta import read_boavizta
from scdx_spec.convert.losses import ConversionError


def test_a_row_that_says_the_same_again_is_rejected() -> None:
    again = PLAIN | {"added_date": "2023-02-23"}
    first, second = read_boavizta(table(PLAIN, again), now=NOW, publisher=PUBLISHER)
    assert first.converted
    assert (second.line, second.rejected) == (3, "it says the same as line 2")


def test_semicolons_with_decimal_commas_read_the_same() -> None:
    french = {
        name: cell.replace(".", ",") if cells.number(cell) is not None else cell
        for name, cell in PLAIN.items()
    }
    assert french["gwp_use_ratio"] == "0,14"
    (row,) = read_boavizta(table(french, delimiter=";"), now=NOW, publisher=PUBLISHER)
    assert row.converted
    assert row.converted.document == document()


def test_lines_are_those_of_the_file_whatever_stands_before(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    text = table(PLAIN, PLAIN | {"comment": "two\nlines"}, PLAIN | {"gwp_total": ""})
    file.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode() + b"\r\n\r\n")
    rows = read_boavizta(file, now=NOW)
    assert [(row.line, row.rejected != "") for row in rows] == [(2, False), (3, False), (5, True)]
    assert rows[0].converted
    assert "publisher" not in rows[0].converted.document


def test_a_row_of_another_length_is_rejected_and_the_next_is_read() -> None:
    head, row = table(PLAIN).splitlines()
    short, good = read_boavizta(f"{head}\n{row},more\n{row}\n", now=NOW)
    assert "cells" in short.rejected
    assert good.converted


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "head lacks"),
        (b"a,b\n1,2\n", "head lacks manufacturer"),
        (b"\xff\xfe,\x00", "UTF-8"),
        (b'{"type": "ProductDeclaration"}', "head lacks"),
        (table(PLAIN).encode() + b'"open', "breaks off as CSV at line 3"),
        (table(PLAIN).encode().replace(b"lifetime", b"name"), "twice"),
        ("\ud800", "UTF-8"),
    ],
)
def test_what_is_no_such_table_is_refused_in_words(raw: bytes | str, said: str) -> None:
    with pytest.raises(ConversionError, match=said):
        read_boavizta(raw, now=NOW)


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="cannot be read"):
        read_boavizta(tmp_path / "absent.csv", now=NOW)
