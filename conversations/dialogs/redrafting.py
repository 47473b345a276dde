"""Whether a text is about the draft on the table, and what it changes there.

Words that begin something else elsewhere («B型阀不要了», "PO 4711", «备注 要木箱») are read as what they do to the
draft, as long as they name no order, ask nothing, and say hardly anything that nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conversations.dialogs.conversation import Conversation
from conversations.dialogs.drafts import Draft
from conversations.dialogs.memory import Frame
from conversations.dialogs.reading import plain
from conversations.understanding.intents import Change, Intent, Understood
from conversations.understanding.redrafting import Redraft

Changes = list[dict[str, Any]]
_GRAMMAR = frozenset(
    {"quantity", "price", "total", "product", "customer", "promise_date", "po_number", "discount"}
)  # what is read by the grammar of drafts; the rest has its words: an address, a field of the form
_UNKNOWN = 4
"""So many letters that nobody knows may stand beside what is said of the draft."""
_SURE_OF_FIELD = frozenset({"price", "po_number", "discount"})
_ANSWERS = frozenset({"quantity", "price", "total", "promise_date"})
_FREE = frozenset({"field", "text", "customer", "product"})


def changes_of(conv: Conversation, frame: Frame, understood: Understood, orders: Sequence[Draft]) -> Changes | None:
    """What a text changes in the draft, as facts; None if it is about something else."""
    intents = understood.intents
    if understood.entities.of("order", "tracking") or any(one.name not in _ABOUT for one in intents):
        return None
    read = conv.redraft(understood.raw)
    if read.anew or read.asks or (read.unknown > _UNKNOWN and not _worded(intents)):
        return None
    found = [*_plain(read.changes, intents), *_of_intents(intents)]
    if not found:
        return _flow(conv, read, intents)
    answering = any(one.name == "answer" for one in intents) or not intents
    if answering and not _more_than_answer(frame, read):
        return None
    if any(not _ABOUT[one.name](one, found, read, orders) for one in intents):
        return None
    return found


def _worded(intents: Sequence[Intent]) -> bool:
    """Whether words that nobody knows have their place: the text of a field, a remark."""
    return any(one.name in {"order.change", "order.note", "order.place"} for one in intents)


def _plain(changes: Sequence[Change], intents: Sequence[Intent]) -> Changes:
    """Without what stands inside the text of a field: 地址改成中山路328号."""
    texts = [
        change.span
        for intent in intents
        if intent.name == "order.change"
        for change in intent.value("changes") or ()
        if change.field not in _GRAMMAR
    ] + [
        slot.span for intent in intents for name, slot in intent.slots.items() if name in {"ship_to", "text", "remark"}
    ]
    return [
        plain(one) for one in changes if not any(start <= one.span[0] and one.span[1] <= end for start, end in texts)
    ]


def _of_intents(intents: Sequence[Intent]) -> Changes:
    """What the grammar of orders has beside: texts of fields, the address, a remark."""
    found: Changes = []
    for intent in intents:
        if intent.name == "order.change":
            found += [plain(one) for one in intent.value("changes") or () if one.field not in _GRAMMAR]
        if intent.name == "order.place":
            found += [_set(name, intent.value(name)) for name in ("ship_to", "remark") if intent.value(name)]
        if intent.name == "order.note" and intent.value("text"):
            found.append(_set("remark", intent.value("text")))
    return found


def _set(name: str, value: Any) -> dict[str, Any]:
    return {"field": name, "value": plain(value), "line": None, "mode": "set"}


def _flow(conv: Conversation, read: Redraft, intents: Sequence[Intent]) -> Changes | None:
    """A flow said by its name: 改成加急单."""
    keys = [key for key, one in conv.company.flows.items() if read.flow and read.flow.casefold() in _called(one)]
    if len(keys) == 1 and all(one.name in {"order.urge", "order.place", "order.change"} for one in intents):
        return [_set("flow", keys[0])]
    return None


def _called(flow: Any) -> set[str]:
    return {name.casefold() for name in (*flow.name.all, *flow.aliases)}


def _more_than_answer(frame: Frame, read: Redraft) -> bool:
    """Whether words are no answer to the open question: a price, a PO number or a line where a name is asked for."""
    if not frame.data.get("asked"):
        return True
    if frame.expects not in _FREE:
        return bool(read.changes) and all(one.field not in _ANSWERS or one.line for one in read.changes)
    if read.unknown:
        return False
    if frame.expects == "customer":
        return all(one.field != "customer" for one in read.changes)
    if frame.expects == "product":
        return all(one.field not in {"product", "quantity"} for one in read.changes)
    return all(one.field in _SURE_OF_FIELD or one.line for one in read.changes)


# --- which intents may be about the draft -----------------------------------------------------------------------------


def _always(_intent: Intent, _found: Changes, _read: Redraft, _orders: Sequence[Draft]) -> bool:
    return True


def _of_this(intent: Intent, _found: Changes, _read: Redraft, orders: Sequence[Draft]) -> bool:
    """Whether what could begin an order goes on with this one: it says neither again whose it is nor again by when."""
    again = intent.value("customer") is not None and all(one.customer is not None for one in orders)
    dated = {"lines", "promise_date"} <= intent.slots.keys() and all(one.promise_date is not None for one in orders)
    return not again and not dated


def _without_line(_intent: Intent, found: Changes, _read: Redraft, _orders: Sequence[Draft]) -> bool:
    return all(one["field"] == "product" and one["mode"] == "remove" for one in found)


def _wrong_value(intent: Intent, _found: Changes, _read: Redraft, _orders: Sequence[Draft]) -> bool:
    return "kind" not in intent.slots and "step" not in intent.slots


def _other_day(intent: Intent, found: Changes, read: Redraft, _orders: Sequence[Draft]) -> bool:
    only_day = all(one["field"] == "promise_date" for one in found)
    return only_day and not read.lists and not {"step", "owner", "customer", "reason"} & intent.slots.keys()


_ABOUT: Mapping[str, Any] = {
    "order.change": _always,
    "order.note": _always,
    "order.place": _of_this,
    "order.cancel": _without_line,
    "order.urge": _without_line,
    "problem.report": _wrong_value,
    "step.postpone": _other_day,
    "order.list": _other_day,
    "answer": _always,
}
