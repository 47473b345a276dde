"""What a customer may know of an order: public stages, dates, goods, and the fields that the flow calls public.

An allow-list: whatever is not gathered here by name never reaches a customer. No owners, no internal steps, no notes,
no prices' reasons, no exceptions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from store.book import Book
from store.company.models import FieldPart, StepPart
from store.messages import Fact, Money, Phrase
from store.operations import frame
from store.operations.promises import public_promise
from store.tables import Order, Step


@dataclass(frozen=True, slots=True)
class PublicLine:
    """An item of the order, with how much of it has left."""

    name: Fact
    quantity: Decimal
    unit: str | None
    shipped: Decimal


@dataclass(frozen=True, slots=True)
class PublicStatus:
    """An order as its customer may hear of it.

    `stage`: the flow's words, None before the first (the order has been received); `status`: open, on_hold, done,
    cancelled; `shipped`: none, part, all; `fields`: label and value of public form fields, in the order of the file.
    """

    number: str
    po_number: str | None
    status: str
    stage: Fact
    promise_date: date
    lines: tuple[PublicLine, ...]
    shipped: str
    fields: tuple[tuple[Fact, Fact], ...]


def public_status_of(book: Book, order: Order) -> PublicStatus:
    """What a customer's contact may hear; the caller has judged that it is his own company's (see seeing.see)."""
    lines = frame.lines(book, order)
    return PublicStatus(
        number=order.number,
        po_number=order.po_number,
        status=order.status,
        stage=public_stage(book, order),
        promise_date=public_promise(book, order),
        lines=tuple(PublicLine(row.name, row.quantity, row.unit, row.shipped) for row in lines),
        shipped=_shipped([(row.quantity, row.shipped) for row in lines]),
        fields=tuple(_fields(book, order)),
    )


def public_stage(book: Book, order: Order) -> Fact:
    """The public words of the active step, the earliest in the file; while it has none, of the last one reached."""
    steps = {step.key: step for step in frame.steps(book, order)}
    stages = [(part.public.raw if part.public else None, steps.get(part.key)) for part in _parts(book, order)]
    for public, step in stages:
        if step is not None and step.status == "active" and public is not None:
            return public
    reached = [(step, public) for public, step in stages if _reached(step) and public is not None]
    latest = max(reached, key=lambda one: _order_of(one[0]), default=None)
    return latest[1] if latest else None


def _parts(book: Book, order: Order) -> tuple[StepPart, ...]:
    return frame.flow_of(book, order).steps


def _reached(step: Step | None) -> bool:
    return step is not None and step.started_at is not None


def _order_of(step: Step | None) -> tuple[float, int]:
    if step is None or step.started_at is None:
        return (0.0, 0)
    return (step.started_at.timestamp(), step.position)


def _shipped(lines: list[tuple[Decimal, Decimal]]) -> str:
    if not any(shipped > 0 for _, shipped in lines):
        return "none"
    return "all" if all(shipped >= quantity for quantity, shipped in lines) else "part"


def _fields(book: Book, order: Order) -> list[tuple[Fact, Fact]]:
    """Public fields of the order form and of the forms of steps, in the order of the file."""
    flow = frame.flow_of(book, order)
    steps = {step.key: step.fields for step in frame.steps(book, order)}
    forms = [(flow.part.order_form, order.fields), *((part.form, steps.get(part.key, {})) for part in flow.steps)]
    return [
        (field.name.raw, typed(field, value, order.currency))
        for form, values in forms
        for field in form
        if field.public and (value := values.get(field.field)) not in (None, "")
    ]


def typed(field: FieldPart, value: Any, currency: str) -> Fact:
    """A kept form value as a fact, so that it is said in the reader's way."""
    match field.type:
        case "date":
            return date.fromisoformat(value)
        case "money":
            return Money(Decimal(value), currency)
        case "integer" | "decimal":
            return Decimal(value)
        case "check":
            return Phrase("button.yes" if value else "button.no")
        case "file":
            return str(value.get("name", ""))
    return value if isinstance(value, str | dict) else str(value)
