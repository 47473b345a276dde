"""Small numbers in digits, Chinese numerals and English words, as dates and lengths of time use them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .tokens import Tokens

_DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "俩": 2,
    "仨": 3,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_TENS = {"十": 10, "百": 100, "千": 1000}
_SCORES = {"廿": 20, "卅": 30}


def is_guess(raw: str) -> bool:
    """Whether two digits name a number between them: 三四, 两三, 三五."""
    if len(raw) != 2 or raw[0] not in _DIGITS or raw[1] not in _DIGITS:
        return False
    return raw == "三五" or 0 < _DIGITS[raw[0]] == _DIGITS[raw[1]] - 1


def han_number(raw: str) -> int | None:
    """The value of a run of Chinese numerals; 二零二六 digit by digit, 三四 (three or four) the larger.

    Returns: None where the run is no number.
    """
    if all(char in _DIGITS for char in raw):
        digits = [_DIGITS[char] for char in raw]
        if is_guess(raw):
            return digits[1]
        return int("".join(map(str, digits)))
    total, digit, fresh = 0, 0, True
    for char in raw:
        if char in _DIGITS:
            digit = _DIGITS[char]
            fresh = False
        elif char in _SCORES:
            total += _SCORES[char]
            digit, fresh = 0, True
        else:
            total += (digit if not fresh or digit else 1) * _TENS[char]
            digit, fresh = 0, True
    return total + digit


def number(tokens: "Tokens", index: int) -> tuple[int, int] | None:
    """A whole number at that token: (index behind it, value)."""
    token = tokens.at(index)
    if token.num is not None:
        return index + 1, token.num
    value = token.lex.get("number")
    if value is None:
        return None
    if value >= 20:
        after = index + 2 if tokens.at(index + 1).text == "-" else index + 1
        unit = tokens.get(after, "number")
        if unit is not None and unit < 10:
            return after + 1, value + unit
    return index + 1, int(value)


def ordinal(tokens: "Tokens", index: int) -> tuple[int, int] | None:
    """An ordinal at that token, 5th or fifth or twenty-first: (index behind it, value)."""
    token = tokens.at(index)
    if token.num is not None:
        if tokens.has(index + 1, "ordinal_suffix") and tokens.glued(index + 1):
            return index + 2, token.num
        return None
    value = token.lex.get("ordinal")
    if value is not None:
        return index + 1, int(value)
    tens = token.lex.get("number")
    if tens in {20, 30}:
        after = index + 2 if tokens.at(index + 1).text == "-" else index + 1
        unit = tokens.get(after, "ordinal")
        if unit is not None and unit < 10:
            return after + 1, int(tens) + int(unit)
    return None


def amount(tokens: "Tokens", index: int) -> tuple[int, float] | None:
    """A number that may have a fraction, 1.5 or 2 and a half or a couple of: (index behind it, value)."""
    plain = number(tokens, index)
    if plain is None:
        few = tokens.get(index, "few")
        return (index + 1, float(few)) if few is not None else None
    end, value = plain
    if (
        tokens.at(index).num is not None
        and not tokens.at(index).han
        and tokens.at(end).text == "."
        and tokens.glued(end)
    ):
        fraction = tokens.at(end + 1)
        if fraction.num is not None and not fraction.han and tokens.glued(end + 1) and len(fraction.text) < 4:
            return end + 2, float(f"{value}.{fraction.text}")
    return end, float(value)
