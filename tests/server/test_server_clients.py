"""Clients that prove themselves otherwise: by their own keys, by the operator's issuer; limits."""

import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fake_issuer import AUDIENCE, FakeIssuer, fake_issuer, hmac_signed
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from supplier import Buyer, Supplier, document, identity

from scdx_server import buyers
from scdx_server.client_assertions import ASSERTION_TYPE, AssertionRefused, public_jwk
from scdx_server.external_issuer import ExternalIssuer
from scdx_server.tokens import TokenError

KEYS: dict[str, Any] = {
    "Ed25519": OKPKey.generate_key("Ed25519", {"kid": "ed"}, private=True),
    "ES256": ECKey.generate_key("P-256", {"kid": "ec"}, private=True),
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa"}, private=True),
}
ISSUER = "https://services.example.com"


def assertion(client_id: str, algorithm: str = "Ed25519", **changed: Any) -> str:
    """A client's assertion; claims and header members that are None are left out."""
    now = int(time.time())
    claims = {"iss": client_id, "sub": client_id, "aud": ISSUER, "jti": str(uuid.uuid4())}
    claims |= {"iat": now, "exp": now + 60}
    header = {"alg": algorithm, "typ": changed.pop("typ", "client-authentication+jwt")}
    header = {k: v for k, v in header.items() if v is not None}
    claims = {k: v for k, v in {**claims, **changed.pop("claims", {})}.items() if v is not None}
    key = changed.pop("key", KEYS.get(algorithm))
    return jwt.encode(header, claims, key, algorithms=[algorithm])


def ask(supplier: Supplier, signed: str, **more: str) -> httpx2.Response:
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
    return supplier.connection().post(
        "/auth/token", data={**form, "client_assertion": signed, **more}
    )


@pytest.fixture
def buyer(supplier: Supplier) -> Buyer:
    """A buyer with a document and two keys."""
    supplier.publish(document("one"))
    made = supplier.buyer("Kommun", "all")
    for name in ("Ed25519", "ES256"):
        jwk = public_jwk(KEYS[name].as_pem(private=False).decode())
        buyers.set_client_key(supplier.database, "buyer", "Kommun", jwk)
    return made


@pytest.mark.parametrize("algorithm", ["Ed25519", "ES256"])
@pytest.mark.parametrize("typ", ["client-authentication+jwt", "JWT", None])
def test_a_client_proves_itself_by_its_key_once(
    buyer: Buyer, algorithm: str, typ: str | None
) -> None:
    signed = assertion(buyer.credentials.client_id, algorithm, typ=typ)
    answer = ask(buyer.supplier, signed)
    assert answer.status_code == 200
    buyer._token = answer.json()["access_token"]
    assert buyer.shown() == {identity("one"): "current"}
    again = ask(buyer.supplier, signed)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


NOW = int(time.time())
WRONG: dict[str, dict[str, Any]] = {
    "another audience": {"claims": {"aud": "https://other.example.com"}},
    "a list of audiences": {"claims": {"aud": [ISSUER]}},
    "the token endpoint as audience": {"claims": {"aud": f"{ISSUER}/auth/token"}},
    "expired": {"claims": {"exp": NOW - 120}},
    "too far ahead": {"claims": {"exp": NOW + 3600}},
    "no end": {"claims": {"exp": None}},
    "an end that is a text": {"claims": {"exp": "tomorrow"}},
    "an endless end": {"claims": {"exp": 1e300}},
    "from the future": {"claims": {"iat": NOW + 600}},
    "not yet": {"claims": {"nbf": NOW + 600}},
    "no jti": {"claims": {"jti": None}},
    "an empty jti": {"claims": {"jti": ""}},
    "a long jti": {"claims": {"jti": "x" * 300}},
    "another subject": {"claims": {"sub": "somebody"}},
    "another type": {"typ": "at+jwt"},
    "another key": {"key": OKPKey.generate_key("Ed25519", private=True)},
    "a key that isn't registered": {"algorithm": "RS256"},
}


@pytest.mark.parametrize("name", WRONG)
def test_an_assertion_that_is_wrong_is_refused(buyer: Buyer, name: str) -> None:
    wrong = dict(WRONG[name])
    signed = assertion(buyer.credentials.client_id, wrong.pop("algorithm", "Ed25519"), **wrong)
    answer = ask(buyer.supplier, signed)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("signed", ["", "x", "a.b.c", "é.é.é", "." * 9000, "e30.e30.e30"])
