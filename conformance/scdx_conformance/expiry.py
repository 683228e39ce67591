"""A token past its time: the run waits for one at most once, and as long as it may."""

from __future__ import annotations

import time
from dataclasses import dataclass

from scdx_conformance.target import Target


@dataclass(frozen=True)
class Expired:
    """A token that has expired; without one ``reason`` says why there is none."""

    token: str = ""
    reason: str = ""


def expired_token(target: Target) -> Expired:
    """A token of its own, once its lifetime is over."""
    body = target.request_token().json_object()
    token, lifetime = body.get("access_token"), body.get("expires_in")
    if not isinstance(token, str) or not isinstance(lifetime, int):
        return Expired(reason="the server gave no token with a lifetime")
    if lifetime + 1 > target.settings.wait_seconds:
        return Expired(
            reason=f"a token lives {lifetime} s and the run waits "
            f"{target.settings.wait_seconds:g} s; --wait gives it longer"
        )
    time.sleep(max(0, lifetime) + 1.1)
    return Expired(token)
