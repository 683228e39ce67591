"""The lines that show an exchange again: a real shell and a real curl send the same request."""

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from serving import serving

from scdx_conformance.evidence import evidence
from scdx_conformance.forgery import forgeries
from scdx_conformance.redaction import Secrets
from scdx_conformance.reproduce import curl, quoted, steps
from scdx_conformance.wire import Exchange

TOKEN = "tok-0123456789.abcdef"
SECRET = "s3cret-of-the-buyer"


@dataclass
class Heard:
    """What a listening server heard."""

    url: str = ""
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def heard() -> Iterator[Heard]:
    """A server that writes down what comes, and gives tokens to whoever asks."""
    found = Heard()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        named = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        place = scope["raw_path"].decode("latin-1") + "?" + scope["query_string"].decode("latin-1")
        found.requests.append((scope["method"], place.rstrip("?"), named, body))
        told = b'{"token_type": "bearer", "access_token" : "' + TOKEN.encode() + b'", "x": 1}'
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": told})

    with serving(app) as url:
        found.url = url
        yield found


@pytest.fixture
def secrets() -> Secrets:
    """A run's secrets."""
    held = Secrets()
    held.add_client("buyer", SECRET)
    held.add_client("second", "s3cret-of-another", "SECOND_")
    held.add(TOKEN, "$TOKEN")
    return held


def shell(lines: str, folder: Any) -> subprocess.CompletedProcess[str]:
    """Run lines in a POSIX shell with a run's variables."""
    env = {
        "PATH": os.environ["PATH"],
        "SCDX_CLIENT_ID": "buyer",
        "SCDX_CLIENT_SECRET": SECRET,
        "SCDX_SECOND_CLIENT_ID": "second",
        "SCDX_SECOND_CLIENT_SECRET": "s3cret-of-another",
        "NO_PROXY": "*",
    }
    return subprocess.run(
        ["sh", "-euc", lines], env=env, cwd=folder, capture_output=True, text=True, timeout=30
    )


def sent(method: str, url: str, content: bytes | None = None, **headers: str) -> Exchange:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Exchange(method, url, named, content, 500, {}, b"")


