"""A file of a register → what it is, its rows, its day and its digest."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from scdx_spec.reading import UnreadableError, plain
from scdx_spec.registers import energy_star, rba, sbti, tco
from scdx_spec.registers.copies import (
    ENERGY_STAR,
    RBA_MEMBERS,
    SBTI_COMPANIES,
    SBTI_TARGETS,
    TCO_CERTIFIED,
    Copy,
    dated,
)
from scdx_spec.registers.matching import Index
from scdx_spec.registers.tables import Table, named_day, read_tables


@dataclass(frozen=True)
class Register:
    """One copy with its rows; only those of its own kind are filled."""

    copy: Copy
    organisations: list[sbti.Organisation] = field(default_factory=list)
    members: list[rba.Member] = field(default_factory=list)
    certificates: list[tco.Certified] = field(default_factory=list)
    models: list[energy_star.Certified] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.organisations or self.members or self.certificates or self.models)

    @cached_property
    def sbti_index(self) -> Index[sbti.Organisation]:
        """SBTi's organisations, to be found by their keys."""
        return Index(self.organisations)

    @cached_property
    def rba_index(self) -> Index[rba.Member]:
        """RBA's members, to be found by their names."""
        return Index(self.members)

    @cached_property
    def certificates_by(self) -> dict[str, list[tco.Certified]]:
        """Certificates by number and by GTIN."""
        found: dict[str, list[tco.Certified]] = defaultdict(list)
        for one in self.certificates:
            for key in {one.number, one.gtin} - {""}:
                found[key].append(one)
        return found

    @cached_property
    def models_by(self) -> dict[str, list[energy_star.Certified]]:
        """Models by ENERGY STAR id, GTIN and model number."""
        found: dict[str, list[energy_star.Certified]] = defaultdict(list)
        for one in self.models:
            for key in one.ids | one.gtins | one.models:
                found[key].append(one)
        return found


def read_register(path: Path, *, now: datetime) -> Register:
    """Read a copy of a register, whichever it is.

    Its day is the one in the file's name (``companies-2026-11-19.xlsx``) or that of its newest
    entry. Raises :class:`UnreadableError` for what can't be read or isn't known.
    """
    for table in read_tables(path):
        found = _known(table, now)
        if found is not None:
            if not len(found):
                raise UnreadableError(f"{plain(path)}: {found.copy.title}, without a single row")
            return found
    raise UnreadableError(
        f"{plain(path)}: no register that is known: give SBTi's file of companies or targets, a"
        " list of RBA's members with rba in its name, or an export of TCO Certified or ENERGY STAR"
    )


def _known(table: Table, now: datetime) -> Register | None:
    def copy(register: str, newest: date | None = None) -> Copy:
        return Copy(
            register, plain(table.file), table.sha256, *dated(named_day(table.file), newest, now)
        )

    shape = sbti.shape_of(table)
    if shape is not None:
        found = sbti.organisations(table)
        limit = now.date()
        newest = max((o.updated for o in found if o.updated and o.updated <= limit), default=None)
        kind = SBTI_TARGETS if shape == "by target" else SBTI_COMPANIES
        return Register(copy(kind, newest), organisations=found)
    if energy_star.is_export(table):
        return Register(copy(ENERGY_STAR), models=energy_star.models(table))
    if tco.is_export(table):
        return Register(copy(TCO_CERTIFIED), certificates=tco.certificates(table))
    if rba.is_list(table):
        return Register(copy(RBA_MEMBERS), members=rba.members(table))
    return None
