"""The demo's stage: public commands run as subprocesses, and servers that are always stopped."""

import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

START_SECONDS = 60.0


class StepError(Exception):
    """A step of the demo that failed: the command, and what it said."""

    def __init__(self, command: list[str], said: str) -> None:
        super().__init__(f"$ {shown(command)}\n{said.strip()}")


def shown(command: list[str]) -> str:
    """A command as a reader would type it: without this Python, and without secrets."""
    words, hide = [], False
    for word in command:
        words.append("…" if hide else f"'{word}'" if " " in word else word)
        hide = word == "--client-secret"
    if words[:3] == [sys.executable, "-m", "scdx_spec.cli"]:
        words[:3] = ["scdx"]
    elif words[:1] == [sys.executable]:
        words[0] = "python"
    return " ".join(words)


def scdx(*words: str | Path) -> list[str]:
    """A public command."""
    return [sys.executable, "-m", "scdx_spec.cli", *(str(word) for word in words)]


@dataclass
class Stage:
    """Runs commands in one folder and keeps the servers; leaving the stage stops them all."""

    folder: Path
    servers: list[subprocess.Popen[str]] = field(default_factory=list)

    def __enter__(self) -> Self:
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def run(self, command: list[str], *, accept: tuple[int, ...] = (0,)) -> str:
        """Run a command to its end; gives what it printed. Raises :class:`StepError`."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=_environment(),
            text=True,
            capture_output=True,
            check=False,
        )
        if done.returncode not in accept:
            raise StepError(command, f"{done.stdout}\n{done.stderr}")
        return done.stdout

    def serve(self, command: list[str]) -> str:
        """Start a server; gives the address that it prints first. Raises :class:`StepError`."""
        log = (self.folder / f"server-{len(self.servers) + 1}.log").open("w")
        server = subprocess.Popen(
            command,
            cwd=self.folder,
            env=_environment(),
            text=True,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        self.servers.append(server)
        assert server.stdout is not None
        timer = threading.Timer(START_SECONDS, server.kill)
        timer.daemon = True
        timer.start()
        try:
            line = server.stdout.readline()
        finally:
            timer.cancel()
        if not line.startswith("Serving "):
            said = Path(self.folder / f"server-{len(self.servers)}.log").read_text("utf-8")
            raise StepError(command, said or "it ended without a word")
        return line.split()[1]

    def stop(self) -> None:
        """Stop every server, politely first."""
        for server in self.servers:
            if server.poll() is None:
                server.terminate()
        for server in self.servers:
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()
            if server.stdout is not None:
                server.stdout.close()
        self.servers.clear()


def _interrupt(number: int, _: object) -> None:
    raise KeyboardInterrupt(f"signal {number}")


def _environment() -> dict[str, str]:
    """The environment of commands: no settings of the caller's, plain and wide output."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SCDX_")}
    return {**kept, "COLUMNS": "100", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
