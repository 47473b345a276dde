"""Slots that follow from which words were said rather than from what was read, intent by intent."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from .context import Context
from .dates import DateReading, read_dates
from .intents import Hit, Named, Slot
from .judging import Clause
from .lexicon import Word
from .patterns import Read
from .references import find_carrier
from .vocabulary import Vocabulary

_DATED = ("date", "duration", "time", "range")
BARE_HOUR = "bare hour"
"""The source of a time that was said as a bare number and read by the hour at which it was said."""
_AT = frozenset({"at", "around", "by", "after", "until", "till", "before"})
_LISTS = (
    ("overdue", "overdue"),
    ("due", "due_today"),
    ("my_orders", "own"),
    ("mine", "mine"),
    ("stuck", "stuck"),
    ("stuck.weak", "stuck"),
)
_STATUSES = (
    ("open_status", "open"),
    ("held_status", "on_hold"),
    ("done_status", "done"),
    ("cancelled_status", "cancelled"),
)


_NOT_SOUGHT = frozenset(
    ("search", "list", "mention", "order_word", "all_orders", "filler", "polite", "note", "q", "q_who", "request",
     "me", "give_me", "of", "at", *(concept for concept, _ in (*_LISTS, *_STATUSES)))
)  # fmt: skip
_SOUGHT = frozenset({"tracking", "phone", "number", "quantity", "po", "code", "carrier", "address"})

_PART = re.compile(r"先(?:发|出|送|寄|走|交)[了走]?|发了|\b(?:ship(?:ped|ping)?|sent|send(?:ing)?)(?: out)?\b")
_TELLS = re.compile(r"^\s*(?:说(?:一声|一下)?|讲|know|that)?\s*[:,，：]?\s*")
_REST = re.compile(r"剩下|剩余|其余|余下|剩的|\b(?:rest|remaining|remainder|balance|others)\b")

Special = Callable[[Clause, dict[str, Slot], Context], None]


def own(word: Word, slots: dict[str, Slot], context: Context) -> None:
    """What the company means by a word of its own: a step, a kind of exception, a flow, a department."""
    meanings = _meanings(word, context.vocabulary)
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


def _meanings(word: Word, vocabulary: Vocabulary) -> frozenset[tuple[str, str]]:
    """What the company calls by a word, or, for trouble, by a part of it: 丢件了 holds 丢件."""
    meanings = vocabulary.words.get(word.text, frozenset())
    if meanings or not word.concepts & {"trouble", "special"}:
        return meanings
    held = [said for said in vocabulary.words if said in word.text and len(said) > 1]
    found = vocabulary.words[max(held, key=len)] if held else frozenset()
    return frozenset(one for one in found if one[0] == "kind")


def _listed(clause: Clause, slots: dict[str, Slot], context: Context) -> None:
    span = context.raw(clause.start, clause.end)
    which = next((name for concept, name in _LISTS if concept in clause.concepts), "all")
    today = "period" in slots and _is_today(slots["period"].value, context)
    if which == "all" and "approve" in clause.concepts:
        which = "mine"  # anything I need to sign off?
    if which == "all" and "step" in slots and clause.concepts & {"need", "due", "task"}:
        which = "due_today" if today else "mine"  # 今天要复核几单: work to do, not orders of that day
    if which == "stuck" or (today and which in {"due_today", "overdue"}):
        slots.pop("period", None)  # what is stuck, late or to be done is so today
    slots["which"] = Slot(which, span, True, "list words")
    if clause.concepts & {"search", "mention"}:
        _searched(clause, slots, context)
    for concept, name in _STATUSES:
        if concept in clause.concepts and which == "all":
            slots.setdefault("status", Slot(name, span, True, concept))


def _searched(clause: Clause, slots: dict[str, Slot], context: Context) -> None:
    """What orders are looked for by: all that is neither a name or a date nor says that something is looked for."""
    spans: list[tuple[int, int]] = []
    for word in clause.words:
        kept = context.read(word).kind in _SOUGHT if word.entity >= 0 else not word.concepts & _NOT_SOUGHT
        if kept and spans and spans[-1][1] == word.start:
            spans[-1] = (spans[-1][0], word.end)
        elif kept:
            spans.append((word.start, word.end))
    said = " ".join(filter(None, (context.said(*span) for span in spans)))
    if not said:
        return
    first, last = context.raw(spans[0][0], spans[-1][1])
    for name in ("step", "kind", "department", "flow"):  # packing that is looked for is no step
        if name in slots and first <= slots[name].span[0] < last:
            del slots[name]
    slots["words"] = Slot(said, (first, last), True, "what is looked for")


def _is_today(reading: DateReading, context: Context) -> bool:
    return reading.kind == "day" and reading.start.date() == context.now.date()


def _carried(clause: Clause, slots: dict[str, Slot], context: Context) -> None:
    first, last = context.masked.starts[clause.start], context.masked.ends[clause.end - 1]
    carrier = find_carrier(context.text[first:last])
    if carrier:
        start, end = carrier[1]
        place = context.plain.raw_span(first + start, first + end)
        slots.setdefault("carrier", Slot(context.plain.raw[slice(*place)], place, True, "carriers"))


def _shipped(clause: Clause, slots: dict[str, Slot], context: Context) -> None:
    """Also how much goes now and when the rest does: 先发300，剩下下周五; a bare number is then no order's."""
    _carried(clause, slots, context)
    start = context.masked.starts[clause.start]
    part, rest = _PART.search(context.text, start), _REST.search(context.text, start)
    if part is None or (rest is None and not part.group().startswith("先")):
        return
    counts = (read for read in context.reads
              if read.kind in {"number", "quantity"} and 0 <= read.start - part.end() <= 2)  # fmt: skip
    for read in counts:
        said, span = context.text[read.start : read.end], context.plain.raw_span(read.start, read.end)
        slots["quantity"] = Slot(read.value, span, True, "part shipped")
        held = slots.get("orders")
        if held is not None and said in held.value:
            others = tuple(one for one in held.value if one != said)
            slots |= {"orders": replace(held, value=others)} if others else {}
            if not others:
                del slots["orders"]
        break
    if rest is not None:
        _not_orders(slots, context, rest.end())
        dates = (read for read in context.reads if read.kind in _DATED and read.start >= rest.end())
        for read in dates:
            slots["rest"] = Slot(read.value, context.plain.raw_span(read.start, read.end), read.sure, "the rest")
            break


