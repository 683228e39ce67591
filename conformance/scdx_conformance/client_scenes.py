"""The scenes of ``scdx check-client``: a supplier each, with as few faults as show one thing.

A client that stumbles over one fault would never meet those behind it; so it meets them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scdx_conformance.chaos.faults import FAULTS, ONCE


@dataclass(frozen=True, slots=True)
class Scene:
    """One supplier. ``again``: a second pull is part of it. ``slow``: it takes minutes."""

    name: str
    faults: tuple[str, ...]
    again: bool = False
    slow: bool = False


def _alone(*names: str) -> tuple[Scene, ...]:
    return tuple(Scene(name, (name,)) for name in names)


_WEATHER = tuple(fault.name for fault in FAULTS.values() if fault.when == ONCE)

SCENES = (
    Scene("fair", ("news", "unknown-members"), again=True),
    Scene("imperfect-documents", ("findings", "unknown-kind")),
    Scene("hostile-texts", ("hostile-names", "hostile-ids")),
    Scene("lying-documents", ("wrong-digest", "forged-statements", "tokens-for-statements",
                              "moved-statements")),
    *_alone("not-a-number", "repeated-members"),
    Scene("changed-history", ("changed-history", "news"), again=True),
    *_alone("token-ended", "short-tokens", "no-token-is-good"),
    *_alone("too-many-requests", "too-many-requests-date", "unavailable", "come-back-tomorrow"),
    Scene("weather", (*_WEATHER, "lying-etags", "news"), again=True),
    *_alone("link-elsewhere", "redirect-elsewhere", "redirect-within"),
    *_alone("token-elsewhere", "token-redirect"),
    *_alone("circle", "endless-pages", "bomb", "deep-json"),
    Scene("unreadable-pages", ("broken-json", "no-json", "byte-order-mark", "wrong-charset",
                               "lone-surrogate"), again=True),
    Scene("endless-page", ("endless-page",), slow=True),
    Scene("endless-head", ("endless-head",), slow=True),
    Scene("discovery-lost", ("discovery-lost",), again=True),
    Scene("pact", ("pact-only", "deprecated", "null-members", "news"), again=True),
    Scene("pact-without-openid", ("pact-only", "no-openid")),
    Scene("pact-breaks-off", ("pact-only", "breaks-off"), again=True),
    Scene("pact-token-ended", ("pact-only", "token-ended")),
    Scene("pact-link-elsewhere", ("pact-only", "link-elsewhere")),
)  # fmt: skip


def scenes(names: Sequence[str], *, slow: bool) -> tuple[Scene, ...]:
    """The scenes of these names, or all: the ``slow`` ones where they are asked for."""
    return tuple(
        scene for scene in SCENES if (scene.name in names if names else slow or not scene.slow)
    )
