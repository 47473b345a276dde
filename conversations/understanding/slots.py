"""The slots of an intent from the words and entities of its clause."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from .clauses import Clause, Masked
from .intents import INTENTS, Hit, Named, Slot
from .lexicon import Word
from .naming import Names
from .normalise import Normalised
from .patterns import Read
from .vocabulary import Vocabulary

_FREE = MappingProxyType(
    {"reason": "reason", "text": "text", "note": "note", "solution": "solution", "remark": "remark"}
)
_DATED = ("date", "duration", "time", "range")
_LISTS = (("mine", "mine"), ("overdue", "overdue"), ("stuck", "stuck"), ("due", "due_today"))
_STATUSES = (
    ("open_status", "open"),
    ("held_status", "on_hold"),
    ("done_status", "done"),
    ("cancelled_status", "cancelled"),
)
_CARRIERS = re.compile(
    r"顺丰[速运快递]*|德邦[物流快递]*|中通[快递]*|圆通[速递]*|申通|韵达|京东[物流快递]*|极兔|安能|跨越[速运]*|百世|邮政|ems|壹米滴答|天地华宇"
    r"|\b(?:sf|dhl|fedex|ups|tnt|usps|dpd|gls|maersk|db schenker)(?: express| freight)?\b|货拉拉|专车|自提|客户自提"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Context:
    """What the slots are read from: the text, what was found in it, the company's words."""

    plain: Normalised
    text: str
    masked: Masked
    reads: Sequence[Read]
    vocabulary: Vocabulary
    names: Names

    def raw(self, start: int, end: int) -> tuple[int, int]:
        """The raw span of a piece of the masked text."""
        if start >= end:
            return self.plain.raw_span(0, 0)
        return self.plain.raw_span(self.masked.starts[start], self.masked.ends[end - 1])

    def said(self, start: int, end: int) -> str:
        """The raw words of a piece of the masked text, without the punctuation around it."""
        first, last = self.raw(start, end)
        return self.plain.raw[first:last].strip(" \t\n,，。:：;；、-!！?？")

    def read(self, word: Word) -> Read:
        """What was read where an entity's word stands."""
        return self.reads[word.entity]


def fill(intent: str, clause: Clause, context: Context) -> dict[str, Slot]:
    """The slots that the clause gives the intent; those it may not carry are left out."""
    slots: dict[str, Slot] = {}
    allowed = INTENTS[intent]
    for word in clause.words:
        if word.entity >= 0:
            _entity(intent, word, slots, context)
        elif word.concepts & {"step", "kind", "flow"} or any(one.startswith("act.") for one in word.concepts):
            _own(word, slots, context)
    _dates(intent, slots)
    _special(intent, clause, slots, context)
    free = next((name for name in _FREE if name in allowed), None)
    if free and (said := free_text(intent, clause, context)) is not None:
        slots.setdefault(free, said)
    return {name: slot for name, slot in slots.items() if name in allowed}


def _entity(intent: str, word: Word, slots: dict[str, Slot], context: Context) -> None:
    read = context.read(word)
    span = context.raw(word.start, word.end)
    kind = {"po": "po_number"}.get(read.kind, read.kind)
    if kind == "order" or (kind == "number" and _is_reference(intent, word, context)):
        more: tuple[str, ...] = read.value if isinstance(read.value, tuple) else (context.text[read.start : read.end],)
        held = slots.get("orders")
        value = (*held.value, *(one for one in more if one not in held.value)) if held else more
        slots["orders"] = Slot(value, (held.span[0], span[1]) if held else span, read.rank > 50, read.rule)
    elif kind == "person":
        role = {"step.hand_over": "to", "flow.change": "to", "person.away": "cover", "order.list": "owner"}.get(
            intent, "person"
        )
        slots.setdefault(role, Slot(read.value, span, read.sure, read.rule))
    elif kind == "department" and intent in {"step.hand_over", "flow.change"}:
        slots.setdefault("to", Slot(read.value, span, read.sure, read.rule))
    elif kind == "money":
        slots.setdefault("amount", Slot(read.value, span, read.sure, read.rule))
    elif kind in _DATED:
        slots.setdefault("@" + ("to" if "@from" in slots else "from"), Slot(read.value, span, read.sure, read.rule))
    else:
        sure = read.value.sure if isinstance(read.value, Named) else read.sure
        slots.setdefault(kind, Slot(read.value, span, sure, read.rule))


def _is_reference(intent: str, word: Word, context: Context) -> bool:
    said = context.text[context.read(word).start : context.read(word).end]
    return "orders" in INTENTS[intent] and said.isdigit() and len(said) <= 8


