"""Working time: days, shifts, holidays and quiet hours. Pure; `now` is always handed in.

spans.py     Span ("4h"), Hours ("09:00-12:00"), times of day
walls.py     from the clock on the wall to UTC, through changes of the clock
public.py    public holidays and moved working days of a country
calendar.py  WorkCalendar: working days, add, back, elapsed, before_promise
quiet.py     QuietHours, and when a push may first go out
build.py     a calendar from the company's and a department's keys

Enter by WorkCalendar, or build_calendar for a department. Moments given are aware, moments returned are UTC.
"""

from store.calendars.build import CalendarKeys, build_calendar
from store.calendars.calendar import DEFAULT_HOURS, DEFAULT_WEEK, WEEKDAYS, NoWorkingTime, WorkCalendar
from store.calendars.public import country_known, holiday_names, known_countries, moved_days_known
from store.calendars.quiet import QuietHours, first_allowed
from store.calendars.spans import DAY_MINUTES, Hours, Span, clock_time, format_clock, overlapping, parse_clock

__all__ = [
    "DAY_MINUTES",
    "DEFAULT_HOURS",
    "DEFAULT_WEEK",
    "WEEKDAYS",
    "CalendarKeys",
    "Hours",
    "NoWorkingTime",
    "QuietHours",
    "Span",
    "WorkCalendar",
    "build_calendar",
    "clock_time",
    "country_known",
    "first_allowed",
    "format_clock",
    "holiday_names",
    "known_countries",
    "moved_days_known",
    "overlapping",
    "parse_clock",
]
