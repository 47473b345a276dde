"""The slots of an intent from the words and entities of its clause."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from .context import STOPS, Context
from .dates import DateReading
from .intents import INTENTS, Named, Slot
from .judging import Clause
from .lexicon import Word, is_han
from .references.orders import MOST
from .rules import NEUTRAL
from .specials import SPECIAL, own

_WEEKDAY = re.compile(
    r"周[一二三四五六日天]|星期[一二三四五六日天]|礼拜[一二三四五六日天]|\b(?:mon|tue|wed|thu|fri|sat|sun)"
)
_THIS = re.compile(r"[本这今]|this|today")
_COUNTED_BEFORE = re.compile(
    r"(?:short by|by|short of|only|another|extra|qty|quantity|price"
    r"|到账|收到|数量|单价|总价|金额|缺|少了|差了?|多了)\s*$"
)
_SOME_OF = re.compile(
    r"\s*(?:out )?of (?:the|them|these|those|our|your|my|their)\b(?! (?:door|gate|plant|way)\b)"
)  # 3 of the boxes
_PAID_BEFORE = re.compile(
    r"(?:paid|pays|received|transferred|sent|wired|到账|打款|付了?|汇了?|回款|收到|收了|转了|打了|货款)\s*$"
)
_FREE = MappingProxyType(
    {"reason": "reason", "text": "text", "note": "note", "solution": "solution", "remark": "remark"}
)
_EMPTY = frozenset(
    {
        "filler",
        "need",
        "will",
        "deliver",
        "arrive",
        "neg",
        "perf",
        "q",
        "polite",
        "order_word",
        "it",
        "many",
        "urge",
        "request",
    }
)
_NEAR, _SHORT = 24, 4  # characters before a number that say what it counts; digits of an order said short
_UP_TO = frozenset({"到", "至", "~", "-", "to", "through", "thru"})
_LAST_DIGITS = re.compile(r"\d+$")
_POSTPONES = frozenset({"move", "need", "cannot", "delay", "shifted", "will_be", "give_me"})
_DATED = ("date", "duration", "time", "range")
_REASON_FIRST = frozenset({"review.return", "order.cancel", "order.hold"})
_WAITS = re.compile(r"\b(?:still )?waiting (?:for|on)\s*$", re.IGNORECASE)


def fill(intent: str, clause: Clause, context: Context) -> dict[str, Slot]:
    """The slots that the clause gives the intent; those it may not carry are left out."""
    slots: dict[str, Slot] = {}
    allowed = INTENTS[intent]
    for word in clause.words:
        if word.entity >= 0:
            _entity(intent, word, slots, context)
        elif word.concepts & {"step", "kind", "flow", "department", "trouble", "special"} or any(
            one.startswith("act.") for one in word.concepts
        ):
            own(word, slots, context)
    if "to" in allowed and "department" in slots and intent in {"step.hand_over", "flow.change"}:
        slots.setdefault("to", slots["department"])
    _dates(intent, slots, context)
    _special(intent, clause, slots, context)
    free = next((name for name in _FREE if name in allowed), None)
    if free and (said := free_text(intent, clause, context)) is not None:
        why = _why(intent, said, slots, context) if free == "reason" else said
        slots |= {free: why} if why is not None and free not in slots else {}
    if "rest" in slots or ("remark" in slots and _only_values(slots, context)):
        slots.pop("remark", None)  # what is said of the rest, or was read as fields, is no remark
    return {name: slot for name, slot in slots.items() if name in allowed}


def _entity(intent: str, word: Word, slots: dict[str, Slot], context: Context) -> None:
    read = context.read(word)
    span = context.raw(word.start, word.end)
    kind = {"po": "po_number"}.get(read.kind, read.kind)
    if intent == "money.receive" and kind == "number" and "amount" not in slots and _is_amount(word, context):
        slots["amount"] = Slot(read.value, span, read.sure, read.rule)
    elif kind == "order" or (kind == "number" and _is_reference(intent, word, context)):
        more: tuple[str, ...] = read.value if isinstance(read.value, tuple) else (context.text[read.start : read.end],)
        held = slots.get("orders")
        if held:
            more = _up_to(word, context) or more
        value = (*held.value, *(one for one in more if one not in held.value)) if held else more
        slots["orders"] = Slot(value, (held.span[0], span[1]) if held else span, read.rank > 50, read.rule)
    elif kind == "person":
        role = {"step.hand_over": "to", "flow.change": "to", "person.away": "cover", "order.list": "owner"}.get(
            intent, "person"
        )
        slots.setdefault(role, Slot(read.value, span, read.sure, read.rule))
    elif kind == "money":
        slots.setdefault("amount", Slot(read.value, span, read.sure, read.rule))
    elif kind in _DATED:
        role = "@to" if "@from" in slots or _is_end(word, context) else "@from"
        slots.setdefault(role, Slot(read.value, span, read.sure, read.rule))
    else:
        sure = read.sure and (not isinstance(read.value, Named) or read.value.sure)
        slots.setdefault(kind, Slot(read.value, span, sure, read.rule))


def _up_to(word: Word, context: Context) -> tuple[str, ...]:
    """The orders from the one named right before to this: 12到15 are four, SO-2611-0012~15 too; none if no range."""
    read, before = context.read(word), context.reads[word.entity - 1] if word.entity else None
    if before is None or context.text[before.end : read.start].strip() not in _UP_TO:
        return ()
    first = before.value[-1] if isinstance(before.value, tuple) else context.text[before.start : before.end]
    low, last = _LAST_DIGITS.search(first), context.text[read.start : read.end]
    if low is None or not last.isdigit():
        return ()
    head, width = first[: low.start()], len(low[0]) if low.start() or low[0].startswith("0") else 0
    numbers = range(int(low[0]) + 1, int(last) + 1)
    return tuple(f"{head}{number:0{width}}" for number in numbers) if len(numbers) < MOST else ()


def _is_reference(intent: str, word: Word, context: Context) -> bool:
    read = context.read(word)
    said = context.text[read.start : read.end]
    if "orders" not in INTENTS[intent] or not said.isdigit() or len(said) > 8:
        return False
    if _SOME_OF.match(context.text, read.end) or (
        "quantity" in word.concepts and context.text[read.end : read.end + 1] != ":"
    ):
        return False
    if _COUNTED_BEFORE.search(context.text[max(0, read.start - _NEAR) : read.start]):
        return False
    return len(said) <= _SHORT or not any(one.kind == "order" for one in context.reads)


def _is_amount(word: Word, context: Context) -> bool:
    """Whether a bare number is an amount rather than an order's: 华东到账50000, not 12到账."""
    read = context.read(word)
    said = context.text[read.start : read.end]
    return (
        not said.isdigit()
        or len(said) > 4
        or bool(_PAID_BEFORE.search(context.text[max(0, read.start - _NEAR) : read.start]))
    )


