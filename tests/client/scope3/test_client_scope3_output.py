"""What a run writes and prints: the same bytes for the same input, safe cells, a true report."""

import csv
import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from scdx_client.scope3.commands import app
from scdx_client.scope3.factors import load_crosswalk, load_factors
from scdx_client.scope3.ledger_file import read_ledger
from scdx_client.scope3.matching import rate_table
from scdx_client.scope3.results import write_ledger
from scdx_client.scope3.run import FILES, Run, calculate, matched

NASTY = '=HYPERLINK("http://x.example")<script>alert(1)</script>'
LINES = [
    {"product_id": "mpn:EB14-2", "quantity": "2", "category_code": "naics:334111"},
    {"category_code": "naics:541512", "supplier": NASTY, "description": "+1 @home"},
    {"category_code": "cpv:30213100", "currency": "SEK", "date": "2025-03-02"},
    {"category_code": "", "currency": "SEK", "amount": "12300"},
    {"category_code": "naics:334111", "amount": "-100"},
    {"date": "never"},
]


@pytest.fixture
def finished(
    tmp_path: Path, ledger_file: Callable[..., Path], make: Any, now: datetime
) -> Callable[..., Run]:
    """Runs `LINES` with one declaration into a folder."""

    def go(name: str = "out", number: str = "mpn:EB14-2") -> Run:
        make.number = 0
        return calculate(
            read_ledger(ledger_file(*LINES)),
            [make.declaration([number])],
            load_factors(),
            load_crosswalk(),
            now=now,
            folder=tmp_path / name,
        )

    return go


def test_same_inputs_give_the_same_id_and_the_same_bytes(finished: Callable[..., Run]) -> None:
    first, second, other = finished("a"), finished("b"), finished("c", "mpn:other")
    assert first.id == second.id != other.id
    for name in FILES:
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes()


def test_the_manifest_holds_the_digests_of_what_was_read_and_written(
    finished: Callable[..., Run], tmp_path: Path
) -> None:
    run = finished()
    manifest = json.loads((run.folder / "manifest.json").read_text("utf-8"))
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((run.folder / name).read_bytes()).hexdigest() == digest
    ledger = (tmp_path / "ledger.csv").read_bytes()
    assert manifest["inputs"]["ledger"]["sha256"] == hashlib.sha256(ledger).hexdigest()
    assert manifest["run"] == run.id


def test_totals_are_exact_and_the_same_on_one_thread_and_on_four(
    finished: Callable[..., Run], tmp_path: Path, make: Any, now: datetime
) -> None:
    lines = read_ledger(tmp_path / "ledger.csv") if finished() else None
    assert lines is not None
    many = pa.concat_tables([lines.table] * 50_000).combine_chunks()
    many = many.set_column(0, "row", pa.array(range(len(many)), pa.int64()))
    documents = [make.declaration(["mpn:EB14-2"])]
    digests, sums = set(), set()
    for threads in (1, 4):
        connection = ibis.duckdb.connect(threads=threads)
        tables = matched(connection, many, documents, load_factors(), load_crosswalk(), now=now)
        path = tmp_path / f"{threads}.parquet"
        write_ledger(connection, tables.expression(), path, path.with_suffix(".csv"))
        connection.disconnect()
        digests.update(
            hashlib.sha256(file.read_bytes()).hexdigest()
            for file in (path, path.with_suffix(".csv"))
        )
        sums.add(sum(x or Decimal(0) for x in pq.read_table(path)["kg"].to_pylist()))
        assert pq.read_table(path)["row"].to_pylist() == list(range(len(many)))
    assert len(digests) == 2
    assert len(sums) == 1


def test_the_totals_are_the_sums_of_the_lines(finished: Callable[..., Run]) -> None:
    run = finished()
    rows = pq.read_table(run.folder / "ledger.parquet").to_pylist()
    kg = [row["kg"] for row in rows if row["kg"] is not None]
    assert run.summary.kg == sum(kg)
    assert sum(part.kg or 0 for part in run.summary.by_method) == sum(kg)
    assert sum(part.kg or 0 for part in run.summary.by_category) == sum(kg)
    assert sum(part.lines for part in run.summary.by_method) == run.summary.lines == len(LINES)
    assert run.summary.gaps == 2
    assert run.summary.gap_spend == {"SEK": Decimal(12300), "USD": Decimal(1000)}
    wanted = (Decimal(492) / sum(kg) * 100).quantize(Decimal("0.1"))
    assert run.summary.supplier_data_percent == wanted


