"""Sends PACT's events to a partner that the operator registered, with our credentials there."""

from collections.abc import Callable
from dataclasses import dataclass, field

import httpx2

GIVE_UP = 72 * 3600
"""Seconds after which an undelivered event is given up (PACT 3)."""
_LONGEST_WAIT = 3600.0
MEDIA = "application/cloudevents+json; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Partner:
    """Where a buyer takes events, and our credentials there."""

    base_url: str
    auth_url: str
    client_id: str
    client_secret: str = field(repr=False)


class Undeliverable(Exception):  # noqa: N818  # it says what became of an event
    """An event that did not arrive; ``permanent`` where trying again is of no use."""

    def __init__(
        self, reason: str, *, permanent: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(reason)
        self.reason, self.permanent, self.retry_after = reason, permanent, retry_after


def backoff(attempt: int, *, random: Callable[[], float]) -> float:
    """Seconds to wait before the next try: full jitter, from one second up to an hour."""
    return 1 + random() * min(_LONGEST_WAIT, 2.0 ** min(attempt, 20))


class Sender:
    """Delivers events over HTTPS."""

    def __init__(self, *, insecure_loopback: bool = False) -> None:
        self._http = httpx2.Client(trust_env=False, timeout=10, follow_redirects=False)

    def close(self) -> None:
        """End its connections."""
        self._http.close()

    def send(self, partner: Partner, event: bytes) -> None:
        """Deliver an event. Raises :class:`Undeliverable`."""
        try:
            token = self._http.post(
                f"{partner.auth_url}/auth/token",
                data={"grant_type": "client_credentials"},
                auth=(partner.client_id, partner.client_secret),
            ).json()["access_token"]
            answer = self._http.post(
                f"{partner.base_url}/3/events",
                content=event,
                headers={"Authorization": f"Bearer {token}", "Content-Type": MEDIA},
            )
        except (httpx2.HTTPError, ValueError, KeyError, TypeError):
            raise Undeliverable("the partner does not answer") from None
        if answer.status_code >= 300:
            raise Undeliverable(f"the partner answers {answer.status_code}")
