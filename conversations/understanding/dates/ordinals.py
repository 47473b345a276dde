"""Readers of numbered days in words: Dec 5, 5th of Dec, the 27th, first Monday, 第一周, 最后一个星期一."""

from collections.abc import Iterator

from .fields import Atom, Fields, has_clock, has_date
from .numerals import number, ordinal
from .tokens import Tokens


def measured(tokens: Tokens, index: int) -> bool:
    """Whether a measure word stands there: 5件, 200 pcs."""
    token = tokens.at(index)
    return token.text in tokens.words.measures or tokens.rest(index).startswith(tokens.words.han_measures)


def month_name(tokens: Tokens, index: int, *, weak: bool) -> Iterator[Atom]:
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
    end = found[0] + (tokens.at(index).han and tokens.has(found[0], "zh_day"))
    yield Atom(end, {"month": month, "day": found[1]}, "month and day")


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
        or measured(tokens, end)
        or (tokens.glued(end) and following.text[:1].isascii() and following.text[:1].isalpha())
    )


_NO_NOUN = frozenset(
    (
        "instead",
        "please",
        "pls",
        "plz",
        "then",
        "now",
        "works",
        "work",
        "is",
        "was",
        "will",
        "would",
        "or",
        "and",
        "but",
        "if",
        "at",
        "latest",
        "because",
        "since",
        "cos",
        "as",
        "due",
        "for",
        "not",
        "actually",
        "though",
        "ok",
        "okay",
        "maybe",
        "rather",
        "so",
        "when",
        "while",
        "with",
        "only",
        "exactly",
        "sharp",
    )
)
"""What may follow the 9th without being what is counted."""


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
        if found is None or not 1 <= found[1] <= 31 or _decimals(tokens, start):
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


def _decimals(tokens: Tokens, index: int) -> bool:
    """Whether a number is what stands behind the point of another: the 5 of 6.5."""
    if index < 2 or tokens.at(index - 1).text != ".":
        return False
    return tokens.at(index - 2).num is not None and tokens.glued(index - 1) and tokens.glued(index)


def _thing(tokens: Tokens, index: int) -> bool:
    """Whether a noun follows: the second order, the 5th floor."""
    token = tokens.at(index)
    if token.line or not token.text[:1].isalpha() or not token.text.isascii():
        return False
    if token.text in _NO_NOUN:
        return False
    return not token.lex or bool(token.lex.keys() <= {"unit", "number", "ordinal"})


def _day_month(tokens: Tokens, at: int, day: int) -> Iterator[Atom]:
    """5 Dec, 16. Nov., 22 of Jan, the 9th day of May."""
    if not 1 <= day <= 31:
        return
    at += tokens.get(at, "unit") == "day"
    parted = tokens.at(at).text == ","
    if tokens.at(at).text in {".", "-", "/", ","} and tokens.glued(at):
        at += 1
    at += tokens.at(at).text == "of"
    month = tokens.get(at, "month")
    if month is None or (parted and 1 <= (tokens.at(at + 1).num or 0) <= 31):  # at 12, Dec 3: the month has its day
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
    if unit == "week" and 6 <= value <= 53:  # no month has so many: 第49周
        yield Atom(at + 1, {"weekno": value}, "week number")
    elif unit in {"week", "month", "weekend", "workday", "year"} or (unit == "day" and value > 0):
        yield Atom(at + 1, {"nth": value, "nunit": unit}, "nth of period", weak=True)
    if unit == "quarter":
        yield Atom(at + 1, {"quarter": value % 5} if value > 0 else {"nth": value, "nunit": unit}, "quarter")


def nth_atoms(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:  # noqa: ARG001
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
