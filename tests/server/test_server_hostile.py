"""Requests that mean harm, byte by byte over a socket, and what every answer carries."""

import contextlib
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from supplier import Buyer, Supplier, document, identity

from scdx_server import routes_core
from scdx_spec.shape import shape_findings

LIST, ONE = b"/scdx/1/documents", b"/scdx/1/documents/"
CANARY = b"canary-7f3a91"


@pytest.fixture(scope="module")
def buyer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Buyer]:
    """A buyer with a document, at one server for all tests here."""
    with Supplier(tmp_path_factory.mktemp("hostile") / "data") as supplier:
        supplier.publish(document("one"), document("two"))
        yield supplier.buyer("Kommun", "all")


def raw(buyer: Buyer, request: bytes) -> tuple[int, bytes]:
    """Status and everything else that the server sends back to these bytes; 0 for nothing."""
    at = urlsplit(buyer.supplier.url)
    with socket.create_connection((at.hostname or "", at.port or 0), timeout=20) as line:
        line.sendall(request)
        answer = b""
        line.settimeout(2)
        with contextlib.suppress(TimeoutError):  # an unfinished request is waited for: end it
            while part := line.recv(65_536):
                answer += part
            line.close()
        if line.fileno() != -1:
            line.settimeout(20)
            line.shutdown(socket.SHUT_WR)
            while part := line.recv(65_536):
                answer += part
    found = re.match(rb"HTTP/1\.[01] ([0-9]{3})", answer)
    return (int(found[1]) if found else 0), answer


def lines(buyer: Buyer, target: bytes, *more: bytes, method: bytes = b"GET") -> bytes:
    token = b"Authorization: Bearer " + buyer.token().encode()
    head = [method + b" " + target + b" HTTP/1.1", b"Host: 127.0.0.1", b"Connection: close"]
    return b"\r\n".join([*head, token, *more, b"", b""])


PREFIXES = (LIST, ONE, b"/3/footprints", b"/3/footprints/", b"/")
TAILS = [
    b"%", b"%zz", b"%00", b"%ff%fe", b"%ed%a0%80", b"%2e%2e/%2e%2e/etc/passwd", b"../../x",
    b"%0d%0aX-Injected:%20yes", b"?" + b"a" * 10_000, b"?limit=%ed%a0%80", b"?%00=%00",
    b"?" + b"&".join(b"limit=1" for _ in range(3_000)), b"?status=%ff", b"?productId=%ff%00",
    b"?cursor=%f0%9f%92%a9", b"?kind=%00", b"?after=%ff", b"\xff\xfe", b"\xc3\xa5", b"#x",
]  # fmt: skip
TARGETS = [
    *(prefix + tail for prefix in PREFIXES for tail in TAILS),
    LIST + b"/" + b"x" * 30_000,
    b"/" * 5_000,
    b"*",
    b"http://elsewhere.example.com/scdx/1/documents",
    ONE + identity("one").encode() + b"%0a",
    ONE + identity("one").encode() + b"/",
    b"/scdx/1/schemas/..%2fopenapi.schema.json",
    b"/scdx/1/schemas/%00.schema.json",
]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS, ids=lambda raw: repr(raw)[2:50])
def test_a_hostile_target_is_answered_and_not_repeated(buyer: Buyer, target: bytes) -> None:
    asked = target + (b"&" if b"?" in target else b"?") + CANARY + b"=" + CANARY
    status, answer = raw(buyer, lines(buyer, asked))
    assert 200 <= status < 500
    if status >= 400:
        assert CANARY not in answer
    assert b"x-injected" not in answer.lower().split(b"\r\n\r\n")[0]


def test_a_path_of_100_kilobytes_is_refused(buyer: Buyer) -> None:
    status, _ = raw(buyer, lines(buyer, LIST + b"/" + b"x" * 100_000))
    assert status in (0, 400, 404, 414, 431)


@pytest.mark.parametrize(
    "host",
    [b"", b"a b", b"x/../y", b"evil\xff", b"[[[", b"h:99999999", b'"><script>', b"u@h", b"a,b"],
)
def test_a_malformed_host_never_comes_back_in_an_address(buyer: Buyer, host: bytes) -> None:
    for target in (b"/scdx/1", b"/.well-known/scdx.json", LIST + b"?limit=1"):
        request = lines(buyer, target).replace(b"Host: 127.0.0.1", b"Host: " + host)
        status, answer = raw(buyer, request)
        assert status == 400
        assert not host or host not in answer.split(b"\r\n\r\n", 1)[1]


