"""Everything readable in a text, with overlaps resolved: the surest and longest reading of each piece wins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from .dates import DateReading, WorkingDays, read_dates
from .lexicon import is_han
from .naming import Names
from .numbers import read_discounts, read_money, read_numbers, read_quantities, scan
from .patterns import Read, read_references, whole_orders
from .recall import TAKEN
from .shapes import Shapes, shape

_MORE = re.compile(
    r"\b(\d+|a|one|two|three|four|five|a few|an?|(?:a )?couple(?: of)?) (?:more|extra|additional|further)"
    r" (hours?|days?|weeks?|working days?)\b"
    r"|\b(?:another|extra|additional|further) (\d+|two|three|four|five|couple(?: of)?)? ?"
    r"(hours?|days?|weeks?|working days?)\b"
)
_NOT_UNITS = frozenset(
    {
        "转给",
        "转交",
        "转到",
        "尺寸",
        "包装",
        "批准",
        "箱单",
        "单价",
        "条件",
        "个别",
        "台账",
        "件数",
        "打回",
        "打包",
        "打勾",
        "打钩",
        "打完",
        "打电",
        "打样",
        "打折",
        "打好",
        "打木",
        "打印",
        "个备",
        "对账",
        "对帐",
        "对方",
        "对面",
        "对不",
        "条备",
        "条说",
        "条注",
        "条信",
        "条消",
        "句话",
        "句备",
        "单子",
        "张单",
    }
)
_PADDED = re.compile(r"(?<![\w.,:/-])0\d{2,5}(?![\w.:/-])", re.ASCII)  # 0022 is an order's number wherever it stands
_SOME = frozenset({"一批", "一单", "一下", "一点", "一些", "一个"})
_YEAR = re.compile(r"(?:in|since|before|after|until) (?:19|20)\d\d$")
_NUMBERED_ELSEWHERE = re.compile(
    r"(?:\b(?:flight|room|gate|page|table|bus|tram|channel|chapter|platform|floor|level|route|exit|version|episode|season"
    r"|seat|verse|windows|iphone|psalm|studio|hall|lane|line) (?:no\.? )?|航班|房间|包厢|座位|车次|第)$"
)
_STREETS, _HOUSE = "路街道巷弄村", re.compile(r"\d{1,3}号")
_HAILS = frozenset({"morning", "afternoon", "evening", "早上", "下午", "晚上"})
_FEW = frozenset({"几天", "多少天", "几个小时", "几日", "几周"})
_ASKED_FOR = "等要得有剩需"  # how many days, not a few: 还要等几天
_VEHICLES = (" truck", " lorry", " van", " container", " machine")
_DIGITS = re.compile(r"(?<![\w.:/-])\d{1,8}(?![\w.:/-])", re.ASCII)
_BY_HOUR = re.compile(
    r"(?<!up )(?<!down )(?<!more )(?<!less )(?<!late )(?<!short )(?<!over )(?<!price )"
    r"\b(?:done|out|ready|finished?|completed?|sorted|there|gone|shipped|packed|off|it|that|this|back|latest|not|you|me"
    r"|us)"
    r" (?:by|until|till|before) (1[0-2]|[1-9])"
    r"(?=\s*(?:[,.;!]|$|(?:ish|pls|please|latest|sharp|at the latest|today)\b))"
)
_WORKDAY = 7  # up to this hour a bare number is one of the afternoon
_NOW = frozenset(
    [
        "now",
        "现在",
        "目前",
        "眼下",
        "此刻",
        "尽快",
        "尽早",
        "马上",
        "立刻",
        "立即",
        "最近",
        "即刻",
        "asap",
        "immediately",
        "currently",
    ]
)
_NEW_ORDER = re.compile(r"orders?:\s*\d|(?<=to )orders?\s\d|(?<=an )orders?\s\d")
_NOT_BEFORE = re.compile(
    r"(?:won'?t|not|can'?t|cannot|never|isn'?t|wouldn'?t)\b[^,.;!?\n]{0,30}?\b(?:before|until|till)\s+"
)
_DIGIT, _LATIN = re.compile(r"\d"), re.compile(r"[a-z]{3}")
_COUNT = re.compile(
    r"[0-9零〇一二两三四五六七八九十百千万亿半俩仨廿卅几数壹贰叁肆伍陆柒捌玖拾打双对½¼¾⅓⅔⅛]|[a-z]{3}|(?<![a-z])an?(?![a-z])"
)
_TIMELESS = re.compile(r"[^\u4e00-\u9fff0-9a-z]*")
_ONE_ORDER = re.compile(r"(?:one|1)\s+(?:new\s+)?order\b|一(?:张|个)?新?单")
_TO = re.compile(
    r"\d{1,6} (?:up |out |back |forward |over )?to (?=[a-z])|0\d{2,5} to "
    r"|(?:(?<=for )|(?<=on ))\d{1,6} (?:to|till|until) |(?:(?<=of )|(?<=order ))\d{1,6} to "
)
_DATE_KINDS = {"day": "date", "moment": "date", "time": "time", "range": "range", "duration": "duration"}


class EntityReader:
    """Reads what stands in texts, for one company.

    Most messages are of a few shapes that differ by an order's number («where is SO-…»), a customer's name and a count
    only: these, and codes of products, are taken out first, and what the rest holds besides dates is remembered for
    the next message of that shape (see shapes).

    Args:
        names: of the company.
        units: in which its products are counted.
        pattern: its order number template.
    """

    def __init__(self, names: Names, units: Sequence[str] = (), pattern: str = "SO-{yy}{mm}-{seq:04}") -> None:
        self._names, self._units, self._pattern = names, units, pattern
        self._shapes = Shapes()

    def read(self, text: str, *, now: datetime, days: WorkingDays | None = None) -> list[Read]:
        """What stands in a normalised, lower-case text, in order and without overlap."""
        return self.read_dated(text, now=now, days=days)[0]

    def read_dated(
        self, text: str, *, now: datetime, days: WorkingDays | None = None
    ) -> tuple[list[Read], str, list[Read]]:
        """Likewise; beside it the text in which dates were sought, "" if there are none, and the dates found there."""
        whole: list[Read] = list(whole_orders(text, self._pattern))
        rest = _taken(text, whole)
        codes = list(self._names.codes(rest))
        rest, whole = _taken(rest, codes), whole + codes
        exact = self._names.exact(rest)
        form = shape(rest, self._names.standing(rest, exact), self._names.numbered)
        known = self._shapes.find(form, rest)
        if known is None:
            timeless = [one for one in self._timeless(text, rest, exact) if not _spurious(one, text)]
            dates = [] if _TIMELESS.fullmatch(rest) else self.dates(form.key, now, days)
            self._shapes.keep(form, rest, timeless, dated=bool(dates))
        else:
            timeless, dated = known
            timeless += form.names
            dates = self.dates(form.key, now, days) if dated else []
        timeless = _without_counts(timeless, [*codes, *exact], text)
        return resolve([*whole, *timeless, *dates], len(text)), form.key if dates else "", dates

    def _timeless(self, text: str, rest: str, exact: Sequence[Read]) -> Iterator[Read]:
        """Every candidate that does not depend on when it is read; `exact` are the names as they stand."""
        yield from read_references(text if _DIGIT.search(rest) else rest, self._pattern)
        yield from exact
        yield from self._names.near(rest)
        if not _COUNT.search(rest):
            return
        numerals = scan(rest)
        money = read_money(rest, numerals)
        yield from (Read("money", *one.span, one, 66, one.rule) for one in money)
        yield from (
            Read("quantity", *one.span, one, 60, one.rule, one.sure)
            for one in read_quantities(rest, self._units, numerals, money)
        )
        yield from (Read("discount", *one.span, one, 64, one.rule) for one in read_discounts(rest, numerals))
        yield from (Read("number", *one.span, one.value, 10, one.rule) for one in read_numbers(rest, numerals))
        yield from (Read("number", *hit.span(), Decimal(hit[0]), 5, "digits") for hit in _DIGITS.finditer(rest))
        yield from (Read("order", *hit.span(), (hit[0],), 52, "digits") for hit in _PADDED.finditer(rest))

    def dates(self, text: str, now: datetime, days: WorkingDays | None) -> list[Read]:
        """Every candidate that depends on when a text is read."""
        dates = [_dated(reading, text) for reading in read_dates(text, now=now, days=days)]
        dates += _after_order(dates, text, now, days)
        if _LATIN.search(text):
            dates += _hours(text, now, days)
            dates += _more(text, now, days)
            dates += _not_before(text, now, days)
        return [one for one in dates if not _spurious(one, text)]


def _without_counts(found: list[Read], names: Sequence[Read], text: str) -> list[Read]:
    """Without orders that count a product: of «order 300 VA-200» the 300."""
    if not any(one.rule == "before" for one in found):
        return found
    starts = {name.start for name in names if name.kind == "product"}
    return [
        one
        for one in found
        if one.rule != "before" or one.kind != "order" or one.end + 1 not in starts or text[one.end] != " "
    ]  # fmt: skip


def _taken(text: str, found: Sequence[Read]) -> str:
    """The text with what was found taken out, its length kept."""
    for one in found:
        text = text[: one.start] + TAKEN * (one.end - one.start) + text[one.end :]
    return text


def _after_order(dates: Sequence[Read], text: str, now: datetime, days: WorkingDays | None) -> Iterable[Read]:
    """Postpone 12 to Dec 3: no range that begins on the 12th, unless "from" says so."""
    for one in dates:
        hit = _TO.match(text, one.start, one.end)
        if one.kind == "range" and hit and not text[: one.start].rstrip().endswith(("from", "between")):
            for reading in read_dates(text[hit.end() : one.end], now=now, days=days)[:1]:
                yield replace(_dated(reading, text), start=hit.end(), end=one.end, rank=99)


def _hours(text: str, now: datetime, days: WorkingDays | None) -> Iterable[Read]:
    """Out by 3, not until 4: a bare hour behind a word for a limit, at the end of what is said."""
    for hit in _BY_HOUR.finditer(text):
        hour = int(hit[1])
        spans = (hour % 12 + 12, hour % 12) if hour % 12 < _WORKDAY else (hour % 12, hour % 12 + 12)
        later = next((one for one in spans if one > now.hour), spans[0])
        for reading in read_dates(f"{later}:00", now=now, days=days)[:1]:
            yield replace(_dated(reading, f"{later}:00"), start=hit.start(1), end=hit.end(1), rank=57, sure=False)


def _more(text: str, now: datetime, days: WorkingDays | None) -> Iterable[Read]:
    """Two more days: a length of time with "more" or "another" inside."""
    for hit in _MORE.finditer(text):
        for reading in read_dates(f"in {_number(hit[1] or hit[3])} {hit[2] or hit[4]}", now=now, days=days)[:1]:
            yield replace(_dated(reading, text), kind="duration", start=hit.start(), end=hit.end(), rank=75)


def _number(said: str | None) -> str:
    """A couple of are two; nothing said before the unit is one."""
    return "two" if said and "couple" in said else said or "one"


def _not_before(text: str, now: datetime, days: WorkingDays | None) -> Iterable[Read]:
    """Not ready before Thursday is ready on Thursday."""
    for hit in _NOT_BEFORE.finditer(text):
        rest = text[hit.end() : hit.end() + 40]
        for reading in read_dates(rest, now=now, days=days)[:1]:
            if reading.span[0] == 0:
                start, end = reading.span
                yield replace(_dated(reading, rest), start=hit.end() + start, end=hit.end() + end, rank=95)


def _spurious(one: Read, text: str) -> bool:
    """Han that only looks like a number: 放一放; a verb that only looks like a unit: 12转给老周."""
    before, after = text[one.start - 1 : one.start], text[one.end : one.end + 1]
    if one.kind == "number" and (
        text[one.start : one.end] == "一" or (before == after and before.isalpha() and is_han(before))
    ):
        return True
    if one.kind == "order" and _NEW_ORDER.match(text, one.start, one.end):
        return True
    said = text[one.start : one.end]
    if one.kind in {"date", "range"} and said in _NOW:
        return True
    if one.kind == "money" and (after == "'" or said.endswith((" a bit", " a little"))):
        return True
    if one.kind == "number" and _ONE_ORDER.match(text, one.start):
        return True
    if one.kind in {"range", "date"} and said == text.strip(" !.~。") and (len(said) == 1 or said in _HAILS):
        return True  # 早 alone is a greeting
    if _only_talk(one, said, before, text) or _elsewhere(one, text):
        return True
    if one.kind != "quantity":
        return False
    if said[0] == "0" and said[1:2].isdigit():
        return True  # 0022 车牌…: an order's number
    if said[-1] in "转交让给" or (one.kind == "quantity" and _ONE_ORDER.match(text, one.start)):
        return True
    return said in _SOME or said.endswith(" can") or text[one.end - 1 : one.end + 1] in _NOT_UNITS


def _elsewhere(one: Read, text: str) -> bool:
    """Whether a word in front says that a number is no order's: flight 0018, room 12, table 5."""
    return (
        one.kind in {"order", "number"}
        and _NUMBERED_ELSEWHERE.search(text[max(0, one.start - 12) : one.start]) is not None
    )


