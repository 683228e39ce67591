"""The suppliers' workbook: sheets to fill in, read as documents, and written from documents.

``workbook → documents → workbook`` and ``documents → workbook → documents`` give the same again;
what sheets can't hold is told as a loss. Every value knows its cell, so that a finding about the
document names sheet, row and column.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from scdx_spec import SPEC_VERSION
from scdx_spec.check import kind_of
from scdx_spec.convert.losses import ConversionError, Loss
from scdx_spec.convert.workbook_build import Builder, Built, Problem, Spot
from scdx_spec.convert.workbook_grid import Grid, read_grids
from scdx_spec.convert.workbook_heads import HEAD_ROWS, machine_row
from scdx_spec.convert.workbook_plan import KINDS, plan
from scdx_spec.convert.workbook_rows import Tables, differences

__all__ = [
    "Problem",
    "SheetDocument",
    "Spot",
    "Workbook",
    "read_workbook",
    "write_csv",
    "write_workbook",
]

_PACT_VERSION: Final = "3.0.0"


@dataclass(frozen=True, slots=True)
class SheetDocument:
    """A document from a workbook, with the cells of its values and the names of its rows."""

    kind: str
    document: dict[str, Any]
    cells: Mapping[str, Spot] = field(repr=False)
    keys: Mapping[str, str] = field(repr=False)

    def locate(self, pointer: str) -> Spot:
        """The cell to look at for a JSON pointer of the document.

        Its own cell, else the first one below it, else that of the nearest object around it.
        """
        if pointer in self.cells:
            return self.cells[pointer]
        below = [spot for place, spot in self.cells.items() if place.startswith(f"{pointer}/")]
        while pointer and not below:
            pointer = pointer.rpartition("/")[0]
            below = [self.cells[pointer]] if pointer in self.cells else []
        return below[0] if below else self.cells[""]


@dataclass(frozen=True, slots=True)
class Workbook:
    """What a workbook says: documents, and problems with the cells that can't be read."""

    documents: tuple[SheetDocument, ...]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that are mistakes."""
        return tuple(one for one in self.problems if one.level == "error")


def read_workbook(
    path: Path, *, now: datetime, new_id: Callable[[], str] = lambda: str(uuid.uuid4())
) -> Workbook:
    """Read a workbook (xlsx), a CSV file of one sheet, or a folder of CSV files.

    What the sheets leave empty and tools can give is filled in: ``id`` from ``new_id``, ``created``
    from ``now``, ``specVersion``. A cell that can't be read leaves its member out and is a problem.
    Raises ``UnreadableError`` where the file is no workbook, or not a safe one.
    """
    builder = Builder()
    builder.build(read_grids(path))
    for built in builder.documents:
        _fill(built, now, new_id)
    documents = tuple(
        SheetDocument(one.kind, one.document, one.cells, one.keys) for one in builder.documents
    )
    return Workbook(documents, tuple(builder.problems))


def write_workbook(
    documents: Iterable[Mapping[str, Any] | SheetDocument], path: Path
) -> list[tuple[int, Loss]]:
    """Write documents as a workbook with the template's sheets; gives what the sheets can't hold.

    A loss has the number of its document, from 0. Raises :class:`ConversionError` where one is no
    document of this standard.
    """
    from scdx_spec.convert.workbook_template import write_xlsx

    tables, kinds, losses = _tables(documents)
    write_xlsx(path, kinds, tables)
    return losses


def write_csv(
    documents: Iterable[Mapping[str, Any] | SheetDocument], folder: Path
) -> list[tuple[int, Loss]]:
    """Write documents as :func:`write_workbook` does, one CSV file for each sheet."""
    from scdx_spec.convert.workbook_template import write_csv_files

    tables, kinds, losses = _tables(documents)
    write_csv_files(folder, kinds, tables)
    return losses


def _tables(
    documents: Iterable[Mapping[str, Any] | SheetDocument],
) -> tuple[Tables, list[str], list[tuple[int, Loss]]]:
    tables = Tables()
    kinds: set[str] = set()
    losses: list[tuple[int, Loss]] = []
    for number, one in enumerate(documents):
        document = one.document if isinstance(one, SheetDocument) else dict(one)
        kind = kind_of(document)
        if kind is None:
            raise ConversionError("", "it is no kind of document that this standard knows")
        kinds.add(kind)
        tables.add(kind, document, one.keys if isinstance(one, SheetDocument) else {})
        losses += [(number, loss) for loss in _losses(kind, document)]
    return tables, [kind for kind in KINDS.values() if kind in kinds], losses


def _losses(kind: str, document: dict[str, Any]) -> list[Loss]:
    """What a document's own rows, read back, don't say as the document does."""
    tables = Tables()
    tables.add(kind, document, {})
    builder = Builder()
    builder.build(
        Grid(sheet.title, [*[[]] * (HEAD_ROWS - 1), [*machine_row(sheet)], *rows])
        for sheet in plan(kind)
        if (rows := tables.rows.get(sheet.key))
    )
    if len(builder.documents) != 1:
        return [Loss("", "dropped", "the sheets can't hold it")]
    return differences(document, builder.documents[0].document)


def _fill(built: Built, now: datetime, new_id: Callable[[], str]) -> None:
    pact = built.kind == "ProductFootprint"
    document = built.document
    document.setdefault("id", new_id())
    document.setdefault("specVersion", _PACT_VERSION if pact else SPEC_VERSION)
    moment = now.astimezone(UTC).replace(microsecond=0)
    document.setdefault("created", moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
