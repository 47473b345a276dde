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
from store.tables import AuditEntry, ExceptionCase, Order, Step

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


# --- promises -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Promises:
    """What a person promised by acknowledging: how many he kept, how many lapsed, how many are still open."""

    kept: int
    lapsed: int
    open: int


def promises_of(book: Book, person: str, since: datetime) -> Promises:
    """Acknowledgements with their time since then; one that was renewed before it lapsed counts once, as the last."""
    rows = book.session.exec(
        select(AuditEntry)
        .where(AuditEntry.who == person, col(AuditEntry.at) >= since)
        .where(col(AuditEntry.what).in_(("step.acknowledged", "exception.acknowledged")))
        .order_by(col(AuditEntry.id))
    ).all()
    spans: dict[tuple[int | None, str | None], list[tuple[datetime, datetime]]] = {}
    for row in rows:
        text = row.after.get("acknowledged_until") if isinstance(row.after, dict) else None
        if text is None:
            continue
        runs = spans.setdefault((row.order_id, row.subject), [])
        if runs and row.at < runs[-1][1]:
            runs[-1] = (runs[-1][0], datetime.fromisoformat(text))
        else:
            runs.append((row.at, datetime.fromisoformat(text)))
    counts = {"kept": 0, "lapsed": 0, "open": 0}
    for (order_id, subject), runs in spans.items():
        ended = _ended(book, order_id, subject or "")
        for start, until in runs:
            done = ended is not None and start <= ended <= until
            counts["kept" if done else "lapsed" if until <= book.now else "open"] += 1
    return Promises(**counts)


def _ended(book: Book, order_id: int | None, subject: str) -> datetime | None:
    kind, _, key = subject.partition(":")
    if kind == "step":
        step = book.session.exec(select(Step).where(Step.order_id == order_id, Step.key == key)).first()
        return step.done_at if step else None
    case = book.session.get(ExceptionCase, int(key))
    return case.closed_at if case else None
