"""A host that an implementer could write from PACT's chapter and its schemas passes `pact-3`."""

import ast
import json
import socket
import subprocess
import sys
import time
import tokenize
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from prepared_data import documents
from receiver import CLIENT, receiver

from scdx_conformance.run import covered, run
from scdx_conformance.settings import Callback, Settings
from scdx_spec.requirements import load_requirements

UNTESTED = {"COR-01", "COR-17", "PAC-33", "PAC-48"}
"""On a loopback address, in a run that waits for neither a token's end nor three minutes."""
CODE_LINES = 150
LIBRARIES = {"httpx2", "jsonschema_rs", "stamina", "starlette", "typer", "uvicorn"}
"""What any implementer may install; nothing of this repository (scdx_*) is among them."""
EVENT = "org.wbcsd.pact.ProductFootprint.{}Event.3"
EVENT_FORM = {"content-type": "application/cloudevents+json; charset=UTF-8"}
NOBODYS = str(uuid.UUID(int=0))
NOWHERE = "http://127.0.0.1:1"
WRONG_EVENTS: dict[str, dict[str, Any]] = {
    "another type": {"type": "org.example.Other"},
    "another version": {"specversion": "0.3"},
    "an empty id": {"id": ""},
    "no time": {"time": "yesterday"},
    "no data": {"data": None},
    "no id in the list": {"data": {"pfIds": []}},
    "a URN for an id": {"data": {"pfIds": [f"urn:uuid:{NOBODYS}"]}},
    "a text for a list": {"data": {"pfIds": NOBODYS}},
    "no criterion": {"type": EVENT.format("RequestCreated"), "data": {"comment": "all"}},
    "a bare product id": {"type": EVENT.format("RequestCreated"), "data": {"productId": "urn:x:y"}},
    "a list of times": {
        "type": EVENT.format("RequestCreated"),
        "data": {"validOn": ["2026-01-01T00:00:00Z"]},
    },
    "a day": {"type": EVENT.format("RequestCreated"), "data": {"validOn": "2026-01-01"}},
    "an answer with nothing": {
        "type": EVENT.format("RequestFulfilled"),
        "data": {"requestEventId": "1", "pfs": []},
    },
    "a rejection without an error": {
        "type": EVENT.format("RequestRejected"),
        "data": {"requestEventId": "1"},
    },
}


@pytest.fixture(scope="session")
def script(repository: Path) -> Path:
    """The host under test."""
    return repository / "examples" / "pact_host.py"


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the prepared documents; some of the first are one buyer's alone."""
    folder = tmp_path_factory.mktemp("pact-host")
    for number, one in enumerate(documents()):
        place = folder / ("buyer" if number < 4 else "other" if number < 8 else "")
        place.mkdir(exist_ok=True)
        (place / f"{one['id']}.json").write_text(json.dumps(one), "utf-8")
    return folder


