"""Moves an order along its flow: what can start starts, what is not needed is skipped, what is all done is done.

`advance` follows whatever may let a step start or finish; `refresh` follows whatever may move an owner or a due
moment. Both are safe to call once too often.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from sqlmodel import col, select

from store.book import GENDAN, Book
from store.calendars import Span
from store.known import know
from store.messages import Letter, Phrase
from store.operations import frame, notices, owning
from store.operations.cards import exception_card, retire_card, step_card
from store.operations.fresh import being_placed
from store.operations.stocktaking import OPEN, is_short
from store.rules.due import due_of
from store.rules.flow import FINISHED, ready
from store.rules.when import OrderFacts, holds
from store.tables import ExceptionCase, Order, Request, Step

_MINUTE = timedelta(minutes=1)


def give_steps(book: Book, orders: Iterable[Order]) -> None:
    """Give new orders the steps of their flows, all still waiting, written together."""
    known: dict[int, list[Step]] = {}
    for order in orders:
        steps = []
        for position, part in enumerate(frame.flow_of(book, order).steps):
            step = Step(order_id=order.id or 0, position=position, key=part.key, name=part.name.raw, owner="")
            _own_waiting(book, order, step)
            _set_due(book, order, step)
            steps.append(step)
        known[order.id or 0] = steps
    if any(known.values()):
        book.session.write(list(chain.from_iterable(known.values())))
    for order_id, steps in known.items():
        know(book.session, Step, order_id, steps)


def advance(book: Book, order: Order) -> tuple[Step, ...]:
    """Start every step that nothing holds up any more, skip those whose condition does not hold, end the order.

    Returns: the steps that have become active by it, in the order of the flow.
    """
    if order.status != "open":
        return ()
    if being_placed(book) is None:
        book.session.flush()
    rows = {step.key: step for step in frame.steps(book, order)}
    parents = frame.flow_of(book, order).parents
    started: list[Step] = []
    while waiting := ready(parents, {key: step.status for key, step in rows.items()}):
        for key in waiting:
            if needed(book, order, rows[key]):
                _activate(book, order, rows[key])
                started.append(rows[key])
            else:
                _skip(book, order, rows[key])
    if rows and all(step.status in FINISHED for step in rows.values()):
        _finish(book, order)
    return tuple(started)


def refresh(book: Book, order: Order) -> None:
    """Work out anew who owns the order's open steps and exceptions and when they are due; tell who is concerned."""
    if order.status not in OPEN:
        return
    for step in frame.steps(book, order):
        if step.status == "waiting":
            _own_waiting(book, order, step)
        elif step.status == "active":
            _own_active(book, order, step)
        _set_due(book, order, step)
        book.session.add(step)
    for case in frame.open_exceptions(book, order):
        _own_exception(book, order, case)
        case.due = exception_due(book, order, case)
        book.session.add(case)


def _no_longer_owed(book: Book, step: Step) -> None:
    """The change that a returned review waited for has been made."""
    query = select(Request).where(Request.step_id == step.id, Request.kind == "returned", Request.status == "pending")
    for request in book.session.exec(query):
        request.status, request.version = "accepted", request.version + 1
        request.decided_by, request.decided_at = book.by.key, book.now
        book.session.add(request)


def after_change(book: Book, order: Order) -> None:
    """The order was changed by its author: dues and owners anew, and whoever reviews it looks at the new state.

    While a returned review waited for the author it stood still: that time moves its due moment as a hold does.
    """
    for step in frame.steps(book, order):
        if step.status == "active" and step.returned_at is not None:
            step.held_minutes += _held(book, step.owner, step.returned_at)
    refresh(book, order)
    for step in frame.steps(book, order):
        if step.status != "active" or not frame.is_review(book, order, step):
            continue
        again = step.returned_at is not None
        step.returned_at, step.return_reason = None, None
        step.version += 1
        book.session.add(step)
        _no_longer_owed(book, step)
        facts = {"step": step.name, "number": order.number, "by": frame.name(book, book.by.key)}
        letter = step_card(book, order, step, Phrase("review.again" if again else "review.changed", facts))
        retire_card(book, f"step:{step.id}", Letter((Phrase("review.outdated", facts),)))
        book.tell(step.owner, letter, rule="step.started", card=f"step:{step.id}", order=order)


