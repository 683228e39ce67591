"""PACT 2.x's assurance and PACT 3's verification.

PACT 3 has no members for how sure the verifier is and for what part of the life. Both are carried
in words, as one sentence at the end of ``comments``, from which the way back reads them again.
"""

import re
from typing import Any, Final

from scdx_spec.convert.losses import Loss
from scdx_spec.convert.source import Source

_SAME: Final = ("providerName", "completedAt", "standardName")
_COVERAGE: Final = "product level"  # the one code that both lists have
_LEVELS: Final = ("limited", "reasonable")
_BOUNDARIES: Final = ("Gate-to-Gate", "Cradle-to-Gate")
_SENTENCE = re.compile(
    rf"(^|\n)(Assurance level: (?P<level>{'|'.join(_LEVELS)})\.)?"
    rf"( ?Assured boundary: (?P<boundary>{'|'.join(_BOUNDARIES)})\.)?$"
)


def verification_of(assurance: Source | None, losses: list[Loss]) -> dict[str, Any] | None:
    """PACT 3's verification; ``None`` where there is no assurance, which is what false means.

    Raises :class:`~scdx_spec.convert.losses.ConversionError` for members of a wrong type.
    """
    if assurance is None:
        return None
    if assurance.flag("assurance") is not True:
        losses += [loss for loss in assurance.left_over() if assurance.value(_leaf(loss)) != ""]
        return None
    found: dict[str, Any] = {name: assurance.text(name) or None for name in _SAME}
    coverage = assurance.text("coverage")
    if coverage == _COVERAGE:
        found["coverage"] = coverage
    elif coverage:
        text = "what PACT 3 calls coverage has no such code"
        losses.append(Loss(assurance.at("coverage"), "dropped", text))
    words = [
        f"{title}: {value}."
        for title, name, allowed in (
            ("Assurance level", "level", _LEVELS),
            ("Assured boundary", "boundary", _BOUNDARIES),
        )
        if (value := _known(assurance, name, allowed, losses))
    ]
    lines = [assurance.text("comments") or "", " ".join(words)]
    found["comments"] = "\n".join(line for line in lines if line) or None
    if words:
        text = "level and boundary of the assurance are carried as words alone"
        losses.append(Loss("/pcf/verification/comments", "approximated", text))
    losses += assurance.left_over()
    return {name: value for name, value in found.items() if value is not None}


def assurance_of(verification: Source | None, losses: list[Loss]) -> dict[str, Any] | None:
    """PACT 2.3's assurance; ``None`` where there is no verification.

    Raises :class:`~scdx_spec.convert.losses.ConversionError` for members of a wrong type.
    """
    if verification is None:
        return None
    found: dict[str, Any] = {"assurance": True}
    found |= {name: verification.text(name) for name in _SAME}
    if found["providerName"] is None:
        text = "PACT 2.3 asks for the provider's name; an empty one stands for none given"
        losses.append(Loss("/pcf/assurance/providerName", "assumed", text))
        found["providerName"] = ""
    coverage = verification.text("coverage")
    if coverage == _COVERAGE:
        found["coverage"] = coverage
    elif coverage:
        text = "what PACT 2.3 calls coverage has no such code"
        losses.append(Loss(verification.at("coverage"), "dropped", text))
    comments = verification.text("comments")
    if comments is not None:
        match = _SENTENCE.search(comments, max(0, len(comments) - 200))
        if match and (match["level"] or match["boundary"]):
            found |= {"level": match["level"], "boundary": match["boundary"]}
            comments = comments[: match.start()] or None
    found["comments"] = comments
    losses += verification.left_over()
    return {name: value for name, value in found.items() if value is not None}


def _known(
    assurance: Source, name: str, allowed: tuple[str, ...], losses: list[Loss]
) -> str | None:
    value = assurance.text(name)
    if value and value not in allowed:
        losses.append(Loss(assurance.at(name), "dropped", "2.x knows no such code"))
        return None
    return value or None


def _leaf(loss: Loss) -> str:
    return loss.pointer.rpartition("/")[2]
