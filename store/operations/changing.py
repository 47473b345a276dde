"""Changing an order: what was planned happens on confirmation, or waits for the reviewer field by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import col, select

from store.book import Book
from store.messages import Choice, Letter, Phrase, pack
from store.operations import cards, frame
from store.operations.changes import ChangePlan, FieldPlan, plan_change, review_of, shown
from store.operations.flow import after_change
from store.operations.following import tell_followers
from store.operations.overtaking import named, pending_change, refuse_overtaken
from store.operations.permits import require_open
from store.reads.seeing import may_see, see
from store.refusals import Conflict, Invalid, NotAllowed, NotFound
from store.rules.owners import answering
from store.rules.pricing import order_amount
from store.rules.reviewing import authors
from store.tables import Change, Order, OrderLine, Request, Step


@dataclass(frozen=True, slots=True)
class Changed:
    """What came of a confirmed change. `told`: who was asked to take note; `reviewers`: who has to agree."""

    order: Order
    applied: tuple[FieldPlan, ...]
    pending: tuple[Change, ...]
    told: tuple[str, ...]
    reviewers: tuple[str, ...]


def apply_change(book: Book, plan: ChangePlan, reason: str | None = None) -> Changed:
    """Do what was planned and confirmed.

    Raises:
        Conflict: somebody has changed one of the same fields since the plan was shown, or has ended the order.
        Invalid: refused.change_reason when the review is done and no reason was given; or a value no longer does.
    """
    order = see(book, plan.number, lock=True)
    require_open(book, order)
    refuse_overtaken(book, order, plan)
    fresh = plan_change(book, plan.number, plan.changes())
    why = (reason or "").strip() or None
    if fresh.needs_reason and why is None:
        raise Invalid("refused.change_reason", number=order.number)
    _withdraw_own(book, order, fresh)
    _apply(book, order, fresh.at_once, author=book.by.key, reason=why)
    pending = tuple(_ask_reviewer(book, order, item, why) for item in fresh.goes_to_review)
    told = _tell_affected(book, order, fresh, why, pending)
    facts = {"number": order.number, "who": frame.name(book, book.by.key), "reason": why}
    news = Letter((Phrase("change.told", facts), *(_line(book, order, item) for item in fresh.items)))
    reviewers = tuple(dict.fromkeys(one.reviewer or "" for one in pending))
    tell_followers(book, order, news, but=(*told, *reviewers))
    return Changed(order, fresh.at_once, pending, told, reviewers)


def decide_change(book: Book, change_id: int, version: int | None, approve: bool, reason: str | None = None) -> Change:
    """The reviewer's word on one field: it takes its new value, or stays as it was.

    Raises:
        NotFound: no such change, or its order may not be seen.
        NotAllowed: somebody else is asked; the author never decides on his own change.
        Conflict: it was decided already, or the card is an old one.
        Invalid: refused.reason_needed when it is returned without a word.
    """
    change = book.session.get(Change, change_id)
    if change is None:
        raise NotFound(what=str(change_id))
    order = frame.order_of(book, change.order_id, lock=True)
    book.session.refresh(change)
    if not may_see(book, book.by.key, order):
        raise NotFound(what=str(change_id))
    _require_reviewer(book, order, change)
    if change.status != "pending" or (version is not None and version != change.version):
        who = frame.name(book, change.decided_by) if change.decided_by else None
        raise Conflict(number=order.number, who=who, what=Phrase(f"did.change.{change.status}"), at=change.decided_at)
    require_open(book, order)
    why = (reason or "").strip() or None
    if not approve and why is None:
        raise Invalid("refused.reason_needed", what=Phrase("right.change.decide"))
    item = FieldPlan(change.field, change.line, change.before, change.after)
    change.status = "applied" if approve else "refused"
    change.decided_by, change.decided_at = book.by.key, book.now
    change.version += 1
    book.session.add(change)
    if approve:
        _apply(book, order, [item], author=change.asked_by, reason=change.reason, change=change)
    else:
        book.record("change.refused", order=order, subject=f"change:{change.id}",
                    before=named([item], "before"), after={**named([item], "after"), "reason": why})  # fmt: skip
    _tell_decided(book, order, change, item, why)
    return change


def pending_changes(book: Book, reviewer: str) -> list[Change]:
    """What waits for somebody's word, oldest first."""
    query = select(Change).where(Change.status == "pending", Change.reviewer == reviewer)
    return list(book.session.exec(query.order_by(col(Change.id))))


