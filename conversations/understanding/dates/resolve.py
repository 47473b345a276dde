"""From the facts a phrase states to the day, period or moment they name, seen from now."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from .daytime import at_time
from .festivals import festival_day, next_festival, nth_weekday, resting
from .fields import Fields, has_date
from .periods import DAY, Frame, Period, add_months, make_date, midnight, monday, month_end, whole_days
from .words import frame


def resolve(fields: Fields, at: Frame) -> Period | None:
    """The period those facts name, None where they name none (February 30, a section of nothing)."""
    if "now" in fields:
        moment = at.now.replace(second=0, microsecond=0)
        return Period(moment, moment, "minute", moment.date(), clock=True)
    try:
        period = _day(fields, at) if has_date(fields) else None
        if has_date(fields) and period is None:
            return None
        return at_time(fields, period, at)
    except (OverflowError, ValueError):
        return None


def _day(f: Fields, at: Frame) -> Period | None:
    found = _named(f, at)
    if found is not None and "soft" in f and found.last < at.today:
        found = _named({**f, **{key: f[key] + 1 for key in ("mrel", "wrel", "qrel", "yrel") if key in f}}, at)
    return found


def _named(f: Fields, at: Frame) -> Period | None:
    today = at.today
    if "abs" in f or "work" in f:
        return _offset(f, at)
    if "drel" in f:
        day = today + timedelta(f["drel"])
        return whole_days(day, day, "day", sure="wday" not in f or f["wday"] == day.weekday())
    if "fest" in f:
        return _festival(f, at)
    if "frel" in f:
        first = monday(today) + timedelta(14 * f["frel"])
        return whole_days(first, first + timedelta(13), "week")
    if "weekno" in f:
        return _week_number(f, at)
    if "quarter" in f or "qrel" in f or "half" in f:
        return _section(f, _quarter(f, today), at)
    if "month" in f or "mrel" in f:
        return _in_month(f, at)
    if "day" in f:
        return _day_only(f, today) if "year" not in f and "yrel" not in f else None
    if "year" in f or "yrel" in f:
        year = f["year"] if "year" in f else today.year + f["yrel"]
        whole = whole_days(date(year, 1, 1), date(year, 12, 31), "year")
        return _nth(f, whole, at) if "nth" in f else _section(f, whole, at)
    if "wrel" in f or "wend" in f:
        return _week(f, at)
    if "nth" in f:
        return _nth(f, whole_days(today.replace(day=1), month_end(today.year, today.month), "month"), at)
    return _weekday(f, today) if "wday" in f else None


def _offset(f: Fields, at: Frame) -> Period:
    """The day that a count of days or weeks led to, moved to the weekday said with it."""
    if "work" in f:
        day = _workdays_on(at.today, f["work"], at)
        return whole_days(day, day, "day")
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
    return whole_days(day, day, "day", sure=agrees)


def _festival(f: Fields, at: Frame) -> Period | None:
    key, sure = f["fest"], True
    if "fday" in f:
        days = timedelta(f["fday"] - 1)
        day = next_festival(key, at.today - days)
        return whole_days(day + days, day + days, "day") if day is not None else None
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
    return replace(whole_days(day, day, "day", sure=sure, others=others), fest=key) if day else None


def _week_number(f: Fields, at: Frame) -> Period | None:
    today = at.today
    year = f["year"] if "year" in f else today.year + f.get("yrel", 0)
    first = date.fromisocalendar(year, f["weekno"], 1)
    if first + timedelta(6) < today and "year" not in f and "yrel" not in f:
        first = date.fromisocalendar(year + 1, f["weekno"], 1)
    if "wday" in f:
        return whole_days(first + timedelta(f["wday"]), first + timedelta(f["wday"]), "day")
    return _section(f, whole_days(first, first + timedelta(6), "week"), at)


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
    return whole_days(first, last, "quarter")


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
    whole = whole_days(date(year, month, 1), month_end(year, month), "month")
    if f.get("mdir") == -1:
        if whole.start.date() >= today.replace(day=1):
            whole = whole_days(date(year - 1, month, 1), month_end(year - 1, month), "month")
        return whole
    found = _nth(f, whole, at) if "nth" in f else _section(f, whole, at)
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
    return whole_days(day, day, "day", sure=agrees)


def _day_only(f: Fields, today: date) -> Period | None:
    first = today.replace(day=1)
    for ahead in range(13 if "wday" in f else 3):
        month = add_months(first, ahead)
        day = make_date(month.year, month.month, f["day"])
        if day is not None and day >= today and f.get("wday", day.weekday()) == day.weekday():
            return whole_days(day, day, "day")
    return _day_only({"day": f["day"], "sure": 0}, today) if "wday" in f else None


def _week(f: Fields, at: Frame) -> Period | None:
    today = at.today
    first = monday(today) + timedelta(7 * f.get("wrel", 0))
    if "wend" in f:
        if "wrel" not in f and first + timedelta(6) < today:
            first += timedelta(7)
        return whole_days(first + timedelta(5), first + timedelta(6), "day")
    if "wwork" in f:
        return whole_days(first, first + timedelta(4), "week")
    if "wday" in f:
        day = first + timedelta(f["wday"])
        soon = monday(today) + timedelta(f["wday"])
        if f.get("en") and f["wrel"] == 0 and day < today:
            return whole_days(day + timedelta(7), day + timedelta(7), "day", sure=False, others=(midnight(day),))
        differs = bool(f.get("en")) and f["wrel"] == 1 and soon > today
        return whole_days(day, day, "day", sure=not differs, others=(midnight(soon),) if differs else ())
    return _section(f, whole_days(first, first + timedelta(6), "week"), at)


def _weekday(f: Fields, today: date) -> Period:
    ahead = (f["wday"] - today.weekday()) % 7
    if "coming" in f and not ahead:
        ahead = 7
    day = today + timedelta(ahead)
    return whole_days(day, day, "day", sure=bool(ahead), others=() if ahead else (midnight(day + timedelta(7)),))


def _nth(f: Fields, whole: Period, at: Frame) -> Period | None:
    """The nth weekday, week, day or month of a longer period; a week belongs to the period of its Thursday."""
    which, unit = f["nth"], f["nunit"]
    first, last = whole.start.date(), (whole.end - DAY).date()
    if unit == "weekday":
        if whole.grain == "month":
            day = nth_weekday(first.year, first.month, f["wday"], which)
        elif which > 0:
            day = first + timedelta((f["wday"] - first.weekday()) % 7 + 7 * (which - 1))
        else:
            day = last - timedelta((last.weekday() - f["wday"]) % 7)
        return whole_days(day, day, "day") if day is not None else None
    if unit in {"week", "weekend"}:
        start = monday(first + timedelta(3)) if first.weekday() > 3 else monday(first)
        start = start if start + timedelta(3) >= first else start + timedelta(7)
        start += timedelta(7 * (which - 1))
        if which < 0:
            start = monday(last) if last.weekday() >= 3 else monday(last) - timedelta(7)
        if "wday" in f:
            return whole_days(start + timedelta(f["wday"]), start + timedelta(f["wday"]), "day")
        return whole_days(start + timedelta(5 if unit == "weekend" else 0), start + timedelta(6), "week")
    if unit == "month":
        start = add_months(first, which - 1) if which > 0 else last.replace(day=1)
        return whole_days(start, month_end(start.year, start.month), "month") if first <= start <= last else None
    if unit == "quarter":
        start = add_months(first, 3 * (which - 1)) if which > 0 else add_months(last.replace(day=1), -2)
        return whole_days(start, add_months(start, 3) - DAY, "quarter")
    if unit == "workday":
        day = _workdays_on(first - DAY if which > 0 else last + DAY, which, at)
        return whole_days(day, day, "day") if first <= day <= last else None
    if unit == "day":
        day = first + timedelta(which - 1) if which > 0 else last
        return whole_days(day, day, "day") if first <= day <= last else None
    return None


def _workdays_on(day: date, count: int, at: Frame) -> date:
    """So many working days after that day; before it where the count is negative."""
    step = DAY if count > 0 else -DAY
    for _ in range(abs(count)):
        day = next((d for ahead in range(1, 16) if at.days.is_working_day(d := day + ahead * step)), day + step)
    return day


def _section(f: Fields, whole: Period | None, at: Frame) -> Period | None:
    if whole is None or "sect" not in f:
        return whole
    found = _part_of(f["sect"], whole, at)
    return replace(found, section=f["sect"]) if found is not None else None


def _part_of(name: str, whole: Period, at: Frame) -> Period | None:
    first, last = whole.start.date(), (whole.end - DAY).date()
    if name in {"rest", "later"}:
        return whole_days(max(first, at.today), last, whole.grain) if last >= at.today else None
    if whole.grain not in frame()["sections"] or name not in frame()["sections"][whole.grain]:
        return None
    low, high = frame()["sections"][whole.grain][name]
    if whole.grain == "month":
        end = min(first + timedelta(high - 1), last)
        return whole_days(first + timedelta(low - 1), end, "day" if name in {"end", "start"} else "week")
    if whole.grain == "week":
        due = first + timedelta(high)
        if name == "end":
            due = next((day for back in range(7) if at.days.is_working_day(day := due - timedelta(back))), due)
        return whole_days(first + timedelta(low), first + timedelta(high), "day", due=due)
    start = add_months(first, low - 1)
    return whole_days(start, add_months(first, high) - DAY, "month")
