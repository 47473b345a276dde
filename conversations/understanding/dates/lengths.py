"""Lengths of time: 三天, 一个半小时, 半个月, two and a half days, 3 working days, a fortnight."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .numerals import amount
from .numeric import counts_days, spoken_count
from .periods import Frame, add_months, midnight
from .tokens import Tokens
from .values import Grain

_DAYS = {"day": 1.0, "week": 7.0, "fortnight": 14.0, "weekend": 2.0, "tenday": 10.0, "workweek": 5.0}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_SECONDS = {"hour": 3600, "minute": 60, "second": 1}
_MOST = {"day": 3650, "week": 520, "fortnight": 260, "weekend": 520, "tenday": 365, "workweek": 520, "month": 240}
_MOST |= {"quarter": 80, "year": 50, "hour": 9999, "minute": 99_999, "second": 999_999, "workday": 999}
_GRAINS: dict[str, Grain] = {
    "week": "week",
    "fortnight": "week",
    "month": "month",
    "quarter": "quarter",
    "year": "year",
    "hour": "hour",
    "minute": "minute",
    "second": "minute",
}


@dataclass(slots=True)
class Length:
    """So many months, days, seconds and working days; `end` is the index of the token behind the words."""

    end: int
    months: float = 0.0
    days: float = 0.0
    seconds: float = 0.0
    workdays: int = 0
    grain: Grain = "day"
    sure: bool = True
    units: int = 0

    @property
    def delta(self) -> timedelta:
        """As a fixed stretch: a month is 30 days, a year 365, a working day a day."""
        years, months = divmod(self.months, 12)
        return timedelta(
            days=min(years * 365 + months * 30 + self.days + self.workdays, 999_999), seconds=min(self.seconds, 1e9)
        )

    @property
    def timed(self) -> bool:
        """Whether it counts hours or minutes, so that it names a moment and not a day."""
        return self.seconds > 0

    @property
    def whole(self) -> bool:
        """Whether it counts whole days, so that the time of day has no say in where it ends."""
        return not self.seconds and not self.days % 1

    def add(self, unit: str, value: float) -> bool:
        """Adds so many of a unit; False, and nothing added, where the sum is beyond any plan."""
        if value > _MOST.get(unit, 0):
            return False
        self.units += 1
        if unit in _MONTHS:
            whole = int(value * _MONTHS[unit])
            self.months += whole
            if unit == "month":
                self.days += round((value - whole) * 30)
        elif unit in _DAYS:
            self.days += value * _DAYS[unit]
        elif unit in _SECONDS:
            self.seconds += value * _SECONDS[unit]
        else:
            self.workdays += round(value)
        self.grain = _GRAINS.get(unit, "day")
        return True


def length(tokens: Tokens, index: int) -> Length | None:
    """The length of time that begins at that token, None if none does."""
    found = Length(index)
    at = index
    while found.units < 5:
        if found.units == 1 and found.grain == "day" and tokens.has(at, "half"):
            longer = Length(index, sure=False)  # 十天半个月: the one or the other
            end = _one(tokens, at, longer)
            if end is not None and longer.grain in {"week", "month"}:
                longer.end = end
                return longer
        more = _one(tokens, at, found)
        if more is None:
            break
        at = found.end = more
        if tokens.at(at).line:
            break
        if tokens.has(at, "and_unit") or tokens.at(at).text == "多":
            at += 1
    return found if found.units else None


def nth_day(tokens: Tokens, index: int) -> Length | None:
    """第一天, 第二个工作日 behind a 后: so many days from there."""
    if tokens.at(index).text != "第":
        return None
    counted = length(tokens, index + 1)
    return counted if counted is not None and counted.grain == "day" and not counted.timed else None


def _one(tokens: Tokens, index: int, into: Length) -> int | None:
    """One amount of one unit; the index behind it, None where none stands there."""
    quarters = tokens.get(index, "quarter_hours")
    if quarters is not None:
        return index + 1 if into.add("minute", quarters) else None
    if tokens.has(index, "half"):
        at = index + 1 + tokens.has(index + 1, "measure")
        at += tokens.has(at, "article") and not tokens.at(index).han
        unit = tokens.get(at, "unit")
        return at + 1 if unit is not None and into.add(unit, 0.5) else None
    if tokens.has(index, "article"):
        at = index + 1 + (tokens.at(index + 1).text == "-")
        few = tokens.get(at, "few")
        at += few is not None
        unit = tokens.get(at, "unit")
        return _half_after(tokens, at + 1, unit, into) if unit is not None and into.add(unit, few or 1) else None
    if tokens.has(index, "few_units") and (unit := tokens.get(index + 1, "unit")) is not None:
        into.sure = False
        return index + 2 if into.add(unit, tokens.get(index, "few_units")) else None
    found = _counted(tokens, index, into)
    if found is None:
        return None
    at, value = found
    inner = at + (tokens.at(at).text == "and")
    if tokens.has(inner, "half") and (unit := tokens.get(inner + 1, "unit")) is not None:
        return inner + 2 if into.add(unit, value + 0.5) else None
    unit = tokens.get(at, "unit")
    if unit is None or not _countable(tokens, index, at, unit):
        return None
    return _half_after(tokens, at + 1, unit, into) if into.add(unit, value) else None


def _counted(tokens: Tokens, index: int, into: Length) -> tuple[int, float] | None:
    """三, 两三, 十几, 3-5 and the measure word behind; of several the larger, and not sure."""
    found = amount(tokens, index)
    if found is None:
        return None
    at, value = found
    into.sure = into.sure and not (tokens.at(index).loose or tokens.has(index, "few"))
    if tokens.has(at, "few") and tokens.at(at).han:
        at, into.sure = at + 1, False
    if tokens.has(at, "more") and tokens.at(index).num is not None and _unit_near(tokens, at + 1):
        at, into.sure = at + 1, False
    if tokens.has(at, "to") and tokens.at(index).num is not None:
        upper = amount(tokens, at + 1)
        if upper is not None and upper[1] > value and tokens.at(at + 1).num is not None:
            at, value, into.sure = upper[0], upper[1], False
    at += tokens.has(at, "measure")
    if tokens.at(at).text == "-" and tokens.glued(at) and tokens.glued(at + 1):
        at += 1
    return at, value


def _unit_near(tokens: Tokens, index: int) -> bool:
    return tokens.has(index + tokens.has(index, "measure"), "unit")


def _countable(tokens: Tokens, index: int, at: int, unit: str) -> bool:
    """5日, 5月 and 2026年 are dates, 5时 a clock time unless more was counted before; 3 weekends are."""
    token, counter = tokens.at(at), tokens.at(index)
    if token.text in {"日", "月", "月份", "季度", "季"}:
        return tokens.has(at - 1, "measure") or counts_days(tokens, at) or spoken_count(tokens, index)
    if token.text in {"年", "年度"}:
        return (counter.num or 0) < 20 and (len(counter.text) < 4 or not counter.text.isdigit())
    if token.text == "分":
        return False
    if token.text == "时":
        return tokens.at(index - 1).text == "天"
    if token.text in {"h", "second", "sec"}:
        return token.text != "second" and tokens.glued(at)
    return unit != "weekend" or not token.han


def _half_after(tokens: Tokens, at: int, unit: str, into: Length) -> int:
    """三天半, an hour and a half: the half stands behind; a day or two are two."""
    if tokens.at(at).text == "or" and tokens.at(at + 1).text == "two" and not tokens.has(at + 2, "unit"):
        into.add(unit, 1)
        into.units, into.sure = into.units - 1, False
        return at + 2
    if tokens.at(at).text == "and" and tokens.at(at + 1).text == "a half" and tokens.get(at + 2, "unit") is None:
        into.add(unit, 0.5)
        into.units -= 1
        return at + 2
    if (
        tokens.has(at, "half")
        and tokens.at(at).han
        and tokens.get(at + 1, "unit") is None
        and not tokens.has(at + 1, "measure")
    ):
        into.add(unit, 0.5)
        into.units -= 1
        return at + 1
    return at


def shift(length_: Length, start: datetime, at: Frame, sign: int = 1) -> datetime:
    """So long after (or, sign -1, before) a local moment; working days by the calendar."""
    day = add_months(start.date(), sign * int(length_.months))
    day += timedelta(sign * int(length_.days))
    left = length_.workdays
    walked = 0
    while left > 0 and walked < 4000:
        day += timedelta(sign)
        walked += 1
        left -= at.days.is_working_day(day)
    moment = midnight(day) + (start - midnight(start.date()))
    if length_.seconds or length_.days % 1:
        moment += sign * timedelta(days=length_.days % 1, seconds=length_.seconds)
    return moment
