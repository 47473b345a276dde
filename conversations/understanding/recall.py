"""Messages understood before: one that differs from an earlier one by its order's number only means the same.

Only what is plain counts: typed without anything that had to be put right, with one order at most named by its whole
number, outside of dialogs, and with dates that are read as they were that day.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from .intents import Entities, Entity, Intent, Slot, Understood
from .patterns import Read, whole_orders
from .specials import BARE_HOUR

TAKEN = "\ue0ff"  # stands for each character of an order's number
_MOST, _LONGEST = 1_000, 80  # messages remembered, and how long they may be

Key = tuple[str, bool]
ReadDates = Callable[[str], list[Read]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A message on its way in.

    Attributes:
        key: the text without its order's number, and whether a customer's contact says it.
        order: the order's number as it stands there, if there is one.
        today: the day on which it is said.
    """

    key: Key
    order: Read | None
    today: date


@dataclass(frozen=True, slots=True)
class Known:
    """What a message meant, the text in which dates were sought ("" if there are none), and the dates found in it."""

    understood: Understood
    sought: str
    dates: tuple[Read, ...]
    today: date


class Recall:
    """What was understood lately, of one company.

    Args:
        pattern: its order number template.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._known: dict[Key, Known] = {}

    def asked(self, text: str, now: datetime, *, contact: bool) -> Asked | None:
        """The message, if it is of those that are remembered."""
        if len(text) > _LONGEST or TAKEN in text:
            return None
        whole = whole_orders(text, self._pattern)
        if not whole:
            return Asked((text, contact), None, now.date())
        order = whole[0]
        rest = text[: order.start] + TAKEN * (order.end - order.start) + text[order.end :]
        return Asked((rest, contact), order, now.date()) if text[order.start : order.end].isascii() else None

    def find(self, text: str, asked: Asked, dates: ReadDates) -> Understood | None:
        """What it means if it is known; `dates` reads those of a text in which there were some."""
        known = self._known.get(asked.key)
        if known is None:
            return None
        if known.sought and (known.today != asked.today or (*dates(known.sought),) != known.dates):
            return None
        if asked.order is None:
            return known.understood
        return _about(asked.order.value, asked.order.start, text, known.understood)

    def keep(self, asked: Asked, understood: Understood, sought: str, dates: Sequence[Read]) -> None:
        """Remember what a message meant."""
        if understood.normalised != understood.raw or not _leaves_order_alone(asked, understood):
            return
        said = (*understood.intents, *understood.suggestions)
        if any(slot.source == BARE_HOUR for intent in said for slot in intent.slots.values()):
            return  # it depends on the hour at which it is said
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[asked.key] = Known(understood, sought, tuple(dates), asked.today)


def _leaves_order_alone(asked: Asked, understood: Understood) -> bool:
    """Whether the order's number is nothing but an order: in no other slot, in no other entity."""
    if asked.order is None:
        return True
    start, end = asked.order.start, asked.order.end
    mine = asked.order.value
    slots = [slot for intent in (*understood.intents, *understood.suggestions) for slot in intent.slots.items()]
    entities = [one.value for one in understood.entities.all if one.span[0] < end and start < one.span[1]]
    return entities == [mine] and all(
        slot.value == mine if name == "orders" else slot.span[1] <= start or end <= slot.span[0] for name, slot in slots
    )


def _about(order: object, at: int, text: str, understood: Understood) -> Understood:
    """The same about another order, whose number begins there."""
    return Understood(
        text,
        text,
        tuple(_intent_about(order, intent) for intent in understood.intents),
        Entities(
            tuple(
                Entity(one.kind, one.span, order, one.sure, one.rule) if one.span[0] == at else one
                for one in understood.entities.all
            ),
            understood.entities.table,
        ),
        tuple(_intent_about(order, intent) for intent in understood.suggestions),
        understood.unread,
        understood.cut,
    )


def _intent_about(order: object, intent: Intent) -> Intent:
    held = intent.slots.get("orders")
    if held is None:
        return intent
    slots: Mapping[str, Slot] = {**intent.slots, "orders": Slot(order, held.span, held.sure, held.source)}
    return Intent(intent.name, slots, intent.span, intent.confidence, intent.rule, intent.negated, intent.question)
