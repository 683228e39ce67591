"""What a run was asked about what is served, in every form of its report."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import Result
from other_server import CLIENT
from serving import serving
from typer.testing import CliRunner

from scdx_conformance.cli import app
from scdx_conformance.signed_report import read_public_keys, verify_report
from scdx_spec.statements import generate_key, public_key

COMPANIES = (
    "sbti_id,company_name,lei,location,near_term_status,near_term_target_classification,"
    "near_term_target_year,long_term_status,net_zero_status,date_updated\n"
    "49999999,Example Services AB,,Sweden,Targets set,1.5°C,2032,,Commitment removed,2026-11-19\n"
)
DELIVERIES = "gtin,quantity\n9501101530003,900\n4006381333931,100\n12,5\n"
FORMS = ("report.json", "report.xml", "report.html", "badge.svg", "summary.md")


@pytest.fixture(scope="module")
def url(our_server: Any) -> Iterator[str]:
    with serving(our_server) as base:
        yield base


def check(url: str, *options: object) -> Result:
    credentials = ("--client-id", CLIENT[0], "--client-secret", CLIENT[1])
    known = ("--fast", "--read-only", "--class", "exchange", "--only", "EXC-01")
    return CliRunner().invoke(app, ["check", url, *credentials, *known, *map(str, options)])


def forms(folder: Path) -> list[object]:
    names = ("--json", "--junit", "--html", "--badge", "--summary")
    return [part for name, file in zip(names, FORMS, strict=True) for part in (name, folder / file)]


def test_a_profile_that_is_not_met_fails_the_run_in_every_form(url: str, tmp_path: Path) -> None:
    result = check(url, "--profile", "it-buyer", "--profile", "datasheet", *forms(tmp_path))
    assert result.exit_code == 1
    assert f"Does not pass: what {url} serves isn't complete in datasheet." in result.output
    told = json.loads((tmp_path / "report.json").read_text("utf-8"))["served"]
    counts = {one["profile"]: (one["complete"], one["documents"]) for one in told["profiles"]}
    assert list(counts) == ["it-buyer", "datasheet"]
    complete, of = counts["datasheet"]
    assert 0 < complete < of
    assert counts["it-buyer"][0] == counts["it-buyer"][1] > 0

    cases = ElementTree.parse(tmp_path / "report.xml").getroot().iter("testcase")
    profiles = {case.get("name"): case.find("failure") for case in cases}
    assert profiles["it-buyer"] is None
    failure = profiles["datasheet"]
    assert failure is not None
    assert failure.get("message") == f"datasheet: {complete} of {of} documents complete"
    assert "DSH-01" in str(failure.text)

    badge = (tmp_path / "badge.svg").read_text("utf-8")
    assert "it-buyer passes, datasheet does not pass" in badge
    page = (tmp_path / "report.html").read_text("utf-8")
    assert f'<span class="outcome fail">{complete} of {of} complete</span>' in page
    assert "Give reportDate or referencePeriod." in page
    summary = (tmp_path / "summary.md").read_text("utf-8")
    assert summary.startswith("## ❌ Does not pass")
    assert f"- datasheet: {complete} of {of} documents complete" in summary


def test_a_profile_that_is_met_is_said_and_signed(url: str, tmp_path: Path) -> None:
    key = generate_key()
    (tmp_path / "key.json").write_text(json.dumps(key), "utf-8")
    (tmp_path / "public.json").write_text(json.dumps(public_key(key)), "utf-8")
    report = tmp_path / "report.json"
    result = check(
        url, "--profile", "it-buyer", "--json", report, "--sign-key", tmp_path / "key.json"
    )
    assert result.exit_code == 0, result.output
    assert "What is served is complete in it-buyer." in " ".join(result.output.split())
    told = verify_report(report.read_bytes(), read_public_keys(tmp_path / "public.json"))
    assert told["profiles"] == {"it-buyer": "pass"}


def test_registers_and_deliveries_are_told_and_fail_nothing(url: str, tmp_path: Path) -> None:
    register, deliveries = tmp_path / "companies-2026-11-20.csv", tmp_path / "deliveries.csv"
    register.write_text(COMPANIES, "utf-8")
    deliveries.write_text(DELIVERIES, "utf-8")
    result = check(url, "--register", register, "--products", deliveries, *forms(tmp_path))
    assert result.exit_code == 0, result.output
    told = json.loads((tmp_path / "report.json").read_text("utf-8"))["served"]
    assert told["registers"][0]["outcomes"]["contradicted"] > 0
    assert told["registers"][0]["results"][0]["outcome"] == "contradicted"
    assert told["products"]["sharePercent"] == "90.0"
    shown = " ".join(result.output.split())
    assert "90.0 % of 1,000 delivered units have a footprint served" in shown
    assert "The register has the target year 2032, not 2030." in shown
    page = (tmp_path / "report.html").read_text("utf-8")
    assert '<td class="fail">contradicted</td>' in page
    assert "Line 4 isn't counted" in page
    assert "90.0 %" in (tmp_path / "summary.md").read_text("utf-8")


def test_what_was_left_out_is_said(url: str, tmp_path: Path) -> None:
    result = check(url, "--profile", "it-buyer", "--max-documents", 5, *forms(tmp_path))
    assert "Not everything that is served was looked at (--max-documents)." in result.output
    assert "Not everything that is served" in (tmp_path / "report.html").read_text("utf-8")
    assert "it-buyer passes" not in (tmp_path / "badge.svg").read_text("utf-8")


def test_documents_are_judged_by_the_profiles_that_they_name(url: str, tmp_path: Path) -> None:
    credentials = ("--client-id", CLIENT[0], "--client-secret", CLIENT[1])
    report = tmp_path / "report.json"
    options = ("--read-only", "--class", "exchange", "--json", str(report))
    result = CliRunner().invoke(app, ["check", url, *credentials, *options])
    assert result.exit_code == 0, result.output
    told = json.loads(report.read_text("utf-8"))["served"]
    assert told["profiles"]
    assert not any(one["asked"] for one in told["profiles"])
    result = CliRunner().invoke(app, ["check", url, *credentials, *options, "--fast"])
    assert "served" not in json.loads(report.read_text("utf-8"))


@pytest.mark.parametrize(
    ("option", "text", "told"),
    [
        ("--register", "a,b\n1,2\n", "register"),
        ("--products", "name,price\nLaptop,9\n", "no column names products"),
    ],
)
def test_files_that_say_nothing_are_refused_before_a_run(
    option: str, text: str, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "given.csv"
    path.write_text(text, "utf-8")
    result = check("http://127.0.0.1:9", option, path)
    assert result.exit_code == 2
    assert told in " ".join(result.output.split())
    assert check("http://127.0.0.1:9", "--profile", "gold").exit_code == 2
