"""What customers get and do: shipments, tracking links, talks with a human, numbers asked in vain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column
from sqlmodel import Field

from store.columns import UtcDateTime, type_json
from store.tables.row import Row


class Secret(Row, table=True):
    """A key of the house, made at random when it is first needed; it signs what is handed out."""

    __tablename__ = "secret"
    name: str = Field(primary_key=True)
    value: str  # hex


class Shipment(Row, table=True):
    """One parcel of an order, or all of it: what left, and what the form of the step that ships said of it."""

    __tablename__ = "shipment"
    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="orders.id", index=True)
    step_key: str
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    by: str
    goods: dict[str, str] = Field(default_factory=dict, sa_column=Column(type_json, nullable=False))  # sku -> how many
    fields: dict[str, Any] = Field(default_factory=dict, sa_column=Column(type_json, nullable=False))


class TrackingLink(Row, table=True):
    """An order's public page; `id` is the random part of its address, which carries a signature as well."""

    __tablename__ = "tracking_link"
    id: str = Field(primary_key=True)  # 16 random bytes, hex
    order_id: int = Field(foreign_key="orders.id", index=True)
    made_by: str
    made_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    revoked_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    revoked_by: str | None = None
    seen_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))  # the last view that was noted


class Attendance(Row, table=True):
    """A colleague talks with a customer's contact himself: until `until`, or until it is ended, the bot is silent."""

    __tablename__ = "attendance"
    id: int | None = Field(default=None, primary_key=True)
    contact: str = Field(index=True)
    by: str
    since: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    until: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    minutes: int  # of silence after which the bot comes back
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
    ended_by: str | None = None


class AskedInVain(Row, table=True):
    """How many order numbers somebody has asked for that are not his to see, and until when he is slowed down."""

    __tablename__ = "asked_in_vain"
    who: str = Field(primary_key=True)
    since: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    count: int = 0
    slowed_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime()))
