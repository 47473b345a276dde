"""The brief of a person's or department's working day: due today, late, blocked, promised for yesterday. Read only.

It is told to whoever asks, and pushed in the morning by a process that serves (daily.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from reminders import world
from store.book import Book
from store.calendars.walls import moment_of
from store.messages import Letter, Phrase
from store.operations.cards import button
from store.tables import Order, Step

SHOWN = 6


@dataclass(frozen=True, slots=True)
class Brief:
    """A day's work: steps with their orders. `promised`: acknowledged for a time before today, and still open."""

    due_today: tuple[tuple[Order, Step], ...]
    late: tuple[tuple[Order, Step], ...]
    blocked: tuple[tuple[Order, Step], ...]
    promised: tuple[tuple[Order, Step], ...]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to say."""
        return not (self.due_today or self.late or self.blocked or self.promised)


def brief_of(book: Book, people: Sequence[str]) -> Brief:
    """The brief of some people: one, or a department's. `blocked`: waiting though due within two days."""
    zone = book.company.zone
    midnight = moment_of(world.today(book), 0, zone)
    tomorrow = midnight + timedelta(days=1)
    rows = book.session.exec(
        select(Order, Step)
        .where(Step.order_id == Order.id, Order.status == "open", col(Step.owner).in_(people))
        .where(col(Step.status).in_(("active", "waiting")))
        .order_by(col(Step.due), col(Step.id))
    ).all()
    active = [(order, step) for order, step in rows if step.status == "active"]
    waiting = [(order, step) for order, step in rows if step.status == "waiting" and step.due is not None]
    return Brief(
        due_today=tuple(one for one in active if _between(one[1].due, book.now, tomorrow)),
        late=tuple(one for one in active if one[1].due is not None and one[1].due <= book.now),
        blocked=tuple(one for one in waiting if _before(one[1].due, tomorrow + timedelta(days=1))),
        promised=tuple(one for one in active if _before(one[1].acknowledged_until, midnight)),
    )


def department_brief(book: Book, department: str) -> Brief:
    """The brief of everybody in a department."""
    division = book.company.departments[department]
    return brief_of(book, tuple(dict.fromkeys((*division.members, division.head))))


def brief_letter(brief: Brief) -> Letter:
    """A brief in words."""
    if brief.empty:
        return Letter((Phrase("reminder.brief_empty"),))
    says = (Phrase("reminder.brief"), *brief_sections(brief))
    first = dict.fromkeys(order.number for order, _ in (*brief.late, *brief.due_today))
    return Letter(says, tuple(button("details", f"order.show:{number}") for number in list(first)[:1]))


def brief_sections(brief: Brief, *, late: bool = True) -> tuple[Phrase, ...]:
    """A line for each part that has something in it; `late` False: the late things are told beside it."""
    sections = {
        "reminder.late_now": brief.late if late else (),
        "reminder.today": brief.due_today,
        "reminder.promised": brief.promised,
        "reminder.blocked": brief.blocked,
    }
    says = []
    for key, things in sections.items():
        if things:
            items = ", ".join(order.number for order, _ in things[:SHOWN]) + ("…" if len(things) > SHOWN else "")
            says.append(Phrase(key, {"n": len(things), "items": items}))
    return tuple(says)


def _between(due: datetime | None, first: datetime, last: datetime) -> bool:
    return due is not None and first < due < last


def _before(moment: datetime | None, limit: datetime) -> bool:
    return moment is not None and moment < limit
