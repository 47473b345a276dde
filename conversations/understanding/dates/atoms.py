"""Readers of days and periods in words: 下周三, next Friday, 12月5号, 5th of Dec, Q1, 月底, mid January."""

from collections.abc import Iterator

from .fields import Atom, Fields, has_clock, has_date
from .numerals import number, ordinal
from .tokens import Tokens

_PERIODS = {"week": "wrel", "month": "mrel", "quarter": "qrel", "year": "yrel", "fortnight": "frel"}
_VAGUE = frozenset({"the", "my", "that", "same"})


def word_atoms(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:
    """What a known word at that token can begin."""
    token = tokens.at(index)
    lex = token.lex
    if not lex:
        return
    doubtful = token.text in tokens.words.doubtful
    if "day" in lex:
        yield Atom(index + 1, {"drel": lex["day"]}, "relative day", weak=doubtful)
    if "day_part" in lex:
        offset, part = lex["day_part"]
        yield Atom(index + 1, {"drel": offset, "part": part}, "relative day")
    if "weekday" in lex:
        dotted = tokens.at(index + 1).text == "." and tokens.glued(index + 1) and not token.han
        yield Atom(index + 1 + dotted, {"wday": lex["weekday"]}, "weekday", weak=doubtful)
        second = tokens.at(index + 1)
        if (
            token.han
            and second.num == lex["weekday"] + 2
            and second.han
            and len(second.text) == 1
            and not _measured(tokens, index + 2)
            and not second.lex
            and not tokens.has(index + 2, "clock")
        ):
            yield Atom(index + 2, {"wday": lex["weekday"] + 1}, "weekday", sure=False)
    if "weekday_prefix" in lex:
        digit = tokens.at(index + 1)
        if (
            digit.num is not None
            and 1 <= digit.num <= 7
            and len(digit.text) == 1
            and tokens.glued(index + 1)
            and digit.text != "两"
            and not _measured(tokens, index + 2)
        ):
            yield Atom(index + 2, {"wday": digit.num - 1}, "weekday")
    if "year" in lex:
        yield Atom(index + 1, {"yrel": lex["year"]}, "relative year", weak=token.text == "the year")
    if "month" in lex:
        yield from _month_name(tokens, index, weak=doubtful)
    if "festival" in lex:
        yield Atom(index + 1, {"fest": lex["festival"]}, "festival")
    if "festival_doubtful" in lex and _beside_limit(tokens, index):
        yield Atom(index + 1, {"fest": lex["festival_doubtful"]}, "festival")
    if "some_festival" in lex and _beside_limit(tokens, index):
        yield Atom(index + 1, {"fest": ""}, "festival", sure=False)
    if "after_next" in lex:
        yield from _period(tokens, index + 1, lex["after_next"], 2, "period after next")
    if "abbreviation" in lex:
        unit = lex["abbreviation"][1]
        if unit in _PERIODS:
            yield Atom(index + 1, {_PERIODS[unit]: 0, "sect": "end"}, "end of period")
            yield Atom(index + 1, {"sect": "end"}, "end of period")
    if "quarter_word" in lex:
        yield Atom(index + 1, {"quarter": lex["quarter_word"]}, "quarter")
    if "half_word" in lex:
        yield Atom(index + 1, {"half": lex["half_word"]}, "half year", weak="year" not in have)
    if "half_of" in lex:
        section, unit = lex["half_of"]
        if _PERIODS[unit] in have or unit in have:
            yield Atom(index + 1, {"sect": section}, "half of period")
        else:
            yield Atom(index + 1, {_PERIODS[unit]: 0, "sect": section}, "half of period")
    if "rel" in lex:
        yield from _relative(tokens, index, int(lex["rel"]))
    if "coming" in lex and tokens.has(index + 1, "weekday"):
        yield Atom(index + 2, {"wday": tokens.get(index + 1, "weekday"), "coming": 1}, "coming weekday")
    if "section" in lex:
        yield from _section(tokens, index, have)
    if "unit" in lex:
        yield from _unit(tokens, index, have)
    if "nth_pre" in lex or "nth_last" in lex:
        yield from _nth(tokens, index)
    if "week_no" in lex and tokens.at(index + 1).num is not None and 1 <= (tokens.at(index + 1).num or 0) <= 53:
        yield Atom(index + 2, {"weekno": tokens.at(index + 1).num}, "week number")


def _measured(tokens: Tokens, index: int) -> bool:
    token = tokens.at(index)
    return token.text in tokens.words.measures or tokens.rest(index).startswith(tokens.words.han_measures)


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


def _relative(tokens: Tokens, index: int, offset: int) -> Iterator[Atom]:
    """下(个)周五, 这个月, next Friday, this week, next June, next Easter."""
    token = tokens.at(index)
    at = index + 1
    if token.han:
        at += tokens.has(at, "measure")
    elif tokens.at(at).text == "-":
        at += 1
    following = tokens.at(at)
    lex = following.lex
    vague = token.text in _VAGUE
    if "unit" in lex and not (following.han and lex["unit"] == "day"):
        weak = vague and (token.text == "the" or following.text in {"day", "days"})
        for atom in _period(tokens, at + 1, lex["unit"], offset, "relative period"):
            atom.weak = atom.weak or weak
            yield atom
    if "weekday" in lex:
        if vague:
            yield Atom(at + 1, {"wday": lex["weekday"]}, "weekday", weak=following.text in tokens.words.doubtful)
        else:
            yield Atom(at + 1, {"wday": lex["weekday"], "wrel": offset, "en": not token.han}, "relative weekday")
    if "weekday_prefix" in lex:
        for atom in word_atoms(tokens, at, {}):
            if "wday" in atom.fields:
                yield Atom(atom.end, {**atom.fields, "wrel": offset}, "relative weekday")
    if "month" in lex and not token.han and not vague:
        for atom in _month_name(tokens, at, weak=False):
            yield Atom(atom.end, {**atom.fields, "mdir": offset}, "relative month")
    if "festival" in lex and not vague:
        yield Atom(at + 1, {"fest": lex["festival"], "fdir": offset}, "festival")
    if offset == 1 and not token.han and (following.num is not None or "ordinal" in lex):
        for atom in [*number_atoms(tokens, at, {}), *ordinal_atoms(tokens, at, {})]:
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
        and "sect" in have
        and not token.han
        and not has_date({k: v for k, v in have.items() if k != "sect"})
    ):
        yield Atom(index + 1, {_PERIODS[unit]: 0}, "period")
    if token.text == "month" and tokens.at(index + 1).text == "end":
        yield Atom(index + 2, {"mrel": 0, "sect": "end"}, "section")


