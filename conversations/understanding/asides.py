"""What an order says beside its lines: a remark, whom to call, that it is urgent, a day that stands apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from .context import Context
from .dates import DateReading, read_dates
from .intents import Line, Slot
from .lexicon import Word

_MONTH_DAY = re.compile(r"(?:0?[1-9]|1[0-2])\.(?:0?[1-9]|[12]\d|3[01])")


def add_phone(words: Sequence[Word], slots: dict[str, Slot], context: Context) -> None:
    """Whom to call is a remark, with what the number is called: 电话:13812345678."""
    at = next((at for at, word in enumerate(words) if word.entity >= 0 and context.read(word).kind == "phone"), None)
    if at is None:
        return
    first = at - 1 if at and words[at - 1].entity < 0 and not apart(words[at - 1], words[at], context) else at
    start, end = words[first].start, words[at].end
    held, span = slots.get("remark"), context.raw(start, end)
    if held is None or span[0] <= held.span[0] < span[1]:
        slots["remark"] = Slot(context.said(start, end), span, True, "phone")


def hurry(words: Sequence[Word], context: Context) -> Slot | None:
    """That the order is urgent, said between commas, is a remark on it: 客户很急,快点."""
    pieces: list[list[Word]] = [[]]
    for before, word in zip([None, *words], words, strict=False):
        if before is not None and apart(before, word, context):
            pieces.append([])
        pieces[-1].append(word)
    held = [piece for piece in pieces[1:] if any("urge" in word.concepts for word in piece)
            and all(word.entity < 0 and not word.concepts & {"place", "flow"} for word in piece)]  # fmt: skip
    if not held:
        return None
    start, end = held[0][0].start, held[-1][-1].end
    if any(word.entity >= 0 for word in words if start <= word.start < end):
        start, end = held[0][0].start, held[0][-1].end
    return Slot(context.said(start, end), context.raw(start, end), True, "urgent")


def remark_range(words: Sequence[Word], context: Context) -> range:
    """The indices of what follows 备注: up to a comma; nothing counted in it is a line: 备注:分两批发."""
    text = context.masked.text
    for at, word in enumerate(words):
        cue = word.entity < 0 and word.concepts & {"remark_word", "note"}
        if cue and (text[word.end : word.end + 1] == ":" or word.text.endswith(":")):
            stop = at + 1
            while stop < len(words) and not any(
                sign in text[words[stop - 1].end : words[stop].start] for sign in ",，;；。\n"
            ):
                stop += 1
            return range(at + 1, stop)
    return range(0)


def day_left(words: Sequence[Word], lines: Sequence[Line], context: Context) -> Slot | None:
    """A day written as 12.18 that stands apart and is no part of a line: the promise date, as a guess."""
    held = [slot.span for line in lines for slot in (line.quantity, line.price, line.total) if slot is not None]
    for word in words:
        if word.entity < 0 or context.read(word).kind != "number":
            continue
        said, span = context.said(word.start, word.end), context.raw(word.start, word.end)
        if _MONTH_DAY.fullmatch(said) and span not in held:
            for reading in read_dates(f"{said}前", now=context.now)[:1]:
                read = context.read(word)
                return Slot(replace(reading, span=(read.start, read.end)), span, False, "month and day left over")
    return None


def day_before(words: Sequence[Word], at: int, context: Context) -> Slot | None:
    """A number that the word behind it makes a day: 老价格 12.15前."""
    word, following = words[at], words[at + 1] if at + 1 < len(words) else None
    said = context.said(word.start, word.end)
    if following is None or not following.text.startswith(("前", "之前", "以前")) or not _MONTH_DAY.fullmatch(said):
        return None
    read = context.read(word)
    for reading in read_dates(f"{said}前", now=context.now)[:1]:
        return Slot(replace(reading, span=(read.start, read.end)), context.raw(word.start, word.end), False, "before")
    return None


def about_now(held: object, other: object, context: Context) -> bool:
    """Whether the date held is but the period we are in, and the other a day: 这个月第二单, 十二月二十二号交."""
    if not (isinstance(held, DateReading) and isinstance(other, DateReading)) or held.deadline:
        return False
    around = held.kind == "range" and held.end is not None and held.start <= context.now < held.end
    return around and other.kind in {"day", "moment"} and other.due > context.now


def apart(one: Word, other: Word, context: Context) -> bool:
    """Whether a line break or a comma stands between two words."""
    return any(sign in context.masked.text[one.end : other.start] for sign in "\n,，;；")
