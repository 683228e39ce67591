"""What a conversion could not carry, or had to assume: said, never silent."""

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that the result lacks or assumes, at a JSON pointer.

    ``kind`` is ``dropped`` (no place for it; the pointer is the source's), ``approximated``
    (carried less exactly), ``assumed`` (needed, not in the source, and filled in) or ``missing``
    (needed, not in the source, and left out rather than invented).
    """

    pointer: str
    kind: Literal["dropped", "approximated", "assumed", "missing"]
    text: str


@dataclass(frozen=True, slots=True)
class Converted:
    """A converted document with all its losses."""

    document: dict[str, Any]
    losses: tuple[Loss, ...] = ()


class ConversionError(Exception):
    """What cannot be converted: where (a JSON pointer, empty for the whole) and why."""

    def __init__(self, pointer: str, text: str) -> None:
        super().__init__(f"{pointer or 'the whole'}: {text}")
        self.pointer = pointer
        self.text = text
