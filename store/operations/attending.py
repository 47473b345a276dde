"""A colleague talks with a customer's contact himself: the bot passes words on, both ways, and says nothing of its own.

It comes back when it is told to, or when nobody has said anything for as long as was set.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import col, select

from store.book import Book
from store.messages import FileRef, Letter, Phrase
from store.operations import frame
from store.operations.cards import button
from store.refusals import Invalid, NotAllowed, NotFound
from store.rules.rights import may
from store.tables import Attendance

MINUTES = 30
"""Clock time of silence after which the bot comes back, unless another was said."""

_MOST = 24 * 60
MAX_TEXT = 2000


def attended(book: Book, contact: str) -> Attendance | None:
    """The talk that a colleague is having with a contact now."""
    query = select(Attendance).where(
        Attendance.contact == contact, col(Attendance.ended_at).is_(None), col(Attendance.until) > book.now
    )
    return book.session.exec(query.order_by(col(Attendance.id).desc()).limit(1)).first()


def talks_of(book: Book, person: str) -> list[Attendance]:
    """The talks that a colleague is having now, newest first."""
    query = select(Attendance).where(
        Attendance.by == person, col(Attendance.ended_at).is_(None), col(Attendance.until) > book.now
    )
    return list(book.session.exec(query.order_by(col(Attendance.id).desc())))


def begin_talk(book: Book, contact: str, minutes: int | None = None) -> Attendance:
    """Take over the talk with a contact; whoever had it before has it no longer.

    Raises:
        NotFound: no contact of that key.
        NotAllowed: neither his salesperson nor a coordinator.
    """
    _require(book, contact)
    before = attended(book, contact)
    if before is not None:
        _end(book, before)
    silence = min(max(minutes or MINUTES, 1), _MOST)
    row = Attendance(
        contact=contact, by=book.by.key, since=book.now, until=book.now + timedelta(minutes=silence), minutes=silence
    )
    book.session.add(row)
    book.record("talk.begun", subject=f"person:{contact}", after={"minutes": silence})
    if before is None or before.by != book.by.key:
        here = Letter((Phrase("talk.human_here", {"who": frame.name(book, book.by.key)}),))
        book.tell(contact, here, rule="talk", urgent=True)
    return row


def end_talk(book: Book, contact: str) -> None:
    """The bot answers again.

    Raises:
        NotFound, NotAllowed: as begin_talk.
        Invalid: talk.not_on.
    """
    _require(book, contact)
    row = attended(book, contact)
    if row is None:
        raise Invalid("talk.not_on", person=frame.name(book, contact))
    _end(book, row)


def pass_in(book: Book, row: Attendance, text: str, files: Sequence[FileRef] = ()) -> None:
    """What the contact says goes to whoever talks with him; the silence counts anew."""
    go_on(book, row)
    facts = {"person": frame.name(book, row.contact), "text": text.strip()[:MAX_TEXT]}
    says = [Phrase("talk.heard", facts)] if text.strip() else []
    says += [Phrase("talk.files", facts)] if files else []
    book.record("talk.heard", subject=f"person:{row.contact}", after={"text": facts["text"]})
    letter = Letter(tuple(says), (button("talk_end", f"talk.end:{row.contact}"),), tuple(files))
    book.tell(row.by, letter, rule="talk", urgent=True, card=f"talk:{row.contact}")


def pass_out(book: Book, contact: str, text: str) -> None:
    """What the colleague says goes to the contact, as his.

    Raises:
        NotFound, NotAllowed: as begin_talk.
        Invalid: refused.answer_empty.
    """
    _require(book, contact)
    said = text.strip()[:MAX_TEXT]
    if not said:
        raise Invalid("refused.answer_empty")
    row = attended(book, contact)
    if row is not None and row.by == book.by.key:
        go_on(book, row)
    book.record("talk.said", subject=f"person:{contact}", after={"text": said})
    facts = {"by": frame.name(book, book.by.key), "text": said}
    book.tell(contact, Letter((Phrase("talk.said", facts),)), rule="question", urgent=True)


def go_on(book: Book, row: Attendance) -> None:
    """Somebody said something: the silence counts anew."""
    row.until = max(row.until, book.now + timedelta(minutes=row.minutes))
    book.session.add(row)


def _end(book: Book, row: Attendance) -> None:
    row.ended_at, row.ended_by = book.now, book.by.key
    book.session.add(row)
    book.record("talk.ended", subject=f"person:{row.contact}")


def _require(book: Book, contact: str) -> None:
    human, me = book.company.people.get(contact), book.company.people.get(book.by.key)
    client = book.company.customers.get(human.customer or "") if human else None
    if human is None or client is None or me is None or me.is_contact:
        raise NotFound(what=contact)
    has = {*me.roles, *(("salesperson",) if client.salesperson == me.key else ())}
    if not may("contact.talk", has):
        who = [frame.name(book, client.salesperson)] if client.salesperson else []
        raise NotAllowed(right=Phrase("right.contact.talk"), who=who)
