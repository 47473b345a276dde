"""Acceptance in chat: a customer's exact words and their moment, kept in the audit as evidence, and told on.

What is accepted is what he was told last and had not answered: a new date, a delivery, an offer of the salesperson.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from store.book import Book
from store.messages import Fact, Letter, Phrase, pack, unpack
from store.operations import frame
from store.operations.cards import button
from store.refusals import NotFound
from store.tables import AuditEntry, Order, Outbox

WITHIN = timedelta(days=14)
"""So long after something was told a bare «agreed» may mean it."""

DATE, DELIVERY, QUOTATION, OFFER = "date", "delivery", "quotation", "offer"
_RULES = {"promise.moved": DATE, "shipped": DELIVERY, "delivered": DELIVERY, "question": OFFER}


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something a contact was told and may accept: the message, what it is, and the order it speaks of."""

    row: Outbox
    what: str
    order: Order | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """An acceptance that was kept; `again`: it had been given before."""

    what: str
    order: Order | None
    again: bool = False


def proposals(book: Book, contact: str) -> list[Proposal]:
    """What a contact was told lately and has not yet answered by accepting or refusing it, newest first."""
    query = (
        select(Outbox)
        .where(Outbox.person == contact, col(Outbox.rule).in_(_RULES), Outbox.status == "sent")
        .where(col(Outbox.sent_at) > book.now - WITHIN)
        .order_by(col(Outbox.id).desc())
        .limit(20)
    )
    rows = list(book.session.exec(query))
    answered = _answered(book, contact, {row.order_id for row in rows if row.order_id is not None})
    return [
        Proposal(row, _RULES[row.rule or ""], frame.order_of(book, row.order_id) if row.order_id is not None else None)
        for row in rows
        if row.id not in answered
    ]


def accept(
    book: Book, words: str, what: str, *, order: Order | None, about: Outbox | None = None, agreed: bool = True
) -> Accepted:
    """Keep a contact's acceptance (or refusal) with his exact words, and tell his salesperson.

    Args:
        book: the unit of work; whoever acts is the contact.
        words: as typed, or the label of the button pressed.
        what: date, delivery, quotation or offer.
        order: what it is about, if it is an order of his company's.
        about: the message that he answers.
        agreed: False: he does not accept.

    Raises:
        NotFound: whoever acts is no contact, or the order is not his company's.
    """
    me = book.company.people.get(book.by.key)
    client = book.company.customers.get(me.customer or "") if me else None
    if me is None or client is None or (order is not None and order.customer != client.key):
        raise NotFound(what=order.number if order else book.by.key)
    if agreed and order is not None and what == DELIVERY and _given(book, order, what, me.key):
        return Accepted(what, order, again=True)
    said = list(unpack(about.body["says"])) if about is not None else None
    kept: dict[str, Any] = {"what": what, "words": words, "at": book.now.isoformat()}
    if about is not None:
        kept |= {"message": about.id, "about": pack(said)}
    event = "acceptance.given" if agreed else "acceptance.refused"
    book.record(event, order=order, subject=f"person:{me.key}", after=kept)
    to = order.salesperson if order is not None else client.salesperson
    if to is not None and to in book.company.people:
        facts: dict[str, Fact] = {
            "customer": client.name.raw, "person": me.name.raw, "what": Phrase(f"accept.what.{what}"),
            "number": order.number if order else None, "at": book.now, "words": words, "about": said or None,
        }  # fmt: skip
        key = "accept.told" if agreed else "accept.refused_told"
        choices = (button("details", f"order.show:{order.number}"),) if order is not None else ()
        book.tell(to, Letter((Phrase(key, facts),), choices), rule="accepted", order=order)
    return Accepted(what, order)


def _answered(book: Book, contact: str, orders: set[int]) -> set[int]:
    """The messages about these orders that this contact has accepted or refused already."""
    query = select(AuditEntry.after).where(
        col(AuditEntry.order_id).in_(orders),
        AuditEntry.who == contact,
        col(AuditEntry.what).in_(("acceptance.given", "acceptance.refused")),
    )
    rows: Sequence[Any] = book.session.exec(query).all()
    return {row["message"] for row in rows if isinstance(row, dict) and row.get("message") is not None}


def _given(book: Book, order: Order, what: str, contact: str) -> bool:
    query = select(AuditEntry.after).where(
        AuditEntry.order_id == order.id, AuditEntry.what == "acceptance.given", AuditEntry.who == contact
    )
    return any(isinstance(row, dict) and row.get("what") == what for row in book.session.exec(query))
