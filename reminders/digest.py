"""Digest times, and the order in which lateness is told. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from store.calendars import WorkCalendar
from store.calendars.walls import moment_of


def next_digest(times: Sequence[int], zone: ZoneInfo, calendar: WorkCalendar, now: datetime) -> datetime:
    """The first digest time later than now, on a working day.

    Args:
        times: minutes since midnight, clock time of `zone`, in order.
        zone: the person's.
        calendar: the person's; its working days count.
        now: an aware moment.
    """
    day = now.astimezone(zone).date()
    while True:
        day = calendar.working_day_from(day)
        for minutes in times:
            moment = moment_of(day, minutes, zone)
            if moment > now:
                return moment
        day += timedelta(days=1)


def is_digest(times: Sequence[int], zone: ZoneInfo, calendar: WorkCalendar, moment: datetime) -> bool:
    """Whether a moment is a digest time on a working day."""
    return next_digest(times, zone, calendar, moment - timedelta(microseconds=1)) == moment


@dataclass(frozen=True, slots=True)
class Lateness:
    """What a late thing costs: days until the promise breaks (negative: broken), amount, times it was chased."""

    key: str
    due: datetime
    promise: date
    amount: Decimal
    urges: int = 0


def by_cost(things: Sequence[Lateness], today: date) -> list[Lateness]:
    """Worst first: a promise broken or about to break, then what is chased most, then the larger amount."""

    def _rank(one: Lateness) -> tuple[int, int, Decimal, datetime, str]:
        at_risk = min((one.promise - today).days, _SAFE)
        return (max(at_risk, -1), -one.urges, -one.amount, one.due, one.key)

    return sorted(things, key=_rank)


_SAFE = 5
