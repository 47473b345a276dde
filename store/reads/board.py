"""The board: where orders stand and where they are stuck, for somebody of the staff, among what he may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, case, func
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
    conditions = _conditions(book, person, wanted or Wanted())
    late = case((col(Order.status) == "open", case((col(Step.due) < book.now, 1), else_=0)), else_=0)
    held = case((col(Order.status) == "on_hold", 1), else_=0)
    counts = book.session.exec(
        select(Step.key, func.count(), func.sum(late), func.sum(held))
        .join(Order, col(Order.id) == col(Step.order_id))
        .where(*conditions)
        .group_by(col(Step.key))
    ).all()
    places = _places(book)
    found = sorted(counts, key=lambda row: places.get(row[0], (len(places), None))[0])
    lanes = tuple(
        Lane(key, places.get(key, (0, key))[1] or key, count, int(behind), _cards(book, key, conditions))
        for key, count, behind, _held in found
    )
    return Board(sum(lane.count for lane in lanes), sum(lane.late for lane in lanes),
                 sum(int(row[3]) for row in found), lanes)  # fmt: skip


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


def _places(book: Book) -> dict[str, tuple[int, Fact]]:
    """Step keys in the order of the flows' files, each with its name."""
    found: dict[str, tuple[int, Fact]] = {}
    for flow in book.company.flows.values():
        for step in flow.part.steps:
            found.setdefault(step.key, (len(found), step.name.raw))
    return found


def _cards(book: Book, key: str, conditions: Sequence[ColumnElement[bool]]) -> tuple[Card, ...]:
    query = (
        select(Step, Order)
        .join(Order, col(Order.id) == col(Step.order_id))
        .where(col(Step.key) == key, *conditions)
        .order_by(col(Step.due).is_(None), col(Step.due), col(Step.id))
        .limit(CARDS)
    )
    rows = book.session.exec(query).all()
    ids = [order.id for _step, order in rows]
    troubles = {
        one.order_id: one.name
        for one in book.session.exec(
            select(ExceptionCase).where(col(ExceptionCase.order_id).in_(ids), ExceptionCase.status == "open")
        )
    }
    urges = dict(
        book.session.exec(
            select(Urge.order_id, func.count()).where(col(Urge.order_id).in_(ids)).group_by(col(Urge.order_id))
        ).all()
    )
    return tuple(
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
    )


def _ahead(at: datetime | None, now: datetime) -> datetime | None:
    return at if at is not None and at > now else None
