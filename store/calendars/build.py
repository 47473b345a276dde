"""Making a working calendar of what the company file says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol
from zoneinfo import ZoneInfo

from store.calendars.calendar import DEFAULT_HOURS, DEFAULT_WEEK, WEEKDAYS, WorkCalendar
from store.calendars.spans import Hours


class CalendarKeys(Protocol):
    """A `calendar:` of the company file; None stands for a key that it leaves out."""

    @property
    def country(self) -> str | None:
        """ISO 3166 code."""
        ...

    @property
    def week(self) -> Sequence[str] | None:
        """Names of weekdays, as in WEEKDAYS."""
        ...

    @property
    def hours(self) -> Sequence[Hours] | None:
        """Intervals of a working day."""
        ...

    @property
    def closed(self) -> Sequence[date] | None:
        """Further closed days."""
        ...

    @property
    def open(self) -> Sequence[date] | None:
        """Further working days."""
        ...


def build_calendar(
    zone: ZoneInfo, company: CalendarKeys | None, department: CalendarKeys | None = None
) -> WorkCalendar:
    """The calendar of a department (or of the company): keys the department leaves out are the company's."""
    layers = [layer for layer in (department, company) if layer is not None]
    country = next((layer.country for layer in layers if layer.country is not None), None)
    week = next((layer.week for layer in layers if layer.week is not None), None)
    hours = next((layer.hours for layer in layers if layer.hours is not None), None)
    closed = next((layer.closed for layer in layers if layer.closed is not None), ())
    opened = next((layer.open for layer in layers if layer.open is not None), ())
    return WorkCalendar(
        zone=zone,
        country=country,
        week=DEFAULT_WEEK if week is None else frozenset(WEEKDAYS.index(day) for day in week),
        hours=DEFAULT_HOURS if hours is None else tuple(sorted(hours)),
        closed=frozenset(closed),
        open=frozenset(opened),
    )