def test_what_is_no_assertion_is_refused(buyer: Buyer, signed: str) -> None:
    assert ask(buyer.supplier, signed).status_code == 401


def test_a_symmetric_or_unsigned_assertion_is_refused(buyer: Buyer) -> None:
    name, now = buyer.credentials.client_id, int(time.time())
    claims = {"iss": name, "sub": name, "aud": ISSUER, "jti": "1", "iat": now, "exp": now + 60}
    public = KEYS["Ed25519"].as_pem(private=False)
    by_public_key = hmac_signed({"alg": "HS256", "typ": "JWT"}, claims, public)
    unsigned = hmac_signed({"alg": "none", "typ": "JWT"}, claims, b"x").rpartition(".")[0] + "."
    for signed in (by_public_key, unsigned):
        assert ask(buyer.supplier, signed).status_code == 401


def test_an_ended_key_proves_nothing(buyer: Buyer) -> None:
    database = buyer.supplier.database
    kid = public_jwk(KEYS["Ed25519"].as_pem(private=False).decode())["kid"]
    buyers.end_client_key(database, "buyer", "Kommun", kid)
    assert ask(buyer.supplier, assertion(buyer.credentials.client_id)).status_code == 401
    buyers.remove_buyer(database, "Kommun")
    assert ask(buyer.supplier, assertion(buyer.credentials.client_id, "ES256")).status_code == 401


@pytest.mark.parametrize("name", KEYS)
def test_a_public_key_is_taken_as_pem_and_as_jwk(name: str) -> None:
    import json

    key = KEYS[name]
    shown = key.as_dict(private=False)
    pem, jwk = public_jwk(key.as_pem(private=False).decode()), public_jwk(json.dumps(shown))
    assert {k: v for k, v in pem.items() if k != "kid"} == {
        k: v for k, v in jwk.items() if k != "kid"
    }
    assert jwk["kid"] == shown["kid"]
    assert pem["kid"] == key.thumbprint()
    assert public_jwk(json.dumps({"keys": [shown]})) == jwk


def weak_rsa() -> str:
    """A public key of 1,024 bits."""
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = rsa.generate_private_key(public_exponent=65_537, key_size=1024)
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "{}", "[]", "null", '{"kty": "oct", "k": "eA"}', '{"kty": "OKP"}',
        "-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----",
        KEYS["Ed25519"].as_pem(private=True).decode(),
        ECKey.generate_key("P-521", private=True).as_pem(private=False).decode(),
        weak_rsa(),
        OKPKey.generate_key("X25519", private=True).as_pem(private=False).decode(),
    ],
)  # fmt: skip
def test_what_is_no_good_public_key_is_refused(text: str) -> None:
    with pytest.raises(AssertionRefused):
        public_jwk(text)


@pytest.fixture
def issuer() -> Iterator[FakeIssuer]:
    with fake_issuer() as made:
        yield made


def trusted(issuer: FakeIssuer, clock: list[float], **more: Any) -> ExternalIssuer:
    return ExternalIssuer(
        issuer.url, AUDIENCE, insecure_loopback=True, clock=lambda: clock[0], **more
    )


def test_tokens_of_the_operators_issuer_count_on_the_server(
    tmp_path: Path, dialect: str, issuer: FakeIssuer
) -> None:
    more = {"auth_issuer": issuer.url, "auth_audience": AUDIENCE, "insecure_loopback": True}
    with Supplier(tmp_path / "data", dialect=dialect, **more) as supplier:
        supplier.publish(document("one"))
        buyer = supplier.buyer("Kommun", "all", client_id="buyer-1")
        assert buyer.shown() == {identity("one"): "current"}  # our own tokens still count
        buyer._token = issuer.token(now=time.time())
        assert buyer.shown() == {identity("one"): "current"}
        buyer._token = issuer.token(now=time.time(), azp="unknown")
        assert buyer.get("/scdx/1/documents").status_code == 401
        buyer._token = issuer.foreign(now=time.time())
        assert buyer.get("/scdx/1/documents").status_code == 401
        buyer._token = issuer.token(now=time.time())
        buyers.remove_buyer(supplier.database, "Kommun")
        assert buyer.get("/scdx/1/documents").status_code == 401


