"""Tokens: client credentials for a short-lived token, fetched anew when it has expired.

The token endpoint is the one that the user named, the one of the OpenID configuration, or
``{base}/auth/token``. Credentials go to the supplier's own origin alone, unless the user named
another.
"""

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from scdx_client.errors import AuthenticationError, OriginError
from scdx_client.transport import Answer, Transport, origin
from scdx_spec import strict_json

_EARLY_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Credentials:
    """A buyer's id and secret at one supplier; ``token_url`` where the user named one."""

    client_id: str
    client_secret: str
    token_url: str = ""

    def __repr__(self) -> str:
        return f"Credentials(client_id={self.client_id!r}, client_secret='…')"


class Session:
    """Authenticated requests to one supplier."""

    def __init__(
        self,
        transport: Transport,
        credentials: Credentials | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        token_transport: Transport | None = None,
    ) -> None:
        self.transport, self.credentials, self._clock = transport, credentials, clock
        self._token_transport = token_transport or transport
        self._token, self._until = "", 0.0
        self._endpoint = ""

    def get(self, url: str) -> Answer:
        """GET with a token; once more with a new one when it is refused.

        Raises :class:`AuthenticationError` and the transport's errors.
        """
        if self.credentials is None:
            return self.transport.request("GET", url)
        for fresh in (False, True):
            if fresh or self._clock() >= self._until:
                self._fetch()
            headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
            answer = self.transport.request("GET", url, headers=headers)
            if answer.status != 401:
                return answer
        raise AuthenticationError("the supplier refuses its own token")

    def _fetch(self) -> None:
        assert self.credentials is not None
        pair = f"{self.credentials.client_id}:{self.credentials.client_secret}".encode()
        answer = self._token_transport.request(
            "POST",
            self._token_endpoint(),
            headers={
                "Authorization": f"Basic {base64.b64encode(pair).decode()}",
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
            },
            content=urlencode({"grant_type": "client_credentials"}).encode(),
        )
        if answer.status != 200:
            raise AuthenticationError(
                f"the token endpoint refuses the credentials (status {answer.status})"
            )
        body = _object(answer)
        token, seconds = body.get("access_token"), body.get("expires_in")
        if not isinstance(token, str) or not token or any(ord(c) < 33 for c in token):
            raise AuthenticationError("the token endpoint gave no token")
        lifetime = float(seconds) if isinstance(seconds, int | float) else 300.0
        self._token = token
        self._until = self._clock() + max(0.0, lifetime - min(_EARLY_SECONDS, lifetime / 4))

    def _token_endpoint(self) -> str:
        """Where tokens are issued; looked up once."""
        assert self.credentials is not None
        if not self._endpoint:
            self._endpoint = self.credentials.token_url or self._discovered()
        return self._endpoint

    def _discovered(self) -> str:
        fallback = f"{self.transport.base_url}/auth/token"
        answer = self.transport.request(
            "GET", f"{self.transport.base_url}/.well-known/openid-configuration"
        )
        if answer.status != 200:
            return fallback
        try:
            found = _object(answer).get("token_endpoint")
        except AuthenticationError:
            return fallback
        if not isinstance(found, str):
            return fallback
        if origin(found) != self.transport.origin:
            raise OriginError(
                "the OpenID configuration names a token endpoint of another origin; "
                "if it is right, name it with --token-url"
            )
        return found


def _object(answer: Answer) -> dict[str, strict_json.JsonValue]:
    try:
        value = strict_json.loads(answer.body)
    except strict_json.StrictJsonError:
        raise AuthenticationError("the token endpoint's answer is not JSON") from None
    if not isinstance(value, dict):
        raise AuthenticationError("the token endpoint's answer is not an object")
    return value
