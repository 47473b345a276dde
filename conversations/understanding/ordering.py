"""order.place: lines, customer, delivery and the rest of an order from a clause."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from .asides import about_now, add_phone, apart, day_before, day_left, hurry, remark_range
from .context import Context
from .intents import Hit, Line, Named, Slot
from .judging import Clause
from .lexicon import Word, is_han
from .numbers import Money
from .patterns import Read

_COMPANY = re.compile(
    r"公司|集团|厂|机械|有限|科技|实业|贸易|\b(?:ltd|inc|llc|gmbh|co|corp|company|group|industries)\b", re.IGNORECASE
)
_POSTCODE = re.compile(r"\d")
_PLACE = re.compile(
    r"[省市区县镇村路街号园楼巷港]|\b(?:street|st|road|rd|avenue|ave|warehouse|port|park|lane|plant)\b", re.IGNORECASE
)
_AS_BEFORE = re.compile(
    r"(?:还是|就|仍|老样子)?(?:同上|照旧|老地方|老地址|原地址|原来(?:的)?(?:地址|地方)?|不变|一样|同前|如前"
    r"|(?:跟|和|同|与|按|照)(?:上次|上回|上一?单|之前|以前|前面|原来|往常)(?:的)?(?:一样|相同|同样|地址)?)"
    r"|(?:same|as) (?:address )?(?:as )?(?:before|last time|above|usual)|as before|same as ever",
    re.IGNORECASE,
)
_SENDS = frozenset({"发", "寄", "送", "运", "到"})
_NUMERIC = frozenset({"quantity", "number", "money", "date", "range"})
_CONTACT = "its contact"
_NOBODY = Slot(None, (0, 0))
_PARTS = ("product", "quantity", "price", "total", "discount")
_BETWEEN = frozenset({"x", "*", "×", "of"})  # 20 x VB-150
_EACH = frozenset({"ea", "each", "apiece"})
_MEASURE = frozenset({"个", "件", "台", "套", "只", "支", "of", "x", "pcs", "pc", "units", "的"})


def place_slots(clause: Clause, context: Context) -> dict[str, Slot]:
    """The slots of a new order."""
    slots: dict[str, Slot] = {}
    lines: list[Line] = []
    words = list(clause.words)
    address = _address(clause, context)
    for at, word in _outside(words, context):
        if word.entity < 0:
            if "flow" in word.concepts and "flow" not in slots and len(word.text) > 1:
                _flow(word, slots, context)
            continue
        read = context.read(word)
        span = context.raw(word.start, word.end)
        if read.kind in _NUMERIC and address[0] <= span[0] and span[1] <= address[1]:
            continue  # 星湖街328号5幢: numbers of an address count nothing
        if read.kind == "quantity" and getattr(read.value, "unit_key", "") == "batch" and lines and lines[-1].quantity:
            continue  # 四百件,分两批: in how many it comes
        if read.kind == "number" and (day := day_before(words, at, context)) is not None:
            slots.setdefault("promise_date", day)
        elif read.kind in {"product", "quantity", "number", "money", "discount"}:
            _onto_lines(read.kind, Slot(read.value, span, _sure(read), read.rule), lines, words, at, context)
        else:
            _onto_order(read, word, slots, context)
    _free(clause, context, slots, lines)
    if "promise_date" not in slots and (day := day_left(words, lines, context)) is not None:
        slots["promise_date"] = day
    add_phone(words, slots, context)
    if "remark" not in slots and (urgent := hurry(words, context)) is not None:
        slots["remark"] = urgent
    if lines:
        slots["lines"] = Slot(tuple(lines), context.raw(clause.start, clause.end), True, "lines")
    return slots


def _onto_order(read: Read, word: Word, slots: dict[str, Slot], context: Context) -> None:
    """What is said of the order as a whole: whose it is, for when, where to, their number."""
    span = context.raw(word.start, word.end)
    match read.kind:
        case "contact":
            _employer(read, span, slots, context)
        case "customer" if slots.get("customer", _NOBODY).source in {"", _CONTACT}:
            slots["customer"] = Slot(read.value, span, _sure(read), read.rule)
        case "date" | "range" | "duration":
            held = slots.get("promise_date")
            if held is None or held.value.grain == "part" or about_now(held.value, read.value, context):
                slots["promise_date"] = Slot(read.value, span, read.sure, read.rule)
        case "address":
            slots.setdefault("ship_to", Slot(context.said(word.start, word.end), span, True, read.rule))
        case "po":
            slots.setdefault("po_number", Slot(read.value, span, read.sure, read.rule))


def _employer(read: Read, span: tuple[int, int], slots: dict[str, Slot], context: Context) -> None:
    """Who orders is a customer by the name of one of its people: Mr Tan takes 12 pumps."""
    hits = read.value.hits if isinstance(read.value, Named) else ()
    keys = dict.fromkeys(key for hit in hits if (key := context.vocabulary.employers.get(hit.key)))
    if keys and isinstance(read.value, Named):
        named = Named(read.value.said, tuple(Hit("customer", key) for key in keys), len(keys) == 1)
        slots.setdefault("customer", Slot(named, span, False, _CONTACT))


def _flow(word: Word, slots: dict[str, Slot], context: Context) -> None:
    hits = [Hit(*one) for one in sorted(context.vocabulary.words.get(word.text, ())) if one[0] == "flow"]
    if hits:
        named = Named(context.said(word.start, word.end), tuple(hits), len(hits) == 1)
        slots["flow"] = Slot(named, context.raw(word.start, word.end), True, "flow")


def _address(clause: Clause, context: Context) -> tuple[int, int]:
    """Where the address stands in the raw text, (0, 0) if none is said."""
    if not any(word.entity >= 0 and context.read(word).kind in _NUMERIC for word in clause.words):
        return (0, 0)
    slots: dict[str, Slot] = {}
    _free(clause, context, slots, [])
    return slots["ship_to"].span if "ship_to" in slots else (0, 0)


def _outside(words: Sequence[Word], context: Context) -> Iterator[tuple[int, Word]]:
    """The words that belong to the order itself: outside of a remark, and no 4 that stands for "for"."""
    remark = remark_range(words, context)
    for at, word in enumerate(words):
        number = "number" in word.concepts and word.entity >= 0
        if at not in remark and not (number and _for(words, at, context)):
            yield at, word


def _for(words: Sequence[Word], at: int, context: Context) -> bool:
    """Whether a 4 is a word: an order 4 Huadong."""
    said = context.said(words[at].start, words[at].end)
    return said == "4" and at + 1 < len(words) and "customer" in words[at + 1].concepts and at > 0


def _sure(read: Read) -> bool:
    return read.sure and (not isinstance(read.value, Named) or read.value.sure)


def _onto_lines(kind: str, slot: Slot, lines: list[Line], words: Sequence[Word], at: int, context: Context) -> None:
    name = {"product": "product", "quantity": "quantity", "number": "quantity", "discount": "discount"}.get(kind)
    if kind == "money":
        money: Money = slot.value
        name = "total" if money.role == "total" else "price"
    if kind == "number" and lines and lines[-1].quantity is not None and lines[-1].product is not None:
        following = next((word for word in words[at + 1 :] if word.text not in _BETWEEN), None)
        if following is None or "product" not in following.concepts or apart(words[at], following, context):
            if lines[-1].price is None and lines[-1].total is None:
                lines[-1] = replace(lines[-1], price=replace(slot, sure=False))
            return
    if kind == "quantity" and lines and _each(slot, lines[-1], words, at):
        lines[-1] = replace(lines[-1], price=replace(slot, value=slot.value.value, sure=False))
        return
    assert name is not None  # noqa: S101  # every kind handed in is one of the table's
    last = lines[-1] if lines else None
    if (
        last is None
        or getattr(last, name) is not None
        or (kind in {"quantity", "number"} and last.product is not None and last.quantity is not None)
    ):
        lines.append(Line(span=slot.span))
        last = lines[-1]
    parts = {part: getattr(last, part) for part in _PARTS} | {name: slot}
    unit = last.unit
    if kind == "quantity":
        unit = (slot.value.unit or None) if slot.value.rule != "dozen" else None  # a dozen counts, it is no unit
    span = min(last.span[0], slot.span[0]), max(last.span[1], slot.span[1])
    lines[-1] = Line(**parts, unit=unit, span=span)


def _each(slot: Slot, last: Line, words: Sequence[Word], at: int) -> bool:
    """Whether "17.9 ea" behind a product that was counted is its price."""
    full = last.product is not None and last.quantity is not None and last.price is None and last.total is None
    following = words[at + 1].concepts if at + 1 < len(words) else frozenset[str]()
    return full and slot.value.unit in _EACH and "product" not in following


def _free(clause: Clause, context: Context, slots: dict[str, Slot], lines: list[Line]) -> None:
    """What is left between the words understood: address, unknown customer and product names, remark."""
    words = list(clause.words)
    rest: list[tuple[int, int]] = []
    at = 0
    while at < len(words):
        word = words[at]
        sends = word.text in _SENDS and at + 1 < len(words) and words[at + 1].start == word.end
        sends = sends and (
            (words[at + 1].entity < 0 and not words[at + 1].concepts - {"filler"}) or _elsewhere(words, at + 1, slots)
        )
        if (word.concepts & {"ship_to", "to_word"} or sends) and word.entity < 0 and "ship_to" not in slots:
            if at + 2 < len(words) and words[at + 1].text in _SENDS and words[at + 2].start == words[at + 1].end:
                at, word = at + 1, words[at + 1]  # 周四送 发苏州
            stop = _chunk_end(words, at + 1, context)
            said = context.said(word.end, words[stop - 1].end) if stop > at + 1 else ""
            if said and (word.text != "to" or not words[at + 1].concepts & {"date", "quantity", "customer"}):
                stop = _further(words, stop, context)
                said = context.said(word.end, words[stop - 1].end)
                if _AS_BEFORE.fullmatch(said):  # the same address is none that could be written on a parcel
                    span = context.raw(word.start, words[stop - 1].end)
                    slots.setdefault("remark", Slot(context.said(word.start, words[stop - 1].end), span))
                    at = stop
                    continue
                slots["ship_to"] = Slot(said, context.raw(word.end, words[stop - 1].end), True, "ship to")
                at = stop
                continue
        noted = "remark_word" in word.concepts or word.text == "备注:"
        if noted and at + 1 < len(words) and "remark" not in slots:
            stop = _chunk_end(words, at + 1, context)
            slots["remark"] = Slot(
                context.said(word.end, words[stop - 1].end), context.raw(word.end, words[stop - 1].end)
            )
            at = stop
            continue
        if _blank(word):
            stop = at + 1
            while stop < len(words) and _blank(words[stop]):
                gap = context.masked.text[words[stop - 1].end : words[stop].start]
                if gap.strip() or (gap and (is_han(words[stop].text[0]) or is_han(words[stop - 1].text[-1]))):
                    break
                stop += 1
            if stop < len(words) and _goes_on(words, at, stop, context):
                stop = _chunk_end(words, at, context)
            rest.append((at, stop))
            at = stop
            continue
        at += 1
    for first, stop in rest:
        _name(words, first, stop, context, slots, lines)


def _goes_on(words: Sequence[Word], at: int, stop: int, context: Context) -> bool:
    """Whether the number glued to a place is its house: 金鸡湖路1号."""
    said = context.said(words[at].start, words[stop - 1].end)
    glued = words[stop].start == words[stop - 1].end and bool(words[stop].concepts & _NUMERIC)
    return glued and _PLACE.search(said) is not None


def _further(words: Sequence[Word], stop: int, context: Context) -> int:
    """The index behind the rest of an address in Latin letters: the Old Mill, Leeds LS1 4AB."""
    while stop < len(words) and context.masked.text[words[stop - 1].end : words[stop].start].strip() == ",":
        end = _chunk_end(words, stop, context)
        said = context.said(words[stop].start, words[end - 1].end)
        plain = _blank(words[stop]) and all(
            (_blank(word) and word.text.isascii()) or "number" in word.concepts for word in words[stop:end]
        )  # Suite 5
        if not plain or not (said[:1].isupper() or _POSTCODE.search(said)):
            break
        stop = end
    return stop


def _elsewhere(words: Sequence[Word], at: int, slots: dict[str, Slot]) -> bool:
    """Whether a customer's name is but part of a place: 发南港仓库, in an order of somebody else."""
    named = "customer" in words[at].concepts and any("customer" in word.concepts for word in words[:at])
    following = words[at + 1] if at + 1 < len(words) else None
    placed = following is not None and following.start == words[at].end and following.entity < 0
    return named and placed and "customer" in slots


