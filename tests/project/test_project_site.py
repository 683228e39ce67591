"""The documentation's site: every requirement and member has its place, and no link is dead."""

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from scdx_spec.data import ROOT as STANDARD
from scdx_spec.requirements import load_requirements

HREF = re.compile(r'href="([^"]+)"')
ID = re.compile(r'\bid="?([A-Za-z0-9_-]+)"?')


def built(repository: Path, folder: Path) -> Path:
    """The site, built from a copy of the project's own files."""
    for name in ("docs", "spec", "tests", "conformance"):
        ignored = shutil.ignore_patterns("__pycache__", "node_modules")
        shutil.copytree(repository / name, folder / name, ignore=ignored)
    for path in repository.glob("*.md"):
        shutil.copy(path, folder)
    done = subprocess.run(
        [sys.executable, "docs/build.py"], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return folder / "site"


@pytest.fixture(scope="module")
def site(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(repository, tmp_path_factory.mktemp("site"))


def pages(site: Path) -> dict[str, str]:
    """HTML of every page by its address."""
    return {str(p.relative_to(site)): p.read_text("utf-8") for p in sorted(site.rglob("*.html"))}


def dead_links(site: Path) -> list[str]:
    """Links inside the site that lead nowhere."""
    found = pages(site)
    anchors = {address: set(ID.findall(html)) for address, html in found.items()}
    dead = []
    for address, html in found.items():
        for href in HREF.findall(html):
            if href.startswith(("http", "mailto:")):
                continue
            target, _, anchor = href.partition("#")
            path = (site / address).parent / target if target else site / address
            inside = str(path.resolve().relative_to(site.resolve()))
            if not path.is_file() or (anchor and anchor not in anchors.get(inside, set())):
                dead.append(f"{address}: {href}")
    return dead


def test_no_link_is_dead(site: Path) -> None:
    assert dead_links(site) == []


def test_a_dead_link_is_noticed(site: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(site, tmp_path / "copy"))
    (copy / "codelists.html").unlink()
    assert any("codelists.html" in one for one in dead_links(copy))


def test_every_requirement_has_its_anchor_on_one_page(site: Path) -> None:
    found = Counter(
        name
        for html in pages(site).values()
        for name in re.findall(r'class="requirement" id="([A-Z]{3}-[0-9]{2})"', html)
    )
    assert dict(found) == dict.fromkeys(load_requirements(), 1)


def test_a_page_has_no_anchor_twice(site: Path) -> None:
    for address, html in pages(site).items():
        twice = [name for name, n in Counter(re.findall(r'\bid="([^"]+)"', html)).items() if n > 1]
        assert twice == [], address


def _members(node: Any) -> set[str]:
    """Names of members that a schema allows, at any depth."""
    if isinstance(node, list):
        return {name for child in node for name in _members(child)}
    if not isinstance(node, dict):
        return set()
    own = {name for name, child in node.get("properties", {}).items() if isinstance(child, dict)}
    skipped = ("if", "const", "enum", "x-requirement", "x-message", "x-fix")
    return own.union(*(_members(child) for key, child in node.items() if key not in skipped))


def test_every_member_of_every_schema_stands_in_a_table(site: Path) -> None:
    for path in sorted((STANDARD / "schemas").glob("*.schema.json")):
        name = path.name.removesuffix(".schema.json")
        html = (site / "documents" / f"{name}.html").read_text("utf-8")
        shown = set(re.findall(r"<td><code>([^<]+)</code>", html))
        assert _members(json.loads(path.read_text("utf-8"))) - shown == set(), name


def test_every_code_list_and_example_is_shown(site: Path) -> None:
    lists = (site / "codelists.html").read_text("utf-8")
    for path in (STANDARD / "codelists").glob("*.csv"):
        assert f'<h2 id="{path.stem.lower()}">' in lists
    shown = (site / "examples.html").read_text("utf-8")
    for path in (STANDARD / "examples").glob("*.json"):
        assert f'<h2 id="{path.stem}">' in shown


def test_what_tests_a_requirement_stands_beneath_it(site: Path) -> None:
    disclosures = (site / "spec" / "disclosures.html").read_text("utf-8")
    assert "self.baseYear &lt; self.targetYear" in disclosures
    core = (site / "spec" / "core.html").read_text("utf-8")
    assert "capability_has_a_name_twice" in core
    index = (site / "requirements.html").read_text("utf-8")
    assert "requirements: " in index
    assert "awaiting a liar or a proof: " in index


def test_the_bundle_lies_beside_the_pages(site: Path) -> None:
    manifest = json.loads((site / "1.0" / "manifest.json").read_text("utf-8"))
    assert len(manifest["files"]) > 100


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    for address, html in pages(site).items():
        assert not re.search(r'(?:src|href)="https?://[^"]*\.(?:css|js|woff2?)"', html), address
        assert "<script" not in html, address
