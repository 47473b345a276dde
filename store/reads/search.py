"""What chat lists: my tasks, due today, overdue, stuck at a step, the orders of a customer, product, person or period.

«Due today» and «overdue» are active steps: one's own, for a salesperson also those of own customers' orders, for
coordinators and managers all. The latest come first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlmodel import col, or_, select

from store.book import Book
from store.messages import Fact, Money, Phrase, WorkTime
from store.operations import frame
from store.operations.promises import public_promise
from store.reads.lists import past_due
from store.reads.seeing import Viewer, viewer_of, visible
from store.reads.status import lateness
from store.tables import Change, Customer, ExceptionCase, Order, OrderLine, Request, Step
from store.word_index import holding

ALL_STEPS = frozenset({"coordinator", "manager"})


@dataclass(frozen=True, slots=True)
class Criteria:
    """What is looked for; keys throughout, None leaves it open.

    which: mine | due_today | overdue | stuck (steps) or orders. `period`: both days included, of the day the order was
    placed, or of its promise date with `promised`. `status`: of the order; for `orders` None means all that live, with
    `words` (each stands in a remark, a form or the like of the order) or a period all.
    """

    which: str = "orders"
    owner: str | None = None
    step: str | None = None
    customer: str | None = None
    salesperson: str | None = None
    product: str | None = None
    period: tuple[date, date] | None = None
    promised: bool = False
    status: str | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A line of a list. kind: step, exception, request, change or order; `id` and `version` are of its row."""

    kind: str
    id: int
    version: int
    number: str
    customer: Fact
    status: str
    promise_date: date
    amount: Money
    name: Fact  # of the step or the trouble; of an order: of its first active step
    owner: Fact
    due: datetime | None
    late: WorkTime | None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits, and how many there are in all."""

    hits: tuple[Hit, ...]
    total: int
    offset: int = 0

    @property
    def more(self) -> int:
        """How many come after this page."""
        return max(self.total - self.offset - len(self.hits), 0)


def search(book: Book, person: str, wanted: Criteria, *, limit: int = 8, offset: int = 0) -> Found:
    """A page of what somebody looks for among what he may see. A contact finds orders only."""
    viewer = viewer_of(book, person)
    if viewer.is_contact and wanted.words:
        wanted = replace(wanted, words="")  # remarks are the house's own
    if viewer.is_contact or wanted.which == "orders":
        return _orders(book, viewer, wanted, limit, offset)
    found = _steps(book, viewer, wanted, limit, offset)
    return _with_the_rest(book, viewer, found, limit, offset) if wanted.which == "mine" else found


# --- steps --------------------------------------------------------------------------------------------------------


def _steps(book: Book, viewer: Viewer, wanted: Criteria, limit: int, offset: int) -> Found:
    conditions = [
        col(Step.status) == "active",
        col(Order.status).in_(("open",) if wanted.which in {"due_today", "overdue"} else ("open", "on_hold")),
        *_scope(book, viewer, wanted),
        *_of_order(book, wanted),
    ]
    if wanted.step is not None:
        conditions.append(col(Step.key) == wanted.step)
    query = select(Step, Order).join(Order, col(Order.id) == col(Step.order_id)).where(*conditions)
    order_by = (col(Step.due).is_(None), col(Step.due), col(Step.id))
    everything = wanted.which == "mine"
    rows = book.session.exec(
        query.order_by(*order_by).limit(None if everything else limit).offset(0 if everything else offset)
    )
    hits = tuple(_step_hit(book, step, order) for step, order in rows)
    if everything or (not offset and len(hits) < limit):
        return Found(hits, len(hits), offset)
    count = select(func.count()).select_from(Step).join(Order, col(Order.id) == col(Step.order_id)).where(*conditions)
    return Found(hits, book.session.exec(count).one(), offset)


def _scope(book: Book, viewer: Viewer, wanted: Criteria) -> list[ColumnElement[bool]]:
    """Whose steps: a named owner's, one's own, or what the question means for one's role."""
    if wanted.owner is not None:
        scope: list[ColumnElement[bool]] = [col(Step.owner) == wanted.owner]
        scope += [] if wanted.owner == viewer.key else [visible(viewer, among_few=True)]
    elif wanted.which == "mine":
        scope = [col(Step.owner) == viewer.key]
    elif wanted.which == "stuck" or not ALL_STEPS.isdisjoint(viewer.roles):
        scope = [visible(viewer, among_few=True)]
    else:
        scope = [or_(col(Step.owner) == viewer.key, *_customers_of(viewer))]
    if wanted.which == "overdue":
        scope += past_due(book)
    elif wanted.which == "due_today":
        first, last = _day(book, viewer.key)
        scope += [col(Step.due) >= first, col(Step.due) < last]
    return scope


