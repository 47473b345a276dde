"""What people call things besides the names of the company file, and how often it was confirmed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, UniqueConstraint
from sqlmodel import Field

from store.columns import UtcDateTime
from store.tables.row import Row


class Wording(Row, table=True):
    """A name that was said for a customer or product and confirmed with an order, but is none of its names yet."""

    __tablename__ = "wording"
    __table_args__ = (UniqueConstraint("kind", "key", "folded"),)
    id: int | None = Field(default=None, primary_key=True)
    kind: str  # customer | product
    key: str
    folded: str  # as compared: without case and blanks
    said: str  # as typed last
    uses: int = 0
    status: str = "counted"  # counted | proposed | taken | declined
    by: str | None = None  # who used, took or declined it last
    at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
