"""Clients that prove themselves with a key of their own (``private_key_jwt``, RFC 7523).

As RFC 10070 has it, the audience is the issuer identifier and nothing else. An assertion is good
once and for a short time.
"""

import base64
import binascii
import json
import re
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TYPES = ("client-authentication+jwt", "JWT", None)
MOST_SECONDS = 300
"""How far ahead an assertion may end."""
LEEWAY_SECONDS = 60
_STAYS = "this is a private key: it stays with the client, who makes a new one"
_LONGEST = 8192
_LONGEST_NAME = 256
_LEAST_RSA_BITS, _MOST_RSA_BITS = 2048, 8192
_KID = re.compile(r"[ -~]{1,256}")
_ALGORITHMS = {"OKP": ["Ed25519", "EdDSA"], "EC": ["ES256"], "RSA": ["PS256", "RS256"]}
_KINDS: dict[str, Any] = {"OKP": OKPKey, "EC": ECKey, "RSA": RSAKey}
_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}

Jwk = Mapping[str, str]


class AssertionRefused(Exception):  # noqa: N818  # it is what became of an assertion
    """An assertion, or a key, that proves nothing; the message never repeats it."""


def verify(
    assertion: str,
    *,
    keys: Sequence[Jwk],
    issuer: str,
    now: float,
) -> tuple[str, str, int]:
    """The client id, ``jti`` and end of a good assertion. Raises :class:`AssertionRefused`.

    ``keys`` are the public keys of the client that it names (:func:`named`). That a ``jti`` is
    used once is the caller's business: it has the memory.
    """
    claims, header = _verified(assertion, keys)
    client_id, jti = claims.get("iss"), claims.get("jti")
    ends, begins = _time(claims.get("exp")), _time(claims.get("iat", 0))
    good = (
        header.get("typ") in TYPES
        and "crit" not in header
        and isinstance(client_id, str)
        and claims.get("sub") == client_id
        and claims.get("aud") == issuer
        and isinstance(jti, str)
        and 0 < len(jti) <= _LONGEST_NAME
        and now - LEEWAY_SECONDS < ends <= now + MOST_SECONDS + LEEWAY_SECONDS
        and begins <= now + LEEWAY_SECONDS
        and _time(claims.get("nbf", 0)) <= now + LEEWAY_SECONDS
    )
    if not good:
        raise AssertionRefused("its claims are not those of a client's assertion for this server")
    return str(client_id), str(jti), int(ends)


def named(assertion: str) -> str:
    """The client that an assertion says it is from, unproved. Raises :class:`AssertionRefused`."""
    try:
        part = assertion.split(".")[1]
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, binascii.Error, ValueError, RecursionError):
        raise AssertionRefused("it is no JWT") from None
    name = value.get("iss") if isinstance(value, dict) else None
    if len(assertion) > _LONGEST or not isinstance(name, str) or len(name) > _LONGEST_NAME:
        raise AssertionRefused("it names no client")
    return name


def _verified(assertion: str, keys: Sequence[Jwk]) -> tuple[dict[str, Any], dict[str, Any]]:
    if len(assertion) > _LONGEST:
        raise AssertionRefused("it is too long")
    for key in keys:
        kind = key.get("kty", "")
        try:
            public = _KINDS[kind].import_key(dict(key))
            found = jwt.decode(assertion, public, algorithms=_ALGORITHMS[kind])
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            continue
        kid = found.header.get("kid")
        if kid is None or kid == key.get("kid"):
            return found.claims, found.header
    raise AssertionRefused("no key of the client has signed it")


def _time(value: object) -> float:
    """A claim's seconds since 1970. Raises :class:`AssertionRefused` for anything else."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 2**53:
        return float(value)
    raise AssertionRefused("one of its times is none")


def public_jwk(text: str) -> dict[str, str]:
    """A client's public key from what its operator was sent: a JWK or a PEM.

    Gives the JWK with its ``kid``. Raises :class:`AssertionRefused` for a private key, and for one
    that is too weak or of another kind.
    """
    given = text.strip()
    if "PRIVATE KEY" in given:
        raise AssertionRefused(_STAYS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # weak keys are refused below
            key = _from_pem(given) if given.startswith("-----") else _from_jwk(json.loads(given))
            shown = key.as_dict(private=False)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise AssertionRefused("this is no public key, neither a JWK nor a PEM") from None
    jwk = {name: str(value) for name, value in shown.items()}
    kid = jwk.get("kid") or key.thumbprint()
    if not _KID.fullmatch(kid):
        raise AssertionRefused("its kid is longer than 256 characters, or has others than ASCII's")
    kept = {name: jwk[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in jwk}
    if kept.get("crv", "Ed25519") not in ("Ed25519", "P-256"):
        raise AssertionRefused("the curve is Ed25519 or P-256")
    if kept["kty"] == "RSA" and not _LEAST_RSA_BITS <= key.raw_value.key_size <= _MOST_RSA_BITS:
        raise AssertionRefused(f"an RSA key has {_LEAST_RSA_BITS} to {_MOST_RSA_BITS} bits")
    if jwk.get("use", "sig") != "sig":
        raise AssertionRefused("it is a key for encryption")
    return {**kept, "kid": kid}


def _from_pem(text: str) -> Any:
    for kind in _KINDS.values():
        try:
            return kind.import_key(text)
        except (JoseError, ValueError, TypeError):
            continue
    raise ValueError("no key")


def _from_jwk(value: Any) -> Any:
    if isinstance(value, dict) and isinstance(value.get("keys"), list) and len(value["keys"]) == 1:
        value = value["keys"][0]
    if not isinstance(value, dict):
        raise ValueError("no JWK")
    if _PRIVATE & set(value):
        raise AssertionRefused(_STAYS)
    return _KINDS[value["kty"]].import_key(value)