def change_card(book: Book, order: Order, change: Change, headline: Phrase) -> Letter:
    """The one field that a reviewer looks at again, with his two answers while it is pending."""
    item = FieldPlan(change.field, change.line, change.before, change.after)
    facts = {"number": order.number, "customer": frame.customer_name(book, order.customer)}
    says = [headline, Phrase("card.title", facts), shown(book, order, item)]
    if change.reason:
        says.append(Phrase("change.reason", {"reason": change.reason}))
    details = cards.button("details", f"order.show:{order.number}")
    if change.status != "pending":
        return Letter(tuple(says), (details,))
    mark = f"{change.id}.{change.version}"
    answers = (cards.button("approve", f"change.approve:{mark}"), cards.button("return", f"change.return:{mark}"))
    return Letter(tuple(says), (*answers, details))


# --- doing it -----------------------------------------------------------------------------------------------------


def _apply(
    book: Book,
    order: Order,
    items: Sequence[FieldPlan],
    *,
    author: str,
    reason: str | None,
    change: Change | None = None,
) -> None:
    """Give the fields their new values; one audit entry, one more version."""
    if not items:
        return
    lines = {row.position: row for row in frame.lines(book, order)}
    for item in items:
        _put(book, order, lines, item)
    order.amount = order_amount((row.quantity, row.price) for row in lines.values())
    order.changed_by = author
    order.version += 1
    book.session.add(order)
    if change is None:
        for item in items:
            book.session.add(_row(book, order, item, reason, status="applied"))
    after = {**named(items, "after"), "version": order.version, "reason": reason}
    book.record(
        "order.changed" if change is None else "change.applied",
        order=order,
        subject=f"change:{change.id}" if change else None,
        before=named(items, "before"),
        after=after,
        undoable=True,
    )
    book.session.flush()
    after_change(book, order)
    _redraw(book, order)


def _redraw(book: Book, order: Order) -> None:
    """Cards of work under way, wherever they were shown, say what the order now is."""
    for step in frame.steps(book, order):
        if step.status == "active" and not frame.is_review(book, order, step):
            headline = Phrase("change.card", {"step": step.name})
            cards.refresh_card(book, f"step:{step.id}", cards.step_card(book, order, step, headline))


def _put(book: Book, order: Order, lines: dict[int, OrderLine], item: FieldPlan) -> None:
    row = lines.get(item.line or 0)
    match item.field:
        case "quantity" if row:
            row.quantity = Decimal(item.after)
        case "price" if row:
            row.price = Decimal(item.after)
        case "product" if row:
            product = book.company.products[item.after]
            row.sku, row.name, row.unit = product.sku, product.name.raw, product.unit or row.unit
        case "promise_date":
            order.promise_date = date.fromisoformat(item.after)
        case "po_number":
            order.po_number = item.after
        case _:
            fields = {**order.fields, item.field: item.after}
            order.fields = {key: value for key, value in fields.items() if value is not None}
    if row is not None:
        book.session.add(row)


def _row(book: Book, order: Order, item: FieldPlan, reason: str | None, *, status: str) -> Change:
    done = status == "applied"
    return Change(
        order_id=order.id or 0,
        field=item.field,
        line=item.line,
        before=item.before,
        after=item.after,
        status=status,
        asked_by=book.by.key,
        asked_at=book.now,
        reason=reason,
        decided_by=book.by.key if done else None,
        decided_at=book.now if done else None,
    )


def _withdraw_own(book: Book, order: Order, plan: ChangePlan) -> None:
    """Somebody who asks for the same field once more means the newer value."""
    for item in plan.items:
        earlier = pending_change(book, order, item)
        if earlier is not None:
            close_change(book, order, earlier, Phrase("change.replaced"))


def close_change(book: Book, order: Order, change: Change, headline: Phrase) -> None:
    """A pending change that nobody needs to decide any more."""
    change.status, change.decided_by, change.decided_at = "refused", book.by.key, book.now
    change.version += 1
    book.session.add(change)
    book.record("change.refused", order=order, subject=f"change:{change.id}", before=change.before, after=change.after)
    cards.retire_card(book, f"change:{change.id}", change_card(book, order, change, headline))
    _drop_notices(book, order, change, headline)


