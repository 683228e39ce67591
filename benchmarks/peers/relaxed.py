"""The same server as ``scdx serve``, but with SQLite's ``synchronous = NORMAL``.

What it acknowledged may be lost in a power cut: it is what durable writes are compared with.
"""

import sys
from pathlib import Path

from scdx_server import database, serving


def main(folder: Path) -> int:
    """Serve a data folder until told to stop."""
    database.PRAGMAS["synchronous"] = 1
    return serving.run({"data": folder, "port": 0, "insecure_loopback": True})


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