def _is_end(word: Word, context: Context) -> bool:
    """Whether the date is said to be the end of something: 到周五, until Friday, 周五前."""
    read = context.read(word)
    before = context.text[: read.start].rstrip()
    said = context.text[read.start : read.end]
    return before.endswith(("到", "至", "until", "till", "through")) or said.startswith(
        ("到", "至", "until", "till", "through")
    )


def _to_come(slot: Slot | None, context: Context) -> Slot | None:
    """Postponed to Monday, said on a Monday: the next one."""
    if slot is None or not isinstance(slot.value, DateReading) or slot.value.kind != "day" or slot.value.grain != "day":
        return slot
    day: DateReading = slot.value
    said = context.plain.raw[slice(*slot.span)].lower()
    if day.due.date() != context.now.date() or not _WEEKDAY.search(said) or _THIS.search(said):
        return slot
    week = timedelta(days=7)
    return replace(slot, value=replace(day, start=day.start + week, due=day.due + week, end=day.end and day.end + week))


def _dates(intent: str, slots: dict[str, Slot], context: Context) -> None:
    first, second = slots.pop("@from", None), slots.pop("@to", None)
    allowed = INTENTS[intent]
    if intent.startswith("person.") and "to" in allowed:
        found = {"from": first, "to": second}
        if first is not None and second is None and first.value.kind == "range":
            last: DateReading = first.value
            begins = replace(last, kind="day", due=last.start)
            found = {"from": replace(first, value=begins), "to": replace(first, value=replace(last, kind="day"))}
    else:
        found = {"": (second or first) if "until" in allowed else (first or second)}
    if "until" in allowed or intent in {"order.change", "person.back"}:
        found = {role: _to_come(slot, context) for role, slot in found.items()}
    for role, slot in found.items():
        name = role or next((name for name in ("until", "on", "period", "from", "promise_date") if name in allowed), "")
        if slot is not None and name:
            slots.setdefault(name, slot)


def _special(intent: str, clause: Clause, slots: dict[str, Slot], context: Context) -> None:
    """Slots that follow from which words were said rather than from what was read."""
    special = SPECIAL.get(intent)
    if special is not None:
        special(clause, slots, context)
    if intent in {"person.language", "person.channel"}:
        part = "lang." if intent == "person.language" else "channel."
        for concept in sorted(clause.concepts):
            if concept.startswith(part):
                value = Slot(concept.removeprefix(part), context.raw(clause.start, clause.end), True, concept)
                slots[intent.removeprefix("person.")] = value


