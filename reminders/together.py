"""Several late things of one person go as one message at digest times: whether, and when next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlmodel import col, select

from reminders import world
from reminders.digest import next_digest
from store.book import Book
from store.inserting import insert_into
from store.tables import Deadline

_WAITING = "reminders.arming"
SEVERAL = 2
"""From so many late things on a person gets them together."""


def several_late(book: Book, person: str) -> bool:
    """Whether single repeats are left to the digest."""
    return world.late_counts(book, [person]).get(person, 0) >= SEVERAL


def arm_digest(book: Book, person: str) -> None:
    """See to it that the person's next digest time is looked at; two replicas may do so at once."""
    waiting: set[str] | None = book.session.info.get(_WAITING)
    if waiting is not None:
        waiting.add(person)
    else:
        _arm(book, [person])


@contextmanager
def arming_together(book: Book) -> Iterator[None]:
    """Whoever is armed inside is armed at the end, in the order of the keys.

    Replicas that sweep side by side arm the same people: late and in one order, they hardly wait and never embrace.
    """
    waiting: set[str] = book.session.info.setdefault(_WAITING, set())
    try:
        yield
    finally:
        del book.session.info[_WAITING]
    if waiting:
        _arm(book, sorted(waiting))


def _arm(book: Book, people: Sequence[str]) -> None:
    """Begin or arm the rows of those who have no digest ahead: two statements, however many they are."""
    query = select(Deadline.subject_key).where(Deadline.subject == "person", col(Deadline.subject_key).in_(people))
    armed = set(book.session.exec(query.where(col(Deadline.next_at).is_not(None))))
    unarmed = [
        {
            "subject": "person",
            "subject_key": person,
            "owner": person,
            "next_at": next_digest(
                book.company.pushes.digest, world.zone_of(book, person), world.calendar_of(book, person), book.now
            ),
            "episode": 1,
            "state": {},
        }
        for person in people
        if person not in armed
    ]
    if unarmed:
        connection = book.session.connection()
        new = insert_into(book.session, Deadline)
        statement = new.on_conflict_do_update(
            index_elements=["subject", "subject_key"],
            set_={"next_at": new.excluded.next_at},
            where=col(Deadline.next_at).is_(None),
        )
        connection.execute(statement, unarmed)
