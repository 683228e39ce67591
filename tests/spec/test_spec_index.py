"""The requirement index: complete, exact, and shown in the terminal."""

import json
from importlib import import_module
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scdx_spec.cli import build
from scdx_spec.index import CODE, requirement_index
from scdx_spec.requirements import load_requirements

MOST_OWN_MUSTS = 160
"""Few, sharp, all tested: what restates PACT and what belongs to profiles is not counted."""


def test_the_index_has_no_gaps() -> None:
    index = requirement_index()
    assert index["gaps"] == {
        "unnumberedKeywords": [],
        "documentMustsWithoutVector": [],
        "documentRequirementsUntested": [],
    }


def test_a_removed_vector_and_an_unnumbered_keyword_are_gaps(spoilt: Path) -> None:
    path = spoilt / "vectors" / "documents.json"
    vectors = [v for v in json.loads(path.read_text("utf-8")) if v["requirement"] != "DOC-22"]
    path.write_text(json.dumps(vectors), "utf-8")
    chapter = spoilt / "documents.md"
    chapter.write_text(chapter.read_text("utf-8") + "\nA document MUST be nice.\n", "utf-8")
    gaps = requirement_index(spoilt)["gaps"]
    assert gaps["documentMustsWithoutVector"] == ["DOC-22"]
    assert len(gaps["unnumberedKeywords"]) == 1


def test_a_requirement_that_nothing_tests_is_a_gap(spoilt: Path) -> None:
    chapter = spoilt / "documents.md"
    text = chapter.read_text("utf-8") + "\n**DOC-98** — A document SHOULD be nice.\n"
    chapter.write_text(text, "utf-8")
    assert requirement_index(spoilt)["gaps"]["documentRequirementsUntested"] == ["DOC-98"]


@pytest.mark.parametrize(("requirement", "module"), CODE.items())
def test_what_code_tests_stands_in_that_module(requirement: str, module: str) -> None:
    source = import_module(f"scdx_spec.{module}").__file__
    assert source is not None
    assert f'"{requirement}"' in Path(source).read_text("utf-8")


def test_the_standard_has_few_musts_of_its_own() -> None:
    counts = requirement_index()["counts"]
    assert counts["ownMusts"] <= MOST_OWN_MUSTS
    levels = [one.level for one in load_requirements().values()]
    listed = sum(sum(of_chapter.values()) for of_chapter in counts["byChapter"].values())
    assert listed == len(levels) == counts["requirements"]


def test_pacts_numbers_stand_beside_what_restates_them() -> None:
    by_id = {one["id"]: one for one in requirement_index()["requirements"]}
    assert "R004" in {number for one in by_id.values() for number in one.get("pact", [])}
    assert all(number.startswith("R") for one in by_id.values() for number in one.get("pact", []))


def shown(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(build(), ["rules", *words], env={"COLUMNS": "100"})
    return done.exit_code, done.stdout, done.stderr


def test_a_requirement_is_shown_with_its_rule_and_vectors() -> None:
    status, text, _ = shown("sbt-03")
    assert status == 0
    for part in ("SBT-03  MUST", "self.baseYear < self.targetYear", "breaks", "says", "do "):
        assert part in text


def test_a_requirement_of_shape_is_shown_with_its_schema() -> None:
    _, text, _ = shown("DOC-09")
    assert "Schema common.schema.json#/$defs/place/anyOf" in text


def test_an_unknown_requirement_is_refused_with_those_near_it() -> None:
    status, _, error = shown("SBT-93")
    assert status == 2
    assert "SBT-03" in error


def test_chapters_are_listed_and_unknown_ones_refused() -> None:
    status, text, _ = shown("--chapter", "isolation")
    assert status == 0
    assert "ISO-01" in text
    assert "DOC-01" not in text
    assert shown("--chapter", "weather")[0] == 2


def test_the_list_is_given_as_json() -> None:
    _, text, _ = shown("--json")
    assert [one["id"] for one in json.loads(text)] == list(load_requirements())
    _, text, _ = shown("DOC-10", "--json")
    assert json.loads(text)["id"] == "DOC-10"
