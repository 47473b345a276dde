"""order.place and order.change: lines, customer, delivery and the rest of an order from a clause."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from .clauses import Clause
from .intents import Change, Line, Named, Slot
from .lexicon import Word, is_han
from .numbers import Money
from .patterns import Read
from .slots import Context

_COMPANY = re.compile(
    r"公司|集团|厂|机械|有限|科技|实业|贸易|\b(?:ltd|inc|llc|gmbh|co|corp|company|group|industries)\b", re.IGNORECASE
)
_PLACE = re.compile(
    r"[省市区县镇村路街号园楼巷港]|\b(?:street|st|road|rd|avenue|ave|warehouse|port|park|lane|plant)\b", re.IGNORECASE
)
_TAKES = {
    "quantity": frozenset({"quantity", "number"}), "price": frozenset({"money", "number", "quantity"}),
    "total": frozenset({"money", "number"}), "promise_date": frozenset({"date", "range", "duration"}),
    "customer": frozenset({"customer"}), "product": frozenset({"product"}), "po_number": frozenset({"po", "number"}),
}  # fmt: skip
_SENDS = frozenset({"发", "寄", "送", "运", "到"})
_MEASURE = frozenset({"个", "件", "台", "套", "只", "支", "of", "x", "pcs", "pc", "units", "的"})
_FIELDS = {"quantity_word": "quantity", "price_word": "price", "promise_word": "promise_date",
           "po_word": "po_number", "ship_to": "ship_to", "customer_word": "customer", "product_word": "product",
           "total_word": "total"}  # fmt: skip
_BY_ENTITY = {"quantity": "quantity", "money": "price", "date": "promise_date", "range": "promise_date",
              "duration": "promise_date", "number": "quantity", "product": "product", "customer": "customer",
              "po": "po_number", "discount": "discount"}  # fmt: skip


def place_slots(clause: Clause, context: Context) -> dict[str, Slot]:
    """The slots of a new order."""
    slots: dict[str, Slot] = {}
    lines: list[Line] = []
    words = list(clause.words)
    for at, word in enumerate(words):
        if word.entity < 0:
            if "flow" in word.concepts and "flow" not in slots and len(word.text) > 1:
                keys = [key for kind, key in sorted(context.vocabulary.words.get(word.text, ())) if kind == "flow"]
                if keys:
                    slots["flow"] = Slot(
                        context.said(word.start, word.end), context.raw(word.start, word.end), True, "flow"
                    )
            continue
        read = context.read(word)
        span = context.raw(word.start, word.end)
        if read.kind in {"product", "quantity", "number", "money", "discount"}:
            _onto_lines(read.kind, Slot(read.value, span, _sure(read), read.rule), lines, words, at, context)
        elif read.kind == "customer":
            slots.setdefault("customer", Slot(read.value, span, _sure(read), read.rule))
        elif read.kind in {"date", "range", "duration"}:
            slots.setdefault("promise_date", Slot(read.value, span, read.sure, read.rule))
        elif read.kind == "po":
            slots.setdefault("po_number", Slot(read.value, span, read.sure, read.rule))
    _free(clause, context, slots, lines)
    if lines:
        slots["lines"] = Slot(tuple(lines), context.raw(clause.start, clause.end), True, "lines")
    return slots


def _sure(read: Read) -> bool:
    return read.sure and (not isinstance(read.value, Named) or read.value.sure)


def _onto_lines(kind: str, slot: Slot, lines: list[Line], words: Sequence[Word], at: int, context: Context) -> None:
    name = {"product": "product", "quantity": "quantity", "number": "quantity", "discount": "discount"}.get(kind)
    if kind == "money":
        money: Money = slot.value
        name = "total" if money.role == "total" else "price"
    if kind == "number" and lines and lines[-1].quantity is not None and lines[-1].product is not None:
        following = words[at + 1] if at + 1 < len(words) else None
        if following is None or "product" not in following.concepts or _apart(words[at], following, context):
            if lines[-1].price is None and lines[-1].total is None:
                lines[-1] = replace(lines[-1], price=replace(slot, sure=False))
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
    value: dict[str, Any] = {name: slot}
    if kind == "quantity":
        value["unit"] = (
            (slot.value.unit or None) if slot.value.rule != "dozen" else None
        )  # a dozen counts, it is no unit
    lines[-1] = replace(last, **value, span=(min(last.span[0], slot.span[0]), max(last.span[1], slot.span[1])))


def _apart(one: Word, other: Word, context: Context) -> bool:
    """Whether a line break or a comma stands between two words."""
    return any(sign in context.masked.text[one.end : other.start] for sign in "\n,，;；")


def _free(clause: Clause, context: Context, slots: dict[str, Slot], lines: list[Line]) -> None:
    """What is left between the words understood: address, unknown customer and product names, remark."""
    words = list(clause.words)
    rest: list[tuple[int, int]] = []
    at = 0
    while at < len(words):
        word = words[at]
        sends = word.text in _SENDS and at + 1 < len(words) and words[at + 1].start == word.end
        sends = sends and words[at + 1].entity < 0 and not words[at + 1].concepts - {"filler"}
        if (word.concepts & {"ship_to", "to_word"} or sends) and word.entity < 0 and "ship_to" not in slots:
            stop = _chunk_end(words, at + 1, context)
            said = context.said(word.end, words[stop - 1].end) if stop > at + 1 else ""
            if said and (word.text != "to" or not words[at + 1].concepts & {"date", "quantity", "customer"}):
                slots["ship_to"] = Slot(said, context.raw(word.end, words[stop - 1].end), True, "ship to")
                at = stop
                continue
        if "remark_word" in word.concepts and at + 1 < len(words) and "remark" not in slots:
            stop = _chunk_end(words, at + 1, context)
            slots["remark"] = Slot(
                context.said(word.end, words[stop - 1].end), context.raw(word.end, words[stop - 1].end)
            )
            at = stop
            continue
        if not word.concepts and word.entity < 0:
            stop = at + 1
            while stop < len(words) and not words[stop].concepts and words[stop].entity < 0:
                gap = context.masked.text[words[stop - 1].end : words[stop].start]
                if gap.strip() or (gap and (is_han(words[stop].text[0]) or is_han(words[stop - 1].text[-1]))):
                    break
                stop += 1
            rest.append((at, stop))
            at = stop
            continue
        at += 1
    for first, stop in rest:
        _name(words, first, stop, context, slots, lines)


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


def change_slots(clause: Clause, context: Context, *, drafting: bool) -> dict[str, Slot]:
    """What is to be changed: the field words before each value, else the kind of the value."""
    slots: dict[str, Slot] = {}
    changes: list[Change] = []
    words = clause.words
    named, line, mode, cue_at = "", None, "set", -1
    for at, word in enumerate(words):
        cues = word.concepts
        if word.entity < 0:
            own = [
                form.key
                for form in context.vocabulary.fields
                if form.step is None and word.text in map(str.lower, form.names)
            ]
            field = (
                own[0]
                if own
                else next((field for cue, field in _FIELDS.items() if cue in cues and word.text != "to"), "")
            )
            named = field or named
            if "change" in cues or "move" in cues or "wrong" in cues:
                cue_at = at
                mode = next((one.removeprefix("mode.") for one in cues if one.startswith("mode.")), mode)
            if (
                named
                and (own or named in {"ship_to", "po_number"})
                and at + 1 < len(words)
                and (text := _typed(words, at, clause, context))
            ):
                changes.append(Change(named, text[0], None, "set", text[1]))
                _skipped(words[at + 1 :], slots, context)
                break
            continue
        read = context.read(word)
        span = context.raw(word.start, word.end)
        if read.kind == "order" or (
            read.kind == "number" and _names_order(words, at, cue_at, mode, drafting=drafting or "orders" in slots)
        ):
            value = read.value if isinstance(read.value, tuple) else (context.text[read.start : read.end],)
            slots.setdefault("orders", Slot(value, span, True, read.rule))
        elif (
            read.kind == "product"
            and cue_at < 0
            and not drafting
            and any(later.concepts & {"quantity", "number", "money"} for later in words[at + 1 :])
        ):
            line = _product(read)
        elif read.kind in _BY_ENTITY:
            field = named if read.kind in _TAKES.get(named, frozenset()) else _BY_ENTITY[read.kind]
            if read.kind == "product" and any(later.concepts & {"quantity", "number"} for later in words[at + 1 :]):
                line = _product(read)
                continue
            changes = [one for one in changes if one.field != field]
            changes.append(Change(field, read.value, line, mode, span, read.sure))
            named = ""
    if changes:
        slots["changes"] = Slot(tuple(changes), context.raw(clause.start, clause.end), True, "changes")
    because = next((word for word in words if "because" in word.concepts and len(word.text) > 1), None)
    if because is not None and because.end < clause.end:
        slots["reason"] = Slot(
            context.said(because.end, clause.end), context.raw(because.end, clause.end), True, "because"
        )
    return slots


def _product(read: Read) -> Named | None:
    return read.value if isinstance(read.value, Named) else None


def _skipped(words: Sequence[Word], slots: dict[str, Slot], context: Context) -> None:
    """The order named between a field and its new text: the ship-to of 12 to ..."""
    for before, word in pairwise(words):
        if word.concepts & {"order", "number"} and before.text in {"of", "for", "on", "order"}:
            read = context.read(word)
            value = read.value if isinstance(read.value, tuple) else (context.text[read.start : read.end],)
            slots.setdefault("orders", Slot(value, context.raw(word.start, word.end), True, read.rule))
            return


def _names_order(words: Sequence[Word], at: int, cue_at: int, mode: str, *, drafting: bool) -> bool:
    """Whether a bare number names the order: it stands before the cue with another value behind it, or behind "of"."""
    if drafting or not words[at].text:
        return False
    before = words[at - 1].text if at else ""
    if before in {"of", "for", "on", "in", "把"} or (
        before == "to" and at == len(words) - 1 and any(word.entity >= 0 for word in words[:at])
    ):
        return True
    later = words[at + 1 :]
    if cue_at < 0:
        return any(word.concepts & {"change", "move"} for word in later)
    direct = mode == "set" and (cue_at == at - 1 or all("filler" in word.concepts for word in words[cue_at + 1 : at]))
    return cue_at == 0 and direct and any(word.entity >= 0 or "ship_to" in word.concepts for word in later)


def _typed(words: Sequence[Word], at: int, clause: Clause, context: Context) -> tuple[str, tuple[int, int]] | None:
    """The free words that a text field is to hold: what follows the change cue, or the field's name."""
    start = words[at].end
    for word in words[at + 1 :]:
        if (
            word.concepts & {"change"}
            or word.text in {"to", "到", "为", "是", "成"}
            or word.concepts & {"order", "number", "order_word"}
            or word.text in {"of", "for", "the", "order"}
        ):
            start = word.end
        else:
            break
    said = context.said(start, clause.end)
    return (said, context.raw(start, clause.end)) if said else None
