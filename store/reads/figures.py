"""Figures of a time: steps and orders on time, what is in hand and with whom it is piling up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlmodel import col, select

from store.book import Book
from store.operations import frame
from store.reads.keeping import Promises, declared_late, promises_between
from store.tables import Order, Step


@dataclass(frozen=True, slots=True)
class Rate:
    """`good` of `total`."""

    good: int
    total: int

    @property
    def percent(self) -> float | None:
        """0 to 100; None of nothing."""
        return 100 * self.good / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class Pile:
    """Active steps of one person or one kind of step: how many, how many of them late."""

    key: str
    count: int
    late: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Both days are inside the time.

    Attributes:
        steps: done in this time with a due moment; good: by then, where a later date counts if it was asked for before
            the old one had passed: `declared` early ones were good by that, `hidden` ones were put off only afterwards.
        orders: finished in this time; good: shipped by their promise date.
        promises: kept and lapsed by person, of what was acknowledged with a time.
        owners: who has most in hand, the fullest first; step_kinds: the same by step, keys "FLOW/STEP".
    """

    start: date
    end: date
    steps: Rate
    orders: Rate
    owners: tuple[Pile, ...]
    step_kinds: tuple[Pile, ...]
    declared: int = 0
    hidden: int = 0
    promises: Mapping[str, Promises] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Active steps."""
        return sum(pile.count for pile in self.owners)

    @property
    def late(self) -> int:
        """Active steps past their due moment."""
        return sum(pile.late for pile in self.owners)


def figures_of(book: Book, start: date, end: date) -> Figures:
    """The company's figures from the first day to the last."""
    zone = book.company.zone
    first = datetime.combine(start, datetime.min.time(), zone)
    last = datetime.combine(end + timedelta(days=1), datetime.min.time(), zone)
    active = book.session.exec(
        select(Step, Order.flow).join(Order, col(Order.id) == Step.order_id).where(
            Step.status == "active", Order.status == "open"
        )
    ).all()  # fmt: skip
    late = [(step, flow) for step, flow in active if step.due is not None and step.due < book.now]
    steps, declared, hidden = _steps(book, first, last)
    return Figures(
        start,
        end,
        steps,
        _orders(book, first, last),
        _piles([step.owner or "" for step, _ in active], [step.owner or "" for step, _ in late]),
        _piles([f"{flow}/{step.key}" for step, flow in active], [f"{flow}/{step.key}" for step, flow in late]),
        declared,
        hidden,
        promises_between(book, first, last),
    )


def _steps(book: Book, first: datetime, last: datetime) -> tuple[Rate, int, int]:
    """The rate, how many good ones had declared early that they would be later, how many only when it was too late."""
    done = book.session.exec(
        select(Step).where(
            Step.status == "done", col(Step.done_at) >= first, col(Step.done_at) < last, col(Step.due).is_not(None)
        )
    ).all()
    said = declared_late(book, {step.order_id for step in done if step.postponed_to is not None})
    met = [step for step in done if step.done_at is not None and step.due is not None and step.done_at <= step.due]
    hidden = [step for step in met if said.get((step.order_id, step.key), False)]
    early = [step for step in met if said.get((step.order_id, step.key), True) is False]
    return Rate(len(met) - len(hidden), len(done)), len(early), len(hidden)


def _orders(book: Book, first: datetime, last: datetime) -> Rate:
    orders = book.session.exec(
        select(Order).where(Order.status == "done", col(Order.closed_at) >= first, col(Order.closed_at) < last)
    ).all()
    return Rate(sum(_kept(book, order) for order in orders), len(orders))


def _kept(book: Book, order: Order) -> bool:
    """Whether it was shipped by its promise date."""
    shipped = [step.done_at for step in frame.steps(book, order)
               if step.done_at and frame.spec(book, order, step.key).ships]  # fmt: skip
    at = max(shipped, default=order.closed_at)
    return at is not None and at.astimezone(book.company.zone).date() <= order.promise_date


def _piles(keys: list[str], late: list[str]) -> tuple[Pile, ...]:
    behind = Counter(late)
    return tuple(Pile(key, count, behind[key]) for key, count in Counter(keys).most_common())
