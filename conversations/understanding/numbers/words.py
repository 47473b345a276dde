"""English number words from a place in a text: three hundred and fifty, 10 1/2, half a dozen, one and a half."""

import re
from dataclasses import dataclass
from decimal import Decimal

from .lexicon import English, english

_WORD = re.compile(r"[ \t]*-?[ \t]*([A-Za-z]+)")
_FRACTION = re.compile(r"(?:(?<=\d)|[ \t]+|-)(\d{1,3})/(\d{1,3})(?![\d/])")
_VULGAR = {
    "½": "0.5",
    "¼": "0.25",
    "¾": "0.75",
    "⅓": "0.3333333333",
    "⅔": "0.6666666667",
    "⅛": "0.125",
    "⅜": "0.375",
    "⅝": "0.625",
    "⅞": "0.875",
}
VULGAR = "".join(_VULGAR)


@dataclass(slots=True)
class _Sum:
    end: int
    total: Decimal = Decimal(0)
    group: Decimal | None = None
    last: str = ""

    def value(self) -> Decimal:
        return self.total + (self.group or 0)


_PARTS = frozenset({2, 3, 4, 5, 8, 16, 32, 64})  # parts that are measured in; 12/18 is a day


def vulgar(text: str, pos: int) -> Decimal | None:
    """The value of a fraction character there."""
    found = _VULGAR.get(text[pos : pos + 1])
    return None if found is None else Decimal(found)


def fraction_after(text: str, pos: int) -> tuple[int, Decimal] | None:
    """What follows a whole number as its fraction, « 1/2» or «½»: (end, value)."""
    at = pos + 1 if text[pos : pos + 1] == " " else pos
    single = vulgar(text, at)
    if single is not None:
        return at + 1, single
    found = _FRACTION.match(text, pos)
    if found is None or found.start(1) == pos:
        return None
    over, under = int(found[1]), int(found[2])
    return (
        (found.end(), Decimal(over) / under) if 0 < over < under and under in _PARTS and over % 2 + under % 2 else None
    )


def read(text: str, pos: int) -> tuple[int, Decimal] | None:
    """A number that starts with a word here: (end, value)."""
    lexicon = english()
    first = _WORD.match(text, pos)
    if first is None or first.start(1) != pos:
        return None
    kind, value = lexicon.values.get(first[1].lower(), ("", Decimal(0)))
    if kind == "articles" or kind in {"parts", "some"} or first[1].lower() in {"half", "quarter"}:
        return _with_article(text, pos, lexicon)
    if kind not in {"units", "tens"}:
        return None
    state = _Sum(first.end())
    state.group, state.last = value, kind
    _extend(text, state, lexicon)
    return state.end, state.value()


def scaled(text: str, pos: int, value: Decimal) -> tuple[int, Decimal] | None:
    """Words behind digits: 75 million, 3 hundred and 21, 3 dozens; None where there are none."""
    state = _Sum(pos)
    state.group, state.last = value, "digits"
    _extend(text, state, english())
    return (state.end, state.value()) if state.end != pos else None


def _extend(text: str, state: _Sum, lexicon: English) -> None:
    """Read on as long as the words make one number."""
    while True:
        found = _WORD.match(text, state.end)
        kind, value = lexicon.values.get(found[1].lower(), ("", Decimal(0))) if found else ("", Decimal(0))
        if found is None or not kind:
            return
        end = found.end()
        if kind == "and":
            tail = _after_and(text, end, state, lexicon)
            if tail is None:
                return
            state.end = tail
            continue
        if kind == "articles" or not _joined(state, kind, value):
            return
        state.end = end


