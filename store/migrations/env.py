"""How Alembic reaches the tables: the connection is always handed in by store.migrations."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import store.tables  # noqa: F401  registers every table
from store.columns import Exact, UtcDateTime

_PLAIN: dict[type, str] = {UtcDateTime: "sa.DateTime(timezone=True)", Exact: "sa.String(length=40)"}


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Scripts name plain SQL types: what our column types become later must not change what was once migrated."""
    if kind != "type":
        return False
    if isinstance(item, AutoString):
        return "sa.String()" if item.length is None else f"sa.String(length={item.length})"
    return _PLAIN.get(type(item), False)


def run(connection: Connection) -> None:
    """Run the scripts on an open connection; the caller's transaction holds them all."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_item=render_item,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    context.run_migrations()


run(context.config.attributes["connection"])
