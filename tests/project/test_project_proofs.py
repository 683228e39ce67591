"""Every requirement of a client is proved by a test that says so."""

import re
from pathlib import Path

from scdx_spec.requirements import load_requirements

PROVES = re.compile(r'^@pytest\.mark\.proves\("([A-Z]{3}-[0-9]{2})"\)$', re.MULTILINE)


def test_every_requirement_of_a_client_has_a_test_that_proves_it(repository: Path) -> None:
    proved = {
        requirement
        for path in (repository / "tests" / "client").rglob("test_*.py")
        for requirement in PROVES.findall(path.read_text("utf-8"))
    }
    wanted = {
        one.id for one in load_requirements().values() if one.actor == "client" and one.binding
    }
    assert wanted - proved == set()
    known = {one.id for one in load_requirements().values() if one.actor == "client"}
    assert proved - known == set()
