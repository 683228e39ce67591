"""The report as JUnit XML, which every CI system shows."""

from __future__ import annotations

from xml.etree import ElementTree

from scdx_conformance.redaction import printable
from scdx_conformance.report import Report, Result
from scdx_conformance.served import ProfileResult, Served
from scdx_conformance.served_words import profile_lines


def as_junit(report: Report) -> str:
    """A test suite per class, a test case per requirement, ending in a line break.

    A profile that was asked for is a case too. What a baseline accepts is skipped with its reason;
    a fault of the suite is an error.
    """
    root = ElementTree.Element("testsuites", name=f"scdx check {report.target}")
    for name in report.classes:
        suite = _suite(root, report, name)
        for result in report.of_class(name):
            _add_case(suite, report, name, result)
    if report.served and report.served.asked:
        suite = _suite(root, report, "profiles")
        for profile in report.served.asked:
            _add_profile(suite, report.served, profile)
    if report.problems:
        suite = _suite(root, report, "suite")
        for number, problem in enumerate(report.problems, 1):
            case = ElementTree.SubElement(
                suite, "testcase", classname="scdx.suite", name=f"fault {number} of the suite"
            )
            ElementTree.SubElement(case, "error", message=printable(problem))
    for suite in root:
        _count(suite)
    _count(root)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: ElementTree.Element, report: Report, name: str) -> ElementTree.Element:
    suite = ElementTree.SubElement(
        root, "testsuite", name=name, timestamp=report.date.removesuffix("Z")
    )
    properties = ElementTree.SubElement(suite, "properties")
    for key in ("target", "spec", "suite"):
        ElementTree.SubElement(properties, "property", name=key, value=getattr(report, key))
    return suite


def _count(element: ElementTree.Element) -> None:
    element.set("tests", str(len(list(element.iter("testcase")))))
    for plural, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(plural, str(len(list(element.iter(tag)))))


def _add_case(suite: ElementTree.Element, report: Report, name: str, result: Result) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", classname=f"scdx.{name}", name=result.requirement
    )
    messages = printable("; ".join(item["message"] for item in result.evidence))
    known = report.known.get(result.requirement)
    if known is not None:
        why = f"known until {known.until}: {known.reason}"
        ElementTree.SubElement(case, "skipped", message=printable(why))
        ElementTree.SubElement(case, "system-out").text = f"{result.outcome}: {messages}"
    elif result.outcome == "fail":
        failure = ElementTree.SubElement(case, "failure", message=result.sentence)
        told = ["\n".join(item.values()) for item in result.evidence]
        failure.text = printable("\n\n".join([result.link, *told]))
    elif result.outcome == "not_testable":
        ElementTree.SubElement(case, "skipped", message=messages)
    elif result.outcome == "warn":
        ElementTree.SubElement(case, "system-out").text = f"warning: {messages}"


def _add_profile(suite: ElementTree.Element, served: Served, profile: ProfileResult) -> None:
    case = ElementTree.SubElement(suite, "testcase", classname="scdx.profiles", name=profile.name)
    if profile.fails:
        first, *more = profile_lines(profile, served)
        failure = ElementTree.SubElement(case, "failure", message=first)
        failure.text = "\n".join(more)
