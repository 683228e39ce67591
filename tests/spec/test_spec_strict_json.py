"""Strict JSON: what is refused, for which reason, and in which words; and what is not."""

import json
import math
from typing import Any

import pytest

from scdx_spec.strict_json import (
    MAX_DEPTH,
    MAX_INTEGER,
    MAX_VALUES,
    StrictJsonError,
    escape,
    is_sound,
    loads,
    violations,
)


def nested(levels: int, *, opening: str = "[", closing: str = "]") -> str:
    return opening * levels + closing * levels


REFUSED: list[tuple[Any, str, str, str]] = [
    (b"", "syntax", "JSN-01", "not JSON at line 1, column 1: Expecting value"),
    (b'{"a": 1,\n "b" 2}', "syntax", "JSN-01",
     "not JSON at line 2, column 6: Expecting ':' delimiter"),
    (b"[1] [2]", "syntax", "JSN-01", "not JSON at line 1, column 5: Extra data"),
    (b'\xef\xbb\xbf{}', "syntax", "JSN-01",
     "not JSON at line 1, column 1: Expecting value"),
    (b'{"a": "\xe5"}', "not_utf8", "JSN-01", "not UTF-8 at byte 7"),
    (b'{"a": 1, "b": 2, "a": 1}', "duplicate_key", "JSN-02",
     "an object has two members of the same name"),
    (b'[{"deep": {"x": 1, "x": 2}}]', "duplicate_key", "JSN-02",
     "an object has two members of the same name"),
    (b"[NaN]", "not_finite", "JSN-03", "NaN or Infinity"),
    (b"[-Infinity]", "not_finite", "JSN-03", "NaN or Infinity"),
    (b"[1e999]", "not_finite", "JSN-03", "a number that is not finite"),
    (b"[-1e999]", "not_finite", "JSN-03", "a number that is not finite"),
    (b"[0." + b"1" * 399 + b"]", "not_finite", "JSN-03", "a number that is not finite"),
    (b"[9007199254740993]", "integer_range", "JSN-03", "a whole number beyond 2^53"),
    (b"[-9007199254740993]", "integer_range", "JSN-03", "a whole number beyond 2^53"),
    (b"[" + b"9" * 5000 + b"]", "integer_range", "JSN-03", "a whole number beyond 2^53"),
    (rb'{"a": ["x", "\ud83d"]}', "lone_surrogate", "JSN-04", "a lone surrogate at /a/1"),
    (rb'"\ud83d"', "lone_surrogate", "JSN-04", "a lone surrogate at the top"),
    (rb'{"a/b~c": {"\ude00": 1}}', "lone_surrogate", "JSN-04", "a lone surrogate at /a~1b~0c"),
    ('["\ud83d"]', "lone_surrogate", "JSN-04", "a lone surrogate at /0"),
    (nested(MAX_DEPTH + 1), "depth", "JSN-05", "nested deeper than 64 levels"),
    (nested(MAX_DEPTH + 1, opening='{"a":', closing="}"), "depth", "JSN-05",
     "nested deeper than 64 levels"),
    (rb'["\"", ' + b"[" * 70, "depth", "JSN-05", "nested deeper than 64 levels"),
    (b'["a", "b", ' + b"[" * 70, "depth", "JSN-05", "nested deeper than 64 levels"),
    (b"[ " * 70, "depth", "JSN-05", "nested deeper than 64 levels"),
    (b"[[]," * 70, "depth", "JSN-05", "nested deeper than 64 levels"),
    (b"[" * 100_000, "depth", "JSN-05", "nested deeper than 64 levels"),
    (b'["\\\\"' + b", [" * 70, "depth", "JSN-05", "nested deeper than 64 levels"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "reason", "requirement", "message"), REFUSED, ids=map(str, range(len(REFUSED)))
)
def test_what_is_refused_says_why(raw: Any, reason: str, requirement: str, message: str) -> None:
    with pytest.raises(StrictJsonError) as error:
        loads(raw)
    assert (error.value.reason, error.value.requirement) == (reason, requirement)
    assert str(error.value) == message


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a": [1, 2.5, -0.0, true, false, null, "x", {}, []]}',
        b"[9007199254740992, -9007199254740992]",
        b"[0." + b"1" * 398 + b"]",
        '{"\u00e5": "\U0001f600"}'.encode(),
        rb'["\ud83d\ude00", "\u00e5", "\\ud83d"]',
        '["\U0001f600"]',
        nested(MAX_DEPTH).encode(),
        b'{"a":' * (MAX_DEPTH - 1) + b"{}" + b"}" * (MAX_DEPTH - 1),
        json.dumps(["[" * 100, "{" * 100, '"' + "[" * 100, "\\" + "[" * 100]).encode(),
        json.dumps([[[]] * 200] * 200).encode(),
    ],
    ids=map(str, range(10)),
)
def test_what_is_json_is_read_as_json_reads_it(raw: bytes | str) -> None:
    assert loads(raw) == json.loads(raw)


