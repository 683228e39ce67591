"""Exports: a list as NDJSON, compressed as the caller asks, a few at a time, in small pieces."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from functools import partial

import zstandard
from starlette.requests import Request

from scdx_server import reading
from scdx_server.context import Context
from scdx_server.reading import Caller

NDJSON = "application/x-ndjson"
_ROWS = 100
_ZSTD_LEVEL = _GZIP_LEVEL = 1
_GZIP_WINDOW = 31  # zlib's largest window, with a gzip header


def wants_ndjson(request: Request) -> bool:
    """Whether a caller asks for NDJSON, by name."""
    return any(
        one.partition(";")[0].strip().lower() == NDJSON
        for one in request.headers.get("accept", "").split(",")
    )


async def export(
    here: Context, who: Caller, *, after: int, limit: int, kind: str | None, last: int
) -> AsyncIterator[bytes]:
    """Entries as lines, from behind ``after`` to ``last``, the list's end when it began.

    What happens while it runs comes at the list's end: its last piece may hold some of it, and the
    next export from the last position all of it. A document that is revoked meanwhile is not
    shown any more.
    """
    async with here.exports:
        while limit > 0 and after < last:
            rows = min(_ROWS, limit)
            work = partial(reading.entries, buyer=who.id, after=after, limit=rows, kind=kind)
            page = await here.read(work)
            items = page.items
            if items:
                yield b"\n".join(items) + b"\n"
            limit -= len(items)
            if page.more_after is None:
                return
            after = page.more_after


def encoding_of(request: Request, lines: AsyncIterator[bytes]) -> tuple[str, AsyncIterator[bytes]]:
    """The best content coding that a caller takes, and the lines in it; zstd before gzip."""
    taken = {
        one.partition(";")[0].strip().lower()
        for one in request.headers.get("accept-encoding", "").split(",")
        if one.partition(";")[2].replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    }
    if "zstd" in taken:
        return "zstd", _zstd(lines)
    if "gzip" in taken:
        return "gzip", _gzip(lines)
    return "", lines


async def _zstd(lines: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    packer = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compressobj()
    async for part in lines:
        packed = await asyncio.to_thread(packer.compress, part)
        if packed:
            yield packed
    yield packer.flush()


async def _gzip(lines: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    async for part in lines:
        packed = await asyncio.to_thread(packer.compress, part)
        if packed:
            yield packed
    yield packer.flush()
