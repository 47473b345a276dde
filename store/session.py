"""The session of a unit of work: SQLAlchemy's, with new rows written past its own unit of work.

A plain INSERT costs a fifth of what a flush makes of it. Messages to be sent, and deadlines, wait until the session is
flushed (or asks the database anything); an order's lines and steps are written when they are given. After that they are
rows of the session like any other, and what is changed in them is noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, event
from sqlalchemy.orm import SessionTransaction, make_transient_to_detached
from sqlmodel import Session

from store.many import next_ids, write_many
from store.plain import table_of
from store.tables import Row


class BookSession(Session):
    """A session in which messages may be staged; `on_write` is told of each row that is written so."""

    on_write: Callable[[Any], None] | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        self._staged: list[Row] = []
        self._written: list[Row] = []
        self._marks: dict[SessionTransaction, int] = {}  # how many had been written when a transaction began
        super().__init__(*args, **options)

    def stage(self, row: Row) -> None:
        """Write this new row with the next flush."""
        self._staged.append(row)

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Write what was changed, and the messages that were staged."""
        super().flush(objects)
        if not self._staged:
            return
        staged, self._staged = self._staged, []
        for table in dict.fromkeys(type(row) for row in staged):
            self.write([row for row in staged if type(row) is table])

    def write(self, rows: Sequence[Any]) -> None:
        """Write new rows of one table now, by one statement: they have their ids then."""
        table: type[Row] = type(rows[0])
        columns = _columns(table)
        ids = insert_rows(self.connection(), table, [{name: vars(row)[name] for name in columns} for row in rows])
        for row, number in zip(rows, ids, strict=True):
            row.id = number
            make_transient_to_detached(row)
            self.add(row)
            if self.on_write is not None:
                self.on_write(row)
        self._written += rows

    def has_changes(self) -> bool:
        """Whether something waits to be written."""
        return bool(self.new or self.dirty or self.deleted or self._staged)

    def changes(self) -> int:
        """How many rows this connection has written so far (SQLite)."""
        driver: Any = self.connection().connection.driver_connection
        return int(driver.total_changes)

    def has_begun(self, transaction: SessionTransaction) -> None:
        """A transaction or a savepoint begins, by flushing: what is staged and written from now on belongs to it."""
        self._marks[transaction] = len(self._written)

    def has_rolled_back(self, transaction: SessionTransaction) -> None:
        """What it has written is not there any more."""
        mark = self._marks.pop(transaction, 0)
        for row in self._written[mark:]:
            if row in self:
                self.expunge(row)
        self._staged = []
        del self._written[mark:]


def insert_rows(connection: Connection, table: type[Row], rows: list[dict[str, Any]]) -> Sequence[int]:
    """Write rows of a table, all with the same columns, by one statement; their ids, in order."""
    if len(rows) == 1:
        return tuple(connection.execute(_insert(table), rows[0]).inserted_primary_key or ())
    ids = next_ids(connection, table_of(table), len(rows))
    write_many(connection, _insert(table), [{"id": number, **row} for number, row in zip(ids, rows, strict=True)])
    return ids


@cache
def _insert(table: type[Row]) -> Insert:
    return table_of(table).insert()


@cache
def _columns(table: type[Row]) -> tuple[str, ...]:
    return tuple(column.key for column in table_of(table).columns if column.key != "id")


@event.listens_for(BookSession, "after_transaction_create")
def _begun(session: BookSession, transaction: SessionTransaction) -> None:
    session.has_begun(transaction)


@event.listens_for(BookSession, "after_soft_rollback")
def _rolled_back(session: BookSession, transaction: SessionTransaction) -> None:
    session.has_rolled_back(transaction)
