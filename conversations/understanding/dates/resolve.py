"""From the facts a phrase states to the day, period or moment they name, seen from now."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from .festivals import festival_day, next_festival, nth_weekday, resting
from .fields import Fields, has_clock, has_date
from .values import Grain, WorkingDays
from .words import frame

DAY = timedelta(1)


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of local time without a zone, end exclusive; `last` is the day it commits to, `tail` the end of a longer one."""

    start: datetime
    end: datetime
    grain: Grain
    last: date
    clock: bool = False
    dated: bool = True
    sure: bool = True
    others: tuple[datetime, ...] = ()
    fest: str = ""
    tail: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """What phrases are seen from: the local moment now without its zone, and the working calendar."""

    now: datetime
    days: WorkingDays

    @property
    def today(self) -> date:
        """The local day."""
        return self.now.date()


def midnight(day: date) -> datetime:
    """The moment a day begins."""
    return datetime.combine(day, time())


def _span(
    first: date,
    last: date,
    grain: Grain,
    *,
    sure: bool = True,
    others: tuple[datetime, ...] = (),
    due: date | None = None,
) -> Period:
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


def resolve(fields: Fields, at: Frame) -> Period | None:
    """The period those facts name, None where they name none (February 30, a section of nothing)."""
    if "now" in fields:
        moment = at.now.replace(second=0, microsecond=0)
        return Period(moment, moment, "minute", moment.date(), clock=True)
    try:
        period = _day(fields, at) if has_date(fields) else None
        if has_date(fields) and period is None:
            return None
        return _time(fields, period, at)
    except (OverflowError, ValueError):
        return None


def _day(f: Fields, at: Frame) -> Period | None:
    found = _named(f, at)
    if found is not None and "soft" in f and found.last < at.today:
        found = _named({**f, **{key: f[key] + 1 for key in ("mrel", "wrel", "qrel", "yrel") if key in f}}, at)
    return found


def _named(f: Fields, at: Frame) -> Period | None:
    today = at.today
    if "abs" in f:
        return _offset(f)
    if "drel" in f:
        day = today + timedelta(f["drel"])
        return _span(day, day, "day", sure="wday" not in f or f["wday"] == day.weekday())
    if "fest" in f:
        return _festival(f, at)
    if "frel" in f:
        first = monday(today) + timedelta(14 * f["frel"])
        return _span(first, first + timedelta(13), "week")
    if "weekno" in f:
        return _week_number(f, today)
    if "quarter" in f or "qrel" in f or "half" in f:
        return _section(f, _quarter(f, today), at)
    if "month" in f or "mrel" in f:
        return _in_month(f, at)
    if "day" in f:
        return _day_only(f, today) if "year" not in f and "yrel" not in f else None
    if "year" in f or "yrel" in f:
        year = f["year"] if "year" in f else today.year + f["yrel"]
        whole = _span(date(year, 1, 1), date(year, 12, 31), "year")
        return _nth(f, whole) if "nth" in f else _section(f, whole, at)
    if "wrel" in f or "wend" in f:
        return _week(f, at)
    if "nth" in f:
        return _nth(f, _span(today.replace(day=1), month_end(today.year, today.month), "month"))
    return _weekday(f, today) if "wday" in f else None


def _offset(f: Fields) -> Period:
    """The day that a count of days or weeks led to, moved to the weekday said with it."""
    moment: datetime = f["abs"]
    if f.get("timed"):
        moment = moment.replace(second=0, microsecond=0)
        return Period(moment, moment, "minute", moment.date(), clock=True)
    day = moment.date()
    agrees = "wday" not in f or f["wday"] == day.weekday()
    if not agrees:
        ahead = (f["wday"] - day.weekday()) % 7
        day += timedelta(
            f["wday"] - day.weekday() if f.get("by_week") else (ahead + 3) % 7 - 3 if f.get("by_day") else ahead
        )
    return _span(day, day, "day", sure=agrees)


def _festival(f: Fields, at: Frame) -> Period | None:
    key, sure = f["fest"], True
    others: tuple[datetime, ...] = ()
    if not key:
        coming = sorted((day, name) for name in resting() if (day := next_festival(name, at.today + DAY)) is not None)
        if not coming:
            return None
        others, sure, key = tuple(midnight(day) for day, _ in coming[1:2]), False, coming[0][1]
    if "year" in f or "yrel" in f:
        day = festival_day(key, f["year"] if "year" in f else at.today.year + f["yrel"])
    elif f.get("fdir") == -1:
        day = next(
            (d for d in (festival_day(key, at.today.year), festival_day(key, at.today.year - 1)) if d and d < at.today),
            None,
        )
    else:
        day = next_festival(key, at.today)
    return replace(_span(day, day, "day", sure=sure, others=others), fest=key) if day else None


