"""The exported standard: complete, the same every time, and readable without Python."""

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import referencing
from typer.testing import CliRunner

from scdx_spec import BASE_URI, SPEC_VERSION
from scdx_spec.cli import build
from scdx_spec.data import ROOT, examples
from scdx_spec.export import export, files
from scdx_spec.requirements import load_requirements


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle") / "1.0"
    export(folder)
    return folder


def test_the_manifest_has_every_file_with_its_digest(bundle: Path) -> None:
    manifest = json.loads((bundle / "manifest.json").read_text("utf-8"))
    written = {
        str(path.relative_to(bundle)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in bundle.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert manifest["files"] == written
    assert (manifest["specVersion"], manifest["base"]) == (SPEC_VERSION, BASE_URI)


def test_everything_of_the_standard_is_in_the_bundle(bundle: Path) -> None:
    missing = []
    for path in sorted(ROOT.rglob("*")):
        if not path.is_file():
            continue
        inside = path.relative_to(ROOT)
        where = {
            "schemas": bundle / inside.name,
            "rules": bundle / "yaml" / inside,
            "profiles": bundle / "yaml" / inside,
            "bundle": bundle / inside.name,
        }.get(inside.parts[0], bundle / inside)
        if inside.suffix == ".md" and len(inside.parts) == 1:
            where = bundle / "chapters" / inside
        if not where.is_file():
            missing.append(str(inside))
    assert missing == []


def test_the_same_standard_gives_the_same_bytes() -> None:
    assert list(files()) == list(files())


def test_plain_schemas_judge_as_the_annotated_ones_do(bundle: Path) -> None:
    def judge(folder: Path, name: str) -> jsonschema.Draft202012Validator:
        contents = [
            (f"{BASE_URI}{path.name}", json.loads(path.read_text("utf-8")))
            for path in folder.glob("*.schema.json")
        ]
        registry: Any = referencing.Registry().with_contents(contents)
        return jsonschema.Draft202012Validator(
            dict(contents)[f"{BASE_URI}{name}"], registry=registry
        )

    name = "supplier-disclosure.schema.json"
    annotated, plain = judge(bundle, name), judge(bundle / "plain", name)
    document = examples()["supplier-disclosure.json"]
    assert plain.is_valid(document)
    del document["inventories"][0]["scope1"]
    assert [e.message for e in plain.iter_errors(document)] == [
        e.message for e in annotated.iter_errors(document)
    ]
    assert not plain.is_valid(document)
    assert '"x-' not in (bundle / "plain" / name).read_text("utf-8")


def test_rules_and_profiles_are_the_same_as_json_and_as_yaml(bundle: Path) -> None:
    import yaml

    for path in sorted((bundle / "yaml").rglob("*.yaml")):
        as_json = bundle / path.parent.name / f"{path.stem}.json"
        assert yaml.safe_load(path.read_text("utf-8")) == json.loads(as_json.read_text("utf-8"))


def test_references_of_the_openapi_document_lead_to_served_files(bundle: Path) -> None:
    text = (bundle / "openapi.json").read_text("utf-8")
    references = [
        line.split('"')[3].split("#")[0] for line in text.splitlines() if '"$ref"' in line
    ]
    assert references
    assert {one for one in references if one and not (bundle / one).is_file()} == set()


def test_the_index_lists_every_requirement_and_no_gap(bundle: Path) -> None:
    index = json.loads((bundle / "requirements.json").read_text("utf-8"))
    assert [one["id"] for one in index["requirements"]] == list(load_requirements())
    assert all(gap == [] for gap in index["gaps"].values())


def test_tables_of_the_bundle_are_csv_with_a_head(bundle: Path) -> None:
    for path in bundle.rglob("*.csv"):
        rows = list(csv.reader(io.StringIO(path.read_text("utf-8")), strict=True))
        assert len(rows) > 1, path.name
        assert {len(row) for row in rows} == {len(rows[0])}, path.name


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work", "utf-8")
    for more in ([], ["--force"]):
        done = CliRunner().invoke(build(), ["spec", "export", str(tmp_path), *more])
        assert done.exit_code == 2
        assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_earlier_bundle_is_replaced_on_demand(tmp_path: Path) -> None:
    folder = tmp_path / "1.0"
    assert CliRunner().invoke(build(), ["spec", "export", str(folder)]).exit_code == 0
    (folder / "left-over.txt").write_text("old", "utf-8")
    assert CliRunner().invoke(build(), ["spec", "export", str(folder)]).exit_code == 2
    done = CliRunner().invoke(build(), ["spec", "export", str(folder), "--force"])
    assert done.exit_code == 0
    assert "files in" in done.stdout
    assert not (folder / "left-over.txt").exists()
