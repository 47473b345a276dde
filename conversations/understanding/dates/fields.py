"""What the words of one phrase say about a moment, as a bag of facts that words in any order add to.

year, month, day            as said; yrel, mrel: years and months from this one; mdir: next or last of that name
wday, wrel, wend, wwork     weekday (0 Monday), weeks from this one, the weekend, the working week
coming, en                  a weekday after today; said in English, where next Friday is ambiguous
drel, weekno, frel, work    days from today, the number of a week, fortnights from this one, working days from today
quarter, qrel, half         of a year
fest, fdir, fday            a festival's key; next or last of it; which day counted from it
nth, nunit                  which weekday, week, day or month of a longer period
sect, soft                  a section of a period; soft: of this period or, when that is past, the next
hour, min, sec, mer, exact  mer: 0 a.m., 1 p.m.; exact: the hour is as written
part, fixed, same, now      part of the day; noon, closing time; this time of day; this moment
abs, timed, by_week, by_day, len   a moment counted to, in hours or by which unit, and the length counted
num                         a bare number that a neighbour must explain
"""

from dataclasses import dataclass, field
from typing import Any

Fields = dict[str, Any]

_DATE = frozenset(
    {
        "year",
        "yrel",
        "month",
        "mrel",
        "day",
        "wday",
        "wrel",
        "drel",
        "quarter",
        "qrel",
        "half",
        "fest",
        "nth",
        "wend",
        "weekno",
        "frel",
        "coming",
        "abs",
        "work",
    }
)
TIME = frozenset({"hour", "min", "sec", "mer", "part", "fixed", "same", "now", "exact"})
_COARSE = frozenset(
    {
        "year",
        "yrel",
        "month",
        "mrel",
        "quarter",
        "qrel",
        "half",
        "wrel",
        "fest",
        "weekno",
        "frel",
        "wend",
        "nth",
        "day",
        "sect",
    }
)
_CLASH: dict[str, frozenset[str]] = {
    "drel": _COARSE,
    "fest": frozenset({"month", "mrel", "wrel", "quarter", "qrel", "half", "weekno", "nth", "day", "wend", "sect"}),
    "now": _DATE | TIME,
    "timed": _DATE | TIME,
    "abs": (_COARSE | {"drel", "coming"}),
    "month": frozenset({"mrel", "quarter", "qrel", "half", "drel", "weekno", "wrel"}),
    "mrel": frozenset({"month", "quarter", "qrel", "half", "year", "drel", "weekno"}),
    "quarter": frozenset({"qrel", "half", "month", "mrel", "day", "wday", "wrel"}),
    "qrel": frozenset({"quarter", "half", "year", "yrel", "month", "mrel", "day", "wday", "wrel"}),
    "half": frozenset({"quarter", "qrel", "month", "mrel", "day", "wday", "wrel"}),
    "year": frozenset({"yrel", "drel", "wrel"}),
    "yrel": frozenset({"year", "drel", "wrel"}),
    "weekno": frozenset({"day", "month", "wrel"}),
    "frel": _DATE,
    "work": _DATE,
    "wend": frozenset({"wday", "day", "month", "mrel", "drel"}),
    "day": frozenset({"sect", "nth", "wend", "drel"}),
    "wrel": frozenset({"month", "mrel", "drel", "year"}),
    "sect": frozenset({"day", "wday", "drel", "nth", "fest"}),
    "fixed": frozenset({"hour", "part", "same", "now"}),
    "same": frozenset({"hour", "part", "fixed", "now"}),
}


@dataclass(slots=True)
class Atom:
    """Words from some token up to `end` (an index of tokens) that add these fields.

    Attributes:
        weak: not to be taken for a date unless its surroundings say so.
        sure: False where the words are ambiguous.
        rule: the name of the rule that read them.
        other: another set of fields the same words may mean (5/6 the other way round).
    """

    end: int
    fields: Fields
    rule: str
    weak: bool = False
    sure: bool = True
    other: Fields | None = field(default=None)


def fits(have: Fields, more: Fields) -> bool:
    """Whether those facts can be said of one and the same moment."""
    if "midnight" in (have.get("fixed"), more.get("fixed")):  # tonight at midnight: both say when
        have, more = ({key: fact for key, fact in one.items() if key != "part"} for one in (have, more))
    for key in more:
        if key in have:
            return False
        clash = _CLASH.get(key)
        if clash and not clash.isdisjoint(have):
            if key == "month" and "day" in more and "wday" in have and (clash & have.keys()) <= {"wrel"}:
                continue  # next Friday (December 4): said twice
            if key == "wrel" and "wday" in have and not (clash & have.keys()) - {"month", "day", "year"}:
                continue
            return False
    if "hour" in more and ("month" in have or "mrel" in have) and not ({"day", "nth"} & have.keys()):
        return False
    twice = "month" in more and "day" in more and "wday" in have
    return all(key not in _CLASH or _CLASH[key].isdisjoint(more) or (twice and key == "wrel") for key in have)


def has_date(fields: Fields) -> bool:
    """Whether a day or period is named."""
    return not _DATE.isdisjoint(fields) or "sect" in fields


def has_time(fields: Fields) -> bool:
    """Whether something is said about the time of day."""
    return not TIME.isdisjoint(fields)


def has_clock(fields: Fields) -> bool:
    """Whether a clock time is said."""
    return "hour" in fields or "fixed" in fields or "same" in fields or "now" in fields
