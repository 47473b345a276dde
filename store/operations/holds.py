"""Cancelling, holding and resuming: everybody with work under way hears of it, and reminders stop or go on.

Hold: due moments stand still; on resuming, those counted by `within` move by the working time held, those counted
from the promise date stay.
"""

from __future__ import annotations

from sqlmodel import col, select

from store.book import Book
from store.messages import Letter, Phrase
from store.operations import cards, frame
from store.operations.changing import close_change
from store.operations.flow import advance, count_hold
from store.operations.following import tell_followers
from store.operations.permits import conflict, last_event, order_for, require_open
from store.reads.document import moment
from store.refusals import Invalid
from store.tables import Change, ExceptionCase, Order, Request, Step


def cancel_order(book: Book, number: str, reason: str | None, version: int | None = None) -> Order:
    """End an order for good.

    Args:
        book: the unit of work.
        number: the order's.
        reason: why; it cannot be left out.
        version: the order's version that was shown for confirmation.

    Raises:
        NotFound, NotAllowed: as for every action on an order.
        Conflict: it has ended already, or was changed since it was shown.
        Invalid: refused.reason_needed.
    """
    order = _judged(book, "order.cancel", number, version)
    why = _reason(reason, "order.cancel")
    end_order(book, order, Phrase("cancel.told", _facts(book, order, why)), why, undoable=True)
    return order


def end_order(
    book: Book, order: Order, told: Phrase, reason: str | None, *, undoable: bool = False, tell: bool = True
) -> None:
    """Make a living order a cancelled one; `told` is what everybody with work under way hears."""
    before = order.status
    if tell:
        _tell(book, order, told)
    _end_work(book, order, told)
    order.status, order.closed_at, order.reason, order.held_since = "cancelled", book.now, reason, None
    _save(book, order)
    after = {"status": "cancelled", "reason": reason, "version": order.version}
    book.record("order.cancelled", order=order, before={"status": before}, after=after, undoable=undoable)


def hold_order(book: Book, number: str, reason: str | None, version: int | None = None) -> Order:
    """Let an order rest until it is resumed. Raises as cancel_order; Conflict also when it is on hold already."""
    order = _judged(book, "order.hold", number, version)
    if order.status == "on_hold":
        raise conflict(book, order, {"order.held"})
    why = _reason(reason, "order.hold")
    order.status, order.held_since, order.reason = "on_hold", book.now, why
    _save(book, order)
    told = Phrase("hold.told", _facts(book, order, why))
    for step in _active(book, order):
        step.version += 1  # what its cards offer is no longer to be done; the deadline is written anew
        book.session.add(step)
    _touch(book, order)
    for card in _cards(book, order):
        cards.retire_card(book, card, Letter((told,)))
    _tell(book, order, told)
    after = {"status": "on_hold", "reason": why, "version": order.version}
    book.record("order.held", order=order, before={"status": "open"}, after=after, undoable=True)
    return order


def resume_order(book: Book, number: str) -> Order:
    """Go on with an order that was held.

    Raises:
        NotFound, NotAllowed: see permits.
        Conflict: somebody has resumed or ended it meanwhile.
        Invalid: refused.not_on_hold.
    """
    order = order_for(book, "order.resume", number)
    if order.status != "on_hold":
        if order.status == "open" and last_event(book, order, {"order.resumed"}) is None:
            raise Invalid("refused.not_on_hold", number=order.number)
        raise conflict(book, order, {"order.resumed", "order.cancelled", "order.done", "order.placed"})
    since, why = order.held_since or book.now, order.reason
    order.status, order.held_since, order.reason = "open", None, None
    _save(book, order)
    _touch(book, order)
    count_hold(book, order, since)
    before = {"status": "on_hold", "reason": why, "held_since": moment(book, since)}
    after = {"status": "open", "version": order.version}
    book.record("order.resumed", order=order, before=before, after=after, undoable=True)
    _tell_resumed(book, order)
    advance(book, order)
    return order


def _judged(book: Book, action: str, number: str, version: int | None) -> Order:
    order = order_for(book, action, number)
    require_open(book, order)
    if version is not None and order.version != version:
        raise conflict(book, order, _MOVES)
    return order


_MOVES = {"order.changed", "change.applied", "order.held", "order.resumed", "promise.moved", "undo"}


