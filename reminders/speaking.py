"""Voice: collects what a sweep has to say and writes it into the outbox, with its evidence beside it.

What is said at its own moment goes out on its own. What is said late (the process was down) is marked as held, a few
seconds apart from person to person, so that delivery merges it into one message each and the platforms are not flooded.
"""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from reminders.rules import Push
from store.book import Book
from store.many import write_many
from store.messages import Letter, is_named, pack_letter
from store.plain import AnyOrder, DeadlineRow, table_of
from store.session import insert_rows
from store.tables import Deadline, Outbox, Reminder

LATE = timedelta(minutes=2)
SPREAD_S = 20


@dataclass(frozen=True, slots=True)
class Saying:
    """A letter to one person, with every push that it stands for (after an outage one letter may do for several)."""

    row: Deadline | DeadlineRow
    person: str
    pushes: tuple[Push, ...]
    letter: Letter
    order: AnyOrder | None
    card: str
    urgent: bool


class Voice:
    """What one sweep says."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._sayings: list[Saying] = []

    def say(self, saying: Saying) -> None:
        """To be said when the sweep ends."""
        self._sayings.append(saying)

    def speak(self) -> None:
        """Write everything into the outbox, and a Reminder row for each push; two statements, however many rows."""
        if not self._sayings:
            return
        waiting = Counter(saying.person for saying in self._sayings)
        letters = [self._row(saying, several=waiting[saying.person] > 1) for saying in self._sayings]
        self._book.session.flush()
        connection = self._book.session.connection()
        ids = insert_rows(connection, Outbox, letters)
        told = zip(self._sayings, ids, strict=True)
        evidence = [self._evidence(saying, push, row) for saying, row in told for push in saying.pushes]
        write_many(connection, _EVIDENCE, evidence)
        self._book.news.add("outbox")
        self._sayings.clear()

    def _row(self, saying: Saying, *, several: bool) -> dict[str, Any]:
        late = several and self._book.now - saying.pushes[-1].moment > LATE
        now = self._book.now
        return {
            "person": saying.person,
            "kind": "push",
            "rule": saying.pushes[-1].rule,
            "urgent": saying.urgent,
            "body": pack_letter(saying.letter),
            "named": is_named(saying.letter),
            "card": saying.card,
            "order_id": saying.order.id if saying.order else None,
            "orders": [saying.order.number] if saying.order else [],
            "created_at": now,
            "send_at": spread(saying.person, now) if late else now,
            "status": "pending",
            "attempts": 0,
            "tried": [],
            "buttons_live": False,
        }

    def _evidence(self, saying: Saying, push: Push, outbox: int | None) -> dict[str, Any]:
        return {
            "subject": saying.row.subject,
            "subject_key": saying.row.subject_key,
            "episode": saying.row.episode,
            "rule": push.rule,
            "turn": push.turn,
            "person": saying.person,
            "order_id": saying.row.order_id,
            "moment": push.moment,
            "made_at": self._book.now,
            "outbox_id": outbox,
        }


_EVIDENCE = insert(table_of(Reminder))


def spread(person: str, now: datetime) -> datetime:
    """Some seconds from now, always the same for one person, so that all of his go together."""
    return now + timedelta(seconds=1 + zlib.crc32(person.encode()) % SPREAD_S)
