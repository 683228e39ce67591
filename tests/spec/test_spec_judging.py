"""What stands between a document and its findings: rules' files, their places, words for shapes."""

import copy
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from scdx_spec import cel_functions, rules
from scdx_spec.check import check
from scdx_spec.data import examples
from scdx_spec.findings import Finding, breaks_must, finding
from scdx_spec.rules import Start, carriers, evaluated, nodes, read_rules, rule_findings, sites


def disclosure() -> dict[str, Any]:
    return copy.deepcopy(examples()["supplier-disclosure.json"])


def target(**changes: Any) -> dict[str, Any]:
    """A target that no rule but those about years has anything to say of."""
    plain = {k: v for k, v in disclosure()["targets"][0].items() if k != "progress"}
    return {**plain, **changes}


# Findings


def test_a_finding_as_json() -> None:
    told = finding("SBT-03", "/targets/0", "what is wrong", "what to do").as_dict()
    assert told.pop("sentence").startswith("In a document, ")
    assert told == {
        "type": "https://w3id.org/scdx/1.0/SBT-03",
        "requirement": "SBT-03",
        "level": "MUST",
        "pointer": "/targets/0",
        "message": "what is wrong",
        "fix": "what to do",
    }


def test_the_level_is_the_requirements() -> None:
    must, should = finding("SBT-03", "", "", ""), finding("SBT-07", "", "", "")
    unknown = finding("XXX-01", "", "", "")
    assert [one.level for one in (must, should, unknown)] == ["MUST", "SHOULD", "MUST"]
    assert unknown.sentence == ""
    assert not breaks_must([should])
    assert breaks_must([should, must])
    assert not breaks_must([])


# Rules


def test_a_malformed_file_of_rules_is_named(spoilt: Path) -> None:
    file = spoilt / "rules" / "disclosure.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("rules:", "regeln:", 1), "utf-8")
    with pytest.raises(ValueError, match=r"^disclosure\.yaml: 'rules'$"):
        read_rules(spoilt)
    file.write_text(text + "  - {requirement: A, at: $, rule: 'true', fix: x, colour: y}\n")
    with pytest.raises(ValueError, match=r"^disclosure\.yaml: .*colour"):
        read_rules(spoilt)


def test_rules_know_their_file_and_all_their_places() -> None:
    found = read_rules()
    files = {"customer", "disclosure", "everywhere", "pact", "product"}
    assert {rule.file for rule in found} == files
    by_name = {rule.requirement: rule for rule in found if rule.file == "disclosure"}
    assert by_name["SBT-03"].at == ("$.targets[*]",)
    assert any(len(rule.at) > 1 for rule in found)
    assert all("SupplierDisclosure" in rule.starts for rule in found if rule.file == "disclosure")


def test_sites_are_where_rules_look(now: datetime) -> None:
    document = disclosure()
    found = list(sites(document, "SupplierDisclosure", now=now))
    targets = [one for one in found if one.pointer.startswith("/targets/")]
    assert {one.pointer for one in targets} >= {
        f"/targets/{number}" for number in range(len(document["targets"]))
    }
    for one in targets:
        if one.pointer.count("/") == 2:
            assert one.node is document["targets"][int(one.pointer.rpartition("/")[2])]
            assert one.doc is document
            assert "SBT-03" in {program.rule.requirement for program in one.programs}
    assert not list(sites({}, "ProductDeclaration", now=now))[1:]


def test_sites_of_a_part_have_the_carriers_pointer(now: datetime, spoilt: Path) -> None:
    document = copy.deepcopy(examples()["product-footprint.json"])
    found = [one.pointer for one in sites(document, "ProductFootprint", now=now, root=spoilt)]
    assert any(pointer.startswith("/extensions/0/data") for pointer in found)
    for file in (spoilt / "rules").glob("*.yaml"):
        if file.stem == "product":
            file.unlink()
    rules.programs.cache_clear()
    less = [one.pointer for one in sites(document, "ProductFootprint", now=now, root=spoilt)]
    rules.programs.cache_clear()
    assert len(less) < len(found)