def _drop_notices(book: Book, order: Order, change: Change, headline: Phrase) -> None:
    """What will not be needs no word from the owners who were told that it might."""
    query = select(Request).where(
        Request.order_id == order.id, Request.kind == "change_notice", Request.status == "pending"
    )
    for request in book.session.exec(query).all():
        changes = [book.session.get(Change, int(key)) for key in request.facts.get("changes") or ()]
        if change not in changes or any(one is not None and one.status != "refused" for one in changes):
            continue
        request.status, request.version = "withdrawn", request.version + 1
        book.session.add(request)
        item = FieldPlan(change.field, change.line, change.before, change.after)
        cards.retire_card(book, f"request:{request.id}", Letter((headline, shown(book, order, item))))


# --- who hears of it ----------------------------------------------------------------------------------------------


def _ask_reviewer(book: Book, order: Order, item: FieldPlan, reason: str | None) -> Change:
    review = review_of(book, order, item.field)
    change = _row(book, order, item, reason, status="pending")
    passing = authors(order.placed_by, order.changed_by) | {book.by.key}
    roster = frame.roster(book)
    judge = next((one for one in ((review.done_by, review.owner) if review else ()) if one in roster.people), None)
    change.reviewer = answering(roster, judge or order.salesperson, passing).owner
    book.session.add(change)
    book.session.flush()
    book.record(
        "change.asked",
        order=order,
        subject=f"change:{change.id}",
        before=named([item], "before"),
        after={**named([item], "after"), "reason": reason, "reviewer": change.reviewer},
        undoable=True,
    )
    headline = Phrase("change.asked", {"who": frame.name(book, book.by.key)})
    letter = change_card(book, order, change, headline)
    book.tell(change.reviewer, letter, rule="change.asked", card=f"change:{change.id}", order=order)
    return change


def _require_reviewer(book: Book, order: Order, change: Change) -> None:
    """The one who was asked, or his cover while he is away; never the author of the order or of the change."""
    passing = authors(order.placed_by, order.changed_by) | {change.asked_by}
    stand_in = answering(frame.roster(book), change.reviewer or "", passing).owner
    if book.by.key in passing or book.by.key not in {change.reviewer, stand_in}:
        who = change.reviewer if change.reviewer and change.reviewer not in passing else stand_in
        raise NotAllowed(right=Phrase("right.change.decide"), who=[frame.name(book, who)])


def _line(book: Book, order: Order, item: FieldPlan) -> Phrase:
    line = shown(book, order, item)
    return Phrase("change.item_pending", line.facts) if item.reviewed else line


def _tell_affected(
    book: Book, order: Order, plan: ChangePlan, reason: str | None, pending: Sequence[Change]
) -> tuple[str, ...]:
    """The owners of affected steps get one notice each, with a button to say that they have seen it."""
    told: dict[str, Step] = {}
    for step in sorted(_steps(book, plan.affected), key=lambda one: one.status != "active"):
        if step.owner != book.by.key:
            told.setdefault(step.owner, step)
    items = [_line(book, order, item) for item in plan.items]
    for owner, step in told.items():
        facts = {"who": frame.name(book, book.by.key), "items": items, "reason": reason, "step": step.name}
        facts["changes"] = [one.id for one in pending] if len(pending) == len(items) else []
        request = Request(
            kind="change_notice",
            order_id=order.id,
            step_id=step.id,
            asked_by=book.by.key,
            asked_of=owner,
            asked_at=book.now,
            facts=pack(facts),
        )
        book.session.add(request)
        book.session.flush()
        headline = Phrase("change.notice", {"who": facts["who"], "number": order.number})
        letter = cards.request_card(book, request, headline)
        book.tell(owner, letter, rule="change.notice", card=f"request:{request.id}", order=order)
    return tuple(told)


def _steps(book: Book, ids: Sequence[int]) -> list[Step]:
    return [step for key in ids if (step := book.session.get(Step, key)) is not None]


def _tell_decided(book: Book, order: Order, change: Change, item: FieldPlan, reason: str | None) -> None:
    key = "change.approved" if change.status == "applied" else "change.returned"
    headline = Phrase(key, {"number": order.number, "who": frame.name(book, book.by.key), "reason": reason})
    letter = Letter((headline, shown(book, order, item)), (_details(order),))
    cards.retire_card(book, f"change:{change.id}", letter)
    if change.status == "refused":
        _drop_notices(book, order, change, headline)
    hear = {change.asked_by, order.salesperson}
    hear |= {step.owner for step in frame.steps(book, order) if step.status == "active"}
    for person in sorted(hear - {book.by.key}):
        book.tell(person, letter, rule="change.decided", order=order)


def _details(order: Order) -> Choice:
    return cards.button("details", f"order.show:{order.number}")
