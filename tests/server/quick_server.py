"""A uvicorn that starts and stops in a few milliseconds: hundreds of tests have one of their own.

Uvicorn looks ten times a second whether it should stop, and then gives its connections a tenth of
a second. Here it is told, and it waits where a connection or a task is left.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator

import uvicorn

START_SECONDS = 10.0
TICK_SECONDS = 0.1
TURNS = 3
"""Of the loop, until a closed connection is gone."""


class QuickServer(uvicorn.Server):
    """Runs in a thread; ``stop`` ends it from any other."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()
        self._stopping: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def stop(self) -> None:
        """Say that it is over."""
        self.should_exit = True
        if self._loop is not None and self._stopping is not None:
            with contextlib.suppress(RuntimeError):  # its loop is closed: it has stopped
                self._loop.call_soon_threadsafe(self._stopping.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell who waits for it."""
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        try:
            await super().startup(sockets)
        finally:
            self.up.set()

    async def main_loop(self) -> None:
        """Tick as uvicorn does, and stop at once."""
        assert self._stopping is not None
        counter = 0
        while not await self.on_tick(counter):
            counter += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), TICK_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what is idle, and take uvicorn's time for the rest."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        for _ in range(TURNS):
            await asyncio.sleep(0)
        if self.server_state.connections or self.server_state.tasks:
            await super().shutdown(sockets)
        elif not self.force_exit:
            await self.lifespan.shutdown()


@contextlib.contextmanager
def run_in_a_thread(config: uvicorn.Config, line: socket.socket) -> Iterator[None]:
    """Serve on a bound socket while the block runs. Raises RuntimeError where it doesn't start."""
    server = QuickServer(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [line]}, daemon=True)
    thread.start()
    try:
        if not server.up.wait(START_SECONDS) or not server.started:
            raise RuntimeError("the server did not start")
        yield
    finally:
        server.stop()
        thread.join(START_SECONDS)
        line.close()
