"""What an endpoint served before: the digests of its documents, kept in a file between runs.

Within one run a server has little time to change a document; from one run to the next it has all
the time there is. The file says of each document which bytes it had when it was first seen, so that
a document that was changed stays a failure until it is put right.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from scdx_conformance.redaction import printable
from scdx_conformance.settings import CannotRunError
from scdx_spec import strict_json

MEMBERS = {"endpoint", "documents", "footprints"}
_PARTS = ("documents", "footprints")


@dataclass(frozen=True)
class Seen:
    """A document as it was first seen: the digest of its canonical bytes, and the day (UTC).

    ``status`` is PACT's, as it was last seen; ``Deprecated`` is never taken back.
    """

    sha256: str
    day: str
    status: str = ""


@dataclass
class Memory:
    """What is known of one endpoint; without a ``path`` nothing is known and nothing kept."""

    endpoint: str
    path: Path | None = None
    documents: dict[str, Seen] = field(default_factory=dict)
    footprints: dict[str, Seen] = field(default_factory=dict)
    _new: dict[str, dict[str, Seen]] = field(default_factory=lambda: {name: {} for name in _PARTS})

    def add(self, part: str, name: str, sha256: str, status: str = "") -> None:
        """Keep what was seen in this run; the first bytes are kept, and the last status."""
        known = getattr(self, part).get(name)
        now = Seen(sha256, datetime.now(UTC).date().isoformat(), status)
        if known is not None:
            ended = known.status == "Deprecated"
            now = Seen(known.sha256, known.day, known.status if ended else status)
        self._new[part][name] = now

    def write(self) -> None:
        """Write the file anew, whole or not at all. Raises CannotRunError where it can't be."""
        if self.path is None:
            return
        told: dict[str, object] = {"endpoint": self.endpoint}
        for part in _PARTS:
            found = {**getattr(self, part), **self._new[part]}
            told[part] = {
                name: {key: value for key, value in vars(seen).items() if value}
                for name, seen in sorted(found.items())
            }
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        try:
            beside.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
            beside.replace(self.path)
        except OSError as error:
            raise CannotRunError(f"{self.path} can't be written: {error.strerror}.") from None


def read_memory(path: Path | None, endpoint: str) -> Memory:
    """The memory in a file, empty where there is none yet.

    Raises CannotRunError for a file that is none, or that is about another endpoint.
    """
    if path is None or not path.exists():
        return Memory(endpoint, path)
    try:
        told = strict_json.loads(path.read_bytes())
        if not isinstance(told, dict) or set(told) != MEMBERS:
            raise ValueError
        documents, footprints = (_seen(told[part]) for part in _PARTS)
    except OSError as error:
        raise CannotRunError(f"--remember: {path} can't be read: {error.strerror}.") from None
    except (ValueError, TypeError, strict_json.StrictJsonError):
        raise CannotRunError(
            f"--remember: {path} is no file of this option's; name a new one."
        ) from None
    if told["endpoint"] != endpoint:
        other = printable(str(told["endpoint"]))
        raise CannotRunError(f"--remember: {path} is about {other}; give each endpoint its own.")
    return Memory(endpoint, path, documents, footprints)


def _seen(told: object) -> dict[str, Seen]:
    """One part of the file. Raises ValueError or TypeError for what is none."""
    if not isinstance(told, Mapping):
        raise ValueError
    found = {str(name): Seen(**one) for name, one in told.items()}
    if not all(isinstance(value, str) for seen in found.values() for value in vars(seen).values()):
        raise ValueError
    return found
