"""From one phrase to another: 周一到周三, Nov 19-20, 3pm to 4pm tomorrow, between 4 and 22 this month."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .fields import TIME, Fields, has_clock, has_date
from .numerals import number, ordinal
from .periods import DAY, Frame, Period, midnight
from .phrases import Phrase, phrase
from .resolve import resolve
from .tokens import Tokens
from .values import Grain

_MONTHLY = ("month", "mrel", "year", "yrel")
_FIXED = frozenset({"year", "yrel", "mrel", "wrel", "drel"})


@dataclass(frozen=True, slots=True)
class Pair:
    """Two ends; `stop` is exclusive, `due` the day or moment of the second."""

    end: int
    start: datetime
    stop: datetime
    due: datetime
    clock: bool
    grain: Grain
    sure: bool
    weak: bool


def joined(tokens: Tokens, index: int, said: Phrase | None, at: Frame) -> Pair | None:
    """The range that begins at that token, if one does; `said` is the phrase there."""
    best: Pair | None = None
    opened = tokens.has(index, "from")
    first = None if opened else _side(tokens, index, {}, said)
    for found in (
        _pair(tokens, index + opened, at, {}, opened=opened, one=first) if opened or first else None,
        _led(tokens, said, at),
    ):
        if found is not None and (best is None or found.end > best.end):
            best = found
    return best


def _led(tokens: Tokens, said: Phrase | None, at: Frame) -> Pair | None:
    """A day or month and the range in it: Friday between 1 and 4pm, November between 19 and 20, Monday 3-8."""
    if said is None or not has_date(said.fields):
        return None
    start = said.end
    if "wday" in said.fields and "month" in said.fields and tokens.at(said.end - 2).text == "-":
        return _hours(tokens, said, at)
    if tokens.at(start).line:
        return None
    if tokens.at(start).text in {",", "，", "的", "at", "on"}:
        start += 1
    opened = tokens.has(start, "from")
    if has_clock(said.fields):
        return None
    return _pair(tokens, start + opened, at, said.fields, opened=True)


def _hours(tokens: Tokens, said: Phrase, at: Frame) -> Pair | None:
    """Monday 3-8 is hours, unless that day of the month is a Monday."""
    period = resolve(said.fields, at)
    if period is None or period.sure or "year" in said.fields:
        return None
    return _pair(
        tokens,
        said.end - 3,
        at,
        {key: said.fields[key] for key in said.fields if key in {"wday", "wrel", "en"}},
        opened=True,
    )


def _side(tokens: Tokens, index: int, context: Fields, said: Phrase | None) -> Phrase | None:
    """One end: a phrase, or a bare number that the other end explains."""
    the = tokens.at(index).text == "the"
    found = ordinal(tokens, index + the) or number(tokens, index + the)
    bare = None
    if found is not None and 1 <= found[1] <= 31:
        bare = Phrase(found[0], {"num": found[1]}, "number", weak=True, sure=True)
    if said is None:
        return bare
    numeric = said.rule in {"month and day in numbers", "day and month in numbers", "bare number"}
    if bare is not None and numeric and (said.weak or context) and tokens.has(bare.end, "to"):
        return bare
    return said


def _end_side(tokens: Tokens, index: int, at: Frame, context: Fields) -> Phrase | None:
    """The end that begins at that token, if it stands on the same line."""
    if tokens.at(index).line:
        return None
    return _side(tokens, index, context, phrase(tokens, index, at))


def _pair(
    tokens: Tokens, index: int, at: Frame, context: Fields, *, opened: bool, one: Phrase | None = None
) -> Pair | None:
    one = one or _end_side(tokens, index, at, context)
    if one is None:
        return None
    joint = one.end
    if tokens.at(joint).line or not (
        tokens.has(joint, "to")
        or (opened and tokens.has(joint, "and"))
        or (tokens.has(joint, "and") and tokens.at(joint).han)
    ):
        return None
    two = _end_side(tokens, joint + 1 + tokens.has(joint + 1, "lead"), at, context) or _end_side(
        tokens, joint + 1, at, context
    )
    if two is None:
        return None
    end = two.end
    between = tokens.has(end, "between_post")
    if tokens.has(joint, "and") and not tokens.has(joint, "to") and not (opened or between):
        return None
    if one.fields.keys() == {"num"} and two.fields.keys() == {"num"} and not context:
        behind = _context_behind(tokens, end, at, opened=opened)
        if behind is None:
            return None
        end, context = behind.end, behind.fields
    ends = _explain(one.fields, two.fields, context)
    if ends is None:
        return None
    made = _resolved(*ends, at)
    if made is None:
        return None
    first, last = made
    clock = first.clock or last.clock
    stop = last.start if last.clock else last.end
    if stop <= first.start:
        return None
    due = last.start if last.clock else midnight(last.last)
    grain: Grain = last.grain if last.grain != "part" else "part"
    sure = one.sure and two.sure and (first.sure or not first.clock)
    weak = one.weak and two.weak and not (context or opened or ("wday" in one.fields and "wday" in two.fields))
    return Pair(end + between, first.start, stop, due, clock and last.clock, grain, sure, weak)


def _context_behind(tokens: Tokens, index: int, at: Frame, *, opened: bool) -> Phrase | None:
    """4 to 22 this month, 3 till 12 of September: a month behind two numbers, or a day behind two hours."""
    start = index + (tokens.at(index).text in {"of", "in", "on"})
    if tokens.at(start).line:
        return None
    said = phrase(tokens, start, at, deep=False)
    if said is None or said.weak or has_clock(said.fields):
        return None
    daily = not {"wday", "drel", "day"}.isdisjoint(said.fields)
    return said if opened or not daily else None


def _explain(one: Fields, two: Fields, context: Fields) -> tuple[Fields, Fields] | None:
    """Both ends with what each takes from the other and from the words before."""
    one, two = dict(one), dict(two)
    monthly = (
        bool(context)
        and not ({"day", "wday", "drel", "abs", "fest"} & context.keys())
        and bool({"month", "mrel"} & context.keys())
    )
    for mine, other in ((one, two), (two, one)):
        if "num" in mine:
            value = mine.pop("num")
            if "hour" in other or (context and not monthly and value <= 24):
                if value > 24:
                    return None
                mine.update({"hour": value, "min": 0})
            elif "day" in other or monthly or "num" in other:
                mine["day"] = value
            else:
                return None
    if context:
        one, two = (_within(context, side, monthly=monthly) for side in (one, two))
        if "part" in one and "hour" not in one:
            one.pop("part")
    else:
        _share(one, two)
    _halves(one, two)
    return one, two


def _within(context: Fields, side: Fields, *, monthly: bool) -> Fields:
    if not has_date(side) or (monthly and "month" not in side):
        return {**context, **side}
    return {"wrel": context["wrel"], **side} if "wrel" in context and "wday" not in context else side


def _share(one: Fields, two: Fields) -> None:
    """3pm to 4pm tomorrow, 4 to 22 this month, Feb 1 to March 2027: what is said once at the end counts for both."""
    time_first = next(iter(two), "") in {"hour", "min", "mer", "fixed"}
    if not has_date(one) and has_date(two) and time_first:
        one.update(
            {key: value for key, value in two.items() if key not in {"hour", "min", "sec", "mer", "part", "exact"}}
        )
        if "part" in two and "part" not in one and "mer" not in one:
            one["part"] = two["part"]
    if one.keys() <= {"day", "wday"} and "day" in one and "day" in two:
        one.update({key: two[key] for key in _MONTHLY if key in two})
    elif "month" in one and "year" in two and not {"year", "yrel"} & one.keys():
        one["year"] = two["year"]


def _halves(one: Fields, two: Fields) -> None:
    """Forenoon or afternoon said of one end reaches the other: 2 to 4:30pm, 9am to 5, 11-4."""
    if "hour" not in one or "hour" not in two:
        return
    first, second = one["hour"] * 60 + one.get("min", 0), two["hour"] * 60 + two.get("min", 0)
    if one["hour"] > 12 or two["hour"] > 12 or "exact" in one or "exact" in two:
        return
    first, second = first % 720, second % 720
    if "mer" in two and "mer" not in one and "part" not in one:
        one["mer"] = two["mer"] if first < second else 1 - two["mer"]
    elif "mer" in one and "mer" not in two and "part" not in two:
        two["mer"] = one["mer"] if second > first else 1 - one["mer"]
    elif "part" in one and "part" not in two and "mer" not in two and not has_date(two):
        two["part"] = one["part"]


def _resolved(one: Fields, two: Fields, at: Frame) -> tuple[Period, Period] | None:
    first = resolve(one, at)
    if first is None:
        return None
    if has_date(two):
        first = _under_way(one, two, first, at)
        two = _inherit(one, two)
        last = resolve(two, _from_first(at, first, two))
        if last is not None and last.start < first.start and not (_FIXED & two.keys()) and not last.clock:
            last = resolve(two, Frame(first.start, at.days, at.zone))
        same_day = last is not None and last.last == first.last
    else:
        base = {key: value for key, value in one.items() if key not in TIME and key != "sec"}
        last = resolve({**(base or {"abs": midnight(first.start.date())}), **two}, at)
        same_day = True
    if last is None:
        return None
    return first, _after_first(first, last, two) if last.clock and same_day else last


def _after_first(first: Period, last: Period, two: Fields) -> Period:
    """An end at or before the beginning is meant half a day later where that was open, else on the next day."""
    half = timedelta(hours=12)
    open_half = "mer" not in two and two.get("hour", 13) <= 12
    if last.start <= first.start < last.start + half and open_half:
        return replace(last, start=last.start + half, end=last.end + half)
    if last.start <= first.start:
        return replace(last, start=last.start + DAY, end=last.end + DAY, last=last.last + DAY)
    return last


def _under_way(one: Fields, two: Fields, first: Period, at: Frame) -> Period:
    """From 10/1 to 11/7, said on 10/24, began this month and not next October."""
    if (
        not ("month" in one and "month" in two)
        or {"year", "yrel"} & (one.keys() | two.keys())
        or first.start.date() - at.today < timedelta(183)
    ):
        return first
    last = resolve(two, at)
    began = resolve({**one, "year": first.start.year - 1}, at)
    if last is None or began is None or last.start >= first.start:
        return first
    return began if at.has_come(began.start) and not at.has_come(last.end) else first


def _from_first(at: Frame, first: Period, two: Fields) -> Frame:
    """The second end is sought from the first on, but tomorrow and next week stay those of today."""
    if (_FIXED | {"qrel", "abs"}) & two.keys() or at.has_come(first.start):
        return at
    return Frame(first.start, at.days, at.zone)


def _inherit(one: Fields, two: Fields) -> Fields:
    """12月5日到8日: the second day is of the first one's month unless it says its own."""
    if "day" in two and not ({"month", "mrel"} & two.keys()):
        taken = {key: one[key] for key in _MONTHLY if key in one}
        if "day" in one and taken and two["day"] <= one["day"]:
            return two
        return {**taken, **two}
    if "month" in two and not ({"year", "yrel"} & two.keys()):
        year: Fields = {key: one[key] for key in ("year", "yrel") if key in one}
        if year and ("month" not in one or two["month"] >= one["month"]):
            return {**two, **year}
    return two