def _own(word: Word, slots: dict[str, Slot], context: Context) -> None:
    meanings = context.vocabulary.words.get(word.text, frozenset())
    by_kind: dict[str, list[str]] = {}
    for kind, key in sorted(meanings):
        by_kind.setdefault(kind, []).append(key)
    if "step" not in by_kind:
        steps = [key for one in sorted(word.concepts) for key in context.vocabulary.activities.get(one, ())]
        if steps:
            by_kind["step"] = list(dict.fromkeys(steps))
    for kind, keys in by_kind.items():
        named = Named(word.text, tuple(Hit(kind, key) for key in keys), len(keys) == 1)
        slots.setdefault(kind, Slot(named, context.raw(word.start, word.end), True, f"own words: {kind}"))


def _dates(intent: str, slots: dict[str, Slot]) -> None:
    first, second = slots.pop("@from", None), slots.pop("@to", None)
    if first is None:
        return
    allowed = INTENTS[intent]
    if intent == "person.away" and second is None and first.value.kind in {"day", "moment"} and first.value.deadline:
        first, second = None, first
    if "until" in allowed and second is not None and first is not None and first.value.kind == "range":
        first = second
    for name in ("until", "on", "period", "from", "promise_date"):
        if name in allowed and first is not None:
            slots.setdefault(name, first)
            break
    if second is not None and "to" in allowed and intent.startswith("person."):
        slots.setdefault("to", second)


def _special(intent: str, clause: Clause, slots: dict[str, Slot], context: Context) -> None:
    """Slots that follow from which words were said rather than from what was read."""
    concepts = clause.concepts
    span = context.raw(clause.start, clause.end)
    if intent == "order.list":
        which = next((name for concept, name in _LISTS if concept in concepts), "all")
        slots["which"] = Slot(which, span, True, "list words")
        for concept, name in _STATUSES:
            if concept in concepts and which == "all":
                slots.setdefault("status", Slot(name, span, True, concept))
    elif intent == "step.complete":
        carrier = _CARRIERS.search(context.text)
        if carrier:
            place = context.plain.raw_span(*carrier.span())
            slots.setdefault("carrier", Slot(context.plain.raw[slice(*place)], place, True, "carriers"))
    elif intent == "order.show" and "news" in concepts and not slots:
        slots["any_news"] = Slot(True, span, True, "news")
    elif intent in {"person.language", "person.channel"}:
        part = "lang." if intent == "person.language" else "channel."
        for concept in concepts:
            if concept.startswith(part):
                value = concept.removeprefix(part)
                slots[intent.removeprefix("person.")] = Slot(value, span, True, concept)
    elif intent == "person.quiet" and concepts & {"off"}:
        slots["off"] = Slot(True, span, True, "off")
    elif intent == "review.approve":
        _figures(clause, slots, context)
    elif intent in {"score", "number"} and "number" in slots:
        slots["n"] = slots.pop("number")
    elif intent == "figures" and "picture" in concepts:
        slots["picture"] = Slot(True, span, True, "picture")
    if intent == "figures":
        slots.setdefault("which", Slot(context.said(clause.start, clause.end), span, True, "figure"))


def _figures(clause: Clause, slots: dict[str, Slot], context: Context) -> None:
    names: Mapping[str, str] = {"money": "amount", "quantity": "quantity", "date": "promise_date"}
    held: dict[str, Any] = {}
    for word in clause.words:
        if word.entity >= 0 and (read := context.read(word)).kind in names:
            held.setdefault(names[read.kind], read.value)
    if held:
        slots["figures"] = Slot(held, context.raw(clause.start, clause.end), True, "figures typed")


def free_text(intent: str, clause: Clause, context: Context) -> Slot | None:
    """What the clause says beyond its cue: after a word like 因为 if there is one, else what is left over."""
    for word in clause.words:
        if "because" in word.concepts and word.end < clause.end and len(word.text) > 1:
            return _text(word.end, clause.end, context, "because")
    if intent in {"problem.report", "complaint"}:
        start = _after_references(clause, clause.start)
        return _text(start, clause.end, context, "whole clause")
    used = clause.best.words if clause.best else ()
    if intent in {"order.note", "suggest"} and used:
        cue = next((word for word in used if word.concepts & {"note", "suggest"}), used[0])
        return _text(_after_references(clause, cue.end), clause.end, context, "after the cue")
    core = [word for word in clause.words if clause.tail < 0 or word.start < clause.tail]
    last = max([word.end for word in core if word in used or word.entity >= 0], default=clause.start)
    left = [word for word in clause.words if word.start >= last and word not in used]
    if left and any("filler" not in word.concepts for word in left):
        return _text(max(last, clause.tail) if clause.tail >= last and not _content(core, last) else last,
                     clause.end, context, "what is left")  # fmt: skip
    return None


def _content(core: Sequence[Word], last: int) -> bool:
    return any(word.start >= last and "filler" not in word.concepts for word in core)


def _after_references(clause: Clause, start: int) -> int:
    for word in clause.words:
        if word.start >= start:
            if not word.concepts & {"order", "number", "order_word", "it", "polite"}:
                return word.start
            start = word.end
    return start


def _text(start: int, end: int, context: Context, rule: str) -> Slot | None:
    said = context.said(start, end)
    return Slot(said, context.raw(start, end), True, rule) if said else None
