"""A reading on its way out, and what before, by, since and after make of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .festivals import days_off
from .lengths import Length, shift
from .periods import DAY, Frame, Period, midnight
from .values import Grain, Kind


@dataclass(frozen=True, slots=True)
class Found:
    """A reading in local time without a zone; `begin` and `end` are indexes of tokens, end exclusive.

    `from_now`: it starts at this time of the day that `start` says.
    """

    begin: int
    end: int
    kind: Kind
    start: datetime
    stop: datetime | None
    due: datetime
    has_time: bool
    grain: Grain
    rule: str
    deadline: bool = False
    length: Length | None = None
    sure: bool = True
    weak: bool = False
    others: tuple[datetime, ...] = ()
    from_now: bool = False


_TAILS = frozenset({"end", "late", "rest", "later"})
"""Sections that reach to the end of their period: before them still means by their last day."""


def limit(found: Found, period: Period | None, mode: str, at: Frame) -> Found:
    """A limit: by and until include the day named, before excludes it in English and not in Chinese."""
    made = replace(found, deadline=True, rule=f"{found.rule}, by")
    if period is None or found.has_time or mode == "until":
        return made
    day = found.kind == "day" and not period.fest
    if mode in {"by", "zh"} and (day or period.grain == "part"):
        return made
    coarse = found.kind == "range" and period.grain in {"week", "month", "quarter", "year"}
    if period.section in _TAILS or (period.grain == "day" and found.kind == "range" and not _is_weekend(period)):
        return made
    if mode == "by":
        if coarse and not period.section:
            return replace(made, sure=False, others=(period.start - DAY,))
        return made
    last = (period.start - DAY).date()
    if period.fest:
        first, _ = days_off(period.fest, period.last, at.days)
        last = first - DAY
    if period.fest or _is_weekend(period):
        last = next((d for back in range(10) if at.days.is_working_day(d := last - timedelta(back))), last)
    start = midnight(last)
    others = found.others
    if period.fest and others:
        others = tuple(other - DAY for other in others)
    sure = found.sure
    if day and mode == "before":
        sure, others = False, (period.start,)
    elif period.section:
        sure, others = False, (midnight(period.last),)  # before the middle of December: its first day or its last
    return replace(
        made,
        kind="day",
        grain="day",
        start=start,
        stop=start + DAY,
        due=start,
        sure=sure,
        others=others,
        rule=f"{found.rule}, before",
    )


def _is_weekend(period: Period) -> bool:
    return period.start.weekday() == 5 and period.end - period.start == 2 * DAY


def since(found: Found) -> Found:
    """Open from its start on."""
    return replace(found, kind="range", stop=None, due=found.start, rule=f"{found.rule}, since")


def after(found: Found, period: Period, at: Frame) -> Found:
    """Open from where it ends; after a festival the first working day."""
    start = period.start if period.clock else period.end
    if period.fest:
        day = days_off(period.fest, period.last, at.days)[1] + DAY
        day = next((d for ahead in range(10) if at.days.is_working_day(d := day + timedelta(ahead))), day)
        return replace(
            found,
            kind="day",
            grain="day",
            start=midnight(day),
            stop=midnight(day) + DAY,
            due=midnight(day),
            rule=f"{found.rule}, after",
        )
    return replace(found, kind="range", start=start, stop=None, due=start, rule=f"{found.rule}, after")


def counted_from(found: Found, period: Period, counted: Length, sign: int, at: Frame) -> Found:
    """春节前三天, 12月5日后两天."""
    anchor = midnight(period.last) if period.section else period.start
    if period.fest and sign > 0:
        anchor = midnight(days_off(period.fest, period.last, at.days)[1])
    elif period.fest:
        anchor = midnight(days_off(period.fest, period.last, at.days)[0])
    moment = shift(counted, anchor, at, sign)
    return replace(
        found,
        end=counted.end,
        kind="day",
        start=moment,
        stop=moment + DAY,
        due=moment,
        length=counted,
        rule="counted from a day",
        grain="day",
    )
