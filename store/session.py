"""The session of a unit of work: SQLAlchemy's, with messages to be sent written past its unit of work.

Nearly every turn writes a message and reads none back. Such rows wait until the session is flushed (or asks the
database anything) and are written by a plain INSERT; after that they are rows of the session like any other, and what
is changed in them is noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, event, func, select
from sqlalchemy.orm import SessionTransaction, make_transient_to_detached
from sqlmodel import Session

from store.plain import table_of
from store.tables import Outbox

_INSERT = table_of(Outbox).insert()
_RETURNING = _INSERT.returning(table_of(Outbox).c.id, sort_by_parameter_order=True)
_LAST = select(func.max(table_of(Outbox).c.id))
_COLUMNS = tuple(column.key for column in table_of(Outbox).columns if column.key != "id")


class BookSession(Session):
    """A session in which messages may be staged."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self._staged: list[Outbox] = []
        self._written: list[Outbox] = []
        self._marks: dict[SessionTransaction, int] = {}  # how many had been written when a transaction began
        super().__init__(*args, **options)

    def stage(self, row: Outbox) -> None:
        """Write this message with the next flush."""
        self._staged.append(row)

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Write what was changed, and the messages that were staged."""
        super().flush(objects)
        if not self._staged:
            return
        staged, self._staged = self._staged, []
        ids = insert_letters(self.connection(), [{name: vars(row)[name] for name in _COLUMNS} for row in staged])
        for row, number in zip(staged, ids, strict=True):
            row.id = number
            make_transient_to_detached(row)
            self.add(row)
        self._written += staged

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


def insert_letters(connection: Connection, letters: list[dict[str, Any]]) -> Sequence[int]:
    """Write rows of the outbox by one statement; their ids, in order.

    SQLite's only writer numbers several himself (see store.row_ids), where the database would be asked for each.
    """
    if len(letters) > 1 and connection.dialect.name == "sqlite":
        last = connection.execute(_LAST).scalar() or 0
        ids = range(last + 1, last + 1 + len(letters))
        connection.execute(_INSERT, [{"id": row, **letter} for row, letter in zip(ids, letters, strict=True)])
        return ids
    if len(letters) > 1:
        return [row.id for row in connection.execute(_RETURNING, letters)]
    return tuple(connection.execute(_INSERT, letters[0]).inserted_primary_key or ())


@event.listens_for(BookSession, "after_transaction_create")
def _begun(session: BookSession, transaction: SessionTransaction) -> None:
    session.has_begun(transaction)


@event.listens_for(BookSession, "after_soft_rollback")
def _rolled_back(session: BookSession, transaction: SessionTransaction) -> None:
    session.has_rolled_back(transaction)