@pytest.mark.parametrize(
    "header",
    [
        b"If-None-Match: \xff\xfe",
        b"If-None-Match: " + b'"x",' * 10_000,
        b"Accept: \xff",
        b"Range: bytes=0-1",
        b"Content-Length: 5\r\n\r\n{\"x\":",
        b"Transfer-Encoding: chunked\r\n\r\nzz",
        b"Cookie: " + b"a" * 20_000,
        b"X-Forwarded-Host: evil.example.com\r\nX-Forwarded-Proto: ftp",
    ],
    ids=lambda raw: repr(raw)[2:30],
)  # fmt: skip
def test_a_hostile_header_makes_no_failure(buyer: Buyer, header: bytes) -> None:
    status, answer = raw(buyer, lines(buyer, LIST + b"?limit=1", header))
    assert status in (200, 400, 431)
    assert b"evil.example.com" not in answer


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Bearer \xff", "bearer a b c", "Basic !!!", "Basic " + "A" * 9_000,
     "Basic /////w==", "Digest x", "Bearer .", "Bearer ..", "Bearer e30.e30.",
     "Bearer eyJhbGciOjF9.e30.e30",
     "Bearer bnVsbA.bnVsbA.bnVsbA", "Bearer W10.W10.W10", "Bearer " + "a." * 4_000],
)  # fmt: skip
def test_a_malformed_authorization_is_refused(buyer: Buyer, authorization: str) -> None:
    sent = authorization.encode("latin-1")
    for path, method in ((LIST, b"GET"), (b"/3/footprints", b"GET"), (b"/auth/token", b"POST")):
        request = re.sub(
            rb"Authorization: [^\r]*", b"Authorization: " + sent, lines(buyer, path, method=method)
        )
        status, _ = raw(buyer, request)
        assert status in (400, 401)


def test_two_authorizations_are_none(buyer: Buyer) -> None:
    again = b"Authorization: Bearer " + buyer.token().encode()
    assert raw(buyer, lines(buyer, LIST, again))[0] == 401


@pytest.mark.parametrize(
    ("form", "error"),
    [
        (b"", "invalid_request"),
        (b"grant_type=password", "unsupported_grant_type"),
        (b"grant_type=client_credentials&grant_type=password", "invalid_request"),
        (b"\xff\xfe\x00", "invalid_request"),
        (b"&".join(b"a=1" for _ in range(2_000)), "invalid_request"),
        (b'{"grant_type": "client_credentials"}', "invalid_request"),
    ],
    ids=["empty", "other", "twice", "bytes", "many", "json"],
)
def test_a_token_request_that_is_none_says_why(buyer: Buyer, form: bytes, error: str) -> None:
    given = buyer.credentials
    answer = buyer.http.post(
        "/auth/token", content=form, auth=(given.client_id, given.client_secret),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.headers["cache-control"] == "no-store"


def test_a_large_body_is_refused_before_it_is_read(buyer: Buyer) -> None:
    answer = buyer.http.post("/auth/token", content=b"a" * 1_000_000)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("path", "offered"),
    [
        ("/scdx/1/documents", "GET, HEAD, PUT"),
        ("/scdx/1/documents/x", "GET, HEAD, PUT"),
        ("/scdx/1/requests", "GET, HEAD, POST"),
        ("/scdx/1", "GET, HEAD"),
    ],
)
def test_a_method_that_is_not_offered_is_told_which_are(
    buyer: Buyer, path: str, offered: str
) -> None:
    for method in {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"} - set(
        offered.split(", ")
    ):
        answer = buyer.http.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, offered)
        told = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert told["status"] == 405
        assert shape_findings(told, "protocol", fragment="problem") == []
    assert buyer.http.request("BREW", path).status_code in (400, 405)  # no method of HTTP at all
    assert buyer.http.request("GET", routes_core.TOKEN_PATH).headers["allow"] == "POST"
    assert buyer.http.request("PUT", "/3/footprints").json()["code"] == "BadRequest"


def test_head_has_the_headers_of_get_and_no_body(buyer: Buyer) -> None:
    bearer = {"Authorization": f"Bearer {buyer.token()}"}
    for path in ("/scdx/1", "/scdx/1/documents?limit=1", "/3/footprints", "/scdx/1/documents/x"):
        got, head = buyer.get(path), buyer.http.head(path, headers=bearer)
        assert head.content == b""
        assert head.status_code == got.status_code
        told = [{k: v for k, v in one.headers.items() if k != "date"} for one in (got, head)]
        assert told[0] == told[1]


