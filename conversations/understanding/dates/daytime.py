"""The time of day in a day that is already known: hours with and without a word on which half, parts, closing time."""

from dataclasses import replace
from datetime import datetime, timedelta

from .fields import Fields, has_clock
from .periods import DAY, Frame, Period, midnight
from .values import Grain
from .words import frame


def at_time(f: Fields, period: Period | None, at: Frame) -> Period | None:
    """The period narrowed to the time of day those facts state; None where it is longer than a day."""
    if not has_clock(f) and "part" not in f:
        return period
    if period is not None and (period.end - period.start > DAY):
        return None
    day = period.last if period else at.today
    base = period or Period(midnight(day), midnight(day) + DAY, "day", day, dated=False)
    if "same" in f:
        return _moment(base, at.now.hour * 60 + at.now.minute, "minute")
    if "fixed" in f:
        return _fixed(f["fixed"], base, at)
    if "hour" in f:
        return _clock(f, base, at)
    low, high, _ = frame()["parts"][f["part"]]
    if not base.dated and high <= at.now.hour * 60 + at.now.minute:
        base = _shift(base, 1)
    return replace(
        base, start=base.start + timedelta(minutes=low), end=base.start + timedelta(minutes=high), grain="part"
    )


def _shift(base: Period, days: int) -> Period:
    step = timedelta(days)
    return replace(base, start=base.start + step, end=base.end + step, last=base.last + step)


def _moment(
    base: Period, minutes: int, grain: Grain, *, sure: bool = True, others: tuple[datetime, ...] = (), seconds: int = 0
) -> Period:
    moment = base.start + timedelta(minutes=minutes, seconds=seconds)
    return replace(
        base,
        start=moment,
        end=moment,
        grain=grain,
        clock=True,
        last=moment.date(),
        sure=base.sure and sure,
        others=others or tuple(other + timedelta(minutes=minutes) for other in base.others),
    )


def _fixed(name: str, base: Period, at: Frame) -> Period:
    if name in {"cob", "open"}:
        ask = at.days.closing if name == "cob" else at.days.opening
        moment = ask(base.last).astimezone(at.zone).replace(tzinfo=None)
        if not base.dated and at.has_come(moment):
            day = base.last + DAY
            while not at.days.is_working_day(day) and (day - base.last).days < 14:
                day += DAY
            moment = ask(day).astimezone(at.zone).replace(tzinfo=None)
        return replace(
            base,
            start=moment,
            end=moment,
            grain="minute",
            clock=True,
            last=moment.date(),
            dated=base.dated or name == "cob",
        )
    minutes = 720 if name == "noon" else 1440
    found = _moment(base, minutes, "hour")
    if not base.dated and at.has_come(found.start):
        found = _shift(found, 1)
    return found


def _clock(f: Fields, base: Period, at: Frame) -> Period:
    """The moment of an hour: with a.m. or p.m. or a part of the day as said, else as people at work mean it."""
    hour, minute = f["hour"], f.get("min", 0)
    grain: Grain = "minute" if minute else "hour"
    seconds = f.get("sec", 0) or 0
    meridiem = f.get("mer")
    half = frame()["parts"][f["part"]][2] if "part" in f else None
    if meridiem is None and half is not None:
        hour = _by_part(hour, half)
        meridiem = 2
    elif meridiem is not None:
        hour = hour % 12 + 12 * meridiem
    if meridiem is not None or hour > 12 or hour == 0 or "exact" in f:
        found = _moment(base, hour * 60 + minute, grain, seconds=seconds)
        return _shift(found, 1) if not base.dated and at.has_come(found.start) else found
    return _guess(base, hour, minute, grain, at)


def _by_part(hour: int, half: int) -> int:
    if half == 0:
        return hour % 12 if hour <= 12 else hour
    if half == 1 or (half == 2 and hour < 6):
        return hour + 12 if hour < 12 else hour
    if half == 3:
        return 24 if hour == 12 else hour + 12 if 4 <= hour < 12 else hour + 24 if hour < 4 else hour
    return hour


def _guess(base: Period, hour: int, minute: int, grain: Grain, at: Frame) -> Period:
    """An hour of 1 to 12 without a word on which half of the day: 1-6 and 12 after noon, 7-11 before it."""
    early, late = hour % 12, hour % 12 + 12
    if base.dated:
        first, second = (late, early) if hour < 7 or hour == 12 else (early, late)
        if at.passed(base.start + timedelta(hours=first, minutes=minute)) and not at.passed(
            base.start + timedelta(hours=second, minutes=minute)
        ):
            first, second = second, first
        other = base.start + timedelta(hours=second, minutes=minute)
        return _moment(
            base,
            first * 60 + minute,
            grain,
            sure=hour in {9, 10, 11, 12},
            others=(other,) if hour not in {9, 10, 11, 12} else (),
        )
    waking = sorted(
        moment
        for day in (0, 1)
        for h in (early, late)
        if 7 <= h < 22 and not at.has_come(moment := base.start + timedelta(days=day, hours=h, minutes=minute))
    )
    chosen = waking[0]
    found = _moment(_shift(base, (chosen.date() - base.start.date()).days), chosen.hour * 60 + minute, grain)
    return replace(found, sure=hour < 7 or hour == 12, others=tuple(waking[1:2]) if 7 <= hour < 12 else ())