def test_nodes_are_walked_through_arrays_and_objects() -> None:
    value = {"a": [{"b": 1}, {"c": 2}, 3], "m": {"x/y": {"b": 4}, "~": 5}}
    assert list(nodes(value, "$")) == [("", value)]
    assert list(nodes(value, "$.a[*].b")) == [("/a/0/b", 1)]
    assert list(nodes(value, "$.a[*]")) == [
        ("/a/0", {"b": 1}), ("/a/1", {"c": 2}), ("/a/2", 3),
    ]  # fmt: skip
    assert list(nodes(value, "$.m[*].b")) == [("/m/x~1y/b", 4)]
    assert list(nodes(value, "$.m[*]", "/top")) == [("/top/m/x~1y", {"b": 4}), ("/top/m/~0", 5)]
    nested = {"a": [[1, 2], [3]], "m": {"x": {"y": 1, "z": 2}, "w": {"v": 3}}}
    assert [pointer for pointer, _ in nodes(nested, "$.a[*][*]")] == ["/a/0/0", "/a/0/1", "/a/1/0"]
    assert [found for _, found in nodes(nested, "$.m[*][*]")] == [1, 2, 3]
    assert list(nodes(value, "$.none")) == list(nodes(3, "$.a")) == list(nodes(3, "$[*]")) == []


def test_carriers_are_chosen_by_their_condition(now: datetime) -> None:
    document = {"parts": [{"kind": "a", "in": {"x": 1}}, {"kind": "b", "in": {"x": 2}}]}
    chosen = Start("$.parts[*]", "self.kind == 'b'", "$.in")
    assert list(carriers(document, chosen, now)) == [("/parts/1/in", {"x": 2})]
    assert list(carriers(document, Start("$"), now)) == [("", document)]
    timed = Start("$.parts[*]", "now > timestamp('2026-01-01T00:00:00Z')", "$.in")
    assert len(list(carriers(document, timed, now))) == 2
    whole = Start("$.parts[*]", "size(doc.parts) == 2 && self.kind == 'a'", "$")
    assert [pointer for pointer, _ in carriers(document, whole, now)] == ["/parts/0"]
    assert evaluated("self.x", {"x": 1}, {}, now) is None
    assert evaluated("self.none == 1", {}, {}, now) is None
    assert evaluated("self == 'a'", "a", {}, now) is True


def test_rules_do_not_look_where_the_shape_is_broken(now: datetime) -> None:
    document = disclosure()
    document["targets"][0] = target(baseYear=2100)
    kind = "SupplierDisclosure"
    (found,) = rule_findings(document, kind, now=now, broken=[])
    assert (found.requirement, found.pointer) == ("SBT-03", "/targets/0")
    assert not rule_findings(document, kind, now=now, broken=["/targets/0/baseYear"])
    assert not rule_findings(document, kind, now=now, broken=["/targets/0"])
    assert rule_findings(document, kind, now=now, broken=["/targets/1/baseYear"])
    document["targets"] = [target(baseYear=2100), target(baseYear=2100)]
    found = rule_findings(document, kind, now=now, broken=["/targets/0"])
    assert [one.pointer for one in found] == ["/targets/1"]


def test_a_finding_of_a_rule_says_what_the_rules_file_says(now: datetime) -> None:
    document = disclosure()
    document["targets"][0] = target(baseYear=2100)
    assert rule_findings(document, "SupplierDisclosure", now=now, broken=[]) == [
        Finding(
            "SBT-03", "MUST", "/targets/0",
            "The target counts from a year that isn't before the target year.",
            "Give the year that the target counts from; it lies before the target year.",
        )
    ]  # fmt: skip


def test_a_rule_with_a_pointer_is_found_at_that_member(now: datetime) -> None:
    document = disclosure()
    document["sbti"]["longTerm"] = {"status": "targets_set"}
    document["sbti"]["netZero"] = {"status": "committed"}
    found = rule_findings(document, "SupplierDisclosure", now=now, broken=[])
    assert ("SBT-05", "/sbti/netZero") in {(one.requirement, one.pointer) for one in found}