def _blank(word: Word) -> bool:
    """Whether a word may be part of a name: nothing knows it, or only as talk of other things (Grand Hotel)."""
    return (
        word.entity < 0 and word.concepts <= {"elsewhere", "thing"} and (not word.concepts or not is_han(word.text[0]))
    )


def _chunk_end(words: Sequence[Word], at: int, context: Context) -> int:
    """The index behind the words that stand in one piece from `at` on: up to punctuation, a field, a space of Han."""
    stop = at
    while stop < len(words):
        gap = context.masked.text[words[stop - 1].end : words[stop].start]
        if stop > at and (
            any(sign in gap for sign in ",，;；。\n") or (" " in gap and is_han(words[stop - 1].text[-1]))
        ):
            break
        glued = not gap and words[stop].concepts & {"date", "number", "quantity", "order"}
        if not glued and words[stop].concepts & {
            "date",
            "money",
            "quantity",
            "product",
            "po",
            "place",
            "remark_word",
            "po_word",
        }:
            break
        stop += 1
    return stop


def _name(
    words: list[Word], first: int, stop: int, context: Context, slots: dict[str, Slot], lines: list[Line]
) -> None:
    start, end = _name_span(words, first, stop)
    said, span = context.said(start, end), context.raw(start, end)
    if len(said) < 2:
        return
    beside = [
        word
        for word in (words[stop : stop + 1] + words[max(0, first - 1) : first])
        if word.concepts & {"quantity", "number"}
    ]
    open_line = next((at for at, line in enumerate(lines) if line.product is None), None)
    counted = words[stop].concepts & {"quantity", "number"} if stop < len(words) else frozenset[str]()
    if counted and stop + 1 < len(words) and _blank(words[stop + 1]) and said.isascii() and "customer" not in slots:
        beside = []  # Grand Hotel 200 chairs: what is counted stands behind the number
    if beside and open_line is not None and not (_COMPANY.search(said) and "customer" not in slots):
        named = context.names.resolve(said, "product")
        lines[open_line] = replace(
            lines[open_line], product=Slot(named, span, False, "near name" if named.hits else "as said")
        )
    elif "customer" not in slots and (_COMPANY.search(said) or not _PLACE.search(said)):
        named = context.names.resolve(said, "customer")
        slots["customer"] = Slot(named, span, False, "near name" if named.hits else "as said")
    elif open_line is not None and not _PLACE.search(said):
        named = context.names.resolve(said, "product")
        lines[open_line] = replace(
            lines[open_line], product=Slot(named, span, False, "near name" if named.hits else "as said")
        )
    elif "ship_to" not in slots and _PLACE.search(said):
        slots["ship_to"] = Slot(said, span, False, "looks like a place")
    else:
        slots.setdefault("remark", Slot(said, span, False, "what is left"))


def _name_span(words: list[Word], first: int, stop: int) -> tuple[int, int]:
    """A name grown by the words glued to it: "B型泵" of which only 泵 was unknown."""
    start, end = words[first].start, words[stop - 1].end
    taken = {"place", "ship_to", "want", "deliver", "remark_word", "quantity_word", "customer_word", "product_word"}
    at = first - 1
    while at >= 0 and words[at].end == start and words[at].entity < 0 and not words[at].concepts & taken:
        start = words[at].start
        at -= 1
    at = stop
    while at < len(words) and words[at].start == end and words[at].entity < 0 and not words[at].concepts & taken \
            and words[at].text not in _MEASURE:  # fmt: skip
        end = words[at].end
        at += 1
    return start, end
