"""What people were asked, as the auditor sees it: when each should have been asked again, and what had to lapse.

Told by the rows of what was asked, by the log (holds) and by the evidence of each time of asking, from which the next
is counted; never by a deadline. The first gap of a question is found, what would have followed it is not guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, or_, select

from reminders import world
from reminders.asking import AGAIN, ASKED, DAY, ONCE, Question, asked_of
from reminders.history import held
from store.book import Book
from store.messages import Fact, Phrase
from store.tables import Change, Order, Reminder, Request

LAPSE = "lapse"
_NONE = "-"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something that had to come of a question: it was to be asked again, or to lapse."""

    subject: str
    key: str
    order: str
    name: Fact
    rule: str
    moment: datetime
    person: str


def wanted_between(book: Book, first: datetime, last: datetime) -> Iterator[Wanted]:
    """Every asking again and every lapse that fell into [first, last)."""
    for question in _questions(book, first, last):
        order = book.session.get(Order, question.order_id) if question.order_id is not None else None
        if order is not None and order.closed_at is not None and order.closed_at < first:
            continue
        yield from (one for one in _of(book, question, order) if first <= one.moment < last)


def waiting(book: Book, order: Order) -> list[Question]:
    """What has been asked about an order and not been answered, oldest first."""
    requests = select(Request).where(Request.order_id == order.id, Request.status == "pending")
    changes = select(Change).where(Change.order_id == order.id, Change.status == "pending")
    found: list[Question] = [*book.session.exec(requests).all(), *book.session.exec(changes).all()]
    return sorted(found, key=lambda one: one.asked_at)


def settled(book: Book, key: str) -> bool:
    """Whether a request that had to lapse has been decided, or has lapsed."""
    request = book.session.get(Request, int(key))
    return request is None or request.status != "pending"


def _questions(book: Book, first: datetime, last: datetime) -> list[Question]:
    requests = select(Request).where(
        col(Request.asked_at) < last, or_(col(Request.decided_at).is_(None), col(Request.decided_at) >= first)
    )
    changes = select(Change).where(
        col(Change.asked_at) < last, or_(col(Change.decided_at).is_(None), col(Change.decided_at) >= first)
    )
    return [*book.session.exec(requests).all(), *book.session.exec(changes).all()]


def _of(book: Book, question: Question, order: Order | None) -> Iterator[Wanted]:
    asked = asked_of(question)
    subject = "change" if isinstance(question, Change) else "request"

    def _wanted(rule: str, moment: datetime) -> Wanted:
        number = order.number if order is not None else _NONE
        name = Phrase(f"reminder.asked.{asked.kind}")
        return Wanted(subject, str(question.id), number, name, rule, moment, asked.person)

    ended = question.decided_at or (order.closed_at if order is not None else None) or book.now
    lapses = question.lapses_at if isinstance(question, Request) else None
    if lapses is not None:
        if question.status == "pending" or lapses < ended:
            yield _wanted(LAPSE, lapses)
        return
    if asked.kind in AGAIN and asked.person:
        yield from (_wanted(ASKED, moment) for moment in _askings(book, question, order, ended))


def _askings(book: Book, question: Question, order: Order | None, ended: datetime) -> Iterator[datetime]:
    """When he was to be asked again: some working time after the question and after each time he was; not on hold."""
    asked = asked_of(question)
    calendar = world.calendar_of(book, asked.person)
    days = AGAIN[asked.kind] == DAY
    minutes = calendar.day_minutes if days else calendar.minutes(book.company.pushes.urge_again)
    quiet = held(book, order) if order is not None else []
    for turn, anchor in enumerate((asked.since, *_said(book, question))):
        if turn and asked.kind in ONCE:
            return
        moment = calendar.add(anchor, minutes)
        while any(one.since <= moment < one.until for one in quiet):
            moment = calendar.add(moment, minutes)  # looked at, and left for as long again
        if moment < ended:
            yield moment


def _said(book: Book, question: Question) -> list[datetime]:
    subject = "change" if isinstance(question, Change) else "request"
    query = select(Reminder.made_at).where(
        Reminder.subject == subject, Reminder.subject_key == str(question.id), Reminder.rule == ASKED
    )
    return list(book.session.exec(query.order_by(col(Reminder.id))))
