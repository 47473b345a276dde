"""Two people, one field: the second is refused and told who changed it, what it was and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from store.book import Book
from store.messages import Phrase
from store.operations import frame
from store.operations.changes import ChangePlan, FieldPlan
from store.operations.permits import conflict
from store.reads.document import money, plain
from store.refusals import Conflict
from store.tables import AuditEntry, Change, Order


def refuse_overtaken(book: Book, order: Order, plan: ChangePlan) -> None:
    """Two may change different fields; of two who change the same one, the second is refused and told of the first."""
    keys = {key_of(item) for item in plan.items}
    changed = {"order.changed", "change.applied", "change.asked", "promise.moved"}
    if order.version != plan.order_version:
        query = select(AuditEntry).where(AuditEntry.order_id == order.id, col(AuditEntry.what).in_(changed))
        for entry in book.session.exec(query.order_by(col(AuditEntry.id).desc())):
            later = (entry.after or {}).get("version", order.version) > plan.order_version
            if later and keys & set(entry.after or {}):
                raise conflict(book, order, set(), entry)
    for item in plan.items:
        if current_value(book, order, item.field, item.line) != item.before:
            raise conflict(book, order, changed)
        other = pending_change(book, order, item)
        if other is not None and other.asked_by != book.by.key:
            raise Conflict(
                number=order.number,
                who=frame.name(book, other.asked_by),
                what=Phrase("did.change.asked"),
                at=other.asked_at,
            )


def pending_change(book: Book, order: Order, item: FieldPlan) -> Change | None:
    """The change of the same field that waits for its reviewer."""
    query = select(Change).where(
        Change.order_id == order.id, Change.status == "pending", Change.field == item.field, Change.line == item.line
    )
    return book.session.exec(query).first()


def current_value(book: Book, order: Order, field: str, line: int | None) -> Any:
    """A field's value now, as a plan keeps it."""
    row = next((row for row in frame.lines(book, order) if row.position == line), None)
    match field:
        case "quantity" if row:
            return plain(row.quantity)
        case "price" if row:
            return money(row.price)
        case "product" if row:
            return row.sku
        case "promise_date":
            return order.promise_date.isoformat()
        case "po_number":
            return order.po_number
    return order.fields.get(field)


def named(items: Sequence[FieldPlan], side: str) -> dict[str, Any]:
    """Fields and values as the audit keeps them; those of a line carry its position."""
    return {key_of(item): getattr(item, side) for item in items}


def key_of(item: FieldPlan) -> str:
    """A field's name, with the position of its line."""
    return item.field if item.line is None else f"{item.field}.{item.line}"
