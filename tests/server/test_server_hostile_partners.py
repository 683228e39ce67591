"""Partners that answer badly, slowly or with a way elsewhere: an event arrives or it doesn't."""

import gzip
import ssl
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_partner import NOT_FOUND, Answer, Asked, FakePartner, answered, contexts, fake_partner

from scdx_server.callbacks import Partner, Sender, Undeliverable, is_private

SECRET, TOKEN = "our-secret-there", "the-partners-token"
HOST = "buyer.example"
NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts no authority; those of the system take a while to load."""


def partner(url: str) -> Partner:
    return Partner(url, url, "supplier", SECRET)


def usual(asked: Asked) -> bytes:
    """As a good partner answers."""
    if asked.path == "/auth/token":
        return answered({"access_token": TOKEN, "expires_in": 600})
    return answered() if asked.path == "/3/events" else NOT_FOUND


def only(path: str, raw: bytes) -> Answer:
    """As a good partner answers, but for one path."""
    return lambda asked: raw if asked.path == path else usual(asked)


def sent(here: FakePartner, **more: Any) -> None:
    sender = Sender(insecure_loopback=True, verify=NOBODY, **more)
    try:
        sender.send(partner(here.url), b"{}")
    finally:
        sender.close()


DISCOVERY = "/.well-known/openid-configuration"
HOSTILE: dict[str, Answer] = {
    "a lifetime without end": only(
        "/auth/token", answered(b'{"access_token":"a b","expires_in":1' + b"0" * 400 + b"}")
    ),
    "a token that splits the header": only(
        "/auth/token", answered({"access_token": f"{TOKEN}\r\nX: y", "expires_in": 9})
    ),
    "a token that isn't ASCII": only("/auth/token", answered({"access_token": f"{TOKEN}é"})),
    "a token that is too long": only("/auth/token", answered({"access_token": "x" * 20_000})),
    "an empty token": only("/auth/token", answered({"access_token": ""})),
    "no token": only("/auth/token", answered({})),
    "a token answer that is a list": only("/auth/token", answered([TOKEN])),
    "a token answer of a million brackets": only("/auth/token", answered(b"[" * 60_000)),
    "a token answer of a long number": only("/auth/token", answered(b"9" * 60_000)),
    "a token answer that isn't UTF-8": only("/auth/token", answered(b"\xff\xfe{}")),
    "a token answer that is too large": only("/auth/token", answered(b" " * 100_000)),
    "an error at the token endpoint": only("/auth/token", answered({}, status=500)),
    "an endpoint that is no URL": only(DISCOVERY, answered({"token_endpoint": "https://[::1"})),
    "an endpoint with a bad port": only(DISCOVERY, answered({"token_endpoint": "https://a:x/"})),
    "an endpoint elsewhere": only(DISCOVERY, answered({"token_endpoint": "https://evil.example/"})),
    "an endpoint without a host": only(DISCOVERY, answered({"token_endpoint": "/auth/token"})),
    "headers without end": only("/3/events", answered(X="y" * 300_000)),
    "no HTTP": only("/3/events", b"SSH-2.0-x\r\n\r\n"),
    "a bad status line": only("/3/events", f"HTTP/1.1 {TOKEN}\r\n\r\n".encode()),
    "a body that is cut": lambda asked: (
        iter([answered(b"abc")[:-1]]) if asked.path == "/3/events" else usual(asked)
    ),
    "nothing": lambda asked: iter([]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_is_an_event_undelivered_and_tells_no_secret(name: str) -> None:
    with fake_partner(HOSTILE[name]) as here, pytest.raises(Undeliverable) as refused:
        sent(here)
    assert SECRET not in refused.value.reason
    assert TOKEN not in refused.value.reason
    assert not refused.value.permanent


def test_a_token_that_lives_for_ever_is_used() -> None:
    forever = b'{"access_token":"t","expires_in":1' + b"0" * 400 + b"}"
    with fake_partner(only("/auth/token", answered(forever))) as here:
        sender = Sender(insecure_loopback=True, verify=NOBODY)
        sender.send(partner(here.url), b"{}")
        sender.send(partner(here.url), b"{}")
        sender.close()
    assert here.paths == [DISCOVERY, "/auth/token", "/3/events", "/3/events"]


@pytest.mark.parametrize("lives", [0, -5, 1, True, "600", None, 1.5])
def test_a_token_without_a_usable_lifetime_is_fetched_for_each_event(lives: object) -> None:
    told = answered({"access_token": "t", "expires_in": lives})
    with fake_partner(only("/auth/token", told)) as here:
        sender = Sender(insecure_loopback=True, verify=NOBODY)
        sender.send(partner(here.url), b"{}")
        sender.send(partner(here.url), b"{}")
        sender.close()
    assert here.paths.count("/auth/token") == 2


def test_the_token_endpoint_is_where_discovery_says_on_the_registered_host() -> None:
    def answer(asked: Asked) -> bytes:
        if asked.path == DISCOVERY:
            return answered({"token_endpoint": f"http://{asked.headers['host']}/oauth?p=1"})
        if asked.path == "/oauth?p=1":
            return answered({"access_token": "t", "expires_in": 600})
        return usual(asked)

    with fake_partner(answer) as here:
        sent(here)
    assert here.paths == [DISCOVERY, "/oauth?p=1", "/3/events"]
    assert here.asked[2].headers["authorization"] == "Bearer t"
    assert here.asked[2].headers["content-type"] == "application/cloudevents+json; charset=UTF-8"


def test_a_busy_token_endpoint_says_when_to_come_again() -> None:
    busy = answered({"retry-after": "1"}, status=429, Retry_After="77")
    with fake_partner(only("/auth/token", busy)) as here, pytest.raises(Undeliverable) as refused:
        sent(here)
    assert refused.value.retry_after == 77


@pytest.mark.parametrize("path", [DISCOVERY, "/auth/token", "/3/events"])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(path: str, status: int) -> None:
    with fake_partner(usual) as inside:
        away = answered(status=status, Location=f"{inside.url}/auth/token")
        with fake_partner(only(path, away)) as here:
            if path == DISCOVERY:
                sent(here)  # as if it had none
            else:
                with pytest.raises(Undeliverable) as refused:
                    sent(here)
                assert refused.value.permanent is (path == "/3/events")
    assert inside.asked == []


def test_a_cookie_is_not_kept() -> None:
    told = answered(
        {"access_token": "t", "expires_in": 600}, Set_Cookie="a=1; Path=/", Set_Cookie2="b=1"
    )
    with fake_partner(only("/auth/token", told)) as here:
        sent(here)
    assert "cookie" not in here.asked[-1].headers


def test_an_answer_that_unpacks_to_much_is_not_unpacked() -> None:
    bomb = gzip.compress(b" " * 60_000_000)
    assert len(bomb) < 65_536
    told = answered(bomb, Content_Encoding="gzip")
    with fake_partner(only("/auth/token", told)) as here:
        tracemalloc.start()
        try:
            with pytest.raises(Undeliverable, match="no token"):
                sent(here)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 5_000_000


def dripping(start: bytes) -> Iterator[bytes]:
    yield start
    for _ in range(200):
        time.sleep(0.05)
        yield b"x"


@pytest.mark.parametrize(
    "start", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"]
)
def test_an_answer_that_drips_ends_with_the_deliverys_time(start: bytes) -> None:
    def answer(asked: Asked) -> bytes | Iterator[bytes]:
        return dripping(start) if asked.path == "/3/events" else usual(asked)

    with fake_partner(answer) as here:
        begun = time.monotonic()
        with pytest.raises(Undeliverable, match="in time") as refused:
            sent(here, seconds=0.5)
        assert 0.4 < time.monotonic() - begun < 5
    assert not refused.value.permanent


def test_what_is_spent_on_one_delivery_is_not_taken_from_the_next() -> None:
    with fake_partner(usual) as here:
        sender = Sender(insecure_loopback=True, verify=NOBODY, seconds=0.5)
        for _ in range(3):
            sender.send(partner(here.url), b"{}")
            time.sleep(0.3)
        sender.close()


def test_over_tls_the_looked_at_address_is_asked_by_the_partners_name(tmp_path: Path) -> None:
    server, trust = contexts(tmp_path, HOST)
    looked: list[str] = []

    def look_up(host: str, port: int) -> list[str]:
        looked.append(host)
        return ["127.0.0.1"]

    with fake_partner(usual, tls=server) as here:
        sender = Sender(insecure_loopback=True, resolve=look_up, verify=trust)
        sender.send(partner(f"https://{HOST}:{here.port}"), b"{}")
        sender.close()
    assert set(here.names) == {HOST}
    assert {one.headers["host"] for one in here.asked} == {f"{HOST}:{here.port}"}
    assert here.paths == [DISCOVERY, "/auth/token", "/3/events"]
    assert set(looked) == {HOST}
    assert len(looked) == len(here.names)


def test_a_certificate_of_another_name_or_of_nobody_is_refused(tmp_path: Path) -> None:
    server, trust = contexts(tmp_path, "other.example")
    _, nobody = contexts(tmp_path, HOST)
    for context in (trust, nobody):
        with fake_partner(usual, tls=server) as here:
            sender = Sender(
                insecure_loopback=True, resolve=lambda host, port: ["127.0.0.1"], verify=context
            )
            with pytest.raises(Undeliverable, match="CERTIFICATE_VERIFY_FAILED"):
                sender.send(partner(f"https://{HOST}:{here.port}"), b"{}")
            sender.close()
        assert here.asked == []


def test_a_host_is_reached_by_another_of_its_addresses() -> None:
    with fake_partner(usual) as here:
        sent(here, resolve=lambda host, port: ["::1", "127.0.0.1"])
    assert here.paths[-1] == "/3/events"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1",
        "0x7f.0.0.0x1", "127.255.255.254", "0.0.0.0", "0", "[::1]", "[::]", "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]", "[::127.0.0.1]", "[0:0:0:0:0:0:0:1]", "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]", "localhost", "LOCALHOST", "169.254.169.254", "2852039166", "0xa9fea9fe",
        "10.1", "012.0.0.1", "192.168.1", "[fe80::1]", "[fd00:ec2::254]", "[fc00::1]",
    ],
)  # fmt: skip
def test_no_spelling_of_an_inner_address_is_connected_to(host: str) -> None:
    """As the system itself reads the spellings: the receiver hears nothing."""
    with fake_partner(usual) as here:
        sender = Sender(verify=NOBODY)
        with pytest.raises(Undeliverable, match=r"may not be connected to|it is no URL"):
            sender.send(partner(f"https://{host}:{here.port}"), b"{}")
        sender.close()
    assert here.asked == []
    assert here.names == []


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("10.0.0.1", True), ("172.31.0.1", True), ("192.168.0.1", True), ("100.64.0.1", True),
        ("fd00::1", True), ("::ffff:10.0.0.1", True), ("172.32.0.1", False), ("1.1.1.1", False),
        ("127.0.0.1", False), ("169.254.169.254", False), ("0.0.0.0", False), ("::1", False),
        ("fe80::1", False), ("64:ff9b::a00:1", False), ("2002:a00:1::", False), ("x", False),
    ],
)  # fmt: skip
def test_private_networks_are_neither_this_machine_nor_its_link(
    address: str, private: bool
) -> None:
    assert is_private(address) is private


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "169.254.169.254", "0.0.0.0"])
def test_who_allows_private_networks_does_not_allow_this_machine(address: str) -> None:
    sender = Sender(private=True, verify=NOBODY, resolve=lambda host, port: [address])
    with pytest.raises(Undeliverable, match="may not be connected to"):
        sender.send(partner(f"https://{HOST}"), b"{}")
    sender.close()


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with fake_partner(usual) as proxy, fake_partner(usual) as here:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv("NO_PROXY", "")
        sent(here)
    assert proxy.asked == []
    assert here.paths[-1] == "/3/events"
