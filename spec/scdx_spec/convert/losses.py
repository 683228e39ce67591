"""What a conversion could not carry, or had to assume: said, never silent."""

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that the result lacks or assumes, at a JSON pointer.

    ``kind`` is ``dropped`` (no place for it), ``approximated`` (carried less exactly) or
    ``assumed`` (not in the source, and needed).
    """

    pointer: str
    kind: Literal["dropped", "approximated", "assumed"]
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
