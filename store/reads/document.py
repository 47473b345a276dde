"""Orders, steps and events as the API gives them: every key always there, null when it has no value.

Money and prices are decimal strings with two places, quantities plain ones; moments carry the company's offset.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import func
from sqlmodel import col, select

from store.book import Book
from store.tables import AuditEntry, Change, ExceptionCase, Note, NoteFile, Order, OrderLine, Step, Urge

Json = dict[str, Any]
Row = TypeVar("Row", OrderLine, Step, ExceptionCase, Change, Note)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?\+\d\d:\d\d")
_BATCH = 500  # below SQLite's limit of bound values


def order_document(book: Book, order: Order) -> Json:
    """One order with everything on it, as `GET /api/orders/{number}` gives it."""
    document = order_items(book, [order])[0]
    last = {key: document.pop(key) for key in ("urges", "held_since")}
    return {
        **document,
        "exceptions": [_exception(book, row) for row in _rows(book, ExceptionCase, [order])],
        "notes": _notes(book, order),
        "changes": [_change(row) for row in _rows(book, Change, [order])],
        **last,
    }


def order_items(book: Book, orders: Sequence[Order]) -> list[Json]:
    """Orders as a list gives them: without notes, changes and exceptions."""
    lines, steps = _by_order(book, OrderLine, orders), _by_order(book, Step, orders)
    urges = _urges(book, orders)
    return [
        {
            "number": order.number,
            "customer": {"key": order.customer, "name": _customer(book, order.customer)},
            "salesperson": order.salesperson,
            "placed_by": order.placed_by,
            "status": order.status,
            "promise_date": order.promise_date.isoformat(),
            "currency": order.currency,
            "amount": money(order.amount),
            "flow": order.flow,
            "flow_version": order.flow_version,
            "lines": [_line(book, row) for row in lines[order.id]],
            "fields": dict(order.fields),
            "po_number": order.po_number,
            "steps": [step_document(book, row) for row in steps[order.id]],
            "urges": urges.get(order.id, {"count": 0, "askers": 0}),
            "held_since": moment(book, order.held_since),
        }
        for order in orders
    ]


def step_document(book: Book, step: Step) -> Json:
    """One step as the API gives it."""
    return {
        "key": step.key,
        "name": said(book, step.name),
        "status": step.status,
        "owner": step.owner,
        "due": moment(book, step.due),
        "started_at": moment(book, step.started_at),
        "acknowledged_at": moment(book, step.acknowledged_at),
        "acknowledged_until": moment(book, step.acknowledged_until),
        "snoozed_until": moment(book, step.snoozed_until),
        "done_at": moment(book, step.done_at),
        "done_by": step.done_by,
        "fields": dict(step.fields),
    }


def event_document(book: Book, entry: AuditEntry) -> Json:
    """One audit entry as the API gives it."""
    return {
        "at": moment(book, entry.at),
        "who": entry.who,
        "what": entry.what,
        "via": entry.via,
        "message": entry.message,
        "before": _local(book, entry.before),
        "after": _local(book, entry.after),
    }


def _local(book: Book, value: Any) -> Any:
    """What an entry holds, its moments with the company's offset."""
    if isinstance(value, dict):
        return {key: _local(book, one) for key, one in value.items()}
    if isinstance(value, list):
        return [_local(book, one) for one in value]
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return moment(book, datetime.fromisoformat(value))
    return value


def moment(book: Book, at: datetime | None) -> str | None:
    """A moment with the company's offset (ISO 8601, whole seconds)."""
    return None if at is None else at.astimezone(book.company.zone).replace(microsecond=0).isoformat()


def money(amount: Decimal) -> str:
    """An amount or price with at least two places: 35 is "35.00", 0.125 stays."""
    places = -int(amount.normalize().as_tuple().exponent)
    return format(amount, ".2f") if places <= 2 else format(amount.normalize(), "f")


def plain(quantity: Decimal) -> str:
    """A quantity without needless zeros: "200", "2.5"."""
    text = format(quantity, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def said(book: Book, name: Any) -> str:
    """A name in the company's language."""
    if isinstance(name, dict):
        return str(name.get(book.company.language) or next(iter(name.values()), ""))
    return str(name)


def _line(book: Book, row: OrderLine) -> Json:
    return {
        "sku": row.sku,
        "name": said(book, row.name),
        "quantity": plain(row.quantity),
        "unit": row.unit,
        "price": money(row.price),
        "shipped": plain(row.shipped),
    }


def _exception(book: Book, row: ExceptionCase) -> Json:
    return {
        "kind": row.kind,
        "status": row.status,
        "handler": row.handler,
        "note": row.note,
        "opened_by": row.opened_by,
        "opened_at": moment(book, row.opened_at),
        "due": moment(book, row.due),
        "closed_at": moment(book, row.closed_at),
        "solution": row.solution,
    }


def _change(row: Change) -> Json:
    return {
        "field": row.field,
        "before": row.before,
        "after": row.after,
        "status": row.status,
        "asked_by": row.asked_by,
        "reason": row.reason,
    }


def _notes(book: Book, order: Order) -> list[Json]:
    notes = _rows(book, Note, [order])
    files: dict[int | None, list[Json]] = defaultdict(list)
    query = select(NoteFile).join(Note, col(Note.id) == col(NoteFile.note_id)).where(Note.order_id == order.id)
    for file in book.session.exec(query.order_by(col(NoteFile.id))):
        files[file.note_id].append({"name": file.name, "size": file.size, "sha256": file.sha256})
    return [{"text": note.text, "by": note.by, "at": moment(book, note.at), "files": files[note.id]} for note in notes]


def _by_order(book: Book, table: type[Row], orders: Sequence[Order]) -> dict[int | None, list[Row]]:
    found: dict[int | None, list[Row]] = defaultdict(list)
    for row in _rows(book, table, orders):
        found[row.order_id].append(row)
    return found


def _rows(book: Book, table: type[Row], orders: Sequence[Order]) -> Iterable[Row]:
    """The rows that hang on these orders, in their own order."""
    by = col(table.position) if issubclass(table, OrderLine | Step) else col(table.id)
    for start in range(0, len(orders), _BATCH):
        ids = [order.id for order in orders[start : start + _BATCH]]
        yield from book.session.exec(select(table).where(col(table.order_id).in_(ids)).order_by(by))


def _urges(book: Book, orders: Sequence[Order]) -> dict[int | None, Json]:
    found: dict[int | None, Json] = {}
    for start in range(0, len(orders), _BATCH):
        ids = [order.id for order in orders[start : start + _BATCH]]
        query = select(Urge.order_id, func.count(), func.count(func.distinct(Urge.by)))
        for key, count, askers in book.session.exec(
            query.where(col(Urge.order_id).in_(ids)).group_by(col(Urge.order_id))
        ):
            found[key] = {"count": count, "askers": askers}
    return found


def _customer(book: Book, key: str) -> str:
    client = book.company.customers.get(key)
    return client.name.say(book.company.language) if client else key
