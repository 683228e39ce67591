"""What ``scdx chaos`` does once its options are read."""

from __future__ import annotations

import sys
import threading

from scdx_conformance.chaos.faults import FAULTS, chosen
from scdx_conformance.chaos.hosts import listening
from scdx_conformance.chaos.supplier import Seen, Supplier
from scdx_conformance.redaction import printable

_LONGEST = 100


def print_faults() -> None:
    """Print each fault: its name, when it strikes, what it does, and what it puts to test."""
    for fault in FAULTS.values():
        tested = f"  [{', '.join(fault.requirements)}]" if fault.requirements else ""
        print(f"{fault.name:<22} {fault.when:<9} {fault.says}{tested}")
    alone = ", ".join(fault.name for fault in FAULTS.values() if fault.alone)
    print(
        f"\n{len(FAULTS)} faults. These hide others and strike only when they are named: {alone}."
    )


def serve(seed: int, port: int, products: int, names: str) -> int:
    """Listen until interrupted, with a line for each request; gives the exit code."""
    try:
        faults = chosen(name for name in names.split(",") if name)
    except LookupError as unknown:
        print(f"There is no fault {unknown.args[0]!r}: scdx chaos --list-faults", file=sys.stderr)
        return 2
    supplier = Supplier(seed, faults, products, watch=_tell)
    try:
        with listening(supplier, port):
            print(f"Misbehaving at {supplier.url} (seed {seed})")
            print(f"Faults: {', '.join(fault.name for fault in faults) or 'none'}")
            print(f"Client id {supplier.client_id}, secret {supplier.client_secret}", flush=True)
            threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    except (OSError, OverflowError) as error:
        print(f"Could not listen on port {port}: {error}", file=sys.stderr)
        return 2
    return 0


def _tell(seen: Seen) -> None:
    """One request and what came of it; a query holds nothing secret but what a client put there."""
    where = ""
    if seen.place is not None:
        where = f"  walk {seen.place.walk + 1}, page {seen.place.page + 1}"
        where += f": {seen.place.fault}" if seen.place.fault else ""
    path = printable(seen.request.path)[:_LONGEST]
    print(f"{printable(seen.request.method)[:10]} {path} {seen.status}{where}", flush=True)
