"""Every requirement of a client is proved by a test that says so, or listed as awaiting one."""

import re
from pathlib import Path

from scdx_spec.requirements import load_requirements

PROVES = re.compile(r'^@pytest\.mark\.proves\("([A-Z]{3}-[0-9]{2})"\)$', re.MULTILINE)
MOST_AWAITING = 9
"""Client MUSTs without a proof: this number may only shrink."""


def test_every_requirement_of_a_client_has_a_proof_or_awaits_one(repository: Path) -> None:
    proved = {
        requirement
        for path in (repository / "tests" / "client").rglob("test_*.py")
        for requirement in PROVES.findall(path.read_text("utf-8"))
    }
    wanted = [
        one.id
        for one in load_requirements().values()
        if one.actor == "client" and one.binding and not one.not_testable
    ]
    lines = (repository / "tests" / "client" / "awaiting-proof.txt").read_text("utf-8")
    listed = [line for line in lines.splitlines() if line and not line.startswith("#")]
    assert [one for one in wanted if one not in proved] == listed
    assert len(listed) <= MOST_AWAITING
    known = {one.id for one in load_requirements().values() if one.actor == "client"}
    assert proved - known == set()
