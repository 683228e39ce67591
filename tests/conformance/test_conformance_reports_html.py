"""The page, the badge and the job's summary: whole, inert whatever a server says, legible."""

import base64
import dataclasses
import hashlib
import re
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from xml.etree import ElementTree

import pytest
from liars.core_liars import core_is_not_claimed
from liars.lying import Answer, Forward, Request, lying
from other_server import CLIENT, OtherServer
from serving import serving
from typer.testing import CliRunner

from scdx_conformance.badge import COLOURS, TEXT, badge, draw
from scdx_conformance.baseline import Entry, with_baseline
from scdx_conformance.cli import app
from scdx_conformance.report import Report, Result
from scdx_conformance.report_html import PALETTE, STYLE, as_html
from scdx_conformance.run import run
from scdx_conformance.settings import Settings
from scdx_conformance.summary import as_markdown

HOSTILE = (
    "</pre></style><script>alert(1)</script><img src=//evil.example onerror=alert(1)>"
    "\"'> [x](javascript:1) ![](//evil.example/p) @everyone #1 | `a` http://evil.example www.evil.x"
)
VOID = {"meta", "br", "img", "link", "input"}


@pytest.fixture(scope="module")
def broken(other_server: OtherServer) -> Iterator[Report]:
    """The report on a server that breaks COR-06 and answers errors with markup."""

    async def hostile(request: Request, forward: Forward) -> Answer:
        answer = await core_is_not_claimed(request, forward)
        if request.path.startswith("/scdx/1/") and answer.status >= 400:
            return answer.saying({"title": HOSTILE, "status": HOSTILE})
        return answer

    with serving(lying(other_server, hostile)) as url:
        yield run(Settings(url, *CLIENT, classes=("core", "exchange")))


@pytest.fixture(scope="module")
def honest(other_url: str) -> Report:
    """The report on the honest server."""
    return run(Settings(other_url, *CLIENT, classes=("core", "exchange")))


