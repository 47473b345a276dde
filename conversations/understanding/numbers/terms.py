"""The words around money, from currencies.yaml and money.yaml."""

import re
from decimal import Decimal
from functools import cache

from .lexicon import Phrases, data
from .units import units

_DIGITS = "零一二三四五六七八九"
_BETWEEN = re.compile(r"[ \t:=]*(?:是|为|约|大概|算|按|走|(?<![A-Za-z])(?:of|is|are|at|was))?[ \t:=]*$", re.IGNORECASE)
_LOTS = {
    "百": 100,
    "一百": 100,
    "千": 1000,
    "一千": 1000,
    "万": 10_000,
    "一万": 10_000,
    "十": 10,
    "hundred": 100,
    "thousand": 1000,
}
_LOTS |= {"10": 10, "100": 100, "1000": 1000, "1,000": 1000, "10000": 10_000, "1k": 1000}
_LOT = re.compile(
    r"((?:一?[百千万]|十)(?![一二三四五六七八九十百千万])|(?:1,000|10{1,4}|1k|hundred|thousand)(?![\w.,]\d|\d)|一) ?",
    re.IGNORECASE,
)
_NUMERAL = frozenset("一二三四五六七八九十百千万第两0123456789统唯单专同")
_AMOUNT = re.compile(r"[\d一二三四五六七八九十百千万两半] ?")
_ROLES = ("amount", "unit_price", "total")  # of a word in several lists the last counts


@cache
def _codes() -> dict[str, str]:
    """Every name and sign in lower case, and the currency it means."""
    table = data("currencies")
    found = {str(sign).lower(): str(code) for sign, code in table["signs"].items()}
    for code, names in table["names"].items():
        for name in names:
            found.setdefault(str(name).lower(), str(code))
    return found


def coin(name: str) -> tuple[str, Decimal] | None:
    """A smaller coin: (currency, how many make one)."""
    entry = data("currencies")["minor"].get(name)
    return None if entry is None else (str(entry[0]), Decimal(entry[1]))


def needs_company(name: str) -> bool:
    """Whether a coin's name alone means nothing: 十五分 is a time."""
    return name in data("currencies")["only_behind"]


@cache
def spoken() -> frozenset[str]:
    """Currencies in which 七块八 is 7.8."""
    return frozenset(data("currencies")["spoken"])


def digit(char: str) -> Decimal:
    """One digit, Arabic or Chinese."""
    return Decimal(char) if char.isascii() else Decimal(_DIGITS.index(char))


@cache
def _mega() -> dict[str, str]:
    return {f"m{code.lower()}": code for code in set(_codes().values())}


@cache
def _names_behind() -> Phrases:
    return Phrases([*_codes(), *data("currencies")["minor"], *_mega()])


@cache
def _names_before() -> Phrases:
    table = data("currencies")
    latin = [name for name in _codes() if name.isascii()]
    return Phrases([*latin, *table["signs"], *table["han_before"], *_mega()])


def currency_behind(text: str, pos: int) -> tuple[int, str] | None:
    """A currency or coin that starts there: (end, its name in lower case); what begins another word is none."""
    name = _names_behind().at(text, pos)
    if name is None or text[pos + len(name) : pos + len(name) + 1] in data("currencies")["not_before"]:
        return None
    return pos + len(name), name


def currency_before(text: str, end: int) -> tuple[int, str] | None:
    """A currency that ends right before a number: (start, its name in lower case)."""
    stop = len(text[max(0, end - 2) : end].rstrip(" \t")) + max(0, end - 2)
    name = _names_before().before(text, stop)
    return None if name is None else (stop - len(name), name)


def currency(name: str) -> tuple[str | None, int]:
    """The currency a name means, and the factor in it: MUSD are millions."""
    code = _codes().get(name)
    return (code, 1) if code else (_mega().get(name), 1_000_000)


@cache
def _labels() -> tuple[Phrases, dict[str, str]]:
    table = data("money")
    roles = {str(word).lower(): role for role in _ROLES for word in table[role]}
    roles |= {"@": "at", "at": "at"}
    return Phrases(roles), roles


