"""What a change of an order would do, before anybody has confirmed it: old and new value of every field, what the
review has to look at again, whose step it touches.

A field is quantity, price or product of a line, amount (of an order with one line), promise_date, po_number, or a
field of the order form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from store.book import Book
from store.messages import Fact, Money, Phrase
from store.operations import frame
from store.operations.numbers import company_day
from store.operations.orders import MAX_QUANTITY
from store.operations.permits import order_for, require_open
from store.reads.document import money, plain
from store.reads.public import typed
from store.refusals import Invalid, NotFound
from store.rules.forms import checked, is_empty, number
from store.rules.pricing import price_of
from store.tables import Order, OrderLine, Step

GOODS = frozenset({"quantity", "price", "product"})
"""Fields of a line; each of them moves the amount."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that somebody wants otherwise; `line` is a position, None where there is only one."""

    field: str
    line: int | None
    value: Any


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """One field's old and new value as JSON keeps them; `reviewed`: the reviewer has to look at it again."""

    field: str
    line: int | None
    before: Any
    after: Any
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """What would happen on confirmation. `affected`: rows of the steps whose owners are told and acknowledge."""

    number: str
    order_version: int
    items: tuple[FieldPlan, ...]
    needs_reason: bool
    affected: tuple[int, ...]

    @property
    def goes_to_review(self) -> tuple[FieldPlan, ...]:
        """What takes its new value only when the reviewer approves."""
        return tuple(item for item in self.items if item.reviewed)

    @property
    def at_once(self) -> tuple[FieldPlan, ...]:
        """What takes its new value on confirmation."""
        return tuple(item for item in self.items if not item.reviewed)

    def changes(self) -> tuple[FieldChange, ...]:
        """The plan as it was asked for, to be planned anew."""
        return tuple(FieldChange(item.field, item.line, item.after) for item in self.items)


def plan_change(book: Book, number: str, changes: Sequence[FieldChange]) -> ChangePlan:
    """What these changes would do; nothing is changed yet.

    Raises:
        NotFound, NotAllowed: as for every action on an order.
        Conflict: it is done or cancelled.
        Invalid: a value that cannot be, a line that has to be named, or nothing to change.
    """
    order = order_for(book, "order.change", number)
    require_open(book, order)
    lines = frame.lines(book, order)
    steps = frame.steps(book, order)
    wanted: dict[tuple[str, int | None], FieldPlan] = {}
    for change in changes:
        for item in _items(book, order, lines, change, {one.field for one in changes}):
            wanted[item.field, item.line] = item
    covered = _covered(book, order, steps)
    items = tuple(
        FieldPlan(item.field, item.line, item.before, item.after, _is_covered(item.field, covered))
        for item in wanted.values()
        if item.before != item.after
    )
    if not items:
        raise Invalid("refused.change_nothing", number=order.number)
    reviewed = any(_is_review(book, order, step) and step.status == "done" for step in steps)
    affected = _affected(book, order, steps, items) if reviewed else ()
    return ChangePlan(order.number, order.version, items, reviewed, affected)


def shown(book: Book, order: Order, item: FieldPlan) -> Phrase:
    """A planned or asked change as a line to say: field, old and new value."""
    product = None
    if item.line is not None:
        lines = frame.lines(book, order)
        product = next((row.name for row in lines if row.position == item.line), None) if len(lines) > 1 else None
    return Phrase(
        "change.item",
        {
            "field": field_label(book, order, item.field),
            "product": product,
            "before": value_fact(book, order, item.field, item.before),
            "after": value_fact(book, order, item.field, item.after),
        },
    )


def field_label(book: Book, order: Order, key: str) -> Fact:
    """What people call a field."""
    return frame.field_name(book, order, key)


def value_fact(book: Book, order: Order, key: str, value: Any) -> Fact:
    """A kept value as a fact, so that it is said in the reader's way."""
    if value is None:
        return Phrase("change.empty")
    match key:
        case "quantity":
            return Decimal(value)
        case "price" | "amount":
            return Money(Decimal(value), order.currency)
        case "promise_date":
            return date.fromisoformat(value)
        case "product":
            item = book.company.products.get(value)
            return item.name.raw if item else value
    part = next((one for one in frame.flow_of(book, order).part.order_form if one.field == key), None)
    return typed(part, value, order.currency) if part is not None else str(value)


# --- values -------------------------------------------------------------------------------------------------------


def _items(
    book: Book, order: Order, lines: Sequence[OrderLine], change: FieldChange, asked: set[str]
) -> list[FieldPlan]:
    """What one wish comes down to: usually one field; a new product may bring its price."""
    match change.field:
        case "quantity" | "price" | "amount":
            row = _line(lines, change)
            return [_LINE[change.field](row, change)]
        case "product":
            return _product(book, _line(lines, change), change, with_price="price" not in asked)
        case "promise_date":
            return [FieldPlan("promise_date", None, order.promise_date.isoformat(), _promise(book, change))]
        case "po_number":
            said = None if is_empty(change.value) else str(change.value).strip()[:200]
            return [FieldPlan("po_number", None, order.po_number, said)]
    return [_form_field(book, order, change)]


