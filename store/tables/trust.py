"""Who is who, and what was done: identities, codes, tokens, the audit chain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, UniqueConstraint
from sqlmodel import Field

from store.columns import UtcDateTime, type_json
from store.tables.row import Row


class Identity(Row, table=True):
    """A verified platform account of a person; unlinked ones are deleted, the audit remembers them."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("channel", "account"),)
    id: int | None = Field(default=None, primary_key=True)
    channel: str
    account: str
    person: str = Field(index=True)
    linked_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    shut_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))  # since when he has blocked the bot


class BindingCode(Row, table=True):
    """A one-time code that makes an account somebody's; only its hash is kept."""

    __tablename__ = "binding_code"
    id: int | None = Field(default=None, primary_key=True)
    code_hash: str = Field(unique=True)
    person: str = Field(index=True)
    made_by: str
    made_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    lapses_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    used_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    used_by: str | None = None  # channel:account


class LinkAttempt(Row, table=True):
    """Wrong codes typed by an account, and until when it has to wait."""

    __tablename__ = "link_attempt"
    who: str = Field(primary_key=True)  # channel:account
    wrong: int = 0
    locked_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))


class Token(Row, table=True):
    """A personal API token or sign-in link; only its hash is kept."""

    __tablename__ = "token"
    token_hash: str = Field(primary_key=True)
    person: str = Field(index=True)
    purpose: str = "api"  # api | page | track
    made_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    lapses_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    used_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))


class Counter(Row, table=True):
    """A running number, such as the orders of a month."""

    __tablename__ = "counter"
    name: str = Field(primary_key=True)
    value: int = 0


class AuditEntry(Row, table=True):
    """One change: who, what, through which channel, before and after; chained to the entry before it by hash."""

    __tablename__ = "audit_entry"
    id: int = Field(primary_key=True)  # without gaps: a missing number is a deletion
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    who: str  # a person's key, or "gendan"
    what: str  # order.placed, step.done, ...
    via: str | None = None
    message: str | None = None  # what was typed or pressed
    order_id: int | None = Field(default=None, index=True)
    subject: str | None = None  # step:KEY, exception:ID, person:KEY, ...
    before: Any = Field(default=None, sa_column=Column(type_json))
    after: Any = Field(default=None, sa_column=Column(type_json))
    prev_hash: str
    hash: str


class AuditHead(Row, table=True):
    """The end of the chain; writers take turns on this row, and a cut chain does not reach it."""

    __tablename__ = "audit_head"
    id: int = Field(default=1, primary_key=True)
    last_id: int = 0
    last_hash: str = ""


class UndoRecord(Row, table=True):
    """What one act of a person changed, row by row, so that it can be taken back while nobody has built on it."""

    __tablename__ = "undo_record"
    id: int | None = Field(default=None, primary_key=True)
    who: str = Field(index=True)
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    what: str
    order_id: int | None = Field(default=None, index=True)
    rows: list[Any] = Field(sa_column=Column(type_json, nullable=False))  # [table, key, before|None, after|None]
    outbox: list[int] = Field(default_factory=list, sa_column=Column(type_json, nullable=False))  # pushes it caused
    taken_back_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
