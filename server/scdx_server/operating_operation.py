"""What the commands for running a server do and print."""

import json
from pathlib import Path

from scdx_server import backup as archives
from scdx_server.doctor import FAIL, OK, examine
from scdx_server.operating import database_of, told
from scdx_spec.reading import counted, plain


def doctor(data: Path, as_json: bool) -> int:
    """``scdx doctor``."""
    found = examine({"data": data})
    if as_json:
        print(json.dumps({"checks": [one.as_dict() for one in found]}, ensure_ascii=False))
    else:
        for one in found:
            print(f"{one.state:5} {one.name:14} {plain(one.told, 400)}")
            if one.do and one.state != OK:
                print(f"{'':20} → {plain(one.do, 400)}")
    return 1 if any(one.state == FAIL for one in found) else 0


@told
def backup(data: Path, file: Path, without_keys: bool) -> int:
    """``scdx backup``."""
    manifest = archives.back_up(database_of(data), file, with_keys=not without_keys)
    size = file.stat().st_size / 1e6
    what = "the database" if without_keys else "the database and the keys"
    print(f"{plain(file)}: {what} ({manifest['database']}), {size:.1f} MB, for your eyes only")
    return 0


@told
def restore(data: Path, file: Path) -> int:
    """``scdx restore``."""
    count = archives.restore(database_of(data), file)
    print(f"{plain(data)} is a server with {counted(count, 'document')}, each as it was.")
    return 0
