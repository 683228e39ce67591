"""The report as a badge (SVG): the classes and profiles, each with a sign and a colour.

It uses no font from elsewhere and no script; a reader that sees no colour has the signs, one that
sees nothing has the title. It says when it was made: a badge is as old as its run.
"""

from __future__ import annotations

from collections.abc import Sequence

from scdx_conformance.redaction import in_html
from scdx_conformance.report import Report

COLOURS = {"pass": "#0a6637", "fail": "#b3261e", "part": "#6b4700", "label": "#3a4145"}
"""Backgrounds, each with a contrast of 7 or about that to the white text."""
TEXT = "#ffffff"
_SIGNS = {"pass": "✓", "fail": "✗", "part": "–"}
_WORDS = {"pass": "passes", "fail": "does not pass", "part": "judged in part"}
_HEIGHT, _PAD, _WIDE, _NARROW = 20, 7, 7.0, 3.6
_NARROW_LETTERS = set("iljtfr.,-1 ")
Segment = tuple[str, str]


def badge(report: Report) -> str:
    """The badge of a report's classes, and of the profiles that its run was asked for."""
    day = report.date.partition("T")[0]
    segments = [(name, report.state(name)) for name in report.classes]
    segments += report.profiles.items()
    return draw(f"SCDX {report.spec}", segments, f"{report.target}, {day}")


def draw(label: str, segments: Sequence[Segment], about: str) -> str:
    """A badge: ``label``, then a name and a state (pass, fail or part) each.

    ``about`` stands behind them in the title.
    """
    told = ", ".join(f"{name} {_WORDS[state]}" for name, state in segments)
    title = in_html(f"{label}: {told} ({about})")
    texts = [(label, COLOURS["label"])]
    texts += [(f"{_SIGNS[state]} {name}", COLOURS[state]) for name, state in segments]
    parts, left = [], 0.0
    for text, colour in texts:
        width = _width(text)
        whole = width + 2 * _PAD
        parts.append(f'<rect x="{left:g}" width="{whole:g}" height="{_HEIGHT}" fill="{colour}"/>')
        parts.append(
            f'<text x="{left + _PAD:g}" y="14" textLength="{width:g}" '
            f'lengthAdjust="spacingAndGlyphs">{in_html(text)}</text>'
        )
        left += whole
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left:g}" height="{_HEIGHT}" '
        f'viewBox="0 0 {left:g} {_HEIGHT}" role="img" aria-label="{title}">\n'
        f"<title>{title}</title>\n"
        f'<g font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" fill="{TEXT}">\n'
        + "\n".join(parts)
        + "\n</g>\n</svg>\n"
    )


def _width(text: str) -> float:
    """About how wide a text is at 11 px; the text is then set to exactly that."""
    return round(sum(_NARROW if sign in _NARROW_LETTERS else _WIDE for sign in text), 1)
