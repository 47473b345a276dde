"""Urging (催办): the owners of the active steps hear who asks, how often, and why; the same asker waits in between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, func, select

from store.book import Book
from store.messages import Fact, Phrase
from store.operations import cards, frame
from store.operations.permits import order_for, require_open
from store.refusals import Invalid
from store.tables import Order, Step, Urge


@dataclass(frozen=True, slots=True)
class Urged:
    """What came of an urge.

    `count`: how often the order was urged, by anybody; `pushed`: whether the owners hear of it; `again_at`: when the
    same asker's next one is pushed; `owners`: names of the owners of the active steps.
    """

    order: Order
    count: int
    pushed: bool
    again_at: datetime
    owners: tuple[Fact, ...]


def urge(book: Book, number: str, reason: str | None = None) -> Urged:
    """Ask for more speed.

    Raises:
        NotFound, NotAllowed: as for every action on an order.
        Conflict: the order has ended.
        Invalid: refused.urge_on_hold (facts reason, since); refused.urge_nothing when no step is active.
    """
    order = order_for(book, "order.urge", number)
    require_open(book, order)
    if order.status == "on_hold":
        asker = book.company.people.get(book.by.key)  # why an order rests is nothing for the customer's ears
        why = None if asker is None or asker.is_contact else order.reason
        raise Invalid("refused.urge_on_hold", number=order.number, since=order.held_since, reason=why)
    steps = [step for step in frame.steps(book, order) if step.status == "active"]
    if not steps:
        raise Invalid("refused.urge_nothing", number=order.number)
    calendar, wait = book.company.calendar, book.company.pushes.urge_again
    last = _last_pushed(book, order)
    rests_until = calendar.add_span(last, wait) if last is not None else None
    pushed = rests_until is None or rests_until <= book.now
    why = (reason or "").strip() or None
    row = Urge(order_id=order.id or 0, step_key=steps[0].key, by=book.by.key, at=book.now, reason=why, pushed=pushed)
    book.session.add(row)
    book.session.flush()
    count = book.session.exec(select(func.count()).where(Urge.order_id == order.id)).one()
    again_at = calendar.add_span(book.now, wait) if pushed or rests_until is None else rests_until
    after = {"count": count, "pushed": pushed, "reason": why}
    book.record("urge", order=order, subject=f"step:{steps[0].key}", after=after, undoable=True)
    if pushed:
        _push(book, order, steps, count, why)
    return Urged(order, count, pushed, again_at, tuple(frame.owner_name(book, step) for step in steps))


def _last_pushed(book: Book, order: Order) -> datetime | None:
    """When this asker last had the owners of this order told."""
    query = select(Urge.at).where(Urge.order_id == order.id, Urge.by == book.by.key, col(Urge.pushed).is_(True))
    return book.session.exec(query.order_by(col(Urge.id).desc()).limit(1)).first()


def _push(book: Book, order: Order, steps: list[Step], count: int, reason: str | None) -> None:
    asker = book.company.anyone(book.by.key)
    from_customer = asker is not None and asker.is_contact
    facts = {
        "number": order.number,
        "who": frame.name(book, book.by.key),
        "customer": frame.customer_name(book, order.customer) if from_customer else None,
        "count": count,
        "reason": reason,
    }
    headline = Phrase("urge.push", facts)
    owners = {step.owner for step in steps}
    for step in steps:
        if step.owner != book.by.key:
            letter = cards.step_card(book, order, step, headline)
            book.tell(step.owner, letter, rule="urge", card=f"step:{step.id}", order=order)
    if from_customer and order.salesperson not in owners:
        names = [frame.owner_name(book, step) for step in steps]
        told = Phrase("urge.customer", {**facts, "owners": names})
        book.tell(order.salesperson, cards.order_card(book, order, told), rule="urge", order=order)
