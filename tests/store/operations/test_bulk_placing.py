"""Many orders placed together are the same rows as the same orders placed one after another."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import SQLModel, col, select

from reminders import Planner
from store.book import Actor, Book
from store.operations.flow import advance
from store.operations.notes import add_note
from store.operations.orders import NewLine, NewOrder, place_orders
from store.prepared import watched
from store.refusals import Invalid, NotFound
from store.tables import AuditEntry, Deadline, ExceptionCase, Order, OrderLine, Outbox, Step
from store.units import Units, open_engine
from tests.support.clock import Clock
from tests.support.companies import load
from tests.support.flows import FLOWS

STORIES = FLOWS.replace(
    "      - {key: review, name: Review, kind: review, owner: desk,",
    "      - {key: load, name: Loading, owner: dock, after: [], when: {stock: short}, within: 1h}\n"
    "      - {key: call, name: Calling, owner: sales, after: [], within: 2h}\n"
    "      - {key: review, name: Review, kind: review, owner: desk,",
)
TABLES = (Order, OrderLine, Step, Deadline, Outbox, AuditEntry)
START = date(2026, 12, 4)


@pytest.fixture
def books(tmp_path: Path, sqlite_url: str, clock: Clock) -> Iterator[tuple[Units, Units]]:
    """Two equal books."""
    from store.migrations import upgrade

    urls = sqlite_url, f"sqlite:///{tmp_path}/second.db"
    pair = tuple(Units(open_engine(url, synchronous="OFF"), clock=clock, planner=Planner()) for url in urls)
    upgrade(pair[1].engine)
    for units in pair:
        load(units, STORIES)
    yield pair
    for units in pair:
        units.close()


def drafts(count: int) -> list[NewOrder]:
    """Orders of several sizes, products and flows; together they want more than there is in stock."""
    return [
        NewOrder(
            "acme",
            (NewLine("A1", Decimal(place % 7 + 8)), *((NewLine("B1", Decimal(40)),) if place % 3 == 0 else ())),
            START + timedelta(days=place % 20),
            fields={"ship_to": "here"} if place % 2 else {},
            not_repeat=True,
        )
        for place in range(count)
    ]


def rows(units: Units, table: type[SQLModel]) -> list[dict[str, Any]]:
    found = units.read(lambda book: list(book.session.exec(select(table))))
    return sorted((one.model_dump() for one in found), key=lambda one: one["id"])


def place(units: Units, those: list[NewOrder], by: str = "ann") -> tuple[Order, ...]:
    return units.write(lambda book: place_orders(book, those), Actor(by, "console", "a workbook"))


def test_together_or_one_by_one_the_rows_are_the_same(books: tuple[Units, Units]) -> None:
    together, singly = books
    place(together, drafts(24))
    for draft in drafts(24):
        place(singly, [draft])
    for table in TABLES:
        assert rows(together, table) == rows(singly, table), table.__name__
    states = {(one["key"], one["status"]) for one in rows(together, Step)}
    assert {("load", "active"), ("load", "skipped")} <= states  # the stock ran out on the way
    shares = [one["owner"] for one in rows(together, Step) if one["key"] == "call"]
    assert len(set(shares)) > 1  # the least loaded took turns


def test_many_orders_take_few_statements(books: tuple[Units, Units]) -> None:
    units, _ = books
    asked: list[str] = []
    event.listen(units.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    with watched(lambda sql, *_how: asked.append(sql)):
        place(units, drafts(10))
        few, asked[:] = len(asked), []
        place(units, drafts(60))
    assert len(asked) < few + 3 * 60  # the two steps that start at once, and next to nothing beside


def test_a_repeat_of_an_order_in_the_book_refuses_the_whole_batch(books: tuple[Units, Units]) -> None:
    units, _ = books
    line = (NewLine("A1", Decimal(9)),)
    number = place(units, [NewOrder("acme", line, START)])[0].number
    batch = [NewOrder("acme", (NewLine("A1", Decimal(2)),), START), NewOrder("acme", line, START + timedelta(days=3))]
    with pytest.raises(Invalid) as refused:
        place(units, batch)
    assert (refused.value.key, refused.value.phrase.facts["number"]) == ("refused.repeat", number)
    assert len(rows(units, Order)) == 1
    assert len(place(units, [batch[0], NewOrder("acme", line, START + timedelta(days=30))])) == 2


def test_what_is_added_to_a_new_order_in_the_same_unit_is_seen(books: tuple[Units, Units]) -> None:
    from store.operations import frame

    units, _ = books

    def work(book: Book) -> tuple[int, int, int]:
        order = place_orders(book, drafts(1))[0]
        before = len(frame.open_exceptions(book, order))
        case = ExceptionCase(
            order_id=order.id or 0, kind="shortage", name="Shortage", handler="pia", opened_by="ann", opened_at=book.now
        )
        book.session.add(case)
        return before, len(frame.open_exceptions(book, order)), len(advance(book, order))

    assert units.write(work, Actor("ann")) == (0, 1, 0)
    keys = [one["subject"] for one in rows(units, Deadline)]
    assert keys.count("exception") == 1


def test_an_order_rolled_back_to_a_savepoint_leaves_nothing_known(books: tuple[Units, Units]) -> None:
    from store.operations import frame

    units, _ = books

    def work(book: Book) -> list[str]:
        try:
            with book.session.begin_nested():
                place_orders(book, drafts(3))
                place_orders(book, [NewOrder("nobody", (), START)])
        except NotFound:
            book.events.clear()
        order = place_orders(book, [drafts(2)[1]])[0]  # gets the id of the first that was taken back
        add_note(book, order.number, "urgent")
        return [str(line.quantity) for line in frame.lines(book, order)]

    assert units.write(work, Actor("ann")) == ["9"]
    assert len(rows(units, OrderLine)) == 1
    query = select(Step).where(col(Step.status) == "active")
    assert units.read(lambda book: book.session.exec(query).all())