def _only_talk(one: Read, said: str, before: str, text: str) -> bool:
    """Words that count nothing: the third time, 还要等几天, 16 truck broke down."""
    if one.kind == "date" and before and before in _STREETS and _HOUSE.fullmatch(said):
        return True  # 科技路3号 is no third of a month
    if one.kind in {"duration", "range"}:
        return said in _FEW and bool(before) and before in _ASKED_FOR
    if one.kind == "quantity":
        return said.endswith(_VEHICLES) and not said.startswith(("1 ", "a ", "one "))
    if one.kind != "number":
        return False
    if one.rule == "ordinal" or said == "one":
        return True  # the first order we got, after one season
    tied = text[one.end : one.end + 1] == "-" or before == "-"
    return one.rule == "digits" and (tied or bool(said.isdigit() and _YEAR.search(text, 0, one.end)))


def _dated(reading: DateReading, text: str) -> Read:
    start, end = reading.span
    start += 4 if text.startswith("due ", start) else 0
    bare = text[slice(*reading.span)].isdigit()
    rank = 40 if bare else 62 if reading.sure else 57
    return Read(_DATE_KINDS[reading.kind], start, end, reading, rank, reading.rule, reading.sure)


def resolve(found: Iterable[Read], length: int) -> list[Read]:
    """Of overlapping readings of a text of that length keep the one of higher rank, then the longer."""
    kept: list[Read] = []
    taken = bytearray(length)
    for one in sorted(found, key=lambda read: (-(read.rank + 2 * (read.end - read.start)), read.start)):
        if not any(taken[one.start : one.end]):
            kept.append(one)
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
    return sorted(kept, key=lambda read: read.start)
