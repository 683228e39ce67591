"""What the standard's tests share: their modules, a clock, and a copy of the standard to spoil."""

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scdx_spec.data import ROOT

sys.path.insert(0, str(Path(__file__).parent))  # standard_laws and cel_witness, beside the tests


@pytest.fixture
def now() -> datetime:
    """The time that examples are judged by."""
    return datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def spoilt(tmp_path: Path) -> Path:
    """A copy of the standard's folder that a test may plant a fault in."""
    return Path(shutil.copytree(ROOT, tmp_path / "v1"))
