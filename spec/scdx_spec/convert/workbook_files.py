"""What ``scdx template`` does: an empty workbook to fill in, or one filled with the examples."""

import sys
from pathlib import Path
from typing import Any, Final

from scdx_spec.check import kind_of
from scdx_spec.convert.workbook_plan import KINDS
from scdx_spec.convert.workbook_rows import Tables
from scdx_spec.data import examples
from scdx_spec.reading import plain
from scdx_spec.shape import SCHEMAS

NAME: Final = "scdx-template.xlsx"
_ALL: Final = ("disclosure", "product", "customer-report")


def run(file: Path | None, *, kind: str, example: bool, folder: Path | None, force: bool) -> int:
    """Write the template; gives the exit status: 0 written, 2 an option or file doesn't do."""
    from scdx_spec.convert.workbook_template import write_csv_files, write_xlsx

    if kind not in (*KINDS, "all"):
        return _refused(f"--kind takes one of: {', '.join(KINDS)}, all")
    kinds = [KINDS[one] for one in (_ALL if kind == "all" else (kind,))]
    file = file or (None if folder else Path(NAME))
    if file is not None and file.suffix.lower() != ".xlsx":
        return _refused(f"{plain(file)}: the workbook's name ends in .xlsx")
    for path in (file, folder):
        there = path is not None and path.exists() and not (path.is_dir() and _empty(path))
        if there and not force:
            return _refused(f"{plain(path)}: it is there already; --force writes over it")
    tables = _filled(kinds) if example else None
    try:
        if file is not None:
            write_xlsx(file, kinds, tables)
            print(f"{plain(file)}: fill it in, sheet by sheet; Read me says how")
        if folder is not None:
            written = write_csv_files(folder, kinds, tables)
            print(f"{plain(folder)}: {len(written)} CSV files; Read me.csv says how")
    except OSError as error:
        return _refused(f"{plain(file or folder)}: {error.strerror or 'cannot be written'}")
    return 0


def _empty(folder: Path) -> bool:
    return not any(folder.iterdir())


def _filled(kinds: list[str]) -> Tables:
    tables = Tables()
    for kind in kinds:
        for document in example_documents(kind):
            tables.add(kind, document, {})
    return tables


def example_documents(kind: str) -> list[dict[str, Any]]:
    """The examples that a filled template shows: all products, else the one example of its kind."""
    found = examples()
    if kind in ("ProductDeclaration", "ProductFootprint"):
        return [document for document in found.values() if kind_of(document) == kind]
    return [found[f"{SCHEMAS[kind]}.json"]]


def _refused(text: str) -> int:
    print(text, file=sys.stderr)
    return 2
