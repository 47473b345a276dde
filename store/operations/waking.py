"""Whoever wanted to be reminded when another step is done hears of it at once."""

from __future__ import annotations

from sqlmodel import col, select

from store.book import Book
from store.messages import Phrase
from store.operations import frame
from store.operations.cards import step_card
from store.operations.fresh import is_fresh
from store.tables import AuditEntry, Order, Step


def wake(book: Book, order: Order, done: Step) -> None:
    """End the rest of every step of the order whose owner put his reminders off until this one is done."""
    resting = [] if is_fresh(book, order) else [one for one in frame.steps(book, order) if _rests(book, one)]
    if not resting:
        return
    said = select(AuditEntry).where(AuditEntry.order_id == order.id, AuditEntry.what == "step.snoozed")
    last = {entry.subject: entry.after for entry in book.session.exec(said.order_by(col(AuditEntry.id)))}
    for step in resting:
        after = last.get(f"step:{step.key}")
        if not isinstance(after, dict) or after.get("awaits") != done.key:
            continue
        step.snoozed_until = None
        book.session.add(step)
        book.record("step.woken", order=order, subject=f"step:{step.key}", after={"done": done.key})
        facts = {"number": order.number, "step": step.name, "done": done.name}
        letter = step_card(book, order, step, Phrase("step.woken", facts))
        book.tell(step.owner, letter, rule="step.woken", card=f"step:{step.id}", order=order)


def _rests(book: Book, step: Step) -> bool:
    return step.status == "active" and step.snoozed_until is not None and step.snoozed_until > book.now
