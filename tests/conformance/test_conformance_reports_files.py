"""What a run takes in and leaves behind: baselines, transcripts, signatures, progress."""

import dataclasses
import hashlib
import json
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from joserfc.jwk import OKPKey
from liars.lying import Answer, Forward, Request, lying
from other_server import CLIENT, OtherServer
from serving import serving
from typer.testing import CliRunner

from scdx_conformance.baseline import Entry, read_baseline, with_baseline, written
from scdx_conformance.cli import app
from scdx_conformance.report import Report
from scdx_conformance.report_junit import as_junit
from scdx_conformance.run import run
from scdx_conformance.settings import CannotRunError, Settings
from scdx_conformance.signed_report import (
    TYPE,
    ReportSignatureError,
    read_key,
    signed,
    verify_report,
)
from scdx_spec.statements import generate_key, public_key, sign

OPTIONS = ["--client-id", CLIENT[0], "--client-secret", CLIENT[1], "--class", "core"]
TODAY = date(2027, 1, 31)


@pytest.fixture(scope="module")
def broken(liar_url: str) -> Report:
    """The report on the server that breaks COR-06."""
    return run(Settings(liar_url, *CLIENT, classes=("core",)))


def baseline(folder: Path, text: str) -> Path:
    path = folder / "known.toml"
    path.write_text(text, encoding="utf-8")
    return path


def entry(requirement: str, until: str, reason: str = "next release") -> str:
    return f'[[known]]\nrequirement = "{requirement}"\nreason = "{reason}"\nuntil = {until}\n'


# Baselines


def test_a_known_failure_passes_until_its_day_and_stays_visible(
    broken: Report, tmp_path: Path
) -> None:
    assert broken.exit_code == 1
    path = baseline(tmp_path, entry("COR-06", "2027-01-31", "waits for </gateway>"))
    report = with_baseline(broken, read_baseline(path), TODAY)
    assert report.exit_code == 0
    assert report.state("core") == "part"
    told = json.loads(report.as_json())
    assert told["known"] == {"COR-06": {"reason": "waits for </gateway>", "until": "2027-01-31"}}
    assert [r["outcome"] for r in told["results"] if r["requirement"] == "COR-06"] == ["fail"]
    root = ElementTree.fromstring(as_junit(report))
    case = next(c for c in root.iter("testcase") if c.get("name") == "COR-06")
    skipped = case.find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "known until 2027-01-31: waits for </gateway>"
    assert root.get("failures") == "0"


def test_what_ran_out_fails_and_says_so(broken: Report, tmp_path: Path) -> None:
    path = baseline(tmp_path, entry("COR-06", "2027-01-30"))
    report = with_baseline(broken, read_baseline(path), TODAY)
    assert report.exit_code == 1
    assert report.notes == ("COR-06 was known until 2027-01-30, which is over: next release",)
    assert "failure" in {one.tag for one in ElementTree.fromstring(as_junit(report)).iter()}


def test_entries_that_are_not_needed_are_told(broken: Report, tmp_path: Path) -> None:
    text = "".join(entry(name, "2027-12-31") for name in ("COR-06", "COR-05", "EXC-01"))
    report = with_baseline(broken, read_baseline(baseline(tmp_path, text)), TODAY)
    assert report.notes == (
        "COR-05 passes now: take it out of the baseline.",
        "EXC-01 stands in the baseline, but this run didn't judge it.",
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("known = 7", "[[known]] tables"),
        ("[[knwon]]\n", "[[known]] tables"),
        ("[[known]\n", "is no TOML"),
        (entry("COR-06", "2027-01-31") * 2, "COR-06 twice"),
        (entry("XXX-99", "2027-01-31"), "doesn't have"),
        (entry("COR-06", "2027-01-31", " "), "needs a reason"),
        (entry("COR-06", '"2027-01-31"'), "YYYY-MM-DD"),
        (entry("COR-06", "2027-01-31T00:00:00Z"), "YYYY-MM-DD"),
        (
            '[[known]]\nrequirement = "COR-06"\nreason = "x"\n',
            "needs requirement, reason and until",
        ),
        (entry("COR-06", "2027-01-31") + 'ticket = "7"\n', "nothing else"),
    ],
)
def test_a_wrong_baseline_is_refused_with_its_place(text: str, told: str, tmp_path: Path) -> None:
    path = baseline(tmp_path, text)
    with pytest.raises(CannotRunError) as refused:
        read_baseline(path)
    assert told in str(refused.value)
    assert str(path) in str(refused.value)