BAD: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "https://other.example.com"},
    "no audience": {"aud": None},
    "an id token": {"nonce": "n"},
    "no end": {"exp": None},
    "expired": {"exp": 1},
    "not yet": {"nbf": 1e10},
    "no client": {"azp": None},
    "a client that is a number": {"azp": 7},
    "another type": {"typ": "logout+jwt"},
}


@pytest.mark.parametrize("name", BAD)
def test_a_token_that_is_wrong_is_refused(issuer: FakeIssuer, name: str) -> None:
    clock = [time.time()]
    with pytest.raises(TokenError):
        trusted(issuer, clock).client_of(issuer.token(now=clock[0], **BAD[name]))


def test_a_public_key_is_no_secret(issuer: FakeIssuer) -> None:
    clock = [time.time()]
    with pytest.raises(TokenError):
        trusted(issuer, clock).client_of(issuer.confused(now=clock[0]))


def test_a_new_key_is_found_and_keys_are_not_fetched_for_every_unknown_one(
    issuer: FakeIssuer,
) -> None:
    clock = [1_000_000.0]
    mine = trusted(issuer, clock)
    assert mine.client_of(issuer.token(now=clock[0])) == "buyer-1"
    issuer.add("second")
    with pytest.raises(TokenError):
        mine.client_of(issuer.token("second", now=clock[0]))
    assert issuer.fetched == 1
    clock[0] += 31
    assert mine.client_of(issuer.token("second", now=clock[0])) == "buyer-1"
    issuer.add("never published")
    hidden = issuer.token("never published", now=clock[0])
    del issuer.keys["never published"]
    for _ in range(20):
        with pytest.raises(TokenError):
            mine.client_of(hidden)
    assert issuer.fetched == 2


def test_old_keys_serve_while_the_issuer_is_down(issuer: FakeIssuer) -> None:
    clock = [1_000_000.0]
    mine = trusted(issuer, clock)
    mine.client_of(issuer.token(now=clock[0]))
    issuer.down = True
    clock[0] += 7200
    assert mine.client_of(issuer.token(now=clock[0])) == "buyer-1"
    with pytest.raises(TokenError):
        trusted(issuer, clock).client_of(issuer.token(now=clock[0]))


def test_a_remembered_token_still_ends(issuer: FakeIssuer) -> None:
    clock = [1_000_000.0]
    mine, token = trusted(issuer, clock), issuer.token(now=1_000_000.0)
    assert mine.client_of(token) == "buyer-1"
    clock[0] += 361
    with pytest.raises(TokenError) as refused:
        mine.client_of(token)
    assert refused.value.expired


def test_an_issuer_that_calls_itself_otherwise_or_sends_too_much_is_not_believed(
    issuer: FakeIssuer,
) -> None:
    clock = [1_000_000.0]
    issuer.says = "https://other.example"
    with pytest.raises(TokenError):
        trusted(issuer, clock).client_of(issuer.token(now=clock[0]))
    issuer.says, issuer.huge = "", True
    with pytest.raises(TokenError):
        trusted(issuer, clock).client_of(issuer.token(now=clock[0]))
    plain = ExternalIssuer(issuer.url, AUDIENCE, clock=lambda: clock[0])
    issuer.huge = False
    with pytest.raises(TokenError):
        plain.client_of(issuer.token(now=clock[0]))


def test_too_many_requests_are_told_to_wait(tmp_path: Path) -> None:
    with Supplier(tmp_path / "data", reads_per_minute=5, tokens_per_minute=4) as supplier:
        a, b = supplier.buyer("A"), supplier.buyer("B")
        answers = [a.get("/scdx/1/documents") for _ in range(7)]
        assert [one.status_code for one in answers] == [200] * 5 + [429] * 2
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        assert answers[-1].headers["ratelimit-policy"] == '"default";q=5;w=60'
        assert answers[-1].json()["status"] == 429
        assert a.get("/3/footprints").json()["code"] == "BadRequest"
        assert b.get("/scdx/1/documents").status_code == 200
        codes = [
            supplier.connection().post("/auth/token", auth=("guess", str(n)),
                                       data={"grant_type": "client_credentials"}).status_code
            for n in range(4)
        ]  # fmt: skip
        assert codes == [401, 401, 429, 429]


def test_no_limit_is_no_limit(tmp_path: Path) -> None:
    with Supplier(tmp_path / "data", reads_per_minute=0, tokens_per_minute=0) as supplier:
        buyer = supplier.buyer("A")
        assert {buyer.get("/scdx/1/documents").status_code for _ in range(30)} == {200}
