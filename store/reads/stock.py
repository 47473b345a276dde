"""Stock and money as people ask for them: free, reserved, incoming; open amounts by order.

Reserved is what open orders have still to get; free is what is there less that; incoming is what orders have still to
get that are being bought for right now (a step with `when: {stock: short}` is active). The money of an order is open
as far as the amounts that its steps have noted as received do not cover it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlmodel import col, select

from store.book import Book
from store.messages import Fact, Money
from store.operations import frame
from store.operations.stocktaking import OPEN
from store.reads.seeing import viewer_of, visible
from store.refusals import NotFound
from store.tables import Order, OrderLine, Product, Step

NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Stock:
    """A product's figures; `stock` None: not watched, there is nothing to say but what is reserved."""

    sku: str
    name: Fact
    unit: str | None
    stock: Decimal | None
    reserved: Decimal
    incoming: Decimal
    reorder_at: Decimal | None

    @property
    def free(self) -> Decimal | None:
        """What nobody has reserved; below zero when more is promised than there is."""
        return None if self.stock is None else self.stock - self.reserved

    @property
    def low(self) -> bool:
        """Whether it is time to reorder."""
        return self.free is not None and self.reorder_at is not None and self.free <= self.reorder_at


def stock_of(book: Book, sku: str) -> Stock:
    """The stock of a product. Raises NotFound, NotAllowed (a customer's person never learns it)."""
    frame.require(book, "stock.show")
    item = book.company.products.get(sku)
    row = book.session.get(Product, sku)
    if item is None or row is None:
        raise NotFound(what=sku)
    query = (
        select(col(OrderLine.quantity), col(OrderLine.shipped), col(OrderLine.order_id))
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .where(OrderLine.sku == sku, col(Order.status).in_(OPEN))
    )
    lines = book.session.exec(query).all()
    buying = _bought_for(book)
    reserved = sum((quantity - shipped for quantity, shipped, _ in lines), NONE)
    incoming = sum((quantity - shipped for quantity, shipped, order in lines if order in buying), NONE)
    return Stock(sku, item.name.raw, item.unit, row.stock, reserved, incoming, item.reorder_at)


def _bought_for(book: Book) -> set[int | None]:
    """The orders for which somebody is buying what was short."""
    steps = {
        (flow.key, flow.version, step.key)
        for flow in book.company.versions.values()
        for step in flow.steps
        if step.when is not None and step.when.stock == "short"
    }
    keys = {key for _, _, key in steps}
    query = select(Step.key, Order).join(Order, col(Order.id) == col(Step.order_id))
    rows = book.session.exec(query.where(col(Step.status) == "active", col(Step.key).in_(keys)))
    return {order.id for key, order in rows if (order.flow, order.flow_version, key) in steps}


@dataclass(frozen=True, slots=True)
class OpenAmount:
    """An order that is not paid in full."""

    number: str
    promise_date: date
    amount: Money
    received: Money
    open: Money


@dataclass(frozen=True, slots=True)
class Debt:
    """What a customer owes, by order, oldest first; `over`: by how much it exceeds the credit limit, None if not."""

    customer: Fact
    orders: tuple[OpenAmount, ...]
    total: Money
    limit: Money | None
    over: Money | None


def money_of(book: Book, customer: str) -> Debt:
    """Open amounts of the customer's living orders that whoever acts may see. Raises NotFound, NotAllowed."""
    frame.require(book, "money.show")
    client = book.company.customers.get(customer)
    if client is None:
        raise NotFound(what=customer)
    query = select(Order).where(
        Order.customer == customer, col(Order.status).in_(OPEN), visible(viewer_of(book, book.by.key), among_few=True)
    )
    currency = book.company.currency
    orders = book.session.exec(query.order_by(col(Order.id))).all()
    forms = _forms(book, orders)
    amounts = [_open_amount(book, order, forms[order.id]) for order in orders]
    owed = tuple(one for one in amounts if one.open.amount > 0)
    total = sum((one.open.amount for one in owed), Decimal("0.00"))
    limit = client.credit_limit
    return Debt(
        customer=client.name.raw,
        orders=owed,
        total=Money(total, currency),
        limit=Money(limit, currency) if limit is not None else None,
        over=Money(total - limit, currency) if limit is not None and total > limit else None,
    )


def received_of(book: Book, order: Order, values: Mapping[str, Mapping[str, Any]]) -> Decimal:
    """What the order's steps have noted as received; `values`: their form fields by step.

    A field counts when it is required money of a step that does not ship: freight and the like are noted elsewhere.
    """
    total = NONE
    for part in frame.flow_of(book, order).steps:
        for field in part.form:
            given = values.get(part.key, {}).get(field.field)
            if field.type == "money" and field.required and not part.ships and given:
                total += Decimal(given)
    return total


def _forms(book: Book, orders: Sequence[Order]) -> dict[int | None, dict[str, Mapping[str, Any]]]:
    """What the steps of these orders have in their forms, by order and step."""
    found: dict[int | None, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for start in range(0, len(orders), 500):
        ids = [order.id for order in orders[start : start + 500]]
        query = select(Step.order_id, Step.key, Step.fields).where(col(Step.order_id).in_(ids))
        for order_id, key, fields in book.session.exec(query.where(col(Step.started_at).is_not(None))):
            found[order_id][key] = fields
    return found


def _open_amount(book: Book, order: Order, values: Mapping[str, Mapping[str, Any]]) -> OpenAmount:
    received = received_of(book, order, values)
    currency = order.currency
    left = max(order.amount - received, NONE)
    return OpenAmount(
        order.number,
        order.promise_date,
        Money(order.amount, currency),
        Money(received, currency),
        Money(left, currency),
    )
