"""What a client would calculate with: its own list against what each document deserves."""

from __future__ import annotations

from collections.abc import Iterator

from scdx_conformance.chaos.documents import REFUSED, TAKEN, Entry
from scdx_conformance.chaos.lying_documents import HOSTILE_NAMES
from scdx_conformance.chaos.supplier import PACT_LIST, SCDX_LIST
from scdx_conformance.client_check import Played
from scdx_conformance.client_judges import Case

_CONTROLS = tuple(
    sign.encode()
    for sign in sorted({s for name in HOSTILE_NAMES for s in name if not s.isprintable()})
)
SILENT = "the client wrote no list of the documents that it would calculate with (SCDX_ACCEPTED)"


def served(played: Played) -> Iterator[tuple[str, Entry]]:
    """``(path of the list, entry)`` of what the client was given in whole pages."""
    by_position = dict(played.supplier.listed)
    for run in played.runs:
        for seen in run.seen:
            if seen.status == 200 and seen.place is not None:
                for position in seen.place.positions:
                    yield seen.request.path, by_position[position]


def documents(played: Played, case: Case) -> None:
    """COR-31, EXC-30 to EXC-32, STM-01, STM-02, PAC-30, PAC-31: what was taken over."""
    if played.accepted is None:
        return
    ids = {one.id for one in played.accepted}
    pairs = {(one.id, one.sha256) for one in played.accepted}
    given = list(served(played))
    if not any(e.id in ids for _, e in given if e.expect.verdict == TAKEN):
        return
    for path, entry in dict.fromkeys(given):
        requirement = entry.expect.requirement
        wanted = PACT_LIST if requirement.startswith("PAC-") else SCDX_LIST
        if not requirement or (path != wanted and requirement != "COR-31"):
            continue
        if requirement == "EXC-31":
            if any(sha256 for _, sha256 in pairs):
                case(requirement, (entry.id, entry.sha256) not in pairs, _told(entry))
        elif entry.expect.verdict == REFUSED:
            case(requirement, entry.id not in ids, _told(entry))
        else:
            case(requirement, entry.id in ids, _told(entry))


def _told(entry: Entry) -> str:
    verb = "would calculate with" if entry.expect.verdict == REFUSED else "dropped"
    return f"it {verb} a document {entry.expect.why}"


def kept_list(played: Played, case: Case) -> None:
    """PAC-50: a list that breaks off is not the whole list, and what it lacks isn't gone."""
    whole = played.runs[0]
    if "breaks-off" not in played.scene.faults or not played.accepted:
        return
    if not any(seen.place and seen.place.last for seen in whole.seen):
        return
    broke = any(seen.place and seen.place.fault for run in played.runs[1:] for seen in run.seen)
    honest = {e.id for path, e in served(played) if path == PACT_LIST and e.expect.verdict == TAKEN}
    if broke and honest:
        case(
            "PAC-50",
            honest <= {one.id for one in played.accepted},
            "a list broke off with status 500, and it gave up what stands behind: take a list for "
            "complete only when its last page has come",
        )


def observations(played: Played) -> Iterator[str]:
    """What no requirement of a client speaks of, and what somebody would want to know."""
    name = played.scene.name
    for number, run in enumerate(played.runs, 1):
        if run.exit_code is None:
            yield f"{name}: run {number} was ended after {run.seconds:.0f} s"
        elif run.exit_code < 0:
            yield f"{name}: run {number} died of signal {-run.exit_code}"
        if "hostile-names" in played.scene.faults:
            shown = [sign for sign in _CONTROLS if sign in run.output]
            if shown:
                codes = ", ".join(f"U+{ord(sign.decode()):04X}" for sign in shown)
                yield f"{name}: its output holds control characters of a name ({codes})"
    if played.stray_file:
        yield f"{name}: a document's id became a file's path, outside of the client's folder"
    if played.accepted:
        yield from _not_taken(played, {one.id for one in played.accepted})


def _not_taken(played: Played, ids: set[str]) -> Iterator[str]:
    """Good documents of whole pages that the client left out, where it took others of the list."""
    doubtful = {e.id for e in played.supplier.entries if e.expect.verdict != TAKEN}
    for path in (SCDX_LIST, PACT_LIST):
        given = {e.id for p, e in served(played) if p == path} - doubtful
        if given - ids and given & ids:
            missing = f"{len(given - ids)} of {len(given)} good documents"
            yield f"{played.scene.name}: {missing} were not taken"


__all__ = ["SILENT", "documents", "kept_list", "observations", "served"]
