"""A document to convert, read member by member: typed, null as absent, nothing lost in silence."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any, TypeVar

from scdx_spec import strict_json
from scdx_spec.convert.amounts import amount
from scdx_spec.convert.losses import ConversionError, Loss
from scdx_spec.strict_json import escape

_WORDS = {str: "text", bool: "true or false", int: "a number", float: "a number"}
_T = TypeVar("_T")


class Source:
    """One object of the document. What nobody read of it is left over (:meth:`left_over`)."""

    def __init__(self, value: Mapping[str, Any], pointer: str = "") -> None:
        self._value = value
        self.pointer = pointer
        self._read: set[str] = set()

    def at(self, name: str) -> str:
        """The JSON pointer of a member."""
        return f"{self.pointer}/{escape(name)}"

    def value(self, name: str) -> Any:
        """A copy of whatever the member is; ``None`` where it is absent or null."""
        self._read.add(name)
        return deepcopy(self._value.get(name))

    def has(self, name: str) -> bool:
        """Whether the member is there and not null."""
        return self._value.get(name) is not None

    def text(self, name: str) -> str | None:
        """A text member. Raises :class:`ConversionError` where it is something else."""
        return self._typed(name, self.value(name), str, "text")

    def flag(self, name: str) -> bool | None:
        """A member that is true or false. Raises :class:`ConversionError` otherwise."""
        return self._typed(name, self.value(name), bool, "true or false")

    def amount(self, name: str) -> Decimal | None:
        """A decimal string or a JSON number. Raises :class:`ConversionError` otherwise."""
        found = self.value(name)
        return None if found is None else amount(found, self.at(name))

    def texts(self, name: str) -> list[str]:
        """A list of texts; empty where it is absent. Raises :class:`ConversionError` otherwise."""
        found = self._typed(name, self.value(name), list, "a list") or []
        return [self._item(name, i, one, str, "text") for i, one in enumerate(found)]

    def objects(self, name: str) -> list[dict[str, Any]]:
        """A list of objects, without their nulls. Raises :class:`ConversionError` otherwise."""
        found = self._typed(name, self.value(name), list, "a list") or []
        objects = (self._item(name, i, one, dict, "an object") for i, one in enumerate(found))
        return [{k: v for k, v in one.items() if v is not None} for one in objects]

    def below(self, name: str) -> "Source | None":
        """The object that a member is. Raises :class:`ConversionError` where it is no object."""
        found = self._typed(name, self.value(name), dict, "an object")
        return None if found is None else Source(found, self.at(name))

    def needed(self, name: str, found: _T | None) -> _T:
        """What was read of a member. Raises :class:`ConversionError` where it is absent."""
        if found is None:
            raise ConversionError(self.at(name), "it is missing, and nothing can stand in for it")
        return found

    def left_over(self, ignored: Iterable[str] = ()) -> list[Loss]:
        """A loss for every member with a value that nobody read."""
        names = (
            name for name in self._value if name not in self._read and name not in set(ignored)
        )
        text = "the other form has no place for it"
        return [Loss(self.at(name), "dropped", text) for name in names if self.has(name)]

    def _typed(self, name: str, found: Any, kind: type[_T], wanted: str) -> _T | None:
        if found is None:
            return None
        if not isinstance(found, kind):
            raise ConversionError(self.at(name), f"{wanted} is needed here, not {_word(found)}")
        return found

    def _item(self, name: str, index: int, found: Any, kind: type[_T], wanted: str) -> _T:
        if not isinstance(found, kind):
            where = f"{self.at(name)}/{index}"
            raise ConversionError(where, f"{wanted} is needed here, not {_word(found)}")
        return found


def opened(document: object) -> Source:
    """A parsed document. Raises :class:`ConversionError` where it isn't a plain JSON object."""
    for requirement, pointer in strict_json.violations(document):
        raise ConversionError(pointer, f"it is not JSON as this standard has it ({requirement})")
    if not isinstance(document, dict):
        raise ConversionError("", f"a document is an object, not {_word(document)}")
    return Source(document)


def _word(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    return _WORDS.get(type(value), "something else")
