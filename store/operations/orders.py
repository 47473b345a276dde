"""Placing orders: choosing the flow, what is still missing, is it a repeat, and into the book.

The draft belongs to the conversation; here it is judged once more as a whole, and stored with its number, its lines
and its first steps in one unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import col, or_, select

from store.book import Book
from store.columns import UtcDateTime
from store.company.views import Client, Flow, Item
from store.known import read_ahead
from store.operations.flow import advance, give_steps
from store.operations.frame import lines as lines_of
from store.operations.fresh import is_placed, placing
from store.operations.numbers import company_day, next_numbers
from store.operations.permits import require_customer
from store.operations.stocktaking import free_stock, reserve
from store.refusals import Invalid, NotFound
from store.rules.forms import check_form, is_empty, missing_in, require_all
from store.rules.pricing import order_amount
from store.session import Rows
from store.tables import Order, OrderLine

REPEAT_DAYS = 7
MAX_QUANTITY = Decimal(10) ** 12
_AROUND = timedelta(days=REPEAT_DAYS)
_AT_ONCE = 200  # drafts whose repeats are looked for together


@dataclass(frozen=True, slots=True)
class NewLine:
    """An item to be ordered; `price` None takes the list price, `unit` None the product's."""

    sku: str
    quantity: Decimal
    unit: str | None = None
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order as it is to be placed. `flow` None: chosen by customer and products; `not_repeat`: somebody said so."""

    customer: str
    lines: tuple[NewLine, ...]
    promise_date: date
    flow: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    po_number: str | None = None
    not_repeat: bool = False


def place_orders(book: Book, drafts: Sequence[NewOrder]) -> tuple[Order, ...]:
    """Store orders and start their flows; all of them or none.

    Raises:
        NotFound: no such customer or product, or whoever acts is no member of staff.
        NotAllowed: ordering for a colleague's customer.
        Invalid: something is missing or cannot be; the key says what (refused.order_*, refused.repeat).
    """
    repeats = find_repeats(book, [draft for draft in drafts if not draft.not_repeat])
    judged = [_Judged.of(book, draft, repeats) for draft in drafts]
    orders = [_order(book, one, number) for one, number in zip(judged, next_numbers(book, len(judged)), strict=True)]
    with placing(book) as fresh:
        if len(orders) > 1:  # each order finds the stock as those before it have left it
            fresh.free = free_stock(book, (line.sku for one in judged for line in one.draft.lines))
        _store(book, judged, orders)
        for one, order in zip(judged, orders, strict=True):
            book.record("order.placed", order=order, after=one.audited(order), undoable=True)
            advance(book, order)
            if fresh.free is not None:
                reserve(fresh.free, lines_of(book, order))
        book.session.flush()
    return tuple(orders)


def _store(book: Book, judged: Sequence[_Judged], orders: Sequence[Order]) -> None:
    """Write the orders, their lines and their waiting steps: each kind of row together."""
    book.session.write(orders)
    lines = [_lines(one, order) for one, order in zip(judged, orders, strict=True)]
    book.session.write(list(chain.from_iterable(lines)))
    for order, its in zip(orders, lines, strict=True):
        is_placed(book, order, its)
    give_steps(book, orders)


def choose_flow(book: Book, customer: str | None, skus: Iterable[str], said: str | None) -> Flow:
    """The flow of an order: the one that was said, else the customer's, else the first product's, else the default.

    Raises:
        NotFound: a flow was named that there is not.
    """
    if said:
        named = flow_called(book, said)
        if named is None:
            raise NotFound(what=said)
        return named
    known = book.company.customers.get(customer) if customer else None
    products = (book.company.products.get(sku) for sku in skus)
    for key in (known.flow if known else None, *(product.flow if product else None for product in products)):
        if key is not None and key in book.company.flows:
            return book.company.flows[key]
    return book.company.default_flow


def missing_fields(flow: Flow, fields: Mapping[str, Any]) -> list[Any]:
    """The required fields of the flow's order form that have no value yet, in the order of the file."""
    return list(missing_in(flow.part.order_form, fields))