@contextmanager
def pact_host(script: Path, shelf: Path, callback: str, *options: str) -> Iterator[str]:
    """The host as a process of its own while the block runs; gives its URL."""
    registered = f"{callback}:{CLIENT[0]}:{CLIENT[1]}"
    clients = ("buyer:s3cret", "other:s3cret-2")
    command = [sys.executable, str(script), str(shelf), *clients, "--port", "0"]
    process = subprocess.Popen(
        [*command, "--callback", registered, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        words = (word for line in process.stderr for word in line.split())
        yield next(word for word in words if word.startswith("http://"))
    finally:
        process.kill()
        process.communicate()


def settings_for(url: str, callback: str) -> Settings:
    """A run with both buyers' credentials, which takes events at the callback."""
    return Settings(
        url,
        "buyer",
        "s3cret",
        second_client_id="other",
        second_client_secret="s3cret-2",
        callback=Callback(callback, "", *CLIENT),
    )


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def test_a_host_in_one_file_passes_pact_3(script: Path, shelf: Path) -> None:
    callback = f"http://127.0.0.1:{free_port()}"
    with pact_host(script, shelf, callback) as url:
        report = run(settings_for(url, callback))
    assert not report.problems
    assert {r.requirement: r.evidence for r in report.failed} == {}
    assert report.classes == ("pact-3",)
    known, judged = load_requirements(), set(covered())
    untested = {r.requirement for r in report.results if r.outcome == "not_testable"}
    assert {name for name in untested & judged if not known[name].not_testable} == UNTESTED & judged


def test_it_keeps_what_needs_a_token_to_expire(script: Path, shelf: Path) -> None:
    with pact_host(script, shelf, NOWHERE, "--lifetime", "1") as url:
        report = run(Settings(url, "buyer", "s3cret", only=("COR-17", "PAC-33")))
    assert [(r.requirement, r.outcome) for r in report.results] == [
        ("COR-17", "pass"),
        ("PAC-33", "pass"),
    ]


def client_of(url: str) -> httpx2.Client:
    """A client with a token of the first buyer's."""
    form = {"grant_type": "client_credentials"}
    told = httpx2.post(f"{url}/auth/token", data=form, auth=("buyer", "s3cret")).json()
    return httpx2.Client(
        base_url=url, headers={"authorization": f"Bearer {told['access_token']}"}, trust_env=False
    )


def test_its_tokens_end_when_it_says(script: Path, shelf: Path) -> None:
    with pact_host(script, shelf, NOWHERE, "--lifetime", "1") as url, client_of(url) as client:
        assert client.get("/3/footprints").status_code == 200
        time.sleep(1.1)
        answer = client.get("/3/footprints")
    assert (answer.status_code, answer.json()["code"]) == (401, "TokenExpired")


def event(kind: str, data: Any, **more: Any) -> dict[str, Any]:
    """An event of the buyer's."""
    return {
        "type": EVENT.format(kind),
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": NOWHERE,
        "time": "2026-11-01T09:00:00Z",
        "data": data,
        **more,
    }


def test_it_refuses_events_of_another_form(script: Path, shelf: Path) -> None:
    with pact_host(script, shelf, NOWHERE) as url, client_of(url) as client:

        def taken(sent: dict[str, Any]) -> int:
            answer = client.post("/3/events", content=json.dumps(sent), headers=EVENT_FORM)
            assert answer.status_code == 200 or set(answer.json()) == {"code", "message"}
            return answer.status_code

        published = event("Published", {"pfIds": [NOBODYS]}, unknown=1, subject=None)
        assert taken(published) == 200
        statuses = {what: taken({**published, **wrong}) for what, wrong in WRONG_EVENTS.items()}
        assert statuses == dict.fromkeys(WRONG_EVENTS, 400)
        asked = event("RequestCreated", {"productId": ["urn:x:y"]}, source="https://example.com")
        assert taken(asked) == 400
        plain = client.post("/3/events", content=json.dumps(published))
        assert plain.status_code == 415


def test_it_answers_each_request_once_where_it_is_registered(script: Path, shelf: Path) -> None:
    with (
        receiver() as here,
        pact_host(script, shelf, here.url) as url,
        client_of(url) as client,
    ):
        data = {"productId": ["URN:example:product-0"], "status": None}
        asked = event("RequestCreated", data, source=here.url)
        bare = here.url.removeprefix("http:")
        nothing = {**asked, "id": "2", "data": {"companyId": ["x"]}, "source": f"{bare}/3/events"}
        for one in (asked, asked, nothing):
            answer = client.post("/3/events", content=json.dumps(one), headers=EVENT_FORM)
            assert (answer.status_code, answer.content) == (200, b"")
        events = {one["data"]["requestEventId"]: one for one in here.wait(2)}
        time.sleep(0.3)
        assert len(here.events) == 2
    fulfilled, rejected = events[asked["id"]], events["2"]
    assert fulfilled["type"] == EVENT.format("RequestFulfilled")
    found = {one["id"] for one in fulfilled["data"]["pfs"]}
    assert found
    assert rejected["type"] == EVENT.format("RequestRejected")
    assert rejected["data"]["error"]["code"] == "NotFound"
    assert {one["content-type"] for one in here.headers} == {"application/cloudevents+json"}


def test_it_sends_again_what_was_not_taken(script: Path, shelf: Path) -> None:
    with (
        receiver() as here,
        pact_host(script, shelf, here.url) as url,
        client_of(url) as client,
    ):
        here.status = [503]
        asked = event("RequestCreated", {"companyId": ["x"]}, source=here.url)
        client.post("/3/events", content=json.dumps(asked), headers=EVENT_FORM)
        (told,) = here.wait(1)
    assert here.refused == [told]


def test_it_imports_a_few_libraries_and_nothing_of_ours(script: Path) -> None:
    nodes = list(ast.walk(ast.parse(script.read_text("utf-8"))))
    imported = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    imported |= {one.name for node in nodes if isinstance(node, ast.Import) for one in node.names}
    roots = {str(name).partition(".")[0] for name in imported}
    assert roots - set(sys.stdlib_module_names) == LIBRARIES


def lines_of_code(script: Path) -> int:
    """The lines that are neither blank nor comments nor part of a docstring."""
    blank = {tokenize.ENCODING, tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE}
    blank |= {tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    with script.open("rb") as file:
        tokens = [one for one in tokenize.tokenize(file.readline) if one.type not in blank]
    lines = {line for one in tokens for line in range(one.start[0], one.end[0] + 1)}
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(script.read_text("utf-8"))):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            first = node.body[0]
            lines -= set(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return len(lines)


def test_it_fits_in_a_few_pages_of_code(script: Path) -> None:
    assert lines_of_code(script) <= CODE_LINES


def test_docstrings_comments_and_blank_lines_are_no_code(tmp_path: Path) -> None:
    script = tmp_path / "counted.py"
    script.write_text(
        '"""A\ndocstring."""\n\n# a comment\nA = (\n    "a text",  # kept\n)\n', "utf-8"
    )
    assert lines_of_code(script) == 3
