"""One pass over a text that finds every numeral, whatever it is written in, and says which are pieces of codes."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from . import han, words
from .lexicon import chinese, data, either, english
from .values import Span


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number in the text.

    Attributes:
        start, end: its span.
        value: its value.
        rule: digits, han, words, ...
        stem: (end, value) without a letter or a word behind the digits that might be a unit instead (10M, 3 dozen).
        loose: it stands free, not inside a code, a date or a telephone number.
    """

    start: int
    end: int
    value: Decimal
    rule: str
    stem: tuple[int, Decimal]
    loose: bool

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.start, self.end


_MOST = 2_000  # numerals read in one message; a longer text is no message but a file
_WHOLE = 200  # more than so many and a fraction is a price and a day: 1650 1/8
_LETTERS = re.compile(r"[A-Za-zÀ-ÿ]+")
_BEFORE = re.compile(r"[A-Za-zÀ-ÿ]+[-_.]?$|[A-Za-z0-9]+[-_][A-Za-z0-9]*$")
_DOZEN = re.compile(r" ?打(?![折包印样电了个版磨孔听算断开交扫卡底火架钱款兰回完好木标勾钩托码字\d一二三四五六七八九])")
_TENTH = re.compile(r"[1-9](?![\d.,:/a-zA-Z-])")
_MULTIPLE = re.compile(r"(?:^|[^A-Za-z])[xX]$")


@cache
def _start() -> re.Pattern[str]:
    zh, en = chinese(), english()
    starts = [word for word, (kind, _) in en.values.items() if kind in {"units", "tens", "articles"}]
    starts += ["half", "quarter"]
    numerals = "".join((*zh.digits, *zh.tens, *zh.small))
    return re.compile(rf"\d|(?<![\d.])\.(?=\d)|[{numerals}半{words.VULGAR}]|(?i:{either(starts)})")


@cache
def _known_letters() -> re.Pattern[str]:
    """What may stand right behind digits without making them a code: units, currencies, 3k, 5th."""
    names = [str(word) for unit in data("units").values() for word in unit["names"]]
    money = [str(word) for entry in data("currencies")["names"].values() for word in entry]
    table = data("en")
    names += money + list(table["letters"]) + table["ordinal_marks"] + table["percent"] + ["x", "X"]
    names += [
        "per",
        "each",
        "ea",
        "and",
        "off",
        "am",
        "pm",
        "days",
        "day",
        "d",
        "h",
        "hrs",
        "MUSD",
        "MEUR",
        "MGBP",
        "odd",
        "ish",
    ]
    return re.compile(
        "(?i:"
        + "|".join(sorted({re.escape(word) for word in names if word[:1].isalpha()}, key=len, reverse=True))
        + r")(?![A-Za-z])"
    )


def scan(text: str) -> tuple[Numeral, ...]:
    """All numerals of a normalised text, in order, none overlapping."""
    idioms = [found.span() for found in chinese().idioms.finditer(text)]
    start = _start()
    found: list[Numeral] = []
    pos = 0
    while len(found) < _MOST and (hit := start.search(text, pos)) is not None:
        at = hit.start()
        while idioms and idioms[0][1] <= at:
            idioms.pop(0)
        if idioms and idioms[0][0] <= at:
            pos = idioms[0][1]
            continue
        numeral = _numeral(text, at)
        if numeral is None:
            pos = _past(text, at)
            continue
        found.append(numeral)
        pos = numeral.end
    return tuple(found)


def _past(text: str, at: int) -> int:
    """Where to go on behind something that is no number: a long row of digits is passed as a whole."""
    if not text[at].isdigit():
        return at + 1
    digits = re.compile(r"\d+").match(text, at)
    return digits.end() if digits else at + 1


