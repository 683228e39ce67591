"""What an export of 100,000 documents as NDJSON costs beside a bare scan of the same rows.

One client that only counts bytes; megabytes (10^6) of uncompressed lines a second. The scan reads
documents and statements from the same SQLite file, in order, and does nothing else. The first
export is compared with what was published, line by line.
"""

import json
import socket
import sqlite3
import time
from urllib.parse import urlsplit

import stage
import zstandard
from measure import Server, cache, cpu_of, goal, median_of, products_wanted, ratio, scdx, serving

from scdx_server.database import FILE

ROUNDS = 5
LIST = "/scdx/1/documents"
CODINGS = ("identity", "zstd", "gzip")
SCAN = """
SELECT d.body, s.token FROM document d JOIN statement s ON s.document_seq = d.seq ORDER BY d.seq
"""


def main() -> None:
    staged = stage.staged(cache(), products_wanted())
    walls: dict[str, list[float]] = {name: [] for name in ("scan", *CODINGS)}
    cpus: dict[str, list[float]] = {name: [] for name in walls}
    sent: dict[str, int] = {}
    with serving(scdx(staged.folder)) as server:
        size = compare(server, staged)
        for number in range(ROUNDS + 1):  # the first one warms
            start, scanned = time.perf_counter(), [0]
            cpu = cpu_of(lambda scanned=scanned: scanned.append(scan(staged)))  # type: ignore[misc]
            if number:
                walls["scan"].append(scanned[-1] / (time.perf_counter() - start) / 1e6)
                cpus["scan"].append(scanned[-1] / cpu / 1e6)
            for coding in CODINGS:
                before, start = server.cpu(), time.perf_counter()
                sent[coding] = len_of_export(server, staged, coding)
                wall, cpu = time.perf_counter() - start, server.cpu() - before
                if number:
                    walls[coding].append(size / wall / 1e6)
                    cpus[coding].append(size / cpu / 1e6)
    print(f"  {staged.count:,} entries, {size / 1e6:,.0f} MB of lines; MB are uncompressed ones")
    print(f"  {'':10}{'MB/s':>8}{'MB/CPU s':>10}{'× scan':>8}{'× scan, CPU':>13}{'MB sent':>9}")
    for name, rounds in walls.items():
        told = f"{sent[name] / 1e6:9,.0f}" if name in sent else ""
        print(f"  {name:10}{median_of(rounds):8,.0f}{median_of(cpus[name]):10,.0f}"
              f"{ratio(rounds, walls['scan']):8.2f}"
              f"{ratio(cpus[name], cpus['scan']):13.2f}{told}")  # fmt: skip
    found = ratio(walls["identity"], walls["scan"])
    goal("export ÷ bare scan, MB/s", found, 0.35, at_least=True)


def scan(staged: stage.Staged) -> int:
    """Bytes of documents and statements, read once."""
    connection = sqlite3.connect(f"file:{staged.folder / FILE}?mode=ro", uri=True)
    try:
        return sum(len(body) + len(token) for body, token in connection.execute(SCAN))
    finally:
        connection.close()


def opened(server: Server, staged: stage.Staged, coding: str) -> socket.socket:
    """A connection on which an export is on its way."""
    where = urlsplit(server.url)
    headers = {
        **staged.bearer(server.url),
        "Host": where.netloc,
        "Accept": "application/x-ndjson",
        "Accept-Encoding": coding,
        "Connection": "close",
    }
    lines = [f"GET {LIST} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    line = socket.create_connection((where.hostname or "", where.port or 0))
    line.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
    return line


def len_of_export(server: Server, staged: stage.Staged, coding: str) -> int:
    """Bytes on the wire, head and chunk sizes included."""
    buffer, size = bytearray(1 << 20), 0
    with opened(server, staged, coding) as line:
        while found := line.recv_into(buffer):
            size += found
    return size


def compare(server: Server, staged: stage.Staged) -> int:
    """Hold a whole export against what was published; gives the bytes of its lines."""
    import httpx2

    size, documents, rest = 0, iter(staged.documents()), b""
    headers = {"Accept": "application/x-ndjson", "Accept-Encoding": "zstd"}
    headers |= staged.bearer(server.url)
    unpacked = zstandard.ZstdDecompressor().decompressobj()
    with httpx2.stream(
        "GET", f"{server.url}{LIST}", headers=headers, trust_env=False, timeout=60
    ) as answer:
        assert answer.headers["content-encoding"] == "zstd"
        for part in answer.iter_raw():
            *lines, rest = (rest + unpacked.decompress(part)).split(b"\n")
            for line in lines:
                size += len(line) + 1
                assert json.loads(line)["document"] == json.loads(next(documents))
    assert rest == b""
    assert next(documents, None) is None
    return size


if __name__ == "__main__":
    main()
