"""Static: the files of a folder on any web host, read without credentials."""

import hashlib
from urllib.parse import quote

import pytest

from scdx_conformance.static_folder import StaticFolder
from scdx_conformance.target import CLASS_URI
from scdx_conformance.verdicts import Judge
from scdx_spec.statements import StatementError, verify

pytestmark = pytest.mark.conformance_class("static")
requirement = pytest.mark.requirement

EMPTY = "the index has no entry that is current or deprecated"


@requirement("STA-01")
def test_the_index_says_what_it_is(folder: StaticFolder, judge: Judge) -> None:
    answer = folder.answer
    judge.expect(
        "STA-01", answer.status == 200, f"index.json: {answer.answered}; put the file there", answer
    )
    for name, kind in (
        ("specVersions", list),
        ("conformsTo", list),
        ("keys", dict),
        ("data", list),
    ):
        judge.expect("STA-01", isinstance(folder.index.get(name), kind), f"no {name}", answer)
    stated = folder.index.get("conformsTo")
    if isinstance(stated, list):
        judge.expect("STA-01", CLASS_URI + "static" in stated, "the class is not named", answer)


@requirement("STA-02")
def test_each_document_is_a_file_with_its_digest(folder: StaticFolder, judge: Judge) -> None:
    for name, answer in folder.documents.items():
        if judge.expect(
            "STA-02",
            answer.status == 200,
            f"{name}: {answer.answered}; put the file of each current document there",
            answer,
        ):
            judge.expect(
                "STA-02",
                hashlib.sha256(answer.body).hexdigest() == folder.newest[name].get("sha256"),
                f"{name}: the file's bytes have another sha256 than its entry",
                answer,
            )
    judge.not_testable("STA-02", EMPTY)


@requirement("STA-03")
def test_each_current_document_has_its_statements(folder: StaticFolder, judge: Judge) -> None:
    for name, entry in folder.newest.items():
        if entry.get("state") != "current":
            continue
        answer = folder.fetch(f"/scdx/1/statements/{quote(name, safe='')}.json")
        tokens = answer.json() if answer.status == 200 else None
        listed = tokens if isinstance(tokens, list) else []
        published = [p for p in (_payload(token, folder) for token in listed) if _fits(p, entry)]
        judge.expect(
            "STA-03",
            bool(published),
            f"{name}: no published statement that the index's keys verify ({answer.answered})",
            answer,
        )
    judge.not_testable("STA-03", "the index has no entry that is current")


def _payload(token: object, folder: StaticFolder) -> dict[str, object]:
    try:
        return verify(token, folder.keys) if isinstance(token, str) else {}
    except StatementError:
        return {}


def _fits(payload: dict[str, object], entry: dict[str, object]) -> bool:
    named = {"id": entry.get("id"), "sha256": entry.get("sha256")}
    return payload.get("statement") == "published" and payload.get("document") == named


@requirement("STA-04")
def test_no_customer_report_lies_open(folder: StaticFolder, judge: Judge) -> None:
    for name, entry in folder.newest.items():
        judge.expect(
            "STA-04",
            entry.get("kind") != "CustomerReport",
            f"{name} is a customer report",
            folder.answer,
        )
    for name, answer in folder.documents.items():
        document = answer.json_object()
        judge.expect(
            "STA-04",
            document.get("type") != "CustomerReport",
            f"{name} is a customer report",
            answer,
        )
    judge.not_testable("STA-04", EMPTY)
