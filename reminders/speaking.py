"""Voice: collects what a sweep has to say and writes it into the outbox, with its evidence beside it.

What is said at its own moment goes out on its own. What is said late (the process was down) is marked as held, a few
seconds apart from person to person, so that delivery merges it into one message each and the platforms are not flooded.
"""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from reminders.rules import Push
from store.book import Book
from store.messages import Letter
from store.tables import Deadline, Order, Outbox, Reminder

LATE = timedelta(minutes=2)
SPREAD_S = 20


@dataclass(frozen=True, slots=True)
class Saying:
    """A letter to one person, with every push that it stands for (after an outage one letter may do for several)."""

    row: Deadline
    person: str
    pushes: tuple[Push, ...]
    letter: Letter
    order: Order | None
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
        """Write everything into the outbox, and a Reminder row for each push."""
        waiting = Counter(saying.person for saying in self._sayings)
        told = [(saying, self._tell(saying, several=waiting[saying.person] > 1)) for saying in self._sayings]
        self._book.session.flush()
        for saying, outbox in told:
            for push in saying.pushes:
                self._book.session.add(self._evidence(saying, push, outbox))
        self._sayings.clear()

    def _tell(self, saying: Saying, *, several: bool) -> Outbox:
        late = several and self._book.now - saying.pushes[-1].moment > LATE
        return self._book.tell(
            saying.person,
            saying.letter,
            rule=saying.pushes[-1].rule,
            urgent=saying.urgent,
            card=saying.card,
            order=saying.order,
            send_at=spread(saying.person, self._book.now) if late else None,
        )

    def _evidence(self, saying: Saying, push: Push, outbox: Outbox) -> Reminder:
        return Reminder(
            subject=saying.row.subject,
            subject_key=saying.row.subject_key,
            episode=saying.row.episode,
            rule=push.rule,
            turn=push.turn,
            person=saying.person,
            order_id=saying.row.order_id,
            moment=push.moment,
            made_at=self._book.now,
            outbox_id=outbox.id,
        )


def spread(person: str, now: datetime) -> datetime:
    """Some seconds from now, always the same for one person, so that all of his go together."""
    return now + timedelta(seconds=1 + zlib.crc32(person.encode()) % SPREAD_S)