def refresh_all(book: Book, *, person: str | None = None, department: str | None = None) -> int:
    """`refresh` every living order that a change of leave, calendar or company may concern; how many there were.

    Args:
        book: the unit of work.
        person: only orders on which this person has or covers open work, or whose waiting steps he answers for.
        department: only orders with open work of this department.
    """
    book.session.flush()
    query = select(Order).where(col(Order.status).in_(OPEN)).order_by(col(Order.id))
    if person is not None or department is not None:
        open_steps = select(Step.order_id).where(col(Step.status).in_(("waiting", "active")))
        cases = select(ExceptionCase.order_id).where(ExceptionCase.status == "open")
        if person is not None:
            # Covered work may be two covers away from him: whatever is covered at all is looked at.
            open_steps = open_steps.where((col(Step.owner) == person) | col(Step.assigned).is_not(None))
            cases = cases.where((col(ExceptionCase.handler) == person) | col(ExceptionCase.assigned).is_not(None))
        if department is not None:
            open_steps = open_steps.where(col(Step.department) == department)
            cases = cases.where(col(ExceptionCase.department) == department)
        query = query.where(col(Order.id).in_(open_steps) | col(Order.id).in_(cases))
    orders = book.session.exec(query.with_for_update()).all()
    for order in orders:
        refresh(book, order)
    return len(orders)


_A_DAY = Span(1, "d")


def exception_due(book: Book, order: Order, case: ExceptionCase) -> datetime | None:
    """When an exception must be solved; of a kind that the flow does not know (a complaint) within a working day."""
    kind = frame.kind_of(book, order, case.kind)
    return due_of(
        kind.within if kind is not None else _A_DAY,
        None,
        frame.calendar(book, case.handler),
        started_at=case.opened_at,
        promise_date=order.promise_date,
        postponed_to=case.postponed_to,
        held_minutes=case.held_minutes,
    )


def count_hold(book: Book, order: Order, since: datetime) -> None:
    """The order goes on after a hold: add the working time held to all that counts `within`, and work out dues anew."""
    for step in frame.steps(book, order):
        if step.status == "active" and step.returned_at is None:  # a returned review stands still by itself
            step.held_minutes += _held(book, step.owner, max(since, step.started_at or since))
            step.version += 1
            book.session.add(step)
    for case in frame.open_exceptions(book, order):
        case.held_minutes += _held(book, case.handler, max(since, case.opened_at))
        book.session.add(case)
    refresh(book, order)


def _held(book: Book, owner: str, since: datetime) -> int:
    return round(frame.calendar(book, owner).elapsed(since, book.now) / _MINUTE)


# --- single steps -------------------------------------------------------------------------------------------------


def needed(book: Book, order: Order, step: Step) -> bool:
    """Whether the condition of a step holds as things are now (a step without one is always needed)."""
    when = frame.spec(book, order, step.key).when
    if when is None:
        return True
    rows = frame.lines(book, order)
    facts = OrderFacts(
        amount=order.amount,
        customer=order.customer,
        products=frozenset(row.sku for row in rows),
        fields=order.fields,
        short=when.stock is not None and is_short(book, order),
    )
    return holds(when.model_dump(exclude_none=True), facts)


def _activate(book: Book, order: Order, step: Step) -> None:
    part = frame.spec(book, order, step.key)
    owning.put(step, owning.own(book, order, part.owner, active=True, passing=owning.passing_over(book, order, step)))
    step.status, step.started_at = "active", book.now
    step.version += 1
    _set_due(book, order, step)
    book.session.add(step)
    fresh = being_placed(book)
    if fresh is None:
        book.session.flush()
    else:
        fresh.started(step.owner)
    book.record("step.started", order=order, subject=f"step:{step.key}", after=_state(book, step), who=GENDAN)
    facts = {"step": step.name, "number": order.number, "due": step.due}
    headline = Phrase("review.started" if part.kind == "review" else "step.started", facts)
    book.tell(
        step.owner,
        step_card(book, order, step, headline),
        rule="step.started",
        urgent=part.urgent,
        card=f"step:{step.id}",
        order=order,
    )
    notices.step_moved(book, order, step, "started")
    if part.survey:
        notices.ask_score(book, order)


