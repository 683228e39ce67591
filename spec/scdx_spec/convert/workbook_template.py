"""Writing the sheets: headings, notes, drop-downs and the row for machines, as xlsx or CSV."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from scdx_spec import SPEC_VERSION
from scdx_spec.convert.workbook_cells import Cell, Form
from scdx_spec.convert.workbook_grid import csv_text, letters
from scdx_spec.convert.workbook_heads import HEAD_ROWS, machine_row, role_heading
from scdx_spec.convert.workbook_notes import column_note, read_me, role_note
from scdx_spec.convert.workbook_plan import Column, Sheet, plan
from scdx_spec.convert.workbook_rows import Tables
from scdx_spec.data import codelist

CODE_LISTS: Final = "Code lists"
READ_ME: Final = "Read me"
_ROWS_WITH_LISTS: Final = 2_000
_ACCENT: Final = "#1F5C4D"
_PALE: Final = "#EAF2EF"
_OPTIONS: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_format_properties": {"font_name": "Calibri", "font_size": 11},
}


def head_rows(sheet: Sheet) -> list[list[str]]:
    """The three rows above the data: groups, headings with units, and labels for machines."""
    columns = [_starred(column) for column in sheet.columns]
    groups = ["" for _ in sheet.roles] + [column.group for column in sheet.columns]
    shown = [
        "" if number and group == groups[number - 1] else group
        for number, group in enumerate(groups)
    ]
    headings = [role_heading(sheet, role) for role in sheet.roles] + columns
    return [shown, headings, machine_row(sheet)]


def _starred(column: Column) -> str:
    mark = {"always": " *", "with_group": " (*)"}.get(column.needed, "")
    return f"{column.heading}{'' if column.by_tools else mark}"


def prefilled(sheet: Sheet, kinds_are_empty: bool) -> list[list[Cell]]:
    """Rows of an empty template: a map with fixed keys has a row for each."""
    form = sheet.name_form
    if not kinds_are_empty or form is None or not form.closed:
        return []
    at = sheet.roles.index("name")
    width = len(sheet.roles) + len(sheet.columns)
    return [[name if number == at else None for number in range(width)] for name in form.fixed]


def write_csv_files(folder: Path, kinds: Sequence[str], tables: Tables | None) -> list[Path]:
    """Write one CSV file for each sheet, the Read me and the code lists; gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    sheets = [sheet for kind in kinds for sheet in plan(kind)]
    rows: dict[str, list[list[Cell]]] = {READ_ME: [[line] for _, line in read_me(sheets)]}
    for sheet in sheets:
        data = tables.rows.get(sheet.key, []) if tables else prefilled(sheet, True)
        heads: list[list[Cell]] = [[*row] for row in head_rows(sheet)]
        rows[sheet.title] = [*heads, *data]
    rows[CODE_LISTS] = [
        [name, code, row["title"], row["description"]]
        for name in _lists(sheets)
        for code, row in codelist(name).items()
    ]
    paths = []
    for title, lines in rows.items():
        path = folder / f"{title}.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([csv_text(cell) for cell in line] for line in lines)
        paths.append(path)
    return paths


def write_xlsx(path: Path, kinds: Sequence[str], tables: Tables | None) -> None:
    """Write a workbook with the sheets of these kinds of documents; without tables, empty ones.

    Raises ``OSError`` where the file can't be written.
    """
    import xlsxwriter  # type: ignore[import-untyped]
    from xlsxwriter.exceptions import FileCreateError  # type: ignore[import-untyped]

    book = xlsxwriter.Workbook(str(path), _OPTIONS)
    writer = _Writer(book, kinds, tables)
    writer.write()
    try:
        book.close()
    except FileCreateError as error:
        raise OSError(str(error)) from None