def _line(lines: Sequence[OrderLine], change: FieldChange) -> OrderLine:
    if change.line is None and len(lines) != 1:
        raise Invalid("refused.change_which_line", field=Phrase(f"field.{change.field}"), lines=[r.name for r in lines])
    row = next((row for row in lines if change.line in {None, row.position}), None)
    if row is None:
        raise NotFound(what=str(change.line))
    return row


def _number(row: OrderLine, change: FieldChange) -> Decimal:
    raw = change.value.amount if isinstance(change.value, Money) else change.value
    try:
        value = number(raw)
    except ValueError as problem:
        raise _bad(row, change) from problem
    if value < 0 or value > MAX_QUANTITY:
        raise _bad(row, change)
    return value


def _bad(row: OrderLine, change: FieldChange) -> Invalid:
    key = "refused.order_quantity" if change.field == "quantity" else "refused.order_price"
    return Invalid(key, product=row.name, given=str(change.value)[:60])


def _quantity(row: OrderLine, change: FieldChange) -> FieldPlan:
    value = _number(row, change)
    if value <= 0:
        raise _bad(row, change)
    if value < row.shipped:
        raise Invalid("refused.change_below_shipped", product=row.name, shipped=row.shipped, given=value)
    return FieldPlan("quantity", row.position, plain(row.quantity), plain(value))


def _price(row: OrderLine, change: FieldChange) -> FieldPlan:
    return FieldPlan("price", row.position, money(row.price), money(_number(row, change)))


def _amount(row: OrderLine, change: FieldChange) -> FieldPlan:
    return FieldPlan("price", row.position, money(row.price), money(price_of(_number(row, change), row.quantity)))


_LINE: dict[str, Callable[[OrderLine, FieldChange], FieldPlan]] = {
    "quantity": _quantity,
    "price": _price,
    "amount": _amount,
}


def _product(book: Book, row: OrderLine, change: FieldChange, *, with_price: bool) -> list[FieldPlan]:
    """A new product; its list price comes with it where the line had the list price of the old one."""
    new, old = book.company.products.get(str(change.value)), book.company.products.get(row.sku)
    if new is None or not new.active:
        raise NotFound(what=str(change.value))
    items = [FieldPlan("product", row.position, row.sku, new.sku)]
    if with_price and old is not None and old.price == row.price and new.price is not None:
        items.append(FieldPlan("price", row.position, money(row.price), money(new.price)))
    return items


def _promise(book: Book, change: FieldChange) -> str:
    value = change.value
    try:
        day = value.date() if isinstance(value, datetime) else value
        day = day if isinstance(day, date) else date.fromisoformat(str(day))
    except ValueError as problem:
        raise Invalid("refused.promise_unclear", given=str(value)[:60]) from problem
    if day < company_day(book):
        raise Invalid("refused.promise_past", promise=day)
    return day.isoformat()


def _form_field(book: Book, order: Order, change: FieldChange) -> FieldPlan:
    form = frame.flow_of(book, order).part.order_form
    part = next((one for one in form if one.field == change.field), None)
    if part is None:
        raise Invalid("refused.no_such_field", field=change.field, known=[one.name.raw for one in form])
    if is_empty(change.value):
        if part.required:
            raise Invalid("refused.missing_field", field=part.field, label=part.name.raw, type=part.type, others=[])
        return FieldPlan(change.field, None, order.fields.get(change.field), None)
    return FieldPlan(change.field, None, order.fields.get(change.field), checked(part, change.value))


# --- who is concerned ---------------------------------------------------------------------------------------------


def _is_review(book: Book, order: Order, step: Step) -> bool:
    return frame.spec(book, order, step.key).kind == "review"


def _covered(book: Book, order: Order, steps: Sequence[Step]) -> set[str]:
    """The fields of reviews that are done."""
    done = (step for step in steps if step.status == "done" and _is_review(book, order, step))
    return {field for step in done for field in frame.spec(book, order, step.key).fields or ()}


def _is_covered(field: str, covered: set[str]) -> bool:
    return field in covered or (field in GOODS and "amount" in covered)


def review_of(book: Book, order: Order, field: str) -> Step | None:
    """The done review that covers a field; with several the last one."""
    steps = [step for step in frame.steps(book, order) if step.status == "done" and _is_review(book, order, step)]
    fits = [step for step in steps if _is_covered(field, set(frame.spec(book, order, step.key).fields or ()))]
    return max(fits, key=lambda step: (step.done_at or order.placed_at, step.position), default=None)


def _affected(book: Book, order: Order, steps: Sequence[Step], items: Sequence[FieldPlan]) -> tuple[int, ...]:
    """Work under way; work that counts from a promise date that moves; work already done on other goods."""
    fields = {item.field for item in items}
    rows = []
    for step in steps:
        part = frame.spec(book, order, step.key)
        moved = "promise_date" in fields and part.before_promise is not None and step.status == "waiting"
        redone = bool(fields & {"quantity", "product"}) and step.status == "done" and part.kind != "review"
        if step.status == "active" or moved or redone:
            rows.append(step.id or 0)
    return tuple(rows)
