"""The peers, ready to be started: the bare route, the naive relational server, Express in Node."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from measure import HERE, tell
from stage import Staged

PEERS = HERE / "peers"
TOKEN = "a-token-of-the-peers"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def bare(cache: Path, page: bytes) -> list[str | Path]:
    """The command that serves ``page`` from memory below ``/page``."""
    path = cache / "bare-page.json"
    path.write_bytes(page)
    return [sys.executable, PEERS / "bare.py", path]


def naive(cache: Path, staged: Staged) -> list[str | Path]:
    """The command that serves the same documents from relational tables, filled once."""
    sys.path.insert(0, str(PEERS))
    import naive_server
    import products
    from sqlmodel import Session

    sources = sorted(PEERS.glob("naive_*.py"))
    mark = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:8]
    path = cache / f"naive-{staged.lines.stem}-{mark}.sqlite"
    if not path.exists():
        tell(f"filling the naive peer with {staged.count:,} footprints …")
        partial = path.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        engine = naive_server.engine_of(partial)
        with Session(engine) as session:
            buyer = naive_server.Buyer(name="Buyer", token=TOKEN)
            session.add(buyer)
            session.commit()
            number = int(buyer.id or 0)
        naive_server.fill(engine, map(products.document, staged.documents()), [number])
        engine.dispose()
        partial.rename(path)
    return [sys.executable, PEERS / "naive_server.py", path]


def express(cache: Path, staged: Staged) -> list[str | Path] | None:
    """The command that serves the same documents from Node's memory; None where Node lacks.

    Its packages are installed once, beside the data and not in the checkout.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    lock = (PEERS / "express" / "package-lock.json").read_bytes()
    folder = cache / f"express-{hashlib.sha256(lock).hexdigest()[:8]}"
    if not (folder / "node_modules").exists():
        tell("installing Express …")
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(PEERS / "express" / name, folder)
        command = [npm, "ci", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        if done.returncode != 0:
            tell("npm ci failed: " + done.stderr.decode()[-500:])
            return None
    shutil.copy(PEERS / "express" / "server.mjs", folder)
    return [node, "--max-old-space-size=8192", folder / "server.mjs", staged.lines, TOKEN]
