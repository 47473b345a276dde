"""What people said about their own time: promises kept or lapsed, and lateness declared early or only afterwards.

All from the audit log: an acknowledgement with its time is a promise, a postponement says when it was made and which
due moment it replaced.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from store.book import Book
from store.tables import AuditEntry, ExceptionCase, Step

_ACKNOWLEDGED = ("step.acknowledged", "exception.acknowledged")
_Spans = list[tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Promises:
    """What a person promised by acknowledging: how many he kept, how many lapsed, how many are still open."""

    kept: int = 0
    lapsed: int = 0
    open: int = 0

    @property
    def decided(self) -> int:
        """Kept and lapsed."""
        return self.kept + self.lapsed


def promises_between(book: Book, first: datetime, last: datetime | None = None) -> dict[str, Promises]:
    """Acknowledgements with their time made in [first, last), by person; one renewed before it lapsed is one."""
    query = select(AuditEntry).where(col(AuditEntry.at) >= first, col(AuditEntry.what).in_(_ACKNOWLEDGED))
    query = query if last is None else query.where(col(AuditEntry.at) < last)
    spans: dict[tuple[str, int | None, str], _Spans] = {}
    for row in book.session.exec(query.order_by(col(AuditEntry.id))):
        text = row.after.get("acknowledged_until") if isinstance(row.after, dict) else None
        if text is None or row.who is None:
            continue
        runs = spans.setdefault((row.who, row.order_id, row.subject or ""), [])
        until = datetime.fromisoformat(text)
        if runs and row.at < runs[-1][1]:
            runs[-1] = (runs[-1][0], until)
        else:
            runs.append((row.at, until))
    counts: dict[str, dict[str, int]] = defaultdict(lambda: {"kept": 0, "lapsed": 0, "open": 0})
    for (who, order_id, subject), runs in spans.items():
        ended = _ended(book, order_id, subject)
        for start, until in runs:
            done = ended is not None and start <= ended <= until
            counts[who]["kept" if done else "lapsed" if until <= book.now else "open"] += 1
    return {who: Promises(**found) for who, found in counts.items()}


def promises_of(book: Book, person: str, since: datetime) -> Promises:
    """One person's since then."""
    return promises_between(book, since).get(person, Promises())


def declared_late(book: Book, orders: set[int]) -> Mapping[tuple[int, str], bool]:
    """By order and step key: whether a postponement came only after the due moment that it replaced; else it was early.

    Steps that were never postponed are not in it.
    """
    found: dict[tuple[int, str], bool] = {}
    for entry in _postponements(book, orders):
        if entry.order_id is None or entry.subject is None:
            continue
        before = datetime.fromisoformat(entry.before) if isinstance(entry.before, str) else None
        key = (entry.order_id, entry.subject.removeprefix("step:"))
        found[key] = found.get(key, False) or (before is not None and entry.at > before)
    return found


def _postponements(book: Book, orders: set[int]) -> Iterator[AuditEntry]:
    ids = sorted(orders)
    for start in range(0, len(ids), _AT_ONCE):
        yield from book.session.exec(
            select(AuditEntry).where(
                col(AuditEntry.order_id).in_(ids[start : start + _AT_ONCE]), AuditEntry.what == "step.postponed"
            )
        )


_AT_ONCE = 500


def _ended(book: Book, order_id: int | None, subject: str) -> datetime | None:
    kind, _, key = subject.partition(":")
    if kind == "step":
        step = book.session.exec(select(Step).where(Step.order_id == order_id, Step.key == key)).first()
        return step.done_at if step else None
    case = book.session.get(ExceptionCase, int(key))
    return case.closed_at if case else None
