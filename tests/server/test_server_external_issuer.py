"""The operator's own issuer: odd keys, withdrawn keys, slow answers, tokens that aren't for us."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fake_issuer import AUDIENCE, FakeIssuer, fake_issuer
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from scdx_server.external_issuer import ExternalIssuer
from scdx_server.tokens import TokenError

START = 1_000_000.0


@pytest.fixture
def issuer() -> Iterator[FakeIssuer]:
    with fake_issuer() as made:
        yield made


def trusted(issuer: FakeIssuer, clock: list[float], audience: str = AUDIENCE) -> ExternalIssuer:
    return ExternalIssuer(issuer.url, audience, insecure_loopback=True, clock=lambda: clock[0])


ODD: list[Any] = [
    None, "x", 7, [], {}, {"kty": "oct", "k": "eA", "kid": "s"}, {"kty": "RSA"}, {"kty": ["RSA"]},
    {"kty": "EC", "crv": "P-999", "x": "AA", "y": "AA"}, {"kty": "OKP", "crv": "X9", "x": "AA"},
    {"kty": "RSA", "use": "enc", "n": "AA", "e": "AQAB"}, {"kty": "RSA", "n": 7, "e": "AQAB"},
    {"kty": "RSA", "n": "AA", "e": "AQ"}, {"kty": "EC", "crv": "P-256", "x": "BQ", "y": "Bw"},
]  # fmt: skip


def test_keys_that_are_odd_leave_the_others_in_use(issuer: FakeIssuer) -> None:
    issuer.more = ODD
    assert trusted(issuer, [START]).client_of(issuer.token(now=START)) == "buyer-1"


def weak(kid: str) -> RSAKey:
    """A key of 1,024 bits."""
    made = rsa.generate_private_key(public_exponent=65_537, key_size=1024)
    pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return RSAKey.import_key(pem, {"kid": kid})


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_key_that_is_weak_or_for_encryption_signs_nothing(issuer: FakeIssuer) -> None:
    issuer.keys["weak"] = weak("weak")
    issuer.add("enc")
    tokens = [issuer.token(kid, now=START) for kid in ("weak", "enc")]
    issuer.more = [issuer.keys.pop("enc").as_dict(private=False) | {"use": "enc"}]
    mine = trusted(issuer, [START])
    for token in tokens:
        with pytest.raises(TokenError):
            mine.client_of(token)
    assert mine.client_of(issuer.token(now=START)) == "buyer-1"


def test_a_token_without_a_kid_counts_while_there_is_one_key(issuer: FakeIssuer) -> None:
    clock = [START]
    mine = trusted(issuer, clock)
    assert mine.client_of(issuer.token(now=START, named=None)) == "buyer-1"
    issuer.add("second")
    clock[0] += 700
    with pytest.raises(TokenError):
        mine.client_of(issuer.token(now=clock[0], named=None))


def test_a_token_under_another_keys_name_is_refused(issuer: FakeIssuer) -> None:
    issuer.add("second")
    with pytest.raises(TokenError):
        trusted(issuer, [START]).client_of(issuer.token("second", now=START, named="first"))


def test_a_withdrawn_key_ends_the_tokens_that_are_remembered(issuer: FakeIssuer) -> None:
    clock = [START]
    mine, token = trusted(issuer, clock), issuer.token(now=START, exp=int(START) + 86_400)
    assert mine.client_of(token) == "buyer-1"
    issuer.add("second")
    del issuer.keys["first"]
    clock[0] += 599
    assert mine.client_of(token) == "buyer-1"
    assert issuer.fetched == 1
    clock[0] += 2
    for _ in range(20):
        with pytest.raises(TokenError):
            mine.client_of(token)
    assert issuer.fetched == 2
    assert mine.client_of(issuer.token("second", now=clock[0])) == "buyer-1"


def test_an_issuer_that_is_down_is_asked_twice_a_minute_and_remembered_tokens_count(
    issuer: FakeIssuer,
) -> None:
    clock = [START]
    mine, token = trusted(issuer, clock), issuer.token(now=START, exp=int(START) + 86_400)
    mine.client_of(token)
    issuer.down, asked = True, issuer.asked
    clock[0] += 7200
    for _ in range(20):
        assert mine.client_of(token) == "buyer-1"
    assert issuer.asked == asked + 1
    clock[0] += 31
    assert mine.client_of(token) == "buyer-1"
    assert issuer.asked == asked + 2


@pytest.mark.parametrize("listed", [None, "keys", 7, {}, {"first": {}}])
def test_a_list_of_keys_that_is_none_leaves_the_old_keys_in_use(
    issuer: FakeIssuer, listed: Any
) -> None:
    clock = [START]
    mine = trusted(issuer, clock)
    mine.client_of(issuer.token(now=START))
    issuer.listed = listed
    clock[0] += 700
    assert mine.client_of(issuer.token(now=clock[0])) == "buyer-1"
    with pytest.raises(TokenError):
        trusted(issuer, clock).client_of(issuer.token(now=clock[0]))


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "n"}, {"at_hash": "x"}, {"c_hash": "x"}, {"typ": "ID"}, {"typ": "Refresh"},
        {"typ": 7}, {"exp": True}, {"exp": "9"}, {"exp": float("inf")}, {"nbf": "x"},
        {"nbf": START + 61}, {"exp": START - 61}, {"aud": []}, {"aud": [7]}, {"aud": {}},
        {"azp": ""}, {"azp": ["buyer-1"]}, {"iss": None}, {"iss": "HTTPS://ISSUER"},
    ],
)  # fmt: skip
def test_a_token_that_is_no_access_token_for_us_is_refused(
    issuer: FakeIssuer, claims: dict[str, Any]
) -> None:
    token = issuer.token(now=START, claims=claims)
    with pytest.raises(TokenError):
        trusted(issuer, [START]).client_of(token)


@pytest.mark.parametrize(
    "more", [{"aud": [AUDIENCE, "other"]}, {"nbf": START + 59}, {"typ": "Bearer"}]
)
def test_a_token_that_is_for_us_counts(issuer: FakeIssuer, more: dict[str, Any]) -> None:
    assert trusted(issuer, [START]).client_of(issuer.token(now=START, claims=more)) == "buyer-1"


def test_a_token_for_nobody_is_refused_where_no_audience_is_set(issuer: FakeIssuer) -> None:
    with pytest.raises(TokenError):
        trusted(issuer, [START], audience="").client_of(issuer.token(now=START, aud=""))


@pytest.mark.parametrize("text", ["", ".", "a.b.c", "é.é.é", "x" * 9000, "e30.e30.e30.e30.e30"])
def test_what_is_no_token_is_refused(issuer: FakeIssuer, text: str) -> None:
    with pytest.raises(TokenError):
        trusted(issuer, [START]).client_of(text)


def test_who_has_a_key_does_not_wait_while_keys_are_fetched(issuer: FakeIssuer) -> None:
    clock = [START]
    mine = trusted(issuer, clock)
    mine.client_of(issuer.token(now=START))
    clock[0] += 700
    issuer.hold.clear()
    slow = threading.Thread(target=mine.client_of, args=[issuer.token(now=clock[0])])
    slow.start()
    time.sleep(0.1)
    begun = time.monotonic()
    assert mine.client_of(issuer.token(now=clock[0], jti="2")) == "buyer-1"
    took = time.monotonic() - begun
    issuer.hold.set()
    slow.join()
    assert took < 1


def test_keys_are_fetched_once_for_many_at_the_same_time(issuer: FakeIssuer) -> None:
    mine, found = trusted(issuer, [START]), []
    tokens = [issuer.token(now=START, jti=str(n)) for n in range(8)]
    threads = [
        threading.Thread(target=lambda one=one: found.append(mine.client_of(one))) for one in tokens
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["buyer-1"] * 8
    assert issuer.fetched == 1


def test_another_curve_counts_too(issuer: FakeIssuer) -> None:
    key = ECKey.generate_key("P-256", {"kid": "ec"}, private=True)
    issuer.more = [key.as_dict(private=False)]
    claims = {"iss": issuer.url, "aud": AUDIENCE, "azp": "b", "exp": int(START) + 60}
    token = jwt.encode({"alg": "ES256", "kid": "ec"}, claims, key, algorithms=["ES256"])
    assert trusted(issuer, [START]).client_of(token) == "b"
