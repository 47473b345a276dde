"""Plain rows: what a unit reads of many steps and orders at once as values, past the session.

A mapped row costs ten times what reading it does; a unit that looks at hundreds and changes a few columns of them has
no need of one. The names are the tables' own, so that what draws a card takes either. What the session holds and has
not written yet is not seen here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ARRAY, BigInteger, Column, ColumnElement, Integer, String, Table, bindparam, column, func, select
from sqlmodel import Session, SQLModel

from store.prepared import Prepared
from store.tables import Deadline, Order, OrderLine, Outbox, Step

R = TypeVar("R")


class DeadlineRow(NamedTuple):
    """A deadline (store.tables.Deadline)."""

    id: int
    subject: str
    subject_key: str
    order_id: int | None
    next_at: datetime | None
    episode: int
    state: dict[str, Any]


class OrderRow(NamedTuple):
    """What a card shows of an order (store.tables.Order)."""

    id: int
    number: str
    customer: str
    salesperson: str
    placed_by: str
    status: str
    promise_date: date
    currency: str
    amount: Decimal
    flow: str
    flow_version: int
    fields: dict[str, Any]
    version: int


class LineRow(NamedTuple):
    """What a card shows of an order's item (store.tables.OrderLine)."""

    order_id: int
    position: int
    name: Any
    quantity: Decimal
    unit: str | None
    price: Decimal
    shipped: Decimal


class StepRow(NamedTuple):
    """What a card shows, and reminders ask, of a step (store.tables.Step)."""

    id: int
    order_id: int
    key: str
    name: Any
    status: str
    owner: str
    assigned: str | None
    department: str | None
    due: datetime | None
    started_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_until: datetime | None
    snoozed_until: datetime | None
    returned_at: datetime | None
    return_reason: str | None
    fields: dict[str, Any]
    version: int


@dataclass(slots=True)
class LetterRow:
    """A row of the outbox that may go out (store.tables.Outbox); delivery changes it in place and writes it down."""

    id: int
    person: str | None
    channel: str | None
    account: str | None
    conversation: str | None
    group: str | None
    kind: str
    rule: str | None
    urgent: bool
    body: dict[str, Any]
    named: bool
    reply_to: int | None
    edits: int | None
    card: str | None
    order_id: int | None
    orders: list[str]
    created_at: datetime
    send_at: datetime
    status: str
    attempts: int
    tried: list[str]
    lease_until: datetime | None = field(default=None, init=False)  # what delivery sets is not read
    claim: str | None = field(default=None, init=False)
    sent_via: str | None = field(default=None, init=False)
    error: str | None = field(default=None, init=False)


class StepState(NamedTuple):
    """What decides whether something said of a step is still true; `order_status` is its order's."""

    id: int
    status: str
    owner: str
    assigned: str | None
    due: datetime | None
    acknowledged_until: datetime | None
    snoozed_until: datetime | None
    order_status: str


AnyLetter = Outbox | LetterRow
AnyOrder = Order | OrderRow
AnyLine = OrderLine | LineRow
AnyStep = Step | StepRow

_TABLES: Mapping[type[Any], type[SQLModel]] = {
    DeadlineRow: Deadline,
    OrderRow: Order,
    LineRow: OrderLine,
    StepRow: Step,
    LetterRow: Outbox,
}


_NOT_READ = frozenset(one.name for one in fields(LetterRow) if not one.init)


def table_of(model: type[SQLModel]) -> Table:
    """The table of a mapped class."""
    found: Table = model.__table__  # type: ignore[attr-defined]  # given by the mapper
    return found


def columns_of(kind: type[R]) -> list[Column[Any]]:
    """The columns that a kind of plain row is made of, in its order."""
    table = table_of(_TABLES[kind])
    return [table.c[name] for name in kind.__annotations__ if name not in _NOT_READ]


def among(target: ColumnElement[Any], name: str, dialect: str) -> ColumnElement[bool]:
    """Whether a column of numbers or texts is one of the parameter `name` (`listed`): one wording for any count."""
    if dialect == "postgresql":
        kind = BigInteger if isinstance(target.type, Integer) else String
        return target == func.any(bindparam(name, type_=ARRAY(kind)))
    return target.in_(select(column("value")).select_from(func.json_each(bindparam(name, type_=String))))


def listed(ids: Iterable[int | str], dialect: str) -> Any:
    """The value of a parameter of `among`."""
    return list(ids) if dialect == "postgresql" else json.dumps(list(ids))


@cache
def _statement(kind: Any, by: str, dialect: str, lock: bool) -> Prepared:
    columns = columns_of(kind)
    query = select(*columns).where(among(columns[0].table.c[by], "ids", dialect))
    return Prepared(query.with_for_update(skip_locked=True) if lock else query)


def rows_of(session: Session, kind: type[R], ids: Iterable[int], *, by: str = "id", lock: bool = False) -> list[R]:
    """The rows with these ids, in no order.

    Args:
        session: of the unit of work; what it has not written yet is not seen.
        kind: one of the rows above.
        ids: which.
        by: the column that holds them.
        lock: lock the rows; those that somebody else has locked are left out.
    """
    connection = session.connection()
    dialect = connection.dialect.name
    query = _statement(kind, by, dialect, lock)  # type: ignore[arg-type]  # a class is hashable
    found = query.rows(connection, ids=listed(ids, dialect))
    make: Callable[..., R] = kind
    return [make(*row) for row in found]


@cache
def _states(dialect: str) -> Prepared:
    step, order = table_of(Step), table_of(Order)
    columns = [step.c[name] for name in StepState._fields[:-1]]
    of_steps = (step.c.order_id == order.c.id, among(step.c.id, "ids", dialect))
    return Prepared(select(*columns, order.c.status).where(*of_steps))


def step_states(session: Session, ids: Iterable[int]) -> dict[int, StepState]:
    """How these steps and their orders stand, by the steps' ids."""
    connection = session.connection()
    dialect = connection.dialect.name
    found = _states(dialect).rows(connection, ids=listed(ids, dialect))
    return {row[0]: StepState(*row) for row in found}
