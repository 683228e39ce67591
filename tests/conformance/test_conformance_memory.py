"""Two runs: what was served once is the same to the byte the next time."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from liars.lying import Answer, Forward, Request, lying
from other_server import CLIENT, OtherServer
from serving import serving

from scdx_conformance.memory import Memory, Seen, read_memory
from scdx_conformance.run import run
from scdx_conformance.settings import CannotRunError, Settings

LATER = {"changed": False}


async def history_is_changed_later(request: Request, forward: Forward) -> Answer:
    """Honest in the first run; in the next one, all that was served is a little different."""
    answer = await forward(request)
    if not LATER["changed"] or answer.status != 200 or not isinstance(answer.json, dict):
        return answer
    body = answer.json
    if request.path.startswith("/3/footprints"):
        found = body["data"]
        for one in found if isinstance(found, list) else [found]:
            one["productNameCompany"] = "Renamed"
    elif request.path.startswith("/scdx/1/documents"):
        for entry in body.get("data", [body]):
            if isinstance(entry.get("document"), dict):
                entry["document"]["note"] = "changed"
    return answer.saying(body)


async def statuses_come_back(request: Request, forward: Forward) -> Answer:
    """Deprecated in the first run what is Active in the next."""
    answer = await forward(request)
    if request.path.startswith("/3/footprints") and answer.status == 200:
        body = answer.json
        found = body["data"]
        for one in found if isinstance(found, list) else [found]:
            one["status"] = "Active" if LATER["changed"] else "Deprecated"
        return answer.saying(body)
    return answer


@pytest.fixture(autouse=True)
def _first_run() -> Iterator[None]:
    LATER["changed"] = False
    yield
    LATER["changed"] = False


@pytest.fixture
def another_day(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This machine in a time zone where it is another day than in UTC."""
    monkeypatch.setenv("TZ", "EAST-14" if datetime.now(UTC).hour >= 12 else "WEST+12")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def outcomes(url: str, path: Path, *only: str) -> dict[str, str]:
    settings = Settings(url, *CLIENT, only=only, remember=path, read_only=True)
    report = run(settings)
    assert not report.problems
    return {one.requirement: one.outcome for one in report.results}


def test_an_honest_server_is_found_as_it_was_left(other_url: str, tmp_path: Path) -> None:
    path = tmp_path / "seen.json"
    for _ in range(3):
        assert set(outcomes(other_url, path, "EXC-20", "PAC-56").values()) == {"pass"}
    told = json.loads(path.read_text("utf-8"))
    assert told["endpoint"] == other_url
    assert told["documents"]
    assert told["footprints"]


def test_history_that_changes_between_runs_is_found(
    other_server: OtherServer, tmp_path: Path
) -> None:
    path = tmp_path / "seen.json"
    with serving(lying(other_server, history_is_changed_later)) as url:
        assert set(outcomes(url, path, "EXC-20", "PAC-56").values()) == {"pass"}
        LATER["changed"] = True
        for _ in range(2):
            assert set(outcomes(url, path, "EXC-20", "PAC-56").values()) == {"fail"}
        LATER["changed"] = False
        assert set(outcomes(url, path, "EXC-20", "PAC-56").values()) == {"pass"}


def test_a_change_is_not_seen_without_a_memory(other_server: OtherServer, tmp_path: Path) -> None:
    with serving(lying(other_server, history_is_changed_later)) as url:
        for number, changed in enumerate((False, True)):
            LATER["changed"] = changed
            path = tmp_path / f"seen-{number}.json"
            assert set(outcomes(url, path, "EXC-20", "PAC-56").values()) == {"pass"}


def test_what_was_deprecated_stays_so(other_server: OtherServer, tmp_path: Path) -> None:
    path = tmp_path / "seen.json"
    with serving(lying(other_server, statuses_come_back)) as url:
        outcomes(url, path, "PAC-56")
        LATER["changed"] = True
        assert outcomes(url, path, "PAC-56") == {"PAC-56": "fail"}


