"""Everything that the book holds about one person, as plain JSON, to be handed to him."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_
from sqlmodel import SQLModel, col, select

from store.book import Book
from store.refusals import NotFound
from store.tables import (
    Attendance,
    AuditEntry,
    Away,
    BindingCode,
    Dialog,
    ExceptionCase,
    Follow,
    Identity,
    Inbox,
    Note,
    Order,
    Outbox,
    Person,
    Request,
    Step,
    Token,
    Urge,
)
from store.undoing import row_values

_HASHES = frozenset({"code_hash", "token_hash"})


def personal_data(book: Book, key: str) -> dict[str, Any]:
    """What is kept about a person, table by table; hashes of codes and tokens are left out.

    Raises:
        NotFound: nobody of that key.
    """
    person = book.session.get(Person, key)
    if person is None:
        raise NotFound(what=key)
    accounts = set(book.session.exec(select(Identity.account).where(Identity.person == key)).all())
    numbers = {order.id: order.number for order in book.session.exec(select(Order)).all()}

    def _rows(table: type[SQLModel], *conditions: Any) -> list[dict[str, Any]]:
        rows = book.session.exec(select(table).where(or_(*conditions))).all()
        return [_shown(row_values(row), numbers) for row in rows]

    return {
        "person": _shown(row_values(person), numbers),
        "accounts": _rows(Identity, Identity.person == key),
        "away": _rows(Away, Away.person == key),
        "codes": _rows(BindingCode, BindingCode.person == key),
        "tokens": _rows(Token, Token.person == key),
        "conversations": _rows(Dialog, Dialog.scope == f"person:{key}", col(Dialog.scope).like(f"group:%:{key}")),
        "said": [_shown(row_values(row), numbers) for row in book.session.exec(select(Inbox)).all()
                 if _is_from(row.payload, {key, *accounts})],
        "told": _rows(Outbox, Outbox.person == key),
        "questions": _rows(Request, Request.asked_by == key, Request.asked_of == key),
        "talks": _rows(Attendance, Attendance.contact == key, Attendance.by == key),
        "notes": _rows(Note, Note.by == key),
        "urges": _rows(Urge, Urge.by == key),
        "follows": _rows(Follow, Follow.person == key),
        "steps": _rows(Step, Step.owner == key, Step.assigned == key, Step.done_by == key),
        "exceptions": _rows(ExceptionCase, ExceptionCase.opened_by == key, ExceptionCase.handler == key),
        "audit": _rows(AuditEntry, AuditEntry.who == key, AuditEntry.subject == f"person:{key}"),
    }  # fmt: skip


def _shown(values: dict[str, Any], numbers: dict[int | None, str]) -> dict[str, Any]:
    found = {name: value for name, value in values.items() if name not in _HASHES}
    if found.get("order_id") in numbers:
        found["order"] = numbers[found["order_id"]]
    return found


def _is_from(payload: Any, names: set[str]) -> bool:
    if isinstance(payload, str):
        return payload in names
    if isinstance(payload, dict):
        return any(_is_from(one, names) for one in payload.values())
    return isinstance(payload, list) and any(_is_from(one, names) for one in payload)
