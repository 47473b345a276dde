"""What a customer may know of an order: public stages, dates, goods, and the fields that the flow calls public.

An allow-list: whatever is not gathered here by name never reaches a customer. No owners, no internal steps, no notes,
no prices' reasons, no exceptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import col, select

from store.book import Book
from store.company.models import FieldPart, StepPart
from store.messages import Fact, Money, Phrase
from store.operations import frame
from store.operations.delivering import delivered_at
from store.operations.promises import public_promise
from store.reads.events import last_confirmed, newest_entries
from store.rules.carriers import parcel_url
from store.tables import Order, OrderLine, Shipment, Step


@dataclass(frozen=True, slots=True)
class PublicLine:
    """An item of the order, with how much of it has left."""

    name: Fact
    quantity: Decimal
    unit: str | None
    shipped: Decimal


@dataclass(frozen=True, slots=True)
class PublicParcel:
    """What left at one time: goods by name, the public fields of the form, and where the parcel is followed."""

    at: datetime
    goods: tuple[tuple[Fact, Decimal, str | None], ...]
    fields: tuple[tuple[Fact, Fact], ...]
    url: str | None


@dataclass(frozen=True, slots=True)
class PublicStage:
    """A stage of the flow that customers are told of; `state`: done, now or ahead."""

    name: Fact
    state: str


@dataclass(frozen=True, slots=True)
class PublicStatus:
    """An order as its customer may hear of it.

    `stage`: the flow's words, None before the first (the order has been received); `status`: open, on_hold, done,
    cancelled; `shipped`: none, part, all; `fields`: label and value of public form fields, in the order of the file;
    `rest_on`: when what has not left of a part shipment is expected to; `confirmed_at`: when somebody last said how
    things stand; `delivered_at`: since when everything is known to have arrived.
    """

    number: str
    po_number: str | None
    status: str
    stage: Fact
    promise_date: date
    lines: tuple[PublicLine, ...]
    shipped: str
    fields: tuple[tuple[Fact, Fact], ...]
    parcels: tuple[PublicParcel, ...] = ()
    rest_on: date | None = None
    confirmed_at: datetime | None = None
    delivered_at: datetime | None = None


def public_status_of(book: Book, order: Order) -> PublicStatus:
    """What a customer's contact may hear; the caller has judged that it is his own company's (see seeing.see)."""
    lines = frame.lines(book, order)
    shipped = _shipped([(row.quantity, row.shipped) for row in lines])
    promise = public_promise(book, order)
    confirmed = last_confirmed(book, order, newest_entries(book, order))
    return PublicStatus(
        number=order.number,
        po_number=order.po_number,
        status=order.status,
        stage=public_stage(book, order),
        promise_date=promise,
        lines=tuple(PublicLine(row.name, row.quantity, row.unit, row.shipped) for row in lines),
        shipped=shipped,
        fields=tuple(_fields(book, order)),
        parcels=public_parcels(book, order),
        rest_on=_rest_on(book, order, promise) if shipped == "part" else None,
        confirmed_at=confirmed.at if confirmed else None,
        delivered_at=delivered_at(book, order) if shipped == "all" else None,
    )


def public_parcels(book: Book, order: Order) -> tuple[PublicParcel, ...]:
    """What has left, parcel by parcel, the oldest first; of each form only the fields that the flow calls public."""
    query = select(Shipment).where(Shipment.order_id == order.id).order_by(col(Shipment.id))
    rows = list(book.session.exec(query))
    lines = {line.sku: line for line in frame.lines(book, order)} if rows else {}
    return tuple(_parcel(book, order, row, lines) for row in rows)


def _parcel(book: Book, order: Order, row: Shipment, lines: Mapping[str, OrderLine]) -> PublicParcel:
    form = [field for field in frame.spec(book, order, row.step_key).form if field.public]
    values = {field.field: row.fields.get(field.field) for field in form}
    carrier, number = values.get("carrier"), values.get("tracking")
    return PublicParcel(
        at=row.at,
        goods=tuple(
            (lines[sku].name, Decimal(count), lines[sku].unit) for sku, count in row.goods.items() if sku in lines
        ),
        fields=tuple(
            (field.name.raw, typed(field, values[field.field], order.currency))
            for field in form
            if values[field.field] not in (None, "")
        ),
        url=parcel_url(str(carrier) if carrier else None, str(number)) if number else None,
    )


def public_stages(book: Book, order: Order) -> tuple[PublicStage, ...]:
    """The stages that customers are told of, in the order of the flow; skipped ones are left out, same names merged."""
    steps = {step.key: step for step in frame.steps(book, order)}
    now = public_stage(book, order)
    found: list[PublicStage] = []
    for part in _parts(book, order):
        step = steps.get(part.key)
        if part.public is None or step is None or step.status == "skipped":
            continue
        name = part.public.raw
        state = "now" if name == now and order.status in {"open", "on_hold"} else _state(step)
        if found and found[-1].name == name:
            found[-1] = PublicStage(name, state if state == "now" else found[-1].state)
        else:
            found.append(PublicStage(name, state))
    return tuple(found)


def _state(step: Step) -> str:
    return "done" if step.status == "done" else "ahead"


def _rest_on(book: Book, order: Order, promise: date) -> date:
    """When the rest is expected: the day its step is due, and never later than what was promised."""
    ships = {part.key for part in _parts(book, order) if part.ships}
    due = [step.due for step in frame.steps(book, order) if step.key in ships and step.status == "active" and step.due]
    zone = book.company.zone
    return min([promise, *(at.astimezone(zone).date() for at in due if at >= book.now)])


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
