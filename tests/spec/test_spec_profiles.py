"""Content profiles: each item is told by a vector, and no document breaks the judge."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonpatch
import pytest
import standard_laws as laws
import yaml

from scdx_spec import validate_files
from scdx_spec.check import breaks_must, check
from scdx_spec.data import ROOT, codelist, examples
from scdx_spec.profiles import judge_profile, profile, profile_names
from scdx_spec.requirements import load_requirements

NOW = datetime(2026, 11, 1, tzinfo=UTC)
VECTORS: list[dict[str, Any]] = json.loads((ROOT / "vectors" / "profiles.json").read_text("utf-8"))


def _missing(vector: dict[str, Any], root: Path = ROOT) -> list[str]:
    document = jsonpatch.apply_patch(examples()[vector["base"]], vector["patch"])
    now = datetime.fromisoformat(vector["now"])
    verdict = judge_profile(document, vector["profile"], now=now, root=root)
    assert verdict.applicable
    assert verdict.valid
    assert verdict.complete is (not vector["missing"])
    return [item.requirement for item in verdict.items if not item.met]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['profile']}: {v['description']}")
def test_a_vector_of_profiles_misses_exactly_what_it_says(vector: dict[str, Any]) -> None:
    assert _missing(vector) == vector["missing"]


@pytest.mark.parametrize("name", profile_names())
def test_each_item_of_a_profile_is_missed_alone_by_a_vector(name: str) -> None:
    alone = {v["missing"][0] for v in VECTORS if v["profile"] == name and len(v["missing"]) == 1}
    assert {criterion.requirement for criterion in profile(name).criteria} <= alone
    assert any(not v["missing"] for v in VECTORS if v["profile"] == name)


@pytest.mark.parametrize(
    ("name", "number"),
    [(name, number) for name in profile_names() for number in range(len(profile(name).criteria))],
)
def test_without_this_item_a_vector_is_red(spoilt: Path, name: str, number: int) -> None:
    path = spoilt / "profiles" / f"{name}.yaml"
    content = yaml.safe_load(path.read_text("utf-8"))
    content["criteria"][number]["rule"] = "true"
    content["criteria"][number]["at"] = "$"
    path.write_text(yaml.safe_dump(content), "utf-8")
    own = content["criteria"][number]["requirement"]
    told = [v for v in VECTORS if v["profile"] == name and v["missing"] == [own]]
    assert told
    document = jsonpatch.apply_patch(examples()[told[0]["base"]], told[0]["patch"])
    now = datetime.fromisoformat(told[0]["now"])
    assert judge_profile(document, name, now=now, root=spoilt).complete


def test_the_prose_and_the_profiles_have_the_same_items() -> None:
    in_prose = {r.id for r in load_requirements().values() if r.actor == "profile"}
    in_files = {c.requirement for name in profile_names() for c in profile(name).criteria}
    assert in_prose == in_files
    assert set(codelist("content-profiles")) == set(profile_names())


def test_each_item_belongs_to_the_profile_that_its_sentence_names() -> None:
    for name in profile_names():
        for criterion in profile(name).criteria:
            assert (
                f"For the profile {name}, " in load_requirements()[criterion.requirement].sentence
            )


def test_an_empty_disclosure_is_valid_and_complete_in_no_profile() -> None:
    minimal = examples()["supplier-disclosure-minimal.json"]
    assert not breaks_must(check(minimal, now=NOW))
    assert not any(judge_profile(minimal, name, now=NOW).complete for name in profile_names())


def test_a_document_that_breaks_the_standard_is_complete_in_no_profile() -> None:
    broken = examples()["supplier-disclosure.json"]
    broken["inventories"][0]["energy"]["renewableElectricity"]["MWh"] = "9000"
    verdict = judge_profile(broken, "it-buyer", now=NOW)
    assert (verdict.applicable, verdict.valid, verdict.complete) == (True, False, False)


@pytest.mark.parametrize("document", [None, [], 7, {"type": "Newsletter"}, {"pcf": 1}, "text"])
def test_anything_gets_a_verdict(document: Any) -> None:
    assert not any(judge_profile(document, name, now=NOW).complete for name in profile_names())


def test_another_kind_of_document_is_not_concerned() -> None:
    report = examples()["customer-report.json"]
    assert not judge_profile(report, "vsme", now=NOW).applicable


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(KeyError):
        judge_profile({}, "gold-plated", now=NOW)


def test_expressions_of_profiles_keep_to_the_profile_of_cel(spoilt: Path) -> None:
    path = spoilt / "profiles" / "vsme.yaml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("has(self.scope1) && has(self.scope1.tCO2e)", "self.?scope1"))
    assert laws.rules_keep_to_the_profile(spoilt) != []


def test_validate_says_what_is_missing_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "reseller.json"
    path.write_text(json.dumps(examples()["reseller-disclosure.json"]), "utf-8")
    status = validate_files.run([path], as_json=False, now="2026-11-01", profiles=["it-buyer"])
    shown = capsys.readouterr().out
    assert status == 1
    assert "profile it-buyer: not complete, 9 of 11 items" in shown
    assert "missing ITB-03" in shown
    assert "→ Give a target with baseYear and baseValue." in shown


def test_validate_passes_a_complete_document_and_gives_the_verdict_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "services.json"
    path.write_text(json.dumps(examples()["supplier-disclosure.json"]), "utf-8")
    asked = ["vsme", "it-buyer"]
    assert validate_files.run([path], as_json=True, now="2026-11-01", profiles=asked) == 0
    (document,) = json.loads(capsys.readouterr().out)["documents"]
    assert [(v["profile"], v["complete"]) for v in document["profiles"]] == [
        ("vsme", True),
        ("it-buyer", True),
    ]


def test_validate_refuses_an_unknown_profile(capsys: pytest.CaptureFixture[str]) -> None:
    assert validate_files.run([], as_json=False, now="", profiles=["gold-plated"]) == 2
    assert "datasheet, it-buyer, lifecycle, vsme" in capsys.readouterr().err