def test_what_is_not_shown_any_more_is_remembered(tmp_path: Path) -> None:
    memory = Memory("https://a.example.com", tmp_path / "seen.json")
    memory.add("documents", "one", "aa")
    memory.write()
    memory = read_memory(tmp_path / "seen.json", "https://a.example.com")
    memory.add("documents", "two", "bb")
    memory.add("footprints", "three", "cc", "Active")
    memory.write()
    again = read_memory(tmp_path / "seen.json", "https://a.example.com")
    assert {name: seen.sha256 for name, seen in again.documents.items()} == {
        "one": "aa",
        "two": "bb",
    }
    assert again.footprints["three"].status == "Active"


def test_the_first_bytes_and_the_last_status_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "seen.json"
    first = Seen("aa", "2026-01-01", "Active")
    memory = Memory("https://a.example.com", path, footprints={"one": first, "two": first})
    memory.add("footprints", "one", "bb", "Deprecated")
    memory.add("footprints", "two", "aa", "Active")
    memory.write()
    kept = read_memory(path, "https://a.example.com")
    assert kept.footprints == {"one": Seen("aa", "2026-01-01", "Deprecated"), "two": first}
    kept.add("footprints", "one", "aa", "Active")
    kept.write()
    again = read_memory(path, "https://a.example.com")
    assert again.footprints["one"].status == "Deprecated"
    again.add("documents", "new", "cc")
    again.write()
    new = read_memory(path, "https://a.example.com").documents["new"]
    assert new == Seen("cc", datetime.now(UTC).date().isoformat())
    assert path.read_text("utf-8").startswith('{\n "endpoint": "https://a.example.com",\n')
    assert [one.name for one in tmp_path.iterdir()] == ["seen.json"]


@pytest.mark.usefixtures("another_day")
def test_days_are_those_of_utc(tmp_path: Path) -> None:
    memory = Memory("https://a.example.com", tmp_path / "seen.json")
    memory.add("documents", "one", "aa")
    memory.write()
    kept = read_memory(tmp_path / "seen.json", "https://a.example.com")
    assert kept.documents["one"].day == datetime.now(UTC).date().isoformat()


def test_nothing_is_known_and_nothing_kept_without_a_file(tmp_path: Path) -> None:
    memory = read_memory(None, "https://a.example.com")
    assert (memory.endpoint, memory.path, memory.documents) == ("https://a.example.com", None, {})
    memory.write()
    fresh = read_memory(tmp_path / "none.json", "https://a.example.com")
    assert (fresh.endpoint, fresh.path) == ("https://a.example.com", tmp_path / "none.json")


def test_what_stands_in_the_way_is_named(tmp_path: Path) -> None:
    nowhere = Memory("https://a.example.com", tmp_path / "none" / "seen.json")
    with pytest.raises(CannotRunError, match=r"seen\.json can't be written: No such file"):
        nowhere.write()
    with pytest.raises(CannotRunError, match="can't be read: Is a directory"):
        read_memory(tmp_path, "https://a.example.com")
    path = tmp_path / "seen.json"
    Memory("https://b.example.com", path).write()
    with pytest.raises(CannotRunError, match=r"is about https://b\.example\.com; give each"):
        read_memory(path, "https://a.example.com")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"endpoint": "https://b.example.com", "documents": {}, "footprints": {}}',
        '{"endpoint": "https://a.example.com", "documents": [], "footprints": {}}',
        '{"endpoint": "https://a.example.com", "documents": {"a": 1}, "footprints": {}}',
        '{"endpoint": "https://a.example.com", "documents": {"a": {}}, "footprints": {}}',
        '{"endpoint": "https://a.example.com", "documents": {"a": {"sha256": 1, "day": ""}}, '
        '"footprints": {}}',
    ],
)
def test_a_file_of_something_else_is_refused_and_kept(text: str, tmp_path: Path) -> None:
    path = tmp_path / "seen.json"
    path.write_text(text, "utf-8")
    with pytest.raises(CannotRunError, match="--remember"):
        read_memory(path, "https://a.example.com")
    assert path.read_text("utf-8") == text
