"""What a date or time reading is, and what the reader asks of a working calendar."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal, Protocol

Kind = Literal["day", "moment", "range", "duration", "time"]
Grain = Literal["minute", "hour", "part", "day", "week", "month", "quarter", "year"]


class WorkingDays(Protocol):
    """A company's calendar, as far as reading dates needs it."""

    def is_working_day(self, day: date) -> bool:
        """Whether people work on that day."""
        ...

    def closing(self, day: date) -> datetime:
        """The aware moment at which that working day ends."""
        ...

    def opening(self, day: date) -> datetime:
        """The aware moment at which that working day begins."""
        ...

    def holiday(self, name: str, year: int) -> tuple[date, date] | None:
        """First and last day off around the festival of that key in that year; None if unknown."""
        ...


@dataclass(frozen=True, slots=True)
class DateReading:
    """One phrase of a text read as a day, a moment, a range, a length of time or a clock time.

    Attributes:
        span: where the phrase stands in the text handed in, end exclusive.
        kind: "time" is a clock time without a day, already resolved to its next occurrence in `start`.
        start: aware, in the zone of `now`; of a day its midnight, of a duration now plus the duration.
        end: exclusive, of ranges and days; None where the range is open.
        due: what the words commit to when they name a date to deliver or finish by: a day's midnight, a range's last
            day, the moment itself where a clock time was said.
        has_time: whether a clock time was said (`due` is that moment then).
        grain: the unit the words speak in.
        deadline: whether the words make it a limit (前, 内, by, before, within).
        duration: how long, where the words count time; None otherwise. Months count 30 days, years 365 here.
        working: whether `duration` counts working days.
        rule: the name of the reading rule.
        sure: False where people differ on the reading or the words may be no date; ask for confirmation.
        alternatives: other dues the same words may mean.
    """

    span: tuple[int, int]
    kind: Kind
    start: datetime
    end: datetime | None
    due: datetime
    has_time: bool
    grain: Grain
    deadline: bool
    duration: timedelta | None
    working: bool
    rule: str
    sure: bool
    alternatives: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class OfficeWeek:
    """Monday to Friday, nine to six: what stands in where no calendar is handed in."""

    zone: tzinfo | None
    opens: time = time(9)
    closes: time = time(18)

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday."""
        return day.weekday() < 5

    def closing(self, day: date) -> datetime:
        """Six in the evening."""
        return datetime.combine(day, self.closes, self.zone)

    def opening(self, day: date) -> datetime:
        """Nine in the morning."""
        return datetime.combine(day, self.opens, self.zone)

    def holiday(self, name: str, year: int) -> tuple[date, date] | None:  # noqa: ARG002
        """Knows of none; the reader's own table answers then."""
        return None
