"""The words in which every form of the report says the same."""

from __future__ import annotations

from scdx_conformance.report import Report
from scdx_conformance.served_words import incomplete_sentence

WORDS = {
    "pass": "passed",
    "fail": "failed",
    "warn": "warned",
    "not_testable": "not testable",
}
"""What stands for an outcome."""
STATES = {"pass": "passes", "fail": "does not pass", "part": "judged in part"}
"""What stands for a class's verdict."""


def documents_checked(report: Report) -> str:
    """How many documents were checked: ``15``, or ``250 of 1,000`` where that was a sample."""
    checked = f"{report.documents['checked']:,}"
    return f"{checked} of {report.documents['shown']:,}" if is_sample(report) else checked


def is_sample(report: Report) -> bool:
    """Whether more documents were served than checked."""
    return report.documents["checked"] != report.documents.get("shown", report.documents["checked"])


def verdict(report: Report) -> str:
    """The run's answer in a sentence or two."""
    incomplete = incomplete_sentence(report.served) if report.served else ""
    if report.failed:
        count = len(report.failed)
        classes = ", ".join(one for one in report.classes if report.state(one) == "fail")
        told = f"{count} requirement{'s' if count > 1 else ''} of {classes} broken"
        return f"Does not pass: {told} at {report.target}. {incomplete}".rstrip()
    if incomplete:
        names = ", ".join(report.incomplete)
        return f"Does not pass: what {report.target} serves isn't complete in {names}."
    if report.problems:
        return "The run is incomplete."
    whole = [name for name in report.classes if report.state(name) == "pass"]
    part = [name for name in report.classes if report.state(name) == "part"]
    nothing = "Nothing failed that isn't known." if report.known else "Nothing failed."
    said = f"{report.target} passes SCDX's {', '.join(whole)}." if whole else nothing
    if part:
        said += f" Judged in part: {', '.join(part)}."
    if report.served and report.served.asked:
        names = ", ".join(one.name for one in report.served.asked)
        seen = "What is served" if report.served.whole else "What was looked at"
        said += f" {seen} is complete in {names}."
    if is_sample(report):
        said += f" {documents_checked(report)} documents were checked."
    return said
