"""The guide "A supplier's first hour" is run as it stands: its commands, cells and outputs."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

GUIDE = Path("docs") / "guides" / "first-hour.md"
NEEDED = ("bash", "curl", "openssl", "python3")
PATIENCE = 60
_BLOCK = re.compile(
    r"^```(?P<kind>sh|text)\n(?P<body>.*?)^```$"
    r"|^\| sheet \| cell \| heading \| type \|\n\|[-|]+\|\n(?P<cells>(?:\|[^\n]*\|\n)+)",
    re.DOTALL | re.MULTILINE,
)
Cells = list[tuple[str, str, str, str]]


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """Commands (``sh``), outputs (``text``) and tables of cells to type, in their order."""
    for found in _BLOCK.finditer(text):
        yield (found["kind"], found["body"]) if found["kind"] else ("cells", found["cells"])


def cells_of(table: str) -> Cells:
    """Sheet, cell, heading and what to type, of each line of a table."""
    found: Cells = []
    for line in table.splitlines():
        sheet, cell, heading, typed = (one.strip() for one in line.strip("|").split("|"))
        found.append((sheet, cell, heading, typed))
    return found


@dataclass
class Typist:
    """Types into the real template: numbers as numbers, everything else as text."""

    book: Path
    typed: dict[str, dict[str, str]] = field(default_factory=dict)

    def type(self, cells: Cells) -> None:
        with zipfile.ZipFile(self.book) as opened:
            parts = {name: opened.read(name) for name in opened.namelist()}
        titles = re.findall(r'<sheet name="([^"]+)"', parts["xl/workbook.xml"].decode())
        for sheet, cell, heading, text in cells:
            path = f"xl/worksheets/sheet{titles.index(sheet) + 1}.xml"
            wanted = heading.rpartition(": ")[2]
            assert self._heading(parts, path, cell) in (wanted, f"{wanted} *", f"{wanted} (*)")
            self.typed.setdefault(path, {})[cell] = text
        for path, row in self.typed.items():
            bare = re.sub(r'<row r="4".*?</row>', "", parts[path].decode(), flags=re.DOTALL)
            made = "".join(_cell(name, row[name]) for name in sorted(row, key=_order))
            full = bare.replace("</sheetData>", f'<row r="4">{made}</row></sheetData>')
            parts[path] = full.encode()
        with zipfile.ZipFile(self.book, "w", zipfile.ZIP_DEFLATED) as closed:
            for name, content in parts.items():
                closed.writestr(name, content)

    def _heading(self, parts: dict[str, bytes], path: str, cell: str) -> str:
        """The heading of a cell's column, in row 2 of the template."""
        letters = cell.rstrip("0123456789")
        number = re.search(rf'<c r="{letters}2"[^>]*><v>(\d+)</v>', parts[path].decode())
        assert number is not None, f"{path} has no column {letters}"
        words = re.findall(r"<si><t[^>]*>(.*?)</t></si>", parts["xl/sharedStrings.xml"].decode())
        return str(words[int(number[1])])


def _order(cell: str) -> tuple[int, str]:
    return (len(cell), cell)


def _cell(name: str, text: str) -> str:
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return f'<c r="{name}"><v>{text}</v></c>'
    return f'<c r="{name}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


class Shell:
    """One shell session, as a reader's terminal: variables and background jobs stay."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, commands: str) -> str:
        """Everything that the commands print; the shell ends where they take too long."""
        watch = threading.Timer(PATIENCE, self._end)
        watch.start()
        try:
            return self._run(commands)
        finally:
            watch.cancel()

    def _run(self, commands: str) -> str:
        shell = self._process
        assert shell.stdin is not None
        assert shell.stdout is not None
        shell.stdin.write(f"{commands}\nprintf '\\nend-of-block\\n'\n")
        shell.stdin.flush()
        printed: list[str] = []
        for line in shell.stdout:
            if line == "end-of-block\n":
                return "".join(printed).removesuffix("\n")
            printed.append(line)
        raise AssertionError(f"the shell ended: {''.join(printed)}")

    def close(self) -> None:
        """End the shell with everything that it started."""
        self._end()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait(PATIENCE)

    def _end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


def fits(shown: str, printed: str) -> bool:
    """Whether an output is the one shown, where ``…`` stands for what differs from day to day."""
    pattern = ".*?".join(re.escape(part) for part in shown.strip().split("…"))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


def free_port() -> str:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return str(line.getsockname()[1])


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"the guide needs {', '.join(missing)}")
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TZ") if name in os.environ}
    opened = Shell(
        tmp_path,
        {
            **kept,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "NO_COLOR": "1",
            "WEB_PORT": free_port(),
            "LIVE_PORT": free_port(),
        },
    )
    yield opened
    opened.close()


def test_the_guide_does_what_it_says(repository: Path, tmp_path: Path, shell: Shell) -> None:
    typist = Typist(tmp_path / "first-hour" / "climate.xlsx")
    printed, ran, shown, typed = "", 0, 0, 0
    for kind, body in blocks((repository / GUIDE).read_text("utf-8")):
        if kind == "cells":
            typist.type(cells_of(body))
            typed += 1
        elif kind == "sh":
            printed = shell.run(body)
            ran += 1
            print(f"$ {body}{printed}")  # what a failure shows
            assert "Traceback" not in printed
        else:
            assert fits(body, printed), f"shown:\n{body}\nprinted:\n{printed}"
            shown += 1
    assert (typed, ran > 10, shown > 10) == (3, True, True)


def test_another_output_is_noticed() -> None:
    assert fits("2 documents: 1 new, …\nNext\n", "2 documents: 1 new, 0 same\nNext\n")
    assert not fits("2 documents: 1 new, …\nNext\n", "3 documents: 1 new, 0 same\nNext\n")
    assert not fits("created\n", "created\nand a warning\n")
    assert not fits("", "an error\n")
