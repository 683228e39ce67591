"""The files of a run: what it takes in beside its settings, and what it leaves behind."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from scdx_conformance.badge import badge as draw_badge
from scdx_conformance.baseline import Entry, read_baseline, with_baseline, written
from scdx_conformance.report import Report
from scdx_conformance.report_html import as_html
from scdx_conformance.report_junit import as_junit
from scdx_conformance.settings import CannotRunError
from scdx_conformance.signed_report import read_key, signed
from scdx_conformance.summary import as_markdown
from scdx_conformance.target import Target
from scdx_conformance.transcript import Transcript

STDOUT = Path("-")


@dataclass
class Outputs:
    """Where everything goes; None is nowhere, ``json`` may be ``-``.

    ``summary`` is added to what is in its file, as the page of a job wants it.
    """

    json: Path | None = None
    junit: Path | None = None
    html: Path | None = None
    badge: Path | None = None
    summary: Path | None = None
    transcript: Path | None = None
    sign_key: Path | None = None
    baseline: Path | None = None
    write_baseline: Path | None = None
    _accepted: dict[str, Entry] = field(default_factory=dict)
    _key: dict[str, str] | None = None
    _kept: Transcript | None = None
    _texts: dict[Path, str] = field(default_factory=dict)

    @property
    def to_stdout(self) -> bool:
        """Whether standard output is for the report's JSON alone."""
        return self.json == STDOUT

    def look_over(self, *others: Path | None) -> None:
        """Read the key and the baseline, and see that files (``others`` too) can be written.

        Raises CannotRunError: before a run, which may take minutes.
        """
        if self.baseline is not None:
            self._accepted = read_baseline(self.baseline)
        if self.sign_key is not None:
            if self.json is None:
                raise CannotRunError("--sign-key signs the report of --json: name its file.")
            self._key = read_key(self.sign_key)
        new = self.write_baseline
        if new is not None and new.exists() and new != self.baseline:
            raise CannotRunError(
                f"{new} exists: give it as --baseline too, so that its reasons are kept."
            )
        for path in (*self._files(), *(one for one in others if one is not None)):
            if path.is_dir():
                raise CannotRunError(f"{path} can't be written: it is a folder.")
            if not path.parent.is_dir():
                raise CannotRunError(f"{path} can't be written: there is no such folder.")

    def watch(self, target: Target) -> None:
        """Keep the exchanges of a run, where a transcript was asked for."""
        if self.transcript is not None:
            self._kept = Transcript()
            self._kept.watch(target.wire, [target.capability_answer])

    def completed(self, report: Report, today: date) -> Report:
        """The report with what the baseline accepts and the transcript's digest."""
        if self.write_baseline is not None:
            self._texts[self.write_baseline] = written(report, self._accepted, today)
        report = with_baseline(report, self._accepted, today)
        if self.transcript is not None and self._kept is not None:
            about = {"target": report.target, "suite": report.suite, "date": report.date}
            text, told = self._kept.written(about)
            self._texts[self.transcript] = text
            report = dataclasses.replace(report, transcript=told)
        return report

    def write(self, report: Report) -> None:
        """Write all files. Raises CannotRunError where one can't be written."""
        if self.json is not None:
            text = report.as_json() if self._key is None else signed(report, self._key)
            if self.to_stdout:
                sys.stdout.write(text)
            else:
                self._texts[self.json] = text
        if self.junit is not None:
            self._texts[self.junit] = as_junit(report)
        if self.html is not None:
            self._texts[self.html] = as_html(report)
        if self.badge is not None:
            self._texts[self.badge] = draw_badge(report)
        if self.summary is not None:
            _write(self.summary, as_markdown(report), "a")
        for path, text in self._texts.items():
            _write(path, text)

    def _files(self) -> Iterator[Path]:
        shown = (self.json, self.junit, self.html, self.badge, self.summary)
        named = (*shown, self.transcript, self.write_baseline)
        return (path for path in named if path is not None and path != STDOUT)


def _write(path: Path, text: str, mode: str = "w") -> None:
    try:
        with path.open(mode, encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise CannotRunError(f"{path} can't be written: {error.strerror}.") from None
