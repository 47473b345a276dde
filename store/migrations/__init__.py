"""The book's schema, step by step: versions/ in order, run by Alembic.

env.py            how Alembic reaches the tables
versions/NNNN_*   one small release each; the first line of a script says what and why
upgrade(engine)   bring a database to the newest schema, creating it when it is empty
current(engine)   where a database stands

Expand first, contract a release later: an older process must be able to work beside a newer schema.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

_HERE = Path(__file__).parent
_LOCK = 0x67656E64  # "gend": replicas starting together take turns (PostgreSQL)


def config_for(connection: Connection | None = None) -> Config:
    """Alembic's configuration, working on this open connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to a revision, by default the newest. All of it happens or nothing; a second call is free."""
    if revision == "head" and current(engine) == newest():
        return  # Alembic itself need not be imported
    from alembic import command

    with engine.execution_options(gendan_write=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        command.upgrade(config_for(connection), revision)


def current(engine: Engine) -> str | None:
    """The revision a database stands at; None: empty."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def newest() -> str | None:
    """The revision that this code expects: the scripts' names begin with theirs, in order."""
    names = sorted(script.name.partition("_")[0] for script in (_HERE / "versions").glob("[0-9]*_*.py"))
    return names[-1] if names else None


__all__ = ["config_for", "current", "newest", "upgrade"]
