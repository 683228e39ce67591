"""Our own client as ``scdx check-client`` runs it: ``scdx pull``, then a list of what is usable."""

import json
import os
from pathlib import Path

from scdx_client import buying
from scdx_client.workspace import Workspace


def main() -> int:
    """One pull of the supplier that the environment names."""
    place = Path(os.environ["SCDX_CHAOS_DIR"]) / "workspace"
    if not place.exists():
        buying.add(
            place,
            "Chaos",
            os.environ["SCDX_CHAOS_URL"],
            os.environ["SCDX_CLIENT_ID"],
            os.environ["SCDX_CLIENT_SECRET"],
            token_url="",
            ca=None,
        )
    status = buying.pull(place, [], strict=False, as_json=False)
    with Workspace.open(place) as workspace:
        usable = [{"id": one.id, "sha256": one.sha256} for one in workspace.documents()]
    lines = "".join(json.dumps(one) + "\n" for one in usable)
    Path(os.environ["SCDX_ACCEPTED"]).write_text(lines, "utf-8")
    return status


if __name__ == "__main__":
    raise SystemExit(main())
