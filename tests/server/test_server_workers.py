"""Several processes on PostgreSQL, one process a folder on SQLite."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from databases import need, server_data
from supplier import document

from scdx_server.buyers import add_buyer, add_publisher
from scdx_server.database import POSTGRESQL, SQLITE, Database
from scdx_server.granting import grant
from scdx_server.visibility import Selector

SCDX = [sys.executable, "-m", "scdx_spec.cli"]


@contextlib.contextmanager
def serving(database: Database, *options: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """``scdx serve`` as a process of its own."""
    environment = {**os.environ, "SCDX_DATABASE": database.url}
    words = ["serve", "--data", str(database.folder), "--port", "0", "--insecure-loopback"]
    with subprocess.Popen(
        [*SCDX, *words, *options], env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            yield line.removeprefix("Serving ").strip(), process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(30)


def test_three_processes_share_one_database(tmp_path: Path) -> None:
    need(POSTGRESQL)
    with server_data(POSTGRESQL, tmp_path / "data") as database:
        publisher = add_publisher(database, "CI")
        buyer = add_buyer(database, "Kommun")
        grant(database, "Kommun", Selector.parse("all"))
        with serving(database, "--workers", "3") as (url, process):
            form = {"grant_type": "client_credentials"}

            @contextlib.contextmanager
            def client(name: str, secret: str) -> Iterator[httpx2.Client]:
                with httpx2.Client(base_url=url, trust_env=False, timeout=30) as http:
                    answer = http.post("/auth/token", auth=(name, secret), data=form)
                    http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
                    yield http

            def put(number: int) -> int:
                with client(publisher.client_id, publisher.client_secret) as http:
                    one = document(f"by worker {number}")
                    return http.put(f"/scdx/1/documents/{one['id']}", json=one).status_code

            with ThreadPoolExecutor(6) as pool:
                assert set(pool.map(put, range(24))) == {201}
            with client(buyer.client_id, buyer.client_secret) as http:
                entries = http.get("/scdx/1/documents?limit=100").json()["data"]
            assert [int(entry["position"]) for entry in entries] == list(range(1, 25))
            assert len({entry["id"] for entry in entries}) == 24
            process.send_signal(signal.SIGTERM)
            assert process.wait(40) == 0


def test_several_workers_need_postgresql(tmp_path: Path) -> None:
    with (
        server_data(SQLITE, tmp_path / "data") as database,
        serving(database, "--workers", "2") as (_, process),
    ):
        assert process.wait(20) == 2
        assert process.stderr is not None
        assert "PostgreSQL" in process.stderr.read()


def test_a_second_process_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with server_data(SQLITE, tmp_path / "data") as database, serving(database) as (url, _):
        assert httpx2.get(f"{url}/readyz", trust_env=False).status_code == 200
        with serving(database) as (_, second):
            assert second.wait(20) == 1
            assert second.stderr is not None
            assert "another process" in second.stderr.read()


@pytest.mark.parametrize("url", ["mysql://x", "sqlite:///x"])
def test_another_kind_of_database_is_refused_in_words(url: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [*SCDX, "buyers", "list", "--data", str(tmp_path)], capture_output=True, text=True,
        env={**os.environ, "SCDX_DATABASE": url}, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "postgresql://" in done.stderr


def test_a_database_that_does_not_answer_is_told_in_words(tmp_path: Path) -> None:
    need(POSTGRESQL)
    url = "postgresql://nobody:secret-word@127.0.0.1:9/none"
    done = subprocess.run(
        [*SCDX, "init", "--name", "Example", "--data", str(tmp_path / "d")], capture_output=True,
        text=True, env={**os.environ, "SCDX_DATABASE": url}, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "does not answer" in done.stderr
    assert "secret-word" not in done.stderr
