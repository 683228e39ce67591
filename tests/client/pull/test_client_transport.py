"""The transport: a token knows its origin, and no supplier costs more than its budget."""

import contextlib
import gzip
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from evil_supplier import NOW, EvilSupplier, Reply, entry, example, reply

from scdx_client.auth import Credentials, Session
from scdx_client.demo.local_ca import create
from scdx_client.errors import AuthenticationError, BudgetError, OriginError, TransportError
from scdx_client.sync import pull_one
from scdx_client.transport import Budget, Transport, asked_seconds, next_link, origin
from scdx_client.workspace import Supplier, Workspace

Start = Callable[..., EvilSupplier]
LIST = "/scdx/1/documents"


@contextlib.contextmanager
def session(one: EvilSupplier, budget: Budget | None = None) -> Iterator[Session]:
    """A session of the buyer's, closed at the end."""
    with contextlib.closing(Transport(one.url, budget=budget)) as transport:
        yield Session(transport, Credentials("buyer", "canary-secret"))


def pulled(workspace: Workspace, url: str, budget: Budget | None = None) -> str:
    """The error of one pull, empty where there was none."""
    supplier = Supplier("S", url, "buyer", "canary-secret", kind="scdx")
    if not workspace.suppliers():
        workspace.add_supplier(supplier)
    return pull_one(workspace, supplier, now=NOW, budget=budget).error


@pytest.mark.proves("COR-20")
@pytest.mark.proves("EXC-34")
@pytest.mark.parametrize(
    "form",
    [
        "{other}/scdx/1/documents",
        "//127.0.0.1:{port}/x",
        "http://buyer@127.0.0.1:{port}/x",
        "ftp://127.0.0.1/x",
    ],
)
def test_a_next_link_to_another_origin_is_refused_and_sees_no_token(
    workspace: Workspace, supplier: Start, form: str
) -> None:
    other = supplier(entries=[])
    port = str(other.server.server_port)
    target = form.format(other=other.url, port=port)

    def answer(_: EvilSupplier, path: str, __: dict[str, list[str]]) -> Reply | None:
        one = entry(1, example("product-declaration"))
        linked = {"Link": f'<{target}>; rel="next"'}
        return reply({"data": [one]}, **linked) if path == LIST else None

    one = supplier(entries=[], answer=answer)
    assert "origin" in pulled(workspace, one.url) or "address" in pulled(workspace, one.url)
    assert other.seen == []


@pytest.mark.proves("COR-20")
def test_credentials_do_not_follow_a_discovered_token_endpoint_elsewhere(
    workspace: Workspace, supplier: Start
) -> None:
    other = supplier()

    def answer(_: EvilSupplier, path: str, __: dict[str, list[str]]) -> Reply | None:
        found = {"token_endpoint": f"{other.url}/auth/token"}
        return reply(found) if path.endswith("openid-configuration") else None

    one = supplier(entries=[], answer=answer)
    assert "--token-url" in pulled(workspace, one.url)
    assert other.seen == []


@pytest.mark.proves("COR-21")
def test_a_redirect_is_not_followed(workspace: Workspace, supplier: Start) -> None:
    other = supplier(entries=[])

    def answer(_: EvilSupplier, path: str, __: dict[str, list[str]]) -> Reply | None:
        return (302, {"Location": f"{other.url}{LIST}"}, b"") if path == LIST else None

    one = supplier(entries=[], answer=answer)
    assert "302" in pulled(workspace, one.url)
    assert other.seen == []


@pytest.mark.proves("COR-22")
def test_a_token_that_expires_between_pages_is_fetched_anew(supplier: Start) -> None:
    def answer(one: EvilSupplier, path: str, _: dict[str, list[str]]) -> Reply | None:
        if path != LIST:
            return None
        sent = one.seen[-1][2].get("Authorization")
        return (
            None if sent == f"Bearer {one.tokens[-1]}" and len(one.tokens) > 1 else reply({}, 401)
        )

    one = supplier(entries=[], answer=answer)
    with session(one) as buyer:
        assert buyer.get(LIST).status == 200
    assert len(one.tokens) == 2


def test_a_server_that_refuses_its_own_tokens_is_given_up(supplier: Start) -> None:
    one = supplier(answer=lambda _, path, __: reply({}, 401) if path == LIST else None)
    with session(one) as buyer, pytest.raises(AuthenticationError, match="its own token"):
        buyer.get(LIST)
    assert len(one.tokens) == 2