def _month_name(tokens: Tokens, index: int, *, weak: bool) -> Iterator[Atom]:
    """December, Dec 5, Dec. 5th, Dec/5, May twenty first."""
    month = tokens.get(index, "month")
    at = index + 1
    yield Atom(at, {"month": month}, "month", weak=weak)
    if tokens.at(at).text == "." and tokens.glued(at):
        at += 1
        yield Atom(at, {"month": month}, "month", weak=weak)
    if tokens.at(at).text in {"-", "/", ",", "."} and (tokens.at(at).text == "," or tokens.glued(at)):
        at += 1
    year = tokens.at(at)
    if year.num is not None and len(year.text) == 4 and 1990 <= year.num <= 2099 and at > index + 1:
        yield Atom(at + 1, {"month": month, "year": year.num}, "month and year")
    the = tokens.at(at).text == "the"
    at += the
    found = ordinal(tokens, at)
    plain = found is None
    if found is None:
        found = number(tokens, at)
    if found is None or not 1 <= found[1] <= 31 or tokens.at(at).line or (plain and _not_a_day(tokens, at, found[0])):
        return
    yield Atom(found[0], {"month": month, "day": found[1]}, "month and day")


def _not_a_day(tokens: Tokens, index: int, end: int) -> bool:
    """A number with a clock or a measure behind it."""
    following = tokens.at(end)
    if following.text in {":", "："} and tokens.glued(end):
        return True
    if tokens.has(end, "meridiem") and tokens.glued(end):
        return True
    if (
        following.text == "."
        and tokens.glued(end)
        and tokens.glued(end + 1)
        and len(tokens.at(end + 1).text) == 2
        and tokens.has(end + 2, "meridiem")
    ):
        return True
    if (
        following.text in {"-", "/"}
        and tokens.glued(end)
        and tokens.glued(end + 1)
        and tokens.at(end + 1).num is None
        and "month" not in tokens.at(end + 1).lex
        and tokens.at(end + 1).text.isalpha()
    ):
        return True
    return (
        (tokens.at(index).num is not None and len(tokens.at(index).text) > 2)
        or _measured(tokens, end)
        or (tokens.glued(end) and following.text[:1].isascii() and following.text[:1].isalpha())
    )