def test_every_answer_carries_its_safety_headers(buyer: Buyer) -> None:
    paths = [
        "/scdx/1",
        "/scdx/1/documents",
        "/3/footprints",
        "/nothing",
        "/livez",
        "/3/footprints/x",
    ]
    for path in paths:
        for answer in (buyer.get(path), buyer.http.get(path)):
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "no-store"
            assert "server" not in answer.headers or "uvicorn" in answer.headers["server"]


def test_a_fault_of_ours_tells_nothing_and_is_logged(
    buyer: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scdx_server import pages

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(pages, "entries", broken)
    answer = buyer.get("/scdx/1/documents")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret detail" not in answer.text
    faults = [e for e in buyer.supplier.events if e["event"] == "fault"]
    assert "secret detail" in str(faults[-1]["trace"])


def test_what_the_server_says_of_itself_has_the_standards_form(buyer: Buyer) -> None:
    for path, name in (("/scdx/1", "capability"), ("/.well-known/scdx.json", "discovery"),
                       ("/scdx/1/documents", "entryList")):  # fmt: skip
        assert shape_findings(buyer.get(path).json(), "protocol", fragment=name) == []
    openapi = buyer.http.get("/scdx/1/openapi.json").json()
    assert buyer.http.get("/scdx/1/schemas/protocol.schema.json").status_code == 200
    known = {p for p in openapi["paths"] if "static" not in json.dumps(openapi["paths"][p])}
    asked = buyer.send("POST", "/scdx/1/requests", json={"purpose": "other", "kind": "x"}).json()
    for path in known:
        filled = path.replace("{requestId}", asked["id"])
        filled = re.sub(r"\{[^}]*\}", identity("one"), filled)
        assert buyer.get(filled).status_code in (200, 405), path
    assert len(known) >= 13


def test_the_documents_keys_and_the_tokens_keys_are_different(buyer: Buyer) -> None:
    mine = buyer.http.get("/scdx/1").json()["keys"]["keys"]
    tokens = buyer.http.get("/.well-known/jwks.json").json()["keys"]
    assert {k["kid"] for k in mine}.isdisjoint(k["kid"] for k in tokens)
    assert {k["x"] for k in mine}.isdisjoint(k["x"] for k in tokens)
    assert "d" not in {name for key in [*mine, *tokens] for name in key}


def test_forwarded_and_configured_addresses(tmp_path: Path) -> None:
    from supplier import serving

    from scdx_server.app import create_app
    from scdx_server.buyers import initialise
    from scdx_server.database import Database
    from scdx_server.settings import Settings

    initialise(Database(tmp_path / "d"), name="Example")
    settings = Settings(data=tmp_path / "d", public_url="https://climate.example.com/base/")
    with serving(create_app(settings)) as url:
        told = httpx2.get(f"{url}/.well-known/openid-configuration", trust_env=False).json()
    assert told["issuer"] == "https://climate.example.com/base"
    assert told["token_endpoint"] == "https://climate.example.com/base/auth/token"


METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"])
PATHS = st.sampled_from(
    ["/scdx/1/documents", "/scdx/1/documents/", "/3/footprints", "/3/footprints/", "/auth/token",
     "/scdx/1", "/", "//x",
     "/.well-known/scdx.json", "/3/", "/3/footprints/%00", "/scdx/1/documents/%ff%fe", "/%", "/%zz"]
)  # fmt: skip
NAMES = st.sampled_from(["limit", "after", "kind", "status", "productId", "companyId", "cursor"])
VALUES = st.one_of(
    st.text(max_size=40),
    st.binary(max_size=20).map(lambda raw: raw.decode("latin-1")),
    st.sampled_from(
        ["-1", "0", "٣", "1e9", "9" * 400, "\x00", "null", "NaN", "%", "'--", "1 OR 1"]
    ),
)


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_request_makes_it_fail(buyer: Buyer, data: Any) -> None:
    query = data.draw(st.lists(st.tuples(NAMES, VALUES), max_size=4))
    path = data.draw(PATHS)
    headers = {"Authorization": f"Bearer {buyer.token()}"} if data.draw(st.booleans()) else {}
    answer = buyer.http.request(
        data.draw(METHODS),
        f"{path}?{httpx2.QueryParams(query)}",
        headers=headers,
        content=data.draw(st.sampled_from([b"", b'{"x":NaN}', b"\xff", b"a" * 70_000])),
    )
    assert answer.status_code < 500 or answer.status_code == 501
