"""Bare numbers: cardinals, ordinals and percentages."""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from .lexicon import data, either
from .scan import Numeral, scan
from .values import Number

_ENGLISH_ORDINAL = re.compile(r"(?:st|nd|rd|th)(?![A-Za-z])", re.IGNORECASE)


_ORDINAL_END = re.compile(r"(?:st|nd|rd|th)s?(?![a-z])", re.IGNORECASE)
_MINUS = re.compile(r"(?:负|(?i:minus|negative)\s+|(?<![\w.,)%\]])-)$")
_TENTHS = re.compile(r"成(?![本品交型色都熟立功分果就])")


@cache
def _percent_after() -> re.Pattern[str]:
    marks = [*data("zh")["percent_after"], *data("en")["percent"]]
    return re.compile(rf"[ \t]*(?i:{either(marks)})")


@cache
def _ordinal_words() -> re.Pattern[str]:
    table = data("en")
    tens = either(table["tens"])
    return re.compile(rf"(?i:(?:(?P<tens>{tens})[- ])?(?P<word>{either(table['ordinals'])}))")


def read_numbers(text: str, numerals: Sequence[Numeral] | None = None) -> tuple[Number, ...]:
    """All numbers of a normalised text, in order; those inside codes are left out.

    Args:
        text: in plain spelling.
        numerals: what scan() found in it, where that is at hand.
    """
    ordinals = _ordinals(text)
    found = list(ordinals)
    for numeral in scan(text) if numerals is None else numerals:
        if not numeral.loose or any(
            start < numeral.end and numeral.start < end for (start, end) in (o.span for o in ordinals)
        ):
            continue
        found.append(_number(text, numeral))
    return tuple(sorted(found, key=lambda number: number.span))


def _number(text: str, numeral: Numeral) -> Number:
    start, end, value, rule = numeral.start, numeral.end, numeral.value, numeral.rule
    minus = _MINUS.search(text[max(0, start - 12) : start])
    if minus:
        start, value = start - len(minus.group()), -value
    before = text[max(0, start - 4) : start]
    if before.endswith("百分之"):
        return Number((start - 3, end), value, "percent", "percent")
    if before.endswith("第"):
        return Number((start - 1, end), value, "ordinal", "ordinal")
    after = _percent_after().match(text, end)
    if after:
        return Number((start, after.end()), value, "percent", "percent")
    tenths = _TENTHS.match(text, end)
    if tenths and 0 < value <= 10:
        return Number((start, tenths.end()), value * 10, "percent", "tenths")
    mark = _ENGLISH_ORDINAL.match(text, end)
    if mark and rule == "digits":
        return Number((start, mark.end()), value, "ordinal", "ordinal")
    return Number((start, end), value, "cardinal", rule)


def _ordinals(text: str) -> list[Number]:
    """first, twenty-first. An ordinal that is a fraction's lower part (two thirds) is left to the numerals."""
    if not _ORDINAL_END.search(text):
        return []
    table = data("en")
    found: list[Number] = []
    for hit in _ordinal_words().finditer(text):
        tens = table["tens"][hit["tens"].lower()] if hit["tens"] else 0
        ones = table["ordinals"][hit["word"].lower()]
        if (
            not tens
            and hit["word"].lower() in table["parts"]
            and re.search(r"(?i)(?:\b(?:one|two|three|four|five|a)|\d)[ -]$", text[: hit.start()][-8:])
        ):
            continue
        found.append(Number(hit.span(), Decimal(tens + ones), "ordinal", "ordinal"))
    return found
