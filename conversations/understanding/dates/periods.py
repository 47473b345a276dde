"""Stretches of local time, the moment they are seen from, and steps through the calendar."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from .values import Grain, WorkingDays

DAY = timedelta(1)


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of local time without a zone, end exclusive.

    `last` is the day it commits to; `section`: which part of a longer period it is, such as "end".
    """

    start: datetime
    end: datetime
    grain: Grain
    last: date
    clock: bool = False
    dated: bool = True
    sure: bool = True
    others: tuple[datetime, ...] = ()
    fest: str = ""
    section: str = ""


class Frame:
    """What phrases are seen from: the local day, the working calendar, the zone, and the time of day.

    `timed` tells whether anybody asked for the time of day: what was read without it holds all day.
    """

    __slots__ = ("_now", "days", "timed", "today", "zone")

    def __init__(self, now: datetime, days: WorkingDays, zone: tzinfo | None = None) -> None:
        self._now, self.days, self.zone = now, days, zone
        self.today = now.date()
        self.timed = False

    @property
    def now(self) -> datetime:
        """The local moment, without its zone."""
        self.timed = True
        return self._now

    def passed(self, moment: datetime) -> bool:
        """Whether a local moment is over; on another day than this without the time of day."""
        day = moment.date()
        return moment < self.now if day == self.today else day < self.today

    def has_come(self, moment: datetime) -> bool:
        """Whether a local moment is over or just now."""
        day = moment.date()
        return moment <= self.now if day == self.today else day < self.today


def midnight(day: date) -> datetime:
    """The moment a day begins."""
    return datetime.combine(day, time())


def whole_days(
    first: date,
    last: date,
    grain: Grain,
    *,
    sure: bool = True,
    others: tuple[datetime, ...] = (),
    due: date | None = None,
) -> Period:
    """From the first to the last of these days; `due` is the day they commit to where it is not the last."""
    return Period(midnight(first), midnight(last) + DAY, grain, due or last, sure=sure, others=others)


def make_date(year: int, month: int, day: int) -> date | None:
    """That day, None where the calendar has none."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def add_months(day: date, months: int) -> date:
    """The same day so many months on, or the month's last where it is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    while True:
        found = make_date(year, month + 1, min(day.day, month_end(year, month + 1).day))
        return found or day


def month_end(year: int, month: int) -> date:
    """The month's last day."""
    return date(year + month // 12, month % 12 + 1, 1) - DAY if year < 9999 else date(year, month, 28)


def monday(day: date) -> date:
    """The Monday of that day's week."""
    return day - timedelta(day.weekday())
