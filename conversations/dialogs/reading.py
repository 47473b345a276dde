"""From what was understood to what an act works on: plain facts by name, which can wait in the Dialog row.

Names become lists of keys (best first) with `<slot>_said` and `<slot>_sure` beside them; dates become maps with the
parts of their reading; quantities and amounts become maps with `value`/`unit` and `amount`/`currency`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from conversations.dialogs.conversation import Args, Conversation
from conversations.understanding.intents import Intent, Named, Slot

Reading = Mapping[str, Any]
_DATE_PARTS = (
    "kind",
    "start",
    "end",
    "due",
    "has_time",
    "grain",
    "deadline",
    "sure",
    "alternatives",
    "duration",
    "working",
)


def args_of(intent: Intent) -> Args:
    """An intent's slots as arguments."""
    args: Args = {}
    unsure = []
    for name, slot in intent.slots.items():
        value = slot.value
        if isinstance(value, Named):
            args |= {name: list(value.keys), f"{name}_said": value.said, f"{name}_sure": value.sure and slot.sure}
            continue
        args[name] = [said_of(one) for one in value] if name == "orders" else plain(value)
        if not slot.sure:
            unsure.append(name)
    if unsure:
        args["unsure"] = unsure
    described = args.get("customer_said"), args.get("product_said")
    if any(described):
        args["described"] = " ".join(part for part in described if part)
    return args


_STOPS = " ,.!;\uff0c\u3002\uff01\uff1b"
_PART_OF = {"order.place": {"order.urge": {"customer", "orders", "product"}, "money.receive": {"customer", "orders"}},
            "step.complete": {"money.receive": {"customer", "orders"}}}  # fmt: skip
"""What is said beside one thing and names nothing of its own is a part of it, not a thing of its own."""


_ONLY_WHOSE = frozenset({"customer", "which"})


def things_said(intents: Sequence[Intent], raw: str) -> list[Intent]:
    """The things that a message says, without those that are but a part of another.

    «billing done, received 1275»: the receipt is the figure of the step that is done. «20 valves for Acme by Friday,
    please hurry»: there is nothing to hurry yet, the wish is the new order's remark; «deposit 500» in an order is a
    field of its form.
    """
    parts: set[int] = set()
    found = _with_customer(list(intents))
    for place, one in enumerate(intents):
        own = _PART_OF.get(one.name, {})
        mine = [at for at, other in enumerate(intents) if other.name in own and not own[other.name] & set(other.slots)]
        parts.update(mine)
        wishes = [intents[at].span for at in mine if intents[at].name == "order.urge"]
        if wishes and one.name == "order.place" and "remark" not in one.slots:
            remark = Slot(raw[slice(*wishes[0])].strip(_STOPS), wishes[0], True, "wish")
            found[place] = replace(one, slots={**one.slots, "remark": remark})
    return [one for at, one in enumerate(found) if at not in parts]


def _with_customer(intents: list[Intent]) -> list[Intent]:
    """«华东的单,A型阀200件»: whose orders were begun with is whose the new one is, not a question for a list."""
    for first, then in pairwise(intents):
        whose = first.slots.get("customer") if first.name == "order.list" and not first.question else None
        if whose is None or then.name != "order.place" or "customer" in then.slots or set(first.slots) - _ONLY_WHOSE:
            continue
        whole = replace(then, slots={**then.slots, "customer": whose}, span=(first.span[0], then.span[1]))
        return [whole if one is then else one for one in intents if one is not first]
    return intents


def said_of(ref: Any) -> str:
    """How an order was referred to."""
    for part in ("number", "said", "text", "ref"):
        if isinstance(found := getattr(ref, part, None), str) and found:
            return found
    return str(ref)


def plain(value: Any) -> Any:
    """A value of the understanding as a fact."""
    match value:
        case None | bool() | str() | int() | Decimal() | datetime() | date():
            return value
        case float():
            return Decimal(str(value))
        case timedelta():
            return int(value.total_seconds() // 60)
        case Named():
            return {"keys": list(value.keys), "said": value.said, "sure": value.sure}
        case Slot():
            found = plain(value.value)
            return {**found, "sure": value.sure} if isinstance(found, dict) and not value.sure else found
        case Mapping():
            return {str(key): plain(one) for key, one in value.items()}
    if is_date(value):
        return {part: plain(getattr(value, part)) for part in _DATE_PARTS}
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value) if one.name != "span"}
    if isinstance(value, Sequence):
        return [plain(one) for one in value]
    return str(value)


def is_date(value: Any) -> bool:
    """Whether a value is a reading of a date (by its shape: the dates package is read by others, too)."""
    return all(hasattr(value, part) for part in ("due", "has_time", "grain"))


def day_of(conv: Conversation, reading: Any) -> date | None:
    """The day that a reading commits to, in the speaker's zone."""
    match reading:
        case datetime():
            return reading.astimezone(conv.me.zone).date()
        case date():
            return reading
        case {"due": datetime() as due}:
            return due.astimezone(conv.me.zone).date()
    return None


def day_in(conv: Conversation, text: str) -> date | None:
    """The only day that a text names."""
    days = conv.read(text).entities.of("date")
    return day_of(conv, plain(days[0].value)) if len(days) == 1 else None


def by_then(conv: Conversation, reading: Any) -> datetime | None:
    """The moment until which something is promised: the one said, or closing time of the day said."""
    match reading:
        case datetime():
            return reading
        case date():
            return conv.company.calendar_of(conv.me.key).closing(reading)
        case {"due": datetime() as due, "has_time": has_time, "kind": kind}:
            if has_time or kind in {"moment", "time", "duration"}:
                return due
            return conv.company.calendar_of(conv.me.key).closing(due.astimezone(conv.me.zone).date())
    return None


def from_then(conv: Conversation, reading: Any) -> datetime | None:
    """The moment from which somebody wants to hear again: the one said, or opening time of the day said."""
    match reading:
        case datetime():
            return reading
        case date():
            return conv.company.calendar_of(conv.me.key).opening(reading)
        case {"start": datetime() as start, "has_time": has_time, "kind": kind, "grain": grain}:
            if has_time or kind in {"moment", "time", "duration"} or grain in {"part", "hour", "minute"}:
                return start
            return conv.company.calendar_of(conv.me.key).opening(start.astimezone(conv.me.zone).date())
    return None


def amount_of(value: Any) -> Decimal | None:
    """A number out of a quantity, an amount or a bare number."""
    match value:
        case bool():
            return None
        case Decimal():
            return value
        case int():
            return Decimal(value)
        case {"amount": Decimal() as amount} | {"value": Decimal() as amount}:
            return amount
        case str():
            try:
                return Decimal(value.replace(",", ""))
            except ArithmeticError:
                return None
    return None