def _reason(reason: str | None, action: str) -> str:
    said = (reason or "").strip()
    if not said:
        raise Invalid("refused.reason_needed", what=Phrase(f"right.{action}"))
    return said[:500]


def _save(book: Book, order: Order) -> None:
    order.version += 1
    book.session.add(order)
    book.session.flush()


def _facts(book: Book, order: Order, reason: str | None) -> dict[str, object]:
    return {
        "number": order.number,
        "customer": frame.customer_name(book, order.customer),
        "who": frame.name(book, book.by.key),
        "reason": reason,
    }


# --- work under way -----------------------------------------------------------------------------------------------


def _active(book: Book, order: Order) -> list[Step]:
    return [step for step in frame.steps(book, order) if step.status == "active"]


def _touch(book: Book, order: Order) -> None:
    """What hangs on the order rests or goes on with it: its deadlines are written anew."""
    rows: list[ExceptionCase | Request] = [*frame.open_exceptions(book, order), *_requests(book, order)]
    for row in rows:
        row.version += 1
        book.session.add(row)


def _requests(book: Book, order: Order) -> list[Request]:
    query = select(Request).where(Request.order_id == order.id, Request.status == "pending")
    return list(book.session.exec(query.order_by(col(Request.id))))


def _changes(book: Book, order: Order) -> list[Change]:
    query = select(Change).where(Change.order_id == order.id, Change.status == "pending")
    return list(book.session.exec(query.order_by(col(Change.id))))


def _end_work(book: Book, order: Order, told: Phrase) -> None:
    """Nothing of the order is to be done any more: steps skipped, trouble closed, questions withdrawn."""
    for step in frame.steps(book, order):
        cards.retire_card(book, f"step:{step.id}", Letter((told,)))
        if step.status in {"waiting", "active"}:
            step.status, step.version = "skipped", step.version + 1
            step.acknowledged_until = step.snoozed_until = None
            book.session.add(step)
    for case in frame.open_exceptions(book, order):
        cards.retire_card(book, f"exception:{case.id}", Letter((told,)))
        case.status, case.closed_at, case.closed_by = "closed", book.now, book.by.key
        case.version += 1
        book.session.add(case)
    for request in _requests(book, order):
        request.status, request.version = "withdrawn", request.version + 1
        request.decided_at = book.now
        book.session.add(request)
        cards.retire_card(book, f"request:{request.id}", Letter((told,)))
    for change in _changes(book, order):
        close_change(book, order, change, told)


def _cards(book: Book, order: Order) -> list[str]:
    return [
        *(f"step:{step.id}" for step in _active(book, order)),
        *(f"exception:{case.id}" for case in frame.open_exceptions(book, order)),
    ]


def _tell(book: Book, order: Order, told: Phrase) -> None:
    """Every owner of an active step, handlers of open trouble, the salesperson and who follows hear of it."""
    letter = cards.order_card(book, order, told)
    for person in _concerned(book, order):
        book.tell(person, letter, rule="order.moved", card=f"order:{order.number}", order=order)
    tell_followers(book, order, letter)


def _concerned(book: Book, order: Order) -> list[str]:
    owners = [step.owner for step in _active(book, order)]
    handlers = [case.handler for case in frame.open_exceptions(book, order)]
    hear = dict.fromkeys([*owners, *handlers, order.salesperson])
    return [one for one in hear if one != book.by.key and one in book.company.people]


def _tell_resumed(book: Book, order: Order) -> None:
    """Owners get their cards anew, with the due moments that now hold."""
    told = Phrase("resume.told", _facts(book, order, None))
    cards.retire_card(book, f"order:{order.number}", Letter((told,)))
    steps: list[tuple[str, str, Step | ExceptionCase]] = [
        (step.owner, f"step:{step.id}", step) for step in _active(book, order)
    ]
    steps += [(case.handler, f"exception:{case.id}", case) for case in frame.open_exceptions(book, order)]
    for person, card, row in steps:
        drawn = (
            cards.step_card(book, order, row, told)
            if isinstance(row, Step)
            else cards.exception_card(book, order, row, told)
        )
        if person != book.by.key:
            book.tell(person, drawn, rule="order.moved", card=card, order=order)
    heard = {person for person, _, _ in steps}
    if order.salesperson not in {*heard, book.by.key} and order.salesperson in book.company.people:
        book.tell(order.salesperson, cards.order_card(book, order, told), rule="order.moved", order=order)
    tell_followers(book, order, cards.order_card(book, order, told))
