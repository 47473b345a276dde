"""Many rows by one statement: what SQLAlchemy does to each row costs more than writing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Insert, Table, Update, func, select, text

from store.prepared import Prepared


def write_many(connection: Connection, statement: Insert | Update, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run an INSERT or UPDATE for each row.

    Args:
        connection: of the unit of work.
        statement: one that stands in a module, for it is kept; its parameters without a value of their own are taken
            from the rows.
        rows: values by column (of an INSERT) or parameter, the same ones in each.
    """
    _prepared(statement).each(connection, rows)


@lru_cache(maxsize=128)
def _prepared(statement: Insert | Update) -> Prepared:
    return Prepared(statement)


def next_ids(connection: Connection, table: Table, count: int) -> Sequence[int]:
    """Ids for so many new rows of a table. SQLite's only writer numbers them himself (see store.row_ids)."""
    if connection.dialect.name == "sqlite":
        (last,) = _greatest(table).rows(connection)[0]
        return range((last or 0) + 1, (last or 0) + 1 + count)
    return [number for (number,) in _NEXT.rows(connection, table=table.name, count=count)]


@lru_cache(maxsize=64)
def _greatest(table: Table) -> Prepared:
    return Prepared(select(func.max(table.c.id)))


_NEXT = Prepared(text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)"))
