"""Prepared statements: SQLAlchemy's words, put together once, run on the driver's own cursor.

Reading an order's steps costs the driver 10 µs, SQLAlchemy's connection 41 and its session 95. What people ask for all
day is therefore prepared: the statement is compiled at its first run, its parameters are turned into what the driver
takes and the columns into what they mean by the same types' own functions, in the same transaction. Everything else
is asked the usual way; results are the same.

    _STEPS = Prepared(select(step.c.id, step.c.due).where(step.c.order_id == bindparam("order")))
    for number, due in _STEPS.rows(session.connection(), order=7): ...

A session does not know of it: what it has not written yet must be flushed first (BookSession.find does).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ClauseElement, Connection, Insert
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

Process = Callable[[Any], Any]
Row = Sequence[Any]


Watcher = Callable[[str, Any, bool], None]
_WATCHERS: list[Watcher] = []
_OF_THE_ROW = object()
_DIALECTS = 8  # a process has one; tests have some


@dataclass(slots=True)
class _Plan:
    """A statement as the driver takes it.

    Attributes:
        sql: its words.
        parts: its parameters in order: name, how a value is turned, and the value where the statement has it itself.
        positional: whether parameters are a tuple, else a dict by the names.
        types: of the columns that come back.
        read: by place, how a column is turned, once a result has been seen; columns that mean what they are left out.
    """

    sql: str
    parts: tuple[tuple[str, Process | None, Any], ...]
    positional: bool
    types: tuple[Any, ...]
    read: tuple[tuple[int, Process], ...] | None = None

    def bound(self, values: Mapping[str, Any]) -> Any:
        """The parameters of one run. Raises KeyError for one that is not given."""
        if self.positional:
            return tuple(
                [
                    fixed if fixed is not _OF_THE_ROW else values[name] if process is None else process(values[name])
                    for name, process, fixed in self.parts
                ]
            )
        return {
            name: fixed if fixed is not _OF_THE_ROW else values[name] if process is None else process(values[name])
            for name, process, fixed in self.parts
        }


class Prepared:
    """A statement that stands in a module.

    Args:
        statement: SQLAlchemy's; its parameters without a value of their own are given at each run. No "in" with a
            list (store.plain.among says it in the same words however long the list). An INSERT without values takes
            the columns that are given at each run.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._plans: dict[Any, _Plan] = {}

    def rows(self, connection: Connection, **values: Any) -> list[Row]:
        """What it finds (or returns), all of it."""
        plan = self._plan(connection.dialect, values)
        cursor = _run(connection, plan.sql, plan.bound(values))
        found: list[Row] = cursor.fetchall()
        if not found:
            return found
        read = plan.read
        if read is None:
            read = plan.read = _reading(plan.types, connection.dialect, cursor.description)
        return [_turned(row, read) for row in found] if read else found

    def first(self, connection: Connection, **values: Any) -> Row | None:
        """The first row; for questions with at most one, or with a limit."""
        found = self.rows(connection, **values)
        return found[0] if found else None

    def count(self, connection: Connection, **values: Any) -> int:
        """Run a change; how many rows it concerned."""
        plan = self._plan(connection.dialect, values)
        return int(_run(connection, plan.sql, plan.bound(values)).rowcount)

    def each(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a change for each of these, all with the same names."""
        if not rows:
            return
        plan = self._plan(connection.dialect, rows[0])
        _run(connection, plan.sql, [plan.bound(row) for row in rows], many=True)

    def _plan(self, dialect: Dialect, values: Mapping[str, Any]) -> _Plan:
        key = (dialect, *values) if isinstance(self._statement, Insert) else dialect
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= _DIALECTS:
                self._plans.clear()
            plan = self._plans[key] = _compiled(self._statement, dialect, values)
        return plan


@contextmanager
def watched(told: Watcher) -> Iterator[None]:
    """Be told each statement, its parameters, and whether there are many: SQLAlchemy's own events are not."""
    _WATCHERS.append(told)
    try:
        yield
    finally:
        _WATCHERS.remove(told)


def _compiled(statement: ClauseElement, dialect: Dialect, values: Mapping[str, Any]) -> _Plan:
    keys = list(values) if isinstance(statement, Insert) else None
    compiled = statement.compile(dialect=dialect, column_keys=keys)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError(type(compiled).__name__)
    if compiled.post_compile_params:
        raise TypeError(f"not the same words at each run: {compiled}")
    positional = bool(compiled.positional)
    order = (compiled.positiontup or []) if positional else list(dict.fromkeys(compiled.bind_names.values()))
    parts = []
    for name in order:
        bound = compiled.binds[name]
        process = bound.type.dialect_impl(dialect).bind_processor(dialect)
        fixed = _OF_THE_ROW
        if name not in values:
            if bound.required:
                raise KeyError(name)
            fixed = process(bound.value) if process is not None else bound.value
        parts.append((name, process, fixed))
    types = tuple(column.type for column in getattr(statement, "exported_columns", ()))
    return _Plan(str(compiled), tuple(parts), positional, types)


def _reading(types: Sequence[Any], dialect: Dialect, description: Sequence[Any]) -> tuple[tuple[int, Process], ...]:
    made = (
        (place, kind.dialect_impl(dialect).result_processor(dialect, column[1]))
        for place, (kind, column) in enumerate(zip(types, description, strict=False))
    )
    return tuple((place, process) for place, process in made if process is not None)


def _turned(row: Row, read: tuple[tuple[int, Process], ...]) -> Row:
    turned = list(row)
    for place, process in read:
        turned[place] = process(turned[place])
    return turned


def _run(connection: Connection, sql: str, parameters: Any, *, many: bool = False) -> Any:
    """Run it; the driver's errors are SQLAlchemy's, as everywhere.

    Raises:
        DBAPIError: and what is derived of it.
    """
    cursor = connection.connection.cursor()
    for told in _WATCHERS:
        told(sql, parameters, many)
    try:
        if many:
            cursor.executemany(sql, parameters)
        else:
            cursor.execute(sql, parameters)
    except connection.dialect.loaded_dbapi.Error as problem:
        driver: Any = connection.connection.dbapi_connection
        gone = connection.dialect.is_disconnect(problem, driver, cursor)
        if gone:
            connection.invalidate(problem)
        raise DBAPIError.instance(
            sql, parameters, problem, connection.dialect.loaded_dbapi.Error,
            connection_invalidated=gone, dialect=connection.dialect,
        ) from problem  # fmt: skip
    return cursor