def _joined(state: _Sum, kind: str, value: Decimal) -> bool:
    """Take a word into the sum if it can follow the last one."""
    group: Decimal | None = state.group
    tail = {"units": {"tens", "hundred", "scales"}, "tens": {"hundred", "scales"}}.get(kind, set())
    if state.last in tail and (state.last != "tens" or value < 10):
        state.group = (group or 0) + value
    elif kind == "hundred" and group is not None and state.last in {"units", "tens", "digits", "half"}:
        state.group = group * value
    elif kind == "scales" and group is not None and state.last != "scales":
        state.total += group * value
        state.group = None
    elif kind == "dozens" and state.last != "dozens":
        state.total, state.group = state.value() * value, None
    elif kind == "parts" and state.last in {"units", "digits"} and group is not None and 0 < group < value:
        state.group = group / value
        kind = "half"
    else:
        return False
    state.last = kind
    return True


def _after_and(text: str, pos: int, state: _Sum, lexicon: English) -> int | None:
    """What may follow «and»: the tail of a hundred, or a part: two and a half, three and 21."""
    digits = re.compile(r"[ \t]+(\d{1,2})(?![\d.,/])").match(text, pos)
    if digits and state.last in {"hundred", "scales"}:
        state.group = (state.group or Decimal(0)) + int(digits[1])
        state.last = "units"
        return digits.end()
    words = _walk(text, pos, 2)
    kinds = [lexicon.values.get(found[1].lower(), ("", Decimal(0))) for found in words]
    if not kinds:
        return None
    if state.last in {"hundred", "scales"} and kinds[0][0] in {"units", "tens"}:
        return pos
    if kinds[0][0] in {"articles", "units"} and len(kinds) == 2 and kinds[1][0] == "parts":
        state.group = (state.group or Decimal(0)) + kinds[0][1] / kinds[1][1]
        state.last = "half"
        return words[1].end()
    if words[0][1].lower() == "half":
        state.group = (state.group or 0) + Decimal("0.5")
        state.last = "half"
        return words[0].end()
    return None


def _walk(text: str, pos: int, count: int) -> list[re.Match[str]]:
    found: list[re.Match[str]] = []
    for _ in range(count):
        word = _WORD.match(text, pos)
        if word is None:
            break
        found.append(word)
        pos = word.end()
    return found


def _with_article(text: str, pos: int, lexicon: English) -> tuple[int, Decimal] | None:
    """Read a hundred, a dozen, a couple of, half a dozen, half a ton, a quarter million, a half."""
    words = _walk(text, pos, 4)
    kinds = [lexicon.values.get(found[1].lower(), ("", Decimal(0))) for found in words]
    at = 1 if kinds[0][0] == "articles" else 0
    if len(kinds) <= at:
        return None
    kind, value = kinds[at]
    name = words[at][1].lower()
    if kind in {"hundred", "scales", "dozens"} and at == 1:
        state = _Sum(words[at].end())
        state.group, state.last = value, "hundred" if kind == "hundred" else "scales"
        if kind != "hundred":
            state.total, state.group = value, None
        _extend(text, state, lexicon)
        return state.end, state.value()
    if kind == "some" and at == 1:
        follow = re.compile(r"[ \t]+of(?![A-Za-z])").match(text, words[at].end())
        if name == "pair" and not follow:
            return None
        dozen = _WORD.match(text, words[at].end())
        if dozen and lexicon.values.get(dozen[1].lower(), ("",))[0] == "dozens":
            return dozen.end(), value * lexicon.values[dozen[1].lower()][1]
        return (follow or words[at]).end(), value
    if name in {"half", "quarter"}:
        return _half(words, kinds, at)
    return None


def _half(words: list[re.Match[str]], kinds: list[tuple[str, Decimal]], at: int) -> tuple[int, Decimal] | None:
    """half, with what it is half of where that is a number: half a dozen, half million."""
    part = 1 / kinds[at][1]
    following = at + 1
    if len(kinds) > following and kinds[following][0] == "articles":
        following += 1
    if len(kinds) > following and kinds[following][0] in {"hundred", "scales", "dozens"}:
        return words[following].end(), part * kinds[following][1]
    if following > at + 1:
        return words[at + 1].end(), part
    return words[at].end(), part
