"""The audit chain: every entry carries the hash of the one before it: no edit, deletion, insertion or cut can hide.

The hash is SHA-256 over the entry's fields as canonical JSON together with the previous hash. The head row names the
last entry; appending locks it, so two writers never make two ends.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select as sql_select
from sqlalchemy import text
from sqlmodel import Session, col, select

from store.plain import table_of
from store.prepared import Prepared
from store.tables import AuditEntry, AuditHead

GENESIS = "0" * 64
_BEGIN = Prepared(text("INSERT INTO audit_head (id, last_id, last_hash) VALUES (1, 0, :hash) ON CONFLICT DO NOTHING"))
_MOVE = Prepared(text("UPDATE audit_head SET last_id = :id, last_hash = :hash"))
_FIELDS = ("id", "at", "who", "what", "via", "message", "order_id", "subject", "before", "after", "prev_hash")
_WRITE = Prepared(table_of(AuditEntry).insert())
_HEADS = table_of(AuditHead).columns
_HEAD = Prepared(sql_select(_HEADS.last_id, _HEADS.last_hash).with_for_update())


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


_SAID = tuple(one.name for one in fields(Event))


def entry_hash(entry: AuditEntry) -> str:
    """SHA-256 (hex) of an entry's content and its predecessor's hash."""
    return _hash({name: getattr(entry, name) for name in _FIELDS})


def _hash(row: Mapping[str, Any]) -> str:
    content = {name: row[name] for name in _FIELDS}
    content["at"] = row["at"].astimezone(UTC).isoformat()
    content["prev"] = content.pop("prev_hash")
    plain = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def append(session: Session, events: list[Event], now: datetime) -> None:
    """Write events to the end of the chain, in this transaction."""
    if not events:
        return
    connection = session.connection()
    head = _HEAD.first(connection)
    if head is None:  # the very first units may come together: one begins the chain, the others wait for it
        _BEGIN.count(connection, hash=GENESIS)
        (head,) = _HEAD.rows(connection)
    last_id, last_hash = head
    rows = []
    for event in events:
        row = {
            "id": last_id + 1,
            "at": now,
            **{name: getattr(event, name) for name in _SAID},
            "prev_hash": last_hash or GENESIS,
        }
        row["hash"] = _hash(row)
        rows.append(row)
        last_id, last_hash = row["id"], row["hash"]
    _MOVE.count(connection, id=last_id, hash=last_hash)
    _WRITE.each(connection, rows)  # nobody needs them as objects


def verify(session: Session, batch: int = 1000) -> Iterator[Fault]:
    """Walk the whole chain and yield every place where it does not hold; nothing yielded: it is whole.

    An entry that was redacted when a person was erased says something else than what was hashed; it holds if it says
    exactly what the chain itself, in the entry of that erasing, tells that it says now.
    """
    redacted = _redacted(session)
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
            content = entry_hash(entry)
            if content not in {entry.hash, redacted.get(entry.id)}:
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


def _redacted(session: Session) -> dict[int, str]:
    """The hashes of entries as they stand since a person was erased, the last erasing's counting."""
    found: dict[int, str] = {}
    query = select(AuditEntry).where(AuditEntry.what == "person.erased").order_by(col(AuditEntry.id))
    for entry in session.exec(query):
        if entry.hash == entry_hash(entry) and isinstance(entry.after, dict):
            found |= {int(number): str(content) for number, content in entry.after.get("entries", {}).items()}
    session.expunge_all()
    return found
