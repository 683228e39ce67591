"""The endpoint under test: what it claims, its tokens, and requests to it."""

from __future__ import annotations

import copy
import dataclasses
import time
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urljoin

from scdx_conformance.redaction import Secrets
from scdx_conformance.settings import CLASSES, CannotRunError, Settings, checked
from scdx_conformance.wire import Exchange, Params, Wire
from scdx_spec import BASE_URI

CLASS_URI = BASE_URI + "conf/"
GRANT = b"grant_type=client_credentials"
FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass
class Token:
    """A token and when (monotonic seconds) it stops being fresh enough to use."""

    value: str
    use_until: float


class Target:
    """One endpoint, its capability read; raises CannotRunError where nothing answers."""

    def __init__(self, settings: Settings) -> None:
        self.settings = checked(settings)
        self.secrets = Secrets()
        if settings.client_secret:
            self.secrets.add_client(settings.client_id, settings.client_secret)
        if settings.callback.client_secret:
            callback = settings.callback
            self.secrets.add_client(callback.client_id, callback.client_secret, "CALLBACK_")
        if settings.second_client_secret:
            self.secrets.add_client(
                settings.second_client_id, settings.second_client_secret, "SECOND_"
            )
        self.wire = Wire(self.settings, self.secrets)
        self._token: Token | None = None
        self._token_name = "$TOKEN"
        self._endpoint: str | None = None
        try:
            self._meet()
        except CannotRunError:
            self.close()
            raise

    def _meet(self) -> None:
        """Read the capability document, and what classes there are to test."""
        self.capability_answer = self.wire.send("GET", self.url("/scdx/1"))
        if not self.capability_answer.status:
            raise CannotRunError(
                f"Nothing answers at {self.settings.base}: {self.capability_answer.silence}. "
                "Check the address, and --ca if its certificate is your own."
            )
        found = self.capability_answer.json_object()
        speaks = self.capability_answer.status == 200 and (
            "conformsTo" in found or "specVersions" in found
        )
        self.capability: dict[str, object] = found if speaks else {}
        self.claims = self._claimed()
        self.classes = self.settings.classes or self.claims
        self._need_credentials()

    def close(self) -> None:
        """Give the connections back."""
        self.wire.close()

    @cached_property
    def second(self) -> Target | None:
        """The same endpoint with the second buyer's credentials; None where there are none."""
        first = self.settings
        if not (first.second_client_id and first.second_client_secret):
            return None
        other = copy.copy(self)
        other.settings = dataclasses.replace(
            first, client_id=first.second_client_id, client_secret=first.second_client_secret
        )
        other._token, other._token_name = None, "$SECOND_TOKEN"
        return other

    def url(self, path: str) -> str:
        """A URL below the base URL."""
        return self.settings.base + path

    def _claimed(self) -> tuple[str, ...]:
        if not self.capability:
            index = self.wire.send("GET", self.url("/scdx/1/index.json")).json_object()
            return ("static",) if "conformsTo" in index or "data" in index else ("pact-3",)
        stated = self.capability.get("conformsTo")
        uris = stated if isinstance(stated, list) else []
        return tuple(name for name in CLASSES if name == "core" or CLASS_URI + name in uris)

    def _need_credentials(self) -> None:
        named = bool(self.settings.client_id and self.settings.client_secret)
        if set(self.classes) != {"static"} and not named:
            raise CannotRunError(
                "This target needs credentials: give --client-id and --client-secret "
                "(or SCDX_CLIENT_ID and SCDX_CLIENT_SECRET)."
            )

    # Tokens

    def token_endpoint(self) -> str:
        """Where tokens are issued: the user's word, the capability, else PACT's discovery."""
        if self._endpoint is None:
            self._endpoint = self.settings.token_url or self._stated_endpoint()
        return self._endpoint

    def _stated_endpoint(self) -> str:
        auth = self.capability.get("auth")
        stated = auth.get("tokenEndpoint") if isinstance(auth, dict) else None
        if isinstance(stated, str):
            return urljoin(self.settings.base + "/", stated)
        return self.pact_token_endpoint()[0]

    def pact_token_endpoint(self) -> tuple[str, Exchange]:
        """Where PACT's rule finds the token endpoint, and what discovery answered."""
        answer = self.wire.send("GET", self.url("/.well-known/openid-configuration"))
        stated = answer.json_object().get("token_endpoint") if answer.status == 200 else None
        return (stated if isinstance(stated, str) else self.url("/auth/token")), answer

    def request_token(
        self, endpoint: str | None = None, *, content: bytes = GRANT, **sent: tuple[str, str]
    ) -> Exchange:
        """Ask for a token with the run's credentials, or with ``client=(id, secret)``."""
        client = sent.get("client", (self.settings.client_id, self.settings.client_secret))
        place = endpoint or self.token_endpoint()
        answer = self.wire.send("POST", place, headers=FORM, client=client, content=content)
        token = answer.json_object().get("access_token")
        if isinstance(token, str):
            self.secrets.add_token(token, self._token_name)
        return answer

    def token(self) -> str:
        """A fresh token. CannotRunError when the server gives none for the run's credentials."""
        if self._token is None or time.monotonic() > self._token.use_until:
            answer = self.request_token()
            body = answer.json_object()
            value, lifetime = body.get("access_token"), body.get("expires_in")
            if answer.status >= 400 or not isinstance(value, str) or not value:
                raise CannotRunError(
                    f"The token endpoint gives no token for these credentials "
                    f"({answer.answered}). Check --client-id and --client-secret."
                )
            seconds = lifetime if isinstance(lifetime, int) else 60
            self._token = Token(value, time.monotonic() + seconds - min(30.0, seconds / 2))
        return self._token.value

    def get(
        self, path: str, params: Params = (), *, hostile: bool = False, **headers: str
    ) -> Exchange:
        """GET below the base URL with a token (header names with ``_`` for ``-``)."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.wire.send(
            "GET",
            self.url(path),
            params=params,
            headers=named,
            token=self.token(),
            hostile=hostile,
        )

    def send(
        self, method: str, path: str, content: bytes, media_type: str = "application/json"
    ) -> Exchange:
        """Send a body below the base URL with a token. LookupError in a run that only reads."""
        if self.settings.read_only:
            raise LookupError("a run with --read-only sends nothing that a server keeps")
        headers = {"content-type": media_type}
        token = self.token()
        return self.wire.send(method, self.url(path), headers=headers, content=content, token=token)

    def follow(self, url: str) -> Exchange:
        """GET an absolute URL with a token; the caller has looked at its origin."""
        return self.wire.send("GET", url, token=self.token())

    def document_keys(self) -> list[dict[str, object]]:
        """The keys of the capability document, as far as they are objects."""
        keys = self.capability.get("keys")
        listed = keys.get("keys") if isinstance(keys, dict) else None
        return [key for key in listed or [] if isinstance(key, dict)]
