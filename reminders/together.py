"""Several late things of one person go as one message at digest times: whether, and when next."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import select

from reminders import world
from reminders.digest import next_digest
from store.book import Book
from store.tables import Deadline

_ARMED = "reminders.armed"
SEVERAL = 2
"""From so many late things on a person gets them together."""


def several_late(book: Book, person: str) -> bool:
    """Whether single repeats are left to the digest."""
    return len(world.late_things(book, person)) >= SEVERAL


def arm_digest(book: Book, person: str) -> None:
    """See to it that the person's next digest time is looked at; two replicas may do so at once."""
    armed: set[str] = book.session.info.setdefault(_ARMED, set())
    if person in armed:
        return  # in this very unit
    armed.add(person)
    row = _row(book, person)
    if row is None:
        _begin_person(book, person)
        row = _row(book, person)
    if row is not None and row.next_at is None:
        zone, calendar = world.zone_of(book, person), world.calendar_of(book, person)
        row.next_at = next_digest(book.company.pushes.digest, zone, calendar, book.now)
        book.session.add(row)


def disarmed(book: Book, person: str) -> None:
    """The person's digest time has come: it may be armed anew in this unit."""
    book.session.info.setdefault(_ARMED, set()).discard(person)


def _begin_person(book: Book, person: str) -> None:
    values = {"subject": "person", "subject_key": person, "owner": person, "episode": 1, "state": {}}
    insert = postgresql.insert if book.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(Deadline).values(values).on_conflict_do_nothing(index_elements=["subject", "subject_key"])
    book.session.connection().execute(statement)


def _row(book: Book, person: str) -> Deadline | None:
    query = select(Deadline).where(Deadline.subject == "person", Deadline.subject_key == person)
    return book.session.exec(query).first()
