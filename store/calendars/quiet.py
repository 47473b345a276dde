"""Quiet hours, and the first moment at which somebody may be disturbed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from store.calendars.calendar import NoWorkingTime, WorkCalendar
from store.calendars.spans import DAY_MINUTES, format_clock, parse_clock
from store.calendars.walls import moment_of

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Clock time in which nothing is pushed; start and end in minutes since midnight, the same twice means never."""

    start: int
    end: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "21:00-08:00". Raises ValueError."""
        first, dash, last = text.replace("–", "-").partition("-")
        if not dash:
            raise ValueError(f"not quiet hours: {text!r}")
        return cls(parse_clock(first) % DAY_MINUTES, parse_clock(last) % DAY_MINUTES)

    def holds(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether the moment (aware) lies in the quiet hours of that zone's clock; the end does not."""
        return self._holding(at, zone) is not None

    def ends(self, at: datetime, zone: ZoneInfo) -> datetime:
        """When the quiet hours around the moment end, in UTC; the moment itself when they do not hold."""
        return self._holding(at, zone) or at.astimezone(UTC)

    def _holding(self, at: datetime, zone: ZoneInfo) -> datetime | None:
        if self.start == self.end:
            return None
        length = (self.end - self.start) % DAY_MINUTES
        today = at.astimezone(zone).date()
        for day in (today - _DAY, today):
            end = moment_of(day, self.start + length, zone)
            if moment_of(day, self.start, zone) <= at < end:
                return end
        return None

    def __str__(self) -> str:
        return f"{format_clock(self.start)}-{format_clock(self.end)}"


def first_allowed(
    at: datetime,
    *,
    quiet: QuietHours,
    zone: ZoneInfo,
    calendar: WorkCalendar,
    away: Sequence[tuple[date, date]] = (),
) -> datetime:
    """The first moment from `at` on (aware) when a push that is not urgent may reach somebody; UTC.

    Args:
        at: when it would go out.
        quiet: the receiver's quiet hours, by the clock of `zone`.
        zone: the receiver's own.
        calendar: the receiver's; closed days are no days for pushes, a night shift counts to the day it began.
        away: days, both included, on which the receiver is away; leave out those on which a cover gets the push.

    Raises: NoWorkingTime when there is no such moment within thirty years.
    """
    for _ in range(30 * 366):
        loud = quiet.ends(at, zone)
        day = loud.astimezone(zone).date()
        if not any(first <= day <= last for first, last in away) and _worked(loud, day, calendar):
            return loud
        at = moment_of(day + _DAY, 0, zone)
    raise NoWorkingTime


def _worked(at: datetime, day: date, calendar: WorkCalendar) -> bool:
    return calendar.is_working_day(day) or calendar.is_open(at)
