"""Keys that a client sends: what is no good is refused in words, not by a fault."""

import json
import time
import uuid
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from scdx_server.client_assertions import AssertionRefused, named, public_jwk, verify

ISSUER = "https://services.example.com"
RSA = RSAKey.generate_key(2048, {"kid": "rsa"}, private=True)
SHOWN: dict[str, Any] = RSA.as_dict(private=False)


def pem(key: Any) -> str:
    shown = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return str(shown.decode())


def changed(**members: Any) -> str:
    return json.dumps({**SHOWN, **members})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (pem(ec.generate_private_key(ec.SECP224R1())), "no public key"),
        (pem(ec.generate_private_key(ec.BrainpoolP256R1())), "no public key"),
        (pem(ec.generate_private_key(ec.SECP256K1())), "curve"),
        (pem(ec.generate_private_key(ec.SECP384R1())), "curve"),
        (pem(ed448.Ed448PrivateKey.generate()), "curve"),
        (pem(dsa.generate_private_key(1024)), "no public key"),
        ("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "no public key"),
        ("[" * 100_000, "no public key"),
        (changed(e="AQ"), "no public key"),
        (changed(e="Ag"), "no public key"),
        (changed(n=7), "no public key"),
        (changed(n=None), "no public key"),
        (changed(kty=["RSA"]), "no public key"),
        (changed(kid=7), "no public key"),
        (changed(kid="\x1b[31mred"), "kid"),
        (changed(kid="x" * 257), "kid"),
        (changed(kid="é"), "kid"),
        (changed(use="enc"), "encryption"),
        (changed(d="AQ"), "private"),
        (json.dumps({"keys": [SHOWN, SHOWN]}), "no public key"),
        (json.dumps({"kty": "EC", "crv": "P-256", "x": "BQ", "y": "Bw"}), "no public key"),
        (json.dumps({"kty": "OKP", "crv": "Ed25519", "x": "AA"}), "no public key"),
        (pem(rsa.generate_private_key(65_537, 2047)), "bits"),
    ],
)
def test_a_key_that_is_no_good_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(AssertionRefused, match=why) as refused:
        public_jwk(text)
    assert text[:40] not in str(refused.value)


def test_what_is_kept_of_a_key_is_what_verifying_needs() -> None:
    kept = public_jwk(changed(use="sig", alg="RS256", x5c=["a"], note="b"))
    assert sorted(kept) == ["e", "kid", "kty", "n"]
    assert kept["kid"] == "rsa"


def signed(now: float, algorithm: str, key: Any, **header: Any) -> str:
    claims = {"iss": "b", "sub": "b", "aud": ISSUER, "jti": str(uuid.uuid4())}
    return jwt.encode(
        {"alg": algorithm, **header},
        {**claims, "iat": int(now), "exp": int(now) + 60},
        key,
        algorithms=[algorithm],
    )


KEYS: dict[str, Any] = {
    "Ed25519": OKPKey.generate_key("Ed25519", private=True),
    "ES256": ECKey.generate_key("P-256", private=True),
    "RS256": RSA,
    "PS256": RSA,
}


@pytest.mark.parametrize("algorithm", KEYS)
def test_each_algorithm_is_verified_by_the_key_of_its_kind_alone(algorithm: str) -> None:
    now = time.time()
    text = signed(now, algorithm, KEYS[algorithm])
    others = [
        public_jwk(json.dumps(key.as_dict(private=False)))
        for key in KEYS.values()
        if key is not KEYS[algorithm]
    ]
    own = public_jwk(json.dumps(KEYS[algorithm].as_dict(private=False)))
    client_id, _, ends = verify(text, keys=[*others, own], issuer=ISSUER, now=now)
    assert (client_id, ends) == ("b", int(now) + 60)
    for keys in (others, []):
        with pytest.raises(AssertionRefused):
            verify(text, keys=keys, issuer=ISSUER, now=now)


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS512"])
def test_other_algorithms_of_the_same_key_are_refused(algorithm: str) -> None:
    now = time.time()
    own = public_jwk(json.dumps(SHOWN))
    with pytest.raises(AssertionRefused):
        verify(signed(now, algorithm, RSA), keys=[own], issuer=ISSUER, now=now)


def test_times_are_of_the_servers_clock_with_a_minute_to_spare() -> None:
    now = 1_000_000.0
    own, text = public_jwk(json.dumps(SHOWN)), signed(now, "PS256", RSA)
    for moment in (now - 60, now, now + 119):
        verify(text, keys=[own], issuer=ISSUER, now=moment)
    for moment in (now - 61, now + 120, now + 1e6):
        with pytest.raises(AssertionRefused):
            verify(text, keys=[own], issuer=ISSUER, now=moment)


def test_an_assertion_says_whom_it_is_from_before_it_is_proved() -> None:
    assert named(signed(0, "PS256", RSA)) == "b"
    for text in ("", "a", "a.b", "e30.e30.x", "a." + "W" * 8192 + ".b", "a.W10.b"):
        with pytest.raises(AssertionRefused):
            named(text)
