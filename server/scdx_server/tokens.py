"""The built-in issuer: client credentials in, short-lived tokens out (RFC 6749 §4.4, RFC 9068).

Tokens are JWTs signed with Ed25519. A verified token is remembered (bounded), but its expiry is
looked at on every request, and so is its client (by the reads), so that a buyer that is switched
off is out at once.
"""

import base64
import binascii
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from scdx_server.keys import KeyRing
from scdx_spec import statements

ALGORITHM = "Ed25519"
TYPE = "at+jwt"
REMEMBERED = 10_000
"""Verified tokens kept at most."""
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class _Known:
    client_id: str
    expires: int


class TokenError(Exception):
    """A token that names nobody; ``expired`` where it once did."""

    def __init__(self, *, expired: bool = False) -> None:
        super().__init__("expired" if expired else "not one of ours")
        self.expired = expired


class Tokens:
    """Issues tokens and says whom a token names."""

    def __init__(
        self,
        ring: KeyRing,
        *,
        issuer: str,
        seconds: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.ring, self.issuer, self.seconds, self.clock = ring, issuer, seconds, clock
        self._kid = ""
        self._known: OrderedDict[str, _Known] = OrderedDict()

    def good_secret(self, secret: str, hashes: Sequence[str]) -> bool:
        """Whether a secret has one of these hashes; the same work where there is none."""
        given = self.ring.keys.hashed(secret)
        matches = [hmac.compare_digest(given, known) for known in hashes or ["0" * 64]]
        return any(matches)

    def issue(self, client_id: str) -> str:
        """A new token for a client."""
        self._take_keys()
        now = int(self.clock())
        claims = {
            "iss": self.issuer,
            "aud": self.issuer,
            "sub": client_id,
            "client_id": client_id,
            "iat": now,
            "exp": now + self.seconds,
            "jti": secrets.token_urlsafe(16),
        }
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": self._kid}
        return jwt.encode(header, claims, self._private, algorithms=[ALGORITHM])

    def client_of(self, token: str) -> str:
        """The client that a good token names. Raises :class:`TokenError` for any other token."""
        self._take_keys()
        known = self._known.get(token) or self._verified(token)
        if known.expires <= self.clock():
            self._known.pop(token, None)
            raise TokenError(expired=True)
        self._known[token] = known
        self._known.move_to_end(token)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return known.client_id

    def _take_keys(self) -> None:
        """Use the key of now; after a rotation nothing of the old one is remembered."""
        own = self.ring.keys.token
        if own["kid"] != self._kid:
            self._private = OKPKey.import_key(dict(own))
            self._public = OKPKey.import_key(dict(statements.public_key(own)))
            self._kid = own["kid"]
            self._known.clear()

    def _verified(self, token: str) -> _Known:
        if len(token) > _LONGEST:
            raise TokenError
        try:
            decoded = jwt.decode(token, self._public, algorithms=[ALGORITHM])
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise TokenError from None
        claims, header = decoded.claims, decoded.header
        good = (
            header.get("typ") == TYPE
            and header.get("kid") == self._kid
            and claims.get("iss") == self.issuer
            and claims.get("aud") == self.issuer
            and isinstance(claims.get("exp"), int)
            and isinstance(claims.get("sub"), str)
        )
        if not good:
            raise TokenError
        return _Known(claims["sub"], claims["exp"])


def basic_credentials(header: str) -> tuple[str, str] | None:
    """Id and secret of an HTTP Basic header (RFC 7617); None where it is malformed."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    client_id, colon, secret = text.partition(":")
    return (client_id, secret) if colon else None
