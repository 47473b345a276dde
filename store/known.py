"""What a unit of work has read of its orders: lines, steps, exceptions and followers, each asked for once.

Whatever the unit adds to an order or removes from it makes its list be read anew, so do a rollback to a savepoint and
the order's lock, which may have been waited for. The rows themselves are the session's: what the unit changes in them
is seen here at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import bindparam, event
from sqlalchemy.orm import Session as OrmSession
from sqlmodel import Session, col

from store.plain import among, listed, table_of
from store.session import BookSession, Rows
from store.tables import ExceptionCase, Follow, Order, OrderLine, Step

P = TypeVar("P", OrderLine, Step, ExceptionCase, Follow)
Part = type[OrderLine] | type[Step] | type[ExceptionCase] | type[Follow]

_PARTS: dict[Part, str] = {OrderLine: "position", Step: "position", ExceptionCase: "id", Follow: "id"}
"""What is known of an order, and by which column it stands in order."""

_OF_ONE: dict[Any, Any] = {table: Rows(table, col(table.order_id) == bindparam("order")) for table in _PARTS}
_KEPT, _HELD = "known", "held"
_LARGEST = 500  # values in one question


def rows_of(session: BookSession, table: type[P], order_id: int | None) -> list[P]:
    """The order's lines, steps (in the order of its flow), exceptions or followers (oldest first)."""
    if session.deleted:
        session.flush()
    kept = _kept(session)
    rows = kept.get((table, order_id))
    if rows is None:
        rows = kept[table, order_id] = session.find(_OF_ONE[table], order=order_id)
    return _in_order(table, rows) if rows else []


def read_ahead(session: BookSession, tables: Sequence[Part], orders: Iterable[int]) -> None:
    """Read these parts of many orders (row ids) together, for a unit that will ask for each of them."""
    ids, kept = list(orders), _kept(session)
    dialect = session.get_bind().dialect.name
    for table in tables:
        for start in range(0, len(ids), _LARGEST):
            some = ids[start : start + _LARGEST]
            for one in some:
                kept[table, one] = []
            for row in session.find(_of_many(table, dialect), orders=listed(some, dialect)):
                kept[table, row.order_id].append(row)


@cache
def _of_many(table: Any, dialect: str) -> Rows[Any]:
    return Rows(table, among(table_of(table).c.order_id, "orders", dialect))


def know(session: Session, table: type[P], order_id: int | None, rows: Sequence[P]) -> None:
    """These are all there are: for an order that this unit has just placed."""
    _kept(session)[table, order_id] = list(rows)


def hold(session: Session, *orders: Order) -> None:
    """Keep these at hand until the unit ends: a session alone lets go of what nobody uses just now."""
    session.info.setdefault(_HELD, []).extend(orders)


def forget(session: Session, order_id: int | None = None) -> None:
    """The database is asked again: of one order, or of all."""
    if order_id is None:
        session.info.pop(_KEPT, None)
    else:
        for table in _PARTS:
            _kept(session).pop((table, order_id), None)


def _kept(session: OrmSession) -> dict[tuple[Any, int | None], list[Any]]:
    found: dict[tuple[Any, int | None], list[Any]] = session.info.setdefault(_KEPT, {})
    return found


def _in_order(table: Part, rows: Iterable[P]) -> list[P]:
    by = _PARTS[table]
    return sorted(rows, key=lambda row: getattr(row, by) or 0)


@event.listens_for(OrmSession, "transient_to_pending")
def _added(session: OrmSession, row: object) -> None:
    if isinstance(row, OrderLine | Step | ExceptionCase | Follow):
        _kept(session).pop((type(row), row.order_id), None)


@event.listens_for(OrmSession, "persistent_to_deleted")
def _removed(session: OrmSession, row: object) -> None:
    if isinstance(row, OrderLine | Step | ExceptionCase | Follow):
        _kept(session).pop((type(row), row.order_id), None)


@event.listens_for(OrmSession, "after_soft_rollback")
def _rolled_back(session: OrmSession, _transaction: Any) -> None:
    session.info.pop(_KEPT, None)
