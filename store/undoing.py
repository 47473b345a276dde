"""Taking back: what a unit changed, row by row, and putting it back while nobody has built on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm.base import NO_VALUE
from sqlmodel import SQLModel

from store.book import Book, Watched
from store.plain import table_of
from store.prepared import Prepared
from store.tables import (
    Away,
    Change,
    ExceptionCase,
    Follow,
    Note,
    Order,
    OrderLine,
    Person,
    Request,
    Shipment,
    Step,
    Suggestion,
    UndoRecord,
    Urge,
)

_KEEP = Prepared(table_of(UndoRecord).insert())

KEPT: dict[str, type[SQLModel]] = {
    str(table.__tablename__): table
    for table in (Order, OrderLine, Step, ExceptionCase, Note, Change, Request, Urge, Follow, Away, Person, Shipment,
                  Suggestion)
}  # fmt: skip
"""The tables whose rows an undo puts back; what was sent or audited stays."""


def row_values(row: SQLModel) -> dict[str, Any]:
    """A row's columns as plain JSON."""
    known = vars(row)  # what has been read; the rest is fetched
    return {name: _plain(known[name] if name in known else getattr(row, name)) for name in _columns(type(row))}


def _as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in values.items()}


_AS_IT_IS = frozenset({str, int, bool, dict, list})


@cache
def _columns(table: type[SQLModel]) -> tuple[str, ...]:
    return tuple(column.key for column in inspect(table).column_attrs)


def _plain(value: Any) -> Any:
    if value is None or type(value) in _AS_IT_IS:
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value


@dataclass
class Seen:
    """Rows that a unit has touched, with their values before (of tables that are kept; None: it was not there)."""

    before: dict[int, dict[str, Any] | None] = field(default_factory=dict)
    rows: dict[int, SQLModel] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)

    def is_new(self, row: SQLModel) -> None:
        """The unit has added this row."""
        self.rows.setdefault(id(row), row)
        self.before.setdefault(id(row), None)

    def watched(self) -> list[Watched | Order]:
        """Orders, steps, exceptions, requests and changes that changed and still stand."""
        return [row for row in self.standing() if isinstance(row, Order | Step | ExceptionCase | Request | Change)]

    def standing(self) -> Iterator[SQLModel]:
        """Rows that were written: neither deleted nor rolled back to a savepoint."""
        return (row for mark, row in self.rows.items() if mark not in self.gone and inspect(row).persistent)


@contextmanager
def watching(book: Book) -> Iterator[Seen]:
    """Notice every row that the unit adds, changes or deletes."""
    seen = Seen()
    book.session.info[Seen] = seen
    book.session.on_write = seen.is_new
    try:
        yield seen
    finally:
        del book.session.info[Seen]
        book.session.on_write = None


@event.listens_for(OrmSession, "before_flush")
def _notice(session: OrmSession, _context: Any, _instances: Any) -> None:
    """One listener for all sessions: putting one on each session and taking it off cost more than the noticing."""
    seen = session.info.get(Seen)
    if seen is None:
        return
    for row in session.new:
        seen.is_new(row)
    for row in session.dirty:
        if id(row) not in seen.rows and session.is_modified(row):
            seen.rows[id(row)] = row
            seen.before[id(row)] = _old_values(row)
    for row in session.deleted:
        seen.before.setdefault(id(row), _old_values(row))
        seen.rows.setdefault(id(row), row)
        seen.gone.add(id(row))


def _old_values(row: SQLModel) -> dict[str, Any] | None:
    """The values that a row had when it was last read or written, as they are in memory."""
    if str(row.__tablename__) not in KEPT:
        return None
    changed = {name: old for name, old in inspect(row).committed_state.items() if old is not NO_VALUE}
    return {name: changed[name] if name in changed else getattr(row, name) for name in _columns(type(row))}


def keep(book: Book, seen: Seen) -> None:
    """Write the undo record of a unit whose operation said it may be taken back."""
    if not book.undoable:
        return
    rows, order_id = [], None
    for mark, row in seen.rows.items():
        table = str(type(row).__tablename__)
        if table not in KEPT or (mark not in seen.gone and not inspect(row).persistent):
            continue  # what is not kept, or was rolled back to a savepoint
        key = inspect(row).identity
        after = None if mark in seen.gone else row_values(row)
        before = seen.before[mark]
        rows.append([table, list(key or ()), None if before is None else _as_json(before), after])
        if isinstance(row, Order):
            order_id = row.id
        elif isinstance(row, Step | ExceptionCase | Note | Change | Urge):
            order_id = order_id or row.order_id
    if rows:
        values = {
            "who": book.by.key,
            "at": book.now,
            "what": book.undoable[-1],
            "order_id": order_id,
            "rows": rows,
            "outbox": [row.id for row in book.told if row.id is not None],
        }
        _KEEP.count(book.session.connection(), **values)  # nobody needs it as an object
