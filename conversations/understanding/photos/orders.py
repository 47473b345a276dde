"""A page to order.place: the same slots as from a pasted table, every one of them a guess to be confirmed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from conversations.understanding.dates import WorkingDays
from conversations.understanding.intents import Intent, Line, Slot
from conversations.understanding.pasting import table_orders
from conversations.understanding.understander import Understander

from .layout import Page


def page_orders(
    page: Page, understander: Understander, *, now: datetime, days: WorkingDays | None = None
) -> tuple[Intent, ...]:
    """The orders on a page; none where it holds nothing that was ordered.

    Args:
        page: what was read.
        understander: of the company.
        now: aware; dates are read in its zone.
        days: the working calendar that counts.
    """
    if page.sheet is not None:
        reads = understander.cell_reader(now, days)
        found = table_orders(page.sheet, reads, understander.names, (0, 0))
        if len({row.cells.get("customer") for row in page.sheet.rows}) == 1:
            found = _one(found)  # a purchase order is one order, whether its number stands in each line or not
    else:
        said = understander.understand(page.text, now=now, days=days).intents
        found = tuple(one for one in said if one.name == "order.place" and "lines" in one.slots)
    return tuple(replace(one, slots={name: _guess(slot) for name, slot in one.slots.items()}) for one in found)


def _one(orders: tuple[Intent, ...]) -> tuple[Intent, ...]:
    if len(orders) < 2:
        return orders
    lines = tuple(line for one in orders for line in one.slots["lines"].value)
    first = orders[0]
    return (replace(first, slots={**first.slots, "lines": replace(first.slots["lines"], value=lines)}),)


def _guess(slot: Slot) -> Slot:
    value = slot.value
    if isinstance(value, tuple):
        value = tuple(_guessed_line(one) if isinstance(one, Line) else one for one in value)
    return replace(slot, value=value, sure=False, source="picture")


def _guessed_line(line: Line) -> Line:
    parts = {name: getattr(line, name) for name in ("product", "quantity", "price", "total")}
    return replace(line, **{name: replace(slot, sure=False) for name, slot in parts.items() if slot is not None})
