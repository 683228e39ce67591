"""Statements: signed facts about a document, beside it and never inside it.

A statement is a compact JWS (RFC 7515) with ``alg`` Ed25519 (RFC 9864) and ``typ``
``scdx-statement+jwt``; its payload names the document by id and digest.
"""

import functools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from scdx_spec import strict_json

if TYPE_CHECKING:
    from joserfc.jwk import OKPKey

TYPE: Final = "scdx-statement+jwt"
ALGORITHM: Final = "Ed25519"
HEAD: Final = "scdx-head+jwt"
ROTATION: Final = "scdx-rotation+jwt"
KINDS: Final = ("published", "deprecated", "withdrawn", "assured")
_LONGEST: Final = 20_000

__all__ = [
    "HEAD",
    "KINDS",
    "ROTATION",
    "StatementError",
    "generate_key",
    "head",
    "public_key",
    "rotation",
    "sign",
    "statement",
    "verify",
    "verify_rotation",
]


class StatementError(ValueError):
    """A statement that proves nothing: bad signature, unknown key, wrong type, bad payload."""


def generate_key(kid: str | None = None) -> dict[str, str]:
    """A new private Ed25519 key as a JWK; ``kid`` is its RFC 7638 thumbprint unless given."""
    from joserfc.jwk import OKPKey

    key = OKPKey.generate_key("Ed25519", private=True)
    jwk = {str(name): str(value) for name, value in key.as_dict(private=True).items()}
    return {**jwk, "kid": kid or key.thumbprint(), "alg": ALGORITHM, "use": "sig"}


def public_key(jwk: Mapping[str, str]) -> dict[str, str]:
    """The public part of a JWK."""
    return {name: jwk[name] for name in ("kty", "crv", "x", "kid", "alg", "use") if name in jwk}


def statement(
    *, iss: str, kind: str, document_id: str, sha256: str, at: datetime, **extra: object
) -> dict[str, object]:
    """The payload of a statement of ``kind`` about a document; ``at`` is written in UTC.

    Raises ``ValueError`` for an unknown kind or a naive time.
    """
    if kind not in KINDS:
        raise ValueError(f"unknown kind of statement: {kind}")
    if at.tzinfo is None:
        raise ValueError("a statement's time needs a zone")
    named = {"id": document_id, "sha256": sha256}
    return {"iss": iss, "statement": kind, "document": named, "at": _written(at), **extra}


def head(*, iss: str, position: str, count: int, sha256: str, at: datetime) -> dict[str, object]:
    """The payload of a list's head (HED-01); sign it with ``kind`` :data:`HEAD`."""
    named = {"position": position, "count": count, "sha256": sha256}
    return {"iss": iss, **named, "at": _written(at)}


def rotation(
    *, iss: str, new_key: Mapping[str, str], old_key: Mapping[str, str], at: datetime
) -> str:
    """A JWS by which an old document key names its successor (``new_key``, public)."""
    payload = {"iss": iss, "key": public_key(new_key), "at": _written(at)}
    return sign(payload, old_key, kind=ROTATION)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def sign(payload: Mapping[str, object], key: Mapping[str, str], *, kind: str = TYPE) -> str:
    """Sign a payload with a private JWK; gives a compact JWS over the payload's canonical bytes.

    ``kind`` is the ``typ`` of its protected header.
    """
    import rfc8785
    from joserfc import jws

    header = {"alg": ALGORITHM, "kid": key["kid"], "typ": kind}
    raw = rfc8785.dumps(dict(payload))  # type: ignore[arg-type]  # checked by rfc8785 itself
    private = _private(tuple((name, str(value)) for name, value in key.items()))
    return jws.serialize_compact(header, raw, private, algorithms=[ALGORITHM])


@functools.lru_cache(maxsize=8)
def _private(members: tuple[tuple[str, str], ...]) -> "OKPKey":
    """A private key, imported once."""
    from joserfc.jwk import OKPKey

    return OKPKey.import_key(dict(members))


def verify(token: str, keys: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Verify a statement against public keys; gives its payload.

    Raises :class:`StatementError`, and nothing else, whatever the token.
    """
    return _payload(_verified(token, keys, TYPE))


def verify_rotation(token: str, keys: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The public key (JWK) that one of the known ``keys`` names as its successor.

    Raises :class:`StatementError`, and nothing else, whatever the token.
    """
    try:
        value = strict_json.loads(_verified(token, keys, ROTATION))
    except strict_json.StrictJsonError:
        raise StatementError("its payload is not JSON") from None
    key = value.get("key") if isinstance(value, dict) else None
    if not isinstance(key, dict) or not all(isinstance(one, str) for one in key.values()):
        raise StatementError("its payload names no key")
    shown = public_key({name: str(one) for name, one in key.items()})
    if shown.get("kty") != "OKP" or shown.get("crv") != "Ed25519" or not {"x", "kid"} <= set(shown):
        raise StatementError("its payload names no Ed25519 key")
    return shown


def _verified(token: str, keys: Sequence[Mapping[str, Any]], kind: str) -> bytes:
    """The payload of a JWS of a kind that one of the keys signed."""
    from joserfc import jws
    from joserfc.errors import JoseError
    from joserfc.jwk import OKPKey

    if len(token) > _LONGEST:
        raise StatementError("longer than a statement can be")
    try:
        header = jws.extract_compact(token.encode("ascii")).headers()
    except (JoseError, ValueError, TypeError, RecursionError):
        raise StatementError("not a compact JWS") from None
    if header.get("typ") != kind or header.get("alg") != ALGORITHM:
        raise StatementError(f"its typ is not {kind} or its alg not {ALGORITHM}")
    key = next((k for k in keys if k.get("kid") and k["kid"] == header.get("kid")), None)
    if key is None:
        raise StatementError("signed with a key that is not among the given ones")
    try:
        public = OKPKey.import_key({n: str(key[n]) for n in ("kty", "crv", "x") if n in key})
        return jws.deserialize_compact(
            token.encode("ascii"), public, algorithms=[ALGORITHM]
        ).payload
    except (JoseError, ValueError, TypeError, KeyError):
        raise StatementError("its signature does not fit its key") from None


def _payload(raw: bytes) -> dict[str, Any]:
    try:
        value = strict_json.loads(raw)
    except strict_json.StrictJsonError:
        raise StatementError("its payload is not JSON") from None
    named = value.get("document") if isinstance(value, dict) else None
    if (
        not isinstance(value, dict)
        or value.get("statement") not in KINDS
        or not isinstance(named, dict)
        or not isinstance(named.get("id"), str)
        or not isinstance(named.get("sha256"), str)
        or not isinstance(value.get("at"), str)
    ):
        raise StatementError("its payload is not a statement")
    return value