def _not_orders(slots: dict[str, Slot], context: Context, start: int) -> None:
    """How much the rest is (剩的200) is no order's number."""
    held = slots.get("orders")
    near = {context.text[one.start : one.end] for one in context.reads if 0 <= one.start - start <= 2}
    if held is not None and near & set(held.value):
        others = tuple(one for one in held.value if one not in near)
        slots |= {"orders": replace(held, value=others)}
        if not others:
            del slots["orders"]


def _told(clause: Clause, slots: dict[str, Slot], context: Context) -> None:
    """What is to be passed on: everything behind the contact's name."""
    named = slots.get("contact")
    if named is None:
        return
    del clause
    rest = _TELLS.sub("", context.plain.raw[named.span[1] :], count=1).strip()
    if rest:
        slots["text"] = Slot(rest, (named.span[1], len(context.plain.raw)), True, "behind the name")


def _minutes(clause: Clause, slots: dict[str, Slot], context: Context) -> None:
    """For how long nobody need say anything before the talk is over."""
    for word in clause.words:
        length = getattr(context.read(word).value, "duration", None) if word.entity >= 0 else None
        if length is not None:
            slots["minutes"] = Slot(length, context.raw(word.start, word.end), True, "duration")


def _flagged(concept: str, name: str) -> Special:
    """A slot that is true when a word of the concept was said."""

    def _flag(clause: Clause, slots: dict[str, Slot], context: Context) -> None:
        if concept in clause.concepts and not (concept == "news" and slots):
            slots[name] = Slot(True, context.raw(clause.start, clause.end), True, concept)

    return _flag


def _counted(clause: Clause, slots: dict[str, Slot], context: Context) -> None:
    del clause, context
    if "number" in slots:
        slots["n"] = slots.pop("number")


def _measured(clause: Clause, slots: dict[str, Slot], context: Context) -> None:
    _flagged("picture", "picture")(clause, slots, context)
    slots.setdefault("which", Slot(context.said(clause.start, clause.end), context.raw(clause.start, clause.end)))


