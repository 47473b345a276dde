"""Doing a step: finishing it (or part of it), saying that one has it, wanting to be reminded later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import col, select

from store.book import Book
from store.messages import Letter, Phrase
from store.operations import frame, notices
from store.operations.cards import exception_card, refresh_card, retire_card, step_card
from store.operations.flow import advance
from store.operations.stocktaking import take_from_stock
from store.operations.waking import wake
from store.refusals import Conflict, Invalid, NotFound, Refusal
from store.rules.forms import check_form, require_all
from store.rules.rights import may
from store.rules.shipping import share_out
from store.tables import AuditEntry, ExceptionCase, Order, OrderLine, Shipment, Step

Subject = tuple[str, int]
"""("step" | "exception", row id)."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A step done, and what has become active by it. `partial`: only part was shipped, it stays active."""

    order: Order
    step: Step
    next: tuple[Step, ...] = ()
    partial: bool = False
    told: tuple[str, ...] = ()  # contacts of the customer who were told
    rest: datetime | None = None  # when what is left will go
    breaks: bool = False  # that day breaks the promise to the customer


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Reminders rest until `until`; the due moment stays."""

    order: Order
    subject: Step | ExceptionCase
    until: datetime


class StepNotActive(Refusal):
    """The step is not there to be worked on. Facts: number, step, state (Phrase), by, at."""

    key = "refused.step_not_active"


class OnHold(Refusal):
    """Nothing moves on an order that is on hold. Facts: number, since, reason."""

    key = "refused.on_hold"


class TickFirst(Refusal):
    """A request has to be ticked first. Facts: number, step, kind, note, exception (row id), step_key."""

    key = "refused.tick_first"


# --- what every action on a step asks first -------------------------------------------------------------------------


def step_of(book: Book, step_id: int, *, action: str, version: int | None = None) -> tuple[Order, Step]:
    """An active step and its order, both locked, if whoever acts has the right to the action.

    Raises:
        NotFound: there is none, or its order may not be seen.
        NotAllowed: the right is missing.
        StepNotActive, OnHold: it is done, skipped or still waiting; its order is on hold.
        Conflict: `version` is not the step's any more: a button of an old card.
    """
    known = book.session.get(Step, step_id)
    if known is None:
        raise NotFound(what=str(step_id))
    order = frame.order_of(book, known.order_id, lock=True)
    if not book.alone:  # it may have changed while its order's lock was waited for
        book.session.flush()
        book.session.refresh(known)
    frame.require(book, action, order, known)
    if known.status != "active" or order.status in {"done", "cancelled"}:
        raise not_active(book, order, known)
    if order.status == "on_hold":
        raise OnHold(number=order.number, since=order.held_since, reason=order.reason)
    if version is not None and version != known.version:
        raise stale(book, order, f"step:{known.key}")
    return order, known


def not_active(book: Book, order: Order, step: Step) -> StepNotActive:
    """The refusal for a step that cannot be worked on, saying what has become of it."""
    state = order.status if order.status == "cancelled" else step.status
    by = frame.name(book, step.done_by) if step.done_by is not None else None
    waits = [
        Phrase("step.and_owner", {"step": one.name, "owner": frame.owner_name(book, one)})
        for one in frame.steps(book, order)
        if one.status == "active"
    ]
    return StepNotActive(
        number=order.number,
        step=step.name,
        state=Phrase(f"state.{state}"),
        by=by,
        at=step.done_at,
        now=waits if state == "waiting" else None,
    )


def stale(book: Book, order: Order, subject: str | None = None) -> Conflict:
    """The refusal for an old card: who changed it last, what he did, and when."""
    query = select(AuditEntry).where(AuditEntry.order_id == order.id)
    if subject is not None:
        query = query.where(AuditEntry.subject == subject)
    last = book.session.exec(query.order_by(col(AuditEntry.id).desc()).limit(1)).first()
    if last is None:
        return Conflict(number=order.number, who=None, what=Phrase("did.changed"), at=None)
    return Conflict(number=order.number, who=frame.name(book, last.who), what=Phrase(f"did.{last.what}"), at=last.at)


def subject_of(
    book: Book, subject: Subject, action: str, version: int | None = None
) -> tuple[Order, Step | ExceptionCase]:
    """A step or an exception that is open, for an action ("acknowledge", "snooze", "postpone") on it."""
    kind, row_id = subject
    if kind == "step":
        return step_of(book, row_id, action=f"step.{action}", version=version)
    case = book.session.get(ExceptionCase, row_id)
    if case is None:
        raise NotFound(what=str(row_id))
    order = frame.order_of(book, case.order_id, lock=True)
    if not book.alone:
        book.session.flush()
        book.session.refresh(case)
    frame.require(book, f"problem.{action}", order, case)
    if case.status != "open":
        raise stale(book, order, f"exception:{case.id}")
    return order, case


# --- done -----------------------------------------------------------------------------------------------------------


def complete_step(
    book: Book,
    step_id: int,
    fields: Mapping[str, Any] | None = None,
    version: int | None = None,
    quantities: Mapping[str, Decimal] | Decimal | None = None,
    rest: datetime | None = None,
) -> Completed:
    """Finish a step: its form is checked, the next owners are told, the customer too when it ships.

    Args:
        book: the unit of work.
        step_id: its row.
        fields: values for the step's form, typed or as text; they stand over what is kept already.
        version: of the card that was pressed; None: said in words.
        quantities: of a step that ships: how much goes now, by sku (a bare number for an order with one product);
            None is all that is left. When something is left, the step stays active.
        rest: when what is left will go, if it was said: the step's new due moment.

    Raises:
        Invalid: a required field is empty (refused.missing_field, facts field and label), a value is not of its type,
            more is shipped than was ordered.
        TickFirst: a special request has to be ticked first.
        Refusal: as step_of, and for a review, which is approved instead.
    """
    order, step = step_of(book, step_id, action="step.complete", version=version)
    part = frame.spec(book, order, step.key)
    if part.kind == "review":
        raise Invalid("refused.review_needs_approval", number=order.number, step=step.name)
    _require_ticks(book, order, step)
    before = dict(step.fields)
    values = check_form(part.form, step.fields, fields or {})
    require_all(part.form, values)
    step.fields = values
    shipped: dict[str, Decimal] = {}
    if part.ships:
        shipped = _ship(book, order, quantities)
        _keep_parcel(book, order, step, shipped)
        if any(line.shipped < line.quantity for line in frame.lines(book, order)):
            return _part_shipped(book, order, step, shipped, rest)
    what = {"fields": values, **_shown(shipped)}
    finish(book, order, step, "step.done", before={"fields": before} if before else None, after=what)
    told = notices.tell_shipped(book, order) if part.ships else []
    return Completed(order, step, advance(book, order), told=tuple(told))


def finish(book: Book, order: Order, step: Step, what: str, *, before: Any = None, after: Any = None) -> None:
    """Write a step down as done by whoever acts, and take its cards back; the caller advances the order."""
    step.status, step.done_at, step.done_by = "done", book.now, book.by.key
    step.acknowledged_until = step.snoozed_until = None
    step.version += 1
    book.session.add(step)
    book.record(what, order=order, subject=f"step:{step.key}", before=before, after=after, undoable=True)
    facts = {"number": order.number, "step": step.name, "by": frame.name(book, book.by.key), "at": book.now}
    retire_card(book, f"step:{step.id}", Letter((Phrase("step.is_done", facts),)))
    notices.withdraw_requests(book, order, step, ("handover", "promise", "change_notice"))
    notices.step_moved(book, order, step, "done")
    wake(book, order, step)


def _require_ticks(book: Book, order: Order, step: Step) -> None:
    for case in frame.to_tick(book, order, step.key):
        raise TickFirst(
            number=order.number,
            step=step.name,
            kind=case.name,
            note=case.note or None,
            owner=frame.owner_name(book, step),
            exception=case.id,
            step_key=step.key,
        )


def _ship(book: Book, order: Order, quantities: Mapping[str, Decimal] | Decimal | None) -> dict[str, Decimal]:
    """Write down what leaves now; how much of each product."""
    lines = frame.lines(book, order)
    left = [(line.sku, line.quantity - line.shipped) for line in lines]
    names = {line.sku: line.name for line in lines}
    going = share_out(left, quantities, names)
    shipped: dict[str, Decimal] = {}
    for line, count in zip(lines, going, strict=True):
        line.shipped += count
        shipped[line.sku] = shipped.get(line.sku, Decimal(0)) + count
        book.session.add(line)
    take_from_stock(book, shipped)
    book.session.flush()
    return {sku: count for sku, count in shipped.items() if count}


def _keep_parcel(book: Book, order: Order, step: Step, shipped: Mapping[str, Decimal]) -> None:
    """Each parcel is kept for itself: a later one has a carrier and a number of its own."""
    goods = {sku: format(count, "f") for sku, count in shipped.items()}
    book.session.add(
        Shipment(order_id=order.id or 0, step_key=step.key, at=book.now, by=book.by.key, goods=goods,
                 fields=dict(step.fields))
    )  # fmt: skip
    book.session.flush()


def _part_shipped(
    book: Book, order: Order, step: Step, shipped: dict[str, Decimal], rest: datetime | None
) -> Completed:
    """Some of it is on its way: the step stays active, its next parcel gets fields of its own."""
    parcel = dict(step.fields)
    step.fields = {}
    step.version += 1
    book.session.add(step)
    after = {"fields": parcel, **_shown(shipped)}
    book.record("step.part_shipped", order=order, subject=f"step:{step.key}", after=after, undoable=True)
    left = _left(frame.lines(book, order))
    facts = {"number": order.number, "step": step.name, "by": frame.name(book, book.by.key), "left": left}
    letter = step_card(book, order, step, Phrase("step.part_shipped", facts))
    refresh_card(book, f"step:{step.id}", letter)
    if order.salesperson != book.by.key:
        book.tell(order.salesperson, Letter((Phrase("step.part_shipped_told", facts),)), rule="step.done", order=order)
    breaks = _rest_later(book, order, step, rest)
    told = notices.tell_shipped(book, order, part=True)
    return Completed(order, step, partial=True, told=tuple(told), rest=step.due if rest else None, breaks=breaks)


def _rest_later(book: Book, order: Order, step: Step, rest: datetime | None) -> bool:
    """What is left goes at the moment said, if its owner said so; whether the promise to the customer breaks by it."""
    if rest is None or rest <= book.now or not may("step.postpone", frame.relations(book, order, step)):
        return False
    from store.operations.postponing import postpone

    return postpone(book, ("step", step.id or 0), rest).breaks_promise


def _left(lines: Sequence[OrderLine]) -> tuple[Phrase, ...]:
    return tuple(
        Phrase("card.line", {"product": line.name, "quantity": line.quantity - line.shipped, "unit": line.unit})
        for line in lines
        if line.shipped < line.quantity
    )


def _shown(shipped: Mapping[str, Decimal]) -> dict[str, Any]:
    return {"shipped": {sku: format(count, "f") for sku, count in shipped.items()}} if shipped else {}


# --- reminders rest -------------------------------------------------------------------------------------------------


def acknowledge(
    book: Book, subject: Subject, until: datetime | None = None, version: int | None = None
) -> Acknowledged:
    """«I have it»: reminders rest until the promised time, else for as long as the flow says.

    Args:
        book: the unit of work.
        subject: ("step" | "exception", row id).
        until: when it will be done; None: the flow's `acknowledged_for` of working time.
        version: of the card that was pressed.

    Raises:
        Invalid: refused.time_past.
        Refusal: as step_of.
    """
    order, row = subject_of(book, subject, "acknowledge", version)
    return promise(book, order, row, until)


def promise(
    book: Book, order: Order, row: Step | ExceptionCase, until: datetime | None, *, undoable: bool = True
) -> Acknowledged:
    """What acknowledging does, for one who may; not `undoable` by itself where it comes with something else."""
    until = until or _usual_rest(book, order, row)
    _require_future(book, until)
    before = _rest(row)
    row.acknowledged_at, row.acknowledged_until, row.snoozed_until = book.now, until, None
    _rested(book, order, row, "acknowledged", before, undoable=undoable)
    return Acknowledged(order, row, until)


def snooze(book: Book, subject: Subject, until: datetime, version: int | None = None) -> Acknowledged:
    """Reminders only rest until then; the due moment stays. Raises as acknowledge."""
    order, row = subject_of(book, subject, "snooze", version)
    _require_future(book, until)
    before = _rest(row)
    row.snoozed_until = until
    _rested(book, order, row, "snoozed", before)
    return Acknowledged(order, row, until)


def snooze_until_done(book: Book, subject: Subject, awaited: str, version: int | None = None) -> Acknowledged:
    """Reminders rest until another step of the order is done, whose owner is told then at once.

    At the latest they come back at that step's own due moment, or a working day from now when it has none ahead.

    Args:
        book: the unit of work.
        subject: as acknowledge.
        awaited: the other step's key.
        version: of the card that was pressed.

    Raises:
        Invalid: refused.not_awaited, when it is not a step of the order that is still to be done.
        Refusal: as step_of.
    """
    order, row = subject_of(book, subject, "snooze", version)
    other = next((one for one in frame.steps(book, order) if one.key == awaited), None)
    if other is None or other is row or other.status not in {"waiting", "active"}:
        raise Invalid("refused.not_awaited", number=order.number)
    calendar = frame.calendar(book, row.owner if isinstance(row, Step) else row.handler)
    ahead = other.due is not None and other.due > book.now
    until = other.due if ahead and other.due is not None else calendar.add(book.now, calendar.day_minutes)
    before = _rest(row)
    row.snoozed_until = until
    _rested(book, order, row, "snoozed", before, {"awaits": other.key})
    return Acknowledged(order, row, until)


def _usual_rest(book: Book, order: Order, row: Step | ExceptionCase) -> datetime:
    flow = frame.flow_of(book, order)
    owner = row.owner if isinstance(row, Step) else row.handler
    span = flow.reminders(row.key if isinstance(row, Step) else None).acknowledged_for
    return frame.calendar(book, owner).add_span(book.now, span)


def _require_future(book: Book, until: datetime) -> None:
    if until <= book.now:
        raise Invalid("refused.time_past", at=until)


def _rest(row: Step | ExceptionCase) -> dict[str, Any]:
    moments = {"acknowledged_until": row.acknowledged_until, "snoozed_until": row.snoozed_until}
    return {name: at.isoformat() for name, at in moments.items() if at is not None}


def _rested(
    book: Book,
    order: Order,
    row: Step | ExceptionCase,
    how: str,
    before: dict[str, Any],
    more: dict[str, str] | None = None,
    *,
    undoable: bool = True,
) -> None:
    book.session.add(row)
    facts = {"until": row.acknowledged_until if how == "acknowledged" else row.snoozed_until}
    if isinstance(row, Step):
        subject, card, what = f"step:{row.key}", f"step:{row.id}", f"step.{how}"
        if frame.is_review(book, order, row):
            letter = step_card(book, order, row, Phrase(f"review.card_{how}", facts))
        else:
            letter = step_card(book, order, row, Phrase(f"step.card_{how}", facts))
    else:
        subject, card, what = f"exception:{row.id}", f"exception:{row.id}", f"exception.{how}"
        letter = exception_card(book, order, row, Phrase(f"exception.card_{how}", facts))
    book.record(what, order=order, subject=subject, before=before or None, after={**_rest(row), **(more or {})},
                undoable=undoable)  # fmt: skip
    owner = row.owner if isinstance(row, Step) else row.handler
    refresh_card(book, card, letter, only=owner)