def test_findings_come_with_musts_first(now: datetime) -> None:
    document = {**disclosure(), "unheardOf": 1}
    document["targets"][0] = target(baseYear=2100)
    found = check(document, now=now)
    assert [(one.requirement, one.level) for one in found] == [
        ("SBT-03", "MUST"), ("DOC-40", "SHOULD"),
    ]  # fmt: skip


def test_shapes_and_members_are_those_of_the_folder_that_is_given(
    now: datetime, spoilt: Path
) -> None:
    file = spoilt / "schemas" / "supplier-disclosure.schema.json"
    schema = json.loads(file.read_text("utf-8"))
    schema["properties"]["unheardOf"] = {"type": "string", "x-requirement": "DOC-02"}
    file.write_text(json.dumps(schema), "utf-8")
    document = {**disclosure(), "unheardOf": "known in this folder"}
    assert [one.requirement for one in check(document, now=now)] == ["DOC-40"]
    assert check(document, now=now, root=spoilt) == []
    (found,) = check({**document, "unheardOf": 1}, now=now, root=spoilt)
    assert (found.requirement, found.pointer) == ("DOC-02", "/unheardOf")


def test_findings_of_rules_are_bounded(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    document = disclosure()
    document["targets"] = [target(baseYear=2100)] * 9
    kind = "SupplierDisclosure"
    assert len(rule_findings(document, kind, now=now, broken=[])) == 9
    assert len(rule_findings(document, kind, now=now, broken=[], limit=4)) == 4
    more = {**document, "targets": [target(baseYear=2100)] * 205}
    assert len(rule_findings(more, kind, now=now, broken=[])) == 200
    monkeypatch.setattr(rules, "MAX_SECONDS", -1.0)
    (found,) = rule_findings(document, kind, now=now, broken=[])
    assert (found.requirement, found.pointer) == ("JSN-06", "")
    assert found.message == "its rules take too long to judge"
    assert found.fix == "Split it into several documents."


def test_what_the_engine_can_not_judge_is_said() -> None:
    """A rule that meets a value of another type than it reads; a shape says that already."""
    document = disclosure()
    document["targets"][0] = target(baseYear="x")
    now = datetime.fromisoformat("2026-11-01T00:00:00Z")
    found = rule_findings(document, "SupplierDisclosure", now=now, broken=[])
    assert "SBT-03" in {one.requirement for one in found}
    assert {one.message for one in found} == {"the rule could not be judged"}
    assert not rule_findings(document, "SupplierDisclosure", now=now, broken=["/notes"])


def test_an_expression_that_is_none_is_told_in_a_line() -> None:
    with pytest.raises(ValueError, match=r"^[^\n]*(?i:error|syntax)[^\n]*$"):
        rules.compiled("self.(")


class Wrapped:
    """A number as some engines hand it over."""

    def value(self) -> float:
        """The number."""
        return 1.5


def test_functions_of_rules() -> None:
    leap = datetime.fromisoformat("2024-02-29T12:30:00+00:00")
    assert cel_functions.add_years(leap, 1) == datetime.fromisoformat("2025-02-28T12:30:00+00:00")
    assert cel_functions.add_years(leap, 4) == datetime.fromisoformat("2028-02-29T12:30:00+00:00")
    assert cel_functions.total([1.5, 2.0]) == 3.5
    assert cel_functions.total([Wrapped(), Wrapped()]) == 3.0
    assert cel_functions.total([]) == 0.0
    assert cel_functions.within(0.0, 1e-9, 0.0)
    assert not cel_functions.within(0.0, 2e-9, 0.0)
    assert cel_functions.within(1.0, 1.5, 0.5)
    assert cel_functions.within(1.5, 1.0, 0.5)
    assert not cel_functions.within(1.0, 1.51, 0.5)
