"""What befell an order, from its audit entries: as the API gives it, and as phrases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import col, select

from store.book import GENDAN, Book
from store.messages import Fact, Phrase, unpack
from store.operations import frame
from store.reads.document import event_document
from store.session import Rows
from store.tables import AuditEntry, ExceptionCase, Order

_SILENT = frozenset({
    "step.snoozed", "exception.snoozed", "follow.added", "follow.removed", "step.skipped", "customer.told",
    "tracking.shared",
})  # fmt: skip
"""What nobody asks about when he asks what happened."""


def entries_of(book: Book, order: Order) -> list[AuditEntry]:
    """All audit entries of an order, oldest first."""
    query = select(AuditEntry).where(AuditEntry.order_id == order.id).order_by(col(AuditEntry.id))
    return list(book.session.exec(query))


def order_events(book: Book, order: Order) -> list[dict[str, Any]]:
    """The same as `GET /api/orders/{number}/events` gives them."""
    return [event_document(book, entry) for entry in entries_of(book, order)]


def reads_of(book: Book, number: str) -> list[AuditEntry]:
    """When the customer's people looked at an order, in chat or on its public page, oldest first."""
    query = select(AuditEntry).where(AuditEntry.what == "order.read", AuditEntry.subject == f"order:{number}")
    return list(book.session.exec(query.order_by(col(AuditEntry.id))))


_NEWEST = Rows(
    AuditEntry,
    col(AuditEntry.order_id) == bindparam("order"),
    order=(col(AuditEntry.id).desc(),),
    limit=12,  # among so many there is nearly always what is looked for
)


def newest_entries(book: Book, order: Order) -> Sequence[AuditEntry]:
    """The newest entries of an order, newest first: read once for whoever looks for several things among them."""
    return book.session.find(_NEWEST, order=order.id)


def _all_there_are(lately: Sequence[AuditEntry]) -> bool:
    return not lately or lately[-1].what == "order.placed"


def last_entries(book: Book, order: Order, lately: Sequence[AuditEntry], count: int = 3) -> list[AuditEntry]:
    """The last things worth telling that befell an order, newest first; `lately`: its newest entries."""
    found = [entry for entry in lately if entry.what not in _SILENT][:count]
    if len(found) == count or _all_there_are(lately):
        return found
    query = (
        select(AuditEntry)
        .where(AuditEntry.order_id == order.id, col(AuditEntry.what).not_in(_SILENT))
        .order_by(col(AuditEntry.id).desc())
        .limit(count)
    )
    return list(book.session.exec(query))


def last_confirmed(book: Book, order: Order, lately: Sequence[AuditEntry]) -> AuditEntry | None:
    """The last time that a human said how things stand, not the assistant itself; `lately`: the newest entries."""
    found = next((entry for entry in lately if entry.who != GENDAN and entry.what in _CONFIRMS), None)
    if found is not None or _all_there_are(lately):
        return found
    query = select(AuditEntry).where(
        AuditEntry.order_id == order.id, AuditEntry.who != GENDAN, col(AuditEntry.what).in_(_CONFIRMS)
    )
    return book.session.exec(query.order_by(col(AuditEntry.id).desc()).limit(1)).first()


_CONFIRMS = (
    *("order.placed", "order.changed", "order.held", "order.resumed", "note.added"),
    *(
        "step.acknowledged",
        "step.done",
        "step.postponed",
        "step.handover_accepted",
        "step.claimed",
        "step.part_shipped",
    ),
    *("review.approved", "review.returned", "change.applied", "promise.moved", "promise.kept"),
    *("exception.opened", "exception.acknowledged", "exception.ticked", "exception.closed"),
)


def event_phrase(book: Book, order: Order, entry: AuditEntry, *, full: bool = False) -> Phrase:
    """An entry in words: when, who, what, of which step; `full` adds the channel and, if any, the reason."""
    after = entry.after if isinstance(entry.after, dict) else {}
    facts: dict[str, Fact] = {
        "at": entry.at,
        "who": frame.name(book, entry.who),
        "what": Phrase(f"did.{entry.what}"),
        "step": _subject(book, order, entry),
        "detail": _detail(book, order, entry),
        "reason": _text(after.get("reason"))
        or _text(after.get("note"))
        or _text(after.get("text"))
        or _text(after.get("solution"))
        or (list(unpack(after["says"])) if full and after.get("says") else None),
    }
    if full:
        facts["via"] = entry.via
    return Phrase("event.line", facts)


def _subject(book: Book, order: Order, entry: AuditEntry) -> Fact:
    kind, _, key = (entry.subject or "").partition(":")
    if kind == "exception" and key.isdigit():
        case = book.session.get(ExceptionCase, int(key))
        return case.name if case is not None else None
    if kind != "step":
        return None
    return next((one.name.raw for one in frame.flow_of(book, order).steps if one.key == key), None)


_NOT_FIELDS = frozenset({"version", "reason", "reviewer", "order_version"})
_GIVEN_TO = {"step.handover_asked": "to", "step.started": "owner"}


def _detail(book: Book, order: Order, entry: AuditEntry) -> Fact:
    """What was changed from what to what, to whom a step went, until when it was put off; None if nothing of these."""
    before, after = entry.before, entry.after
    if entry.what in {"order.changed", "change.asked", "change.applied", "change.refused"}:
        return _fields(book, order, before, after) if isinstance(before, dict) and isinstance(after, dict) else None
    if entry.what in {"step.owner_changed", "step.handover_accepted", "step.claimed"} and isinstance(after, str):
        return Phrase("event.to", {"who": frame.name(book, after)})
    if isinstance(after, dict) and (key := _GIVEN_TO.get(entry.what)) and after.get(key):
        return Phrase("event.to", {"who": frame.name(book, after[key])})
    if entry.what == "step.postponed" and isinstance(after, dict) and _text(after.get("due")):
        return Phrase("event.until", {"at": datetime.fromisoformat(after["due"])})
    return None


def _fields(book: Book, order: Order, before: dict[str, Any], after: dict[str, Any]) -> Fact:
    """«数量 100→120, 单价 58.5→60»; a field that the order has no longer is left out."""
    told: Phrase | None = None
    for name in reversed([one for one in after if one not in _NOT_FIELDS]):
        key = name.partition(".")[0]
        own = next((one.name.raw for one in frame.flow_of(book, order).part.order_form if one.field == key), None)
        if own is not None or key in _FIELDS:
            label = own if own is not None else Phrase(f"field.{key}")
            facts = {"label": label, "before": before.get(name), "after": after[name], "more": told}
            told = Phrase("event.field", facts)
    return told


_FIELDS = frozenset({"quantity", "price", "product", "promise_date", "po_number"})


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def waits(book: Book, entries: Sequence[AuditEntry]) -> list[int]:
    """The working minutes between each entry and the one before it, by the company's calendar."""
    calendar = book.company.calendar
    pairs = pairwise(entries)
    waited = [round(calendar.elapsed(one.at, other.at).total_seconds() / 60) for one, other in pairs]
    return [0, *waited] if entries else []