def free_text(intent: str, clause: Clause, context: Context) -> Slot | None:
    """What the clause says beyond its cue: after a word like 因为 if there is one, else what is left over."""
    for word in clause.words:
        if "because" in word.concepts and word.end < clause.end and len(word.text) > 1:
            return _text(word.end, clause.end, context, "because")
    if intent in {"problem.report", "complaint"}:
        start = _after_references(clause, clause.start, context)
        return _text(start, clause.end, context, "whole clause")
    used = clause.best.words if clause.best else ()
    if intent in {"order.note", "suggest"} and used:
        cue = next((word for word in used if word.concepts & {"note", "suggest"}), used[0])
        return _text(_after_references(clause, cue.end, context), clause.end, context, "after the cue")
    at = _core_end(clause, used, context)
    left = clause.words[at:]
    if any(word.entity < 0 and not word.concepts & _EMPTY for word in left):
        return _text(left[0].start, clause.end, context, "what is left")
    return _before_cue(clause, used, context) if intent in _REASON_FIRST else None


def _only_values(slots: Mapping[str, Slot], context: Context) -> bool:
    """Whether a remark says nothing but what other slots hold already."""
    start, end = slots["remark"].span
    left = list(context.plain.raw[start:end])
    for name, slot in slots.items():
        if name != "remark":
            for at in range(max(start, slot.span[0]), min(end, slot.span[1])):
                left[at - start] = " "
    return not any(char.isalnum() for char in left)


def _why(intent: str, said: Slot, slots: Mapping[str, Slot], context: Context) -> Slot | None:
    """A reason without what was said of the matter itself: of «pass 12 packing to Zhou, I am ill» the last part."""
    named = [slots[name].span for name in ("to", "step") if name in slots] if intent == "step.hand_over" else []
    start = max((end for begin, end in named if begin >= said.span[0] and end <= said.span[1]), default=said.span[0])
    if (waits := _WAITS.search(context.plain.raw[:start])) is not None:
        start = waits.start()
    text = context.plain.raw[start : said.span[1]].strip(STOPS)
    if not text:
        return None
    cut = said if start == said.span[0] else replace(said, value=text, span=(start, said.span[1]))
    return _until_then(cut, slots.get("until"), context)


def _until_then(said: Slot, until: Slot | None, context: Context) -> Slot:
    """A reason ends where the new date begins: 车坏了，明天下午发."""
    if until is None or not said.span[0] < until.span[0] < said.span[1]:
        return said
    text = context.plain.raw[said.span[0] : until.span[0]].strip(STOPS)
    return replace(said, value=text, span=(said.span[0], until.span[0])) if text else said


def _before_cue(clause: Clause, used: Sequence[Word], context: Context) -> Slot | None:
    """Why, said before what is wanted: 0002价格不对退回."""
    cue = next((word for word in used if word.concepts & {"return", "cancel", "hold"}), None)
    if cue is None:
        return None
    before = [word for word in clause.words if word.end <= cue.start]
    while before and before[0].concepts & (NEUTRAL | {"number", "customer", "product"}):
        before.pop(0)
    if not any(word.concepts & {"wrong", "trouble", "unwanted", "cannot"} for word in before):
        return None
    return _text(before[0].start, before[-1].end, context, "before the cue")


def _core_end(clause: Clause, used: Sequence[Word], context: Context) -> int:
    """The index of the first word behind the cue and the values that belong to it."""
    words = clause.words
    cues = [at for at, word in enumerate(words) if word in used and not word.concepts & (NEUTRAL | {"number"})] or [0]
    if clause.intent == "step.postpone":  # 采购要推到12月2号: the step comes first, then what is said of it
        cues = [at for at in cues if words[at].concepts & _POSTPONES] or cues
    at = cues[0] + 1
    while at < len(words):
        word = words[at]
        gap = context.masked.text[words[at - 1].end : word.start]
        broken = any(sign in gap for sign in ",，;；。:\n") or (" " in gap and is_han(word.text[0]))
        if broken and word.entity < 0:
            break
        if word.entity < 0 and word not in used and not word.concepts & NEUTRAL:
            break
        at += 1
    return at


def _after_references(clause: Clause, start: int, context: Context) -> int:
    for word in clause.words:
        if word.start >= start:
            if word.entity >= 0 and _SOME_OF.match(context.text, context.read(word).end):
                return word.start
            if word.text not in {"to", "for", "on", "给"} and not word.concepts & {
                "order",
                "number",
                "order_word",
                "it",
                "polite",
            }:
                return word.start
            start = word.end
    return start


def _text(start: int, end: int, context: Context, rule: str) -> Slot | None:
    said = context.said(start, end)
    return Slot(said, context.raw(start, end), True, rule) if said else None