def test_brackets_that_do_not_pair_are_no_depth() -> None:
    """Levels that were closed count no more, and a bracket of another kind is the parser's."""
    assert loads("[" + ",".join(["[[]]"] * 100) + "]", max_depth=3) == [[[]]] * 100
    with pytest.raises(StrictJsonError, match="not JSON"):
        loads("[" + "[], " * 200 + "]]")
    with pytest.raises(StrictJsonError, match="not JSON"):
        loads("[}" * 40)
    with pytest.raises(StrictJsonError, match="not JSON"):
        loads("]" * 200)
    with pytest.raises(StrictJsonError, match="nested deeper than 2 levels"):
        loads("[[[]]]", max_depth=2)
    with pytest.raises(StrictJsonError, match="nested deeper than 2 levels"):
        loads('[[], ["\\"]", [', max_depth=2)
    with pytest.raises(StrictJsonError, match="not JSON"):
        loads('[["[[[["', max_depth=2)


def test_the_largest_text() -> None:
    assert loads(b"[1]", max_bytes=3) == [1]
    with pytest.raises(StrictJsonError, match="more than 2 bytes") as error:
        loads(b"[1]", max_bytes=2)
    assert (error.value.reason, error.value.requirement) == ("size", "JSN-01")


VIOLATIONS: list[tuple[Any, list[tuple[str, str]]]] = [
    ({"a": [1, {"b": math.nan}]}, [("JSN-03", "/a/1/b")]),
    ([math.inf, -math.inf], [("JSN-03", "/1"), ("JSN-03", "/0")]),
    ({"a": MAX_INTEGER + 1, "b": -MAX_INTEGER - 1}, [("JSN-03", "/b"), ("JSN-03", "/a")]),
    ({"a": MAX_INTEGER, "b": -MAX_INTEGER, "c": True, "d": None}, []),
    ({"a/b": {"~": "\ud83d"}}, [("JSN-04", "/a~1b/~0")]),
    ({"a": {"\ud83d": 1}, "b": math.nan}, [("JSN-03", "/b"), ("JSN-04", "/a")]),
    ({"a": {1: 2}}, [("JSN-01", "/a")]),
    ({"a": {1, 2}}, [("JSN-01", "/a")]),
    ((1, 2), [("JSN-01", "")]),
    (b"bytes", [("JSN-01", "")]),
]


@pytest.mark.parametrize(("value", "told"), VIOLATIONS, ids=map(str, range(len(VIOLATIONS))))
def test_values_that_no_text_gives_are_told_with_their_place(
    value: Any, told: list[tuple[str, str]]
) -> None:
    assert list(violations(value)) == told
    assert is_sound(value) is not bool(told)


def test_the_deepest_value_and_the_longest() -> None:
    deep: Any = []
    for _ in range(MAX_DEPTH - 1):
        deep = [deep]
    assert is_sound(deep)
    assert not list(violations(deep))
    assert not is_sound([deep])
    assert list(violations([deep])) == [("JSN-05", "/0" * MAX_DEPTH)]
    assert list(violations({"a": [deep]})) == [("JSN-05", "/a" + "/0" * (MAX_DEPTH - 1))]
    assert is_sound([1] * (MAX_VALUES - 1))
    assert not is_sound([1] * MAX_VALUES)
    assert list(violations([1] * MAX_VALUES)) == [("JSN-06", "")]
    assert list(violations([[1] * (MAX_VALUES // 2)] * 2)) == [("JSN-06", "")]


def test_a_value_of_a_subclass_is_not_sound_and_breaks_nothing() -> None:
    class Text(str):
        pass

    class Object(dict[str, Any]):
        pass

    for value in (Text("a"), Object(a=1), {Text("a"): Text("b")}, [Object()]):
        assert list(violations(value)) == []
    assert not is_sound(Object(a=1))
    assert not is_sound([Text("a")])


def test_a_step_of_a_pointer() -> None:
    assert escape("a/b~c~1") == "a~1b~0c~01"
