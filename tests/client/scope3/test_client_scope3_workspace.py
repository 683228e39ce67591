"""From a real workspace, with the standard's own examples, to the ledger."""

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from scdx_client.scope3.commands import app
from scdx_client.workspace import Received, Supplier, Workspace
from scdx_spec import data
from scdx_spec.canonical import canonical_bytes, digest
from scdx_spec.check import check, kind_of

LINES = [
    {"product_id": "gtin:9501101530003", "quantity": "2", "category_code": "naics:334111"},
    {"product_id": "mpn:EV27", "quantity": "3", "category_code": "naics:334118"},
    {"supplier": "Example Services AB", "currency": "SEK", "business_line": "hardware resale"},
    {"supplier": "Example Repairs Oy", "category_code": "naics:541513"},
]
SOURCE = "https://supplier.example/scdx/1/documents"


def received(document: dict[str, Any], now: datetime) -> Received:
    body = canonical_bytes(document)
    return Received(
        document["id"],
        kind_of(document) or "",
        digest(body),
        "current",
        body,
        tuple(finding.as_dict() for finding in check(document, now=now)),
        (),
        (),
        SOURCE,
    )


@pytest.fixture
def workspace(tmp_path: Path, now: datetime) -> Path:
    """A workspace that holds every example of the standard."""
    with Workspace.open(tmp_path / "workspace", create=True) as opened:
        opened.add_supplier(Supplier("example", "https://supplier.example"))
        for document in data.examples().values():
            opened.put_document("example", received(document, now))
    return tmp_path / "workspace"


def ledger(workspace: Path, file: Path) -> list[dict[str, Any]]:
    out = workspace.parent / "out"
    words = ["scope3", str(file), "--workspace", str(workspace), "--out", str(out)]
    result = CliRunner().invoke(app, [*words, "--now", "2026-11-01"])
    assert result.exit_code == 0, result.output
    rows: list[dict[str, Any]] = pq.read_table(out / "ledger.parquet").to_pylist()
    return rows


def test_the_standards_examples_calculate_a_ledger(
    workspace: Path, ledger_file: Callable[..., Path]
) -> None:
    laptop, monitor, resale, repairs = ledger(workspace, ledger_file(*LINES))
    assert (laptop["method"], laptop["kg"]) == ("product_footprint", Decimal(492))
    assert (monitor["method"], monitor["kg"]) == ("product_declaration", Decimal("1020.6"))
    assert (resale["method"], resale["kg"]) == ("supplier_intensity", Decimal(41))
    assert (repairs["method"], repairs["kg"]) == ("spend_factor", Decimal(80))
    assert laptop["factor_url"] == SOURCE
    assert len(laptop["factor_digest"]) == 64


def test_changed_bytes_under_a_known_id_are_not_calculated_with(
    workspace: Path, ledger_file: Callable[..., Path], now: datetime
) -> None:
    examples = data.examples()
    changed = json.loads(json.dumps(examples["product-declaration-transcribed.json"]))
    changed["product"]["footprint"]["stages"]["manufacturing"]["kgCO2e"] = "1"
    with Workspace.open(workspace) as opened:
        assert opened.put_document("example", received(changed, now)) == "tampered"
    rows = ledger(workspace, ledger_file(*LINES))
    assert rows[1]["method"] == "spend_factor"
    assert "not used: bytes_changed" in rows[1]["warnings"]


def test_a_folder_that_is_no_workspace_is_one_sentence(
    tmp_path: Path, ledger_file: Callable[..., Path]
) -> None:
    words = ["scope3", str(ledger_file(*LINES)), "--workspace", str(tmp_path)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert "is no workspace" in result.output
