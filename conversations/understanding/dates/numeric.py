"""Readers of dates in numbers: 12月5日, 5号, 2026-12-05, 12/5, 12.5, 1205, and of years."""

from collections.abc import Iterator

from .fields import Atom, Fields, has_clock, has_date
from .numerals import han_number
from .tokens import Token, Tokens

_SEPARATORS = frozenset({"-", "/", ".", "–"})


def numeric_atoms(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:
    """What the number at that token can begin."""
    token = tokens.at(index)
    if token.num is None:
        return
    following = tokens.at(index + 1)
    if "zh_month" in following.lex:
        yield from _han_month(tokens, index, token.num)
    elif "zh_day" in following.lex:
        yield from _han_day(tokens, index, token.num)
    elif "zh_year" in following.lex:
        yield from _han_year(tokens, index, token)
    if token.han or _stuck(tokens, index):
        return
    if len(token.text) == 8:
        yield from _made(index + 1, token.num // 10000, token.num // 100 % 100, token.num % 100, "compact date")
    if len(token.text) == 4 and 1990 <= token.num <= 2099:
        yield from _year_first(tokens, index, token.num)
        if has_date(have) or following.lex:
            yield Atom(index + 1, {"year": token.num}, "year", weak=True)
    elif len(token.text) <= 2:
        yield from _pairs(tokens, index, token)
        if _day_after_weekday(tokens, index, have) or _day_after_clock(tokens, index, have):
            yield Atom(index + 1, {"day": token.num}, "day of month", sure=False)
    if (
        len(token.text) == 4
        and _month_day(token.num // 100, token.num % 100)
        and _alone(tokens, index)
        and not has_date(have)
    ):
        yield Atom(index + 1, {"month": token.num // 100, "day": token.num % 100}, "bare number", weak=True, sure=False)


def _day_after_weekday(tokens: Tokens, index: int, have: Fields) -> bool:
    """Friday 23; but not Sat at 5, Monday 8 to 9."""
    token, following = tokens.at(index), tokens.at(index + 1)
    if (
        "wday" not in have
        or "day" in have
        or has_clock(have)
        or not 1 <= (token.num or 0) <= 31
        or not _alone(tokens, index)
    ):
        return False
    if (
        "zh_month" in following.lex
        or "zh_day" in following.lex
        or ("to" in following.lex and tokens.at(index + 2).num is not None)
    ):
        return False
    return (
        tokens.at(index - 1).text
        not in {"at", "for", "around", "@", "from", "between", "about", "by", "before", "until", "till", "til"}
        and "part" not in following.lex
    )


def _day_after_clock(tokens: Tokens, index: int, have: Fields) -> bool:
    """8pm on the 15."""
    asked = tokens.at(index - 1).text in {"on", "on the", "the"}
    return (
        asked
        and has_clock(have)
        and not has_date(have)
        and 1 <= (tokens.at(index).num or 0) <= 31
        and _alone(tokens, index)
    )


def _stuck(tokens: Tokens, index: int) -> bool:
    """A number that belongs to a word or code before it: VA-200, SO12, #1205, 3.1205, ¥35."""
    if not tokens.glued(index):
        return False
    before = tokens.at(index - 1)
    if before.text in {"-", "/", ".", ":", "_"}:
        if (
            before.text == "-"
            and tokens.at(index + 1).text in {"/", "."}
            and tokens.at(index - 3).text == tokens.at(index + 1).text
        ):
            return False
        if index >= 2 and tokens.glued(index - 1):
            prior = tokens.at(index - 2)
            return prior.num is not None or (
                prior.text.isascii()
                and prior.text.isalnum()
                and "month" not in prior.lex
                and "weekday" not in prior.lex
            )
        return before.text in {".", "_"}
    if before.lex or before.text in {"(", "（", ",", "，", "@"}:
        return False
    return before.text[-1:].isascii() and not before.text[-1:].isspace()


def _alone(tokens: Tokens, index: int) -> bool:
    """A number with no measure, letter, point or sign stuck to it behind."""
    following = tokens.at(index + 1)
    if following.text in tokens.words.measures and following.text.isascii():
        return False
    if not following.text.isascii() and tokens.rest(index + 1).startswith(tokens.words.han_measures):
        return False
    if not tokens.glued(index + 1):
        return True
    if following.text in {".", ":", "/", "-", "–", "%", "&"}:
        return not (tokens.at(index + 2).num is not None and tokens.glued(index + 2))
    return (
        not following.text[:1].isascii()
        or following.text in {",", ")", "?", "!", ";"}
        or (following.text[:1] in "?!;%" and following.text[:1] != "%")
    )


def _month_day(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= (29 if month == 2 else 30 if month in {4, 6, 9, 11} else 31)


def _made(end: int, year: int, month: int, day: int, rule: str) -> Iterator[Atom]:
    if 1990 <= year <= 2099 and _month_day(month, day):
        yield Atom(end, {"year": year, "month": month, "day": day}, rule)


def _han_month(tokens: Tokens, index: int, month: int) -> Iterator[Atom]:
    if not 1 <= month <= 12 or spoken_count(tokens, index):
        return
    at = index + 2
    yield Atom(at, {"month": month}, "month")
    if tokens.at(index + 1).text == "月份":
        return
    day = tokens.at(at)
    if day.num is None or not 1 <= day.num <= 31 or day.loose:
        return
    if tokens.has(at + 1, "zh_day"):
        yield Atom(at + 2, {"month": month, "day": day.num}, "month and day")
    elif (
        tokens.glued(at)
        and not tokens.has(at + 1, "clock")
        and tokens.at(at + 1).text not in {":", "："}
        and _alone(tokens, at)
        and not tokens.has(at + 1, "unit")
    ):
        yield Atom(at + 1, {"month": month, "day": day.num}, "month and day")


def _han_day(tokens: Tokens, index: int, day: int) -> Iterator[Atom]:
    if not 1 <= day <= 31 or tokens.at(index).loose or counts_days(tokens, index + 1):
        return
    if tokens.at(index + 1).text == "号" and (
        tokens.rest(index + 2).startswith(tokens.words.not_day)
        or tokens.at(index - 1).text in {"第", "#"}
        or _stuck(tokens, index)
    ):
        return
    yield Atom(index + 2, {"day": day}, "day of month")


def counts_days(tokens: Tokens, index: int) -> bool:
    """Whether 日 counts days: 五日内, 5日后, 迟两日, 两日; 5日前 is before the fifth."""
    if tokens.at(index).text != "日":
        return False
    return (
        tokens.at(index + 1).text in {"内", "之内", "以内", "后", "之后", "以后"}
        or spoken_count(tokens, index - 1)
        or tokens.has(index - 2, "by_days")
    )


def spoken_count(tokens: Tokens, index: int) -> bool:
    """Whether the number counts and never names: 两日, 仨月; the second is 二日, March 三月."""
    return tokens.at(index).text[:1] in {"两", "俩", "仨", "几", "数"}


def _han_year(tokens: Tokens, index: int, token: Token) -> Iterator[Atom]:
    year = token.num or 0
    if token.han:
        year = han_number(token.text) or 0
    four = 1990 <= year <= 2099
    if four:
        yield Atom(index + 2, {"year": year}, "year")
    elif (
        20 <= year <= 60
        and len(token.text) == 2
        and tokens.at(index + 2).num is not None
        and tokens.has(index + 3, "zh_month")
    ):
        yield Atom(index + 2, {"year": 2000 + year}, "year")


def _separator(tokens: Tokens, index: int, *, wide: bool = False) -> bool:
    if tokens.at(index).text not in _SEPARATORS or tokens.at(index + 1).line:
        return False
    return wide or (tokens.glued(index) and tokens.glued(index + 1))


def _year_first(tokens: Tokens, index: int, year: int) -> Iterator[Atom]:
    """2026-12-05, 2026/12, 2026 12 05, 2026-dec-5, 2026-W49."""
    yield from _week_of_year(tokens, index, year)
    separated = _separator(tokens, index + 1)
    at = index + 2 if separated else index + 1
    month = tokens.at(at)
    if separated and "month" in month.lex and _separator(tokens, at + 1):
        day = tokens.at(at + 2).num
        if day is not None:
            yield from _made(at + 3, year, month.lex["month"], day, "year first")
    week = tokens.at(at + 1).num
    if month.text == "w" and week is not None and 1 <= week <= 53 and tokens.glued(at + 1):
        yield Atom(at + 2, {"year": year, "weekno": week}, "week number")
    if month.num is None or len(month.text) > 2 or month.han:
        if (
            not separated
            and _separator(tokens, index + 1, wide=True)
            and tokens.at(index + 2).num is not None
            and 1 <= (tokens.at(index + 2).num or 0) <= 12
            and len(tokens.at(index + 2).text) == 2
        ):
            yield Atom(index + 3, {"year": year, "month": tokens.at(index + 2).num}, "year and month")
        return
    third = at + 2 if separated and _separator(tokens, at + 1) else at + 1
    day_token = tokens.at(third)
    same = (third == at + 2) == separated
    if same and day_token.num is not None and not day_token.han and len(day_token.text) <= 2 and not day_token.line:
        for atom in _made(third + 1, year, month.num, day_token.num, "year first"):
            atom.end += tokens.at(atom.end).text == "t" and tokens.glued(atom.end)
            yield atom
    spaced = not separated and tokens.at(index + 1).text in _SEPARATORS
    if spaced or (separated and 1 <= month.num <= 12 and _alone(tokens, at)):
        yield Atom(at + 1, {"year": year, "month": month.num}, "year and month")


def _week_of_year(tokens: Tokens, index: int, year: int) -> Iterator[Atom]:
    """2026-W49, 2026W49, 2026-W49-5: a week, or a day of it, as ISO 8601 writes them."""
    at = index + 1 + (tokens.at(index + 1).text == "-")
    week = tokens.at(at + 1).num
    if tokens.at(at).text != "w" or not tokens.glued(at + 1) or not 1 <= (week or 0) <= 53:
        return
    fields: Fields = {"year": year, "weekno": week}
    yield Atom(at + 2, fields, "week number")
    day = tokens.at(at + 3).num
    if tokens.at(at + 2).text == "-" and tokens.glued(at + 2) and tokens.glued(at + 3) and 1 <= (day or 0) <= 7:
        yield Atom(at + 4, {**fields, "wday": (day or 1) - 1}, "week number")


def _pairs(tokens: Tokens, index: int, token: Token) -> Iterator[Atom]:
    """12/5, 12-5, 12.5, 12/5/2026, 5.12.26, 11/2026."""
    first = token.num or 0
    if not _separator(tokens, index + 1):
        wide = tokens.at(index + 2)
        if (
            _separator(tokens, index + 1, wide=True)
            and len(wide.text) == 4
            and wide.num is not None
            and 1990 <= wide.num <= 2099
            and 1 <= first <= 12
            and tokens.at(index + 1).text != "."
        ):
            yield Atom(index + 3, {"month": first, "year": wide.num}, "month and year")
        return
    sign, second = tokens.at(index + 1).text, tokens.at(index + 2)
    if "month" in second.lex and _separator(tokens, index + 3):
        year = tokens.at(index + 4).num
        if year is not None and len(tokens.at(index + 4).text) in {2, 4}:
            yield from _made(index + 5, _full(year), second.lex["month"], first, "day first")
    if second.num is None or second.han:
        return
    if len(second.text) == 4 and 1990 <= second.num <= 2099 and 1 <= first <= 12:
        yield Atom(index + 3, {"month": first, "year": second.num}, "month and year")
    if len(second.text) > 2:
        return
    if _separator(tokens, index + 3) and tokens.at(index + 3).text == sign:
        yield from _triple(tokens, index, first, second.num, tokens.at(index + 4))
        return
    if token.text == "0" or not (_alone(tokens, index + 2) or _to_another(tokens, index + 3, sign)):
        return
    yield from _pair(tokens, index, sign, first, second.num)


def _to_another(tokens: Tokens, index: int, sign: str) -> bool:
    """12/5-12/8: the dash leads to another pair of the same form."""
    return tokens.at(index).text in {"-", "–"} and tokens.at(index + 2).text == sign


def _full(year: int) -> int:
    return year if year >= 100 else 2000 + year


def _triple(tokens: Tokens, index: int, first: int, second: int, third: Token) -> Iterator[Atom]:
    if third.num is None or third.han or len(third.text) not in {1, 2, 4}:
        return
    end = index + 5
    first_year = len(tokens.at(index).text) == len(third.text) == 2 and 20 <= first <= 60 and third.num < 20
    if first_year:  # 26-12-08: nobody writes of 2008
        yield from _made(end, 2000 + first, second, third.num, "year first")
    elif len(third.text) >= 2 and _alone(tokens, index + 4):
        year = _full(third.num)
        ordered = list(_made(end, year, first, second, "month first"))
        swapped = list(_made(end, year, second, first, "day first"))
        for atom in ordered or swapped:
            atom.sure = not (ordered and swapped and first != second) or tokens.chinese
            atom.other = swapped[0].fields if ordered and swapped and first != second else None
            yield atom
        if ordered or swapped:
            return
    if len(tokens.at(index).text) == 2 and 20 <= first <= 60:
        yield from _made(end, 2000 + first, second, third.num, "year first")


def _pair(tokens: Tokens, index: int, sign: str, first: int, second: int) -> Iterator[Atom]:
    straight, swapped = _month_day(first, second), _month_day(second, first)
    weak = sign != "/" or (first < second and second in {2, 3, 4, 8, 16, 32} and first < 4)
    both = straight and swapped and first != second and not tokens.chinese
    if straight:
        atom = Atom(
            index + 3,
            {"month": first, "day": second},
            "month and day in numbers",
            weak=weak,
            sure=not both and sign == "/",
        )
        atom.other = {"month": second, "day": first} if both else None
        yield atom
    elif swapped and not tokens.chinese:
        yield Atom(index + 3, {"month": second, "day": first}, "day and month in numbers", weak=weak, sure=sign == "/")
