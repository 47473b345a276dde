"""The due queue and the log of what was pushed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, UniqueConstraint
from sqlmodel import Field

from store.columns import UtcDateTime, type_json
from store.tables.row import Row


class Deadline(Row, table=True):
    """The next moment at which something open must be looked at; rewritten whenever its subject changes.

    subject: "step", "exception", "request", "change" (subject_id: its row), or "person" (subject_key: digest).
    `state` belongs to reminders/: what has been told already, time at rest. `episode` grows with a real step forward,
    so that a new run of nudges and rungs may begin.
    """

    __tablename__ = "deadline"
    __table_args__ = (UniqueConstraint("subject", "subject_key"), Index("deadline_next", "next_at"))
    id: int | None = Field(default=None, primary_key=True)
    subject: str
    subject_key: str  # the row's id as text, or a person's key
    order_id: int | None = Field(default=None, index=True)
    owner: str | None = Field(default=None, index=True)
    next_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))  # None: at rest
    episode: int = 1
    state: dict[str, Any] = Field(default_factory=dict, sa_column=Column(type_json, nullable=False))
    lease_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    claim: str | None = None


class Reminder(Row, table=True):
    """One push that a rule asked for: the auditor's evidence, and the reason no rung is told twice."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("subject", "subject_key", "episode", "rule", "turn", "person"),)
    id: int | None = Field(default=None, primary_key=True)
    subject: str
    subject_key: str
    episode: int
    rule: str  # started | nudge | due | repeat | lapsed | rung:backup | rung:head | rung:manager | danger | digest
    turn: int = 0  # which repeat it is
    person: str = Field(index=True)
    order_id: int | None = Field(default=None, index=True)
    moment: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))  # when the rule said so
    made_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))  # when it was written
    outbox_id: int | None = None


class Heartbeat(Row, table=True):
    """The last sign of life of a part of the house, and single-holder leases (polling, sockets)."""

    __tablename__ = "heartbeat"
    name: str = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    holder: str | None = None
    lease_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(type_json, nullable=False))