def ordinal_atoms(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:
    """The 5th, 5 Dec, 5th of December, first Monday, second week, 第一周 after its month."""
    the = tokens.at(index).text == "the"
    start = index + the
    found = ordinal(tokens, start)
    token = tokens.at(start)
    if found is None:
        if not the and token.num is None and "number" not in token.lex:
            return
        found = number(tokens, start)
        if found is None or not 1 <= found[1] <= 31:
            return
        yield from _day_month(tokens, found[0], found[1])
        bare = the and not tokens.glued(found[0]) and token.num is not None and not _not_a_day(tokens, start, found[0])
        named = the and "number" in token.lex and found[1] > 12
        if (bare or named) and not tokens.has(found[0], "unit") and not _thing(tokens, found[0]):
            yield Atom(found[0], {"day": found[1]}, "day of month", weak=False, sure=False)
        return
    at, value = found
    yield from _day_month(tokens, at, value)
    yield from _nth_of(tokens, at, value)
    if 1 <= value <= 31:
        digits = token.num is not None
        weak = _thing(tokens, at) or not (digits or the or has_date(have) or has_clock(have))
        if tokens.get(at, "unit") == "day":
            yield Atom(at + 1, {"day": value}, "day of month", weak=True)
        yield Atom(at, {"day": value}, "day of month", weak=weak)


def _thing(tokens: Tokens, index: int) -> bool:
    """Whether a noun follows: the second order, the 5th floor."""
    token = tokens.at(index)
    if token.line or not token.text[:1].isalpha() or not token.text.isascii():
        return False
    return not token.lex or bool(token.lex.keys() <= {"unit", "number", "ordinal"})


def _day_month(tokens: Tokens, at: int, day: int) -> Iterator[Atom]:
    """5 Dec, 16. Nov., 22 of Jan, the 9th day of May."""
    if not 1 <= day <= 31:
        return
    at += tokens.get(at, "unit") == "day"
    if tokens.at(at).text in {".", "-", "/", ","} and tokens.glued(at):
        at += 1
    at += tokens.at(at).text == "of"
    month = tokens.get(at, "month")
    if month is None:
        return
    following = tokens.at(at + 1)
    dotted = following.text == "." and tokens.glued(at + 1)
    yield Atom(at + 1 + dotted, {"month": month, "day": day}, "day and month")
    if dotted:
        yield Atom(at + 1, {"month": month, "day": day}, "day and month")


def _nth_of(tokens: Tokens, at: int, value: int) -> Iterator[Atom]:
    lex = tokens.at(at).lex
    if "weekday" in lex and value <= 5:
        yield Atom(at + 1, {"nth": value, "nunit": "weekday", "wday": lex["weekday"]}, "nth weekday")
    unit = lex.get("unit")
    if unit in {"week", "month", "weekend", "workday", "year"} or (unit == "day" and value > 0):
        yield Atom(at + 1, {"nth": value, "nunit": unit}, "nth of period", weak=True)
    if unit == "quarter":
        yield Atom(at + 1, {"quarter": value % 5} if value > 0 else {"nth": value, "nunit": unit}, "quarter")


def _nth(tokens: Tokens, index: int) -> Iterator[Atom]:
    """第一周, 第三个月, 最后一个星期一, last Monday (of April)."""
    lex = tokens.at(index).lex
    if "nth_last" in lex:
        at = index + 1 + tokens.has(index + 1, "measure")
        yield from _nth_of(tokens, at, -1)
        if tokens.get(at, "unit") == "day":
            yield Atom(at + 1, {"nth": -1, "nunit": "day"}, "nth of period", weak=True)
        return
    found = number(tokens, index + 1)
    if found is not None and tokens.at(index).text == "第":
        yield from _nth_of(tokens, found[0] + tokens.has(found[0], "measure"), found[1])


def number_atoms(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:
    """Dates that begin with a number; see numeric.py for those of numbers alone."""
    from .numeric import numeric_atoms

    yield from numeric_atoms(tokens, index, have)


__all__ = ["number_atoms", "ordinal_atoms", "word_atoms"]
