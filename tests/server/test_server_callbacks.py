"""Sending events: only where the operator said, over a checked address, with no word of secrets."""

from collections.abc import Iterator

import pytest
from receiver import CLIENT, Receiver, receiver

from scdx_server.callbacks import Partner, Sender, Undeliverable, backoff, is_public, unfit_url

EVENT = b'{"type": "x"}'
INSIDE = [
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.9",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::",
    "3fff::1", "2001:1::1", "192.88.99.1", "::ffff:0:7f00:1", "5f00::1", "100::1",
    "::ffff:100.64.0.1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1",
    "ff02::1", "2001:db8::1",
    "", "example.com", "0177.0.0.1", "2130706433", "0x7f.1", "127.1", "1.2.3.4.5",
]  # fmt: skip
OUTSIDE = ["93.184.216.34", "1.1.1.1", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:1.1.1.1"]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_that_is_not_of_the_open_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_of_the_open_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://buyer.example", "ftp://buyer.example", "//buyer.example", "buyer.example", "",
        "https://", "https://user@buyer.example", "https://user:word@buyer.example",
        "https://buyer.example/?x=1", "https://buyer.example/#x", "https://buyer.example:0",
        "https://buyer.example:99999", "https://buyer.example:x", "https://bücher.example",
        "https://buyer.example/a b", "https://[::1", "javascript:alert(1)", "file:///etc/passwd",
        "https://buyer.example?", "https://buyer.example/#", "https://buyer.example\\@evil.example",
        "https://buyer.example/\\x", "https://0177.0.0.1", "https://buyer.example\n",
    ],
)  # fmt: skip
def test_a_url_that_nothing_may_be_sent_to(url: str) -> None:
    assert unfit_url(url)


def test_urls_that_may_be_sent_to() -> None:
    for url in ("https://buyer.example", "https://buyer.example:8443/base"):
        assert unfit_url(url) is None
    for url in ("http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"):
        assert unfit_url(url, loopback=True) is None
        assert unfit_url(url)
    assert unfit_url("http://10.0.0.1", loopback=True)


@pytest.fixture
def inbox() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def sender() -> Iterator[Sender]:
    made = Sender(insecure_loopback=True)
    yield made
    made.close()


def partner(inbox: Receiver, secret: str = CLIENT[1]) -> Partner:
    return Partner(inbox.url, inbox.url, CLIENT[0], secret)


def test_a_token_is_fetched_once_and_again_when_it_is_refused(
    inbox: Receiver, sender: Sender
) -> None:
    for _ in range(3):
        sender.send(partner(inbox), EVENT)
    assert (len(inbox.events), len(inbox.tokens)) == (3, 1)
    inbox.tokens.clear()
    sender.send(partner(inbox), EVENT)
    assert (len(inbox.events), len(inbox.tokens)) == (4, 1)


def test_a_wrong_secret_is_told_without_it(inbox: Receiver, sender: Sender) -> None:
    with pytest.raises(Undeliverable, match=r"no token \(401\)") as refused:
        sender.send(partner(inbox, "the-wrong-secret"), EVENT)
    assert not refused.value.permanent
    assert "the-wrong-secret" not in refused.value.reason
    assert "the-wrong-secret" not in repr(partner(inbox, "the-wrong-secret"))


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(400, True), (403, True), (404, True), (408, False), (429, False), (500, False), (302, True)],
)
def test_what_an_answer_means(
    inbox: Receiver, sender: Sender, status: int, permanent: bool
) -> None:
    inbox.status = [status]
    with pytest.raises(Undeliverable, match=str(status)) as refused:
        sender.send(partner(inbox), EVENT)
    assert refused.value.permanent is permanent


def test_nobody_there_is_tried_again(sender: Sender) -> None:
    nowhere = Partner("http://127.0.0.1:9", "http://127.0.0.1:9", "x", "y")
    with pytest.raises(Undeliverable, match="does not answer") as refused:
        sender.send(nowhere, EVENT)
    assert not refused.value.permanent


def test_loopback_and_private_addresses_are_not_connected_to(inbox: Receiver) -> None:
    port = inbox.url.rpartition(":")[2]
    for address in ("127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "2002:7f00:1::"):
        asked: list[str] = []

        def look_up(host: str, port: int, asked: list[str] = asked, to: str = address) -> list[str]:
            asked.append(host)
            return [to]

        sender = Sender(resolve=look_up)
        place = f"https://buyer.example:{port}"
        with pytest.raises(Undeliverable, match="may not be connected to"):
            sender.send(Partner(place, place, "x", "y"), EVENT)
        assert set(asked) == {"buyer.example"}
        sender.close()
    assert inbox.headers == []


def test_one_bad_address_among_good_ones_is_enough_and_each_connection_is_looked_at() -> None:
    answers = [["93.184.216.34", "127.0.0.1"], ["127.0.0.1"], ["127.0.0.1"]]
    sender = Sender(resolve=lambda host, port: answers.pop(0))
    place = "https://buyer.example"
    with pytest.raises(Undeliverable, match="may not be connected to"):
        sender.send(Partner(place, place, "x", "y"), EVENT)
    sender.close()
    assert len(answers) < 3


def test_an_address_without_https_is_refused_for_good() -> None:
    sender = Sender()
    for url in ("http://127.0.0.1:1", "http://buyer.example"):
        with pytest.raises(Undeliverable, match="isn't https") as refused:
            sender.send(Partner(url, url, "x", "y"), EVENT)
        assert refused.value.permanent
    sender.close()


def test_waits_grow_with_jitter_up_to_an_hour() -> None:
    assert [backoff(n, random=lambda: 0.0) for n in (1, 5, 50)] == [1, 1, 1]
    assert [backoff(n, random=lambda: 1.0) for n in (1, 5, 50)] == [3, 33, 3600]
    assert backoff(10**6, random=lambda: 0.5) == 1801
