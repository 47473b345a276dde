"""Amounts of money: ¥35/件, 35块5, 35元一件, 单价35, 总价7000, $35 each, @35, USD 1,200 total; with tax or without."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from . import terms
from .scan import Numeral, scan
from .units import units
from .values import Money

_HALF = re.compile(r"半(?![天年月个日小年截数以径价成])")
_THIS = ("本周", "本月", "本季", "本年", "本星期", "本礼拜")  # no books are counted: 十八块五本周五交
_DAY = re.compile(r"^\d{1,2}\.\d{1,2}(?:之前|以前|前|[交发到出]货)")  # 老价格 12.15前
_SPACE = re.compile(r"[多来余](?=[块元])|[ \t]{0,2}-?")
_SCALE = re.compile(r"\s+(million|billion|thousand|mln|bn)(?![A-Za-z])", re.IGNORECASE)
_LINK = re.compile(r"[ \t]*(?:又|零|and|,)?[ \t]*", re.IGNORECASE)
_TENTH = re.compile(
    r"([一二三四五六七八九1-9])(?=一[个件只台套箱吨斤公米条根张片卷桶袋包瓶盒支把双打]|[^\d一二三四五六七八九十百千万.件个]|$)"
)
_FINEST = Decimal("0.000001")
_WORD = re.compile(r"[A-Za-z]+")
_ROLES: Mapping[str, Literal["unit_price", "total"]] = {
    "unit_price": "unit_price",
    "each": "unit_price",
    "at": "unit_price",
    "total": "total",
}
_TAX: Mapping[str, Literal["included", "excluded"]] = {"included": "included", "excluded": "excluded"}
_SMALLEST = 100  # how many of the smallest coin make one
_REACH = 28  # characters before a number that may say what it is


@dataclass(slots=True)
class _Draft:
    """An amount half read."""

    start: int
    end: int
    amount: Decimal
    currency: str | None
    rule: str


def read_money(text: str, numerals: Sequence[Numeral] | None = None) -> tuple[Money, ...]:
    """All amounts of a normalised text, in order; see read_numbers for the arguments."""
    numbers = scan(text) if numerals is None else numerals
    found: list[Money] = []
    taken = 0
    for at, numeral in enumerate(numbers):
        if numeral.start < taken or not numeral.loose:
            continue
        money = _with_role(text, _draft(text, numbers, at), taken)
        if money is not None:
            found.append(money)
            taken = money.span[1]
    return tuple(found)


def _draft(text: str, numbers: Sequence[Numeral], at: int) -> _Draft:
    """The number with the currency behind or before it; the currency is None where there is none."""
    numeral = numbers[at]
    draft = _behind(text, numeral)
    before = terms.currency_before(text, numeral.start)
    if draft is not None and before is not None and _is_next(text, draft, numbers[at + 1 : at + 2]):
        draft = None if terms.currency(before[1])[0] != draft.currency else draft  # rmb 10 usd 20
    if draft is not None:
        if before and terms.currency(before[1])[0] in {draft.currency, "USD"}:
            draft.start = before[0]
    elif before is not None:
        code, factor = terms.currency(before[1])
        draft = _Draft(before[0], numeral.end, numeral.value * factor, code, "before")
    else:
        return _Draft(numeral.start, numeral.end, numeral.value, None, "bare")
    return _with_coins(text, draft, numbers[at + 1 : at + 3])


def _is_next(text: str, draft: _Draft, following: Sequence[Numeral]) -> bool:
    """Whether another number follows the currency at once."""
    return bool(following) and not text[draft.end : following[0].start].strip()


def _behind(text: str, numeral: Numeral) -> _Draft | None:
    """A number and the currency behind it: 35块, 1.2万美元, 75 usd million, 50 cents."""
    for end, value in ((numeral.end, numeral.value), numeral.stem):
        gap = _SPACE.match(text, end)
        found = terms.currency_behind(text, gap.end() if gap else end)
        if found is None:
            continue
        name = found[1]
        coin = terms.coin(name)
        if coin is not None:
            return None if terms.needs_company(name) else _small(text, numeral.start, found[0], value, *coin)
        code, factor = terms.currency(name)
        draft = _Draft(numeral.start, found[0], value * factor, code, "behind")
        scale = _SCALE.match(text, draft.end)
        if scale:
            draft.amount *= {"t": 1000, "m": 1_000_000, "b": 1_000_000_000}[scale[1][0].lower()]
            draft.end = scale.end()
        return draft
    return None


def _small(text: str, start: int, end: int, value: Decimal, currency: str, count: Decimal) -> _Draft:
    """An amount of small coins alone: 三毛五 is 0.35."""
    draft = _Draft(start, end, value / count, currency, "coin")
    tenth = _TENTH.match(text, end)
    if count == 10 and tenth:
        draft.amount += terms.digit(tenth[1]) / 100
        draft.end = tenth.end()
    return draft


def _with_coins(text: str, draft: _Draft, following: Sequence[Numeral]) -> _Draft:
    """Add the smaller coins: 50元6角三分, 35块5, 三十块半, 3 dollars 50 cents, 15 dollars and 50."""
    if draft.currency in terms.spoken() and _HALF.match(text, draft.end):
        draft.amount += Decimal("0.5")
        draft.end += 1
        return draft
    finest = Decimal(1)
    for numeral in following:
        gap = _LINK.match(text, draft.end)
        if gap is None or gap.end() != numeral.start or numeral.value >= 100 or numeral.value < 0:
            break
        space = _SPACE.match(text, numeral.end)
        found = terms.currency_behind(text, space.end() if space else numeral.end)
        coin = terms.coin(found[1]) if found else None
        if found and coin:
            finest = coin[1]
            draft.amount += numeral.value / finest
            draft.end = found[0]
            continue
        if found is None and finest > 1:
            _last_coin(text, draft, numeral, finest)
        elif found is None:
            _bare_coins(text, draft, numeral, gap.group())
        break
    return draft


def _last_coin(text: str, draft: _Draft, numeral: Numeral, finest: Decimal) -> None:
    """The digit behind a small coin is of the next smaller: 五块五毛五."""
    tenth = _TENTH.match(text, draft.end)
    each = text.startswith("一", draft.end) and units().at(text, draft.end + 1) is not None  # 五毛一套
    if finest < _SMALLEST and tenth and numeral.start == draft.end and not each:
        draft.amount += terms.digit(tenth[1]) / (finest * 10)
        draft.end = tenth.end()


def _bare_coins(text: str, draft: _Draft, numeral: Numeral, gap: str) -> None:
    """A number behind the currency without a name of its own: 七块八, 17 USD 25, one dollar and two."""
    counted = units().at(text, numeral.end + (text[numeral.end : numeral.end + 1] == " "))
    if (counted and not text.startswith(_THIS, numeral.end)) or numeral.value % 1:
        return
    if text[numeral.end : numeral.end + 1] in {*"月号日点折%:/"} or re.match(r"\s*[A-Za-z%]", text[numeral.end :][:3]):
        return
    written = text[draft.start : draft.end]
    if draft.currency in terms.spoken() and not gap.strip(" ,") and "," not in gap and not written.isascii():
        if not gap and numeral.end - numeral.start == 1:
            draft.amount += numeral.value / 10
            draft.end = numeral.end
        elif not gap and numeral.end - numeral.start == 2 and text[numeral.start : numeral.end].isdigit():
            draft.amount += numeral.value / 100
            draft.end = numeral.end
    elif (
        draft.rule == "behind"
        and written[-1:].isalpha()
        and written.isascii()
        and draft.amount % 1 == 0
        and "," not in gap
    ):
        if gap.strip() or numeral.end - numeral.start == 2 or numeral.rule == "words":
            draft.amount += numeral.value / 100
            draft.end = numeral.end
    elif gap.strip().lower() == "and" and draft.rule == "before" and numeral.rule == "words":
        draft.amount += numeral.value / 100
        draft.end = numeral.end


def _with_role(text: str, draft: _Draft, taken: int) -> Money | None:
    """What the words around say: a price for each, a total, tax in it or not. None for a number that is no money."""
    lead = terms.lead(text, max(taken, draft.start - _REACH), draft.start)
    label = lead[2] if lead else None
    per, end, lot = _per(text, draft)
    if draft.currency is None and per is None:
        if lead is None:
            return _taxed(text, draft)
        if label == "at" and not _plausible_at(text, lead[0], draft.end, lead[1]):
            return None
        if _is_counted(text, draft.end) or _DAY.search(text[draft.start : draft.end + 3]):
            return None
    start = lead[0] if lead and label in {"unit_price", "total", "each"} else draft.start
    role: Literal["unit_price", "total"] | None = _ROLES.get(label or "")
    after = terms.total_behind(text, draft.end)
    if per is not None:
        role = "unit_price"
    elif after is not None:
        role, end = "total", after
    if label == "each" and lead and per is None:
        each = terms.lot(text, lead[0] + 1)
        per, lot = each[1:] if each else ("", 1)
    tax, span = _tax(text, start, max(end, draft.end))
    rule = f"{draft.rule}.{label}" if label else draft.rule
    return Money(span, _of_one(draft.amount, lot), draft.currency, per, role, tax, rule)


def _taxed(text: str, draft: _Draft) -> Money | None:
    """A bare number right behind a word on tax is a price: 未税35, 含税46."""
    before = terms.tax_before(text, draft.start)
    if before is None or text[before[0] : draft.start].isascii() or _is_counted(text, draft.end):
        return None
    return Money((before[0], draft.end), draft.amount, None, None, "unit_price", _TAX[before[1]], "bare.tax")


def _of_one(amount: Decimal, lot: int) -> Decimal:
    """The price of one where so many cost that amount."""
    one = amount / lot
    return one if one * lot == amount else one.quantize(_FINEST)


def _per(text: str, draft: _Draft) -> tuple[str | None, int, int]:
    """What a price is for: (unit key, end, of how many); "" for each, None for no such words."""
    found = terms.each(text, draft.end)
    if found is None:
        return None, draft.end, 1
    end, wants_unit, word = found
    if not wants_unit:
        plain = word.startswith("ea") and word != "each" and draft.currency is None
        return (None, draft.end, 1) if plain else ("", end, 1)
    lot = terms.lot(text, end)
    if lot is None and word in {"/", "per", "every"}:
        other = _WORD.match(text, end)
        return (other.group().lower(), other.end(), 1) if other else (None, draft.end, 1)
    if lot is None or (word == "每" and re.match(r"\s*\d", text[lot[0] : lot[0] + 4])):
        return None, draft.end, 1
    if not lot[1] and draft.currency is None:
        return None, draft.end, 1  # 12/100 is no price
    return lot[1], lot[0], lot[2]


def _is_counted(text: str, end: int) -> bool:
    """Whether a bare number behind a label is a count, a date or a percentage: 共200件, 价格12月5日定."""
    at = end + (text[end : end + 1] == " ")
    return (
        units().at(text, at) is not None
        or terms.is_time(text, at)
        or bool(re.match(r"\s*(?:[-/.:~]\d|[单种次天成])", text[end : end + 4]))
    )


def _plausible_at(text: str, start: int, end: int, word: str) -> bool:
    """Whether «at 35» is a price: something was counted before it, and no time of day follows."""
    if terms.is_time(text, end + (text[end : end + 1] == " ")) or _is_counted(text, end):
        return False
    if word == "@":
        return (
            text[start - 1 : start].isspace() or start == 0 or not text[start - 1].isascii() or text[start - 1] in ",;)"
        )
    return (
        word.lower() == "at"
        and re.search(r"\d|dozen|[一二三四五六七八九十百千万]", text[max(0, start - 40) : start]) is not None
    )


def _tax(text: str, start: int, end: int) -> tuple[Literal["included", "excluded"] | None, tuple[int, int]]:
    """Words on tax right before, inside or behind: (included or excluded, the widened span)."""
    behind = terms.tax_behind(text, end)
    if behind:
        return _TAX[behind[1]], (start, behind[0])
    before = terms.tax_before(text, start)
    if before:
        return _TAX[before[1]], (before[0], end)
    return None, (start, end)