def list_price(book: Book, sku: str) -> Decimal | None:
    """What a product costs when nothing was agreed; None: it has to be asked."""
    product = book.company.products.get(sku)
    return product.price if product else None


def find_repeat(book: Book, draft: NewOrder) -> Order | None:
    """An open or recent order of the same customer with the same products and quantities, due within a week of it."""
    return next(iter(find_repeats(book, [draft]).values()), None)


def find_repeats(book: Book, drafts: Sequence[NewOrder]) -> dict[int, Order]:
    """The repeats of several drafts, by the draft's place in memory (`id`); what has none is absent."""
    found: dict[int, Order] = {}
    for start in range(0, len(drafts), _AT_ONCE):
        part = [draft for draft in drafts[start : start + _AT_ONCE] if draft.lines]
        candidates = _alike(book, part) if part else {}
        for draft in part:
            wanted = _goods((line.sku, line.quantity) for line in draft.lines)
            for order, goods in candidates.get(draft.customer, ()):
                if abs(order.promise_date - draft.promise_date) <= _AROUND and goods == wanted:
                    found[id(draft)] = order
                    break
    return found


_SAME_FIRST = select(OrderLine.id).where(OrderLine.order_id == Order.id).correlate(Order)
_AROUND_THEN = (
    or_(
        Order.status == "open",
        Order.status == "on_hold",
        col(Order.placed_at) >= bindparam("recent", type_=UtcDateTime()),
    ),
    Order.status != "cancelled",
    col(Order.promise_date).between(bindparam("first"), bindparam("last")),
)
_ALIKE_ONE = Rows(
    Order,
    col(Order.customer) == bindparam("customer"),
    _SAME_FIRST.where(col(OrderLine.sku) == bindparam("sku")).exists(),
    *_AROUND_THEN,
    order=(col(Order.id).desc(),),
)
_ALIKE = (
    select(Order)
    .where(
        col(Order.customer).in_(bindparam("customers", expanding=True)),
        _SAME_FIRST.where(col(OrderLine.sku).in_(bindparam("skus", expanding=True))).exists(),
        *_AROUND_THEN,
    )
    .order_by(col(Order.id).desc())
)


def _alike(book: Book, drafts: Sequence[NewOrder]) -> dict[str, list[tuple[Order, dict[str, Decimal]]]]:
    """Living and recent orders of the drafts' customers due at about their time, newest first, with their goods."""
    days = [draft.promise_date for draft in drafts]
    wanted: dict[str, Any] = {
        "customers": list({draft.customer for draft in drafts}),
        "skus": list({draft.lines[0].sku for draft in drafts}),
        "recent": book.now - timedelta(days=REPEAT_DAYS),
        "first": min(days) - _AROUND,
        "last": max(days) + _AROUND,
    }
    if len(wanted["customers"]) == len(wanted["skus"]) == 1:
        one = {"customer": wanted.pop("customers")[0], "sku": wanted.pop("skus")[0]}
        candidates = book.session.find(_ALIKE_ONE, **one, **wanted)
    else:
        candidates = list(book.session.exec(_ALIKE, params=wanted))
    read_ahead(book.session, (OrderLine,), [order.id for order in candidates if order.id is not None])
    found: dict[str, list[tuple[Order, dict[str, Decimal]]]] = {}
    for order in candidates:
        goods = _goods((row.sku, row.quantity) for row in lines_of(book, order))
        found.setdefault(order.customer, []).append((order, goods))
    return found


