"""The audit chain: every entry carries the hash of the one before it: no edit, deletion, insertion or cut can hide.

The hash is SHA-256 over the entry's fields as canonical JSON together with the previous hash. The head row names the
last entry; appending locks it, so two writers never make two ends.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select

from store.tables import AuditEntry, AuditHead

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Event:
    """A change about to be written down; the fields are those of AuditEntry."""

    who: str
    what: str
    via: str | None = None
    message: str | None = None
    order_id: int | None = None
    subject: str | None = None
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A place where the chain does not hold: the entry's number, and edited | missing | order | cut."""

    entry: int
    what: str


def entry_hash(entry: AuditEntry) -> str:
    """SHA-256 (hex) of an entry's content and its predecessor's hash."""
    content = {
        "id": entry.id,
        "at": entry.at.astimezone(UTC).isoformat(),
        "who": entry.who,
        "what": entry.what,
        "via": entry.via,
        "message": entry.message,
        "order_id": entry.order_id,
        "subject": entry.subject,
        "before": entry.before,
        "after": entry.after,
        "prev": entry.prev_hash,
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def append(session: Session, events: list[Event], now: datetime) -> None:
    """Write events to the end of the chain, in this transaction."""
    if not events:
        return
    head = session.exec(select(AuditHead).with_for_update()).first()
    if head is None:
        head = AuditHead(id=1, last_id=0, last_hash=GENESIS)
    for event in events:
        entry = AuditEntry(
            id=head.last_id + 1,
            at=now,
            who=event.who,
            what=event.what,
            via=event.via,
            message=event.message,
            order_id=event.order_id,
            subject=event.subject,
            before=event.before,
            after=event.after,
            prev_hash=head.last_hash or GENESIS,
            hash="",
        )
        entry.hash = entry_hash(entry)
        session.add(entry)
        head.last_id, head.last_hash = entry.id, entry.hash
    session.add(head)


def verify(session: Session, batch: int = 1000) -> Iterator[Fault]:
    """Walk the whole chain and yield every place where it does not hold; nothing yielded: it is whole."""
    expected_id, expected_hash, last = 1, GENESIS, 0
    while True:
        entries = session.exec(
            select(AuditEntry).where(col(AuditEntry.id) > last).order_by(col(AuditEntry.id)).limit(batch)
        ).all()
        for entry in entries:
            if entry.id != expected_id:
                yield Fault(expected_id, "missing")
            elif entry.prev_hash != expected_hash:
                yield Fault(entry.id, "order")
            if entry.hash != entry_hash(entry):
                yield Fault(entry.id, "edited")
            expected_id, expected_hash, last = entry.id + 1, entry.hash, entry.id
        session.expunge_all()
        if len(entries) < batch:
            break
    head = session.exec(select(AuditHead)).first()
    if head is None:
        if last:
            yield Fault(last, "cut")
    elif head.last_id != last or (last and head.last_hash != expected_hash):
        yield Fault(max(last, head.last_id), "cut")
