"""A draft, and what came of it, as messages for a phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from conversations.dialogs.conversation import Conversation
from conversations.dialogs.drafts import Draft, Line, form_of
from conversations.dialogs.reply import Reply, button
from store.messages import Money, Phrase, unpack
from store.operations import frame as facts_of
from store.tables import Order

_SHOWN = 5
_LINES = 12


def draft_says(conv: Conversation, orders: Sequence[Draft], data: Mapping[str, Any]) -> tuple[Phrase, ...]:
    """What the draft holds: each field understood, guesses marked; many orders in sum."""
    head = file_says(data)
    if len(orders) > _SHOWN:
        return (*head, *_sum(conv, orders))
    says = list(head)
    for place, draft in enumerate(orders, 1):
        says.append(Phrase("draft.title", {"n": place if len(orders) > 1 else None}))
        says += _order(conv, draft)
    if len(orders) > 1 or data.get("file"):
        says += _sum(conv, orders)
    return tuple(says)


def file_says(data: Mapping[str, Any]) -> tuple[Phrase, ...]:
    """What was read from a file, and what could not be."""
    if not data.get("file"):
        return ()
    data = dict(unpack({name: data.get(name) for name in ("file", "rows", "bad", "files", "unused")}))
    bad = data.get("bad") or ()
    rows = [Phrase("draft.bad_row", dict(row)) for row in bad[:_SHOWN]]
    says = [
        Phrase(
            "draft.file",
            {
                "name": data["file"],
                "rows": data.get("rows"),
                "bad": len(bad) or None,
                "attached": Phrase("draft.attached") if data.get("files") else None,
            },
        ),
        *rows,
    ]
    if data.get("unused"):
        says.append(Phrase("draft.unused", {"headings": list(data["unused"])}))
    if len(bad) > _SHOWN:
        says.append(Phrase("draft.bad_more", {"count": len(bad) - _SHOWN}))
    return tuple(says)


def _sum(conv: Conversation, orders: Sequence[Draft]) -> list[Phrase]:
    amount = sum((one.amount() for one in orders), Decimal(0))
    facts = {
        "orders": len(orders),
        "lines": sum(len(one.lines) for one in orders),
        "amount": Money(amount, conv.company.currency),
    }
    return [Phrase("draft.sum", facts)]


def _order(conv: Conversation, draft: Draft) -> list[Phrase]:
    says: list[Phrase] = []
    if draft.customer:
        name = conv.company.customers[draft.customer].name.raw
        says.append(Phrase("draft.customer", {"customer": name, "guess": _guess("customer" in draft.guesses)}))
    elif draft.customer_said:
        says.append(Phrase("draft.customer_said", {"said": draft.customer_said}))
    says += [_line(conv, line) for line in draft.lines[:_LINES] if line.sku or line.said]
    if len(draft.lines) > _LINES:
        says.append(Phrase("card.more_lines", {"count": len(draft.lines) - _LINES}))
    if draft.amount():
        says.append(Phrase("draft.amount", {"amount": Money(draft.amount(), conv.company.currency)}))
    if draft.promise_date:
        client = conv.company.calendar
        closed = None if client.is_working_day(draft.promise_date) else Phrase("draft.closed_day")
        facts = {"day": draft.promise_date, "guess": _guess("promise_date" in draft.guesses), "closed": closed}
        says.append(Phrase("draft.promise", facts))
    for part in form_of(conv, draft) if draft.fields else ():
        if part.field in draft.fields:
            about: dict[str, Any] = {
                "label": part.name.raw,
                "value": _value(draft.fields[part.field]),
                "guess": _guess(part.field in draft.guesses),
            }
            says.append(Phrase("draft.field", about))
    if draft.po_number:
        says.append(Phrase("draft.po", {"po": draft.po_number}))
    if draft.flow and draft.flow in conv.company.flows:
        says.append(Phrase("draft.flow", {"flow": conv.company.flows[draft.flow].name.raw}))
    if draft.remark:
        says.append(Phrase("draft.remark", {"remark": draft.remark}))
    return says


def _line(conv: Conversation, line: Line) -> Phrase:
    product = conv.company.products[line.sku].name.raw if line.sku else line.said
    currency = conv.company.currency
    facts = {
        "product": product,
        "sku": line.sku,
        "guess": _guess(line.guess),
        "quantity": line.quantity,
        "unit": line.unit if line.quantity is not None else None,  # 控制柜10kW台 reads as one name
        "price": Money(line.price, currency) if line.price is not None else None,
        "listed": Phrase("draft.list_price") if line.listed else None,
    }
    return Phrase("draft.line", facts)


def _value(value: Any) -> Any:
    return Phrase("button.yes" if value else "button.no") if isinstance(value, bool) else value


def _guess(guessed: bool) -> Phrase | None:
    return Phrase("draft.guess") if guessed else None


def placed_reply(conv: Conversation, orders: Sequence[Order]) -> Reply:
    """What was stored: number, first step and its owner; many orders in sum."""
    numbers = [order.number for order in orders]
    undo = button("button.undo", "undo")
    if len(orders) > _SHOWN:
        amount = Money(sum((one.amount for one in orders), Decimal(0)), orders[0].currency)
        facts = {"count": len(orders), "first": numbers[0], "last": numbers[-1], "amount": amount}
        return Reply((Phrase("desk.placed_many", facts),), (undo,)).about(*numbers[:20])
    says = tuple(_placed(conv, order) for order in orders)
    details = tuple(button("button.details", f"order.show:{number}") for number in numbers[:1])
    return Reply(says, (*details, undo), orders=tuple(numbers))


def _placed(conv: Conversation, order: Order) -> Phrase:
    active = [step for step in facts_of.steps(conv.book, order) if step.status == "active"]
    facts: dict[str, Any] = {
        "number": order.number,
        "customer": facts_of.customer_name(conv.book, order.customer),
        "amount": Money(order.amount, order.currency),
        "promise": order.promise_date,
    }
    if active:
        facts |= {"step": active[0].name, "owner": facts_of.owner_name(conv.book, active[0]), "due": active[0].due}
    return Phrase("desk.placed", facts)