def _numeral(text: str, at: int) -> Numeral | None:
    char = text[at]
    if char.isascii() and char.isalpha():
        read = words.read(text, at)
        return None if read is None else Numeral(at, *read, "words", read, loose=True)
    single = words.vulgar(text, at)
    if single is not None:
        return Numeral(at, at + 1, single, "fraction", (at + 1, single), loose=True)
    if char == "半":
        return (
            Numeral(at, at + 2, Decimal(50), "han", (at + 2, Decimal(50)), loose=True)
            if text.startswith("半百", at)
            else None
        )
    read3 = han.read(text, at)
    if read3 is None:
        return None
    end, value, rule = read3
    share = _share(text, end, value)
    if share:
        return Numeral(at, *share, "fraction", share, loose=True)
    numeral = (
        _digits(text, at, end, value) if rule == "digits" else Numeral(at, end, value, rule, (end, value), loose=True)
    )
    dozen = _DOZEN.match(text, numeral.end) if numeral.loose else None
    return replace(numeral, end=dozen.end(), value=numeral.value * 12, rule="dozen") if dozen else numeral


def _share(text: str, end: int, value: Decimal) -> tuple[int, Decimal] | None:
    """三分之一, 3又一千分之23: (end, value)."""
    whole = Decimal(0)
    if text[end : end + 1] == "又":
        under = han.read(text, end + 1)
        if under is None:
            return None
        whole, (end, value, _) = value, under
    if not text.startswith("分之", end) or not value:
        return None
    over = han.read(text, end + 2)
    return None if over is None else (over[0], whole + over[1] / value)


def _digits(text: str, at: int, end: int, value: Decimal) -> Numeral:
    """Digits with what may follow them: 1/2, k, million; and whether they stand free."""
    loose = _loose(text, at, end)
    stem = (end, value)
    if not loose:
        return Numeral(at, end, value, "digits.code", stem, loose=False)
    part = words.fraction_after(text, end)
    if part and value <= _WHOLE:
        return Numeral(at, part[0], value + part[1], "fraction", (part[0], value + part[1]), loose=True)
    over = re.compile(r"/(\d{1,3})(?![\d/.])").match(text, end)
    if over and 0 < value < int(over[1]) <= 64 and text[at - 1 : at] != "/" and _unit_follows(text, over.end()):
        value /= int(over[1])
        return Numeral(at, over.end(), value, "fraction", (over.end(), value), loose=True)
    scaled = words.scaled(text, end, value)
    if scaled:
        return Numeral(at, *scaled, "words", stem, loose=True)
    letters = _LETTERS.match(text, end) or re.compile(r" ([kK])(?![A-Za-z])").match(text, end)
    power = english().letters.get(letters.group().strip()) if letters else None
    if letters and power:
        tail = _TENTH.match(text, letters.end()) if letters.group() in {"w", "W", "k", "K"} else None
        if tail:  # 3w2 is 32,000
            value, end = value * power + int(tail[0]) * power / 10, tail.end()
            return Numeral(at, end, value, "digits.letter", (end, value), loose=True)
        return Numeral(at, letters.end(), value * power, "digits.letter", stem, loose=True)
    return Numeral(at, end, value, "digits", stem, loose=True)


def _unit_follows(text: str, pos: int) -> bool:
    return (
        _known_letters().match(text.lstrip(), 0) is not None
        if pos == 0
        else bool(_known_letters().match(text, pos + (text[pos : pos + 1] in {" ", "-"})))
    )


def _loose(text: str, at: int, end: int) -> bool:
    """Whether digits are a number by themselves, not the digits of VA-200, 2026-12-05 or 021-6543210."""
    before = text[max(0, at - 24) : at]
    led = _BEFORE.search(before)
    if led and not _MULTIPLE.search(before) and not _currency_before(led.group()):
        return False
    after = _LETTERS.match(text, end)
    if after:
        known = _known_letters().match(text, end)
        return bool(known) or after.group().lower() == "x"
    if text[end : end + 1] in {"-", "_"}:
        follows = text[end + 1 : end + 2]
        if follows.isascii() and follows.isalpha():
            return bool(_known_letters().match(text, end + 1))
        chain = re.compile(r"-\d+").match(text, end)
        if chain:
            return end - at <= 5 and text[chain.end() : chain.end() + 1] != "-" and chain.end() - end <= 6
    return True


def _currency_before(led: str) -> bool:
    """Letters right before digits that are a currency (USD115, RMB35) or «at», «x» and the like."""
    codes = data("currencies")["before"]
    return led.rstrip(".").lower() in codes