@pytest.mark.proves("COR-30")
@pytest.mark.parametrize("trick", ["endless", "circle", "bomb", "many bytes", "empty page"])
def test_pages_bytes_and_bombs_are_bounded(
    workspace: Workspace, supplier: Start, trick: str
) -> None:
    bomb = gzip.compress(b" " * 20_000_000)

    def answer(one: EvilSupplier, path: str, query: dict[str, list[str]]) -> Reply | None:
        if path != LIST:
            return None
        if trick == "bomb":
            return 200, {"Content-Encoding": "gzip", "Content-Type": "application/json"}, bomb
        if trick == "many bytes":
            return 200, {"Content-Type": "application/json"}, b" " * 2_000_000
        number = 0 if trick == "circle" else int(query.get("n", ["0"])[0]) + 1
        link = {"Link": f'<{one.url}{LIST}?n={number}>; rel="next"'}
        data = [] if trick == "empty page" else [entry(1, example("product-declaration"))]
        return reply({"data": data}, **link)

    one = supplier(entries=[], answer=answer)
    started = time.monotonic()
    error = pulled(workspace, one.url, Budget(page_bytes=1_000_000, pages=30))
    assert error
    assert len(one.seen) < 35
    assert time.monotonic() - started < 10


@pytest.mark.proves("COR-30")
def test_a_slow_answer_is_given_up(supplier: Start) -> None:
    def answer(_: EvilSupplier, path: str, __: dict[str, list[str]]) -> Reply | None:
        if path == LIST:
            time.sleep(0.6)
            return reply({"data": []})
        return None

    one = supplier(entries=[], answer=answer)
    slow = pytest.raises(BudgetError, match=r"too long|in all")
    with session(one, Budget(answer_seconds=0.3)) as buyer, slow:
        buyer.get(LIST)


GZIP_NAME = b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\x03"
"""The head of a gzip member, up to a file's name that need not end."""


