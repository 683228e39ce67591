"""The words in the workbook: notes on columns, made from the schemas, and the Read me."""

from collections.abc import Sequence
from typing import Final

from scdx_spec import SPEC_VERSION
from scdx_spec.convert.workbook_cells import NONE, Form
from scdx_spec.convert.workbook_plan import Column, Sheet
from scdx_spec.convert.workbook_words import is_for_programs
from scdx_spec.data import codelist

_CODES_SHOWN: Final = 16
_HOW: Final = {
    "boolean": "Write yes or no.",
    "identifiers": "Write scheme:value, as in gtin:9501101530003; put ; between several.",
    "list": "Put ; between several entries.",
}


def column_note(column: Column) -> str:
    """What a column is for and how its cells are filled in, from the schema's own words."""
    lines = [column.description, _how(column.form)]
    if column.by_tools:
        lines.append("May stay empty: the tools fill it in.")
    elif column.needed != "no":
        around = " if anything of its group is" if column.needed == "with_group" else ""
        lines.append(f"Must be filled in{around}.")
    lines += [one for one in column.fixes if not is_for_programs(one)]
    lines += _codes(column.form)
    return "\n".join(dict.fromkeys(one for one in lines if one))


def role_note(sheet: Sheet, role: str) -> str:
    """What a column that names rows is for."""
    if role == "of":
        above = sheet.parent.title if sheet.parent else ""
        return (
            f"The name of the row on the sheet {above} that this belongs to.\n"
            "May stay empty where that sheet has a single row."
        )
    if role == "key":
        return (
            "Any short name for this row, by which rows of other sheets refer to it.\n"
            "May stay empty where the sheet has a single row."
        )
    lines = [sheet.description, "The entry's key: one row for each."]
    return "\n".join([*lines, *_codes(sheet.name_form or Form("text"))])


def _how(form: Form) -> str:
    if form.kind == "measure" and form.amount_key:
        return (
            'Write the currency and the full amount, as in SEK 1210000000, or "confidential: why".'
        )
    if form.kind == "measure":
        return (
            "Write a number, or why there is none: not_reported: not known yet."
            "\nPart of another column: included_elsewhere: its name."
            "\nHow it came about: 310 | measured."
        )
    if form.kind == "amounts":
        return "Write the unit and the number, as in kgCO2ePerSEK 0.041."
    if form.kind == "rows":
        return f"Fill in the sheet {form.unit}. Write {NONE} here to say that there are none."
    if form.percent:
        return "Write a number from 0 to 100."
    if form.kind in ("decimal", "integer"):
        return form.how_number()
    if form.kind == "list":
        numbers = form.item is not None and form.item.kind == "integer"
        how = form.item.how_number(several=True) if form.item and numbers else _HOW["list"]
        return how if form.least else f"{how} {NONE}: there are none."
    if form.day:
        return "Write a day, as in 2026-10-01." if form.day == "date" else "Date and time in UTC."
    return _HOW.get(form.kind, "" if form.codes or form.fixed else "Write a text.")


def _codes(form: Form) -> list[str]:
    if form.kind == "identifiers" or not form.codes:
        return [f"One of: {', '.join(form.fixed)}."] if form.closed and form.fixed else []
    rows = list(codelist(form.codes).items())
    lines = [f"{code}: {row['title']}" for code, row in rows[:_CODES_SHOWN]]
    if len(rows) > _CODES_SHOWN:
        lines.append(f"… and {len(rows) - _CODES_SHOWN} more on the sheet Code lists.")
    return lines


def read_me(sheets: Sequence[Sheet]) -> list[tuple[str, str]]:
    """The Read me, line by line, each with its look: title, part or plain."""
    states = "; ".join(
        f"{code} ({row['title'].lower()})" for code, row in codelist("states").items()
    )
    lines = [
        ("title", "Climate data for your customers"),
        (
            "plain",
            f"SCDX {SPEC_VERSION}. Fill in what you have; what you don't know may stay empty.",
        ),
        ("part", "How to begin"),
        ("plain", "1. Fill in the sheets below, from row 4 on. One row is one thing."),
        ("plain", "2. A heading with * must be filled in; with (*), if anything of its group is."),
        ("plain", "3. Point at a heading: a note says what belongs there and how to write it."),
        ("plain", "4. Import the file; each mistake is named by its sheet, row and column."),
        ("part", "How sheets hang together"),
        (
            "plain",
            "A row can be given a name, and rows of other sheets say which row they belong to.",
        ),
        ("plain", "With one organisation, one inventory, one product, leave those columns empty."),
        ("plain", "Evidence and assurance are given once, with a key such as e1, and named by it."),
        ("part", "How to write"),
        (
            "plain",
            "Numbers: 51200.5. A point is a decimal point; spaces between thousands are fine.",
        ),
        ("plain", "No figure? Never write 0 for it. Write why: not_applicable: there are none"),
        ("plain", f"The words for it: {states}."),
        ("plain", "Part of another figure: included_elsewhere: manufacturing"),
        (
            "plain",
            "More about a figure, behind a bar: 310 | measured, or 310 | reason: meters failed",
        ),
        ("plain", "Money: the currency, then the full amount: SEK 1210000000"),
        (
            "plain",
            "Several entries in a cell: put ; between them. A ; inside an entry is written \\;",
        ),
        ("plain", "Identifiers: scheme:value, as in gtin:9501101530003; mpn:EB14-2"),
        ("plain", "Days: 2026-10-01. Percentages: 42 for 42 percent."),
        ("plain", f"{NONE} says that there are none. An empty cell says nothing."),
        ("plain", "Codes: choose from the list; the sheet Code lists says what they mean."),
        ("plain", "Row 3 is hidden and for machines. Columns may be moved, sheets be left out."),
        ("part", "The sheets"),
    ]
    return lines + [("plain", f"{one.title}: {one.description}".rstrip(": ")) for one in sheets]
