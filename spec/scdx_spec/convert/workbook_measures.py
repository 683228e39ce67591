"""Measures in one cell: ``310``, ``310 | measured``, ``not_applicable: there are none``.

A figure, or a state with its reason, or ``included_elsewhere: sibling``. What else a measure says
follows behind bars: ``310 | measured | reason: …``. Amounts of money name their currency:
``SEK 1210000000``.
"""

import re
from typing import Any

from scdx_spec.convert.workbook_cells import (
    Cell,
    Form,
    code,
    escaped,
    plain_word,
    safe,
    split,
    unescaped,
)
from scdx_spec.convert.workbook_numbers import (
    ADVICE,
    CellError,
    amount,
    digits_of,
    number_cell,
    percent_of,
)
from scdx_spec.data import codelist

_BARS = "|;"
_ELSEWHERE = "included_elsewhere"
_FIX = 'Write a number, or why there is none, as in "not_reported: not known yet".'
_MEMBERS = ("state", "reason", "in", "derivation")
_AMOUNT = re.compile(r"(?:([A-Za-z][A-Za-z0-9]*)\s+)?([^A-Za-z]+)(?:\s+([A-Za-z][A-Za-z0-9]*))?")


def write_measure(form: Form, value: Any) -> Cell:
    """A measure as its cell: a bare number where it says nothing else."""
    if not isinstance(value, dict):
        return None
    said = {name: value[name] for name in _MEMBERS if isinstance(value.get(name), str)}
    figure = _figure(form, value)
    if figure is None:
        main = said.pop("state", "")
        word = "in" if main == _ELSEWHERE and "in" in said else "reason"
        if main and word in said:
            main = f"{escaped(main, _BARS)}: {escaped(said.pop(word), _BARS)}"
    elif not said:
        return figure
    else:
        main = digits_of(figure) if isinstance(figure, int | float) else figure
    parts = [main]
    if (derivation := said.pop("derivation", None)) is not None:
        plain = derivation in codelist("derivations")
        parts.append(derivation if plain else f"derivation: {escaped(derivation, _BARS)}")
    parts += [f"{name}: {escaped(text, _BARS)}" for name, text in said.items()]
    return safe(" | ".join(parts).strip()) or None


def read_measure(form: Form, cell: Cell, *, percent: bool, notes: list[str]) -> dict[str, Any]:
    """A cell as a measure; ``percent`` as in ``read_cell``. Raises :class:`CellError`."""
    if not isinstance(cell, str):
        figure = percent_of(form.percent, cell, percent)
        return {form.unit: figure} if figure else _main_figure(form, cell, notes)
    main, *parts = [one.strip() for one in split(cell, "|")]
    measure: dict[str, Any] = _main(form, main, notes) if main else {}
    for part in parts:
        name, _, text = part.partition(":")
        if name.strip() in _MEMBERS and text.strip():
            measure[name.strip()] = unescaped(text)
        elif plain_word(part) in codelist("derivations"):
            measure["derivation"] = plain_word(part)
        else:
            fix = "Behind a bar stand measured, calculated, modelled or estimated, or reason: …"
            raise CellError("what stands behind the bar is not understood", fix)
    return measure


def _figure(form: Form, value: dict[str, Any]) -> str | int | float | None:
    if not form.amount_key:
        figure = value.get(form.unit)
        return number_cell(figure) if isinstance(figure, str) else None
    amounts = [
        f"{key} {figure}"
        for key, figure in value.items()
        if re.search(form.amount_key, key)
        and isinstance(figure, str)
        and number_cell(figure) is not None
    ]
    return "; ".join(amounts) or None


def _main(form: Form, text: str, notes: list[str]) -> dict[str, Any]:
    if re.match(r"[-+\u2212]?\s?[0-9]", text) or (form.amount_key and _names_amount(form, text)):
        return _main_figure(form, text, notes)
    word, _, rest = text.partition(":")
    state = code(Form("text", codes="states"), unescaped(word))
    if state not in codelist("states"):
        what = "amount with its currency" if form.amount_key else "number"
        fix = 'Write SEK 1210000000, or "confidential: why".' if form.amount_key else _FIX
        raise CellError(f"it is neither a {what} nor a known word on why there is none", fix)
    measure = {"state": state}
    if rest.strip():
        measure["in" if state == _ELSEWHERE else "reason"] = unescaped(rest)
    return measure


def _main_figure(form: Form, cell: Cell, notes: list[str]) -> dict[str, Any]:
    if not form.amount_key:
        figure = percent_of(form.percent, cell, False)
        if figure is None:
            bare = _without_unit(cell, form.unit) if isinstance(cell, str) else cell
            figure = amount(bare, notes)
        return {form.unit: figure}
    measure: dict[str, Any] = {}
    for part in split(cell, ";") if isinstance(cell, str) else [""]:
        key, number = _amount_parts(form, part)
        if key in measure:
            raise CellError("the same unit stands there twice", "Keep one of the two.")
        measure[key] = amount(number, notes)
    return measure


def _without_unit(text: str, unit: str) -> str:
    """``246 kg CO2e`` in a column of kgCO2e is 246; another unit is an error."""
    found = re.fullmatch(r"(.*?[0-9])\s*([A-Za-z][A-Za-z0-9\s]*)", text)
    if found is None or re.fullmatch(r".*[0-9][eE][+-]?[0-9]+", text):
        return text
    if found[2].replace(" ", "").casefold() not in (unit.casefold(), unit.casefold()[:-4] + "co2e"):
        raise CellError(
            "it has another unit than its column", f"Convert it, and write a number. {ADVICE}"
        )
    return found[1]


def _names_amount(form: Form, text: str) -> bool:
    found = re.match(r"([A-Za-z][A-Za-z0-9]*)\s", text)
    return bool(found and _key(form, found[1]))


def _amount_parts(form: Form, text: str) -> tuple[str, str]:
    found = _AMOUNT.fullmatch(text.strip())
    key = _key(form, (found[1] or found[3] or "")) if found else ""
    if not found or not key or (found[1] and found[3]):
        example = "SEK 1210000000" if "kg" not in form.amount_key else "kgCO2ePerSEK 0.041"
        raise CellError("it is not said of what the number is", f"Write it as {example}.")
    return key, found[2]


def _key(form: Form, text: str) -> str:
    for one in (text, text.upper()):
        if re.search(form.amount_key, one):
            return one
    return ""
