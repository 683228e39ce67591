"""The conformance suite: point it at any endpoint and it says which requirements are kept.

It is an installed pytest package. It shares no code with the server or the client, only the
standard itself (``scdx_spec``), so a shared bug can't hide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scdx_conformance.report import Report
    from scdx_conformance.run import run
    from scdx_conformance.settings import CannotRunError, Settings

__all__ = ["CannotRunError", "Report", "Settings", "run"]

_HOMES = {"CannotRunError": "settings", "Report": "report", "Settings": "settings", "run": "run"}


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