def _customers_of(viewer: Viewer) -> list[ColumnElement[bool]]:
    if "sales" not in viewer.roles:
        return []
    mine = select(Customer.key).where(Customer.salesperson == viewer.key)
    return [col(Order.salesperson) == viewer.key, col(Order.customer).in_(mine)]


def _day(book: Book, person: str) -> tuple[datetime, datetime]:
    """Today, where this person is."""
    human = book.company.people.get(person)
    zone = human.zone if human else book.company.zone
    today = book.now.astimezone(zone).date()
    return datetime.combine(today, time(), zone), datetime.combine(today + timedelta(days=1), time(), zone)


def _step_hit(book: Book, step: Step, order: Order) -> Hit:
    return Hit(
        kind="step",
        id=step.id or 0,
        version=step.version,
        number=order.number,
        customer=frame.customer_name(book, order.customer),
        status=order.status,
        promise_date=order.promise_date,
        amount=Money(order.amount, order.currency),
        name=step.name,
        owner=frame.owner_name(book, step),
        due=step.due,
        late=None if order.status == "on_hold" else lateness(book, step.owner, step.due),
    )


def _with_the_rest(book: Book, viewer: Viewer, steps: Found, limit: int, offset: int) -> Found:
    """One's tasks are steps, trouble to solve, changes to review and questions to answer."""
    hits = [*steps.hits]
    for case, order in book.session.exec(_open_cases(viewer)):
        hits.append(_other_hit(book, order, case, "exception", case.name, case.due, case.handler))
    for change, order in book.session.exec(_pending_changes(viewer)):
        name = Phrase("list.change", {"name": frame.field_name(book, order, change.field)})
        hits.append(_other_hit(book, order, change, "change", name, None, viewer.key))
    for request, order in book.session.exec(_pending_requests(viewer)):
        step = book.session.get(Step, request.step_id) if request.step_id else None
        name = Phrase("list.request", {"kind": Phrase(f"request.kind.{request.kind}"), "name": step and step.name})
        hits.append(_other_hit(book, order, request, "request", name, request.lapses_at, viewer.key))
    hits.sort(key=lambda hit: (hit.due is None, hit.due or book.now, hit.number))
    return Found(tuple(hits[offset : offset + limit]), len(hits), offset)


def _open_cases(viewer: Viewer) -> Any:
    query = select(ExceptionCase, Order).join(Order, col(Order.id) == col(ExceptionCase.order_id))
    return query.where(ExceptionCase.handler == viewer.key, ExceptionCase.status == "open", _living())


def _pending_changes(viewer: Viewer) -> Any:
    query = select(Change, Order).join(Order, col(Order.id) == col(Change.order_id))
    return query.where(Change.reviewer == viewer.key, Change.status == "pending", _living())


def _pending_requests(viewer: Viewer) -> Any:
    query = select(Request, Order).join(Order, col(Order.id) == col(Request.order_id))
    return query.where(Request.asked_of == viewer.key, Request.status == "pending", _living())


def _living() -> ColumnElement[bool]:
    return col(Order.status).in_(("open", "on_hold"))


