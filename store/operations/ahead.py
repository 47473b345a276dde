"""Reading ahead: the lines and exceptions of many orders at once, for a unit of work that will ask for each of them.

What was read ahead holds until the unit adds or removes a line or an exception, or rolls back to a savepoint.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session as OrmSession
from sqlmodel import col, select

from store.book import Book
from store.plain import AnyOrder, LineRow, rows_of
from store.tables import ExceptionCase, OrderLine

_LINES, _CASES = "ahead.lines", "ahead.cases"
_LARGEST = 500  # values in one question


def read_ahead(book: Book, orders: Iterable[int]) -> None:
    """Read the lines and exceptions of these orders (row ids)."""
    ids = list(orders)
    lines: dict[int, list[LineRow]] = {one: [] for one in ids}
    cases: dict[int, list[ExceptionCase]] = {one: [] for one in ids}
    for line in rows_of(book.session, LineRow, ids, by="order_id"):
        lines[line.order_id].append(line)
    for start in range(0, len(ids), _LARGEST):
        some = ids[start : start + _LARGEST]
        for case in book.session.exec(select(ExceptionCase).where(col(ExceptionCase.order_id).in_(some))):
            cases[case.order_id].append(case)
    for found in lines.values():
        found.sort(key=lambda line: line.position)
    for row in cases.values():
        row.sort(key=lambda case: case.id or 0)
    book.session.info[_LINES], book.session.info[_CASES] = lines, cases


def known_lines(book: Book, order: AnyOrder) -> list[LineRow] | None:
    """An order's lines, if they were read ahead, to be shown; None: ask the database."""
    found: list[LineRow] | None = book.session.info.get(_LINES, {}).get(order.id)
    return found


def known_exceptions(book: Book, order: AnyOrder) -> list[ExceptionCase] | None:
    """All an order's exceptions, if they were read ahead; None: ask the database."""
    found: list[ExceptionCase] | None = book.session.info.get(_CASES, {}).get(order.id)
    return found


@event.listens_for(OrmSession, "before_flush")
def _changed(session: OrmSession, _context: Any, _instances: Any) -> None:
    if _LINES in session.info and any(
        isinstance(row, OrderLine | ExceptionCase) for row in (*session.new, *session.deleted)
    ):
        _forget(session)


@event.listens_for(OrmSession, "after_soft_rollback")
def _rolled_back(session: OrmSession, _transaction: Any) -> None:
    _forget(session)


def _forget(session: OrmSession) -> None:
    session.info.pop(_LINES, None)
    session.info.pop(_CASES, None)
