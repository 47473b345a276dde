"""How customers fare, as figures: how many have to chase, how many score, how many questions are answered and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlmodel import col, func, select

from store.book import Book
from store.messages import WorkTime
from store.tables import AuditEntry, Order, Outbox, Person, Request, Urge


@dataclass(frozen=True, slots=True)
class Share:
    """`good` of `total`."""

    good: int
    total: int

    @property
    def percent(self) -> Decimal | None:
        """The share in percent, to a tenth; None of nothing."""
        return (Decimal(self.good) * 100 / self.total).quantize(Decimal("0.1")) if self.total else None


@dataclass(frozen=True, slots=True)
class CustomerFigures:
    """Of a period.

    Attributes:
        chased: orders that a contact of their customer urged in it, of all that were in work in it.
        urges: how often, in all.
        scored: orders that got a score, of those whose customer was asked in it.
        score: the mean of those scores.
        answered: customers' questions of the period that were answered.
        waited: the working time they waited on average.
    """

    chased: Share
    urges: int
    scored: Share
    score: Decimal | None
    answered: Share
    waited: WorkTime | None


def customer_figures(book: Book, first: datetime, last: datetime) -> CustomerFigures:
    """The figures of the moments from `first` up to (not including) `last`."""
    contacts = select(Person.key).where(Person.kind == "contact")
    urges = book.session.exec(
        select(Urge.order_id).where(col(Urge.by).in_(contacts), col(Urge.at) >= first, col(Urge.at) < last)
    ).all()
    in_work = book.session.exec(
        select(func.count()).where(
            col(Order.placed_at) < last, col(Order.closed_at).is_(None) | (col(Order.closed_at) >= first)
        )
    ).one()
    asked, scores = _scores(book, first, last)
    answered, waited = _questions(book, first, last)
    mean = (Decimal(sum(scores.values())) / len(scores)).quantize(Decimal("0.1")) if scores else None
    return CustomerFigures(
        Share(len(set(urges)), in_work), len(urges), Share(len(scores), len(asked)), mean, answered, waited
    )


def _scores(book: Book, first: datetime, last: datetime) -> tuple[set[int], dict[int, int]]:
    """The orders whose customer was asked for a score in the period, and the last score of each that gave one."""
    asked = {
        order
        for order in book.session.exec(
            select(Outbox.order_id).where(
                Outbox.rule == "survey", col(Outbox.card).startswith("score:"), Outbox.kind == "push",
                col(Outbox.created_at) >= first, col(Outbox.created_at) < last,
            )
        )
        if order is not None
    }  # fmt: skip
    given = book.session.exec(
        select(AuditEntry.order_id, AuditEntry.after)
        .where(AuditEntry.what == "survey.answered", col(AuditEntry.order_id).in_(asked))
        .order_by(col(AuditEntry.id))
    ).all()
    return asked, {order: int(after["score"]) for order, after in given if order is not None and after}


def _questions(book: Book, first: datetime, last: datetime) -> tuple[Share, WorkTime | None]:
    rows = book.session.exec(
        select(Request).where(Request.kind == "question", col(Request.asked_at) >= first, col(Request.asked_at) < last)
    ).all()
    answered = [row for row in rows if row.status == "accepted" and row.decided_at is not None]
    if not answered:
        return Share(0, len(rows)), None
    calendar = book.company.calendar
    waits = (calendar.elapsed(row.asked_at, row.decided_at or row.asked_at) for row in answered)
    minutes = sum(wait.total_seconds() for wait in waits) / 60 / len(answered)
    return Share(len(answered), len(rows)), WorkTime(round(minutes), calendar.day_minutes)
