"""The supplier's commands, as processes: what they print, their exit status, how serving ends."""

import datetime
import ipaddress
import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from supplier import document, identity

SCDX = [sys.executable, "-m", "scdx_spec.cli"]


def scdx(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """Run one command in a folder whose ``data`` is the server."""
    return subprocess.run(
        [*SCDX, *map(str, words)],
        cwd=folder,
        env={**os.environ, "SCDX_DATA": "data"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an initialised server in ``data`` and documents as files."""
    done = scdx(
        tmp_path, "init", "--name", "Example Services AB", "--contact", "climate@example.com"
    )
    assert done.returncode == 0, done.stderr
    good, other = document("good"), document("other", "ProductDeclaration")
    (tmp_path / "good.json").write_text(json.dumps(good))
    (tmp_path / "other.json").write_text(json.dumps(other))
    bad = document("bad", "SupplierDisclosure")
    bad["targets"][0]["baseYear"] = 2100
    (tmp_path / "bad.json").write_text(json.dumps(bad))
    (tmp_path / "twice.json").write_text('{"a": 1, "a": 2}')
    return tmp_path


@contextmanager
def serving(folder: Path, *options: object) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """``scdx serve`` on a free port; gives the URL that it prints, and its process."""
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [*SCDX, "serve", "--port", "0", *map(str, options)],
            cwd=folder,
            env={**os.environ, "SCDX_DATA": "data"},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("Serving "), (folder / "log").read_text()
            yield line.split()[1], process
        finally:
            process.kill()
            process.wait(10)
            if process.stdout is not None:
                process.stdout.close()


def test_a_second_init_in_the_same_folder_is_refused(folder: Path) -> None:
    keys = {p.name: p.read_bytes() for p in (folder / "data" / "keys").iterdir()}
    again = scdx(folder, "init", "--name", "Example Other AB")
    assert again.returncode == 1
    assert "holds a server already" in again.stderr
    assert {p.name: p.read_bytes() for p in (folder / "data" / "keys").iterdir()} == keys


def test_publish_tells_what_happened_to_each_file(folder: Path) -> None:
    done = scdx(folder, "publish", "good.json", "other.json")
    again = scdx(folder, "publish", "good.json")
    assert (done.returncode, again.returncode) == (0, 0), done.stdout + done.stderr
    assert [line.split()[:3] for line in done.stdout.splitlines()] == [
        ["good.json", "ProductFootprint", "published,"],
        ["other.json", "ProductDeclaration", "published,"],
    ]
    assert "unchanged" in again.stdout


def test_publish_names_every_broken_requirement_and_publishes_nothing(folder: Path) -> None:
    done = scdx(folder, "publish", "good.json", "bad.json", "twice.json")
    assert done.returncode == 1
    for told in ("bad.json", "SBT-03", "/targets/0", "earlier than its target year", "→"):
        assert told in done.stdout
    for told in ("twice.json", "JSN-02"):
        assert told in done.stdout
    assert [line for line in done.stdout.splitlines() if line[0] != " "] == [
        "good.json  ProductFootprint  not published, since others were refused",
        "bad.json  SupplierDisclosure  refused: it breaks the standard",
        "twice.json  unknown kind  refused: it is not a document",
    ]
    assert "Nothing was published" in done.stderr
    assert (
        json.loads(scdx(folder, "buyers", "list", "--json").stdout)["buyers"][0]["documents"] == 0
    )
    assert "published, seen" in scdx(folder, "publish", "good.json").stdout


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["init", "--name", "X", "--data", "n", "--domain", "https://x/"], 2, "host name alone"),
        (["init", "--name", "X", "--data", "n", "--contact", "nobody"], 2, "--contact"),
        (["init", "--name", "", "--data", "n"], 2, "--name"),
        (["init", "--name", "X", "--data", "n", "--identifier", "5493"], 2, "SCHEME:VALUE"),
        (["init", "--name", "X", "--data", "n", "--identifier", "lei:"], 2, "SCHEME:VALUE"),
        (["init", "--name", "X", "--data", "n", "--identifier", "lei:5493"], 2, "--identifier"),
        (["publish"], 2, "--static"),
        (["publish", "nowhere.json"], 2, "nowhere.json"),
        (["grant", "Nobody", "all"], 1, "no buyer called Nobody"),
        (["grant", "public", "everything"], 2, "organization:NAME"),
        (["grant", "public", identity("unpublished")], 1, "no document"),
        (["revoke", "public", "all"], 1, "no such grant"),
        (["serve"], 2, "--insecure-loopback"),
        (["serve", "--insecure-loopback", "--host", "0.0.0.0"], 2, "loopback address"),
        (["serve", "--tls-cert", "good.json"], 2, "go together"),
        (["serve", "--tls-cert", "good.json", "--tls-key", "good.json"], 2, "PEM"),
        (["serve", "--tls-cert", "x.pem", "--tls-key", "good.json"], 2, "no such file"),
        (["serve", "--insecure-loopback", "--port", "99999"], 2, "SCDX_PORT"),
        (["serve", "--insecure-loopback", "--data", "nowhere"], 1, "scdx init"),
        (["buyers", "add", "public"], 1, "name of its own"),
        (["buyers", "remove", "Nobody"], 1, "no buyer called Nobody"),
        (["buyers", "list", "--data", "nowhere"], 1, "scdx init"),
    ],
)
def test_a_mistake_is_told_without_a_trace(
    folder: Path, words: list[str], status: int, told: str
) -> None:
    done = scdx(folder, *words)
    assert done.returncode == status, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_an_escape_sequence_in_a_name_does_not_reach_the_terminal(folder: Path) -> None:
    done = scdx(folder, "buyers", "add", "Evil\x1b]0;title\x07")
    listed = scdx(folder, "buyers", "list")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + listed.stdout


def test_a_supplier_publishes_and_a_buyer_reads(folder: Path) -> None:
    scdx(folder, "publish", "good.json", "other.json")
    added = json.loads(scdx(folder, "buyers", "add", "Example Kommun", "--json").stdout)
    assert "1 document appeared" in scdx(folder, "grant", "Example Kommun", identity("good")).stdout
    with serving(folder, "--insecure-loopback") as (url, process):
        with httpx2.Client(base_url=url, trust_env=False) as http:
            answer = http.post(
                "/auth/token",
                auth=(added["clientId"], added["clientSecret"]),
                data={"grant_type": "client_credentials"},
            )
            bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
            listed = http.get("/scdx/1/documents", headers=bearer).json()["data"]
            assert [entry["id"] for entry in listed] == [identity("good")]
            assert "is gone" in scdx(folder, "buyers", "remove", "Example Kommun").stdout
            assert http.get("/scdx/1/documents", headers=bearer).status_code == 401
            secret = "x-canary-9d8f7"
            http.get(f"/scdx/1/documents?access_token={secret}", headers={"X-Canary": secret})
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    log = (folder / "log").read_text()
    events = [json.loads(line) for line in log.splitlines()]
    assert [(e["path"], e["status"]) for e in events if e["event"] == "request"] == [
        ("/auth/token", 200),
        ("/scdx/1/documents", 200),
        ("/scdx/1/documents", 401),
        ("/scdx/1/documents", 401),
    ]
    assert events[1]["client"] == added["clientId"]
    for hidden in (secret, added["clientSecret"], bearer["Authorization"][7:], "Traceback"):
        assert hidden not in log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_serving_in_peace(folder: Path, number: signal.Signals) -> None:
    with serving(folder, "--insecure-loopback") as (url, process):
        assert httpx2.get(f"{url}/readyz", trust_env=False).json() == {"status": "ok"}
        process.send_signal(number)
        assert process.wait(20) == 0
    assert "Traceback" not in (folder / "log").read_text()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    address: Any = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, secret = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert, secret


def test_over_tls_every_link_is_https_and_plain_http_gets_nothing(folder: Path) -> None:
    cert, key = certificate(folder)
    with serving(folder, "--tls-cert", cert, "--tls-key", key) as (url, _):
        trusted = ssl.create_default_context(cafile=str(cert))
        with httpx2.Client(base_url=url, verify=trusted, trust_env=False) as http:
            answer = http.get("/scdx/1")
            told = answer.json()
        assert url.startswith("https://127.0.0.1:")
        assert told["auth"]["tokenEndpoint"] == f"{url}/auth/token"
        assert "strict-transport-security" in answer.headers
        with pytest.raises(httpx2.TransportError):
            httpx2.get(f"http{url[5:]}/scdx/1", trust_env=False)


def test_publish_static_writes_what_is_public_also_without_files(folder: Path) -> None:
    scdx(folder, "publish", "good.json")
    scdx(folder, "grant", "public", "all")
    done = scdx(folder, "publish", "other.json", "--static", "www")
    again = scdx(folder, "publish", "--static", "www")
    assert (done.returncode, again.returncode) == (0, 0)
    index = json.loads((folder / "www/scdx/1/index.json").read_text())
    assert [entry["id"] for entry in index["data"]] == [identity("good"), identity("other")]
    assert index["contact"] == "climate@example.com"


def states(folder: Path) -> dict[str, str]:
    """State by id of what the static files in ``www`` list."""
    index = json.loads((folder / "www/scdx/1/index.json").read_text())
    return {entry["id"]: entry["state"] for entry in index["data"]}


def test_static_files_are_renewed_by_whatever_changes_what_the_public_sees(folder: Path) -> None:
    good, other = identity("good"), identity("other")
    scdx(folder, "publish", "good.json", "other.json", "--static", "www")
    assert states(folder) == {}

    def renews(*words: str, to: dict[str, str], public: str) -> None:
        done = scdx(folder, *words)
        assert done.returncode == 0, done.stderr
        last = done.stdout.splitlines()[-1]
        assert last == f"{folder.resolve() / 'www'}: renewed, {public} public"
        assert states(folder) == to

    renews("grant", "public", "all", to={good: "current", other: "current"}, public="2 documents")
    renews(
        "deprecate", good, "--reason", "old",
        to={good: "deprecated", other: "current"}, public="2 documents",
    )  # fmt: skip
    renews("withdraw", good, "--reason", "wrong", to={good: "withdrawn", other: "current"},
           public="1 document")  # fmt: skip
    renews("revoke", "public", "all", to={good: "gone", other: "gone"}, public="0 documents")
    before = (folder / "www/scdx/1/index.json").read_bytes()
    renews("keys", "rotate", "document", to={good: "gone", other: "gone"}, public="0 documents")
    assert (folder / "www/scdx/1/index.json").read_bytes() != before


def test_static_files_stay_as_they_are_where_the_public_sees_nothing_new(folder: Path) -> None:
    scdx(folder, "publish", "good.json", "--static", "www")
    made = (folder / "www/scdx/1").stat().st_mtime_ns
    scdx(folder, "buyers", "add", "Kommun")
    for words in (
        ("grant", "Kommun", "all"),
        ("publish", "other.json"),
        ("revoke", "Kommun", "all"),
        ("publish", "other.json", "--dry-run"),
    ):
        done = scdx(folder, *words)
        assert (done.returncode, "renewed" in done.stdout) == (0, False)
    assert (folder / "www/scdx/1").stat().st_mtime_ns == made


def test_static_files_that_cannot_be_renewed_are_told_with_the_command_for_it(
    folder: Path,
) -> None:
    scdx(folder, "publish", "good.json", "--static", "www")
    (folder / "www").rename(folder / "moved")
    done = scdx(folder, "grant", "public", "all")
    assert done.returncode == 1
    assert "1 document appeared in lists" in done.stdout
    assert "the static files are stale" in done.stderr
    assert "Next: scdx publish --static DIR" in done.stderr
    assert not (folder / "www").exists()
    again = scdx(folder, "revoke", "public", "all")
    assert (again.returncode, again.stderr) == (0, "")