def _skip(book: Book, order: Order, step: Step) -> None:
    step.status, step.due = "skipped", None
    step.version += 1
    book.session.add(step)
    book.record("step.skipped", order=order, subject=f"step:{step.key}", before="waiting", after="skipped", who=GENDAN)


def _finish(book: Book, order: Order) -> None:
    order.status, order.closed_at = "done", book.now
    order.version += 1
    book.session.add(order)
    book.record("order.done", order=order, subject="order", before="open", after="done", who=GENDAN)
    notices.order_done(book, order)


def _own_waiting(book: Book, order: Order, step: Step) -> None:
    part = frame.spec(book, order, step.key)
    before = step.owner
    found = owning.own(book, order, part.owner, active=False, passing=owning.passing_over(book, order, step))
    if owning.put(step, found) and before:
        step.version += 1
        book.record(
            "step.owner_changed", order=order, subject=f"step:{step.key}", before=before, after=step.owner, who=GENDAN
        )


def _own_active(book: Book, order: Order, step: Step) -> None:
    """A cover steps in or back; a review leaves whoever has changed the order; a salesperson's step follows him."""
    part, before = frame.spec(book, order, step.key), step.owner
    passing = owning.passing_over(book, order, step)
    given = step.assigned or step.owner
    if part.owner == owning.SALESPERSON and step.department is None and given not in book.company.people:
        given = order.salesperson
    if given in passing:
        found = owning.own(book, order, part.owner, active=True, passing=passing)
    else:
        found = owning.still_own(book, given, step.department, passing)
    if owning.put(step, found):
        owner_changed(book, order, step, before)


def owner_changed(book: Book, order: Order, step: Step, before: str, *, took: bool = False) -> None:
    """An active step has come to somebody else: his card, everybody else's retired, nothing acknowledged yet.

    `took`: he took it himself, and what he did is answered with the card; the copies he had go like the others'.
    """
    step.version += 1
    step.acknowledged_at = step.acknowledged_until = step.snoozed_until = None
    _set_due(book, order, step)
    book.session.add(step)
    book.record(
        "step.owner_changed", order=order, subject=f"step:{step.key}", before=before, after=step.owner, who=GENDAN
    )
    notices.withdraw_requests(book, order, step)
    facts = {"step": step.name, "number": order.number, "owner": frame.owner_name(book, step)}
    retire_card(book, f"step:{step.id}", Letter((Phrase("step.with_other", facts),)), but=None if took else step.owner)
    if took:
        return
    headline = Phrase("step.came_to_you", {**facts, "from": frame.name(book, before)})
    urgent = frame.spec(book, order, step.key).urgent
    letter = step_card(book, order, step, headline)
    book.tell(step.owner, letter, rule="step.started", urgent=urgent, card=f"step:{step.id}", order=order)


def _own_exception(book: Book, order: Order, case: ExceptionCase) -> None:
    before = case.handler
    if not owning.put(case, owning.still_own(book, case.assigned or case.handler, case.department)):
        return
    case.version += 1
    case.acknowledged_at = case.acknowledged_until = case.snoozed_until = None
    book.record(
        "step.owner_changed", order=order, subject=f"exception:{case.id}", before=before, after=case.handler, who=GENDAN
    )
    facts = {"kind": case.name, "number": order.number, "owner": frame.owner_name(book, case)}
    retire_card(book, f"exception:{case.id}", Letter((Phrase("exception.with_other", facts),)), only=before)
    headline = Phrase("exception.came_to_you", {**facts, "from": frame.name(book, before)})
    letter = exception_card(book, order, case, headline)
    book.tell(
        case.handler, letter, rule="exception.opened", urgent=case.urgent, card=f"exception:{case.id}", order=order
    )


def _set_due(book: Book, order: Order, step: Step) -> None:
    if step.status not in {"waiting", "active"}:
        return
    part = frame.spec(book, order, step.key)
    step.due = due_of(
        part.within,
        part.before_promise.amount if part.before_promise is not None else None,
        frame.calendar(book, step.owner),
        started_at=step.started_at,
        promise_date=order.promise_date,
        postponed_to=step.postponed_to,
        held_minutes=step.held_minutes,
    )


def _state(book: Book, step: Step) -> dict[str, Any]:
    due = step.due.astimezone(book.company.zone).isoformat() if step.due is not None else None
    return {"owner": step.owner, "due": due}
