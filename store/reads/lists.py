"""The lists of the API: orders and steps that somebody may see, with filters by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from store.book import Book
from store.reads.document import order_items, step_document
from store.reads.events import entries_of, order_events
from store.reads.seeing import viewer_of, visible
from store.tables import Order, Step

Json = dict[str, Any]
__all__ = ["OrderFilter", "StepFilter", "entries_of", "list_orders", "list_steps", "order_events"]


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What an order has to be; None leaves it open. `owner` and `step`: of an active step; `overdue`: one past due."""

    status: str | None = None
    customer: str | None = None
    salesperson: str | None = None
    owner: str | None = None
    step: str | None = None
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class StepFilter:
    """What a step has to be."""

    owner: str | None = None
    status: str = "active"
    overdue: bool = False


def list_orders(
    book: Book, person: str, wanted: OrderFilter | None = None, *, limit: int | None = None, offset: int = 0
) -> list[Json]:
    """The orders that somebody may see, newest first, as `GET /api/orders` gives them."""
    wanted = wanted or OrderFilter()
    query = select(Order).where(visible(viewer_of(book, person), among_few=_few(wanted)))
    for column, value in (
        (Order.status, wanted.status),
        (Order.customer, wanted.customer),
        (Order.salesperson, wanted.salesperson),
    ):
        if value is not None:
            query = query.where(col(column) == value)
    if wanted.owner is not None or wanted.step is not None or wanted.overdue:
        query = query.where(col(Order.id).in_(select(Step.order_id).where(*_active(book, wanted))))
    if wanted.overdue:
        query = query.where(col(Order.status) == "open")  # due moments of a held order stand still
    query = query.order_by(col(Order.id).desc()).limit(limit).offset(offset)
    return order_items(book, book.session.exec(query).all())


def list_steps(
    book: Book, person: str, wanted: StepFilter | None = None, *, limit: int | None = None, offset: int = 0
) -> list[Json]:
    """The steps of those orders, the first due first, as `GET /api/steps` gives them."""
    wanted = wanted or StepFilter()
    query = (
        select(Step, Order)
        .join(Order, col(Order.id) == col(Step.order_id))
        .where(col(Step.status) == wanted.status, visible(viewer_of(book, person), among_few=True))
    )
    if wanted.owner is not None:
        query = query.where(col(Step.owner) == wanted.owner)
    if wanted.overdue:
        query = query.where(*past_due(book), col(Order.status) == "open")
    query = query.order_by(col(Step.due).is_(None), col(Step.due), col(Step.id)).limit(limit).offset(offset)
    rows: Sequence[tuple[Step, Order]] = book.session.exec(query).all()
    return [{**step_document(book, step), "order": order.number, "customer": order.customer} for step, order in rows]


def _few(wanted: OrderFilter) -> bool:
    """Whether the filters alone leave few orders: those that live, or have an active step of a kind."""
    return wanted.status in {"open", "on_hold"} or any((wanted.owner, wanted.step, wanted.overdue))


def past_due(book: Book) -> tuple[ColumnElement[bool], ...]:
    """The conditions of a step that is late."""
    return (col(Step.status) == "active", col(Step.due) < book.now)


def _active(book: Book, wanted: OrderFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [col(Step.status) == "active"]
    if wanted.owner is not None:
        conditions.append(col(Step.owner) == wanted.owner)
    if wanted.step is not None:
        conditions.append(col(Step.key) == wanted.step)
    if wanted.overdue:
        conditions += past_due(book)
    return conditions
