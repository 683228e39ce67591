"""A static folder as the suite reads it: the index and the files that it promises."""

from __future__ import annotations

from functools import cached_property
from urllib.parse import quote

from scdx_conformance.listing import Entry, text
from scdx_conformance.target import Target
from scdx_conformance.wire import Exchange


class StaticFolder:
    """The folder below the base URL, read without credentials."""

    def __init__(self, target: Target) -> None:
        self.target = target

    @cached_property
    def answer(self) -> Exchange:
        """What asking for the index gave."""
        return self.fetch("/scdx/1/index.json")

    @property
    def index(self) -> dict[str, object]:
        """The index, or an empty object."""
        return self.answer.json_object() if self.answer.status == 200 else {}

    @property
    def entries(self) -> list[Entry]:
        """The entries that are objects, as many as a run looks at."""
        data = self.index.get("data")
        found = [e for e in data if isinstance(e, dict)] if isinstance(data, list) else []
        return found[: self.target.settings.max_documents]

    @cached_property
    def newest(self) -> dict[str, Entry]:
        """The newest entry of each id."""
        return {text(entry, "id"): entry for entry in self.entries if text(entry, "id")}

    @property
    def keys(self) -> list[dict[str, object]]:
        """The document keys of the index."""
        keys = self.index.get("keys")
        listed = keys.get("keys") if isinstance(keys, dict) else None
        return [key for key in listed or [] if isinstance(key, dict)]

    def fetch(self, path: str) -> Exchange:
        """GET below the base URL, without credentials."""
        return self.target.wire.send("GET", self.target.url(path))

    @cached_property
    def documents(self) -> dict[str, Exchange]:
        """The document files of the entries that have one, by id."""
        return {
            name: self.fetch(f"/scdx/1/documents/{quote(name, safe='')}.json")
            for name, entry in self.newest.items()
            if entry.get("state") in ("current", "deprecated")
        }
