"""A supplier's server in a temporary folder, and a buyer's way to it over a real socket."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The tests' own modules stand beside them; importlib mode does not look here.
sys.path.insert(0, str(Path(__file__).parent))

from databases import BOTH, need
from supplier import Supplier


@pytest.fixture(params=BOTH)
def dialect(request: pytest.FixtureRequest) -> str:
    """Each of the two databases."""
    name: str = request.param
    need(name)
    return name


@pytest.fixture
def supplier(tmp_path: Path, dialect: str) -> Iterator[Supplier]:
    """An empty server on each database; serving on request."""
    with Supplier(tmp_path / "data", dialect=dialect) as made:
        yield made


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Supplier]:
    """An empty server on SQLite, for what concerns its file."""
    with Supplier(tmp_path / "data") as made:
        yield made
