"""«0012 的经过» and «为什么晚了»: who did what when, the waiting in between, and the chain of overruns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from store.book import Book
from store.messages import Fact, Phrase, WorkTime
from store.operations import frame
from store.reads.events import entries_of, event_phrase, waits
from store.rules.due import due_of
from store.tables import AuditEntry, ExceptionCase, Order, Step


@dataclass(frozen=True, slots=True)
class Passage:
    """One thing that befell an order; `waited`: working time since the one before, None below a minute."""

    at: datetime
    who: str
    via: str | None
    what: Phrase
    waited: WorkTime | None


@dataclass(frozen=True, slots=True)
class Overrun:
    """A step that took longer than it had: `late` in its owner's working time; `finished` None: still going on.

    `inherited`: its due moment had passed already when it became active, the steps before had used up its time;
    `causes`: what was said on the way, such as a postponement's reason or trouble reported.
    """

    step: Fact
    owner: Fact
    due: datetime
    finished: datetime | None
    late: WorkTime
    inherited: bool
    causes: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class WhyLate:
    """Why an order is late.

    `late`: it missed its promise date, or something under way is past due; `held`: working time on hold; `overruns`
    in the order in which they happened.
    """

    promise_date: date
    promised_at_first: date
    finished_at: datetime | None
    late: bool
    overruns: tuple[Overrun, ...]
    held: WorkTime | None


def timeline(book: Book, order: Order) -> tuple[Passage, ...]:
    """Everything that befell an order, oldest first, with the working time waited in between (company calendar)."""
    entries = entries_of(book, order)
    day = book.company.calendar.day_minutes
    return tuple(
        Passage(
            at=entry.at,
            who=entry.who,
            via=entry.via,
            what=event_phrase(book, order, entry, full=True),
            waited=WorkTime(minutes, day) if minutes else None,
        )
        for entry, minutes in zip(entries, waits(book, entries), strict=True)
    )


def why_late(book: Book, order: Order) -> WhyLate:
    """The chain of overruns of an order, in working time."""
    steps = sorted(
        (step for step in frame.steps(book, order) if step.started_at is not None),
        key=lambda step: (step.started_at or book.now, step.position),
    )
    overruns = tuple(one for step in steps if (one := _overrun(book, order, step)) is not None)
    entries = entries_of(book, order)
    held = _held(book, order, entries)
    calendar = book.company.calendar
    missed = (order.closed_at or book.now) > calendar.closing(order.promise_date)
    return WhyLate(
        promise_date=order.promise_date,
        promised_at_first=_first_promise(order, entries),
        finished_at=order.closed_at,
        late=missed or any(one.finished is None for one in overruns),
        overruns=overruns,
        held=WorkTime(held, calendar.day_minutes) if held else None,
    )


def _overrun(book: Book, order: Order, step: Step) -> Overrun | None:
    end = step.done_at or (book.now if step.status == "active" and order.status == "open" else None)
    due = _own_due(book, order, step)
    if end is None or due is None or end <= due:
        return None
    calendar = frame.calendar(book, step.owner)
    minutes = round(calendar.elapsed(due, end).total_seconds() / 60)
    started = step.started_at or end
    return Overrun(
        step=step.name,
        owner=frame.owner_name(book, step),
        due=due,
        finished=step.done_at,
        late=WorkTime(minutes, calendar.day_minutes),
        inherited=started >= due,
        causes=_causes(book, order, step),
    )


def _own_due(book: Book, order: Order, step: Step) -> datetime | None:
    """When the step was due by the flow: a postponement explains an overrun, it does not undo it."""
    if step.postponed_to is None:
        return step.due
    part = frame.spec(book, order, step.key)
    return due_of(
        part.within,
        part.before_promise.amount if part.before_promise is not None else None,
        frame.calendar(book, step.owner),
        started_at=step.started_at,
        promise_date=order.promise_date,
        held_minutes=step.held_minutes,
    )


def _causes(book: Book, order: Order, step: Step) -> tuple[Phrase, ...]:
    said = []
    if step.postpone_reason:
        said.append(Phrase("why.postponed", {"until": step.postponed_to, "reason": step.postpone_reason}))
    if step.return_reason:
        said.append(Phrase("why.returned", {"reason": step.return_reason}))
    query = select(ExceptionCase).where(ExceptionCase.order_id == order.id, ExceptionCase.step_key == step.key)
    for case in book.session.exec(query.order_by(col(ExceptionCase.id))):
        calendar = frame.calendar(book, case.handler)
        minutes = round(calendar.elapsed(case.opened_at, case.closed_at or book.now).total_seconds() / 60)
        facts = {
            "kind": case.name,
            "note": case.note or None,
            "took": WorkTime(minutes, calendar.day_minutes),
            "open": Phrase("why.still_open") if case.status == "open" else None,
        }
        said.append(Phrase("why.trouble", facts))
    return tuple(said)


def _held(book: Book, order: Order, entries: list[AuditEntry]) -> int:
    """Working minutes that the order was on hold, by the company's calendar."""
    calendar, since, total = book.company.calendar, None, 0
    for entry in entries:
        if entry.what == "order.held":
            since = entry.at
        elif entry.what in {"order.resumed", "order.cancelled"} and since is not None:
            total += round(calendar.elapsed(since, entry.at).total_seconds() / 60)
            since = None
    if since is not None and order.status == "on_hold":
        total += round(calendar.elapsed(since, book.now).total_seconds() / 60)
    return total


def _first_promise(order: Order, entries: list[AuditEntry]) -> date:
    """The date that was promised when the order was placed."""
    placed = next((entry.after for entry in entries if entry.what == "order.placed"), None)
    said = placed.get("promise_date") if isinstance(placed, dict) else None
    return date.fromisoformat(said) if isinstance(said, str) else order.promise_date
