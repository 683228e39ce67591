"""Events that clients send: read as the chapter pact-3 has them."""

from __future__ import annotations

from typing import Any

from scdx_spec import strict_json
from scdx_spec.shape import shape_findings

PATH = "/3/events"
REQUEST = "org.wbcsd.pact.ProductFootprint.RequestCreatedEvent.3"


def read_event(body: bytes) -> dict[str, Any] | None:
    """An event of the form of its type, without members that are null; None for anything else."""
    try:
        event = _without_nulls(strict_json.loads(body))
    except strict_json.StrictJsonError:
        return None
    return event if isinstance(event, dict) and not shape_findings(event, "events") else None


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(child) for name, child in value.items() if child is not None}
    return [_without_nulls(child) for child in value] if isinstance(value, list) else value
