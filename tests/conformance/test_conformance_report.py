"""What comes out of a run: outcomes without gaps, files, exit codes; and never a secret."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from liars.lying import Answer, Forward, Request, lying
from other_server import CLIENT, OtherServer
from serving import serving
from typer.testing import CliRunner

from scdx_conformance import test_documents
from scdx_conformance.cli import app
from scdx_conformance.report import OUTCOMES, Report, server_requirements
from scdx_conformance.report_junit import as_junit
from scdx_conformance.report_words import verdict
from scdx_conformance.run import covered, run
from scdx_conformance.settings import Settings
from scdx_spec.requirements import load_requirements

OPTIONS = ["--client-id", CLIENT[0], "--client-secret", CLIENT[1]]
HERE = Path(__file__).parent
MEMBERS = {"requirement", "level", "sentence", "link", "outcome", "evidence"}


@pytest.fixture(scope="module")
def honest(other_url: str) -> Report:
    """The report on the independent server."""
    return run(Settings(other_url, *CLIENT))


def outcomes(report: Report) -> dict[str, str]:
    """Each requirement's outcome."""
    return {result.requirement: result.outcome for result in report.results}


def test_the_suite_covers_every_testable_requirement_of_a_server() -> None:
    testable = {r.id: r for r in server_requirements() if not r.not_testable}
    unjudged = testable.keys() - set(covered())
    awaiting = (HERE / "awaiting-liar.txt").read_text("utf-8").split("\n")
    assert {name for name in unjudged if testable[name].binding} <= set(awaiting)
    assert {name for name in unjudged if not testable[name].binding} == set()
    assert set(covered()) <= set(testable)
    assert len(covered()) >= 75


def test_every_requirement_of_a_server_belongs_to_a_tested_class() -> None:
    asked = [r for r in load_requirements().values() if r.actor == "server"]
    tested = {r.chapter for r in server_requirements()}
    assert {r.chapter for r in asked} == tested
    assert {r.id for r in asked} == {r.id for r in server_requirements()}


def test_a_report_has_one_outcome_for_each_requirement(honest: Report) -> None:
    told = json.loads(honest.as_json())
    assert set(told) == {"target", "spec", "suite", "date", "classes", "results", "documents"}
    assert [r["requirement"] for r in told["results"]] == [r.id for r in server_requirements()]
    for result in told["results"]:
        assert set(result) == MEMBERS
        assert result["outcome"] in OUTCOMES
        assert result["link"].endswith(result["requirement"])
        assert result["evidence"] or result["outcome"] == "not_claimed"
    unclaimed = {r["requirement"][:3] for r in told["results"] if r["outcome"] == "not_claimed"}
    assert unclaimed == {"STA", "ISO", "REQ", "HED"}


def test_all_served_documents_are_counted(honest: Report, other_server: OtherServer) -> None:
    shown = [entry for entry in other_server.entries if "document" in entry]
    assert honest.documents["checked"] == len(shown)


def test_a_fast_run_checks_a_sample_and_says_so(
    honest: Report, other_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_documents, "FEW", 7)
    report = run(Settings(other_url, *CLIENT, fast=True))
    assert not report.failed
    shown = honest.documents["checked"]
    assert isinstance(shown, int)
    assert (report.documents["checked"], report.documents["shown"]) == (7, shown)
    assert verdict(report).endswith(f" 7 of {shown} documents were checked.")
    assert "were checked" not in verdict(honest)


def test_junit_has_a_case_for_each_requirement(honest: Report) -> None:
    root = ElementTree.fromstring(as_junit(honest))
    names = {case.get("name") for case in root.iter("testcase")}
    assert names == {r.id for r in server_requirements() if r.chapter in honest.classes}
    assert [suite.get("failures") for suite in root] == ["0", "0", "0"]


def test_a_server_without_documents_keeps_nothing_by_accident() -> None:
    with serving(OtherServer([])) as url:
        report = run(Settings(url, *CLIENT))
    assert not report.failed
    found = outcomes(report)
    vacuous = {"EXC-02", "EXC-05", "EXC-10", "EXC-17", "EXC-19", "EXC-23", "EXC-26"}
    vacuous |= {"PAC-05", "PAC-11", "PAC-14", "PAC-17", "PAC-19", "PAC-22"}
    assert {name: found[name] for name in vacuous if found[name] != "not_testable"} == {}


def test_a_broken_should_is_a_warning_and_passes(our_server: Any) -> None:
    async def untagged(request: Request, forward: Forward) -> Answer:
        return (await forward(request)).without("etag")

    with serving(lying(our_server, untagged)) as url:
        report = run(Settings(url, *CLIENT, classes=("exchange",)))
    assert [name for name, outcome in outcomes(report).items() if outcome == "warn"] == ["EXC-27"]
    assert report.exit_code == 0


def test_short_lived_tokens_are_renewed_and_seen_to_expire(other_server: OtherServer) -> None:
    with serving(OtherServer(other_server.documents[:4], lifetime=1)) as url:
        report = run(Settings(url, *CLIENT, classes=("core", "exchange")))
    assert not report.failed
    assert outcomes(report)["COR-17"] == "pass"


def test_a_plain_pact_host_is_judged_by_its_class_alone(other_server: OtherServer) -> None:
    async def pact_alone(request: Request, forward: Forward) -> Answer:
        if request.path.startswith(("/scdx", "/.well-known")):
            return Answer(404, {"content-type": "text/html"}, b"<p>not here</p>")
        return await forward(request)

    with serving(lying(other_server, pact_alone)) as url:
        report = run(Settings(url, *CLIENT))
    assert report.classes == ("pact-3",)
    assert not report.failed
    assert report.counts("pact-3")["pass"] == 53
    assert set(report.counts("exchange")) == {"not_claimed"}


