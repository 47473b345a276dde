"""Goods have reached the customer: a colleague says so, or the customer himself; his people are told once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, func, select

from store.book import Book
from store.messages import Letter, Phrase
from store.operations import frame
from store.operations.accepting import DELIVERY
from store.operations.cards import button
from store.operations.notices import tell_customer
from store.operations.permits import order_for
from store.refusals import Invalid
from store.tables import AuditEntry, Order, Shipment


@dataclass(frozen=True, slots=True)
class Delivered:
    """An order whose goods have arrived: since when that is known, and which contacts were told now."""

    order: Order
    at: datetime
    told: tuple[str, ...] = ()
    again: bool = False


def confirm_delivery(book: Book, number: str, words: str) -> Delivered:
    """A colleague knows that everything has arrived: kept with his words, and the customer's contacts are told.

    Where the customer has confirmed it, or a colleague said so before, nobody is told again.

    Raises:
        NotFound, NotAllowed: as for a note on the order.
        Invalid: refused.not_all_shipped.
    """
    order = order_for(book, "order.note", number)
    if not _all_shipped(book, order):
        raise Invalid("refused.not_all_shipped", number=order.number)
    known = delivered_at(book, order)
    if known is not None:
        return Delivered(order, known, again=True)
    book.record("order.delivered", order=order, after={"words": words[:500]})
    facts = {"number": order.number, "po": order.po_number}
    letter = Letter((Phrase("customer.delivered", facts),), (button("received", f"accept.delivery:{order.number}"),))
    return Delivered(order, book.now, tuple(tell_customer(book, order, letter, rule="delivered")))


def delivered_at(book: Book, order: Order) -> datetime | None:
    """Since when it is known that everything has arrived; None while goods are still to leave or nobody has said so."""
    if not _all_shipped(book, order):
        return None
    left = book.session.exec(select(func.max(Shipment.at)).where(Shipment.order_id == order.id)).first()
    query = select(AuditEntry).where(
        AuditEntry.order_id == order.id, col(AuditEntry.what).in_(("order.delivered", "acceptance.given"))
    )
    for entry in book.session.exec(query.order_by(col(AuditEntry.id))):
        accepted = isinstance(entry.after, dict) and entry.after.get("what") == DELIVERY
        if (entry.what == "order.delivered" or accepted) and (left is None or entry.at >= left):
            return entry.at
    return None


def _all_shipped(book: Book, order: Order) -> bool:
    lines = frame.lines(book, order)
    return bool(lines) and all(line.shipped >= line.quantity for line in lines)