def _week_number(f: Fields, today: date) -> Period | None:
    year = f["year"] if "year" in f else today.year + f.get("yrel", 0)
    first = date.fromisocalendar(year, f["weekno"], 1)
    if first + timedelta(6) < today and "year" not in f and "yrel" not in f:
        first = date.fromisocalendar(year + 1, f["weekno"], 1)
    if "wday" in f:
        return _span(first + timedelta(f["wday"]), first + timedelta(f["wday"]), "day")
    return _span(first, first + timedelta(6), "week")


def _quarter(f: Fields, today: date) -> Period:
    year = f["year"] if "year" in f else today.year + f.get("yrel", 0)
    if "half" in f:
        first = date(year, 1 + 6 * (f["half"] - 1), 1)
        months = 6
    elif "qrel" in f:
        first = add_months(date(today.year, 1 + 3 * ((today.month - 1) // 3), 1), 3 * f["qrel"])
        months = 3
    else:
        first = date(year, 1 + 3 * (f["quarter"] - 1), 1)
        months = 3
    last = add_months(first, months) - DAY
    if last < today and not ({"year", "yrel", "qrel"} & f.keys()):
        first = add_months(first, 12)
        last = add_months(first, months) - DAY
    return _span(first, last, "quarter")


def _in_month(f: Fields, at: Frame) -> Period | None:
    today = at.today
    if "mrel" in f:
        first = add_months(today.replace(day=1), f["mrel"] + 12 * f.get("yrel", 0))
        year, month, fixed = first.year, first.month, True
    else:
        month = f["month"]
        fixed = "year" in f or "yrel" in f
        year = f["year"] if "year" in f else today.year + f.get("yrel", 0)
    if "day" in f:
        return _month_day(f, year, month, today, fixed=fixed)
    whole = _span(date(year, month, 1), month_end(year, month), "month")
    if f.get("mdir") == -1:
        if whole.start.date() >= today.replace(day=1):
            whole = _span(date(year - 1, month, 1), month_end(year - 1, month), "month")
        return whole
    found = _nth(f, whole) if "nth" in f else _section(f, whole, at)
    if found is not None and found.last < today and not fixed:
        return _in_month({**f, "year": year + 1}, at)
    if "wday" in f and "nth" not in f:
        return None
    return found


def _month_day(f: Fields, year: int, month: int, today: date, *, fixed: bool) -> Period | None:
    day = make_date(year, month, f["day"])
    if not fixed:
        years = range(today.year, today.year + 9)
        day = next((d for y in years if (d := make_date(y, month, f["day"])) is not None and d >= today), None)
    if day is None:
        return None
    agrees = "wday" not in f or f["wday"] == day.weekday()
    return _span(day, day, "day", sure=agrees)


def _day_only(f: Fields, today: date) -> Period | None:
    first = today.replace(day=1)
    for ahead in range(13 if "wday" in f else 3):
        month = add_months(first, ahead)
        day = make_date(month.year, month.month, f["day"])
        if day is not None and day >= today and f.get("wday", day.weekday()) == day.weekday():
            return _span(day, day, "day")
    return _day_only({"day": f["day"], "sure": 0}, today) if "wday" in f else None


def _week(f: Fields, at: Frame) -> Period | None:
    today = at.today
    first = monday(today) + timedelta(7 * f.get("wrel", 0))
    if "wend" in f:
        if "wrel" not in f and first + timedelta(6) < today:
            first += timedelta(7)
        return _span(first + timedelta(5), first + timedelta(6), "day")
    if "wwork" in f:
        return _span(first, first + timedelta(4), "week")
    if "wday" in f:
        day = first + timedelta(f["wday"])
        soon = monday(today) + timedelta(f["wday"])
        if f.get("en") and f["wrel"] == 0 and day < today:
            return _span(day + timedelta(7), day + timedelta(7), "day", sure=False, others=(midnight(day),))
        differs = bool(f.get("en")) and f["wrel"] == 1 and soon > today
        return _span(day, day, "day", sure=not differs, others=(midnight(soon),) if differs else ())
    return _section(f, _span(first, first + timedelta(6), "week"), at)


def _weekday(f: Fields, today: date) -> Period:
    ahead = (f["wday"] - today.weekday()) % 7
    if "coming" in f and not ahead:
        ahead = 7
    day = today + timedelta(ahead)
    return _span(day, day, "day", sure=bool(ahead), others=() if ahead else (midnight(day + timedelta(7)),))


def _nth(f: Fields, whole: Period) -> Period | None:
    """The nth weekday, week, day, month or working day of a longer period; weeks belong to the period of their Thursday."""
    which, unit = f["nth"], f["nunit"]
    first, last = whole.start.date(), (whole.end - DAY).date()
    if unit == "weekday":
        if whole.grain == "month":
            day = nth_weekday(first.year, first.month, f["wday"], which)
        elif which > 0:
            day = first + timedelta((f["wday"] - first.weekday()) % 7 + 7 * (which - 1))
        else:
            day = last - timedelta((last.weekday() - f["wday"]) % 7)
        return _span(day, day, "day") if day is not None else None
    if unit in {"week", "weekend"}:
        start = monday(first + timedelta(3)) if first.weekday() > 3 else monday(first)
        start = start if start + timedelta(3) >= first else start + timedelta(7)
        start += timedelta(7 * (which - 1))
        if which < 0:
            start = monday(last) if last.weekday() >= 3 else monday(last) - timedelta(7)
        if "wday" in f:
            return _span(start + timedelta(f["wday"]), start + timedelta(f["wday"]), "day")
        return _span(start + timedelta(5 if unit == "weekend" else 0), start + timedelta(6), "week")
    if unit == "month":
        start = add_months(first, which - 1) if which > 0 else last.replace(day=1)
        return _span(start, month_end(start.year, start.month), "month") if first <= start <= last else None
    if unit == "quarter":
        start = add_months(first, 3 * (which - 1)) if which > 0 else add_months(last.replace(day=1), -2)
        return _span(start, add_months(start, 3) - DAY, "quarter")
    if unit == "day":
        day = first + timedelta(which - 1) if which > 0 else last
        return _span(day, day, "day") if first <= day <= last else None
    return None


def _section(f: Fields, whole: Period | None, at: Frame) -> Period | None:
    if whole is None or "sect" not in f:
        return whole
    found = _part_of(f["sect"], whole, at)
    return replace(found, tail=f["sect"] in {"end", "late", "rest", "later"}) if found is not None else None


def _part_of(name: str, whole: Period, at: Frame) -> Period | None:
    first, last = whole.start.date(), (whole.end - DAY).date()
    if name in {"rest", "later"}:
        return _span(max(first, at.today), last, whole.grain) if last >= at.today else None
    if whole.grain not in frame()["sections"] or name not in frame()["sections"][whole.grain]:
        return None
    low, high = frame()["sections"][whole.grain][name]
    if whole.grain == "month":
        end = min(first + timedelta(high - 1), last)
        return _span(first + timedelta(low - 1), end, "day" if name in {"end", "start"} else "week")
    if whole.grain == "week":
        due = first + timedelta(high)
        if name == "end":
            due = next((day for back in range(7) if at.days.is_working_day(day := due - timedelta(back))), due)
        return _span(first + timedelta(low), first + timedelta(high), "day", due=due)
    start = add_months(first, low - 1)
    return _span(start, add_months(first, high) - DAY, "month")


def _time(f: Fields, period: Period | None, at: Frame) -> Period | None:
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
        moment = ask(base.last).replace(tzinfo=None)
        if not base.dated and moment <= at.now:
            day = base.last + DAY
            while not at.days.is_working_day(day) and (day - base.last).days < 14:
                day += DAY
            moment = ask(day).replace(tzinfo=None)
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
    if not base.dated and found.start <= at.now:
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
        return _shift(found, 1) if not base.dated and found.start <= at.now else found
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
        if (
            base.start + timedelta(hours=first, minutes=minute)
            < at.now
            <= base.start + timedelta(hours=second, minutes=minute)
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
        if 7 <= h < 22 and (moment := base.start + timedelta(days=day, hours=h, minutes=minute)) > at.now
    )
    chosen = waking[0]
    found = _moment(_shift(base, (chosen.date() - base.start.date()).days), chosen.hour * 60 + minute, grain)
    return replace(found, sure=7 > hour or hour == 12, others=tuple(waking[1:2]) if 7 <= hour < 12 else ())
