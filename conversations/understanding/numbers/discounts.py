"""Discounts: 打九折, 95折, 12% off, 优惠5%, 对折."""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from .lexicon import data, either
from .scan import Numeral, scan
from .values import Discount

_MARK = "\ue000"  # stands for a number while a pattern is tried; normalised text holds no private characters


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    table = data("discounts")
    number = f"({_MARK}\\d+{_MARK})"
    return tuple(
        (rule, re.compile(pattern.replace("{n}", number), re.IGNORECASE))
        for rule in ("folds", "percent_off")
        for pattern in table[rule]
    )


@cache
def _words() -> re.Pattern[str]:
    return re.compile(rf"(?i:(?:打)?({either(data('discounts')['words'])}))")


def read_discounts(text: str, numerals: Sequence[Numeral] | None = None) -> tuple[Discount, ...]:
    """All discounts of a normalised text, in order; see read_numbers for the arguments."""
    if not _hinted().search(text):
        return ()
    numbers = [one for one in (scan(text) if numerals is None else numerals) if one.loose or one.rule == "digits.code"]
    parts: list[str] = []
    places: list[int] = []  # where every character of the marked text stands
    done = 0
    for at, one in enumerate(numbers):
        marked = f"{_MARK}{at}{_MARK}"
        parts += (text[done : one.start], marked)
        places += range(done, one.start)
        places += [one.start] * len(marked)
        done = one.end
    parts.append(text[done:])
    places += range(done, len(text) + 1)
    found = _found("".join(parts), places, numbers)
    found += [
        Discount(hit.span(), Decimal(str(data("discounts")["words"][hit[1].lower()])), "word")
        for hit in _words().finditer(text)
    ]
    kept: list[Discount] = []
    for discount in sorted(found, key=lambda one: (one.span[0], -one.span[1])):
        if not kept or discount.span[0] >= kept[-1].span[1]:
            kept.append(discount)
    return tuple(kept)


@cache
def _hinted() -> re.Pattern[str]:
    return re.compile(r"折|价|%|点|百分|(?i:percent|pct|off|discount|rebate)")


def _found(marked: str, places: list[int], numbers: Sequence[Numeral]) -> list[Discount]:
    found: list[Discount] = []
    for rule, pattern in _patterns():
        for hit in pattern.finditer(marked):
            value = numbers[int(hit[1].strip(_MARK))].value
            factor = _folds(value) if rule == "folds" else 1 - value / 100
            if factor is not None and 0 < factor < 1:
                found.append(Discount((places[hit.start()], places[hit.end()]), factor, rule))
    return found


def _folds(value: Decimal) -> Decimal | None:
    """九折 is 0.9, 九五折 and 95折 are 0.95, 8.8折 is 0.88."""
    if value < 10:
        return value / 10
    return value / 100 if value < 100 else None
