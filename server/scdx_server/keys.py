"""The server's keys: one signs documents' statements, one signs tokens, one hashes secrets.

They lie in the data folder's ``keys/``, readable by the owner alone; documents' keys and tokens'
keys are never the same (COR-09).
"""

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from scdx_server.database import StoreError
from scdx_spec import statements


@dataclass(frozen=True, slots=True)
class Keys:
    """Private keys as JWKs, and the pepper of secrets' hashes."""

    document: dict[str, str]
    token: dict[str, str]
    pepper: bytes

    def hashed(self, secret: str) -> str:
        """The keyed hash of a buyer's secret, as the database holds it."""
        return hmac.new(self.pepper, secret.encode(), hashlib.sha256).hexdigest()


def create(folder: Path) -> Keys:
    """Make new keys in a data folder."""
    place = folder / "keys"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("document", "token"):
        _write(place / f"{name}.json", json.dumps(statements.generate_key(), indent=1))
    _write(place / "pepper", secrets.token_hex(32))
    return load(folder)


def load(folder: Path) -> Keys:
    """The keys of a data folder. Raises ``StoreError`` where they are missing or damaged."""
    place = folder / "keys"
    try:
        return Keys(
            document=json.loads((place / "document.json").read_text("utf-8")),
            token=json.loads((place / "token.json").read_text("utf-8")),
            pepper=bytes.fromhex((place / "pepper").read_text("utf-8")),
        )
    except (OSError, ValueError):
        raise StoreError(
            f"the keys in {place} are missing or damaged; restore them from a backup"
        ) from None


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