@pytest.mark.proves("COR-30")
@pytest.mark.parametrize(
    ("encoding", "head"),
    [("identity", b'{"data": ['), ("gzip", GZIP_NAME)],
    ids=["identity", "gzip"],
)
def test_an_answer_that_comes_a_byte_at_a_time_is_given_up(encoding: str, head: bytes) -> None:
    class Dripping(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Encoding", encoding)
            self.end_headers()
            self.wfile.write(head)
            with contextlib.suppress(OSError):
                for _ in range(200):
                    self.wfile.write(b" ")
                    time.sleep(0.05)

        def log_message(self, *args: object) -> None:
            pass

    started = time.monotonic()
    with ThreadingHTTPServer(("127.0.0.1", 0), Dripping) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        url, budget = f"http://127.0.0.1:{server.server_port}", Budget(answer_seconds=0.3)
        with contextlib.closing(Transport(url, budget=budget)) as transport:
            with pytest.raises(BudgetError, match="too long"):
                transport.request("GET", "/")
            assert time.monotonic() - started < 5
        server.shutdown()
        thread.join(5)


@pytest.mark.proves("COR-30")
@pytest.mark.parametrize("secured", [False, True])
def test_headers_that_come_a_byte_at_a_time_are_given_up(secured: bool, tmp_path: Path) -> None:
    class Dripping(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == "/fair":
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")
                return
            asked.append(self.path)
            with contextlib.suppress(OSError):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Note: ")
                for _ in range(200):
                    self.wfile.write(b"x")
                    time.sleep(0.05)

        def log_message(self, *args: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *args: object) -> None:
            pass

    asked: list[str] = []
    with Quiet(("127.0.0.1", 0), Dripping) as server:
        ca = None
        if secured:
            authority, certificate, key = create(tmp_path)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            ca = authority
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        url = f"{'https' if secured else 'http'}://127.0.0.1:{server.server_port}"
        budget = Budget(answer_seconds=0.5)
        with contextlib.closing(Transport(url, ca=ca, budget=budget)) as transport:
            for path in ("/slow", "/again"):
                assert transport.request("GET", "/fair").body == b"{}"
                started = time.monotonic()
                with pytest.raises(BudgetError, match="too long"):
                    transport.request("GET", path)
                assert 0.4 < time.monotonic() - started < 5
        assert asked == ["/slow", "/again"]
        server.shutdown()
        thread.join(5)


@pytest.mark.parametrize(
    ("body", "told"),
    [(gzip.compress(b'{"data": []}', mtime=0)[:-6], "breaks off"), (b"no gzip at all", "damaged")],
    ids=["breaks off", "damaged"],
)
def test_gzip_that_is_none_is_an_error_with_a_reason(
    supplier: Start, body: bytes, told: str
) -> None:
    one = supplier(answer=lambda _, __, ___: (200, {"Content-Encoding": "gzip"}, body))
    refused = pytest.raises(TransportError, match=told)
    with contextlib.closing(Transport(one.url)) as transport, refused:
        transport.request("GET", "/")


@pytest.mark.proves("COR-30")
def test_what_follows_the_end_of_gzip_counts_too(supplier: Start) -> None:
    def answer(_: EvilSupplier, path: str, __: dict[str, list[str]]) -> Reply | None:
        behind = b"x" * (50 if path == "/little" else 500_000)
        return 200, {"Content-Encoding": "gzip"}, gzip.compress(b"{}") + behind

    one = supplier(answer=answer)
    with contextlib.closing(Transport(one.url, budget=Budget(page_bytes=100_000))) as transport:
        assert transport.request("GET", "/little").body == b"{}"
        with pytest.raises(BudgetError, match="larger"):
            transport.request("GET", "/much")


@pytest.mark.proves("COR-29")
def test_retry_after_is_waited_for_within_a_bound(supplier: Start) -> None:
    waits: list[float] = []
    refusals = [reply({}, 429, **{"Retry-After": "7"}), reply({}, 503, **{"Retry-After": "2"})]

    def answer(_: EvilSupplier, path: str, __: dict[str, list[str]]) -> Reply | None:
        return refusals.pop(0) if path == LIST and refusals else None

    one = supplier(entries=[], answer=answer)
    with contextlib.closing(Transport(one.url, sleep=waits.append)) as transport:
        assert transport.request("GET", LIST).status == 200
        assert waits == [7.0, 2.0]
        refusals.append(reply({}, 429, **{"Retry-After": "90000"}))
        with pytest.raises(BudgetError, match="come back"):
            transport.request("GET", LIST)


@pytest.mark.proves("COR-29")
def test_retry_after_may_be_a_date(supplier: Start) -> None:
    waits: list[float] = []
    dates = [formatdate(time.time() + 9, usegmt=True), formatdate(time.time() - 9, usegmt=True)]

    def answer(_: EvilSupplier, path: str, __: dict[str, list[str]]) -> Reply | None:
        return reply({}, 503, **{"Retry-After": dates.pop(0)}) if dates else None

    one = supplier(entries=[], answer=answer)
    with contextlib.closing(Transport(one.url, sleep=waits.append)) as transport:
        transport.request("GET", LIST)
    assert 5 < waits[0] <= 9
    assert waits[1] == 0.0


@pytest.mark.parametrize("text", ["", "soon", "-1", "1.5", "٣", "Fri, 99 Foo", "1e9"])
def test_a_retry_after_that_says_nothing_is_none(text: str) -> None:
    assert asked_seconds(text) is None


@pytest.mark.parametrize("body", [b'{"data": [NaN]}', b'{"data": [], "data": []}', b"[" * 5000,
                                  b"\xff\xfe", b"", b'{"data": {}}', b"[]"])  # fmt: skip
def test_answers_that_are_no_strict_json_are_errors_and_no_crash(
    workspace: Workspace, supplier: Start, body: bytes
) -> None:
    def answer(_: EvilSupplier, path: str, __: dict[str, list[str]]) -> Reply | None:
        return (200, {"Content-Type": "application/json"}, body) if path == LIST else None

    one = supplier(entries=[], answer=answer)
    assert pulled(workspace, one.url)


def test_plain_http_is_for_loopback_alone() -> None:
    with pytest.raises(OriginError, match="HTTPS"):
        Transport("http://example.com")
    assert origin("https://Example.com/x") == ("https", "example.com", 443)
    assert origin("https://example.com:8443") != origin("https://example.com")


def test_an_unreachable_supplier_is_an_error_with_a_reason() -> None:
    with pytest.raises(TransportError, match="could not be reached"):
        Transport("http://127.0.0.1:9").request("GET", "/x")


def test_links_are_read_as_rfc_8288_has_them(supplier: Start) -> None:
    one = supplier(
        answer=lambda s, _, __: (
            200,
            {"Link": f'</a>; rel="prev", <{s.url}/b?x=1,2>; title="n"; REL=next'},
            b"{}",
        )
    )
    with contextlib.closing(Transport(one.url)) as transport:
        answer = transport.request("GET", "/")
    assert next_link(answer) == f"{one.url}/b?x=1,2"
