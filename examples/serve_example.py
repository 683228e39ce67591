"""``make serve``: a server with the standard's own examples on http://127.0.0.1:8700, until Ctrl-C.

Makes a data folder in ``scdx-server`` the first time, publishes the examples, and prints a buyer's
credentials with two requests to try.
"""

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

DATA = Path("scdx-server")
BUYER = "Example Buyer"


def scdx(*words: str) -> str:
    """Run a public command; gives what it printed."""
    command = [sys.executable, "-m", "scdx_spec.cli", *words, "--data", str(DATA)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def prepare() -> None:
    """A server with examples, and a buyer that sees them."""
    examples = files("scdx_spec") / "v1" / "examples"
    scdx("init", "--name", "Example Services AB", "--domain", "services.example.com")
    scdx("publish", *(str(path) for path in examples.iterdir()))
    new = json.loads(scdx("buyers", "add", BUYER, "--json"))
    scdx("grant", BUYER, "all")
    print(f"A buyer, shown this once: {new['clientId']} {new['clientSecret']}\n")
    print(f"  curl -u {new['clientId']}:{new['clientSecret']} \\")
    print("       -d grant_type=client_credentials http://127.0.0.1:8700/auth/token")
    print('  curl -H "Authorization: Bearer …" http://127.0.0.1:8700/scdx/1/documents\n')


def main() -> int:
    """Prepare where needed, then serve."""
    if not (DATA / "scdx.sqlite").exists():
        prepare()
    command = [sys.executable, "-m", "scdx_spec.cli", "serve", "--insecure-loopback"]
    try:
        return subprocess.run([*command, "--data", str(DATA)], check=False).returncode
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
