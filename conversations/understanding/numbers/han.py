"""Chinese and mixed numerals from a place in a text: 三百五十, 一万五, 3千5, 1.2万, 7 万5 千4 百, 二〇二六."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from .lexicon import Chinese, chinese

ARABIC = re.compile(
    r"\d{1,3}(?:,\d{3})+(?![\d])(?:\.\d+(?!\d|\.\d))?"  # 1,234,567.8
    r"|\d{1,2}(?:,\d{2})+,\d{3}(?!\d)(?:\.\d+)?"  # 12,34,567.89
    r"|\d{1,3}(?: \d{3})* 000(?!\d)"  # 1 000; but 12 200 may be an order and a quantity
    r"|\d{1,3}(?:\.\d{3})+,\d{1,2}(?!\d)"  # 1.111,11
    r"|(?<!\d\.)\d+\.\d+(?!\d|\.\d)|\d+|(?<![\d.])\.\d+(?!\.\d)"
)
_BLANKS = re.compile(r"[ \t]+")
_COUNTED = frozenset("个件只台套箱吨斤公米条根张片卷桶袋包瓶盒支把双打")
_LONGEST = 24  # digits; anything longer is a code
# 千 and 百 before these belong to the unit: 12千米, 2.3千克
_KILO_UNITS = frozenset("克米瓦卡伏帕牛赫")


@dataclass(slots=True)
class _State:
    """A numeral half read: sections of 万 and 亿, the section under way, the digit that waits for its power of ten."""

    pos: int
    total: Decimal = Decimal(0)
    section: Decimal = Decimal(0)
    digit: Decimal | None = None
    run: str = ""
    last: int = 0
    zero: bool = False
    arabic: bool = False
    about: bool = False
    powers: int = 0
    smallest: int = 0
    end: int = field(default=-1)

    def value(self) -> Decimal:
        """What has been read, a last digit counting a tenth of the power before it: 一万五 is 15,000."""
        rest = Decimal(0)
        if self.digit is not None:
            short = self.last > 10 and not self.zero and self.digit < 10 and len(self.run) == 1
            rest = self.digit * self.last / 10 if short else self.digit
        return self.total + self.section + rest


def arabic(text: str, pos: int) -> tuple[int, Decimal] | None:
    """Digits at that place: (end, value). Too long ones are none."""
    found = ARABIC.match(text, pos)
    if found is None or found.end() - pos > _LONGEST:
        return None
    raw = found.group()
    if "." in raw and "," in raw and raw.rindex(",") > raw.rindex("."):
        raw = raw.replace(".", "").replace(",", ".")
    return found.end(), Decimal(raw.replace(",", "").replace(" ", ""))


def read(text: str, pos: int) -> tuple[int, Decimal, str] | None:
    """The longest numeral that starts here: (end, value, rule). One of digits alone has the rule digits."""
    words = chinese()
    state = _State(pos)
    while state.pos < len(text) and _step(text, state, words):
        state.end = state.pos
    if state.end < 0:
        return None
    value, rule = state.value(), "digits"
    if not state.arabic or state.powers:
        rule = "han.about" if state.about else "han"
        pointed = None if state.arabic else _decimals(text, state.end, words)
        if pointed:
            state.end, tail = pointed
            value += tail
            if text[state.end : state.end + 1] in words.big and not state.powers:
                value *= words.big[text[state.end]]
                state.end += 1
        elif state.run and not state.powers and not state.arabic:
            value, rule = _digit_run(state.run, words)
    return state.end, value, rule


def _one_or_other(pair: str, words: Chinese) -> bool:
    """Whether two digits are a guess between both: 七八, 两三, 三五."""
    if len(pair) != 2 or not (pair[0] in words.digits and pair[1] in words.digits):
        return False
    return pair == "三五" or 0 < words.digits[pair[0]] == words.digits[pair[1]] - 1


def _digit_run(run: str, words: Chinese) -> tuple[Decimal, str]:
    """二零二六 digit by digit; 七八 (seven or eight) is about the larger."""
    digits = [words.digits[char] for char in run]
    if _one_or_other(run, words):
        return Decimal(digits[1]), "han.about"
    return Decimal("".join(map(str, digits))), "han"


def _step(text: str, state: _State, words: Chinese) -> bool:
    """Read one element at state.pos into the state; False where the numeral ends."""
    blank = _BLANKS.match(text, state.pos)
    at = blank.end() if blank else state.pos
    if blank and (state.end < 0 or not _goes_on(text, at, state, words)):
        return False
    char = text[at : at + 1]
    if char in words.big:
        return _big(state, at, words.big[char])
    if char in words.small:
        return _small(text, state, at, words.small[char])
    if char in words.digits:
        return _digit(text, state, at, words)
    if char in words.tens and state.digit is None and not (state.last and state.last <= 10):
        state.section += words.tens[char]
        state.last, state.pos, state.powers, state.zero = 10, at + 1, state.powers + 1, False
        return True
    if char.isascii() and (char.isdigit() or char == "."):
        return _arabic(text, state, at)
    about = words.about.match(text, at) if state.powers or state.digit is not None else None
    if about and (state.digit is not None or state.section):
        state.pos = about.end()
        return True
    return False


def _goes_on(text: str, at: int, state: _State, words: Chinese) -> bool:
    """Whether what follows a blank still belongs to the numeral: 7 万5, 四 百 五, but not 三百 五号."""
    char = text[at : at + 1]
    if char in words.big or char in words.small:
        if state.powers and char in "十拾":
            return False
        return state.digit is not None or bool(state.section) or char in words.big
    if not state.powers or state.digit is not None:
        return False
    if char in words.digits:
        after = text[at + 1 : at + 2]
        return after in words.small or after in words.big or (after.strip() == "" and state.last > 10)
    if char.isdigit():
        number = ARABIC.match(text, at)
        after = text[number.end() :][:2].strip()[:1] if number else ""
        return bool(after) and (after in words.small or after in words.big)
    return False


def _big(state: _State, at: int, power: int) -> bool:
    amount = state.section + (state.digit if state.digit is not None else 0)
    if power == 100_000_000 and state.total:
        state.total = (state.total + amount) * power
    elif not amount and not (state.total and state.last == 10_000):
        return False
    else:
        if state.smallest and power >= state.smallest:
            state.total, amount = Decimal(0), state.total + amount
        state.total += amount * power
    state.section, state.digit, state.run = Decimal(0), None, ""
    state.last, state.zero, state.pos, state.smallest = power, False, at + 1, power
    state.powers += 1
    return True


def _small(text: str, state: _State, at: int, power: int) -> bool:
    if text[at + 1 : at + 2] in _KILO_UNITS and power == 1000 and state.digit is not None:
        return False
    if state.last and power >= state.last and state.section and not state.zero:
        return False
    decimal = state.arabic and ("." in state.run or power == 1000)  # 1.2千, 12千件
    if (len(state.run) > 1 and not decimal) or (state.digit is None and power > 10 and state.powers):
        return False
    if state.digit is None and power > 10 and text[at + 1 : at + 2] not in chinese().digits:
        if state.powers or state.end >= 0 or not _vague(text, at):
            return False  # 百三 is 130, but 百 alone is a word
        state.about = True
    state.section += (state.digit or Decimal(1)) * power
    state.digit, state.run, state.last, state.zero, state.pos = None, "", power, False, at + 1
    if state.about and state.end < 0:
        state.pos += text[at + 1 : at + 2] in {"来", "把", "余"}
    state.powers += 1
    return True


def _vague(text: str, at: int) -> bool:
    """Whether a bare 百, 千 or 万 counts: 上千件, 近百套, 百来个, 千把个."""
    return text[at - 1 : at] in {"上", "近", "成", "过"} or text[at + 1 : at + 2] in {"来", "把", "余"}


def _digit(text: str, state: _State, at: int, words: Chinese) -> bool:
    char = text[at]
    after = text[at + 1 : at + 2]
    if state.digit is None and _one_or_other(text[at : at + 2], words) and not text.startswith("零", at):
        power = text[at + 2 : at + 3]
        closing = state.powers and power not in words.digits and not state.arabic  # 十五六, 一百五六
        if power in words.small or power in words.big or closing:  # 三四百, 五六十: the larger, and about
            state.run, state.digit, state.pos, state.about = after, Decimal(words.digits[after]), at + 2, True
            return True
    if char in "两俩" and state.end >= 0 and not (after in words.small or after in words.big):
        return False  # 三千两百两: the last one is a weight
    if char == "一" and state.run and after in _COUNTED:
        return False  # 七块八一件: eight, for one piece
    value = words.digits[char]
    if value == 0 and state.powers and state.digit is None:
        if after in words.digits or after in words.small or after.isdigit() or text.startswith("零几", at):
            state.zero, state.pos = True, at + (2 if text.startswith("零几", at) else 1)
            return True
        return False
    if state.digit is not None and (state.powers or state.arabic or len(state.run) >= _LONGEST):
        return False
    state.run += char
    state.digit, state.pos = Decimal(value), at + 1
    return True


def _arabic(text: str, state: _State, at: int) -> bool:
    if state.digit is not None:
        return False
    found = arabic(text, at)
    if found is None or (state.end >= 0 and not state.powers):
        return False
    if state.powers and text[at : at + 1] == ".":
        return False
    state.pos, state.digit = found
    state.run, state.arabic = text[at : state.pos], True
    return True


def _decimals(text: str, pos: int, words: Chinese) -> tuple[int, Decimal] | None:
    """点 and the digits behind it: (end, their value). 三点五十 is a time of day, 一点两小时 none either."""
    if text[pos : pos + 1] != "点":
        return None
    end = pos + 1
    while text[end : end + 1] and text[end] in words.digits and text[end] not in "两俩仨" and end - pos < _LONGEST:
        end += 1
    if end == pos + 1 or text[end : end + 1] in {"十", "刻", "分", "拾", "钟"}:
        return None
    return end, Decimal("0." + "".join(str(words.digits[char]) for char in text[pos + 1 : end]))
