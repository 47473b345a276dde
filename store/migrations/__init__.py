"""The book's schema, step by step: versions/ in order, run by Alembic.

env.py            how Alembic reaches the tables
versions/NNNN_*   one small release each; the first line of a script says what and why
upgrade(engine)   bring a database to the newest schema, creating it when it is empty
current(engine)   where a database stands

Expand first, contract a release later: an older process must be able to work beside a newer schema.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

_HERE = Path(__file__).parent
_LOCK = 0x67656E64  # "gend": replicas starting together take turns (PostgreSQL)


def config_for(connection: Connection | None = None) -> Config:
    """Alembic's configuration, working on this open connection."""
    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to a revision, by default the newest. All of it happens or nothing; a second call is free."""
    with engine.execution_options(gendan_write=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        command.upgrade(config_for(connection), revision)


def current(engine: Engine) -> str | None:
    """The revision a database stands at; None: empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """The revision that this code expects."""
    return ScriptDirectory.from_config(config_for()).get_current_head()


__all__ = ["config_for", "current", "newest", "upgrade"]
