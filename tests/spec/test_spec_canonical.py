"""Canonical bytes: the short way gives what RFC 8785's own library gives, or leaves it to it."""

from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from scdx_spec.canonical import canonical_bytes, stored_form
from scdx_spec.data import load_json

LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**60), 2**60), st.floats(), st.text(),
    st.text("\x00\x1f\x7f\u2028\\\"/é\ud83d\U0001f600é:[,0.1e9"),
    st.from_regex(r"[:\[,]-?[0-9]{1,20}\.?"),
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=600, deadline=None)
@given(st.dictionaries(st.text(max_size=6), VALUES, max_size=6))
def test_the_short_way_is_the_same_way(document: dict[str, Any]) -> None:
    try:
        expected: bytes | None = rfc8785.dumps(stored_form(document))  # type: ignore[arg-type]
    except (rfc8785.CanonicalizationError, RecursionError):
        expected = None
    if expected is None:
        with pytest.raises(ValueError, match="no canonical form"):
            canonical_bytes(document)
    else:
        assert canonical_bytes(document) == expected


@pytest.mark.parametrize(
    "name", ["product-footprint.json", "supplier-disclosure.json", "product-declaration.json"]
)
def test_examples_are_the_same(name: str) -> None:
    document = load_json(f"examples/{name}")
    assert canonical_bytes(document) == rfc8785.dumps(stored_form(document))  # type: ignore[arg-type]
