"""What befell a step or an exception, told by the audit log alone: when it was on, when it rested, when it was held.

The auditor's own view: nothing here knows deadlines or what the sweep remembers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from store.book import Book
from store.calendars import WorkCalendar
from store.tables import AuditEntry, ExceptionCase, Order, Step

_RESTS = frozenset({"step.acknowledged", "step.snoozed", "exception.acknowledged", "exception.snoozed"})
_UNTIL = ("acknowledged_until", "snoozed_until")
_ENDS_REST = frozenset({
    "step.woken",
    "step.postponed", "exception.postponed", "step.owner_changed", "step.done", "step.skipped", "review.returned",
    "review.approved", "exception.closed", "step.handover_accepted", "step.claimed", "undo",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quiet:
    """A stretch in which nothing was to be said; `lapsed`: it ran out by itself."""

    since: datetime
    until: datetime
    lapsed: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """One stretch of work: from its start to its end (or now), with its quiet stretches in order."""

    started: datetime
    ended: datetime
    due: datetime | None
    quiet: tuple[Quiet, ...]

    def silent(self, moment: datetime) -> bool:
        """Whether nothing was to be said at that moment."""
        return any(one.since <= moment <= one.until for one in self.quiet)

    def when_late(self, calendar: WorkCalendar, after: timedelta) -> datetime | None:
        """When so much working time beyond the due moment had passed, quiet stretches left out; minute by minute."""
        if self.due is None:
            return None
        left, cursor = after, max(self.due, self.started)
        while cursor < self.ended:
            step = min([self.ended, *(edge for one in self.quiet for edge in (one.since, one.until) if edge > cursor)])
            if not any(one.since <= cursor < one.until for one in self.quiet):
                done = calendar.elapsed(cursor, step)
                if done >= left:
                    return calendar.add(cursor, round(left / timedelta(minutes=1)))
                left -= done
            cursor = step
        return None


def history_of(book: Book, order: Order, what: Step | ExceptionCase) -> History | None:
    """A step's or exception's last stretch of work; None when it has not begun."""
    started = what.started_at if isinstance(what, Step) else what.opened_at
    if started is None:
        return None
    ended = (what.done_at if isinstance(what, Step) else what.closed_at) or order.closed_at or book.now
    subject = f"step:{what.key}" if isinstance(what, Step) else f"exception:{what.id}"
    entries = [entry for entry in _log(book, order) if entry.at >= started]
    own = [entry for entry in entries if entry.subject == subject or entry.what == "undo"]
    quiet = [*_rests(own, ended), *_holds(entries, ended)]
    return History(started, ended, what.due, tuple(sorted(quiet, key=lambda one: one.since)))


def held(book: Book, order: Order) -> list[Quiet]:
    """The stretches in which an order was on hold."""
    return _holds(_log(book, order), order.closed_at or book.now)


def _log(book: Book, order: Order) -> Sequence[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.order_id == order.id).order_by(col(AuditEntry.id))
    return book.session.exec(query).all()


def _rests(entries: Iterable[AuditEntry], ended: datetime) -> list[Quiet]:
    found: list[Quiet] = []
    since: datetime | None = None
    until: datetime | None = None
    for entry in entries:
        if since is not None and until is not None and until <= entry.at:
            found.append(Quiet(since, until, lapsed=True))
            since = until = None
        if entry.what in _RESTS and isinstance(entry.after, dict) and entry.after:
            since = since or entry.at
            until = max(datetime.fromisoformat(entry.after[name]) for name in _UNTIL if name in entry.after)
        elif entry.what in _ENDS_REST and since is not None:
            found.append(Quiet(since, entry.at))
            since = until = None
    if since is not None and until is not None:
        found.append(Quiet(since, min(until, ended), lapsed=until < ended))
    return found


def _holds(entries: Iterable[AuditEntry], ended: datetime) -> list[Quiet]:
    found: list[Quiet] = []
    since: datetime | None = None
    for entry in entries:
        if entry.what == "order.held":
            since = entry.at
        elif entry.what == "order.resumed" and since is not None:
            found.append(Quiet(since, entry.at))
            since = None
    return found if since is None else [*found, Quiet(since, ended)]
