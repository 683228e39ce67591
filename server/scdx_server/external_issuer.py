"""Tokens of an issuer that the operator has already, such as Keycloak or Entra.

Its keys are found by OIDC discovery and kept; an unknown key is looked for again, at most once in
half a minute. Which buyer a token names stands in a claim; buyers are never made from tokens.
"""

import base64
import binascii
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from scdx_server.tokens import TokenError

ALGORITHMS = ["Ed25519", "EdDSA", "ES256", "ES384", "PS256", "RS256"]
TYPES = ("at+jwt", "application/at+jwt", "JWT", "jwt", None)
KEPT_SECONDS, AGAIN_SECONDS = 600, 30
LEEWAY_SECONDS = 60
_LARGEST = 262_144
_LONGEST = 8192
_REMEMBERED = 10_000


class ExternalIssuer:
    """Says whom a token of one issuer names. Its methods may be called from several threads."""

    def __init__(
        self,
        issuer: str,
        audience: str,
        *,
        claim: str = "azp",
        jwks_url: str = "",
        insecure_loopback: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.issuer, self.audience, self.claim = issuer, audience, claim
        self._jwks_url, self._insecure_loopback, self.clock = jwks_url, insecure_loopback, clock
        self._keys: KeySet | None = None
        self._kids: set[str] = set()
        self._fetched = self._tried = float("-inf")
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def client_of(self, token: str) -> str:
        """The client that a good token names. Raises ``TokenError`` for any other token."""
        known = self._known.get(token)
        if known is None:
            known = self._verified(token)
            with self._lock:
                self._known[token] = known
                if len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
        if known[1] + LEEWAY_SECONDS <= self.clock():
            raise TokenError(expired=True)
        return known[0]

    def _verified(self, token: str) -> tuple[str, float]:
        if len(token) > _LONGEST:
            raise TokenError
        keys = self._keys_for(_kid(token))
        try:
            decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise TokenError from None
        claims, now = decoded.claims, self.clock()
        audience, ends, begins = claims.get("aud"), _time(claims, "exp"), _time(claims, "nbf", 0)
        name = claims.get(self.claim)
        good = (
            decoded.header.get("typ") in TYPES
            and claims.get("iss") == self.issuer
            and self.audience in (audience if isinstance(audience, list) else [audience])
            and "nonce" not in claims  # an id token's
            and begins <= now + LEEWAY_SECONDS
            and isinstance(name, str)
            and name
        )
        if not good:
            raise TokenError
        return str(name), ends

    def _keys_for(self, kid: str) -> KeySet:
        """The issuer's keys; old ones rather than none when it doesn't answer."""
        with self._lock:
            now = self.clock()
            stale = now - self._fetched > KEPT_SECONDS
            if (stale or kid not in self._kids) and now - self._tried > AGAIN_SECONDS:
                self._tried = now
                self._fetch(now)
            if self._keys is None:
                raise TokenError
            return self._keys

    def _fetch(self, now: float) -> None:
        try:
            url = self._jwks_url or self._discovered()
            found = self._get(url)
            usable = [
                one for one in found["keys"] if one.get("kty") in ("OKP", "EC", "RSA")
                and one.get("use", "sig") == "sig"
            ]  # fmt: skip
            self._keys = KeySet.import_key_set({"keys": usable})
            self._kids = {str(one.get("kid", "")) for one in usable}
            self._fetched = now
        except (httpx2.HTTPError, JoseError, ValueError, TypeError, KeyError, AttributeError):
            return

    def _discovered(self) -> str:
        """The address of its keys. Raises ``ValueError`` where it calls itself something else."""
        place = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        found = self._get(place)
        if found.get("issuer") != self.issuer:
            raise ValueError("another issuer")
        return str(found["jwks_uri"])

    def _get(self, url: str) -> dict[str, Any]:
        split = urlsplit(url)
        loopback = self._insecure_loopback and split.hostname in ("127.0.0.1", "::1", "localhost")
        if split.scheme != "https" and not loopback:
            raise ValueError("HTTPS only")
        with (
            httpx2.Client(trust_env=False, follow_redirects=False, timeout=5) as http,
            http.stream("GET", url) as answer,
        ):
            if answer.status_code != 200:
                raise ValueError("no answer")
            raw = b""
            for part in answer.iter_bytes():
                raw += part
                if len(raw) > _LARGEST:
                    raise ValueError("too large")
        value = json.loads(raw)
        if not isinstance(value, dict):
            raise TypeError("no object")
        return value


def _kid(token: str) -> str:
    part = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return str(header["kid"])
    except (binascii.Error, ValueError, KeyError, TypeError, RecursionError):
        return ""


def _time(claims: Mapping[str, Any], name: str, usual: float | None = None) -> float:
    value = claims.get(name, usual)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 2**53:
        return float(value)
    raise TokenError
