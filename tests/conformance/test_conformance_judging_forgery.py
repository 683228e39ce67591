"""Forged tokens: each is what it says, and none is the one that it was made from."""

import base64
import json
from typing import Any

import pytest

from scdx_conformance.forgery import claims_of, forgeries, header_of


def jwt(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"x" * 64) -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


HEADER = {"alg": "Ed25519", "typ": "at+jwt", "kid": "k"}
CLAIMS = {"sub": "buyer", "exp": 9}
SECRET = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
OCTETS = {"kty": "oct"}
PUBLIC = [{"kty": "OKP", "x": SECRET}, {"kty": "RSA", "n": SECRET[:-1] + "A"}, OCTETS, OCTETS]
FORMS = {
    "a word": "nonsense",
    "an empty token": "",
    "three empty parts": "..",
}


def test_plain_forgeries() -> None:
    token = jwt(HEADER, CLAIMS)
    made = dict(forgeries(token, []))
    assert {what: made[what] for what in FORMS} == FORMS
    changed = made["a token with its first sign changed"]
    assert (changed[0] != token[0], changed[1:]) == (True, token[1:])
    half = len(token) // 2
    middle = made["a token with a sign in its middle changed"]
    assert (middle[half] != token[half], middle[:half], middle[half + 1 :]) == (
        True, token[:half], token[half + 1 :],
    )  # fmt: skip
    assert made["a token cut short"] == token[:-8]
    assert made["a token with signs added"] == token + "AAAA"
    assert dict(forgeries("abc", []))["a token cut short"] == "a"
    assert dict(forgeries("Babc", []))["a token with its first sign changed"] == "Cabc"


def test_forged_jwts_are_none_of_the_given_one() -> None:
    token = jwt(HEADER, CLAIMS)
    first, second, signature = token.split(".")
    made = dict(forgeries(token, PUBLIC))
    assert token not in made.values()
    assert [what for what, _ in forgeries(token, PUBLIC)][7:] == [
        "a JWT with an altered signature",
        "a JWT with altered claims",
        "a JWT for another audience",
        "a JWT with alg none",
        "a JWT without its signature",
        "a JWT signed with another key",
        "a JWT that brings its own key",
        "a JWT with HS256 and the public key as secret",
        "a JWT with HS256 and the public key as secret",
    ]
    altered = made["a JWT with an altered signature"].split(".")
    assert altered[:2] == [first, second]
    place = len(signature) // 2
    assert (altered[2][:place], altered[2][place + 1 :]) == (
        signature[:place], signature[place + 1 :],
    )  # fmt: skip
    assert altered[2][place] != signature[place]
    promoted = made["a JWT with altered claims"]
    assert claims_of(promoted) == {**CLAIMS, "sub": "scdx-check-somebody-else"}
    assert (promoted.split(".")[0], promoted.split(".")[2]) == (first, signature)
    elsewhere = made["a JWT for another audience"]
    assert claims_of(elsewhere) == {**CLAIMS, "aud": "https://somewhere-else.example"}
    assert (elsewhere.split(".")[0], elsewhere.split(".")[2]) == (first, signature)
    none = made["a JWT with alg none"]
    assert (header_of(none), claims_of(none)) == ({**HEADER, "alg": "none"}, CLAIMS)
    assert none.endswith(".")
    assert made["a JWT without its signature"] == f"{first}.{second}."


def test_forged_jwts_are_signed_as_they_say() -> None:
    from joserfc import jws
    from joserfc.jwk import OctKey, OKPKey

    made = forgeries(jwt(HEADER, CLAIMS), PUBLIC)
    own = dict(made)["a JWT that brings its own key"]
    brought = header_of(own)["jwk"]
    assert isinstance(brought, dict)
    assert {**header_of(own), "jwk": 0} == {**HEADER, "jwk": 0}
    assert set(brought) == {"kty", "crv", "x"}
    key = OKPKey.import_key({name: str(value) for name, value in brought.items()})
    assert json.loads(jws.deserialize_compact(own, key, algorithms=["Ed25519"]).payload) == CLAIMS
    other = dict(made)["a JWT signed with another key"]
    assert (header_of(other), claims_of(other)) == (HEADER, CLAIMS)
    assert json.loads(jws.deserialize_compact(other, key, algorithms=["Ed25519"]).payload) == CLAIMS
    symmetric = [one for what, one in made if "HS256" in what]
    for one, shown in zip(symmetric, (SECRET, SECRET[:-1] + "A"), strict=True):
        assert header_of(one) == {"alg": "HS256", "typ": "at+jwt"}
        public = OctKey.import_key(base64.urlsafe_b64decode(shown + "="))
        told = jws.deserialize_compact(one, public, algorithms=["HS256"])
        assert json.loads(told.payload) == CLAIMS
    many = forgeries(jwt(HEADER, CLAIMS), [{"x": SECRET}] * 6)
    assert sum("HS256" in what for what, _ in many) == 4
    for odd in ({"a": 1}, {"a": 12}, {"a": 123}):
        assert claims_of(jwt(HEADER, odd)) == odd
    assert claims_of(jwt(HEADER, CLAIMS).replace(".", "", 1)) == {}


@pytest.mark.parametrize("token", ["opaque", "B" * 40, "a.b", "a.b.c", "..", ""])
def test_tokens_of_another_form_are_forged_plainly(token: str) -> None:
    made = forgeries(token, [])
    assert [what for what, _ in made if "JWT" in what] == []
    assert len(made) == 7
    assert header_of(token) == claims_of(token) == {}
    if len(token) > 3:
        assert token not in [one for _, one in made]
