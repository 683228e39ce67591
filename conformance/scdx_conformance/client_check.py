"""``scdx check-client``: a client's own command, run against one misbehaving supplier at a time.

What it does is judged by what the supplier saw, and by the list that the client writes of the
documents which it would calculate with.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scdx_conformance.chaos.faults import chosen
from scdx_conformance.chaos.hosts import listening
from scdx_conformance.chaos.supplier import Seen, Supplier
from scdx_conformance.client_scenes import SCENES, Scene, scenes
from scdx_conformance.redaction import printable
from scdx_conformance.settings import CannotRunError

CANARY = "scdx-chaos-was-here"
_DEPTH = ("a", "b", "c", "d", "e")
_MOST_OUTPUT = 2**20
_MOST_ACCEPTED = 64 * 2**20


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """One run's input. ``scenes`` empty means every scene."""

    command: tuple[str, ...]
    seed: int = 1
    products: int = 8
    scenes: tuple[str, ...] = ()
    runs: int = 2
    accepted: str = "accepted.ndjson"
    timeout_seconds: float = 120.0
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """A document that the client says it would calculate with."""

    id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command in a scene. ``exit_code`` None: it was ended after the time limit."""

    exit_code: int | None
    seconds: float
    output: bytes
    seen: tuple[Seen, ...]
    strange: tuple[Seen, ...]


@dataclass(slots=True)
class Played:
    """A scene, its supplier, and what the client did there, run by run."""

    scene: Scene
    supplier: Supplier
    runs: list[Run] = field(default_factory=list)
    accepted: list[Accepted] | None = None
    """What the client wrote last; None where it wrote nothing."""
    stray_file: bool = False
    """Whether a file was written where a document's id points to."""


def play(settings: ClientSettings) -> list[Played]:
    """Run the client through all scenes.

    Raises :class:`CannotRunError` where there is nothing to run, or nothing came of it.
    """
    _look_over(settings)
    played: list[Played] = []
    for scene in scenes(settings.scenes, slow=settings.slow):
        one = _played(scene, settings)
        if not played and not any(run.seen for run in one.runs):
            raise CannotRunError(_silence(one.runs[0]))
        played.append(one)
    return played


def _look_over(settings: ClientSettings) -> None:
    if not settings.command:
        raise CannotRunError("give the client's command: scdx check-client -- COMMAND …")
    if set(settings.scenes) - {scene.name for scene in SCENES}:
        raise CannotRunError("--scene names none: scdx check-client --list-scenes")
    if Path(settings.accepted).name != settings.accepted:
        raise CannotRunError("--accepted takes a file's name; its folder is {dir}")


def _silence(run: Run) -> str:
    """Why a command that asked nothing can't be judged."""
    ended = "ran into the time limit" if run.exit_code is None else f"exit status {run.exit_code}"
    lines = run.output.decode("utf-8", "replace").strip().splitlines()
    said = f"; it said: {printable(lines[-1])[:200]}" if lines else ""
    return f"the command sent the supplier no request ({ended}{said})"


def _played(scene: Scene, settings: ClientSettings) -> Played:
    supplier = Supplier(settings.seed, chosen(scene.faults), settings.products)
    played = Played(scene, supplier)
    with (
        listening(supplier),
        tempfile.TemporaryDirectory(prefix="scdx-chaos-", ignore_cleanup_errors=True) as root,
    ):
        # Deep, so that a path which climbs out of it stays inside what is looked through.
        folder = Path(root, *_DEPTH)
        folder.mkdir(parents=True)
        accepted = folder / settings.accepted
        names = {
            "url": supplier.url,
            "client_id": supplier.client_id,
            "client_secret": supplier.client_secret,
            "dir": str(folder),
            "accepted": str(accepted),
        }
        for _ in range(settings.runs if scene.again else 1):
            played.runs.append(_run(settings, names, supplier))
        played.accepted = _accepted(accepted)
        played.stray_file = any(CANARY in path.name for path in Path(root).rglob("*"))
    return played


def _run(settings: ClientSettings, names: dict[str, str], supplier: Supplier) -> Run:
    environment = os.environ | {
        "SCDX_CHAOS_URL": names["url"],
        "SCDX_CLIENT_ID": names["client_id"],
        "SCDX_CLIENT_SECRET": names["client_secret"],
        "SCDX_CHAOS_DIR": names["dir"],
        "SCDX_ACCEPTED": names["accepted"],
    }
    command = [_filled(word, names) for word in settings.command]
    before, strange = len(supplier.seen), len(supplier.strange)
    began = time.monotonic()
    with tempfile.TemporaryFile() as output:
        code = _ended(command, environment, output.fileno(), settings.timeout_seconds)
        seconds = time.monotonic() - began
        output.seek(0)
        said = output.read(_MOST_OUTPUT)
    return Run(
        code, seconds, said, tuple(supplier.seen[before:]), tuple(supplier.strange[strange:])
    )


def _filled(word: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        word = word.replace(f"{{{name}}}", value)
    return word


def _ended(
    command: Sequence[str], environment: dict[str, str], output: int, seconds: float
) -> int | None:
    """Run a command to its end; None where it had to be ended."""
    try:
        process = subprocess.Popen(  # noqa: S603  # the user's own command
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise CannotRunError(f"the command can't be started: {error.strerror}") from None
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        _end_group(process)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End the command and what it started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _accepted(path: Path) -> list[Accepted] | None:
    """The documents of a client's list; lines that are none count for nothing."""
    try:
        with path.open("rb") as file:
            lines = file.read(_MOST_ACCEPTED).splitlines()
    except OSError:
        return None
    found = []
    for line in lines:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and isinstance(value.get("id"), str):
            found.append(Accepted(value["id"].lower(), str(value.get("sha256", "")).lower()))
    return found