def test_a_static_folder_is_recognised_without_credentials(our_folder: Any) -> None:
    with serving(our_folder) as url:
        report = run(Settings(url))
    assert report.classes == ("static",)
    assert report.exit_code == 0


def test_one_requirement_can_be_judged_alone(other_url: str) -> None:
    report = run(Settings(other_url, *CLIENT, only=("EXC-07",)))
    assert outcomes(report) == {"EXC-07": "pass"}


def test_more_documents_than_the_bound_are_left_alone(other_url: str) -> None:
    report = run(Settings(other_url, *CLIENT, max_documents=8))
    assert not report.failed
    assert int(str(report.documents["checked"])) < 25


def echoing(honest: Any, elsewhere: str) -> Any:
    """A server that hands every secret back, in bodies, headers and redirects elsewhere."""

    async def echo(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        sent = request.headers.get("authorization", "none")
        if request.path.startswith("/scdx/1/") and answer.status >= 400:
            there = {**answer.headers, "location": f"{elsewhere}/?{sent}", "x-echo": sent}
            return replace(answer, status=307, headers=there, body=f"{sent} \x1b[2J".encode())
        if request.path.startswith("/3/") and answer.status >= 400:
            return answer.saying({"code": sent, "message": request.body.decode("latin-1")})
        return answer

    return lying(honest, echo)


def test_no_secret_is_shown_and_no_redirect_followed(
    other_server: OtherServer, tmp_path: Path
) -> None:
    called: list[str] = []

    async def elsewhere(scope: Any, receive: Any, send: Any) -> None:
        called.append(scope["path"])

    known = set(other_server.tokens)
    with serving(elsewhere) as away, serving(echoing(other_server, away)) as url:
        files = ["--json", str(tmp_path / "r.json"), "--junit", str(tmp_path / "r.xml")]
        result = CliRunner().invoke(app, ["check", url, *OPTIONS, *files])
    assert result.exit_code == 1
    assert called == []
    shown = result.output + "".join(path.read_text("utf-8") for path in tmp_path.iterdir())
    assert "Bearer $TOKEN" in shown
    issued = set(other_server.tokens) - known
    assert len(issued) > 3
    for secret in (CLIENT[1], *issued):
        assert secret not in shown
    assert "\x1b[2J" not in shown


def test_credentials_go_to_no_other_origin(other_server: OtherServer) -> None:
    called: list[str] = []

    async def elsewhere(scope: Any, receive: Any, send: Any) -> None:
        called.append(scope["path"])

    with serving(elsewhere) as away:

        async def send_away(request: Request, forward: Forward) -> Answer:
            answer = await forward(request)
            if request.path != "/scdx/1":
                return answer
            auth = {"tokenEndpoint": f"{away}/auth/token"}
            return answer.saying({**answer.json, "auth": auth})

        with serving(lying(other_server, send_away)) as url:
            result = CliRunner().invoke(app, ["check", url, *OPTIONS])
    assert result.exit_code == 2
    assert "--token-url" in result.output
    assert called == []


def test_exit_codes_tell_passed_failed_and_could_not_run(other_url: str, liar_url: str) -> None:
    runner = CliRunner()
    assert runner.invoke(app, ["check", other_url, *OPTIONS]).exit_code == 0
    failed = runner.invoke(app, ["check", liar_url, *OPTIONS])
    assert failed.exit_code == 1
    assert failed.stdout.startswith("COR-06 breaks:")
    assert "curl -sS -i" in failed.output
    for arguments in (
        [other_url],
        [other_url, "--client-id", "nobody", "--client-secret", "wrong-secret"],
        ["http://127.0.0.1:9", *OPTIONS],
        ["http://climate.example.com", *OPTIONS],
        ["ftp://127.0.0.1", *OPTIONS],
        ["https://user:word@127.0.0.1", *OPTIONS],
        [other_url, *OPTIONS, "--class", "no-such-class"],
        [other_url, *OPTIONS, "--only", "XXX-99"],
        [other_url, *OPTIONS, "--ca", "no-such-file.pem"],
        [other_url, *OPTIONS, "--json", "/no/such/folder/report.json"],
        [],
    ):
        refused = runner.invoke(app, ["check", *arguments])
        assert refused.exit_code == 2, (arguments, refused.output)
        assert "Could not run:" in refused.output
        assert "Traceback" not in refused.output


def test_json_on_standard_output_is_nothing_but_json(other_url: str, tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    command = [sys.executable, "-m", "scdx_spec.cli", "check", other_url, *OPTIONS, "--json", "-"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["results"]) == len(server_requirements())
    assert "passed" in done.stderr
    assert "\x1b" not in done.stderr


def test_a_run_loads_neither_server_nor_client(other_url: str, tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from scdx_conformance import Settings, run\n"
        f"assert run(Settings({other_url!r}, *{CLIENT!r})).exit_code == 0\n"
        "print([m for m in sys.modules if m.startswith(('scdx_server', 'scdx_client'))])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_requirements_are_listed_with_their_sentences() -> None:
    listed = CliRunner().invoke(app, ["check", "--list-requirements"])
    assert listed.exit_code == 0
    for requirement, text in ((r.id, r.sentence) for r in server_requirements()):
        assert requirement in listed.output
        if requirement in covered():
            assert text in listed.output
