"""The board: where orders stand and where they are stuck, for somebody of the staff, among what he may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func
from sqlalchemy import select as core_select
from sqlmodel import col, or_, select

from store.book import Book
from store.company.views import Client
from store.messages import Fact, Money, WorkTime
from store.operations import frame
from store.reads.seeing import viewer_of, visible
from store.reads.status import lateness
from store.tables import ExceptionCase, Order, Step, Urge

CARDS = 30
"""So many cards a column shows, the latest due first; the rest is counted."""

_LIVE = ("open", "on_hold")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: only one's own steps, only late ones, only what holds these words (number or customer)."""

    mine: bool = False
    late: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """An active step. `late` and `due` stand still while the order is on hold; `urges`: times the order was urged."""

    number: str
    customer: Fact
    owner: Fact
    due: datetime | None
    late: WorkTime | None
    acknowledged_until: datetime | None
    promise_date: date
    amount: Money
    held: bool
    trouble: Fact
    urges: int


@dataclass(frozen=True, slots=True)
class Lane:
    """One kind of step: how many are active, how many of them late, and the first of them."""

    key: str
    name: Fact
    count: int
    late: int
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """Lanes in the order of the flows. `steps` and `late` count active steps, `held` those of orders on hold."""

    steps: int
    late: int
    held: int
    lanes: tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of one order, as a row of its way."""

    name: Fact
    status: str
    owner: Fact
    due: datetime | None
    done_at: datetime | None
    late: WorkTime | None


def read_board(book: Book, person: str, wanted: Wanted | None = None) -> Board:
    """What this person's board shows. Raises NotFound for somebody who is not (or no longer) here."""
    ranked = _ranked(_conditions(book, person, wanted or Wanted()), book.now)
    rows = book.session.execute(
        core_select(Step, Order, ranked.c.count, ranked.c.late, ranked.c.held)
        .join(Order, col(Order.id) == col(Step.order_id))
        .join(ranked, ranked.c.id == col(Step.id))
        .where(ranked.c.place <= CARDS)
        .order_by(ranked.c.place)
    ).all()
    cards = _cards(book, [(row[0], row[1]) for row in rows])
    lanes: dict[str, list[Card]] = {}
    counts: dict[str, tuple[int, int, int]] = {}
    for (step, _order, count, late, held), card in zip(rows, cards, strict=True):
        lanes.setdefault(step.key, []).append(card)
        counts[step.key] = (int(count), int(late), int(held))
    names = _names(book)
    places = {key: place for place, key in enumerate(names)}
    found = tuple(
        Lane(key, names.get(key, key), counts[key][0], counts[key][1], tuple(lanes[key]))
        for key in sorted(lanes, key=lambda key: places.get(key, len(places)))
    )
    steps, late_ones, held_ones = (sum(count[at] for count in counts.values()) for at in range(3))
    return Board(steps, late_ones, held_ones, found)


def stages(book: Book, order: Order) -> tuple[Stage, ...]:
    """The way of one order, step by step; whoever asks must be staff who may see it (see seeing.see)."""
    return tuple(
        Stage(
            step.name, step.status, frame.owner_name(book, step), step.due, step.done_at,
            lateness(book, step.owner, step.due) if step.status == "active" and order.status == "open" else None,
        )
        for step in frame.steps(book, order)
    )  # fmt: skip


def _conditions(book: Book, person: str, wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [
        col(Step.status) == "active",
        col(Order.status).in_(_LIVE),
        visible(viewer_of(book, person), among_few=True),
    ]
    if wanted.mine:
        found.append(col(Step.owner) == person)
    if wanted.late:
        found += [col(Step.due) < book.now, col(Order.status) == "open"]
    if words := wanted.words.strip():
        named = [one.key for one in book.company.customers.values() if _called(words.casefold(), one)]
        found.append(or_(col(Order.number).contains(words.upper(), autoescape=True), col(Order.customer).in_(named)))
    return found


def _called(words: str, client: Client) -> bool:
    return any(words in name.casefold() for name in (*client.name.all, *client.aliases))


def _names(book: Book) -> dict[str, Fact]:
    """What each kind of step is called, in the order of the flows' files."""
    found: dict[str, Fact] = {}
    for flow in book.company.flows.values():
        for step in flow.part.steps:
            found.setdefault(step.key, step.name.raw)
    return found


def _ranked(conditions: Sequence[ColumnElement[bool]], now: datetime) -> Subquery[Any]:
    """Each step's place in its lane, the latest due first, and how many the lane holds, late and on hold."""
    lane = col(Step.key)
    late = case((and_(col(Order.status) == "open", col(Step.due) < now), 1), else_=0)
    held = case((col(Order.status) == "on_hold", 1), else_=0)
    order = (col(Step.due).is_(None), col(Step.due), col(Step.id))
    return (
        core_select(
            col(Step.id).label("id"),
            func.row_number().over(partition_by=lane, order_by=order).label("place"),
            func.count().over(partition_by=lane).label("count"),
            func.sum(late).over(partition_by=lane).label("late"),
            func.sum(held).over(partition_by=lane).label("held"),
        )
        .join(Order, col(Order.id) == col(Step.order_id))
        .where(*conditions)
        .subquery()
    )


def _cards(book: Book, rows: Sequence[tuple[Step, Order]]) -> list[Card]:
    ids = [order.id for _step, order in rows]
    open_cases = select(ExceptionCase.order_id, ExceptionCase.name).where(
        col(ExceptionCase.order_id).in_(ids), ExceptionCase.status == "open"
    )
    troubles = dict(book.session.exec(open_cases).all())
    urged = select(Urge.order_id, func.count()).where(col(Urge.order_id).in_(ids)).group_by(col(Urge.order_id))
    urges = dict(book.session.exec(urged).all())
    return [
        Card(
            number=order.number,
            customer=frame.customer_name(book, order.customer),
            owner=frame.owner_name(book, step),
            due=step.due,
            late=lateness(book, step.owner, step.due) if order.status == "open" else None,
            acknowledged_until=_ahead(step.acknowledged_until, book.now),
            promise_date=order.promise_date,
            amount=Money(order.amount, order.currency),
            held=order.status == "on_hold",
            trouble=troubles.get(order.id or 0),
            urges=urges.get(order.id or 0, 0),
        )
        for step, order in rows
    ]


def _ahead(at: datetime | None, now: datetime) -> datetime | None:
    return at if at is not None and at > now else None