def test_the_csv_is_the_parquet_and_no_cell_of_it_is_a_formula(
    finished: Callable[..., Run],
) -> None:
    run = finished()
    with (run.folder / "ledger.csv").open(encoding="utf-8", newline="") as file:
        cells = list(csv.DictReader(file))
    rows = pq.read_table(run.folder / "ledger.parquet").to_pylist()
    assert [cell["line_id"] for cell in cells] == [row["line_id"] for row in rows]
    assert [cell["kg"] for cell in cells] == ["" if r["kg"] is None else str(r["kg"]) for r in rows]
    assert cells[1]["supplier"] == f"'{NASTY}"
    assert cells[1]["description"] == "'+1 @home"
    numbers = re.compile(r"-[0-9.]+")
    for cell in (text for line in cells for text in line.values()):
        assert not cell.startswith(tuple("=+-@|%")) or numbers.fullmatch(cell), cell


def test_the_report_answers_first_escapes_and_needs_nothing_from_elsewhere(
    finished: Callable[..., Run],
) -> None:
    page = (finished().folder / "report.html").read_text("utf-8")
    heading = re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)
    assert heading is not None
    answer = " ".join(heading[1].split())
    assert answer.startswith("581 kg CO2e for 6 purchase lines; 84.7 % of it from suppliers’")
    assert "2 lines (SEK 12,300 and USD 1,000) could not be calculated" in answer
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"(src|href|url)\s*[=(]", page)
    svg = ElementTree.fromstring(page[page.index("<svg") : page.index("</svg>") + 6])
    tags = [child.tag for child in svg]
    assert tags[:2] == ["title", "desc"]
    assert tags.count("rect") == 3
    assert "gap (no figure)" in page


def cli(*words: str) -> Any:
    return CliRunner().invoke(app, list(words))


def test_one_screen_tells_the_story(
    ledger_file: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = cli("scope3", str(ledger_file(*LINES)), "--now", "2026-11-01T00:00:00Z")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert len(lines) < 50
    assert max(map(len, lines)) <= 110
    assert lines[0].startswith("147 kg CO2e for 6 lines of ledger.csv")
    assert "Gaps: 2 lines, SEK 12,300 and USD 1,000; not counted as zero." in lines
    assert "row 7, date: 'never' is no date" in result.output
    assert "No workspace at scdx-workspace" in lines[-1]
    assert {path.name for path in (tmp_path / "scdx-scope3").iterdir()} == set(FILES)


def test_json_totals_are_the_manifests(ledger_file: Callable[..., Path], tmp_path: Path) -> None:
    result = cli("scope3", str(ledger_file(*LINES)), "--out", str(tmp_path / "it's"), "--json")
    told = json.loads(result.output)
    manifest = json.loads((tmp_path / "it's" / "manifest.json").read_text("utf-8"))
    assert told["totals"] == manifest["totals"]
    assert told["run"] == manifest["run"]


def test_explain_shows_the_formula_the_rate_and_the_source(
    finished: Callable[..., Run],
) -> None:
    folder = str(finished().folder)
    first = cli("explain", "L1", "--ledger", folder).output
    assert (
        "2 piece × (246 + 0) kg CO2e (manufacturing + packaging, cradle to gate) = 492 kg" in first
    )
    assert "https://devices.example/scdx/1/documents/x" in first
    assert "distribution 11 kg, endOfLife 0.9 kg, use 39.3 kg" in first
    third = cli("explain", "L3", "--ledger", folder).output
    assert "ECB reference rate of 2025-02-28" in third
    assert "(none on 2025-03-02)" in third
    assert "2022, not deflated" in third
    gap = cli("explain", "L4", "--ledger", folder).output
    assert "no category code" in gap
    assert "formula" not in gap
    assert (
        json.loads(cli("explain", "L1", "--ledger", folder, "--json").output)["kg"] == "492.000000"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("scope3", "nothing.csv"), "nothing.csv: No such file"),
        (("scope3", "{ledger}", "--factors", "none.csv"), "none.csv: No such file"),
        (("scope3", "{ledger}", "--workspace", "none"), "none: no workspace"),
        (("scope3", "{ledger}", "--now", "tomorrow"), "--now is a day"),
        (("scope3", "{ledger}", "--out", "{ledger}"), "File exists"),
        (("explain", "L1", "--ledger", "none"), "no ledger here"),
        (("explain", "L99", "--ledger", "{out}"), "no line L99"),
    ],
)
def test_what_cannot_be_read_is_one_sentence_and_exit_2(
    finished: Callable[..., Run],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    out = finished().folder
    result = cli(*(word.format(ledger=tmp_path / "ledger.csv", out=out) for word in words))
    assert result.exit_code == 2
    assert said in result.output
    assert len(result.output.splitlines()) == 1


def test_a_day_without_a_rate_has_no_row() -> None:
    table = rate_table([("SEK", None), ("XYZ", datetime(2025, 3, 3).date())], {"USD", ""})
    assert table.num_rows == 0
