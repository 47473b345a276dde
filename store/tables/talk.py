"""What came in, what goes out, and where each conversation stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Index, UniqueConstraint, text, true
from sqlmodel import Field

from store.columns import UtcDateTime, type_json
from store.tables.row import Row

# PostgreSQL's part of these indexes stands in their migrations alone: named here, every start imports its drivers.
_WAITS = text("status = 'new'")
_LIVE = text("status IN ('pending', 'claimed')")


class Inbox(Row, table=True):
    """A raw update of a platform, kept before the platform is answered; the unique key makes redelivery harmless."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "account", "message_id"),
        Index("inbox_status_next", "status", "next_try_at"),
        # Whether something of the same conversation waits before it, however long the queue.
        Index("inbox_waiting", "channel", "conversation", "id", sqlite_where=_WAITS),
    )
    id: int | None = Field(default=None, primary_key=True)
    channel: str  # telegram | slack | wecom | web | console
    account: str = ""  # which bot of ours received it, where there are several
    message_id: str  # the platform's own id of the update
    conversation: str  # rows of one conversation are taken in order
    payload: Any = Field(sa_column=Column(type_json))
    received_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    status: str = "new"  # new | done | parked (failed too often: an administrator looks)
    attempts: int = 0
    next_try_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    lease_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    error: str | None = None


class Outbox(Row, table=True):
    """One message to one receiver: a person (any of his channels), an unlinked account, or a group.

    status: pending -> claimed -> sent | undeliverable | merged (went out in `merged_into`) | dropped (no longer true)
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_status_send", "status", "send_at"),
        Index("outbox_card", "card", "person"),
        Index("outbox_person_send", "person", "send_at"),
        Index("outbox_person_named", "person", "named", "id"),
        # What still waits or is under way to one receiver, however much has gone out to him.
        Index("outbox_live", "person", "channel", "account", sqlite_where=_LIVE),
    )
    id: int | None = Field(default=None, primary_key=True)
    person: str | None = None
    channel: str | None = None  # fixed for answers, accounts and groups; None: the person's first choice that works
    account: str | None = None  # the receiver's platform account, once chosen (or for an unlinked one)
    conversation: str | None = None  # the platform's chat to answer into (thread, group, topic)
    group: str | None = None
    kind: str  # answer | push | edit
    rule: str | None = None  # why it was pushed: step.started, nudge, due, repeat, ladder, digest, urge, ...
    urgent: bool = False
    body: dict[str, Any] = Field(sa_column=Column(type_json, nullable=False))  # store.messages.Letter as JSON
    # One of its buttons names something (an order, a day): its label may be typed whole.
    named: bool = Field(default=False, sa_column=Column(Boolean, server_default=true(), nullable=False))
    reply_to: int | None = Field(default=None, foreign_key="inbox.id")
    edits: int | None = None  # the outbox row whose message this one replaces in place
    card: str | None = None  # the condition shown ("step:42"): one condition, one card
    order_id: int | None = Field(default=None, foreign_key="orders.id", index=True)
    orders: list[str] = Field(default_factory=list, sa_column=Column(type_json, nullable=False))  # numbers it speaks of
    created_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    send_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    status: str = "pending"
    attempts: int = 0
    lease_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    claim: str | None = None  # who holds the lease
    tried: list[str] = Field(default_factory=list, sa_column=Column(type_json, nullable=False))  # channels that failed
    merged_into: int | None = None
    sent_via: str | None = None
    sent_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    platform_id: str | None = Field(default=None, index=True)  # the platform's id of the sent message, for edits
    buttons_live: bool = False  # sent with buttons that have not been taken away since
    error: str | None = None


class Dialog(Row, table=True):
    """Where a conversation stands: the open question or draft, and the orders last spoken of."""

    __tablename__ = "dialog"
    scope: str = Field(primary_key=True)  # person:KEY | account:CHANNEL:ID | group:KEY:PERSON
    state: dict[str, Any] = Field(default_factory=dict, sa_column=Column(type_json, nullable=False))
    orders: list[str] = Field(default_factory=list, sa_column=Column(type_json, nullable=False))
    spoken_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    updated_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
