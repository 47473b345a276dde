"""Working time: which days and hours are worked, and arithmetic that counts only those.

Windows of work are wall-clock intervals in the calendar's zone; every sum is made in UTC, so a change of the clock
moves nothing by accident. Results are aware UTC. A year of windows is worked out once and kept, so that questions
over months cost no more than questions over hours.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from store.calendars.public import SATURDAY, named_days, public_days
from store.calendars.spans import Hours, Span
from store.calendars.walls import moment_of

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DEFAULT_WEEK = frozenset({0, 1, 2, 3, 4})
DEFAULT_HOURS = (Hours(540, 720), Hours(780, 1080))

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_MINUTE = 60_000_000
_DAY = timedelta(days=1)
_YEARS_AHEAD = 30
_REMEMBERED = 10_000
_UNITS = {"m": 1, "h": 60}


class NoWorkingTime(ValueError):
    """The calendar is closed for so long that there is no answer within thirty years."""


@dataclass(frozen=True, slots=True)
class _Year:
    """The windows of the days of one year, in microseconds since 1970; `done[i]` is the work up to the end of i."""

    starts: list[int]
    ends: list[int]
    done: list[int]

    @property
    def total(self) -> int:
        return self.done[-1] if self.done else 0

    def worked(self, moment: int) -> int:
        """Working time of this year before the moment."""
        before = bisect_right(self.starts, moment)
        if before == 0:
            return 0
        last = before - 1
        return self.done[last] - max(0, self.ends[last] - moment)

    def after(self, work: int) -> int:
        """The moment at which that much work (> 0, <= total) has been done: at a closing, not the next opening."""
        number = bisect_left(self.done, work)
        return self.ends[number] - (self.done[number] - work)

    def back(self, work: int) -> int:
        """The last moment before which only that much work (>= 0, < total) has been done: an opening, if any."""
        number = bisect_right(self.done, work)
        return self.ends[number] - (self.done[number] - work)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The days and hours on which somebody works.

    `week` holds weekdays (Monday is 0), `hours` the intervals of a working day in order, `closed` and `open` single
    days that win over the week and over public holidays (`open` last). `country` is an ISO 3166 code or None.
    """

    zone: ZoneInfo
    country: str | None = None
    week: frozenset[int] = DEFAULT_WEEK
    hours: tuple[Hours, ...] = DEFAULT_HOURS
    closed: frozenset[date] = frozenset()
    open: frozenset[date] = frozenset()
    day_minutes: int = field(init=False, repr=False, compare=False, hash=False)
    """What "1d" is: the sum of the hours, in minutes."""
    _years: dict[int, _Year] = field(default_factory=dict, init=False, repr=False, compare=False, hash=False)
    _added: dict[tuple[datetime, int], datetime] = field(
        default_factory=dict, init=False, repr=False, compare=False, hash=False
    )
    """Answers of `add`: steps fall due at the same few moments, the ends of working days."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "day_minutes", sum(one.minutes for one in self.hours))

    # --- days -----------------------------------------------------------------------------------------------------

    def is_working_day(self, day: date) -> bool:
        """Whether work is done that day: own closed and open days first, then the country's, then the week."""
        if day in self.open:
            return True
        if day in self.closed:
            return False
        public = public_days(self.country, day.year)
        if day in public.worked:
            return True
        return day not in public.off and day.weekday() in self.week

    def next_working_day(self, day: date) -> date:
        """The first working day after that day. Raises NoWorkingTime."""
        return self._walk(day + _DAY, _DAY)

    def previous_working_day(self, day: date) -> date:
        """The last working day before that day. Raises NoWorkingTime."""
        return self._walk(day - _DAY, -_DAY)

    def working_day_from(self, day: date) -> date:
        """That day if it is worked, else the first working day after it."""
        return self._walk(day, _DAY)

    def working_day_until(self, day: date) -> date:
        """That day if it is worked, else the last working day before it."""
        return self._walk(day, -_DAY)

    def shift_days(self, day: date, days: int) -> date:
        """The working day so many working days after (or, negative, before) that day."""
        for _ in range(abs(days)):
            day = self.next_working_day(day) if days > 0 else self.previous_working_day(day)
        return day

    def _walk(self, day: date, step: timedelta) -> date:
        for _ in range(_YEARS_AHEAD * 366):
            if self.is_working_day(day):
                return day
            day += step
        raise NoWorkingTime

    def holiday(self, name: str, year: int) -> tuple[date, date] | None:
        """First and last day off around that holiday, the weekend beside it included; None if there is none.

        `name` is one of `holiday_names()`; several holidays that run into each other are one stretch of days off.
        """
        days = named_days(self.country, name, year)
        if not days:
            return None
        first, last = days[0], days[0]
        while self._is_off(first - _DAY):
            first -= _DAY
        while self._is_off(last + _DAY):
            last += _DAY
        return first, last

    def _is_off(self, day: date) -> bool:
        """Off for the public at large: a public holiday, or a weekend that is not worked (whatever our own week)."""
        if day in self.open:
            return False
        public = public_days(self.country, day.year)
        if day in self.closed or day in public.off:
            return True
        return day.weekday() >= SATURDAY and day not in public.worked

    # --- hours ----------------------------------------------------------------------------------------------------

    def minutes(self, span: Span) -> int:
        """A duration of working time in minutes; "1d" is the sum of the hours."""
        return span.amount * (self.day_minutes if span.unit == "d" else _UNITS[span.unit])

    def windows(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The intervals of work of that day in UTC, none on a closed one; what crosses midnight is that day's."""
        if not self.is_working_day(day):
            return ()
        found = ((moment_of(day, one.start, self.zone), moment_of(day, one.end, self.zone)) for one in self.hours)
        return tuple((start, end) for start, end in found if start < end)

    def opening(self, day: date) -> datetime:
        """When work begins on that day, by its hours, whether or not it is a working day; UTC."""
        return moment_of(day, self.hours[0].start, self.zone)

    def closing(self, day: date) -> datetime:
        """When work ends on that day, by its hours, whether or not it is a working day; UTC."""
        return moment_of(day, self.hours[-1].end, self.zone)

    def is_open(self, at: datetime) -> bool:
        """Whether work is being done at that moment (opening included, closing not)."""
        return self._window_at(_ticks(at)) is not None

    def day_of(self, at: datetime) -> date:
        """The day that moment counts to: of the shift it falls into, else of the zone's clock."""
        found = self._window_at(_ticks(at))
        return (at if found is None else _moment(found)).astimezone(self.zone).date()

    def next_open(self, at: datetime) -> datetime:
        """That moment if work is being done, else the next opening; UTC. Raises NoWorkingTime."""
        ticks = _ticks(at)
        if self._window_at(ticks) is not None:
            return at.astimezone(UTC)
        for year in self._from(at):
            number = bisect_right(year.starts, ticks)
            if number < len(year.starts):
                return _moment(year.starts[number])
        raise NoWorkingTime

    # --- arithmetic -----------------------------------------------------------------------------------------------

    def add(self, start: datetime, minutes: int) -> datetime:
        """The moment when so many working minutes have passed since `start` (aware); UTC.

        A start at or after a closing counts from the next opening; what is used up exactly at a closing ends there.
        Nothing to count leaves the start as it is. Raises NoWorkingTime, and ValueError for negative minutes.
        """
        if minutes < 0:
            raise ValueError(f"negative working time: {minutes}")
        if minutes == 0:
            return start.astimezone(UTC)
        known = self._added.get((start, minutes))
        if known is None:
            if len(self._added) >= _REMEMBERED:
                self._added.clear()
            known = self._added[start, minutes] = self._add(start, minutes * _MINUTE)
        return known

    def _add(self, start: datetime, left: int) -> datetime:
        ticks = _ticks(start)
        for year in self._from(start):
            worked = year.worked(ticks)
            if worked + left <= year.total:
                return _moment(year.after(worked + left))
            left -= year.total - worked
        raise NoWorkingTime

    def add_span(self, start: datetime, span: Span) -> datetime:
        """`add` for a duration as the company file writes it."""
        return self.add(start, self.minutes(span))

    def back(self, end: datetime, minutes: int) -> datetime:
        """The last moment from which so many working minutes lead to `end` (aware); UTC. The mirror of `add`."""
        if minutes < 0:
            raise ValueError(f"negative working time: {minutes}")
        left = minutes * _MINUTE
        if left == 0:
            return end.astimezone(UTC)
        ticks = _ticks(end)
        last = end.astimezone(self.zone).year
        for number in range(last, last - _YEARS_AHEAD, -1):
            year = self._year(number)
            worked = year.worked(ticks)
            if left <= worked:
                return _moment(year.back(worked - left))
            left -= worked
        raise NoWorkingTime

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Working time between two aware moments; zero when the end is not after the start."""
        first, last = _ticks(start), _ticks(end)
        if last <= first:
            return timedelta()
        if start.year == end.year and _amid_year(start) and _amid_year(end):
            year = self._year(start.year)
            return timedelta(microseconds=year.worked(last) - year.worked(first))
        until = end.astimezone(self.zone).year
        work = 0
        for number in range(self._first_year(start), until + 1):
            year = self._year(number)
            work += year.worked(last) - year.worked(first)
        return timedelta(microseconds=work)

    def before_promise(self, promise: date, days: int) -> datetime:
        """Closing time so many working days before the promise date, counted from the last working day up to it."""
        day = self.working_day_until(promise)
        return self.closing(self.shift_days(day, -days))

    # --- a year's windows -----------------------------------------------------------------------------------------

    def lay_out(self, at: datetime) -> None:
        """Work out the year of that moment now, so that a question about it is answered at once."""
        self._year(at.astimezone(self.zone).year)

    def _year(self, number: int) -> _Year:
        found = self._years.get(number)
        if found is None:
            found = self._years[number] = self._lay_out(number)
        return found

    def _lay_out(self, number: int) -> _Year:
        starts: list[int] = []
        ends: list[int] = []
        done: list[int] = []
        total = 0
        day = date(number, 1, 1)
        while day.year == number:
            for start, end in self.windows(day):
                opened, shut = _ticks(start), _ticks(end)
                total += shut - opened
                starts.append(opened)
                ends.append(shut)
                done.append(total)
            day += _DAY
        return _Year(starts, ends, done)

    def _first_year(self, at: datetime) -> int:
        """The year whose windows may hold the moment: a night shift of New Year's Eve is the old year's."""
        return (at.astimezone(self.zone) - _DAY).year

    def _from(self, at: datetime) -> Iterator[_Year]:
        first = at.year if _amid_year(at) else self._first_year(at)
        return (self._year(number) for number in range(first, min(first + _YEARS_AHEAD, 9999)))

    def _window_at(self, ticks: int) -> int | None:
        """The start of the window that holds the moment, if one does."""
        at = _moment(ticks)
        for number in {self._first_year(at), at.astimezone(self.zone).year}:
            year = self._year(number)
            last = bisect_right(year.starts, ticks) - 1
            if last >= 0 and ticks < year.ends[last]:
                return year.starts[last]
        return None


def _amid_year(at: datetime) -> bool:
    """Whether the moment and the day before it fall into one and the same year wherever one is (26 hours apart)."""
    month = at.month
    return (1 < month < 12) or (month == 1 and at.day > 3) or (month == 12 and at.day < 30)


def _ticks(at: datetime) -> int:
    """Microseconds since 1970. Raises TypeError for a moment without a zone."""
    return (at - _EPOCH) // _TICK


def _moment(ticks: int) -> datetime:
    return _EPOCH + timedelta(microseconds=ticks)