class _Writer:
    def __init__(self, book: Any, kinds: Sequence[str], tables: Tables | None) -> None:
        self._book = book
        self._sheets = [sheet for kind in kinds for sheet in plan(kind)]
        self._tables = tables
        self._ranges: dict[str, str] = {}
        self._formats = {
            "group": book.add_format({"font_color": _ACCENT, "font_size": 9}),
            "heading": book.add_format(_heading_look()),
            "needed": book.add_format({**_heading_look(), "bg_color": _ACCENT, "color": "white"}),
            "label": book.add_format({"font_color": "#808080", "font_size": 8}),
            "text": book.add_format({"num_format": "@", "valign": "top"}),
            "number": book.add_format({"num_format": "General", "valign": "top"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"}),
            "title": book.add_format({"bold": True, "font_size": 18, "font_color": _ACCENT}),
            "part": book.add_format({"bold": True, "font_size": 13}),
            "plain": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        book.set_properties({"title": "SCDX", "comments": f"SCDX {SPEC_VERSION}"})

    def write(self) -> None:
        first = self._book.add_worksheet(READ_ME)
        made = [(sheet, self._book.add_worksheet(sheet.title)) for sheet in self._sheets]
        self._code_lists(self._book.add_worksheet(CODE_LISTS))
        self._read_me(first)
        for sheet, target in made:
            self._sheet(sheet, target)

    def _read_me(self, target: Any) -> None:
        target.hide_gridlines(2)
        target.set_column(0, 0, 110)
        for number, (look, line) in enumerate(read_me(self._sheets)):
            target.write_string(number, 0, line, self._formats[look])

    def _code_lists(self, target: Any) -> None:
        """Three columns for each list: code, title, description; the codes feed the drop-downs."""
        target.freeze_panes(2, 0)
        for number, name in enumerate(_lists(self._sheets)):
            left = number * 3
            target.write_string(0, left, name, self._formats["part"])
            for at, text in enumerate(("code", "title", "description")):
                target.write_string(1, left + at, text, self._formats["heading"])
            target.set_column(left, left, 26)
            target.set_column(left + 1, left + 2, 34)
            rows = codelist(name)
            for row, (code, said) in enumerate(rows.items(), 2):
                for at, text in enumerate((code, said["title"], said["description"])):
                    target.write_string(row, left + at, text, self._formats["text"])
            column = letters(left)
            self._ranges[name] = f"='{CODE_LISTS}'!${column}$3:${column}${len(rows) + 2}"

    def _sheet(self, sheet: Sheet, target: Any) -> None:
        groups, headings, labels = head_rows(sheet)
        columns: list[Column | None] = [*[None for _ in sheet.roles], *sheet.columns]
        for at, column in enumerate(columns):
            needed = column is not None and column.needed == "always" and not column.by_tools
            target.write_string(0, at, groups[at], self._formats["group"])
            look = self._formats["needed" if needed else "heading"]
            target.write_string(1, at, headings[at], look)
            target.write_string(2, at, labels[at], self._formats["label"])
            note = column_note(column) if column else role_note(sheet, sheet.roles[at])
            size = {"x_scale": 2.4, "y_scale": min(6.0, 1 + note.count("\n") * 0.25)}
            target.write_comment(1, at, note, {**size, "author": "SCDX"})
            target.set_column(at, at, _width(column, headings[at]), self._look(column))
            self._drop_down(target, at, _choices(sheet, at, column))
            if column is None and sheet.roles[at] == "of":
                self._parents(target, at, sheet)
        target.set_row(1, 32)
        target.set_row(2, None, None, {"hidden": True})
        target.freeze_panes(HEAD_ROWS, len(sheet.roles))
        target.set_tab_color(_ACCENT if sheet.many == "root" else _PALE)
        rows = self._tables.rows.get(sheet.key, []) if self._tables else prefilled(sheet, True)
        for number, row in enumerate(rows, HEAD_ROWS):
            for at, cell in enumerate(row):
                _write(target, number, at, cell, self._look(columns[at], cell))

    def _look(self, column: Column | None, cell: Cell = None) -> Any:
        if column is None or isinstance(cell, str):
            return self._formats["text"]
        if column.form.day == "date":
            return self._formats["day"]
        numeric = column.form.kind in ("decimal", "integer", "measure")
        return self._formats["number" if numeric else "text"]

    def _parents(self, target: Any, at: int, sheet: Sheet) -> None:
        """The names of the rows above, as they stand on the parent's sheet, to choose from."""
        parent = sheet.parent
        if parent is None:
            return
        column = letters(parent.roles.index("key"))
        last = HEAD_ROWS + _ROWS_WITH_LISTS
        source = f"='{parent.title}'!${column}${HEAD_ROWS + 1}:${column}${last}"
        rule = {"validate": "list", "source": source, "error_type": "warning"}
        target.data_validation(HEAD_ROWS, at, last, at, rule)

    def _drop_down(self, target: Any, at: int, form: Form | None) -> None:
        source: Any = self._ranges.get(form.codes) if form else None
        if form is not None and source is None:
            source = ["yes", "no"] if form.kind == "boolean" else list(form.fixed) or None
        if form is None or source is None or len(str(source)) > 255:
            return
        several = form.kind in ("list", "identifiers")
        closed = form.kind == "boolean" or (form.closed and not several)
        rule = {
            "validate": "list",
            "source": source,
            "error_type": "stop" if closed else "warning",
            "error_title": "Not in the list" if closed else "Not in the list of codes",
            "error_message": "Choose an entry of the list."
            if closed
            else "Other codes are https addresses of whoever defines them. Keep it?",
            "show_error": not several and form.kind != "identifiers",
        }
        target.data_validation(HEAD_ROWS, at, HEAD_ROWS + _ROWS_WITH_LISTS, at, rule)


def _heading_look() -> dict[str, Any]:
    return {"bold": True, "text_wrap": True, "valign": "top", "bg_color": _PALE, "bottom": 1}


def _choices(sheet: Sheet, at: int, column: Column | None) -> Form | None:
    if column is not None:
        return column.form
    return sheet.name_form if sheet.roles[at] == "name" else None


def _lists(sheets: Sequence[Sheet]) -> list[str]:
    """Names of all code lists that the sheets use; the states stand in every measure."""
    forms = [column.form for sheet in sheets for column in sheet.columns]
    forms += [sheet.name_form for sheet in sheets if sheet.name_form]
    measures = ["states", "derivations"] if any(one.kind == "measure" for one in forms) else []
    return sorted({*(one.codes for one in forms if one.codes), *measures})


def _width(column: Column | None, heading: str) -> float:
    if column is None:
        return 18
    wide = column.form.kind in ("list", "identifiers") or column.label.endswith(("text", "note"))
    return max(12, min(36, len(heading) * 0.8 + 4), 34 if wide else 0)


def _write(target: Any, row: int, at: int, cell: Cell, look: Any) -> None:
    if isinstance(cell, bool) or cell is None:
        return
    if isinstance(cell, int | float):
        target.write_number(row, at, cell, look)
    else:
        target.write_string(row, at, str(cell), look)
