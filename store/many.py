"""Many rows by one statement, with little work on each: what SQLAlchemy does to every row costs more than writing it.

The statement is put together once; a row then only has its values turned into what the driver takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Insert, Table, Update, func, select, text
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler

_Process = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class _Plan:
    """A statement as the driver takes it.

    Attributes:
        sql: its words.
        parts: its parameters in order: name, how a value is turned, and the value where it is the same for all rows.
        positional: whether a row is a tuple, else a dict by the names.
    """

    sql: str
    parts: tuple[tuple[str, _Process, Any], ...]
    positional: bool


_OF_THE_ROW = object()


def write_many(connection: Connection, statement: Insert | Update, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run an INSERT or UPDATE for each row.

    Args:
        connection: of the unit of work.
        statement: one that stands in a module, for it is kept; its parameters without a value of their own are taken
            from the rows.
        rows: values by column (of an INSERT) or parameter, the same ones in each.
    """
    if not rows:
        return
    plan = _plan(statement, connection.dialect, tuple(rows[0]))
    if plan.positional:
        made: list[Any] = [tuple(_values(plan, row)) for row in rows]
    else:
        names = [name for name, _, _ in plan.parts]
        made = [dict(zip(names, _values(plan, row), strict=True)) for row in rows]
    connection.exec_driver_sql(plan.sql, made)


def next_ids(connection: Connection, table: Table, count: int) -> Sequence[int]:
    """Ids for so many new rows of a table. SQLite's only writer numbers them himself (see store.row_ids)."""
    if connection.dialect.name == "sqlite":
        last = connection.execute(select(func.max(table.c.id))).scalar() or 0
        return range(last + 1, last + 1 + count)
    return connection.execute(_NEXT, {"table": table.name, "count": count}).scalars().all()


_NEXT = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)")


@lru_cache(maxsize=128)
def _plan(statement: Insert | Update, dialect: Dialect, names: tuple[str, ...]) -> _Plan:
    keys = list(names) if isinstance(statement, Insert) else None
    compiled = statement.compile(dialect=dialect, column_keys=keys)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError(type(compiled).__name__)
    positional = bool(compiled.positional)
    order = (compiled.positiontup or []) if positional else list(compiled.binds)
    parts = []
    for name in order:
        bound = compiled.binds[name]
        process = bound.type.dialect_impl(dialect).bind_processor(dialect)
        fixed = _OF_THE_ROW
        if name not in names:
            fixed = process(bound.value) if process is not None else bound.value
        parts.append((name, process, fixed))
    return _Plan(str(compiled), tuple(parts), positional)


def _values(plan: _Plan, row: Mapping[str, Any]) -> list[Any]:
    return [
        fixed if fixed is not _OF_THE_ROW else row[name] if process is None else process(row[name])
        for name, process, fixed in plan.parts
    ]
