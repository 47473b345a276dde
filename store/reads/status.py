"""«Where is it»: the facts of an order as staff hear them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam
from sqlmodel import col

from store.book import Book
from store.messages import Fact, Money, Phrase, WorkTime
from store.operations import frame
from store.reads.events import event_phrase, last_confirmed, last_entries, newest_entries
from store.rules.flow import FINISHED, next_after
from store.session import Rows
from store.tables import Change, ExceptionCase, Order, OrderLine, Step


@dataclass(frozen=True, slots=True)
class StepNow:
    """An active step: who has it, since when, until when, how late it is; `returned`: it waits for the author."""

    id: int
    version: int
    key: str
    name: Fact
    owner: Fact
    owner_key: str
    since: datetime | None
    due: datetime | None
    late: WorkTime | None
    acknowledged_until: datetime | None
    postpone_reason: str | None
    returned: str | None


@dataclass(frozen=True, slots=True)
class StepNext:
    """What comes after what is active."""

    key: str
    name: Fact
    owner: Fact
    due: datetime | None


@dataclass(frozen=True, slots=True)
class OrderStatus:
    """An order as it stands, for staff.

    `events`: the last ones as phrases, newest first; `confirmed_at`: when a human last said how things stand,
    `confirmed_by` who.
    """

    number: str
    customer: Fact
    salesperson: Fact
    status: str
    promise_date: date
    amount: Money
    lines: tuple[OrderLine, ...]
    active: tuple[StepNow, ...]
    next: tuple[StepNext, ...]
    events: tuple[Phrase, ...]
    confirmed_at: datetime | None
    confirmed_by: Fact
    held_since: datetime | None
    closed_at: datetime | None
    reason: str | None
    exceptions: tuple[ExceptionCase, ...]
    pending: tuple[Change, ...]
    version: int


_PENDING = Rows(Change, col(Change.order_id) == bindparam("order"), col(Change.status) == "pending")


def status_of(book: Book, order: Order) -> OrderStatus:
    """What there is to say about an order; whoever asks must be staff who may see it (see seeing.see)."""
    steps = frame.steps(book, order)
    lately = newest_entries(book, order)
    confirmed = last_confirmed(book, order, lately)
    return OrderStatus(
        number=order.number,
        customer=frame.customer_name(book, order.customer),
        salesperson=frame.name(book, order.salesperson),
        status=order.status,
        promise_date=order.promise_date,
        amount=Money(order.amount, order.currency),
        lines=tuple(frame.lines(book, order)),
        active=tuple(_now(book, order, step) for step in steps if step.status == "active"),
        next=tuple(_next(book, step) for step in upcoming(book, order, steps)),
        events=tuple(event_phrase(book, order, entry) for entry in last_entries(book, order, lately)),
        confirmed_at=confirmed.at if confirmed else None,
        confirmed_by=frame.name(book, confirmed.who) if confirmed else None,
        held_since=order.held_since,
        closed_at=order.closed_at,
        reason=order.reason,
        exceptions=tuple(frame.open_exceptions(book, order)),
        pending=tuple(book.session.find(_PENDING, order=order.id)),
        version=order.version,
    )


def upcoming(book: Book, order: Order, steps: list[Step]) -> list[Step]:
    """The waiting steps that hang directly on an active one; a step that is surely skipped is not known before."""
    parents = frame.flow_of(book, order).parents
    active = [step.key for step in steps if step.status == "active"]
    keys = dict.fromkeys(key for one in active for key in next_after(parents, one))
    waiting = {step.key: step for step in steps if step.status not in FINISHED and step.status != "active"}
    return [waiting[key] for key in keys if key in waiting]


def lateness(book: Book, owner: str, due: datetime | None) -> WorkTime | None:
    """The working time that has passed since a due moment, by its owner's calendar; None: not late."""
    if due is None or due >= book.now:
        return None
    calendar = frame.calendar(book, owner)
    minutes = round(calendar.elapsed(due, book.now).total_seconds() / 60)
    return WorkTime(minutes, calendar.day_minutes)


def _now(book: Book, order: Order, step: Step) -> StepNow:
    acknowledged = step.acknowledged_until
    return StepNow(
        id=step.id or 0,
        version=step.version,
        key=step.key,
        name=step.name,
        owner=frame.owner_name(book, step),
        owner_key=step.owner,
        since=step.started_at,
        due=step.due,
        late=None if order.status == "on_hold" else lateness(book, step.owner, step.due),
        acknowledged_until=acknowledged if acknowledged is not None and acknowledged > book.now else None,
        postpone_reason=step.postpone_reason,
        returned=step.return_reason if step.returned_at is not None else None,
    )


def _next(book: Book, step: Step) -> StepNext:
    return StepNext(step.key, step.name, frame.owner_name(book, step), step.due)
