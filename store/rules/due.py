"""When a step is due, from the rule of the company file and the calendar of whoever does it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from store.calendars import Span, WorkCalendar


class DueRule(Protocol):
    """The part of a step (or exception kind) that says when it is due."""

    @property
    def within(self) -> Span | None:
        """Working time since it became active."""
        ...

    @property
    def before_promise(self) -> Span | None:
        """So many working days before the promise date, at closing."""
        ...


def due_of(
    within: Span | None,
    before_promise_days: int | None,
    calendar: WorkCalendar,
    *,
    started_at: datetime | None,
    promise_date: date,
    postponed_to: datetime | None = None,
    held_minutes: int = 0,
) -> datetime | None:
    """The due moment in UTC, or None when nothing says when.

    Args:
        within: working time since the step became active; nothing can be said before it is.
        before_promise_days: so many working days before the promise date, at closing.
        calendar: of the owner's department.
        started_at: when the step became active.
        promise_date: of the order.
        postponed_to: what the owner put in its place; it wins over the rule.
        held_minutes: working minutes on hold since the step became active; they move what `within` counts, and
            leave alone what the promise date counts.
    """
    if postponed_to is not None:
        return postponed_to
    moments: list[datetime] = []
    if within is not None and started_at is not None:
        moments.append(calendar.add(started_at, calendar.minutes(within) + held_minutes))
    if before_promise_days is not None:
        moments.append(calendar.before_promise(promise_date, before_promise_days))
    return min(moments, default=None)


def possible_promise(calendar: WorkCalendar, until: datetime, before_promise_days: int) -> date:
    """The first working day that may be promised when a step that has to be done so many days before ends `until`."""
    day = calendar.day_of(calendar.next_open(until)) if not _ends_a_day(calendar, until) else calendar.day_of(until)
    return calendar.shift_days(calendar.working_day_from(day), before_promise_days)


def _ends_a_day(calendar: WorkCalendar, at: datetime) -> bool:
    """Whether the moment still belongs to its working day: any time up to the closing of it."""
    day = at.astimezone(calendar.zone).date()
    return calendar.is_working_day(day) and at <= calendar.closing(day)
