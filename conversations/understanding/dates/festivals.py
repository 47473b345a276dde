"""On which day a festival falls, and which days are off around it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from .values import WorkingDays
from .words import festivals


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous computus, Meeus 1991, chapter 8)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def nth_weekday(year: int, month: int, weekday: int, which: int) -> date | None:
    """The which-th weekday of a month, -1 the last; None where there is none."""
    if which > 0:
        first = date(year, month, 1)
        day = first + timedelta((weekday - first.weekday()) % 7 + 7 * (which - 1))
        return day if day.month == month else None
    last = (date(year + month // 12, month % 12 + 1, 1)) - timedelta(1)
    return last - timedelta((last.weekday() - weekday) % 7)


def festival_day(key: str, year: int) -> date | None:
    """The day of that festival in that year; None beyond the table."""
    facts = festivals().get(key)
    if facts is None:
        return None
    day = festival_day(facts["of"], year) if "of" in facts else _base(facts, year)
    return day + timedelta(facts.get("shift", 0)) if day is not None else None


def _base(facts: Mapping[str, Any], year: int) -> date | None:
    if "each" in facts:
        return date.fromisoformat(f"{year:04}-{facts['each']}")
    if "days" in facts:
        said = facts["days"].get(year)
        return date.fromisoformat(f"{year:04}-{said}") if said else None
    if "nth" in facts:
        month, weekday, which = facts["nth"]
        return nth_weekday(year, month, weekday, which)
    if "easter" in facts:
        return easter(year) + timedelta(facts["easter"])
    return next((date.fromisoformat(said) for said in facts["dates"] if said.startswith(f"{year:04}-")), None)


def next_festival(key: str, today: date) -> date | None:
    """The next of that festival from today on."""
    for year in (today.year, today.year + 1):
        dates = festivals().get(key, {}).get("dates", ())
        found: list[date | None] = [date.fromisoformat(said) for said in dates if said.startswith(f"{year:04}-")] or [
            festival_day(key, year)
        ]
        for day in found:
            if day is not None and day >= today:
                return day
    return None


def days_off(key: str, day: date, days: WorkingDays) -> tuple[date, date]:
    """First and last day off around the festival that falls on `day`: as the calendar says, else as is usual."""
    known = days.holiday(key, day.year)
    if known is not None:
        return known
    before, after = festivals()[key].get("free", (0, 0))
    return day + timedelta(before), day + timedelta(after)


def resting() -> list[str]:
    """The festivals that people mean by a mere 节."""
    return [key for key, facts in festivals().items() if facts.get("rest")]