def _other_hit(
    book: Book,
    order: Order,
    row: ExceptionCase | Change | Request,
    kind: str,
    name: Fact,
    due: datetime | None,
    owner: str,
) -> Hit:
    return Hit(
        kind=kind,
        id=row.id or 0,
        version=row.version,
        number=order.number,
        customer=frame.customer_name(book, order.customer),
        status=order.status,
        promise_date=order.promise_date,
        amount=Money(order.amount, order.currency),
        name=name,
        owner=frame.name(book, owner),
        due=due,
        late=lateness(book, owner, due),
    )


# --- orders -------------------------------------------------------------------------------------------------------


def _of_order(book: Book, wanted: Criteria) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.customer is not None:
        conditions.append(col(Order.customer) == wanted.customer)
    if wanted.salesperson is not None:
        conditions.append(col(Order.salesperson) == wanted.salesperson)
    if wanted.product is not None:
        lines = select(OrderLine.id).where(OrderLine.order_id == Order.id, OrderLine.sku == wanted.product)
        conditions.append(lines.correlate(Order).exists())
    conditions += holding(wanted.words)
    if wanted.period is not None:
        first, last = wanted.period
        if wanted.promised:
            conditions.append(col(Order.promise_date).between(first, last))
        else:
            zone = book.company.zone
            conditions += [
                col(Order.placed_at) >= datetime.combine(first, time(), zone),
                col(Order.placed_at) < datetime.combine(last + timedelta(days=1), time(), zone),
            ]
    return conditions


def _orders(book: Book, viewer: Viewer, wanted: Criteria, limit: int, offset: int) -> Found:
    """Orders: living ones first, by their earliest due moment, then the newest; what words find the newest first."""
    conditions = [visible(viewer, among_few=wanted.status in {None, "open", "on_hold"}), *_of_order(book, wanted)]
    if wanted.status is not None:
        conditions.append(col(Order.status) == wanted.status)
    elif wanted.period is None and not wanted.words:
        conditions.append(col(Order.status).in_(("open", "on_hold")))
    active = select(Step.order_id).where(col(Step.status) == "active")
    if wanted.step is not None:
        conditions.append(col(Order.id).in_(active.where(col(Step.key) == wanted.step)))
    if wanted.owner is not None:
        conditions.append(col(Order.id).in_(active.where(col(Step.owner) == wanted.owner)))
    total = book.session.exec(select(func.count()).select_from(Order).where(*conditions)).one()
    if wanted.words:
        newest = select(Order).where(*conditions).order_by(col(Order.id).desc()).limit(limit).offset(offset)
        return Found(tuple(_order_hit(book, viewer, order) for order in book.session.exec(newest)), total, offset)
    first = select(Step.order_id, func.min(Step.due).label("due")).where(col(Step.status) == "active")
    dues = first.group_by(col(Step.order_id)).subquery()  # once over what is active, not once for each order
    query = select(Order).outerjoin(dues, dues.c.order_id == col(Order.id)).where(*conditions)
    query = query.order_by(~_living(), dues.c.due.is_(None), dues.c.due, col(Order.id).desc())
    rows = book.session.exec(query.limit(limit).offset(offset)).all()
    return Found(tuple(_order_hit(book, viewer, order) for order in rows), total, offset)


def _order_hit(book: Book, viewer: Viewer, order: Order) -> Hit:
    steps = [] if viewer.is_contact else [step for step in frame.steps(book, order) if step.status == "active"]
    first = min(steps, key=lambda step: (step.due is None, step.due or book.now), default=None)
    return Hit(
        kind="order",
        id=order.id or 0,
        version=order.version,
        number=order.number,
        customer=frame.customer_name(book, order.customer),
        status=order.status,
        promise_date=public_promise(book, order) if viewer.is_contact else order.promise_date,
        amount=Money(order.amount, order.currency),
        name=first.name if first else None,
        owner=frame.owner_name(book, first) if first else None,
        due=first.due if first else None,
        late=lateness(book, first.owner, first.due) if first and order.status == "open" else None,
    )
