"""Durations and hours as the company file writes them: "30m", "4h", "3d", and "09:00-12:00"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Literal, Self

_SPAN = re.compile(r"(\d{1,5})([mhd])", re.ASCII)
_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)", re.ASCII)

DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Span:
    """A duration: `amount` of minutes, hours or days. Working or clock time is decided by who uses it."""

    amount: int
    unit: Literal["m", "h", "d"]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "30m", "4h" or "3d". Raises ValueError for anything else."""
        found = _SPAN.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"not a duration: {text!r}")
        unit: Literal["m", "h", "d"] = "m" if found[2] == "m" else "h" if found[2] == "h" else "d"
        return cls(int(found[1]), unit)

    @property
    def clock(self) -> timedelta:
        """As clock time: a day is 24 hours."""
        return timedelta(minutes=self.amount * {"m": 1, "h": 60, "d": DAY_MINUTES}[self.unit])

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"

    def __bool__(self) -> bool:
        return self.amount > 0


def parse_clock(text: str) -> int:
    """Minutes since midnight of "08:45"; "24:00" is 1440. Raises ValueError."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None or (minutes := int(found[1]) * 60 + int(found[2])) > DAY_MINUTES:
        raise ValueError(f"not a time of day: {text!r}")
    return minutes


def format_clock(minutes: int) -> str:
    """Minutes since midnight as "08:45"."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """An interval of a day, in minutes since its midnight; `end` is above 1440 when it runs into the next day."""

    start: int
    end: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "09:00-12:00"; "22:00-06:00" crosses midnight. Raises ValueError, also for an empty interval."""
        first, dash, last = text.replace("–", "-").partition("-")
        if not dash:
            raise ValueError(f"not hours: {text!r}")
        start, end = parse_clock(first), parse_clock(last)
        if start >= DAY_MINUTES or start == end:
            raise ValueError(f"not hours: {text!r}")
        return cls(start, end if end > start else end + DAY_MINUTES)

    @property
    def minutes(self) -> int:
        """How long it is by the wall clock."""
        return self.end - self.start

    def __str__(self) -> str:
        end = self.end if self.end <= DAY_MINUTES else self.end - DAY_MINUTES
        return f"{format_clock(self.start)}-{format_clock(end)}"


def overlapping(hours: tuple[Hours, ...]) -> tuple[Hours, Hours] | None:
    """Two intervals that share time, also when one of them reaches into the next day's morning; None if none do."""
    for number, one in enumerate(hours):
        for other in hours[number + 1 :]:
            for shift in (-DAY_MINUTES, 0, DAY_MINUTES):
                if one.start < other.end + shift and other.start + shift < one.end:
                    return one, other
    return None


def clock_time(minutes: int) -> time:
    """Minutes since midnight (below 1440) as a time of day."""
    return time(minutes // 60, minutes % 60)
