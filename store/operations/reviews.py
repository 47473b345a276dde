"""Reviewing: another human than the author passes an order or gives it back, above an amount with figures unseen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import col, select

from store.book import Book
from store.messages import Letter, Phrase
from store.operations import frame
from store.operations.cards import order_card, retire_card
from store.operations.flow import advance
from store.operations.steps import Completed, finish, stale, step_of
from store.refusals import Invalid, Refusal
from store.rules.reviewing import Figures, authors, is_blind, still_to_give, wrong_figures
from store.tables import Order, Request, Step


class OwnOrder(Refusal):
    """Whoever placed or last changed an order does not review it. Facts: number, step, owner."""

    key = "refused.own_order"
    status = 403


class WaitsForChange(Refusal):
    """It was returned and its author has not changed it yet. Facts: number, author, reason, at."""

    key = "refused.waits_for_change"


class FiguresNeeded(Refusal):
    """A blind review needs figures typed unseen. Facts: number, fields (names), keys."""

    key = "refused.figures_needed"
    status = 422


class FiguresDiffer(Refusal):
    """The figures typed are not those of the order; which ones, never what is right. Facts: number, fields."""

    key = "refused.figures_differ"
    status = 422


def approve_review(
    book: Book, step_id: int, order_version: int | None = None, figures: Mapping[str, Any] | None = None
) -> Completed:
    """Pass an order.

    Args:
        book: the unit of work.
        step_id: the review step's row.
        order_version: of the order that was shown; None: said in words, with nothing shown before.
        figures: what the reviewer typed for the review's `fields`, needed above `blind_above`; "quantity" is the sum
            of the lines or a list of them, "promise_date" a date or an ISO day.

    Raises:
        Conflict: the order was changed after it was shown.
        OwnOrder, WaitsForChange, FiguresNeeded, FiguresDiffer: see there.
        Refusal: as step_of.
    """
    order, step = _review_of(book, step_id, "review.approve")
    if step.returned_at is not None:
        raise WaitsForChange(
            number=order.number,
            author=frame.name(book, order.changed_by),
            reason=step.return_reason,
            at=step.returned_at,
        )
    if order_version is not None and order_version != order.version:
        raise stale(book, order)
    _check_figures(book, order, step, figures)
    finish(book, order, step, "review.approved", after={"order_version": order.version})
    return Completed(order, step, advance(book, order))


def return_review(book: Book, step_id: int, reason: str | None, order_version: int | None = None) -> Completed:
    """Give an order back to its author, who hears the reason; the review waits for his change.

    Raises:
        Invalid: refused.reason_needed.
        Refusal: as approve_review.
    """
    order, step = _review_of(book, step_id, "review.return")
    if not (reason or "").strip():
        raise Invalid("refused.reason_needed", what=Phrase("right.review.return"))
    if order_version is not None and order_version != order.version:
        raise stale(book, order)
    step.returned_at, step.return_reason = book.now, str(reason).strip()[:500]
    step.acknowledged_until = step.snoozed_until = None
    step.version += 1
    book.session.add(step)
    after = {"reason": step.return_reason}
    book.record("review.returned", order=order, subject=f"step:{step.key}", after=after, undoable=True)
    facts = {
        "number": order.number,
        "step": step.name,
        "by": frame.name(book, book.by.key),
        "reason": step.return_reason,
        "authors": [frame.name(book, one) for one in _authors(order)],
    }
    retire_card(book, f"step:{step.id}", Letter((Phrase("review.is_returned", facts),)))
    for author in _authors(order):
        letter = order_card(book, order, Phrase("review.returned_to_you", facts))
        book.tell(author, letter, rule="review.returned", card=f"order:{order.number}", order=order)
    _ask_author(book, order, step)
    return Completed(order, step)


def _ask_author(book: Book, order: Order, step: Step) -> None:
    """The review stands still from now on: whoever last changed the order owes it a change, and is reminded of that."""
    authors = (order.changed_by, order.placed_by, order.salesperson)
    owing = next((one for one in authors if one in book.company.people), order.changed_by)
    facts = {"reason": step.return_reason, "by": book.by.key}
    book.session.add(
        Request(
            kind="returned", order_id=order.id, step_id=step.id, asked_by=book.by.key, asked_of=owing,
            asked_at=book.now, facts=facts,
        )
    )  # fmt: skip


def pending_reviews(book: Book, person: str | None = None) -> list[tuple[Order, Step]]:
    """The reviews that wait for this person (default: whoever acts), the most urgent first."""
    who = person or book.by.key
    query = select(Step, Order).where(
        Step.order_id == Order.id, Step.owner == who, Step.status == "active", Order.status == "open"
    )
    rows = book.session.exec(query.order_by(col(Step.due), col(Step.id))).all()
    return [(order, step) for step, order in rows if step.returned_at is None and frame.is_review(book, order, step)]


def hidden_figures(book: Book, order: Order, person: str) -> frozenset[str]:
    """Fields of the order that may not be shown to this person because he has a blind review of it open."""
    hidden: set[str] = set()
    for step in frame.steps(book, order):
        part = frame.spec(book, order, step.key)
        blind = part.kind == "review" and is_blind(order.amount, part.blind_above)
        if blind and step.status == "active" and person == step.owner:
            hidden |= {*(part.fields or ()), "amount", "price", "quantity"}
    return frozenset(hidden)


def _review_of(book: Book, step_id: int, action: str) -> tuple[Order, Step]:
    order, step = step_of(book, step_id, action=action)
    if not frame.is_review(book, order, step):
        raise Invalid("refused.no_review", number=order.number, step=step.name)
    if book.by.key in authors(order.placed_by, order.changed_by):
        raise OwnOrder(number=order.number, step=step.name, owner=frame.owner_name(book, step))
    return order, step


def _authors(order: Order) -> list[str]:
    """Who gets it back: whoever changed it last, and whoever placed it."""
    return list(dict.fromkeys([order.changed_by, order.placed_by]))


def _check_figures(book: Book, order: Order, step: Step, given: Mapping[str, Any] | None) -> None:
    wanted = wanted_figures(book, order, step)
    if not wanted:
        return
    lacking = still_to_give(wanted, given)
    if lacking:
        names = [frame.field_name(book, order, key) for key in lacking]
        raise FiguresNeeded(number=order.number, fields=names, keys=lacking)
    wrong = wrong_figures(wanted, given or {}, _figures(book, order))
    if wrong:
        raise FiguresDiffer(number=order.number, fields=[frame.field_name(book, order, key) for key in wrong])


def _figures(book: Book, order: Order) -> Figures:
    rows = frame.lines(book, order)
    return Figures(
        amount=order.amount,
        quantities=tuple(row.quantity for row in rows),
        prices=tuple(row.price for row in rows),
        promise_date=order.promise_date,
        fields={**order.fields, "po_number": order.po_number, "customer": order.customer},
    )


def wanted_figures(book: Book, order: Order, step: Step) -> tuple[str, ...]:
    """The figures that a review wants typed unseen; none where they are shown."""
    part = frame.spec(book, order, step.key)
    return (tuple(part.fields or ()) or ("amount",)) if is_blind(order.amount, part.blind_above) else ()
