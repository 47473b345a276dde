"""Readers of days and periods in words: 明天, 下周三, next Friday, Q1, 月底, mid January, festivals."""

from collections.abc import Callable, Iterator

from .fields import Atom, Fields, has_date
from .numeric import numeric_atoms
from .ordinals import measured, month_name, nth_atoms, ordinal_atoms
from .tokens import Tokens

_PERIODS = {"week": "wrel", "month": "mrel", "quarter": "qrel", "year": "yrel", "fortnight": "frel"}
_VAGUE = frozenset({"the", "my", "that", "same"})


def word_atoms(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:
    """What a known word at that token can begin."""
    for category in tokens.at(index).lex:
        reader = _READERS.get(category)
        if reader is not None:
            yield from reader(tokens, index, have)


def _doubtful(tokens: Tokens, index: int) -> bool:
    return tokens.at(index).text in tokens.words.doubtful


def _day(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:  # noqa: ARG001
    yield Atom(index + 1, {"drel": tokens.get(index, "day")}, "relative day", weak=_doubtful(tokens, index))


def _day_part(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:  # noqa: ARG001
    offset, part = tokens.get(index, "day_part")
    yield Atom(index + 1, {"drel": offset, "part": part}, "relative day")


def _weekday(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:  # noqa: ARG001
    """周五, Fri., and 周三四 (Wednesday or Thursday)."""
    if tokens.at(index + 1).text == "after" and tokens.at(index + 2).text == "next":
        yield Atom(
            index + 3, {"wday": tokens.get(index, "weekday"), "wrel": 2, "en": True}, "relative weekday", sure=False
        )
        return
    token, second = tokens.at(index), tokens.at(index + 1)
    weekday = token.lex["weekday"]
    dotted = second.text == "." and tokens.glued(index + 1) and not token.han
    yield Atom(index + 1 + dotted, {"wday": weekday}, "weekday", weak=_doubtful(tokens, index))
    follows = token.han and second.han and len(second.text) == 1 and second.num == weekday + 2 and not second.lex
    if follows and not measured(tokens, index + 2) and not tokens.has(index + 2, "clock"):
        yield Atom(index + 2, {"wday": weekday + 1}, "weekday", sure=False)


def _weekday_digit(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:  # noqa: ARG001
    """星期5, 周5."""
    digit = tokens.at(index + 1)
    one = digit.num is not None and 1 <= digit.num <= 7 and len(digit.text) == 1 and digit.text != "两"
    if one and tokens.glued(index + 1) and not measured(tokens, index + 2):
        yield Atom(index + 2, {"wday": (digit.num or 1) - 1}, "weekday")


def _year(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:  # noqa: ARG001
    token = tokens.at(index)
    yield Atom(index + 1, {"yrel": token.lex["year"]}, "relative year", weak=token.text == "the year")


def _month(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:  # noqa: ARG001
    yield from month_name(tokens, index, weak=_doubtful(tokens, index))


def _festival(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:  # noqa: ARG001
    """春节; 节 and words that mean something else too only beside 前, 后, before, after."""
    lex = tokens.at(index).lex
    if "festival" in lex:
        holiday = tokens.at(index + 1).text in {"放假", "假期", "长假"}  # 春节放假前
        yield Atom(index + 1 + holiday, {"fest": lex["festival"]}, "festival")
    elif _beside_limit(tokens, index):
        yield Atom(index + 1, {"fest": lex.get("festival_doubtful", "")}, "festival", sure="some_festival" not in lex)


def _lunar(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:  # noqa: ARG001
    """正月初八, 年后初六, 腊月二十, 冬月底: a day counted from the first of a month of the Chinese calendar."""
    first = tokens.get(index, "lunar_first")
    month = tokens.at(index).text.endswith("月")
    if month and first == "spring_festival":
        yield from _lunar_section(tokens, index + 1, first, "lunar_2")
    elif month:
        yield from _lunar_section(tokens, index + 1, first, "lunar_12" if first == "lunar_11" else "spring_festival")
    yield from _lunar_day(tokens, index + 1, first, begun_only=not month)


def _lunar_day(tokens: Tokens, at: int, first: str, *, begun_only: bool = False) -> Iterator[Atom]:
    begun = tokens.at(at).text == "初"
    day = tokens.at(at + begun)
    if day.num is None or not 1 <= day.num <= 30 or (begun_only and not begun) or measured(tokens, at + begun + 1):
        return
    end = at + begun + 1
    yield Atom(end + tokens.has(end, "zh_day"), {"fest": first, "fday": day.num}, "lunar day")


def _lunar_section(tokens: Tokens, at: int, first: str, following: str) -> Iterator[Atom]:
    """腊月底, 腊月里: the tenth, the twentieth, or the day before the month that follows."""
    section = tokens.get(at, "section")
    if section in {"start", "mid"}:
        yield Atom(at + 1, {"fest": first, "fday": 10 if section == "start" else 20}, "lunar day", sure=False)
    elif section == "end":
        yield Atom(at + 1, {"fest": following, "fday": 0}, "lunar day")


def _lunar_month(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:
    """农历八月初三, 阴历十一月十五, 农历腊月二十."""
    if "lunar_first" in tokens.at(index + 1).lex:
        yield from _lunar(tokens, index + 1, have)
    month = tokens.at(index + 1).num
    if month is not None and 1 <= month <= 12 and tokens.at(index + 2).text == "月":
        yield from _lunar_section(tokens, index + 3, f"lunar_{month}", f"lunar_{month % 12 + 1}")
        yield from _lunar_day(tokens, index + 3, f"lunar_{month}")


def _after_next(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:  # noqa: ARG001
    yield from _period(tokens, index + 1, tokens.get(index, "after_next"), 2, "period after next")


def _abbreviation(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:  # noqa: ARG001
    """EOM, year end; EOM December."""
    unit = tokens.get(index, "abbreviation")[1]
    if unit in _PERIODS:
        yield Atom(index + 1, {_PERIODS[unit]: 0, "sect": "end"}, "end of period")
        yield Atom(index + 1, {"sect": "end"}, "end of period")


def _quarter(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:  # noqa: ARG001
    yield Atom(index + 1, {"quarter": tokens.get(index, "quarter_word")}, "quarter")


def _half_year(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:
    yield Atom(index + 1, {"half": tokens.get(index, "half_word")}, "half year", weak="year" not in have)


def _half_of(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:
    section, unit = tokens.get(index, "half_of")
    named: Fields = {} if _PERIODS[unit] in have or unit in have else {_PERIODS[unit]: 0}
    yield Atom(index + 1, {**named, "sect": section}, "half of period")


def _coming(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:  # noqa: ARG001
    if tokens.has(index + 1, "weekday"):
        yield Atom(index + 2, {"wday": tokens.get(index + 1, "weekday"), "coming": 1}, "coming weekday")


def _week_number(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:  # noqa: ARG001
    """Week 49; W49 in one piece."""
    number = tokens.at(index + 1)
    if tokens.at(index).text == "w" and (not tokens.glued(index + 1) or measured(tokens, index + 2)):
        return
    if 1 <= (number.num or 0) <= 53:
        yield Atom(index + 2, {"weekno": number.num}, "week number")


def _beside_limit(tokens: Tokens, index: int) -> bool:
    after, before = tokens.at(index + 1).lex, tokens.at(index - 1).lex
    return (
        "before_post" in after
        or "after_post" in after
        or "within_post" in after
        or "before_pre" in before
        or "after_pre" in before
    )


def _period(tokens: Tokens, end: int, unit: str, offset: int, rule: str) -> Iterator[Atom]:
    if unit in _PERIODS:
        yield Atom(end, {_PERIODS[unit]: offset}, rule)
    elif unit == "weekend":
        yield Atom(end, {"wrel": offset, "wend": 1}, rule)
    elif unit == "workweek":
        yield Atom(end, {"wrel": offset, "wwork": 1}, rule)
    elif unit == "day":
        yield Atom(end, {"drel": offset}, rule, weak=tokens.at(end - 1).han)
    elif unit == "workday" and offset > 0:
        yield Atom(end, {"work": offset}, rule)


def _relative(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:  # noqa: ARG001
    """下(个)周五, 这个月, next Friday, this week, next June, next Easter."""
    token = tokens.at(index)
    offset = int(token.lex["rel"])
    at = index + 1
    if token.han:
        at += tokens.has(at, "measure")
    elif tokens.at(at).text == "-":
        at += 1
    following = tokens.at(at)
    if "unit" in following.lex and not (following.han and following.lex["unit"] == "day"):
        weak = token.text == "the" or (token.text in _VAGUE and following.text in {"day", "days"})
        for atom in _period(tokens, at + 1, following.lex["unit"], offset, "relative period"):
            atom.weak = atom.weak or weak
            yield atom
    if token.text in _VAGUE:
        if tokens.at(at + 1).text == "after" and tokens.at(at + 2).text == "next" and "weekday" in following.lex:
            yield from _weekday(tokens, at, {})
        elif "weekday" in following.lex:
            yield Atom(at + 1, {"wday": following.lex["weekday"]}, "weekday", weak=_doubtful(tokens, at))
        return
    yield from _relative_day(tokens, at, offset, han=token.han)


def _relative_day(tokens: Tokens, at: int, offset: int, *, han: bool) -> Iterator[Atom]:
    """The weekday, month, festival or date behind next or 下."""
    lex = tokens.at(at).lex
    if "weekday" in lex:
        yield Atom(at + 1, {"wday": lex["weekday"], "wrel": offset, "en": not han}, "relative weekday")
        for atom in [*_weekday(tokens, at, {})][1:] if han else ():
            yield Atom(atom.end, {**atom.fields, "wrel": offset}, "relative weekday", sure=False)
    elif "weekday_prefix" in lex:
        for atom in _weekday_digit(tokens, at, {}):
            yield Atom(atom.end, {**atom.fields, "wrel": offset}, "relative weekday")
    if "month" in lex and not han:
        for atom in month_name(tokens, at, weak=False):
            yield Atom(atom.end, {**atom.fields, "mdir": offset}, "relative month")
    if "festival" in lex:
        yield Atom(at + 1, {"fest": lex["festival"], "fdir": offset}, "festival")
    if offset == 1 and not han and (tokens.at(at).num is not None or "ordinal" in lex):
        for atom in [*numeric_atoms(tokens, at, {}), *ordinal_atoms(tokens, at, {})]:
            if "month" in atom.fields:
                yield atom


def _section(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:
    """月底 after its month; mid, early, end of before theirs; 下旬 alone."""
    token = tokens.at(index)
    section = token.lex["section"]
    if token.han:
        if tokens.glued(index) and (
            "month" in have
            or "mrel" in have
            or "qrel" in have
            or "quarter" in have
            or "year" in have
            or "yrel" in have
            or "wrel" in have
        ):
            yield Atom(index + 1, {"sect": section}, "section")
        elif token.text in {"上旬", "中旬", "下旬"}:
            yield Atom(index + 1, {"mrel": 0, "sect": section, "soft": 1}, "section")
    else:
        yield Atom(index + 1, {"sect": section}, "section", weak=True)
        named = index + 1 + tokens.has(index + 1, "rel")
        if section == "end" and ("day" in tokens.at(named).lex or "weekday" in tokens.at(named).lex):
            yield Atom(index + 1, {"fixed": "cob"}, "closing")


def _unit(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:
    """月底, 季度末, 周末; month in "end of month"."""
    token = tokens.at(index)
    unit = token.lex["unit"]
    follows = tokens.get(index + 1, "section")
    if (
        token.han
        and unit in _PERIODS
        and follows is not None
        and tokens.glued(index + 1)
        and tokens.at(index - 1).num is None
    ):
        if _PERIODS[unit] in have or (unit == "year" and "year" in have):
            yield Atom(index + 2, {"sect": follows}, "section")
        yield Atom(index + 2, {_PERIODS[unit]: 0, "sect": follows, "soft": 1}, "section")
    if (
        token.han
        and unit in _PERIODS
        and not {"rel", "measure", "half"} & tokens.at(index - 1).lex.keys()
        and tokens.at(index - 1).num is None
        and tokens.at(index + 1).text in {"内", "之内", "以内"}
    ):
        yield Atom(index + 1, {_PERIODS[unit]: 0}, "period")
    if unit == "weekend" and "wday" not in have:
        yield Atom(index + 1, {"wend": 1}, "weekend")
    if (
        unit in _PERIODS
        and ("sect" in have or ("nth" in have and tokens.at(index - 1).text == "of"))
        and not token.han
        and not has_date({k: v for k, v in have.items() if k not in {"sect", "nth", "nunit", "wday"}})
    ):
        yield Atom(index + 1, {_PERIODS[unit]: 0}, "period")
    if token.text == "month" and tokens.at(index + 1).text == "end":
        yield Atom(index + 2, {"mrel": 0, "sect": "end"}, "section")


_READERS: dict[str, Callable[[Tokens, int, Fields], Iterator[Atom]]] = {
    "day": _day,
    "day_part": _day_part,
    "weekday": _weekday,
    "weekday_prefix": _weekday_digit,
    "year": _year,
    "month": _month,
    "festival": _festival,
    "festival_doubtful": _festival,
    "some_festival": _festival,
    "lunar_first": _lunar,
    "lunar_pre": _lunar_month,
    "after_next": _after_next,
    "abbreviation": _abbreviation,
    "quarter_word": _quarter,
    "half_word": _half_year,
    "half_of": _half_of,
    "rel": _relative,
    "coming": _coming,
    "section": _section,
    "unit": _unit,
    "nth_pre": nth_atoms,
    "nth_last": nth_atoms,
    "week_no": _week_number,
}
