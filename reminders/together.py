"""Several late things of one person go as one message at digest times: whether, and when next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from reminders import world
from reminders.digest import next_digest
from store.book import Book
from store.tables import Deadline

_WAITING = "reminders.arming"
SEVERAL = 2
"""From so many late things on a person gets them together."""


def several_late(book: Book, person: str) -> bool:
    """Whether single repeats are left to the digest."""
    return len(world.late_things(book, person)) >= SEVERAL


def arm_digest(book: Book, person: str) -> None:
    """See to it that the person's next digest time is looked at; two replicas may do so at once."""
    waiting: set[str] | None = book.session.info.get(_WAITING)
    if waiting is not None:
        waiting.add(person)
        return
    row = _row(book, person)
    if row is None:
        _begin_person(book, person)
        row = _row(book, person)
    if row is not None and row.next_at is None:
        zone, calendar = world.zone_of(book, person), world.calendar_of(book, person)
        row.next_at = next_digest(book.company.pushes.digest, zone, calendar, book.now)
        book.session.add(row)


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
    if not waiting:
        return
    query = select(Deadline).where(Deadline.subject == "person", col(Deadline.subject_key).in_(waiting))
    armed = {row.subject_key for row in book.session.exec(query) if row.next_at is not None}
    for person in sorted(waiting - armed):
        arm_digest(book, person)


def _begin_person(book: Book, person: str) -> None:
    values = {"subject": "person", "subject_key": person, "owner": person, "episode": 1, "state": {}}
    insert = postgresql.insert if book.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(Deadline).values(values).on_conflict_do_nothing(index_elements=["subject", "subject_key"])
    book.session.connection().execute(statement)


def _row(book: Book, person: str) -> Deadline | None:
    query = select(Deadline).where(Deadline.subject == "person", Deadline.subject_key == person)
    return book.session.exec(query).first()