class Page(HTMLParser):
    """What a browser would make of a page: elements, attributes and text, and that they close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())


def everywhere(report: Report, text: str) -> Report:
    """The same report with a text in every place that a server, or a baseline, can fill."""
    items = {"message": text, "request": text, "response": text, "reproduce": text, "prepare": text}
    results = tuple(dataclasses.replace(one, evidence=(items,)) for one in report.results)
    example = {"document": text, "pointer": text, "message": text}
    finding = {"requirement": "SBT-01", "level": "MUST", "sentence": "x", "count": 1}
    report = dataclasses.replace(
        report,
        target=text,
        results=results,
        documents={"checked": 1, "findings": [{**finding, "examples": [example]}]},
        problems=(text,),
    )
    return with_baseline(report, {"COR-06": Entry(text, date(2027, 1, 1))}, date(2026, 12, 31))


# The page


def test_the_page_has_every_requirement_in_the_order_of_the_standard(broken: Report) -> None:
    page = Page(as_html(broken))
    shown = [value for tag, name, value in page.attributes if (tag, name) == ("article", "id")]
    asked = [r.requirement for name in ("core", "exchange") for r in broken.of_class(name)]
    assert shown == asked
    assert len(shown) > 50
    for result in broken.results:
        if result.requirement in shown:
            assert " ".join(result.sentence.split()) in page.text
            assert ("a", "href", result.link) in page.attributes
            for item in result.evidence:
                assert " ".join(item["message"].split()) in page.text
    assert "Does not pass" in page.text
    assert "curl -sS -i" in page.text
    assert "Not tested The server doesn't claim, or the run left out: isolation" in page.text


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(broken: Report) -> None:
    page = Page(as_html(broken))
    assert {"script", "link", "img", "iframe", "object", "form"} & set(page.tags) == set()
    assert {name for _, name, _ in page.attributes} <= {
        *("lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "open"),
        "scope",
    }
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    policy = next(v for _, n, v in page.attributes if n == "content" and "default-src" in v)
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; ")
    links = [value for tag, name, value in page.attributes if (tag, name) == ("a", "href")]
    assert all(
        re.match(r"#[\w-]+$|https://w3id\.org/scdx/1\.0/[A-Z]{3}-\d\d$", one) for one in links
    )


def test_what_a_server_says_is_text_in_every_place(broken: Report) -> None:
    plain, hostile = (
        Page(as_html(everywhere(broken, "x"))),
        Page(as_html(everywhere(broken, HOSTILE + "\x1b[2J\u202e"))),
    )
    assert hostile.tags == plain.tags
    assert hostile.attributes == plain.attributes
    assert hostile.text.count("<script>alert(1)</script>") > 60
    assert "\x1b" not in hostile.text
    assert "\u202e" not in hostile.text


def test_a_known_failure_is_shown_with_its_reason_and_day(broken: Report) -> None:
    accepted = with_baseline(
        broken, {"COR-06": Entry("in January", date(2027, 1, 1))}, date(2026, 12, 31)
    )
    page = Page(as_html(accepted))
    assert "Known until 2027-01-01: in January" in page.text
    assert ("a", "href", "#COR-06") in page.attributes


def test_a_page_of_a_server_that_passes_says_so_first(honest: Report) -> None:
    page = Page(as_html(honest))
    told = "passes SCDX's core, exchange."
    assert f"{honest.target} {told}" in page.text
    assert page.text.index(told) < page.text.index("COR-01")
    assert "What is broken" not in page.text


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_colour_has_the_contrast_that_text_needs() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    for colours in PALETTE.values():
        for ground, ink in product(("page", "soft"), colours.keys() - {"page", "soft"}):
            assert contrast(colours[ground], colours[ink]) >= 4.5, (ground, ink)
    for name, colour in COLOURS.items():
        assert contrast(TEXT, colour) >= 6, name


# The badge


def test_a_badge_names_each_class_with_a_sign_and_its_verdict(broken: Report) -> None:
    root = ElementTree.fromstring(badge(broken))
    space = "{http://www.w3.org/2000/svg}"
    texts = [one.text for one in root.iter(f"{space}text")]
    assert texts == ["SCDX 1.0.0", "✗ core", "✓ exchange"]
    title = root.find(f"{space}title")
    assert title is not None
    assert title.text == root.get("aria-label")
    assert "core does not pass" in str(title.text)
    assert broken.target in str(title.text)
    assert root.get("role") == "img"
    ends = [float(r.get("x", 0)) + float(r.get("width", 0)) for r in root.iter(f"{space}rect")]
    assert ends == sorted(ends)
    assert ends[-1] == pytest.approx(float(root.get("width", 0)))
    assert {one.tag.removeprefix(space) for one in root.iter()} == {
        *("svg", "title", "g", "rect", "text")
    }


def test_a_badge_says_three_states_in_three_ways(honest: Report) -> None:
    drawn = draw("SCDX", [("a", "pass"), ("b", "fail"), ("c", "part")], HOSTILE)
    assert [sign in drawn for sign in ("✓ a", "✗ b", "– c")] == [True] * 3
    assert len({COLOURS[state] for state in ("pass", "fail", "part")}) == 3
    assert "<script" not in drawn
    ElementTree.fromstring(drawn)
    assert "✓ core" in badge(honest)


# The summary of a job


def test_the_summary_tells_verdict_classes_and_what_is_broken(broken: Report) -> None:
    told = as_markdown(broken)
    assert told.startswith("## ❌ Does not pass: ")
    assert "| core | ❌ does not pass |" in told
    assert "### [COR-06](https://w3id.org/scdx/1.0/COR-06)" in told
    assert "<pre>curl -sS -i" in told or "<pre>TOKEN=$(curl" in told


def test_markup_of_a_server_is_no_markup_in_the_summary(broken: Report) -> None:
    told = as_markdown(everywhere(broken, HOSTILE))
    plain = as_markdown(everywhere(broken, "x"))
    tags = r"</?[a-z]+[^>]*>"
    assert re.findall(tags, told) == re.findall(tags, plain)
    outside = re.sub(r"<pre>.*?</pre>", "", told, flags=re.DOTALL)
    for mark in ("[x]", "![", "@everyone", "#1", "| `", "http://", "www.evil"):
        assert re.search(r"(?<!\\)" + re.escape(mark), outside) is None, mark
    assert outside.count("\\[x\\]") > 3


def test_a_summary_stays_within_what_a_page_of_a_job_takes(broken: Report) -> None:
    many = tuple(
        dataclasses.replace(one, outcome="fail", evidence=({"message": "x" * 600},) * 5)
        for one in broken.results
    )
    report = dataclasses.replace(broken, results=many)
    told = as_markdown(report)
    assert len(told.encode()) < 1_000_000
    assert f"And {len(report.failed) - 50} more" in told


def test_all_files_are_written_beside_each_other(broken: Report, tmp_path: Path) -> None:
    names = {
        "html": "r.html",
        "badge": "b.svg",
        "summary": "s.md",
        "junit": "r.xml",
        "json": "r.json",
    }
    options = [word for one, name in names.items() for word in (f"--{one}", str(tmp_path / name))]
    (tmp_path / "s.md").write_text("What stood here before.\n", "utf-8")
    words = ["--client-id", CLIENT[0], "--client-secret", CLIENT[1], "--only", "COR-06"]
    result = CliRunner().invoke(app, ["check", broken.target, *words, *options])
    assert result.exit_code == 1, result.output
    assert {path.name for path in tmp_path.iterdir()} == set(names.values())
    summary = (tmp_path / "s.md").read_text("utf-8")
    assert summary.startswith("What stood here before.\n## ❌ Does not pass: 1 requirement of core")
    for path in tmp_path.iterdir():
        assert CLIENT[1] not in path.read_text("utf-8")


def test_one_requirement_alone_makes_no_class_pass(other_url: str) -> None:
    report = run(Settings(other_url, *CLIENT, only=("COR-05",)))
    assert report.state("core") == "part"
    assert "core passes" not in badge(report)
    assert "passes SCDX" not in as_markdown(report)
    assert all(isinstance(one, Result) for one in report.results)
