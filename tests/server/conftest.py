"""A supplier's server in a temporary folder, and a buyer's way to it over a real socket."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The tests' own modules stand beside them; importlib mode does not look here.
sys.path.insert(0, str(Path(__file__).parent))

from supplier import Supplier


@pytest.fixture
def supplier(tmp_path: Path) -> Iterator[Supplier]:
    """A server's folder with keys and an empty database; serving on request."""
    with Supplier(tmp_path / "data") as made:
        yield made