REQUESTS: dict[str, tuple[str, str, bytes | None, dict[str, str]]] = {
    "a list": ("GET", "/3/footprints?limit=2&$filter=a%20eq%20'b'", None, {}),
    "brackets and dots": ("GET", "/3/footprints?x[]=1&y={a,b}", None, {}),
    "upwards": ("GET", "/3/../scdx/1/./documents", None, {}),
    "a head": ("HEAD", "/3/footprints", None, {}),
    "an event": ("POST", "/3/events", b'{"a": "it\'s $HOME `id`"}', {"content_type": "a/b"}),
    "no media type": ("POST", "/3/events", b"{}", {}),
    "bytes": ("PUT", "/scdx/1/documents/x", b"\xff\x00\x1b{", {"content_type": "a/b"}),
    "an etag": ("GET", "/x", None, {"if_none_match": '"$(id)`id`\'${HOME}"'}),
    "an echo of the token": ("GET", "/x", None, {"if_none_match": f'"{TOKEN}`id`$(id)"'}),
    "a token with more": ("GET", "/x", None, {"if_none_match": TOKEN + "abc"}),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_the_lines_send_the_same_request(
    name: str, heard: Heard, secrets: Secrets, tmp_path: Any
) -> None:
    method, path, content, headers = REQUESTS[name]
    headers = {**headers, "authorization": f"Bearer {TOKEN}"}
    exchange = sent(method, heard.url + path, content, **headers)
    told = evidence("wrong", exchange, secrets, None, lambda: heard.url + "/auth/token")
    assert TOKEN not in str(told)
    done = shell(told["prepare"] + "\n" + told["reproduce"], tmp_path)
    assert done.returncode == 0, done.stderr
    asked, again = heard.requests
    assert asked[:2] == ("POST", "/auth/token")
    assert asked[3] == b"grant_type=client_credentials"
    assert again[:2] == (method, path)
    assert again[3] == (content or b"")
    for header, value in exchange.sent:
        assert again[2][header] == value
    assert ("content-type" in again[2]) == ("content_type" in headers)


def test_basic_credentials_are_the_buyers_or_the_second_ones(
    heard: Heard, secrets: Secrets, tmp_path: Any
) -> None:
    for pair in (f"buyer:{SECRET}", "second:s3cret-of-another"):
        basic = "Basic " + base64.b64encode(pair.encode()).decode()
        for written in (basic, basic.replace("Basic", "basic")):
            exchange = sent("GET", heard.url + "/x", authorization=written)
            command = curl(exchange, secrets, None)
            lines = steps(command, "", None) + "\n" + command
            assert pair.partition(":")[2] not in lines
            assert shell(lines, tmp_path).returncode == 0
            assert heard.requests[-1][2]["authorization"] == written


def test_the_second_buyers_token_is_got_with_its_own_credentials(
    heard: Heard, secrets: Secrets, tmp_path: Any
) -> None:
    secrets.add("tok-of-the-second-one", "$SECOND_TOKEN")
    exchange = sent("GET", heard.url + "/x", authorization="Bearer tok-of-the-second-one")
    told = evidence("wrong", exchange, secrets, None, lambda: heard.url + "/auth/token")
    assert shell(told["prepare"] + "\n" + told["reproduce"], tmp_path).returncode == 0
    asked, again = heard.requests
    pair = base64.b64decode(asked[2]["authorization"].removeprefix("Basic ")).decode()
    assert pair == "second:s3cret-of-another"
    assert again[2]["authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("signed", [True, False])
def test_a_token_made_from_a_good_one_gives_it_away_to_nobody(signed: bool) -> None:
    good = token_of_a_server() if signed else "0123456789abcdefghijklmnopqrstuvwxyzABCD"
    held = Secrets()
    held.add_token(good, "$TOKEN")
    assert held.redact(f"Bearer {good}") == "Bearer $TOKEN"
    made = dict(forgeries(good, []))
    assert len(made) == (14 if signed else 7)
    signature = good.rpartition(".")[2]
    for what, token in made.items():
        shown = str(evidence("wrong", sent("GET", "http://h/x", authorization=token), held, None))
        for half in (signature[: len(signature) // 2], signature[len(signature) // 2 + 1 :]):
            assert half not in shown, what
        length = len(signature) // 2 + 1
        seen = [signature[at : at + length] in shown for at in range(len(signature) - length + 1)]
        assert not any(seen), what


def token_of_a_server() -> str:
    """A JWT, as far as its form goes."""
    parts = (json.dumps({"alg": "EdDSA"}), json.dumps({"sub": "b", "jti": "7" * 20}))
    written = [base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts]
    return ".".join([*written, base64.urlsafe_b64encode(bytes(range(64))).decode().rstrip("=")])


def test_a_long_body_is_said_to_be_left_out(secrets: Secrets) -> None:
    command = curl(sent("POST", "http://h/x", b"x" * 5000), secrets, None)
    assert command.startswith("# The request's body (5,000 bytes)")
    assert "xxx" not in command
    secret = curl(sent("POST", "http://h/x", b"\xff" + SECRET.encode()), secrets, None)
    assert "base64" not in secret
    assert "--data-binary @body" in secret


def test_what_is_too_long_for_a_line_has_none(secrets: Secrets) -> None:
    told = evidence("wrong", sent("GET", "http://h/" + "x" * 9000), secrets, None)
    assert "reproduce" not in told
    assert len(told["request"]) < 700


def test_only_variables_are_expanded(tmp_path: Any) -> None:
    for text in ("$HOME", "`id`", "$(id)", '"$TOKEN"; id', "a$TOKEN'b", "\x1b[2J$TOKEN", "!!"):
        line = f"TOKEN=t; printf %s {quoted(text)}"
        expected = text.replace("$TOKEN", "t").replace("\x1b", "\\u001b")
        assert shell(line, tmp_path).stdout == expected
