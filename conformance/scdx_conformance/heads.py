"""The signed head of a list: whether a key of the server signed it, and what it should say."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from scdx_conformance.listing import Entry, text
from scdx_conformance.times import is_time
from scdx_conformance.wire import Exchange
from scdx_spec.statements import ALGORITHM, HEAD
from scdx_spec.strict_json import StrictJsonError, loads

PATH = "/scdx/1/head"
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class HeadError(ValueError):
    """What an answer lacks to be a signed head; the text ends a sentence about the head."""


@dataclass(frozen=True)
class Head:
    """What a verified head says."""

    position: str
    count: int
    sha256: str


def read_head(exchange: Exchange, keys: Iterable[Mapping[str, object]]) -> Head:
    """The head of an answer, its signature verified. Raises HeadError."""
    token = exchange.json_object().get("head")
    if exchange.status != 200 or not isinstance(token, str):
        raise HeadError(f"has no member head ({exchange.answered})")
    said = verified(token, keys)
    count, sha256, position = said.get("count"), text(said, "sha256"), said.get("position")
    lacking = [name for name in ("iss", "sha256") if not text(said, name)]
    lacking += [] if isinstance(position, str) else ["position"]
    lacking += [] if is_time(said.get("at")) else ["at"]
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise HeadError("has no count in its payload")
    if lacking:
        raise HeadError(f"has no {' and no '.join(lacking)} in its payload")
    if not _DIGEST.fullmatch(sha256):
        raise HeadError("has a sha256 that is not 64 lower-case hexadecimal digits")
    return Head(str(position), count, sha256)


def verified(token: str, keys: Iterable[Mapping[str, object]]) -> Entry:
    """The payload of a JWS of the type of heads that one of the keys signed. Raises HeadError."""
    if not _COMPACT.fullmatch(token):
        raise HeadError("is no compact JWS")
    head, payload, signature = token.split(".")
    header = _object(head)
    if header.get("typ") != HEAD or header.get("alg") != ALGORITHM:
        raise HeadError(f"has not typ {HEAD} and alg {ALGORITHM} in its protected header")
    named = [key for key in keys if key.get("kid") and key["kid"] == header.get("kid")]
    if not named:
        raise HeadError("names a kid that is no key of the capability document")
    try:
        public = Ed25519PublicKey.from_public_bytes(_bytes(text(dict(named[0]), "x")))
        public.verify(_bytes(signature), f"{head}.{payload}".encode())
    except (ValueError, InvalidSignature):
        raise HeadError("has a signature that does not fit its key") from None
    return _object(payload)


def digest_of_list(entries: Iterable[Entry]) -> tuple[int, str]:
    """How many ids a list has, and the digest of their lines as the head has to give them."""
    newest = {text(entry, "id"): entry for entry in entries}
    lines = [
        f"{name} {text(newest[name], 'sha256')} {text(newest[name], 'state')}\n".encode()
        for name in sorted(newest, key=str.encode)
    ]
    return len(lines), hashlib.sha256(b"".join(lines)).hexdigest()


def _object(part: str) -> Entry:
    try:
        value = loads(_bytes(part))
    except (ValueError, StrictJsonError):
        raise HeadError("is no JWS over JSON") from None
    if not isinstance(value, dict):
        raise HeadError("is no JWS over a JSON object")
    return dict(value)


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
