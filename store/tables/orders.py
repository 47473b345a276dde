"""Orders and everything that hangs on one."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field

from store.columns import Exact, UtcDateTime, type_json
from store.tables.row import Row


class Order(Row, table=True):
    """An order. `version` grows with every change of the order, its lines or its steps."""

    __tablename__ = "orders"
    __table_args__ = (
        Index("orders_customer_placed", "customer", "placed_at"),
        Index("orders_customer_status", "customer", "status"),
        Index("orders_salesperson_status", "salesperson", "status"),
        Index("orders_status_promise", "status", "promise_date"),
    )
    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True)
    seq: int = Field(index=True)  # the running part of the number: "12" finds SO-2611-0012
    customer: str
    salesperson: str
    placed_by: str = Field(index=True)
    changed_by: str  # who placed or last changed it: never its reviewer
    status: str = "open"  # open | on_hold | done | cancelled
    promise_date: date = Field(index=True)
    currency: str
    amount: Decimal = Field(sa_column=Column(Exact(), nullable=False))
    flow: str
    flow_version: int
    fields: dict[str, Any] = Field(default_factory=dict, sa_column=Column(type_json, nullable=False))
    po_number: str | None = Field(default=None, index=True)
    placed_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    closed_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    held_since: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    reason: str | None = None  # of the hold or the cancellation
    version: int = 1


class OrderLine(Row, table=True):
    """One item of an order; the name is kept as it was when ordered."""

    __tablename__ = "order_line"
    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="orders.id", index=True)
    position: int
    sku: str  # found through the orders that live: an index of its own would mislead planners
    name: Any = Field(sa_column=Column(type_json, nullable=False))
    quantity: Decimal = Field(sa_column=Column(Exact(), nullable=False))
    unit: str | None = None
    price: Decimal = Field(sa_column=Column(Exact(), nullable=False))
    shipped: Decimal = Field(default=Decimal(0), sa_column=Column(Exact(), nullable=False))


class Step(Row, table=True):
    """One piece of work of an order's flow, with one owner.

    `owner` is who answers for it now; `assigned` who it was given to before a cover took over (both are named).
    `version` grows with every change: a button carries the version it was drawn for.
    """

    __tablename__ = "step"
    __table_args__ = (
        Index("step_owner_due", "owner", "status", "due"),
        Index("step_status_due", "status", "due"),
        Index("step_status_key", "status", "key"),
    )
    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="orders.id", index=True)
    position: int
    key: str
    name: Any = Field(sa_column=Column(type_json, nullable=False))
    status: str = "waiting"  # waiting | active | done | skipped
    owner: str
    assigned: str | None = None
    department: str | None = None
    due: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    postponed_to: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))  # wins over the rule
    postpone_reason: str | None = None
    held_minutes: int = 0  # working minutes on hold since it started; they move a due moment counted by `within`
    started_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    acknowledged_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    acknowledged_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    snoozed_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    returned_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    return_reason: str | None = None
    done_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    done_by: str | None = None
    fields: dict[str, Any] = Field(default_factory=dict, sa_column=Column(type_json, nullable=False))
    version: int = 1


class ExceptionCase(Row, table=True):
    """Trouble reported on an order; its handler is reminded like the owner of a step."""

    __tablename__ = "exception_case"
    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="orders.id", index=True)
    step_key: str | None = None
    kind: str
    name: Any = Field(sa_column=Column(type_json, nullable=False))
    status: str = Field(default="open", index=True)  # open | closed
    handler: str = Field(index=True)
    assigned: str | None = None
    department: str | None = None
    urgent: bool = False
    note: str = ""
    opened_by: str
    opened_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    due: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    postponed_to: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    held_minutes: int = 0
    acknowledged_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    acknowledged_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    snoozed_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    ticks: dict[str, Any] = Field(default_factory=dict, sa_column=Column(type_json, nullable=False))
    # step key -> {"by", "at"} or None while not ticked; one entry for each step of the kind's `acknowledged_by`
    closed_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    closed_by: str | None = None
    solution: str | None = None
    version: int = 1


class Note(Row, table=True):
    """A remark on an order, with its files."""

    __tablename__ = "note"
    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="orders.id", index=True)
    text: str
    by: str
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    public: bool = False


class OrderWord(Row, table=True):
    """A word that stands in one of an order's texts (store.word_index); nothing else is known of where."""

    __tablename__ = "order_word"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012  SQLAlchemy's own name
    word: str = Field(primary_key=True)
    order_id: int = Field(primary_key=True, foreign_key="orders.id")


class Blob(Row, table=True):
    """The bytes of a file, kept once per content."""

    __tablename__ = "blob"
    sha256: str = Field(primary_key=True)
    size: int
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class NoteFile(Row, table=True):
    """A file attached to a note."""

    __tablename__ = "note_file"
    id: int | None = Field(default=None, primary_key=True)
    note_id: int = Field(foreign_key="note.id", index=True)
    name: str
    type: str
    size: int
    sha256: str = Field(foreign_key="blob.sha256")


class Change(Row, table=True):
    """One field of an order that somebody wants otherwise; pending while a reviewer has to look at it again."""

    __tablename__ = "change"
    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="orders.id", index=True)
    field: str  # quantity, price, promise_date, product, po_number, or a field of the order form
    line: int | None = None  # position of the line, for quantity, price and product
    before: Any = Field(default=None, sa_column=Column(type_json))
    after: Any = Field(default=None, sa_column=Column(type_json))
    status: str = "pending"  # pending | applied | refused
    asked_by: str
    asked_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    reason: str | None = None
    reviewer: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    version: int = 1


class Request(Row, table=True):
    """Somebody is asked to decide: take over a step, agree to a moved promise date, take note of a change.

    kind: handover | promise | change_notice | notice_draft | suggestion | question | flow_change | returned; `facts`
    holds what the kind needs.
    """

    __tablename__ = "request"
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    order_id: int | None = Field(default=None, foreign_key="orders.id", index=True)
    step_id: int | None = Field(default=None, foreign_key="step.id", index=True)
    asked_by: str
    asked_of: str = Field(index=True)
    asked_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    lapses_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    status: str = Field(default="pending", index=True)  # pending | accepted | declined | lapsed | withdrawn
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(type_json, nullable=False))
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    version: int = 1


class Urge(Row, table=True):
    """Somebody asked for more speed; counted always, pushed when the asker's cool-down is over."""

    __tablename__ = "urge"
    __table_args__ = (Index("urge_order_by", "order_id", "by"),)
    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="orders.id", index=True)
    step_key: str | None = None
    by: str
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    reason: str | None = None
    pushed: bool = True


class Follow(Row, table=True):
    """Somebody wants to hear of every step change of an order."""

    __tablename__ = "follow"
    __table_args__ = (UniqueConstraint("order_id", "person"),)
    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="orders.id", index=True)
    person: str = Field(index=True)
    since: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))


class Suggestion(Row, table=True):
    """A proposal of the staff on a step, a flow or the work in general."""

    __tablename__ = "suggestion"
    id: int | None = Field(default=None, primary_key=True)
    by: str
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    text: str
    flow: str | None = None
    step_key: str | None = None
    seconded_by: list[str] = Field(default_factory=list, sa_column=Column(type_json, nullable=False))
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
