"""What a text says of a form of the company file: «批次 77», «楼层改成6», a choice, a box that is ticked.

The grammar knows the general words of orders; a form's fields have the names that the company gave them, so a value
is what follows such a name, up to a comma or to the next name. A choice, and a box, need no name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from conversations.understanding.numbers import read_numbers
from store.company.models import FieldPart

Span = tuple[int, int]
_LINK = re.compile(
    r"\s*(?:[:：=]|[改换写](?:成|为|到)?|填|为|是|成|\b(?:should be|changed? to|set to|to|is|are)\b)?\s*",
    re.IGNORECASE,
)
_STOP = re.compile(r"[，;；。!！\n]|,(?!\d{3}(?!\d))|\.(?=\s|$)")
_NUMBER = re.compile(r"[¥$€£]?\s*([+-]?\d[\d,]*(?:\.\d+)?\s*[万千wk]?)(?![\w.])", re.IGNORECASE)
_BEGINS = re.compile(r"[¥$€£]?\s*([+-]?\d[\d,]*(?:\.\d+)?)(?![A-Za-z])")
_NOT = ("不", "没", "未", "not ", "no ", "not yet ", "isn't ", "un")
_KEY = 4
_COUNT = "数"
"""What the name of a count ends in, behind what is counted: 箱数."""
_ENDINGS = ("日期", "时间", "金额", "号码", "编号", " code", " number", " no", " no.", " date", " kg")
_AROUND = 5
"""So many characters around the name of a choice say nothing else: 要…的, …please."""

_ASKS = re.compile(r"[?？]\s*$|(?:吗|呢|多少|什么|哪\w?|谁)[?？]?\s*$")


@dataclass(frozen=True, slots=True)
class Called:
    """Something that may be given by name: its key, what people call it, the type of its value, its choices."""

    field: str
    names: tuple[str, ...]
    type: str = "text"
    choices: tuple[str, ...] = ()


def called(part: FieldPart) -> Called:
    """A field of a form: by its names, by what they are short for (量尺 for 量尺日期), or by its key as a word."""
    key = part.field.replace("_", " ")
    short = [one[: -len(end)] for one in part.name.all for end in _ENDINGS if one.lower().endswith(end)]
    more = [*(one for one in short if len(one) > 1), *([key] if len(key) >= _KEY else [])]
    return Called(part.field, (*part.name.all, *more), part.type, part.choices)


@dataclass(frozen=True, slots=True)
class Said:
    """A value for a field, and where in the plain text it stands, its name included. `named`: the field was named."""

    part: Called
    value: Any
    span: Span
    named: bool


def plain_text(text: str) -> str:
    """Text as it is looked through here."""
    return unicodedata.normalize("NFKC", text)


def said_in(text: str, form: Iterable[FieldPart | Called], *, named_only: bool = False) -> list[Said]:
    """What the text gives to fields of a form, each at most once.

    Args:
        text: as typed.
        form: the fields.
        named_only: take nothing by a choice or a box alone.
    """
    plain, parts = plain_text(text), [one for one in map(_called, form) if one.type != "file"]
    names = _names(plain, parts)
    found: dict[str, Said] = {}
    for at, (part, start, end) in enumerate(names):
        limit = names[at + 1][1] if at + 1 < len(names) else len(plain)
        one = _named(part, plain, (start, end), limit)
        if one is not None:
            found.setdefault(part.field, one)
    for part in parts:
        if part.field not in found and (one := _counted(part, plain)) is not None:
            found[part.field] = one
        if part.field not in found and not named_only and (one := _by_itself(part, plain)) is not None:
            found[part.field] = one
    return list(found.values())


def unreadable(text: str, form: Iterable[FieldPart | Called]) -> tuple[Called, str] | None:
    """A field that the text names with something that is no value of it: «发票要电子票», «楼层abc»; None if none."""
    parts = [
        one if isinstance(one, Called) else Called(one.field, one.name.all, one.type, one.choices)
        for one in form
        if one.type in {"choice", "integer", "decimal", "money", "date"}
    ]
    plain = plain_text(text)
    if _ASKS.search(plain):
        return None
    for at, (part, start, end) in enumerate(names := _names(plain, parts)):
        limit = names[at + 1][1] if at + 1 < len(names) else len(plain)
        link = _LINK.match(plain, end, limit)
        value = end if link is None else link.end()
        stop = _STOP.search(plain, value, limit)
        rest = plain[value : stop.start() if stop else limit].strip()
        if rest and _named(part, plain, (start, end), limit) is None:
            return part, rest
    return None


def without(text: str, said: Iterable[Said]) -> str:
    """The text without the pieces that gave values to a form."""
    plain = plain_text(text)
    for one in sorted(said, key=lambda each: each.span, reverse=True):
        plain = f"{plain[: one.span[0]]} {plain[one.span[1] :]}"
    return plain.strip(" \t\n,，。;；:：、")


def other_numbers(text: str, refs: Sequence[str], said: Sequence[Said]) -> list[str]:
    """Of numbers that were taken for orders, those that stand somewhere else than behind the name of a field."""
    rest = without(text, [one for one in said if one.named])
    held = {ref for one in said if one.named for ref in re.findall(r"\d+", str(one.value))}
    return [ref for ref in refs if ref not in held or re.search(rf"(?<!\d){re.escape(ref)}(?!\d)", rest)]


def option_named(text: str, options: Sequence[Any], *, whole: bool = False) -> int | None:
    """Which of the options a text names: by being one of its names, or by holding just one with a word around it.

    Args:
        text: as typed.
        options: the names of each, alone or several together.
        whole: only what is nothing but a name will do.
    """
    plain = plain_text(text).strip(" \t\n.,，。!！~").casefold()
    names = [[plain_text(name).casefold() for name in _texts(one)] for one in options]
    exact = [place for place, known in enumerate(names) if plain in known]
    if exact or whole:
        return exact[0] if exact else None
    held = {
        place: max(fitting, key=len)
        for place, known in enumerate(names)
        if (fitting := [name for name in known if len(name) > 1 and re.search(_whole(name), plain)])
    }
    longest = [at for at, one in held.items() if not any(one != other and one in other for other in held.values())]
    around = len(plain) - len(held[longest[0]]) if len(longest) == 1 else _AROUND + 1
    return longest[0] if around <= _AROUND and not _ASKS.search(plain) else None


def _texts(option: Any) -> list[str]:
    """Every text in an option: a name, a map of names, a list of these."""
    if isinstance(option, Mapping):
        option = list(option.values())
    if isinstance(option, str):
        return [option]
    return [text for one in option for text in _texts(one)] if isinstance(option, list | tuple) else []


def _called(part: FieldPart | Called) -> Called:
    return part if isinstance(part, Called) else called(part)


def _names(text: str, parts: Sequence[Called]) -> list[tuple[Called, int, int]]:
    """Where fields are named, in order; of overlapping names the longest."""
    lower = text.lower()
    hits = [
        (part, *span)
        for part in parts
        for name in part.names
        if _lower(name) in lower
        for span in _standing(name, text)
    ]
    kept: list[tuple[Called, int, int]] = []
    for one in sorted(hits, key=lambda hit: hit[1] - hit[2]):
        if all(one[2] <= other[1] or one[1] >= other[2] for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda hit: hit[1])


def _standing(name: str, text: str) -> Iterator[Span]:
    """Where a name or choice stands in a text, in any case; few of hundreds do, and only those cost a pattern."""
    if _lower(name) not in text.lower():
        return
    for hit in re.finditer(_whole(plain_text(name)), text, re.IGNORECASE):
        yield hit.span()


@lru_cache(maxsize=4096)
def _lower(name: str) -> str:
    """A name as it is looked for; each text is looked through for hundreds of them."""
    return plain_text(name).lower()


def _whole(plain: str) -> str:
    """A pattern for a name or choice; a Latin one is a word of its own, one or several of it."""
    first, last = plain[:1].isascii() and plain[:1].isalnum(), plain[-1:].isascii() and plain[-1:].isalnum()
    before, after = r"(?<![A-Za-z0-9])" if first else "", r"(?:s|es)?(?![A-Za-z0-9])" if last else ""
    return f"{before}{re.escape(plain)}{after}"


def _named(part: Called, text: str, name: Span, limit: int) -> Said | None:
    if part.type == "check":
        return Said(part, _ticked(text, name[0]), name, True)
    link = _LINK.match(text, name[1], limit)
    start = link.end() if link else name[1]
    stop = _STOP.search(text, start, limit)
    end = stop.start() if stop else limit
    reader = _READERS.get(part.type, _words)
    taken = reader(part, text, start, end)
    return Said(part, taken[0], (name[0], taken[1]), True) if taken is not None else None


def _words(_part: Called, text: str, start: int, end: int) -> tuple[Any, int] | None:
    said = text[start:end].strip()
    return None if not said or _ASKS.search(text[start:]) else (said, end)


def _digits(_part: Called, text: str, start: int, end: int) -> tuple[Any, int] | None:
    hit = _NUMBER.match(text, start, end) or _BEGINS.match(text, start, end)
    if hit is not None:
        return hit[1].strip(), hit.end()
    number = next((one for one in read_numbers(text[start:end].lower()) if one.span[0] == 0), None)
    return (number.value, start + number.span[1]) if number is not None else None


def _one_choice(part: Called, text: str, start: int, end: int) -> tuple[Any, int] | None:
    hits = _choices(part, text, start, end)
    return (hits[0][0], hits[0][1][1]) if len(hits) == 1 else None


_READERS: Mapping[str, Callable[[Called, str, int, int], tuple[Any, int] | None]] = {
    "integer": _digits,
    "decimal": _digits,
    "money": _digits,
    "choice": _one_choice,
}


def _counted(part: Called, text: str) -> Said | None:
    """A number in front of what its field counts: 2 crates for Crates, 12箱 for 箱数."""
    if part.type not in {"integer", "decimal"}:
        return None
    things = {plain_text(name).removesuffix(_COUNT) for name in part.names}
    wanted = "|".join(_whole(one) for one in sorted(things, key=len, reverse=True) if one)
    hits = list(re.finditer(rf"(?<![\w.,-])(\d[\d,]*(?:\.\d+)?)\s*(?:{wanted})", text, re.IGNORECASE))
    return Said(part, hits[0][1].replace(",", ""), hits[0].span(), True) if len(hits) == 1 else None


def _by_itself(part: Called, text: str) -> Said | None:
    if part.type != "choice":
        return None
    hits = _choices(part, text, 0, len(text))
    return Said(part, hits[0][0], hits[0][1], False) if len(hits) == 1 else None


def _choices(part: Called, text: str, start: int, end: int) -> list[tuple[Any, Span]]:
    """The choices named in a piece of text, none within a longer one."""
    hits = [
        (one, (start + first, start + last)) for one in part.choices for first, last in _standing(one, text[start:end])
    ]
    longest = [
        hit
        for hit in hits
        if not any(other[1] != hit[1] and other[1][0] <= hit[1][0] and hit[1][1] <= other[1][1] for other in hits)
    ]
    return list({str(one[0]): one for one in longest}.values())


def _ticked(text: str, at: int) -> bool:
    """Whether the words that name a box tick it: 合格, not 不合格."""
    return not text[:at].lower().endswith(_NOT)
