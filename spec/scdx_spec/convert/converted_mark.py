"""The sentence in ``comment`` by which a converted footprint says so, wherever it travels."""

import re

from scdx_spec.convert.losses import Loss

_MARK = re.compile(r"(^|\n)Converted from PACT [0-9.-]{1,25}(; [a-z]{5,15}: [A-Za-z0-9/, ]+)*\.$")
_LONGEST = 10_000  # characters of a comment in this standard's schema


def marked(comment: str, version: str, losses: list[Loss]) -> str:
    """The comment with a last line that names the figures that were assumed or approximated.

    A mark of an earlier conversion is replaced, and a comment without room for it stays.
    """
    plain = unmarked(comment)
    named: dict[str, list[str]] = {"assumed": [], "approximated": []}
    for loss in losses:
        leaf = loss.pointer.removeprefix("/pcf/")
        if loss.kind in named and loss.pointer.startswith("/pcf/") and leaf not in named[loss.kind]:
            named[loss.kind].append(leaf)
    parts = [f"{kind}: {', '.join(names)}" for kind, names in named.items() if names]
    if not parts:
        return plain
    mark = "; ".join([f"Converted from PACT {version}", *parts]) + "."
    full = f"{plain}\n{mark}" if plain else mark
    return full if len(full) <= _LONGEST else plain


def unmarked(comment: str) -> str:
    """The comment as its author wrote it."""
    found = _MARK.search(comment, max(0, len(comment) - 2_000))
    return comment[: found.start()] if found else comment
