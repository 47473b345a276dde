"""Stock as the flow needs it: is there enough for an order beside what other open orders have reserved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from sqlmodel import col, select

from store.book import Book
from store.operations import frame
from store.operations.fresh import being_placed
from store.tables import Order, OrderLine, Product

OPEN = ("open", "on_hold")


def free_stock(book: Book, skus: Iterable[str], *, but: Order | None = None) -> dict[str, Decimal]:
    """What is in stock of each product beyond what open orders (but one) reserve; products not watched are absent."""
    wanted = sorted(set(skus))
    stock = {row.sku: row.stock for row in book.session.exec(select(Product).where(col(Product.sku).in_(wanted)))}
    query = (
        select(OrderLine)
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .where(col(OrderLine.sku).in_(wanted), col(Order.status).in_(OPEN))
    )
    if but is not None:
        query = query.where(col(Order.id) != but.id)
    reserved: dict[str, Decimal] = defaultdict(Decimal)
    for line in book.session.exec(query):
        reserved[line.sku] += line.quantity - line.shipped
    return {sku: count - reserved[sku] for sku, count in stock.items() if count is not None}


def is_short(book: Book, order: Order) -> bool:
    """Whether the free stock does not cover what this order still has to ship."""
    needed: dict[str, Decimal] = {}
    for line in frame.lines(book, order):
        needed[line.sku] = needed.get(line.sku, Decimal(0)) + line.quantity - line.shipped
    fresh = being_placed(book)
    free = free_stock(book, needed, but=order) if fresh is None or fresh.free is None else fresh.free
    return any(sku in free and free[sku] < count for sku, count in needed.items())


def reserve(free: dict[str, Decimal], lines: Iterable[OrderLine]) -> None:
    """Count down what an order that was just placed has reserved."""
    for line in lines:
        if line.sku in free:
            free[line.sku] -= line.quantity - line.shipped


def take_from_stock(book: Book, shipped: Mapping[str, Decimal]) -> None:
    """Goods have left the house: what is watched becomes less, never below nothing."""
    query = select(Product).where(col(Product.sku).in_(sorted(shipped))).with_for_update()
    for product in book.session.exec(query):
        if product.stock is not None:
            product.stock = max(Decimal(0), product.stock - shipped[product.sku])
            book.session.add(product)
