"""Order numbers: one running count a scope of the company's template, handed out without gaps inside a transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, text
from sqlalchemy import select as sql_select
from sqlmodel import select

from store.book import Book
from store.plain import table_of
from store.prepared import Prepared
from store.tables import Order

_TAKE = Prepared(
    text(
        "INSERT INTO counter (name, value) VALUES (:name, :count) "
        "ON CONFLICT (name) DO UPDATE SET value = counter.value + :count RETURNING value"
    )
)

_ORDER = table_of(Order).columns
_GIVEN = Prepared(sql_select(_ORDER.id).where(_ORDER.number == bindparam("number")))


@dataclass(frozen=True, slots=True)
class OrderNumber:
    """A number and its running part."""

    text: str
    seq: int


def next_numbers(book: Book, count: int) -> list[OrderNumber]:
    """The next `count` order numbers of today (in the company's zone). The counter's row is locked until the commit."""
    template = book.company.numbering
    day = company_day(book)
    numbers: list[OrderNumber] = []
    while len(numbers) < count:
        wanted = count - len(numbers)
        scope = f"order:{template.scope(day)}"
        ((last,),) = _TAKE.rows(book.session.connection(), name=scope, count=wanted)
        fresh = [OrderNumber(template.number(day, seq), seq) for seq in range(last - wanted + 1, last + 1)]
        numbers += _unused(book, fresh)
    return numbers


def next_number(book: Book) -> OrderNumber:
    """The next order number."""
    return next_numbers(book, 1)[0]


def company_day(book: Book) -> date:
    """Today, where the company is."""
    return book.now.astimezone(book.company.zone).date()


def _unused(book: Book, numbers: list[OrderNumber]) -> list[OrderNumber]:
    """Without those that an earlier template has given already."""
    if len(numbers) == 1:
        taken_by = _GIVEN.first(book.session.connection(), number=numbers[0].text)
        return numbers if taken_by is None else []
    free: list[OrderNumber] = []
    for start in range(0, len(numbers), 500):
        part = numbers[start : start + 500]
        taken = set(book.session.exec(select(Order.number).where(Order.number.in_([one.text for one in part]))))  # type: ignore[attr-defined]
        free += [one for one in part if one.text not in taken]
    return free
