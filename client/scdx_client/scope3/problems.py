"""What can be wrong with an input: a file that can't be used at all, or one cell of it."""

from dataclasses import dataclass


class InputError(Exception):
    """A file can't be used. The message says which one, where, and what to do."""


@dataclass(frozen=True)
class Issue:
    """One cell (or line) of the ledger that can't be used; the line becomes a gap.

    ``row`` counts as a spreadsheet does: the header is row 1.
    """

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column}: {self.message}"


def shown(text: str, longest: int = 40) -> str:
    """Foreign text, safe to print: control characters gone, and short."""
    clean = "".join(c if c.isprintable() else "?" for c in text)
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"
