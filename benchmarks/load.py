"""A load generator in a process of its own: requests over kept connections, raw HTTP/1.1.

It parses as little as a client can, so that two CPUs are enough for it and the server. The caller
says which requests; they are shared out among the connections. Each answer is read to its end.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

CONNECTIONS = 16
_BUFFER = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Ask:
    """One request."""

    path: str
    method: str = "GET"
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answered:
    """What a run of requests came to; ``latencies`` are sorted seconds."""

    seconds: float
    statuses: dict[str, int]
    received: int
    latencies: list[float]

    @property
    def rate(self) -> float:
        """Requests a second, by the clock on the wall."""
        return len(self.latencies) / self.seconds

    def slowest(self, share: float = 0.99) -> float:
        """The latency below which so large a share of the answers came, in seconds."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]


def run(
    url: str,
    asks: Sequence[Ask],
    *,
    headers: Mapping[str, str] | None = None,
    connections: int = CONNECTIONS,
    expect: Sequence[int] = (200,),
) -> Answered:
    """Send requests and give what came back.

    ``headers`` go with each. Raises ``AssertionError`` for a status that isn't expected.
    """
    job = {
        "url": url,
        "connections": connections,
        "headers": dict(headers or {}),
        "asks": [asdict(ask) for ask in asks],
    }
    done = subprocess.run(
        [sys.executable, __file__], input=json.dumps(job).encode(), capture_output=True, check=True
    )
    found = Answered(**json.loads(done.stdout))
    unexpected = set(found.statuses) - {str(one) for one in expect}
    assert not unexpected, f"{url} answered {found.statuses}"
    return found


def _bytes(ask: Mapping[str, Any], host: str, headers: Mapping[str, str]) -> bytes:
    body = ask["body"].encode()
    lines = [f"{ask['method']} {ask['path']} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in {**headers, **ask["headers"]}.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def _answer(reader: asyncio.StreamReader) -> tuple[str, int]:
    """Status and size of one answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    given = {
        name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)
    }
    status, size = first.split()[1], 0
    if status in ("204", "304"):
        return status, 0
    if "content-length" in given:
        size = int(given["content-length"])
        await reader.readexactly(size)
        return status, size
    while part := int(await reader.readline(), 16):
        await reader.readexactly(part + 2)
        size += part
    await reader.readexactly(2)
    return status, size


async def _work(job: Mapping[str, Any]) -> Answered:
    where = urlsplit(job["url"])
    waiting = [_bytes(ask, where.netloc, job["headers"]) for ask in reversed(job["asks"])]
    statuses: Counter[str] = Counter()
    latencies: list[float] = []
    received = 0

    async def connection() -> None:
        nonlocal received
        reader, writer = await asyncio.open_connection(where.hostname, where.port, limit=_BUFFER)
        while waiting:
            asked = waiting.pop()
            started = time.perf_counter()
            writer.write(asked)
            status, size = await _answer(reader)
            latencies.append(time.perf_counter() - started)
            statuses[status] += 1
            received += size
        writer.close()

    begin = time.perf_counter()
    await asyncio.gather(*(connection() for _ in range(job["connections"])))
    return Answered(time.perf_counter() - begin, dict(statuses), received, sorted(latencies))


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(_work(json.load(sys.stdin))))))
