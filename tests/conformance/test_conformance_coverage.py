"""The documentation's coverage page tells what the suite and its liars really are."""

import re
import sys
from collections import Counter
from pathlib import Path

import pytest
from liars.advice_liars import LEAVING
from liars.lying import LIARS
from test_conformance_liars import CAUGHT_OVER_TLS
from trials import FAMILIES

from scdx_conformance.run import covered
from scdx_spec.index import requirement_index
from scdx_spec.requirements import load_requirements

LEAST_PACT = 90
"""Rows of PACT's 116 that something proves: this number may only grow."""


@pytest.fixture
def docs(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The documentation's builder, to be imported."""
    monkeypatch.syspath_prepend(str(repository / "docs"))
    for name in [name for name in sys.modules if name.partition(".")[0] == "builder"]:
        monkeypatch.delitem(sys.modules, name)
    return repository


def test_the_page_reads_every_liar_and_every_test(docs: Path) -> None:
    from builder.evidence import read_evidence

    evidence = read_evidence(docs)
    assert FAMILIES
    registered = Counter(liar.requirement for liar in [*LIARS, *LEAVING])
    registered.update(CAUGHT_OVER_TLS)
    assert Counter({name: len(found) for name, found in evidence.liars.items()}) == registered
    told = {name: {one.split(": ")[1] for one in found} for name, found in evidence.tests.items()}
    for name, tests in covered().items():
        plain = {test.rpartition(".")[2].removeprefix("test_") for test in tests}
        assert plain == told[name], name


def test_the_page_has_every_requirement_and_every_row_of_pact(docs: Path) -> None:
    from builder.coverage import coverage_page, pact_rows
    from builder.evidence import read_evidence

    evidence = read_evidence(docs)
    entries = {one["id"]: one for one in requirement_index()["requirements"]}
    homes = dict.fromkeys(entries, "spec/x.html")
    page = coverage_page(entries, evidence, homes)
    servers = [one for one in load_requirements().values() if one.actor == "server"]
    for one in servers:
        assert f'x.html#{one.id}">' in page
    binding = [one for one in servers if one.binding and not one.not_testable]
    lied_to = {liar.requirement for liar in LIARS} | CAUGHT_OVER_TLS
    awaiting = len([one for one in binding if one.id not in lied_to])
    assert re.search(rf"{awaiting} await", page)
    assert {one.id for one in binding} <= set(evidence.liars)
    found = pact_rows(entries, evidence)
    assert len(found) == 116
    assert {row["disposition"] for row in found} <= {"suite", "document", "client", "untestable"}
    assert all(row["why"] for row in found if row["disposition"] == "untestable")
    assert sum(bool(row["proved by"]) for row in found) >= LEAST_PACT