def test_a_written_baseline_accepts_the_next_run_and_keeps_its_reasons(
    liar_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "known.toml"
    runner = CliRunner()
    first = runner.invoke(app, ["check", liar_url, *OPTIONS, "--write-baseline", str(path)])
    assert first.exit_code == 1
    assert set(read_baseline(path)) == {"COR-06"}
    accepted = runner.invoke(app, ["check", liar_url, *OPTIONS, "--baseline", str(path)])
    assert accepted.exit_code == 0, accepted.output
    assert "COR-06 known until" in accepted.stdout
    assert "passes SCDX's core" not in accepted.stdout
    again = runner.invoke(app, ["check", liar_url, *OPTIONS, "--write-baseline", str(path)])
    assert again.exit_code == 2
    assert "give it as --baseline too" in again.output
    path.write_text(path.read_text("utf-8").replace("to be looked at", "KIM, 4711"), "utf-8")
    both = ["--baseline", str(path), "--write-baseline", str(path)]
    assert runner.invoke(app, ["check", liar_url, *OPTIONS, *both]).exit_code == 0
    assert read_baseline(path)["COR-06"].reason.startswith("KIM, 4711")


def test_a_reason_with_quotes_and_breaks_survives_being_written(
    broken: Report, tmp_path: Path
) -> None:
    said = {"message": 'He said "\\ud83d"\n\tand 日本語 \U0001f600 left'}
    results = tuple(
        dataclasses.replace(one, evidence=(said,)) if one.requirement == "COR-06" else one
        for one in broken.results
    )
    text = written(dataclasses.replace(broken, results=results), {}, TODAY)
    found = read_baseline(baseline(tmp_path, text))
    assert found["COR-06"].until == date(2027, 5, 1)
    assert found["COR-06"].reason == 'to be looked at: He said "\\ud83d" and 日本語 \U0001f600 left'


def test_a_written_baseline_keeps_what_holds_and_leaves_the_rest(
    broken: Report, tmp_path: Path
) -> None:
    held = {
        "COR-05": Entry("passes by now", date(2027, 12, 31)),
        "EXC-01": Entry("not judged", date(2027, 12, 31)),
        "EXC-02": Entry("not judged and over", date(2026, 12, 31)),
        "COR-06": Entry("over", date(2026, 12, 31)),
    }
    found = read_baseline(baseline(tmp_path, written(broken, held, TODAY)))
    assert list(found) == ["COR-06", "EXC-01"]
    assert found["EXC-01"] == held["EXC-01"]
    assert found["COR-06"].reason.startswith("to be looked at: ")
    assert found["COR-06"].until == date(2027, 5, 1)


# Signatures


@pytest.mark.parametrize("form", ["jwk", "pem"])
def test_a_signed_report_is_verified_and_a_changed_one_is_not(
    form: str, broken: Report, tmp_path: Path
) -> None:
    key = OKPKey.generate_key("Ed25519", private=True)
    path = tmp_path / "key"
    pem, jwk = key.as_pem(private=True).decode(), json.dumps(key.as_dict(private=True))
    path.write_text(pem if form == "pem" else jwk)
    private = read_key(path)
    public = [public_key(private)]
    assert "d" not in public[0]
    text = signed(broken, private)
    assert private["d"] not in text
    summary = verify_report(text, public)
    assert summary["target"] == broken.target
    assert summary["classes"] == {"core": "fail"}
    assert summary["exitCode"] == 1
    told = json.loads(text)
    assert verify_report(json.dumps(told, indent=7), public) == summary
    for result in told["results"]:
        if result["requirement"] == "COR-06":
            result["outcome"] = "pass"
    refused = {
        "changed after": (json.dumps(told), public),
        "among the given": (text, [public_key(generate_key())]),
        "isn't signed": (broken.as_json(), public),
        "not JSON": ("{", public),
        "does not fit": (text, [{**public_key(generate_key()), "kid": private["kid"]}]),
        "typ is not": (
            json.dumps({"statement": sign({"sha256": "x"}, private), "a": 1}),
            public,
        ),
        "compact JWS": (json.dumps({"statement": "a.b"}), public),
        "longer": (json.dumps({"statement": "a" * 30_000}), public),
    }
    for why, (wrong, keys) in refused.items():
        with pytest.raises(ReportSignatureError, match=why):
            verify_report(wrong, keys)


def test_a_signature_of_another_report_proves_nothing(broken: Report) -> None:
    key = generate_key()
    other = dataclasses.replace(broken, target="https://other.example.com")
    told = json.loads(broken.as_json())
    told["statement"] = json.loads(signed(other, key))["statement"]
    with pytest.raises(ReportSignatureError, match="changed"):
        verify_report(json.dumps(told), [public_key(key)])
    assert TYPE == "scdx-report+jwt"


@pytest.mark.parametrize("form", ["jwk", "jwks", "discovery", "pem"])
def test_a_report_is_proven_by_the_command(form: str, broken: Report, tmp_path: Path) -> None:
    key = OKPKey.generate_key("Ed25519", private=True)
    private = {str(n): str(v) for n, v in key.as_dict(private=True).items()}
    private["kid"] = key.thumbprint()
    public = {name: private[name] for name in ("kty", "crv", "x")}
    told = {
        "jwk": json.dumps(public),
        "jwks": json.dumps({"keys": [public]}),
        "discovery": json.dumps({"organizations": [], "keys": {"keys": [public, 7]}}),
        "pem": key.as_pem(private=False).decode(),
    }
    keys, report = tmp_path / "keys", tmp_path / "report.json"
    keys.write_text(told[form])
    report.write_text(signed(broken, private), "utf-8")

    def proven() -> tuple[int, str]:
        words = ["verify-report", str(report), "--keys", str(keys)]
        done = CliRunner().invoke(app, words)
        return done.exit_code, done.output

    assert proven()[0] == 0, proven()
    assert f"on {broken.target} at {broken.date}: core does not pass." in proven()[1]
    report.write_text(report.read_text("utf-8").replace('"fail"', '"pass"'), "utf-8")
    assert proven() == (1, "Not proven: it was changed after it was signed.\n")
    keys.write_text("neither")
    assert proven()[0] == 2
    keys.unlink()
    assert proven()[0] == 2


def test_what_is_no_private_key_is_refused_unquoted(tmp_path: Path) -> None:
    path = tmp_path / "key"
    private = OKPKey.generate_key("Ed25519", private=True)
    wrong = [
        "secret-words",
        "{",
        '{"kty": "secret-words"}',
        json.dumps(private.as_dict(private=False)),
        private.as_pem(private=False).decode(),
        json.dumps(OKPKey.generate_key("X25519", private=True).as_dict(private=True)),
    ]
    for text in wrong:
        path.write_text(text)
        with pytest.raises(CannotRunError) as refused:
            read_key(path)
        assert "secret-words" not in str(refused.value)
    with pytest.raises(CannotRunError):
        read_key(tmp_path / "absent")


# A fault of the suite itself


def test_a_fault_of_the_suite_is_an_error_and_lets_no_class_pass(other_url: str) -> None:
    honest = run(Settings(other_url, *CLIENT, classes=("core",), fast=True))
    assert (honest.exit_code, honest.state("core")) == (0, "pass")
    faulty = dataclasses.replace(honest, problems=("test_x: KeyError: 'a\x1b'",))
    assert (faulty.exit_code, faulty.state("core")) == (2, "part")
    root = ElementTree.fromstring(as_junit(faulty))
    assert root.get("errors") == "1"
    errors = [one.get("message") for one in root.iter("error")]
    assert errors == ["test_x: KeyError: 'a\\u001b'"]


# Transcripts


def test_a_transcript_holds_every_exchange_and_no_secret(
    other_server: OtherServer, tmp_path: Path
) -> None:
    """The server hands tokens and secrets back, twenty times over."""

    async def echo(request: Request, forward: Forward) -> Answer:
        answer = await forward(request)
        sent = request.headers.get("authorization", "none")
        if answer.status >= 400:
            told = {**answer.headers, "x-echo": sent, "set-cookie": "session=abcdefgh"}
            body = (sent + "\x1b[2J") * 200
            return Answer(answer.status, {**told, "content-type": "text/plain"}, body.encode())
        return answer

    key, known = tmp_path / "key.json", set(other_server.tokens)
    key.write_text(json.dumps(generate_key()))
    files = {name: tmp_path / f"report.{name}" for name in ("jsonl", "json")}
    with serving(lying(other_server, echo)) as url:
        options = ["--transcript", str(files["jsonl"]), "--json", str(files["json"])]
        CliRunner().invoke(app, ["check", url, *OPTIONS, *options, "--sign-key", str(key)])
    text = files["jsonl"].read_text("utf-8")
    head, *lines = [json.loads(line) for line in text.splitlines()]
    assert head["exchanges"] == head["kept"] == len(lines) > 40
    assert lines[0]["request"] == f"GET {url}/scdx/1"
    assert any(line["sent"].get("authorization") == "Bearer $TOKEN" for line in lines)
    assert max(len(line.get("body", "")) for line in lines) <= 2002
    issued = set(other_server.tokens) - known
    assert len(issued) > 1
    beginnings = {secret[:13] for secret in (CLIENT[1], *issued)}  # also of one that was cut
    for secret in (*beginnings, "abcdefgh", "\x1b"):
        assert secret not in text
    report = json.loads(files["json"].read_text("utf-8"))
    assert report["transcript"]["exchanges"] == len(lines)
    assert report["transcript"]["sha256"] == hashlib.sha256(files["jsonl"].read_bytes()).hexdigest()
    assert verify_report(files["json"].read_bytes(), [public_key(json.loads(key.read_text()))])
