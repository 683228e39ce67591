"""A table in, a file of declarations and an account of every row out."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scdx_spec import validate_files
from scdx_spec.cli import build

HEAD = "manufacturer,name,subcategory,gwp_total,gwp_manufacturing_ratio,sources,lifetime\n"
GOOD = "Example,Book 14,Laptop,300,0.8,https://example.com/a.pdf,4\n"
TYPO = "Example,Book 15,Laptop,300,7.76,https://example.com/a.pdf,0\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "table.csv"
    file.write_text(HEAD + GOOD + TYPO, "utf-8")
    return file


def convert(*words: object) -> Result:
    at = ("--now", "2026-11-01")
    return CliRunner().invoke(build(), ["convert", *map(str, words), "--from", "boavizta", *at])


def test_the_file_written_is_one_that_validates(table: Path, tmp_path: Path) -> None:
    output = tmp_path / "declarations.ndjson"
    done = convert(table, "--publisher", "Example AS", "--out", output)
    assert done.exit_code == 1  # a row was rejected
    (line,) = output.read_text("utf-8").splitlines()
    document = json.loads(line)
    assert document["publisher"] == {"name": "Example AS"}
    assert document["created"] == "2026-11-01T00:00:00Z"
    assert done.stdout == ""
    assert "2 rows: 1 declarations, 1 of them with a figure for manufacturing" in done.stderr
    assert "line 3, gwp_manufacturing_ratio: a share of 776 %" in done.stderr
    assert "1 x approximated: published shares times the published total" in done.stderr
    assert validate_files.run([output], as_json=True, now="2026-11-01") == 0


def test_without_an_output_the_declarations_are_printed(table: Path) -> None:
    table.write_text(HEAD + GOOD, "utf-8")
    done = convert(table)
    assert done.exit_code == 0
    assert "publisher" not in json.loads(done.stdout)
    assert "0 rejected" in done.stderr


def test_json_holds_every_row_with_its_losses_or_its_reason(table: Path) -> None:
    converted, rejected = map(json.loads, convert(table, "--json").stdout.splitlines())
    assert (converted["line"], converted["document"]["type"]) == (2, "ProductDeclaration")
    assert {loss["kind"] for loss in converted["losses"]} == {"approximated", "assumed"}
    assert (rejected["line"], rejected["column"]) == (3, "gwp_manufacturing_ratio")
    assert "776 %" in rejected["rejected"]


def test_many_rejections_are_counted_and_not_listed_without_end(table: Path) -> None:
    table.write_text(HEAD + TYPO * 30, "utf-8")
    assert "and 10 more" in convert(table).stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--to", "pact3"), "without --to"),
        (("--from", "excel"), "--from takes boavizta"),
        (("--now", "soon"), "--now takes a date"),
        (("--out", "."), "irectory"),
    ],
)
def test_options_that_make_no_sense_are_refused_in_words(
    table: Path, words: tuple[str, ...], said: str
) -> None:
    at = () if "--now" in words else ("--now", "2026-11-01")
    form = () if "--from" in words else ("--from", "boavizta")
    done = CliRunner().invoke(build(), ["convert", str(table), *form, *at, *words])
    assert (done.exit_code, said in done.stderr) == (2, True)


def test_what_is_no_table_is_refused_without_repeating_it(tmp_path: Path) -> None:
    other = tmp_path / "other\x1b.csv"
    other.write_text("a,b\x1b\n", "utf-8")
    done = convert(other)
    assert done.exit_code == 2
    assert "not Boavizta's table" in done.stderr
    assert "\x1b" not in done.stderr
