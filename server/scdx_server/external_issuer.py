"""Tokens of an issuer that the operator has already, such as Keycloak or Entra.

Its keys are found by OIDC discovery, kept for ten minutes and read again; an unknown key is looked
for sooner, at most once in half a minute. When keys are read again, every remembered token is
forgotten: it counts for as long as its key does. Which buyer a token names stands in a claim;
buyers are never made from tokens.
"""

import base64
import binascii
import json
import threading
import time
import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from scdx_server.tokens import TokenError

ALGORITHMS = ["Ed25519", "EdDSA", "ES256", "ES384", "PS256", "RS256"]
TYPES = ("at+jwt", "application/at+jwt", "JWT", "jwt", None)
KEPT_SECONDS, AGAIN_SECONDS = 600, 30
LEEWAY_SECONDS = 60
_LARGEST = 262_144
_LONGEST = 8192
_REMEMBERED = 10_000
_MOST_SECONDS = 10
_LEAST_RSA_BITS = 2048
_ID_TOKENS = {"nonce", "at_hash", "c_hash", "s_hash"}
"""Claims that only id tokens have (OpenID Connect Core 1.0, §2 and §3.3.2.11; FAPI)."""
_KINDS: dict[str, Any] = {"OKP": OKPKey, "EC": ECKey, "RSA": RSAKey}

Key = OKPKey | ECKey | RSAKey


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
        self._keys: dict[str, Key] = {}
        self._fetched = self._tried = float("-inf")
        self._lock, self._fetching = threading.Lock(), threading.Lock()
        self._known: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def client_of(self, token: str) -> str:
        """The client that a good token names. Raises ``TokenError`` for any other token."""
        known = self._known.get(token)
        if known is not None and self._stale():
            self._renew(wait=False)
            known = self._known.get(token)
        if known is None:
            keys, known = self._verified(token)
            with self._lock:
                if keys is self._keys:  # not of a key that was withdrawn meanwhile
                    self._known[token] = known
                if len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
        if known[1] + LEEWAY_SECONDS <= self.clock():
            raise TokenError(expired=True)
        return known[0]

    def _verified(self, token: str) -> tuple[dict[str, Key], tuple[str, float]]:
        if len(token) > _LONGEST:
            raise TokenError
        kid = _kid(token)
        keys = self._keys_for(kid)
        key = keys.get(kid) or (next(iter(keys.values())) if not kid and len(keys) == 1 else None)
        if key is None:
            raise TokenError
        try:
            decoded = jwt.decode(token, key, algorithms=ALGORITHMS)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise TokenError from None
        claims, now = decoded.claims, self.clock()
        audience, ends, begins = claims.get("aud"), _time(claims, "exp"), _time(claims, "nbf", 0)
        name = claims.get(self.claim)
        good = (
            decoded.header.get("typ") in TYPES
            and claims.get("iss") == self.issuer
            and self.audience
            and self.audience in (audience if isinstance(audience, list) else [audience])
            and not _ID_TOKENS & set(claims)
            and claims.get("typ", "Bearer") == "Bearer"  # Keycloak says what a token is
            and begins <= now + LEEWAY_SECONDS
            and isinstance(name, str)
            and name
        )
        if not good:
            raise TokenError
        return keys, (str(name), ends)

    def _keys_for(self, kid: str) -> dict[str, Key]:
        """The issuer's keys; old ones rather than none when it doesn't answer."""
        if kid not in self._keys:
            self._renew(wait=True)
        elif self._stale():
            self._renew(wait=False)
        return self._keys

    def _stale(self) -> bool:
        return self.clock() - self._fetched > KEPT_SECONDS

    def _renew(self, *, wait: bool) -> None:
        """Read the keys again, unless that was just tried. Who has a key needn't ``wait``."""
        if not self._fetching.acquire(blocking=wait):
            return
        try:
            now = self.clock()
            if now - self._tried > AGAIN_SECONDS:
                self._tried = now
                self._fetch(now)
        finally:
            self._fetching.release()

    def _fetch(self, now: float) -> None:
        try:
            url = self._jwks_url or self._discovered()
            found = self._get(url)
            listed = found["keys"]
            if not isinstance(listed, list):
                raise TypeError("no list of keys")
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError, TypeError, KeyError,
                RecursionError):  # fmt: skip
            return  # the old keys stay in use
        keys = dict(one for one in map(_imported, listed) if one is not None)
        with self._lock:
            self._keys, self._fetched = keys, now
            self._known.clear()  # one of them may have been withdrawn

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
        ends = time.monotonic() + _MOST_SECONDS
        with (
            httpx2.Client(trust_env=False, follow_redirects=False, timeout=5) as http,
            http.stream("GET", url, headers={"Accept-Encoding": "identity"}) as answer,
        ):
            if answer.status_code != 200:
                raise ValueError("no answer")
            raw = b""
            for part in answer.iter_raw():  # as it came: nothing small grows large
                raw += part
                if len(raw) > _LARGEST or time.monotonic() > ends:
                    raise ValueError("too large, or too slow")
        value = json.loads(raw)
        if not isinstance(value, dict):
            raise TypeError("no object")
        return value


def _imported(jwk: Any) -> tuple[str, Key] | None:
    """A key of the issuer's with its kid; None for one that no token of ours is signed with."""
    try:
        if jwk.get("use", "sig") != "sig":
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # weak ones are left out below
            key: Key = _KINDS[jwk["kty"]].import_key(jwk)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
    weak = isinstance(key, RSAKey) and key.raw_value.key_size < _LEAST_RSA_BITS
    return None if weak else (str(jwk.get("kid", "")), key)


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