def _flow_change(clause: Clause, slots: dict[str, Slot], context: Context) -> None:
    """Which setting of which step: its owner, or the time it has."""
    span = context.raw(clause.start, clause.end)
    limit = next(
        (word for word in clause.words if word.entity >= 0 and _lasts(context.read(word))),
        None,
    )
    slots["field"] = Slot("owner" if "to" in slots else "within", span, True, "flow words")
    if limit is not None:
        slots["value"] = Slot(context.read(limit).value, context.raw(limit.start, limit.end), True, "limit")
    steps = [word for word in clause.words[1 if clause.words[0].text in {"make", "let"} else 0 :] if word.entity < 0]
    slots.pop("step", None)
    for word in steps:
        own(word, slots, context)


def _lasts(read: Read) -> bool:
    """Whether it says how long something may take: 两天, 2小时内."""
    return read.kind in {"duration", "quantity"} or (
        read.kind == "range" and getattr(read.value, "duration", None) is not None
    )


def _figures(clause: Clause, slots: dict[str, Slot], context: Context) -> None:
    names: Mapping[str, str] = {"money": "amount", "quantity": "quantity", "date": "promise_date"}
    held: dict[str, Any] = {}
    for word in clause.words:
        if word.entity >= 0 and (read := context.read(word)).kind in names:
            held.setdefault(names[read.kind], read.value)
    if held:
        slots["figures"] = Slot(held, context.raw(clause.start, clause.end), True, "figures typed")


def _away(clause: Clause, slots: dict[str, Slot], context: Context) -> None:
    """Back on Wednesday is away until Tuesday; back after lunch says no day."""
    back = next((word.end for word in clause.words if "back" in word.concepts), None)
    last = slots.get("to")
    if back is None or last is None or last.span[0] < context.raw(back - 1, back)[1] or last.value.has_time:
        return
    day = timedelta(days=1)
    value = replace(last.value, start=last.value.start - day, due=last.value.due - day, kind="day", end=None)
    slots["to"] = replace(last, value=value)


def _hour(clause: Clause, slots: dict[str, Slot], context: Context) -> None:
    """A bare hour behind "at" is a time of the coming half day: ask me again at 5."""
    for before, word in pairwise(clause.words):
        said = context.text[context.masked.starts[word.start] : context.masked.ends[word.end - 1]]
        if before.text not in _AT or word.entity < 0 or not said.isdigit() or not 1 <= int(said) <= 12:
            continue
        hours = (int(said) % 12, int(said) % 12 + 12)
        hour = next((one for one in hours if one > context.now.hour), hours[0])
        for reading in read_dates(f"{hour}:00", now=context.now)[:1]:
            slots["until"] = Slot(reading, context.raw(word.start, word.end), False, BARE_HOUR)
            held = slots.get("orders")
            if held is not None and said in held.value:
                rest = tuple(one for one in held.value if one != said)
                slots.pop("orders")
                slots |= {"orders": replace(held, value=rest)} if rest else {}


def _awaited(clause: Clause, slots: dict[str, Slot], context: Context) -> None:
    """What somebody wants to be reminded at, when it is no time: remind me when the seals arrive; and a bare hour."""
    if "until" not in slots:
        _hour(clause, slots, context)
    if "until" in slots:
        return
    if "step" in slots and clause.concepts & {"perf", "done"}:
        slots["after"] = slots.pop("step")  # when the purchase is done: that step is another's
    if clause.concepts & {"event", "solved", "perf", "done"}:
        said = context.said(clause.start, clause.end)
        slots["event"] = Slot(said, context.raw(clause.start, clause.end), False, "event words")


SPECIAL: Mapping[str, Special] = {
    "person.away": _away,
    "step.snooze": _awaited,
    "order.list": _listed,
    "step.complete": _shipped,
    "contact.tell": _told,
    "contact.talk": _minutes,
    "order.show": _flagged("news", "any_news"),
    "person.quiet": _flagged("off", "off"),
    "review.approve": _figures,
    "score": _counted,
    "figures": _measured,
    "flow.change": _flow_change,
}
