"""What a supplier reads who made a real mistake: the words themselves are under test.

``UPDATE_SNAPSHOTS=1 python -m pytest tests/spec/test_spec_wrong_documents.py`` writes the snapshot
anew; read it as a sustainability manager would before committing it.
"""

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import jsonpatch
import pytest
from wrong_documents import MISTAKES, Mistake

from scdx_spec.check import check
from scdx_spec.data import examples
from scdx_spec.findings import Finding

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SNAPSHOT = Path(__file__).parent / "wrong-documents.txt"
JARGON = re.compile(r"schema|regex|pattern|\^|\bnull\b|boolean|\$ref|instance|CEL|expression")


def _findings(mistake: Mistake) -> list[Finding]:
    document = jsonpatch.apply_patch(examples()[mistake.base], mistake.patch)
    return check(document, now=NOW)


def _told(mistake: Mistake) -> str:
    lines = [f"# {mistake.what}"]
    for one in _findings(mistake):
        lines += [
            f"{one.level} {one.requirement} {one.pointer}",
            f"  {one.message}",
            f"  → {one.fix}",
        ]
    return "\n".join(lines)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.what)
def test_a_real_mistake_is_told_by_its_requirement(mistake: Mistake) -> None:
    assert mistake.requirement in {one.requirement for one in _findings(mistake)}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.what)
def test_a_real_mistake_is_told_without_jargon(mistake: Mistake) -> None:
    for one in _findings(mistake):
        if one.requirement == mistake.requirement:
            assert not JARGON.search(one.message + one.fix)
            assert one.message.endswith((".", "?"))


def test_the_words_are_those_of_the_snapshot() -> None:
    told = "\n\n".join(_told(mistake) for mistake in MISTAKES) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(told, "utf-8")
    assert told == SNAPSHOT.read_text("utf-8")
