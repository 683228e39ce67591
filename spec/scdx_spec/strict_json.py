"""JSON that every language reads alike: names once, no NaN, no lone surrogates, bounded depth.

Python's ``json`` accepts all of these, and engines further on crash or disagree over them
(JSN-01 to JSN-05), so nothing in SCDX parses JSON from outside but through :func:`loads`.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn, TypeAlias

JsonValue: TypeAlias = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None

MAX_DEPTH: Final = 64
MAX_INTEGER: Final = 2**53
MAX_VALUES: Final = 20_000
_SURROGATE = re.compile("[\ud800-\udfff]")
_LONGEST_NUMBER: Final = 400
_REQUIREMENTS: Final = {
    "syntax": "JSN-01",
    "not_utf8": "JSN-01",
    "size": "JSN-01",
    "duplicate_key": "JSN-02",
    "not_finite": "JSN-03",
    "integer_range": "JSN-03",
    "lone_surrogate": "JSN-04",
    "depth": "JSN-05",
}


class StrictJsonError(ValueError):
    """The text is not JSON as this standard has it; ``reason`` is a key of the table above."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.requirement = _REQUIREMENTS[reason]


def loads(
    raw: bytes | str, *, max_depth: int = MAX_DEPTH, max_bytes: int | None = None
) -> JsonValue:
    """Parse JSON text strictly. Finite fractions pass (PACT 2.x has them); schemas judge those.

    Raises :class:`StrictJsonError`; nothing else, whatever the input.
    """
    if max_bytes is not None and len(raw) > max_bytes:
        raise StrictJsonError("size", f"more than {max_bytes} bytes")
    try:
        text = raw if isinstance(raw, str) else raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StrictJsonError("not_utf8", f"not UTF-8 at byte {error.start}") from None
    _guard_depth(text, max_depth)
    try:
        value: JsonValue = _DECODER.decode(text)
    except StrictJsonError:
        raise
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise StrictJsonError("syntax", f"not JSON at {where}: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise StrictJsonError("syntax", f"not JSON: {type(error).__name__}") from None
    if "\\u" in text or (isinstance(raw, str) and _SURROGATE.search(text)):
        _guard_surrogates(value)
    return value


def is_sound(value: Any) -> bool:
    """Whether :func:`violations` has nothing to tell; sooner, level by level, without pointers."""
    level: list[Any] = [value]
    texts: list[Any] = []
    seen = depth = 0
    while True:
        if depth == MAX_DEPTH and any(type(node) in (dict, list) for node in level):
            return False
        below: list[Any] = []
        for node in level:
            kind = type(node)
            if kind is str:
                texts.append(node)
            elif kind is dict:
                below += node.values()
                texts += node
            elif kind is list:
                below += node
            elif kind is int:
                if not -MAX_INTEGER <= node <= MAX_INTEGER:
                    return False
            elif kind is float:
                if not math.isfinite(node):
                    return False
            elif kind is not bool and node is not None:
                return False
        seen += len(level)
        if seen > MAX_VALUES:
            return False
        if not below:
            return _has_no_surrogates(texts)
        level = below
        depth += 1


def _has_no_surrogates(texts: list[Any]) -> bool:
    try:
        joined = "".join(texts)
    except TypeError:  # a name that is no string
        return False
    return joined.isascii() or not _SURROGATE.search(joined)


def violations(value: object) -> Iterator[tuple[str, str]]:
    """Requirement and pointer of what no JSON text could have given: guards for parsed values.

    Walks without recursion; stops below the depth limit and at the limit of values (JSN-06).
    """
    if is_sound(value):
        return
    stack: list[tuple[object, str, int]] = [(value, "", 0)]
    seen = 0
    while stack:
        node, pointer, depth = stack.pop()
        seen += 1
        if seen > MAX_VALUES:
            yield "JSN-06", ""
            return
        if isinstance(node, dict | list) and depth >= MAX_DEPTH:
            yield "JSN-05", pointer
            continue
        if isinstance(node, dict):
            for name, child in node.items():
                if not isinstance(name, str):
                    yield "JSN-01", pointer
                    continue
                if _SURROGATE.search(name):
                    yield "JSN-04", pointer
                    continue
                stack.append((child, f"{pointer}/{escape(name)}", depth + 1))
        elif isinstance(node, list):
            stack += [(child, f"{pointer}/{i}", depth + 1) for i, child in enumerate(node)]
        elif isinstance(node, bool) or node is None:
            continue
        elif isinstance(node, int):
            if abs(node) > MAX_INTEGER:
                yield "JSN-03", pointer
        elif isinstance(node, float):
            if not math.isfinite(node):
                yield "JSN-03", pointer
        elif isinstance(node, str):
            if _SURROGATE.search(node):
                yield "JSN-04", pointer
        else:
            yield "JSN-01", pointer


def escape(name: str) -> str:
    """One step of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def _guard_depth(text: str, limit: int) -> None:
    """Look at the brackets outside strings before the recursive parser sees them.

    One level is taken away at a time, from the innermost, until nothing is left.
    """
    outside = _STRING.sub("", text) if "\\" in text else "".join(text.split('"')[::2])
    brackets = _OTHER.sub("", outside).translate(_ONE_KIND)
    for _ in range(limit):
        if not brackets:
            return
        brackets = brackets.replace("[]", "")
    if brackets:
        _count_depth(text, limit)


def _count_depth(text: str, limit: int) -> None:
    """The same where brackets aren't in pairs, or too many."""
    depth = 0
    for match in _STRUCTURE.finditer(text):
        token = match[0]
        if token in "[{":
            depth += 1
            if depth > limit:
                raise StrictJsonError("depth", f"nested deeper than {limit} levels")
        elif token in "]}":
            depth -= 1


def _guard_surrogates(value: JsonValue) -> None:
    for requirement, pointer in violations(value):
        if requirement == "JSN-04":
            raise StrictJsonError("lone_surrogate", f"a lone surrogate at {pointer or 'the top'}")


def _unique(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise StrictJsonError("duplicate_key", "an object has two members of the same name")
    return members


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > MAX_INTEGER:
        raise StrictJsonError("integer_range", "a whole number beyond 2^53")
    return int(text)


def _fraction(text: str) -> float:
    number = float(text) if len(text) <= _LONGEST_NUMBER else math.inf
    if not math.isfinite(number):
        raise StrictJsonError("not_finite", "a number that is not finite")
    return number


def _constant(_: str) -> NoReturn:
    raise StrictJsonError("not_finite", "NaN or Infinity")


_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_OTHER = re.compile(r"[^][{}]+")
_ONE_KIND = str.maketrans("{}", "[]")
_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_int=_integer,
    parse_float=_fraction,
    parse_constant=_constant,
)
