"""Integrity: the signed head says what the list has, no more and no less."""

from __future__ import annotations

import time

import pytest

from scdx_conformance.heads import PATH, Head, HeadError, digest_of_list, read_head
from scdx_conformance.listing import PATH as DOCUMENTS
from scdx_conformance.listing import Walk, read_page, walk
from scdx_conformance.target import Target
from scdx_conformance.verdicts import Judge

pytestmark = pytest.mark.conformance_class("integrity")
requirement = pytest.mark.requirement

LONGER = "the list is longer than the run looks at; --max-documents lets it see more"
RESTLESS = "the list changed each time that the head was compared with it"
NO_HEAD = "no head could be read (HED-01)"
ATTEMPTS = 3


@pytest.fixture(scope="session")
def callers(target: Target, second: Target | None) -> list[tuple[str, Target]]:
    """The buyers of this run, by their names in sentences."""
    return [("the buyer", target), *([("the second buyer", second)] if second else [])]


@requirement("HED-01")
def test_the_head_is_signed_with_a_key_of_the_server(
    callers: list[tuple[str, Target]], judge: Judge
) -> None:
    for name, caller in callers:
        answer = caller.get(PATH)
        problem = ""
        try:
            read_head(answer, caller.document_keys())
        except HeadError as error:
            problem = str(error)
        judge.expect("HED-01", not problem, f"the head of {name}'s list {problem}", answer)


@requirement("HED-02")
def test_the_head_is_of_the_callers_list(callers: list[tuple[str, Target]], judge: Judge) -> None:
    for name, caller in callers:
        for attempt in range(1, ATTEMPTS + 1):
            walked = walk(caller, 100, caller.settings.max_documents)
            answer = caller.get(PATH)
            try:
                head = read_head(answer, caller.document_keys())
            except HeadError:
                judge.not_testable("HED-02", NO_HEAD)
                break
            if not walked.complete:
                judge.not_testable("HED-02", LONGER)
                break
            problem = difference(head, walked)
            late = attempt < ATTEMPTS and lags(head, walked)
            if problem is None or (still(caller, walked) and not late):
                judge.expect(
                    "HED-02", problem is None, f"{name}'s head and list: {problem}", answer
                )
                break
            time.sleep(caller.settings.wait_seconds / ATTEMPTS if late else 0)
    judge.not_testable("HED-02", RESTLESS)


def difference(head: Head, walked: Walk) -> str | None:
    """What a head says otherwise than the list up to its last position."""
    positions = walked.positions
    if positions and head.position != positions[-1]:
        where = "an earlier one" if head.position in positions else "none of the list"
        return f"its position is not the list's last but {where}; make the head when it is asked"
    count, sha256 = digest_of_list(walked.entries)
    if head.count != count:
        return f"it counts {head.count} ids, and the list has {count}"
    if head.sha256 != sha256:
        return (
            "its sha256 is not that of the list: one line 'id sha256 state' for each id, from its "
            "newest entry, sorted by id, each ending in a line feed"
        )
    return None


def lags(head: Head, walked: Walk) -> bool:
    """Whether a head is of an earlier time, as one that is made every few seconds may be."""
    return head.position in walked.positions[:-1]


def still(caller: Target, walked: Walk) -> bool:
    """Whether nothing has come into the list since it was walked."""
    if not walked.positions:
        page = read_page(caller.get(DOCUMENTS))
    else:
        page = read_page(caller.get(DOCUMENTS, [("after", walked.positions[-1])]))
    return page.readable and not page.entries
