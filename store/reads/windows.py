"""How much may still be written to a customer's contact over WeChat customer service: 5 messages within 48 hours.

Read from the book alone: when he last wrote over that line, and what has gone to him since. The line itself judges at
the moment of sending; this is for telling whoever writes to him beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, func, select

from store.book import Book
from store.tables import Identity, Inbox, Outbox

CHANNEL = "wecom"
OPEN = timedelta(hours=48)
MESSAGES = 5
_LOOK_BACK = 20_000  # updates: whoever wrote before so many others is not looked for


@dataclass(frozen=True, slots=True)
class Window:
    """How many messages may still go out, until when."""

    left: int
    until: datetime


def window_of(book: Book, contact: str) -> Window | None:
    """A contact's window; None for one who does not use WeChat customer service, or who can be reached otherwise."""
    linked = book.session.exec(select(Identity).where(Identity.person == contact)).all()
    accounts = [one.account for one in linked if one.channel == CHANNEL]
    if not accounts or any(one.channel not in {CHANNEL, "console"} for one in linked):
        return None
    newest = book.session.exec(select(func.max(Inbox.id))).first() or 0
    recent = (col(Inbox.id) > newest - _LOOK_BACK, Inbox.channel == CHANNEL)
    heard = [
        book.session.exec(
            select(func.max(Inbox.received_at)).where(*recent, col(Inbox.conversation).like(f"kf:%:{account}"))
        ).first()
        for account in accounts
    ]
    last = max((at for at in heard if at is not None), default=None)
    if last is None:
        return None
    sent = book.session.exec(
        select(func.count()).where(
            Outbox.person == contact, Outbox.sent_via == CHANNEL, Outbox.status == "sent", col(Outbox.sent_at) >= last
        )
    ).one()
    until = last + OPEN
    return Window(max(0, MESSAGES - sent) if book.now < until else 0, until)
