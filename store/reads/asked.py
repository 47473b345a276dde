"""What somebody was asked that belongs to no order: a suggestion, a change of a flow, a customer's question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from store.book import Book
from store.messages import Fact, Letter, unpack_letter
from store.operations import frame
from store.operations.flow_changes import wanted_change
from store.tables import Outbox, Request


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that waits for an answer. kind: as of the request; `text` what is proposed or asked; `by` a name."""

    id: int
    kind: str
    text: Fact
    by: Fact
    until: datetime | None


def asked_apart(book: Book, key: str) -> list[Asked]:
    """The questions put to this person that belong to no order, the oldest first."""
    query = select(Request).where(Request.asked_of == key, Request.status == "pending", col(Request.order_id).is_(None))
    return [
        Asked(row.id or 0, row.kind, _text(book, row), frame.name(book, row.asked_by), row.lapses_at)
        for row in book.session.exec(query.order_by(col(Request.id))).all()
    ]


def question_shown(book: Book, key: str, request_id: int) -> Letter | None:
    """The message that put the question to this person, while it waits for an answer; None if it does not."""
    request = book.session.get(Request, request_id)
    if request is None or request.status != "pending" or request.asked_of != key:
        return None
    query = select(Outbox).where(Outbox.card == f"request:{request_id}", Outbox.person == key, Outbox.kind == "push")
    row = book.session.exec(query.order_by(col(Outbox.id).desc()).limit(1)).first()
    return unpack_letter(row.body) if row is not None else None


def _text(book: Book, request: Request) -> Fact:
    return wanted_change(book, request) if request.kind == "flow_change" else request.facts.get("text")
