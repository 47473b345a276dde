"""Where an order is, how it came there, and why it is late. Customers hear public stages, dates and fields only."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlmodel import col, select

from conversations.dialogs.asking import Option, choose
from conversations.dialogs.context import MOST, order_option, orders_meant
from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.guarding import each
from conversations.dialogs.reply import Reply, button
from store.messages import Choice, Phrase
from store.operations import frame as facts_of
from store.operations.permits import require
from store.operations.promises import public_promise
from store.operations.reviews import hidden_figures
from store.reads.status import public_status_of, status_of
from store.reads.timeline import timeline, why_late
from store.refusals import NotFound
from store.tables import ExceptionCase, Follow, Order, Step

__all__ = ["late", "show", "story"]
