"""A new time for a step or an exception: who sees the date moved, and whether the promise to the customer breaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from store.book import Book
from store.messages import Letter, Phrase
from store.operations import frame, promises
from store.operations.cards import button, exception_card, refresh_card, step_card
from store.operations.steps import Subject, subject_of
from store.refusals import Invalid
from store.rules.due import possible_promise
from store.rules.flow import FINISHED, downstream
from store.tables import ExceptionCase, Order, Request, Step

MAX_REASON = 500


@dataclass(frozen=True, slots=True)
class Moved:
    """A step further down that cannot start before `earliest` now; `due` is its own due moment, if it has one."""

    step: Step
    earliest: datetime
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Postponed:
    """What a postponement did. `possible`: the first day that can still be promised, when the promise breaks."""

    order: Order
    subject: Step | ExceptionCase
    due: datetime
    before: datetime | None
    moved: tuple[Moved, ...] = ()
    breaks_promise: bool = False
    possible: date | None = None
    request: Request | None = None


def postpone(
    book: Book, subject: Subject, until: datetime, reason: str | None = None, version: int | None = None
) -> Postponed:
    """Give a step or an exception a new due moment; it wins over the rule of the company file.

    Args:
        book: the unit of work.
        subject: ("step" | "exception", row id).
        until: the new due moment, in the future.
        reason: why; kept and told.
        version: of the card that was pressed.

    Raises:
        Invalid: refused.time_past.
        Refusal: as steps.step_of.
    """
    order, row = subject_of(book, subject, "postpone", version)
    if until <= book.now:
        raise Invalid("refused.time_past", at=until)
    before, why = row.due, (reason or "").strip()[:MAX_REASON] or None
    row.due = row.postponed_to = until
    row.acknowledged_until = row.snoozed_until = None
    book.session.add(row)
    if isinstance(row, ExceptionCase):
        return _exception(book, order, row, before, why)
    row.postpone_reason = why
    after = {"due": until.isoformat(), "reason": why}
    book.record("step.postponed", order=order, subject=f"step:{row.key}", before=_iso(before), after=after,
                undoable=True)  # fmt: skip
    facts = {"until": until, "reason": why}
    refresh_card(
        book, f"step:{row.id}", step_card(book, order, row, Phrase("step.card_postponed", facts)), only=row.owner
    )
    moved = tuple(_moved(book, order, row, until))
    possible = _possible(book, order, row, moved)
    breaks = possible is not None and possible > order.promise_date
    _tell_downstream(book, order, row, moved, why)
    request = None
    if breaks and possible is not None:
        request = promises.ask_consent(book, order, row, possible, until, why)
    return Postponed(order, row, until, before, moved, breaks, possible if breaks else None, request)


def _exception(book: Book, order: Order, case: ExceptionCase, before: datetime | None, reason: str | None) -> Postponed:
    due = case.due or book.now
    after = {"due": due.isoformat(), "reason": reason}
    book.record("exception.postponed", order=order, subject=f"exception:{case.id}", before=_iso(before), after=after,
                undoable=True)  # fmt: skip
    facts = {"number": order.number, "kind": case.name, "by": frame.name(book, book.by.key), "until": due,
             "reason": reason}  # fmt: skip
    letter = exception_card(book, order, case, Phrase("exception.card_postponed", facts))
    refresh_card(book, f"exception:{case.id}", letter, only=case.handler)
    owners = [step.owner for step in frame.steps(book, order) if step.status == "active"]
    for person in dict.fromkeys([*owners, order.salesperson]):
        if person != book.by.key and person in book.company.people:
            told = Letter((Phrase("exception.postponed_told", facts),), (_details(order),))
            book.tell(person, told, rule="step.postponed", order=order)
    return Postponed(order, case, due, before)


def _moved(book: Book, order: Order, step: Step, until: datetime) -> list[Moved]:
    rows = {one.key: one for one in frame.steps(book, order)}
    keys = downstream(frame.flow_of(book, order).parents, step.key)
    waiting = (rows[key] for key in keys if rows[key].status not in FINISHED)
    return [Moved(one, until, one.due) for one in waiting]


def _possible(book: Book, order: Order, step: Step, moved: tuple[Moved, ...]) -> date | None:
    """The first day that the flow still allows to promise: every step that counts from it keeps its distance.

    None when neither the step nor anything after it counts from the promise date.
    """
    days = []
    for one in (step, *(each.step for each in moved)):
        part = frame.spec(book, order, one.key)
        if part.before_promise is not None and step.postponed_to is not None:
            calendar = frame.calendar(book, one.owner)
            due = calendar.before_promise(order.promise_date, part.before_promise.amount)
            in_time = step.postponed_to <= due
            days.append(
                order.promise_date
                if in_time
                else possible_promise(calendar, step.postponed_to, part.before_promise.amount)
            )
    return max(days, default=None)


def _tell_downstream(book: Book, order: Order, step: Step, moved: tuple[Moved, ...], reason: str | None) -> None:
    """Owners of what comes after hear it once each, whatever number of steps they have."""
    told: dict[str, list[Moved]] = {}
    for one in moved:
        told.setdefault(one.step.owner, []).append(one)
    for owner, theirs in told.items():
        if owner == book.by.key:
            continue
        facts: dict[str, Any] = {
            "number": order.number,
            "customer": frame.customer_name(book, order.customer),
            "step": step.name,
            "by": frame.owner_name(book, step),
            "until": step.postponed_to,
            "reason": reason,
            "yours": [one.step.name for one in theirs],
            "due": theirs[0].due,
        }
        letter = Letter((Phrase("step.upstream_moved", facts),), (_details(order),))
        book.tell(owner, letter, rule="step.postponed", order=order)


def _details(order: Order) -> Any:
    return button("details", f"order.show:{order.number}")


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