def lead(text: str, start: int, end: int) -> tuple[int, str, str] | None:
    """The word right before an amount that says what it is: (its start, the word, its role)."""
    window = text[start:end]
    gap = _BETWEEN.search(window, max(0, len(window) - 12))
    phrases, roles = _labels()
    for stop in (end, start + gap.start() if gap else end):
        trimmed = start + len(text[start:stop].rstrip(" \t"))
        if window and text[max(start, trimmed - 1) : trimmed]:
            each = _each_before(text, start, trimmed)
            if each is not None:
                return each, "每", "each"
            word = phrases.before(text, trimmed)
            if word is not None and trimmed - len(word) >= start:
                return trimmed - len(word), word, roles[word]
    return None


def lot(text: str, pos: int) -> tuple[int, str, int] | None:
    """So many of a unit that starts there: (end, unit key, how many): 件, 一件, 百件, 100 pcs, a hundred, dozen.

    The key is "" where a number stands alone.
    """
    found = _LOT.match(text, pos)
    at = found.end() if found else pos
    count = _LOTS.get(found[1].lower(), 1) if found else 1
    unit = units().at(text, at)
    if unit is not None:
        return unit[0], unit[2], count * unit[3]
    return (at - (text[at - 1] == " "), "", count) if count > 1 else None


def _each_before(text: str, start: int, end: int) -> int | None:
    """Where 每件, 每一件 or 每百件 begins that ends there; 一件 where a quantity stands before it, or nothing."""
    at = text.rfind("每", max(start, end - 8), end)
    if at >= 0:
        each = lot(text, at + 1)
        return at if each is not None and each[0] == end else None
    at = text.rfind("一", max(start, end - 4), end)
    if at < 0 or text[at - 1 : at] in _NUMERAL or not (unit := units().at(text, at + 1)) or unit[0] != end:
        return None
    return at if not text[:at].strip() or _counted_before(text, at) else None


def _counted_before(text: str, end: int) -> bool:
    """Whether something is counted in the words right before: 200件,一件35."""
    low = max(0, end - 16)
    return any(units().at(text, hit.end()) is not None for hit in _AMOUNT.finditer(text, low, end))


@cache
def _phrases(*lists: str) -> Phrases:
    table = data("money")
    return Phrases(word for name in lists for word in table[name])


def each(text: str, pos: int) -> tuple[int, bool, str] | None:
    """What follows a price for one: (end, whether a unit must follow, the word): each, /件, 一件, per piece."""
    at = _skip(text, pos)
    word = _phrases("each_after").at(text, at)
    if word is not None:
        return at + len(word), False, word
    word = _phrases("per_links").at(text, at)
    if word is None:
        return None
    end = at + len(word)
    return end + len(text[end : end + 2]) - len(text[end : end + 2].lstrip(" ")), True, word


def total_behind(text: str, pos: int) -> int | None:
    """Where « in total», 总共 behind an amount end; a label of the next number (总价: 7000) is none."""
    at = _skip(text, pos)
    word = _phrases("total_after").at(text, at)
    if word is None or re.match(r"[ \t]*[\d:=是¥$]", text[at + len(word) : at + len(word) + 3]):
        return None
    return at + len(word)


def is_time(text: str, pos: int) -> bool:
    """Whether a word of time or a share follows, so that the number is no price."""
    return _phrases("times").at(text, pos) is not None


def tax_behind(text: str, pos: int) -> tuple[int, str] | None:
    """Words on tax behind an amount: (end, included or excluded)."""
    at = _skip(text, pos, " \t,(")
    for rule in ("excluded", "included"):
        word = _phrases(rule).at(text, at)
        if word is not None:
            end = at + len(word)
            return end + (text[at - 1 : at] == "(" and text[end : end + 1] == ")"), rule
    return None


def tax_before(text: str, end: int) -> tuple[int, str] | None:
    """Words on tax right before: (start, included or excluded)."""
    low = max(0, end - 4)
    stop = low + len(text[low:end].rstrip(" ,:的是"))
    for rule in ("excluded", "included"):
        word = _phrases(rule).before(text, stop)
        if word is not None:
            return stop - len(word), rule
    return None


def _skip(text: str, pos: int, marks: str = " \t,") -> int:
    end = pos + 2
    while pos < end and text[pos : pos + 1] and text[pos] in marks:
        pos += 1
    return pos
