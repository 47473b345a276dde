"""What a unit of work knows of the orders it has just placed, so that placing many asks the database little.

While orders are being placed nobody else can have added anything to them: their lines and steps are those just made,
nobody follows them, nothing is wrong with them. Afterwards that holds until the unit adds something to one of them,
or rolls back to a savepoint.
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
from store.plain import AnyOrder
from store.tables import Counter, ExceptionCase, Follow, OrderLine, Step

_PARTS = (ExceptionCase, Follow, OrderLine, Step)


@dataclass
class Fresh:
    """The orders placed in this unit.

    Attributes:
        lines, steps: of each order, by its id.
        placing: orders are being placed right now.
        loads: active steps of each member of a department, counted on while placing.
        turns: the counters of departments that take turns.
        free: stock of each product that nobody has reserved, counted down while placing.
    """

    lines: dict[int, list[OrderLine]] = field(default_factory=dict)
    steps: dict[int, list[Step]] = field(default_factory=dict)
    placing: bool = False
    loads: dict[str, dict[str, int]] = field(default_factory=dict)
    turns: dict[str, Counter | None] = field(default_factory=dict)
    free: dict[str, Decimal] | None = None

    def started(self, owner: str) -> None:
        """A step of that owner has become active."""
        for loads in self.loads.values():
            if owner in loads:
                loads[owner] += 1

    def forget(self, order_id: int) -> None:
        """Something was added to that order: the database is asked again."""
        self.lines.pop(order_id, None)
        self.steps.pop(order_id, None)


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


def fresh_steps(book: Book, order: AnyOrder) -> list[Step] | None:
    """The steps of an order placed in this unit; None when the database has to be asked."""
    fresh = _known(book)
    return fresh.steps.get(order.id or 0) if fresh is not None else None


def fresh_lines(book: Book, order: AnyOrder) -> list[OrderLine] | None:
    """The lines of an order placed in this unit; None when the database has to be asked."""
    fresh = _known(book)
    return fresh.lines.get(order.id or 0) if fresh is not None else None


def is_fresh(book: Book, order: AnyOrder) -> bool:
    """Whether an order was placed in this unit and nothing was added to it: no exception, no follower."""
    fresh = _known(book)
    return fresh is not None and order.id in fresh.lines


def _known(book: Book) -> Fresh | None:
    fresh: Fresh | None = book.session.info.get(Fresh)
    return fresh


@event.listens_for(OrmSession, "transient_to_pending")
def _added(session: OrmSession, row: object) -> None:
    fresh: Fresh | None = session.info.get(Fresh)
    if fresh is not None and not fresh.placing and isinstance(row, _PARTS):
        fresh.forget(row.order_id)


@event.listens_for(OrmSession, "before_flush")
def _removed(session: OrmSession, _context: Any, _instances: Any) -> None:
    fresh: Fresh | None = session.info.get(Fresh)
    for row in session.deleted if fresh is not None else ():
        if fresh is not None and isinstance(row, _PARTS):
            fresh.forget(row.order_id)


@event.listens_for(OrmSession, "after_soft_rollback")
def _rolled_back(session: OrmSession, _transaction: Any) -> None:
    session.info.pop(Fresh, None)
