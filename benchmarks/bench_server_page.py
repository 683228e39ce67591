"""What a page of 100 documents costs the server, against a bare route with the same bytes.

The server runs in a process of its own with 2,000 footprints; a buyer reads pages at random
positions, authenticated. Interleaved rounds; the server's CPU time (user and system) a request,
median of the rounds. The limit is a route of the same server that answers a page's bytes from
memory, without authentication or database.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path

import httpx2

DOCUMENTS, ROUNDS, REQUESTS = 2_000, 5, 300
HERE = Path(__file__)


def prepare(folder: Path) -> tuple[str, str]:
    """A server with documents and one buyer who sees them all; gives the credentials."""
    from scdx_server.buyers import add_buyer, grant, initialise
    from scdx_server.publish import Candidate, publish
    from scdx_server.visibility import Selector
    from scdx_spec.data import load_json

    initialise(folder, name="Example Services AB")
    one = {k: v for k, v in load_json("examples/product-footprint.json").items() if k != "status"}
    one.pop("precedingPfIds", None)
    made = [Candidate(str(n), {**one, "id": str(uuid.uuid4())}) for n in range(DOCUMENTS)]
    outcomes = publish(folder, made)
    assert all(outcome.result == "published" for outcome in outcomes)
    buyer = add_buyer(folder, "Buyer")
    grant(folder, "Buyer", Selector("all", ""))
    return buyer.client_id, buyer.client_secret


def serve(folder: Path) -> None:
    """The server's process: the application, and the bare route beside it."""
    import socket

    import uvicorn
    from starlette.requests import Request
    from starlette.responses import Response

    from scdx_server.app import create_app

    app = create_app(folder)
    reader = app.state.context.reader
    page = b'{"data":[' + b",".join(reader.entries(2, after=0, limit=100).items) + b"]}"

    async def bare(_: Request) -> Response:
        return Response(page, media_type="application/json")

    app.add_route("/bare", bare)
    line = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    line.bind(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{line.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[line])


def cpu_seconds(process: int) -> float:
    """User and system time of a process so far (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "data"
        credentials = prepare(folder)
        command = [sys.executable, str(HERE), "serve", str(folder)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            measure(process.stdout.readline().strip(), process.pid, credentials)
        finally:
            process.terminate()
            process.wait(20)


def measure(url: str, process: int, credentials: tuple[str, str]) -> None:
    """Run the rounds and print CPU µs a request, and each as a multiple of the bare route."""
    with httpx2.Client(base_url=url, trust_env=False) as http:
        form = {"grant_type": "client_credentials"}
        token = http.post("/auth/token", auth=credentials, data=form).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        entries = json.loads(http.get("/scdx/1/documents?limit=1000").content)["data"]
        ids = [entry["id"] for entry in entries]
        whole = http.get("/scdx/1/documents?limit=100")
        assert whole.content == http.get("/bare").content
        tag = {"If-None-Match": whole.headers["etag"]}

        def anywhere() -> int:
            return random.randrange(1, DOCUMENTS - 100)

        cases: dict[str, Callable[[], httpx2.Response]] = {
            "bare route, the same bytes": lambda: http.get("/bare"),
            "page of 100 entries": lambda: http.get(
                f"/scdx/1/documents?limit=100&after={anywhere()}"
            ),
            "page of 100, one kind": lambda: http.get(
                f"/scdx/1/documents?limit=100&kind=ProductFootprint&after={anywhere()}"
            ),
            "unchanged page (304)": lambda: http.get("/scdx/1/documents?limit=100", headers=tag),
            "one entry": lambda: http.get(f"/scdx/1/documents/{random.choice(ids)}"),
            "page of 100 footprints (PACT)": lambda: http.get("/3/footprints?limit=100"),
            "smallest answer (livez)": lambda: http.get("/livez"),
        }
        spent: dict[str, list[float]] = {case: [] for case in cases}
        for _ in range(ROUNDS):
            for case, ask in cases.items():
                before = cpu_seconds(process)
                for _ in range(REQUESTS):
                    assert ask().status_code in (200, 304)
                spent[case].append((cpu_seconds(process) - before) / REQUESTS * 1e6)
    limit = statistics.median(spent["bare route, the same bytes"])
    print(f"{DOCUMENTS} footprints, a page of 100 is {len(whole.content):,} bytes; one connection")
    for case, rounds in spent.items():
        found = statistics.median(rounds)
        print(f"{case:32} {found:7.0f} µs CPU   {found / limit:5.2f} × the bare route")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(Path(sys.argv[2]))
    else:
        main()
