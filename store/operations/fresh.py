"""What a unit of work knows of the orders it has just placed, so that placing many asks the database little.

Nobody else can have added anything to them: their lines and steps are those just made (store.known), nobody follows
them, nothing is wrong with them. That holds until the unit adds something to one of them, or rolls back to a savepoint.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session as OrmSession

from store.book import Book
from store.known import know
from store.plain import AnyOrder
from store.tables import Counter, ExceptionCase, Follow, Order, OrderLine, Step

_PARTS = (ExceptionCase, Follow, OrderLine, Step)


@dataclass
class Fresh:
    """The orders placed in this unit.

    Attributes:
        orders: their row ids.
        placing: orders are being placed right now.
        loads: active steps of each member of a department, counted on while placing.
        turns: the counters of departments that take turns.
        free: stock of each product that nobody has reserved, counted down while placing.
    """

    orders: set[int] = field(default_factory=set)
    placing: bool = False
    loads: dict[str, dict[str, int]] = field(default_factory=dict)
    turns: dict[str, Counter | None] = field(default_factory=dict)
    free: dict[str, Decimal] | None = None

    def started(self, owner: str) -> None:
        """A step of that owner has become active."""
        for loads in self.loads.values():
            if owner in loads:
                loads[owner] += 1


@contextmanager
def placing(book: Book) -> Iterator[Fresh]:
    """Orders are placed inside."""
    fresh: Fresh = book.session.info.setdefault(Fresh, Fresh())
    fresh.placing = True
    try:
        yield fresh
    finally:
        fresh.placing = False
        fresh.loads, fresh.turns, fresh.free = {}, {}, None


def being_placed(book: Book) -> Fresh | None:
    """What is known while orders are being placed; None at any other time."""
    fresh: Fresh | None = book.session.info.get(Fresh)
    return fresh if fresh is not None and fresh.placing else None


def is_placed(book: Book, order: Order, lines: list[OrderLine]) -> None:
    """An order and its lines were written just now: that is all there is of it."""
    fresh: Fresh = book.session.info.setdefault(Fresh, Fresh())
    fresh.orders.add(order.id or 0)
    know(book.session, OrderLine, order.id, lines)
    know(book.session, ExceptionCase, order.id, [])
    know(book.session, Follow, order.id, [])


def is_fresh(book: Book, order: AnyOrder) -> bool:
    """Whether an order was placed in this unit and nothing was added to it: no exception, no follower."""
    fresh: Fresh | None = book.session.info.get(Fresh)
    return fresh is not None and order.id in fresh.orders


@event.listens_for(OrmSession, "transient_to_pending")
def _added(session: OrmSession, row: object) -> None:
    fresh: Fresh | None = session.info.get(Fresh)
    if fresh is not None and not fresh.placing and isinstance(row, _PARTS):
        fresh.orders.discard(row.order_id)


@event.listens_for(OrmSession, "before_flush")
def _removed(session: OrmSession, _context: Any, _instances: Any) -> None:
    fresh: Fresh | None = session.info.get(Fresh)
    for row in session.deleted if fresh is not None else ():
        if fresh is not None and isinstance(row, _PARTS):
            fresh.orders.discard(row.order_id)


@event.listens_for(OrmSession, "after_soft_rollback")
def _rolled_back(session: OrmSession, _transaction: Any) -> None:
    session.info.pop(Fresh, None)
