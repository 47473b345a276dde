"""Quantities: a number and its unit, 三百五十件, 一吨半, 2w pcs, two dozen, 5 ft 2 in."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from .lexicon import data, either
from .money import read_money
from .scan import Numeral, scan
from .units import Units, units
from .values import Money, Quantity

_GAP = re.compile(
    r"(?P<vague>[多余来](?! )|\+ ?(?=[^\W\d])|[- ](?:odd|or so|plus) |-?ish )|[ \t]?-(?=[A-Za-z])|[ \t]{0,3}",
    re.IGNORECASE,
)
_A_HALF = re.compile(r"(?<![一二两三四五六七八九十百千万\d])半(?=[^天年月日夜路决成导径球])")
_HALF = re.compile(r"(?:又)?半(?!小时|钟头|工作日|星期|[天年月日个夜路决成导径球])")


def read_quantities(
    text: str,
    own: Collection[str] = (),
    numerals: Sequence[Numeral] | None = None,
    money: Sequence[Money] | None = None,
) -> tuple[Quantity, ...]:
    """All quantities of a normalised text, in order.

    Args:
        text: in plain spelling.
        own: the company's units beyond the built-in ones.
        numerals: what scan() found in the text, where that is at hand.
        money: what read_money() found in it, likewise. What belongs to an amount (35元一件) is no quantity.
    """
    table = units(own)
    numbers = scan(text) if numerals is None else numerals
    amounts = read_money(text, numbers) if money is None else money
    covered = [one.span for one in amounts if one.currency or one.per is not None]
    found: list[Quantity] = []
    end = at = 0
    for quantity in sorted(_all(text, table, numbers), key=lambda one: one.span):
        while at < len(covered) and covered[at][1] <= quantity.span[0]:
            at += 1
        paid = at < len(covered) and covered[at][0] < quantity.span[1]
        if quantity.span[0] >= end and not (paid and quantity.unit not in own):
            found.append(quantity)
            end = quantity.span[1]
    return tuple(found)


def _all(text: str, table: Units, numerals: Sequence[Numeral]) -> Iterator[Quantity]:
    taken = 0
    for numeral in numerals:
        if not numeral.loose or numeral.start < taken:
            continue
        quantity = _quantity(text, table, numeral)
        if quantity:
            taken = quantity.span[1]
            yield quantity
    for half in _A_HALF.finditer(text):
        unit = table.at(text, half.end() + (text[half.end() : half.end() + 1] == "个"))
        unit = unit or table.at(text, half.end())
        if unit:
            yield Quantity((half.start(), unit[0]), Decimal(unit[3]) / 2, unit[1], unit[2], "half")


def _quantity(text: str, table: Units, numeral: Numeral) -> Quantity | None:
    """The quantity that this number begins, or the labelled one that it ends."""
    for end, value in _readings(numeral):
        unit = _unit(text, table, end)
        if unit is None:
            continue
        gap = _GAP.match(text, end)
        vague = numeral.rule.endswith("about") or bool(gap and gap["vague"])
        quantity = _with_tail(text, table, numeral, value, unit)
        return replace(quantity, sure=False) if vague else quantity
    if numeral.rule in {"words", "dozen"}:
        dozen = re.search(r"(?i)(dozens?|doz|dz|gross|打)$", text[numeral.start : numeral.end])
        if dozen:
            return Quantity(numeral.span, numeral.value, dozen[1], "piece", "dozen")
    return _labelled(text, numeral)


def _readings(numeral: Numeral) -> Iterator[tuple[int, Decimal]]:
    """The number with and without what may be a unit itself: 10M, 3 dozen."""
    yield numeral.end, numeral.value
    if numeral.stem[0] != numeral.end and numeral.rule == "digits.letter":
        yield numeral.stem


def _unit(text: str, table: Units, end: int) -> tuple[int, str, str, int] | None:
    """The unit behind a number, also in brackets: 20 (kg)."""
    gap = _GAP.match(text, end)
    at = gap.end() if gap else end
    close = data("quantities")["brackets"].get(text[at : at + 1])
    if close:
        unit = table.at(text, at + 1)
        if unit and text[unit[0] : unit[0] + 1] == close:
            return unit[0] + 1, *unit[1:]
        return None
    unit = table.at(text, at)
    if unit is not None and unit[1] == "个":
        inner = table.at(text, unit[0])
        unit = inner if inner is not None and inner[2] in table.counted else unit  # 两个柜
    if unit is None and at == end + 1 and text[at : at + 2].lower() == "in":
        return None
    return unit


def _with_tail(text: str, table: Units, numeral: Numeral, value: Decimal, unit: tuple[int, str, str, int]) -> Quantity:
    """Take in what follows the unit: 一吨半, 两米五, 5 ft 2 in."""
    end, written, key, times = unit
    rule = "unit"
    half = _HALF.match(text, end)
    if half and numeral.rule != "digits.letter" and not table.at(text, half.end()):
        end, value, rule = half.end(), value + Decimal("0.5"), "half"
    elif half and table.at(text, half.end()) and written == "个":
        real = table.at(text, half.end())
        if real:
            return Quantity((numeral.start, real[0]), (value + Decimal("0.5")) * real[3], real[1], real[2], "half")
    elif key in table.spoken:
        tenth = re.compile(r"[一二三四五六七八九](?![一二三四五六七八九十百千万\d%])").match(text, end)
        if (
            tenth
            and not table.at(text, tenth.end())
            and text[tenth.end() : tenth.end() + 1] not in {"号", "日", "月", "点", "天", "折", "块", "元", "毛"}
        ):
            digit = "一二三四五六七八九".index(tenth.group()) + 1
            end, value, rule = tenth.end(), value + Decimal(digit) / 10, "spoken"
    elif key in table.parts:
        smaller, count = table.parts[key]
        rest = re.compile(r"[ ,]*(?:and )?(\d+(?:\.\d+)?)[ -]?(?i:inches|inch|in|\")(?![A-Za-z])").match(text, end)
        if rest and smaller == "inch":
            end, value, rule = rest.end(), value + Decimal(rest[1]) / count, "parts"
    minus = 1 if text[numeral.start - 1 : numeral.start] == "负" else 0
    return Quantity((numeral.start - minus, end), value * times * (-1 if minus else 1), written, key, rule)


@lru_cache(maxsize=1)
def _label() -> re.Pattern[str]:
    return re.compile(rf"(?i:{either(data('quantities')['labels'])})[ \t]*(?:[:=]|是|为|of|is|改成|改为|改到)?[ \t]*$")


_ONWARD = re.compile(r"[ \t]+(?:to|from|by|->|→)\b")  # "qty of 12 to 250": 12 is what has the quantity


def _labelled(text: str, numeral: Numeral) -> Quantity | None:
    """数量200, qty: 200, x200, 200x: a quantity without a unit."""
    before = text[max(0, numeral.start - 16) : numeral.start]
    label = _label().search(before)
    of_which = label is not None and label[0].rstrip().endswith("of") and _ONWARD.match(text, numeral.end)
    if label and not of_which and not re.search(r"\d[xX×*]$", before.rstrip()):
        return Quantity(numeral.span, numeral.value, "", "", "label")
    behind = re.compile(r"[xX×](?![A-Za-z\d])").match(text, numeral.end)
    if behind and numeral.rule.startswith("digits"):
        return Quantity((numeral.start, behind.end()), numeral.value, "", "", "label")
    return None
