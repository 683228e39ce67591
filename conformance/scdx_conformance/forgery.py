"""Tokens that no server may accept, made from one that it issued."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Jwk = Mapping[str, object]


def forgeries(token: str, keys: Sequence[Jwk]) -> list[tuple[str, str]]:
    """``(what it is, token)`` pairs; ``keys`` are the server's public keys where it shows any."""
    made = [
        ("a word", "nonsense"),
        ("an empty token", ""),
        ("three empty parts", ".."),
        ("a token with its first sign changed", _changed(token, 0)),
        ("a token with a sign in its middle changed", _changed(token, len(token) // 2)),
        ("a token cut short", token[: max(1, len(token) - 8)]),
        ("a token with signs added", token + "AAAA"),
    ]
    parts = token.split(".")
    header, claims = (_decoded(part) for part in parts[:2]) if len(parts) == 3 else (None, None)
    if isinstance(header, dict) and isinstance(claims, dict):
        made += _forged_jwts(parts, header, claims, keys)
    return made


def header_of(token: str) -> dict[str, object]:
    """The protected header of a JWT; empty for a token of another form."""
    header = _decoded(token.split(".")[0]) if token.count(".") == 2 else None
    return header if isinstance(header, dict) else {}


def claims_of(token: str) -> dict[str, object]:
    """The claims of a JWT, unverified; empty for a token of another form."""
    claims = _decoded(token.split(".")[1]) if token.count(".") == 2 else None
    return claims if isinstance(claims, dict) else {}


def _forged_jwts(
    parts: list[str],
    header: Mapping[str, object],
    claims: Mapping[str, object],
    keys: Sequence[Jwk],
) -> list[tuple[str, str]]:
    middle = len(parts[2]) // 2
    other = Ed25519PrivateKey.generate()
    promoted = {**claims, "sub": "scdx-check-somebody-else"}
    elsewhere = {**claims, "aud": "https://somewhere-else.example"}
    made = [
        ("a JWT with an altered signature", ".".join([*parts[:2], _changed(parts[2], middle)])),
        ("a JWT with altered claims", ".".join([parts[0], _encoded(promoted), parts[2]])),
        ("a JWT for another audience", ".".join([parts[0], _encoded(elsewhere), parts[2]])),
        ("a JWT with alg none", _joined({**header, "alg": "none"}, claims, b"")),
        ("a JWT without its signature", f"{parts[0]}.{parts[1]}."),
        ("a JWT signed with another key", _signed(header, claims, other)),
        (
            "a JWT that brings its own key",
            _signed({**header, "jwk": _public(other)}, claims, other),
        ),
    ]
    for key in keys[:4]:
        shown = key.get("x") or key.get("n")
        if isinstance(shown, str):
            made.append(("a JWT with HS256 and the public key as secret", _hs256(claims, shown)))
    return made


def _hs256(claims: Mapping[str, object], shown: str) -> str:
    header = {"alg": "HS256", "typ": "at+jwt"}
    signing = f"{_encoded(header)}.{_encoded(claims)}"
    secret = base64.urlsafe_b64decode(shown + "=" * (-len(shown) % 4))
    return _joined(header, claims, hmac.new(secret, signing.encode(), hashlib.sha256).digest())


def _signed(
    header: Mapping[str, object], claims: Mapping[str, object], key: Ed25519PrivateKey
) -> str:
    signing = f"{_encoded(header)}.{_encoded(claims)}"
    return _joined(header, claims, key.sign(signing.encode()))


def _public(key: Ed25519PrivateKey) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "x": _b64(key.public_key().public_bytes_raw())}


def _joined(header: Mapping[str, object], claims: Mapping[str, object], signature: bytes) -> str:
    return f"{_encoded(header)}.{_encoded(claims)}.{_b64(signature)}"


def _encoded(value: Mapping[str, object]) -> str:
    return _b64(json.dumps(value, separators=(",", ":")).encode())


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(part: str) -> object:
    try:
        return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return None


def _changed(text: str, place: int) -> str:
    if not text:
        return "A"
    return text[:place] + ("B" if text[place] != "B" else "C") + text[place + 1 :]
