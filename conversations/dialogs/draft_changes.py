"""Changes put into a draft: which order and which line of it each is meant for, and what it makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from conversations.dialogs import drafts
from conversations.dialogs.conversation import Conversation
from conversations.dialogs.drafts import Draft, Line
from conversations.dialogs.reading import amount_of
from conversations.understanding.redrafting import LINE, SWAP
from store.messages import Fact, Phrase
from store.refusals import Invalid

_CENT = Decimal("0.01")
_OF_A_LINE = frozenset({"quantity", "price", "total", "amount", "discount"})


def apply(conv: Conversation, orders: list[Draft], changes: Sequence[Mapping[str, Any]], asked: int | None) -> None:
    """Put changes into the drafts.

    Args:
        conv: the conversation.
        orders: the orders of the draft.
        changes: as facts of understanding.intents.Change; `line` and products as maps with `keys`.
        asked: the place of the order that was asked about.

    Raises:
        Invalid: a value will not do, or it is unclear which order or line is meant.
    """
    there = {line.sku for draft in orders for line in draft.lines if line.sku}
    for change in of_lines(there, changes):
        put(conv, _which(orders, change, asked), change)


def put(conv: Conversation, draft: Draft, change: Mapping[str, Any], place: int | None = None) -> None:
    """Put one change into a draft; `place`: into that line of it. Raises Invalid like `apply`."""
    name = change["field"]
    if name == "product" and change.get("mode") in {"remove", "add"}:
        (_take_out if change["mode"] == "remove" else _add_line)(conv, draft, change["value"])
    elif name == "discount" and not change.get("line"):
        for line in draft.lines:
            _set_discount(conv, draft, change, line)
    elif name in _SETTERS:
        if place is None:
            place = _which_line(conv, draft, change)
        if not draft.lines:
            draft.lines.append(Line())
        _SETTERS[name](conv, draft, change, draft.lines[place or 0])
    else:
        drafts.set_field(conv, draft, name, change.get("value"))
    if name in {"customer", "product", "quantity", "promise_date"}:
        draft.not_repeat = False


def of_lines(there: set[str], changes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """«no, 12 mackerel»: a product that is there already says whose quantity is meant, and is no change.

    Args:
        there: the skus of the draft or order.
        changes: as in `apply`.
    """
    named = [
        one
        for one in changes
        if one["field"] == "product" and one.get("mode") in {None, "set"} and isinstance(one.get("value"), Mapping)
        and there.intersection(one["value"].get("keys") or ())
    ]  # fmt: skip
    others = [one for one in changes if one not in named]
    if len(named) != 1 or not others or any(one.get("line") for one in others):
        return list(changes)
    return [{**one, "line": named[0]["value"]} if one["field"] in _OF_A_LINE else one for one in others]


def _which(orders: list[Draft], change: Mapping[str, Any], asked: int | None) -> Draft:
    skus = _keys(change.get("line"))
    named = [one for one in orders if skus & {line.sku for line in one.lines}]
    if len(orders) == 1:
        return orders[0]
    if len(named) == 1:
        return named[0]
    if asked is not None:
        return orders[asked]
    raise Invalid("refused.draft_which_order", count=len(orders))


def _keys(named: Any) -> set[str]:
    return set(named.get("keys") or ()) if isinstance(named, Mapping) else {named} if isinstance(named, str) else set()


def _example(conv: Conversation, draft: Draft) -> Fact:
    skus = [line.sku for line in draft.lines if line.sku]
    return conv.company.products[skus[0]].name.raw if skus else next((line.said for line in draft.lines), None)


def _which_line(conv: Conversation, draft: Draft, change: Mapping[str, Any]) -> int | None:
    """The place of the line that a change is meant for, which may have to be made."""
    named, mode = change.get("line"), change.get("mode")
    found = _find(draft, named)
    if found is None and named and change["field"] in _OF_A_LINE:
        return _line_for(conv, draft, named, mode)
    if found is None and mode == SWAP:
        found = _find(draft, change["value"])
    if found is not None:
        return found
    if change["field"] in {*_OF_A_LINE, "product"} and len(draft.lines) > 1:
        raise Invalid("refused.draft_which_line", count=len(draft.lines), product=_example(conv, draft))
    return 0 if draft.lines else None


def _find(draft: Draft, named: Any) -> int | None:
    keys = _keys(named)
    return next((place for place, line in enumerate(draft.lines) if line.sku in keys), None)


def _line_for(conv: Conversation, draft: Draft, named: Any, mode: Any) -> int:
    """A line for a product that the draft has not: what is more, or stands for itself; the one still without a product.

    Raises Invalid: it was to be changed, and there is nothing to change.
    """
    if len(draft.lines) == 1 and draft.lines[0].sku is None:
        drafts.set_product(conv, draft.lines[0], named)
        return 0
    if mode not in {"add", LINE}:
        raise Invalid("refused.draft_no_line", said=named["said"])
    draft.lines.append(Line())
    drafts.set_product(conv, draft.lines[-1], named)
    return len(draft.lines) - 1


def _take_out(_conv: Conversation, draft: Draft, named: Any) -> None:
    place = _find(draft, named)
    if place is None:
        raise Invalid("refused.draft_no_line", said=named["said"])
    del draft.lines[place]


def _add_line(conv: Conversation, draft: Draft, named: Any) -> None:
    if _find(draft, named) is None:
        draft.lines.append(Line())
        drafts.set_product(conv, draft.lines[-1], named)


Setter = Callable[[Conversation, Draft, Mapping[str, Any], Line], None]


def _set_product(conv: Conversation, _draft: Draft, change: Mapping[str, Any], line: Line) -> None:
    if change.get("mode") == SWAP:
        if line.sku in _keys(change["value"]):
            return
        line.price, line.listed = None, False  # what was agreed for one product is no price of another
    drafts.set_product(conv, line, change["value"])


def _set_customer(conv: Conversation, draft: Draft, change: Mapping[str, Any], _line: Line) -> None:
    drafts.set_customer(conv, draft, change["value"])


def _set_quantity(conv: Conversation, _draft: Draft, change: Mapping[str, Any], line: Line) -> None:
    value = amount_of(change["value"])
    if value is None:
        raise Invalid("refused.field_value", field="quantity", label=Phrase("field.quantity"), type="decimal",
                      given=str(change["value"])[:40], choices=[])  # fmt: skip
    old = line.quantity or Decimal(0)
    line.quantity = {"add": old + value, "less": old - value}.get(str(change.get("mode")), value)
    if isinstance(change["value"], Mapping) and change["value"].get("unit"):
        line.unit = change["value"]["unit"]
    drafts.settle_price(conv, line)


def _set_price(_conv: Conversation, _draft: Draft, change: Mapping[str, Any], line: Line) -> None:
    value = amount_of(change["value"])
    if value is None:
        raise Invalid("refused.field_value", field="price", label=Phrase("field.price"), type="money",
                      given=str(change["value"])[:40], choices=[])  # fmt: skip
    line.price, line.listed = value, False


def _set_total(_conv: Conversation, _draft: Draft, change: Mapping[str, Any], line: Line) -> None:
    if change["value"] == "total" and line.total and line.quantity:
        line.price, line.listed = (line.total / line.quantity).quantize(Decimal("0.01")), False
    elif (amount := amount_of(change["value"])) is not None and line.quantity:
        line.price, line.listed = (amount / line.quantity).quantize(Decimal("0.01")), False
    line.total = None


def _set_promise(conv: Conversation, draft: Draft, change: Mapping[str, Any], _line: Line) -> None:
    drafts.set_promise(conv, draft, change["value"])


def _set_po(_conv: Conversation, draft: Draft, change: Mapping[str, Any], _line: Line) -> None:
    draft.po_number = str(change["value"])[:200] if change["value"] else None


def _set_repeat(_conv: Conversation, draft: Draft, _change: Mapping[str, Any], _line: Line) -> None:
    draft.not_repeat = True


def _set_flow(_conv: Conversation, draft: Draft, change: Mapping[str, Any], _line: Line) -> None:
    value = change["value"]
    draft.flow = (value.get("keys") or [None])[0] if isinstance(value, Mapping) else str(value)


def _set_discount(conv: Conversation, _draft: Draft, change: Mapping[str, Any], line: Line) -> None:
    factor = change["value"].get("factor") if isinstance(change["value"], Mapping) else None
    listed = conv.company.products[line.sku].price if line.sku else None
    price = listed if listed is not None else line.price
    if isinstance(factor, Decimal) and price is not None:
        line.price, line.listed, line.discount = (price * factor).quantize(_CENT), False, factor


_SETTERS: Mapping[str, Setter] = {
    "customer": _set_customer,
    "product": _set_product,
    "discount": _set_discount,
    "quantity": _set_quantity,
    "price": _set_price,
    "total": _set_total,
    "amount": _set_total,
    "promise_date": _set_promise,
    "po_number": _set_po,
    "repeat": _set_repeat,
    "flow": _set_flow,
}
