"""Reading ahead: the lines and exceptions of many orders at once, for a unit of work that will ask for each of them.

What was read ahead holds until the unit adds or removes a line (or an exception), or rolls back to a savepoint.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session as OrmSession

from store import known
from store.book import Book
from store.plain import AnyOrder, LineRow, rows_of
from store.tables import ExceptionCase, OrderLine

_LINES = "ahead.lines"


def read_ahead(book: Book, orders: Iterable[int]) -> None:
    """Read the lines and exceptions of these orders (row ids)."""
    ids = list(orders)
    lines: dict[int, list[LineRow]] = {one: [] for one in ids}
    for line in rows_of(book.session, LineRow, ids, by="order_id"):
        lines[line.order_id].append(line)
    for found in lines.values():
        found.sort(key=lambda line: line.position)
    book.session.info[_LINES] = lines
    known.read_ahead(book.session, (ExceptionCase,), ids)


def known_lines(book: Book, order: AnyOrder) -> list[LineRow] | None:
    """An order's lines, if they were read ahead, to be shown; None: ask the database."""
    found: list[LineRow] | None = book.session.info.get(_LINES, {}).get(order.id)
    return found


@event.listens_for(OrmSession, "before_flush")
def _changed(session: OrmSession, _context: Any, _instances: Any) -> None:
    if _LINES in session.info and any(isinstance(row, OrderLine) for row in (*session.new, *session.deleted)):
        _forget(session)


@event.listens_for(OrmSession, "after_soft_rollback")
def _rolled_back(session: OrmSession, _transaction: Any) -> None:
    _forget(session)


def _forget(session: OrmSession) -> None:
    session.info.pop(_LINES, None)
