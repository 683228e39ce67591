"""The server's keys: one signs documents' statements, one signs tokens, one hashes secrets.

They lie in the data folder's ``keys/``, readable by the owner alone; documents' keys and tokens'
keys are never the same (COR-09). Keys that were rotated away sign nothing; their public parts stay
beside the new ones, so that what they signed still verifies.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast
from uuid import uuid4

from scdx_server.database import StoreError
from scdx_spec import statements

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

_RETIRED, _ROTATIONS = "retired.json", "rotations.json"


@dataclass(frozen=True, slots=True)
class Keys:
    """Private keys as JWKs, the pepper of secrets' hashes, and what documents' keys came before.

    ``rotations`` are JWS by which each old key names its successor.
    """

    document: dict[str, str]
    token: dict[str, str]
    pepper: bytes
    retired: list[dict[str, str]] = field(default_factory=list)
    rotations: list[str] = field(default_factory=list)

    def hashed(self, secret: str) -> str:
        """The keyed hash of a secret, as the database holds it."""
        return hmac.new(self.pepper, secret.encode(), hashlib.sha256).hexdigest()

    @property
    def public(self) -> dict[str, object]:
        """The keys that verify documents' statements, the one in use first."""
        shown: dict[str, object] = {
            "keys": [statements.public_key(one) for one in (self.document, *self.retired)]
        }
        return {**shown, "rotations": self.rotations} if self.rotations else shown

    def sealed(self, text: str) -> str:
        """A text that has to be read again (a partner's secret), encrypted."""
        return str(self._fernet().encrypt(text.encode()), "ascii")

    def opened(self, sealed: str) -> str:
        """What :meth:`sealed` encrypted. Raises :class:`StoreError` for anything else."""
        from cryptography.fernet import InvalidToken

        try:
            return str(self._fernet().decrypt(sealed.encode("ascii")), "utf-8")
        except (InvalidToken, ValueError):
            raise StoreError(
                "a partner's secret was sealed with another key; set it anew"
            ) from None

    def _fernet(self) -> "Fernet":
        from cryptography.fernet import Fernet

        own = hmac.new(self.pepper, b"partners' secrets", hashlib.sha256).digest()
        return Fernet(base64.urlsafe_b64encode(own))


class KeyRing:
    """The keys of a data folder, read again when a rotation has changed the folder."""

    def __init__(self, folder: Path) -> None:
        self._place = folder / "keys"
        self._seen = self._changed()
        self._keys = load(folder)

    @property
    def keys(self) -> Keys:
        """The keys of now."""
        changed = self._changed()
        if changed != self._seen:
            self._keys, self._seen = load(self._place.parent), changed
        return self._keys

    def _changed(self) -> int:
        try:
            return self._place.stat().st_mtime_ns
        except OSError:
            return 0  # loading says what is missing


def create(folder: Path) -> Keys:
    """Make new keys in a data folder."""
    place = folder / "keys"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("document", "token"):
        _write(place / f"{name}.json", json.dumps(statements.generate_key(), indent=1))
    _write(place / "pepper", secrets.token_hex(32))
    return load(folder)


def refuse_where_there_are(folder: Path) -> None:
    """Raise :class:`StoreError` where a data folder has keys."""
    if (folder / "keys" / "pepper").exists():
        raise StoreError(f"{folder} holds a server already; choose another --data")


def load(folder: Path) -> Keys:
    """The keys of a data folder. Raises ``StoreError`` where they are missing or damaged."""
    place = folder / "keys"
    try:
        return Keys(
            document=json.loads((place / "document.json").read_text("utf-8")),
            token=json.loads((place / "token.json").read_text("utf-8")),
            pepper=bytes.fromhex((place / "pepper").read_text("utf-8")),
            retired=cast("list[dict[str, str]]", _list(place / _RETIRED)),
            rotations=cast("list[str]", _list(place / _ROTATIONS)),
        )
    except (OSError, ValueError):
        raise StoreError(
            f"the keys in {place} are missing or damaged; restore them from a backup"
        ) from None


def rotate_document_key(folder: Path, issuer: str, *, now: datetime | None = None) -> str:
    """Sign with a new key from now on; the old one signs that it does. Gives the new ``kid``.

    Raises ``StoreError`` where the keys are missing.
    """
    old = load(folder)
    new = statements.generate_key()
    word = statements.rotation(
        iss=issuer, new_key=statements.public_key(new), old_key=old.document,
        at=now or datetime.now(UTC),
    )  # fmt: skip
    place = folder / "keys"
    # The public parts first: whatever is signed can be verified at every moment.
    _replace(place / _ROTATIONS, json.dumps([*old.rotations, word], indent=1))
    retired = [statements.public_key(old.document), *old.retired]
    _replace(place / _RETIRED, json.dumps(retired, indent=1))
    _replace(place / "document.json", json.dumps(new, indent=1))
    return new["kid"]


def rotate_token_key(folder: Path) -> str:
    """Sign tokens with a new key; those of the old one end. Gives the new ``kid``."""
    load(folder)
    new = statements.generate_key()
    _replace(folder / "keys" / "token.json", json.dumps(new, indent=1))
    return new["kid"]


def _list(path: Path) -> list[object]:
    if not path.exists():
        return []
    found = json.loads(path.read_text("utf-8"))
    return found if isinstance(found, list) else []


def _replace(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}-{uuid4().hex}")
    _write(fresh, text)
    os.replace(fresh, path)


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
