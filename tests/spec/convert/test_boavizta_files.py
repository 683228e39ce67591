"""A table in, a file of declarations and an account of every row out."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scdx_spec import validate_files
from scdx_spec.convert import boavizta_files

NOW = datetime(2026, 11, 1, tzinfo=UTC)
HEAD = "manufacturer,name,subcategory,gwp_total,gwp_manufacturing_ratio,sources,lifetime\n"
GOOD = "Example,Book 14,Laptop,300,0.8,https://example.com/a.pdf,4\n"
TYPO = "Example,Book 15,Laptop,300,7.76,https://example.com/a.pdf,0\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "table.csv"
    file.write_text(HEAD + GOOD + TYPO, "utf-8")
    return file


def test_the_file_written_is_one_that_validates(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "declarations.ndjson"
    assert boavizta_files.run(table, output=output, publisher="Example AS", now=NOW) == 0
    (line,) = output.read_text("utf-8").splitlines()
    assert json.loads(line)["publisher"] == {"name": "Example AS"}
    told = capsys.readouterr()
    assert told.out == ""
    assert (
        "2 rows: 1 declarations, 1 of them with a figure for manufacturing; 1 rejected" in told.err
    )
    assert "line 3, gwp_manufacturing_ratio: a share of 776 %" in told.err
    assert "1 x approximated: published shares times the published total" in told.err
    assert validate_files.run([output], as_json=True, now="2026-11-01") == 0


def test_without_an_output_the_declarations_are_printed(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert boavizta_files.run(table, output=None, publisher="", now=NOW) == 0
    told = capsys.readouterr()
    assert "publisher" not in json.loads(told.out)
    assert "rejected" in told.err


def test_json_holds_every_row_with_its_losses_or_its_reason(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert boavizta_files.run(table, output=None, publisher="", now=NOW, as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["line"] for one in told["converted"]] == [2]
    assert {loss["kind"] for loss in told["converted"][0]["losses"]} == {"approximated", "assumed"}
    (rejected,) = told["rejected"]
    assert (rejected["line"], rejected["column"]) == (3, "gwp_manufacturing_ratio")


def test_many_rejections_are_counted_and_not_listed_without_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "table.csv"
    file.write_text(HEAD + TYPO * 30, "utf-8")
    assert boavizta_files.run(file, output=None, publisher="", now=NOW) == 0
    assert "and 10 more" in capsys.readouterr().err


def test_what_is_no_table_or_cannot_be_written_ends_in_words(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other\x1b.csv"
    other.write_text("a,b\n", "utf-8")
    assert boavizta_files.run(other, output=None, publisher="", now=NOW) == 2
    told = capsys.readouterr().err
    assert "not Boavizta's table" in told
    assert "\x1b" not in told
    assert boavizta_files.run(table, output=tmp_path, publisher="", now=NOW) == 2
    assert "cannot be written" in capsys.readouterr().err
