"""check() is total: any input gives findings; and both engines of each kind agree."""

import base64
import copy
import json
import math
from datetime import UTC, datetime
from typing import Any

import cel_witness
import pytest
import standard_laws as laws
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scdx_spec.check import MAX_FINDINGS, breaks_must, check, check_bytes, kind_of
from scdx_spec.data import ROOT, examples
from scdx_spec.misspelling import misspelt, one_edit
from scdx_spec.profiles import judge_profile, profile_names
from scdx_spec.requirements import load_requirements
from scdx_spec.rules import groups, judged, rule_findings, sites
from scdx_spec.shape import SCHEMAS, shape_findings, validator
from scdx_spec.strict_json import is_sound, violations

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SECOND = laws.second_opinion(ROOT)
EXAMPLES = examples()
SLOW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

texts = st.text(max_size=12) | st.sampled_from(
    ["", "0", "-1", "12.5", "1e5", "2026-02-30", "2026-12-31", "SE", "https://example.com", "own"]
)
leaves = (
    st.none() | st.booleans() | st.integers(-(2**54), 2**54) | st.floats(allow_nan=False) | texts
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "kgCO2e", "state", "in", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A valid document with one to three of its parts removed, replaced, or beside a new one."""
    document = copy.deepcopy(EXAMPLES[draw(st.sampled_from(sorted(EXAMPLES)))])
    for _ in range(draw(st.integers(1, 3))):
        holder: Any = document
        for _ in range(draw(st.integers(0, 6))):
            inner = _children(holder)
            if not inner:
                break
            holder = draw(st.sampled_from(inner))
        if isinstance(holder, dict) and holder:
            name = draw(st.sampled_from(sorted(holder)) | st.text(max_size=8))
            if draw(st.booleans()):
                holder.pop(name, None)
            else:
                holder[name] = draw(values)
        elif isinstance(holder, list):
            holder.append(draw(values))
    return document


def _children(node: Any) -> list[Any]:
    inner = node.values() if isinstance(node, dict) else node
    return [one for one in inner if isinstance(one, dict | list)]


@given(values | st.dictionaries(st.text(max_size=6), values, max_size=5))
@SLOW
def test_any_value_gives_findings(value: Any) -> None:
    assert breaks_must(check(value, now=NOW))


@given(mutated())
@SLOW
def test_a_spoilt_document_gives_findings_of_known_requirements(document: dict[str, Any]) -> None:
    found = check(document, now=NOW)
    known = load_requirements()
    assert len(found) <= MAX_FINDINGS
    for one in found:
        assert one.requirement in known
        assert one.message
        assert one.fix
    for name in profile_names():
        judge_profile(document, name, now=NOW)


@given(mutated())
@SLOW
def test_a_document_that_went_through_text_is_judged_alike(document: dict[str, Any]) -> None:
    if is_sound(document):
        raw = json.dumps(document, ensure_ascii=False).encode()
        assert check_bytes(raw, now=NOW) == check(document, now=NOW)


@given(mutated())
@SLOW
def test_both_schema_engines_agree_on_spoilt_documents(document: dict[str, Any]) -> None:
    kind = kind_of(document)
    if kind is not None and is_sound(document):
        schema = SCHEMAS[kind]
        assert validator(schema).is_valid(document) == SECOND[schema].is_valid(document)


@given(mutated())
@SLOW
def test_both_rule_engines_agree_on_spoilt_documents(document: dict[str, Any]) -> None:
    kind = kind_of(document)
    if kind is None or not is_sound(document):
        return
    shapely = not shape_findings(document, SCHEMAS[kind])
    for site in sites(document, kind, now=NOW):
        for program, outcome in judged(site, NOW):
            rule = program.rule
            witness = cel_witness.kept(rule.rule, rule.when, self=site.node, doc=site.doc, now=NOW)
            where = f"{rule.requirement} at {site.pointer}"
            if shapely:
                assert outcome is not None, where
                assert witness is not None, where
            if outcome is not None and witness is not None:
                assert outcome == witness, where


@given(mutated())
@SLOW
def test_rules_judged_together_find_what_each_finds_alone(document: dict[str, Any]) -> None:
    kind = kind_of(document)
    if kind is None or not is_sound(document):
        return
    alone = {
        (program.rule.requirement, site.pointer)
        for site in sites(document, kind, now=NOW)
        for program, outcome in judged(site, NOW)
        if outcome is not True
    }
    found = rule_findings(document, kind, now=NOW, broken=[], limit=10_000)
    together = {one.requirement for one in found}
    assert together == {requirement for requirement, _ in alone}
    assert len(found) <= len(alone) * 3


def test_every_path_of_rules_has_its_joined_expression() -> None:
    for kind in SCHEMAS:
        paths = [group.path for by_path in groups(kind).values() for group in by_path]
        assert len(paths) == len(set(paths)) or kind == "ProductFootprint"


HOSTILE: dict[str, tuple[Any, str]] = {
    "an integer beyond 2^53": ({"type": "SupplierDisclosure", "x": 2**64}, "JSN-03"),
    "infinity": ({"x": math.inf}, "JSN-03"),
    "not a number": ({"x": math.nan}, "JSN-03"),
    "a lone surrogate in a value": ({"x": "\ud800"}, "JSN-04"),
    "a lone surrogate in a name": ({"\udfff": 1}, "JSN-04"),
    "a name that is a number": ({1: "x"}, "JSN-01"),
    "a set": ({"x": {1, 2}}, "JSN-01"),
    "bytes": ({"x": b"x"}, "JSN-01"),
    "a million values": ({"x": [0] * 1_000_000}, "JSN-06"),
    "a hundred thousand members": ({str(i): i for i in range(100_000)}, "JSN-06"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_value_is_told_by_its_guard(name: str) -> None:
    value, requirement = HOSTILE[name]
    assert {one.requirement for one in check(value, now=NOW)} == {requirement}


def test_a_value_ten_thousand_levels_deep_is_told_by_its_guard() -> None:
    deep: Any = []
    for _ in range(10_000):
        deep = [deep]
    assert {one.requirement for one in check({"x": deep}, now=NOW)} == {"JSN-05"}


RAW: dict[str, tuple[bytes, str]] = {
    "ten thousand brackets": (b'{"x":' + b"[" * 10_000 + b"]" * 10_000 + b"}", "JSN-05"),
    "a hundred thousand open brackets": (b"[" * 100_000, "JSN-05"),
    "an integer beyond 2^53": (b'{"x": 18446744073709551616}', "JSN-03"),
    "a number of 10,000 digits": (b'{"x": ' + b"9" * 10_000 + b"}", "JSN-03"),
    "a number that is infinite": (b'{"x": 1e400}', "JSN-03"),
    "the word NaN": (b'{"x": NaN}', "JSN-03"),
    "a lone surrogate": (b'{"x": "\\ud800"}', "JSN-04"),
    "a name twice": (b'{"x": 1, "x": 1}', "JSN-02"),
    "a name twice, written differently": (b'{"a": 1, "\\u0061": 2}', "JSN-02"),
    "twenty million bytes": (b'{"x": "' + b"a" * 20_000_000 + b'"}', "JSN-01"),
    "half a character": (b'{"x": "\xc3"}', "JSN-01"),
    "nothing": (b"", "JSN-01"),
    "a byte order mark": (b'\xef\xbb\xbf{"x": 1}', "JSN-01"),
    "a comment": (b'{"x": 1} // yes', "JSN-01"),
}


@pytest.mark.parametrize("name", RAW)
def test_hostile_text_is_told_by_its_guard(name: str) -> None:
    raw, requirement = RAW[name]
    assert {one.requirement for one in check_bytes(raw, now=NOW)} == {requirement}


@given(st.binary(max_size=200))
@SLOW
def test_any_bytes_give_findings(raw: bytes) -> None:
    assert check_bytes(raw, now=NOW)
    assert base64.b64decode(base64.b64encode(raw)) == raw


@given(values | mutated())
@SLOW
def test_the_quick_guard_agrees_with_the_one_that_finds(value: Any) -> None:
    if is_sound(value):
        assert list(violations(value)) == []


def test_a_document_of_other_classes_than_plain_ones_is_judged_alike() -> None:
    class Members(dict[str, Any]):
        pass

    document = EXAMPLES["supplier-disclosure.json"]
    spoilt = {**document, "organization": Members(document["organization"], weather="fine")}
    assert [(one.requirement, one.pointer) for one in check(spoilt, now=NOW)] == [
        ("DOC-40", "/organization/weather")
    ]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("legal_name", "legalName"),
        ("LEGALNAME", "legalName"),
        ("legalNam", "legalName"),
        ("legalNamme", "legalName"),
        ("legalMame", "legalName"),
        ("leaglName", "legalName"),
        ("country", "country"),
        ("contry", "country"),
        ("name", None),
        ("county", "country"),
        ("identifier", "identifiers"),
        ("astrologicalSign", None),
        ("nacs", None),
    ],
)
def test_a_misspelling_is_what_the_chapter_says(name: str, meant: str | None) -> None:
    assert misspelt(name, {"legalName", "country", "identifiers", "nace"}) == meant


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
@settings(deadline=None)
def test_one_edit_is_mutual_and_never_of_equal_words(first: str, second: str) -> None:
    assert one_edit(first, second) == one_edit(second, first)
    assert not one_edit(first, first)
    assert one_edit(first, second) == (second in _edits(first) and first != second)


def _edits(word: str) -> set[str]:
    """All words one edit away, by writing them all down."""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    letters = "abc"
    return {
        *(a + b[1:] for a, b in cuts if b),
        *(a + c + b for a, b in cuts for c in letters),
        *(a + c + b[1:] for a, b in cuts for c in letters if b),
        *(a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1),
    }
