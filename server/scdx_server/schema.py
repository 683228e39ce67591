"""The database's schema and its way forward: Alembic's migrations, run by us and never by hand."""

from pathlib import Path

HEAD = "0001"
"""The revision that this version reads and writes; the newest in ``migrations/versions``."""


def migrate(path: Path) -> None:
    """Create a database, or bring an older one forward to :data:`HEAD`, in one transaction.

    The caller holds the write lock.
    """
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
