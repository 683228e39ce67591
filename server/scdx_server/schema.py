"""The database's schema and its way forward: Alembic's migrations, run by us and never by hand."""

from pathlib import Path

HEAD = "0002"
"""The revision that this version reads and writes; the newest in ``migrations/versions``."""


def migrate(url: str) -> None:
    """Create a database's tables, or bring older ones forward to :data:`HEAD`, in one transaction.

    ``url`` is SQLAlchemy's. The caller holds the write lock.
    """
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
