"""Where documents come from: SCDX servers, static folders, PACT 3 hosts.

Each source is a function that yields :class:`Page` after page; what a page holds is kept whole or
not at all, and its position is stored with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from scdx_client.auth import Session
from scdx_client.errors import ProtocolError
from scdx_client.transport import Answer
from scdx_client.workspace import Received, Supplier
from scdx_spec import strict_json

__all__ = ["Page", "Source", "json_object", "objects"]


@dataclass(slots=True)
class Page:
    """What one answer brought: documents, ids that are withdrawn or gone, and where to resume."""

    documents: list[Received] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    position: str = ""
    keys: list[dict[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    complete: bool = False
    """Whether all pages together were the whole list, so that what is missing is gone."""


class Source(Protocol):
    """A way to pull from one kind of endpoint."""

    def __call__(self, session: Session, supplier: Supplier, now: datetime) -> Iterator[Page]: ...


def json_object(answer: Answer, what: str) -> dict[str, strict_json.JsonValue]:
    """The JSON object of a good answer. Raises :class:`ProtocolError` for anything else."""
    if answer.status != 200:
        raise ProtocolError(f"{what}: the supplier answers with status {answer.status}")
    try:
        value = strict_json.loads(answer.body)
    except strict_json.StrictJsonError as error:
        raise ProtocolError(f"{what}: not strict JSON: {error}") from None
    if not isinstance(value, dict):
        raise ProtocolError(f"{what}: not a JSON object")
    return value


def objects(
    value: dict[str, strict_json.JsonValue], what: str
) -> tuple[list[dict[str, strict_json.JsonValue]], int]:
    """The objects of ``data``, and how many entries were none.

    Raises :class:`ProtocolError` where ``data`` is no array.
    """
    data = value.get("data")
    if not isinstance(data, list):
        raise ProtocolError(f"{what}: data is not an array")
    found = [one for one in data if isinstance(one, dict)]
    return found, len(data) - len(found)
