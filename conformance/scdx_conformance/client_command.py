"""What ``scdx check-client`` does once its options are read."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from scdx_conformance.client_check import ClientSettings, play
from scdx_conformance.client_report import build, show
from scdx_conformance.client_scenes import SCENES
from scdx_conformance.settings import CannotRunError


def print_scenes() -> None:
    """Print each scene: its name, how often the client runs in it, and its faults."""
    for scene in SCENES:
        how = "twice" if scene.again else "once"
        slow = " (only with --slow, or by name)" if scene.slow else ""
        print(f"{scene.name:<24} {how:<6} {', '.join(scene.faults)}{slow}")


def check(settings: ClientSettings, json_file: Path | None) -> int:
    """Run the client through the scenes, print and write the report; gives the exit code."""
    to_stdout = json_file == Path("-")
    try:
        report = build(settings, play(settings))
        if to_stdout:
            sys.stdout.write(report.as_json())
        elif json_file is not None:
            json_file.write_text(report.as_json(), encoding="utf-8")
    except CannotRunError as error:
        Console(stderr=True, highlight=False).print(Text(f"Could not run: {error}"))
        return 2
    except OSError as error:
        Console(stderr=True, highlight=False).print(Text(f"Could not run: {error.strerror}"))
        return 2
    show(report, Console(stderr=to_stdout, highlight=False))
    return report.exit_code
