"""Numbers asked in vain: whoever tries many that are not his to see is slowed down, and an administrator hears of it.

Counted alike for «not yours» and «not there», so that the counting tells no more than the answers do.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from store.book import Book
from store.messages import Letter, Phrase
from store.operations import frame
from store.tables import AskedInVain

MOST = 20
WITHIN = timedelta(minutes=10)
SLOWED = timedelta(minutes=10)


def slowed_until(book: Book, who: str) -> datetime | None:
    """Until when somebody's numbers are not looked up; None: they are."""
    row = book.session.get(AskedInVain, who)
    return row.slowed_until if row is not None and row.slowed_until and row.slowed_until > book.now else None


def asked_in_vain(book: Book, who: str, times: int = 1) -> datetime | None:
    """Count numbers that were not found; until when he is slowed down, if that has now begun."""
    row = book.session.get(AskedInVain, who, with_for_update=True)
    if row is None or row.since + WITHIN <= book.now:
        row = row or AskedInVain(who=who, since=book.now)
        row.since, row.count = book.now, 0
    row.count += times
    book.session.add(row)
    if row.count < MOST or (row.slowed_until is not None and row.slowed_until > book.now):
        return None
    row.slowed_until = book.now + SLOWED
    book.record("isolation.slowed", subject=f"person:{who}", after={"count": row.count})
    _tell(book, who, row.count)
    row.since, row.count = row.slowed_until, 0
    return row.slowed_until


def _tell(book: Book, who: str, count: int) -> None:
    human = book.company.people.get(who)
    facts = {
        "person": frame.name(book, who),
        "customer": frame.customer_name(book, human.customer) if human and human.customer else None,
        "count": count,
        "channel": book.by.via,
    }
    for admin in book.company.with_role("admin"):
        book.tell(admin.key, Letter((Phrase("isolation.told", facts),)), rule="isolation")
