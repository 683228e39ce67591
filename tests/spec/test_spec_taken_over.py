"""What a chapter takes over from another is read from its own prose."""

import re
import shutil
from pathlib import Path

import pytest

from scdx_spec.data import ROOT
from scdx_spec.requirements import load_requirements, taken_over

CHAPTERS = sorted({one.chapter for one in load_requirements().values()})
SAYS_SO = re.compile(r"^Of [a-z0-9-]+ ", re.MULTILINE)


def test_a_host_of_pact_takes_transport_and_tokens_from_core() -> None:
    assert taken_over("pact-3") == ("COR-01", "COR-02", "COR-10", "COR-13", "COR-14", "COR-17")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_is_taken_over_binds_in_another_chapter(chapter: str) -> None:
    known = load_requirements()
    taken = [known[name] for name in taken_over(chapter)]
    assert all(one.binding for one in taken)
    assert chapter not in {one.chapter for one in taken}
    says_so = SAYS_SO.search((ROOT / f"{chapter}.md").read_text("utf-8"))
    assert bool(taken) == bool(says_so)


def test_what_the_prose_leaves_out_is_not_taken_over(tmp_path: Path) -> None:
    chapter = Path(shutil.copy(ROOT / "pact-3.md", tmp_path))
    text = chapter.read_text("utf-8")
    chapter.write_text(text.replace("COR-10, COR-13, ", ""), "utf-8")
    assert taken_over("pact-3", tmp_path) == ("COR-01", "COR-02", "COR-14", "COR-17")