@dataclass(frozen=True, slots=True)
class _Judged:
    """A draft that can be stored, with everything it left to be looked up."""

    draft: NewOrder
    customer: Client
    products: tuple[Item, ...]
    prices: tuple[Decimal, ...]
    flow: Flow
    fields: dict[str, Any]

    @classmethod
    def of(cls, book: Book, draft: NewOrder, repeats: Mapping[int, Order]) -> _Judged:
        customer = book.company.customers.get(draft.customer)
        if customer is None or not customer.active:
            raise NotFound(what=draft.customer)
        require_customer(book, "order.place", customer)
        if not draft.lines:
            raise Invalid("refused.order_no_lines")
        products = tuple(_product(book, line) for line in draft.lines)
        prices = tuple(_price(line, product) for line, product in zip(draft.lines, products, strict=True))
        if draft.promise_date < company_day(book):
            raise Invalid("refused.promise_past", promise=draft.promise_date)
        flow = choose_flow(book, draft.customer, (line.sku for line in draft.lines), draft.flow)
        given = {key: value for key, value in draft.fields.items() if not is_empty(value)}
        fields = check_form(flow.part.order_form, {}, given)
        require_all(flow.part.order_form, fields)
        repeat = None if draft.not_repeat else repeats.get(id(draft))
        if repeat is not None:
            raise Invalid("refused.repeat", number=repeat.number, placed_at=repeat.placed_at)
        return cls(draft, customer, products, prices, flow, fields)

    def audited(self, order: Order) -> dict[str, Any]:
        """What the audit keeps of a placed order."""
        pairs = zip(self.draft.lines, self.prices, strict=True)
        return {
            "number": order.number,
            "customer": order.customer,
            "promise_date": order.promise_date.isoformat(),
            "amount": format(order.amount, "f"),
            "flow": order.flow,
            "lines": [[one.sku, format(one.quantity, "f"), format(price, "f")] for one, price in pairs],
            "fields": self.fields,
            "po_number": order.po_number,
        }


def _order(book: Book, one: _Judged, number: Any) -> Order:
    draft = one.draft
    return Order(
        number=number.text,
        seq=number.seq,
        customer=draft.customer,
        salesperson=one.customer.salesperson or book.by.key,
        placed_by=book.by.key,
        changed_by=book.by.key,
        promise_date=draft.promise_date,
        currency=book.company.currency,
        amount=order_amount((line.quantity, price) for line, price in zip(draft.lines, one.prices, strict=True)),
        flow=one.flow.key,
        flow_version=one.flow.version,
        fields=one.fields,
        po_number=(draft.po_number or "").strip() or None,
        placed_at=book.now,
    )


def _lines(one: _Judged, order: Order) -> list[OrderLine]:
    return [
        OrderLine(
            order_id=order.id or 0,
            position=position,
            sku=line.sku,
            name=product.name.raw,
            quantity=line.quantity,
            unit=line.unit or product.unit,
            price=price,
        )
        for position, (line, product, price) in enumerate(
            zip(one.draft.lines, one.products, one.prices, strict=True), start=1
        )
    ]


def _product(book: Book, line: NewLine) -> Item:
    product = book.company.products.get(line.sku)
    if product is None or not product.active:
        raise NotFound(what=line.sku)
    if not line.quantity.is_finite() or not 0 < line.quantity <= MAX_QUANTITY:
        raise Invalid("refused.order_quantity", product=product.name.raw, given=str(line.quantity))
    return product


def _price(line: NewLine, product: Item) -> Decimal:
    price = product.price if line.price is None else line.price
    if price is None:
        raise Invalid("refused.order_price_missing", product=product.name.raw)
    if not price.is_finite() or price < 0 or price > MAX_QUANTITY:
        raise Invalid("refused.order_price", product=product.name.raw, given=str(price))
    return price


def flow_called(book: Book, said: str) -> Flow | None:
    """The flow whose key, name or alias that is, however it is written; None: there is none."""
    wanted = said.strip().casefold()
    for flow in book.company.flows.values():
        if wanted in {one.casefold() for one in (flow.key, *flow.name.all, *flow.part.aliases)}:
            return flow
    return None


def _goods(lines: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for sku, quantity in lines:
        total[sku] = total.get(sku, Decimal(0)) + quantity
    return total
