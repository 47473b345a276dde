"""Readers of clock times and parts of the day: 4pm, 16:30, 下午四点半, half past seven, COB."""

from collections.abc import Iterator

from .fields import Atom, Fields, has_date, has_time
from .numerals import number
from .tokens import Tokens

_BEFORE_HOURS = frozenset({"at", "around", "about", "@", "for", "by", "until", "till", "til", "before", "from"})


def clock_atoms(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:
    """What can be read as time of day from that token on."""
    lex = tokens.at(index).lex
    if "part" in lex:
        yield from _part(tokens, index, have)
    if "fixed" in lex:
        yield Atom(index + 1, {"fixed": lex["fixed"]}, "closing", weak=lex["fixed"] == "open")
    if "same_time" in lex and has_date(have):
        yield Atom(index + 1, {"same": 1}, "same time")
    if "now" in lex:
        yield Atom(index + 1, {"now": 1}, "now", weak=lex["now"] == 1)
    if (
        "half" in lex
        or "number" in lex
        or "article" in lex
        or tokens.at(index).num is not None
        or tokens.at(index).text == "quarter"
    ):
        yield from _past(tokens, index, have)
    yield from _digits(tokens, index, have)


def _part(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:
    token = tokens.at(index)
    short = token.text in {"早", "晚", "晨", "夜"} or token.text in tokens.words.doubtful
    weak = short and not has_date(have) and tokens.at(index - 1).text not in {"in the", "in"}
    if token.text not in {"am", "pm"} or has_date(have):
        yield Atom(index + 1, {"part": token.lex["part"]}, "part", weak=weak)


def _past(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:
    """Half past seven, a quarter to eight, twenty minutes past five."""
    token = tokens.at(index)
    at = index + 1 if token.lex.get("article") == 1 else index
    minutes: int | None = None
    if tokens.at(at).text == "quarter":
        minutes, at = 15, at + 1
    elif tokens.at(at).text in {"half", "a half"}:
        minutes, at = 30, at + 1
    elif (found := number(tokens, at)) is not None and found[1] < 60:
        at, minutes = found
    if minutes is None:
        return
    hour = number(tokens, at)
    if minutes == 30 and token.text == "half" and hour is not None and 1 <= hour[1] <= 12:
        asked = _asked(tokens, index) or has_date(have)  # half 4 is half past four
        if asked and not _counts(tokens, hour[0]):
            yield from _with_meridiem(tokens, hour[0], hour[1], 30, rule="half past")
        return
    if tokens.get(at, "unit") == "minute":
        at += 1
    sign = tokens.get(at, "past_clock")
    if sign is None or at == index:
        return
    hour = number(tokens, at + 1)
    if hour is None or not 1 <= hour[1] <= 12:
        return
    total = (hour[1] % 12) * 60 + sign * minutes
    if tokens.at(at).text != "past" and minutes not in {15, 30} and tokens.get(at - 1, "unit") != "minute":
        return  # from 5 to 6pm is a range
    weak = False
    yield from _with_meridiem(tokens, hour[0], (total // 60) % 12 or 12, total % 60, weak=weak, rule="half past")


def _digits(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:
    yield from _in_four(tokens, index, have)
    found = number(tokens, index)
    if found is None or found[1] > 24 or tokens.at(index).loose:
        return
    at, hour = found
    token = tokens.at(index)
    after_letter = (
        tokens.glued(index)
        and tokens.at(index - 1).text.isalnum()
        and not tokens.at(index - 1).lex
        and not tokens.at(index - 1).han
    )
    if tokens.has(at, "clock") and not (tokens.at(at).text == "hrs" and not _asked(tokens, index)):
        yield from _han_clock(tokens, at, hour, have, han=token.han)
    elif token.num is not None and tokens.at(at).text in {":", "："} and tokens.glued(at):
        yield from _colon(tokens, at + 1, hour, padded=token.text.startswith("0"))
    elif token.num is not None and tokens.at(at).text == "." and tokens.glued(at) and tokens.glued(at + 1):
        minute = tokens.at(at + 1)
        if minute.num is not None and minute.num < 60 and len(minute.text) == 2:
            weak = not (has_date(have) and tokens.at(index - 1).text in {"at", "@"})
            for atom in _with_meridiem(tokens, at + 2, hour, minute.num, weak=weak):
                if "mer" in atom.fields or not weak:
                    yield atom
    elif hour <= 12 or tokens.has(at, "meridiem"):
        yield from _bare(tokens, index, at, hour, have, after_letter=after_letter)


def _bare(tokens: Tokens, index: int, at: int, hour: int, have: Fields, *, after_letter: bool) -> Iterator[Atom]:
    """4pm, 9 a.m., at seven, tonight 7, seven thirty."""
    sign = tokens.get(at, "meridiem")
    token = tokens.at(at)
    if sign is not None and 1 <= hour <= 12 and not after_letter and (tokens.glued(at) or token.text not in {"a", "p"}):
        yield Atom(at + 1, {"hour": hour, "min": 0, "mer": sign}, "clock")
        return
    if "hour" in have or not 1 <= hour <= 12 or after_letter:
        return
    joint = at + 1 if token.text == "-" and tokens.glued(at) else at
    minute = number(tokens, joint)
    previous = tokens.at(index - 1).text
    asked = _asked(tokens, index)
    if tokens.at(at).text == "ish" and (asked or tokens.glued(at)):
        yield Atom(at + 1, {"hour": hour, "min": 0}, "hour", sure=False, weak=not (asked or has_date(have)))
        return
    if minute is not None and 10 <= minute[1] < 60 and tokens.has(index, "number") and tokens.has(joint, "number"):
        yield from _with_meridiem(tokens, minute[0], hour, minute[1], weak=not (has_date(have) or asked), rule="words")
        return
    if tokens.at(at).text in {":", "/", "."} and tokens.glued(at) and tokens.at(at + 1).num is not None:
        return
    part_next = asked and tokens.has(at + (tokens.at(at).text in {"in the", "in"}), "part") and not has_date(have)
    part_next = part_next or (  # until 5 tomorrow
        asked and previous != "for" and not has_date(have) and bool({"day", "weekday"} & tokens.at(at).lex.keys())
    )
    if part_next or (has_date(have) and (asked or "part" in have) and not _counts(tokens, at)):
        yield Atom(at, {"hour": hour, "min": 0}, "hour", sure="part" in have or part_next, weak=part_next)


def _asked(tokens: Tokens, index: int) -> bool:
    """Whether the word before a number asks for a time of day."""
    previous = tokens.at(index - 1).text
    return previous in _BEFORE_HOURS or previous.startswith("at ")


def _in_four(tokens: Tokens, index: int, have: Fields) -> Iterator[Atom]:
    """1730 hrs, tomorrow 0930, by 1730 today: hours and minutes in one number."""
    token = tokens.at(index)
    value = token.num
    if value is None or len(token.text) != 4 or token.han or value >= 2400 or value % 100 > 59:
        return
    fields: Fields = {"hour": value // 100, "min": value % 100, "exact": 1}
    if tokens.at(index + 1).text in {"hrs", "hr", "hours"}:
        yield Atom(index + 2, fields, "clock")
        return
    day = "drel" in have or "wday" in have
    follows = _asked(tokens, index) and bool({"day", "weekday"} & tokens.at(index + 1).lex.keys())
    if value % 5 == 0 and (day or follows) and not _counts(tokens, index + 1) and tokens.at(index + 1).text != "-":
        yield Atom(index + 1, fields, "clock", weak=not day)


def _counts(tokens: Tokens, index: int) -> bool:
    """Whether a thing to count, or more of the number, stands there."""
    token = tokens.at(index)
    return (
        token.text in tokens.words.measures
        or token.lex.get("unit") is not None
        or tokens.rest(index).startswith(tokens.words.han_measures)
        or (tokens.glued(index) and token.text[:1].isalnum() and not token.lex)
    )


def _han_clock(tokens: Tokens, at: int, hour: int, have: Fields, *, han: bool) -> Iterator[Atom]:
    """四点, 8时15分, 4点半, 四点一刻, 九点钟; en: 4 o'clock."""
    word = tokens.at(at).text
    at += 1
    minute = 0
    said = True
    if tokens.has(at, "clock_quarter"):
        minute, at = tokens.get(at, "clock_quarter"), at + 1
    elif tokens.has(at, "half") and tokens.at(at).han:
        minute, at = 30, at + 1
    elif tokens.has(at, "clock_exact"):
        at += 1
    elif (
        (said_minute := tokens.at(at).num) is not None
        and tokens.glued(at)
        and said_minute < 60
        and (tokens.at(at + 1).text == "分" or not _counts(tokens, at + 1))
        and tokens.at(at).text != "两"
    ):
        minute = said_minute
        at += 2 if tokens.at(at + 1).text == "分" else 1
    else:
        said = word not in {"点", "时"}
    if tokens.at(at).num is not None and tokens.at(at + 1).text == "秒":
        at += 2
    vague = not said and (han or word == "时") and not (has_date(have) or has_time(have))
    weak = (vague and hour == 1) or (not said and word == "时" and vague) or (not said and _counts(tokens, at))
    if minute < 60:
        yield from _with_meridiem(tokens, at, hour, minute, weak=weak, sure=not vague)


def _colon(tokens: Tokens, at: int, hour: int, *, padded: bool) -> Iterator[Atom]:
    minute = tokens.at(at)
    if minute.num is None or minute.num > 59 or len(minute.text) != 2 or not tokens.glued(at):
        return
    at += 1
    second = None
    if (
        tokens.at(at).text in {":", "："}
        and tokens.glued(at)
        and len(tokens.at(at + 1).text) == 2
        and tokens.at(at + 1).num is not None
    ):
        second, at = tokens.at(at + 1).num, at + 2
        if second is None or second > 59:
            return
    for atom in _with_meridiem(tokens, at, hour, minute.num):
        if second is not None:
            atom.fields["sec"] = second
        if padded or second is not None:
            atom.fields["exact"] = 1
        yield atom


def _with_meridiem(
    tokens: Tokens, at: int, hour: int, minute: int, *, weak: bool = False, sure: bool = True, rule: str = "clock"
) -> Iterator[Atom]:
    if hour == 24 and minute:
        return
    if tokens.has(at, "clock") and not tokens.at(at).han:
        at += 1
    fields: Fields = {"hour": hour, "min": minute}
    sign = tokens.get(at, "meridiem")
    if sign is not None and 1 <= hour <= 12 and (tokens.glued(at) or tokens.at(at).text not in {"a", "p"}):
        yield Atom(at + 1, {**fields, "mer": sign}, rule)
        return
    yield Atom(at, fields, rule, weak=weak, sure=sure)
