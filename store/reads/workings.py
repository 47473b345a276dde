"""How the house itself is doing, in figures: what waits, what was set aside, what is late. No names, no words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from store.book import Book
from store.tables import Deadline, Heartbeat, Inbox, Order, Outbox, Step

_SWEEP = "sweep"
NOBODY_REACHED = "delivery.nobody_reached"
"""The heartbeat that counts messages which reached neither their receiver nor anybody in his stead."""


@dataclass(frozen=True, slots=True)
class Workings:
    """Counts, and ages in seconds (None: there is nothing of that kind).

    Attributes:
        inbox: updates that wait ("new") or were set aside ("parked").
        outbox: messages "pending", "claimed" or "undeliverable".
        orders: by status.
        steps_active: and of them `steps_late` past their due moment.
        oldest_update_s: how long the update that waits longest has waited.
        deadlines_behind: reminders whose moment has passed and that no sweep has taken yet.
        sweep_age_s: since the sweep's last sign of life.
        nobody_reached: messages, ever, that reached neither their receiver nor anybody in his stead.
    """

    inbox: dict[str, int]
    outbox: dict[str, int]
    orders: dict[str, int]
    steps_active: int
    steps_late: int
    oldest_update_s: float | None
    deadlines_behind: int
    sweep_age_s: float | None
    nobody_reached: int


def read_workings(book: Book) -> Workings:
    """The figures now, each from an index."""
    session = book.session
    active = col(Step.status) == "active"
    oldest = session.exec(select(func.min(Inbox.received_at)).where(Inbox.status == "new")).one()
    beat, alarm = session.get(Heartbeat, _SWEEP), session.get(Heartbeat, NOBODY_REACHED)
    return Workings(
        inbox=_counted(book, Inbox.status, ("new", "parked")),
        outbox=_counted(book, Outbox.status, ("pending", "claimed", "undeliverable")),
        orders=_counted(book, Order.status, ("open", "on_hold", "done", "cancelled")),
        steps_active=session.exec(select(func.count()).select_from(Step).where(active)).one(),
        steps_late=session.exec(select(func.count()).select_from(Step).where(active, col(Step.due) < book.now)).one(),
        oldest_update_s=_age(book, oldest),
        deadlines_behind=session.exec(
            select(func.count()).select_from(Deadline).where(col(Deadline.next_at) < book.now)
        ).one(),
        sweep_age_s=_age(book, beat.at if beat else None),
        nobody_reached=int(alarm.facts["count"]) if alarm else 0,
    )


def _counted(book: Book, column: str, values: tuple[str, ...]) -> dict[str, int]:
    rows = book.session.exec(select(col(column), func.count()).where(col(column).in_(values)).group_by(col(column)))
    return dict.fromkeys(values, 0) | dict(rows.all())


def _age(book: Book, at: datetime | None) -> float | None:
    return None if at is None else (book.now - at).total_seconds()
