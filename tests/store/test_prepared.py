"""Prepared statements say what SQLAlchemy says, on either database, and their rows are the session's."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import bindparam, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import col

from store.plain import table_of
from store.prepared import Prepared
from store.session import Rows, insert_rows
from store.tables import Counter, Order

AT = datetime(2026, 11, 23, 1, 2, 3, 4, tzinfo=UTC)
ORDERS = table_of(Order)
ALL = (
    select(*ORDERS.c).where(ORDERS.c.customer == bindparam("customer"), ORDERS.c.status != "held").order_by(ORDERS.c.id)
)
PREPARED = Prepared(ALL)
RAISED = Prepared(update(ORDERS).where(ORDERS.c.number == bindparam("one")).values(promise_date=bindparam("day")))
OF_CUSTOMER = Rows(Order, col(Order.customer) == bindparam("customer"), order=(col(Order.number).desc(),))
LOCKED = Rows(Order, col(Order.number) == bindparam("number"), lock=True)


def order(number: int, status: str = "open") -> dict:
    given = Order(
        number=f"SO-{number}", seq=number, customer="c", salesperson="li", placed_by="li", changed_by="li", status=status,
        promise_date=date(2026, 12, number), currency="CNY", amount=Decimal("12.50"), flow="standard", flow_version=1,
        fields={"note": "木箱 50%"}, placed_at=AT,
    )  # fmt: skip
    return {column.key: getattr(given, column.key) for column in ORDERS.c if column.key != "id"}


@pytest.fixture
def placed(units):
    units.write(lambda book: insert_rows(book.session.connection(), Order, [order(1), order(2), order(3, "held")]))
    units.write(lambda book: insert_rows(book.session.connection(), Order, [order(4)]))
    return units


def test_it_reads_what_sqlalchemy_reads(placed):
    def _both(book):
        connection = book.session.connection()
        found = PREPARED.rows(connection, customer="c")
        assert PREPARED.first(connection, customer="nobody") is None
        return [tuple(row) for row in found], [tuple(row) for row in connection.execute(ALL, {"customer": "c"})]

    ours, theirs = placed.read(_both)
    assert ours == theirs
    assert [row[1] for row in ours] == ["SO-1", "SO-2", "SO-4"]
    assert ours[0][ORDERS.c.keys().index("placed_at")] == AT


def test_it_changes_one_or_many(placed):
    def _change(book):
        connection = book.session.connection()
        RAISED.each(connection, [{"one": "SO-2", "day": date(2027, 1, 2)}, {"one": "SO-4", "day": date(2027, 1, 4)}])
        return RAISED.count(connection, one="SO-1", day=date(2027, 1, 1)), RAISED.count(connection, one="?", day=AT)

    assert placed.write(_change) == (1, 0)
    days = placed.read(
        lambda book: [(row.number, row.promise_date.day) for row in book.session.find(OF_CUSTOMER, customer="c")]
    )
    assert days == [("SO-4", 4), ("SO-3", 3), ("SO-2", 2), ("SO-1", 1)]


def test_its_rows_are_the_sessions(placed):
    def _change(book):
        (found,) = book.session.find(LOCKED, number="SO-2")
        assert book.session.get(Order, found.id) is found
        found.status = "closed"
        again = book.session.find(OF_CUSTOMER, customer="c")  # flushes, and keeps what the unit has made of it
        assert again[2] is found
        RAISED.count(book.session.connection(), one="SO-2", day=date(2027, 1, 2))
        assert book.session.find(OF_CUSTOMER, customer="c")[2].promise_date == date(2026, 12, 2)
        book.session.expire(found, ["promise_date"])
        book.session.find(OF_CUSTOMER, customer="c")
        assert found.promise_date == date(2027, 1, 2)
        RAISED.count(book.session.connection(), one="SO-2", day=date(2027, 1, 3))
        assert book.session.find(LOCKED, number="SO-2") == [found]
        assert found.promise_date == date(2027, 1, 3)
        found.amount = Decimal("99.00")

    placed.write(_change)
    (kept,) = placed.read(lambda book: book.session.find(LOCKED, number="SO-2"))
    assert (kept.status, kept.promise_date, kept.amount) == ("closed", date(2027, 1, 3), Decimal("99.00"))
    assert kept.fields == {"note": "木箱 50%"}


def test_its_errors_are_sqlalchemys(units):
    twice = Prepared(table_of(Counter).insert())
    with pytest.raises(IntegrityError):
        units.write(lambda book: [twice.count(book.session.connection(), name="n", value=1) for _ in range(2)])
    assert units.read(lambda book: book.session.get(Counter, "n")) is None


def test_what_is_not_given_or_cannot_be_prepared_is_refused(units):
    many = Prepared(select(ORDERS.c.id).where(ORDERS.c.id.in_(bindparam("ids", expanding=True))))
    with pytest.raises(TypeError):
        units.read(lambda book: many.rows(book.session.connection(), ids=[1]))
    for statement in (PREPARED, Prepared(text("SELECT 1 WHERE :customer = 'c'"))):
        with pytest.raises(KeyError):
            units.read(lambda book, asked=statement: asked.rows(book.session.connection()))


def test_a_change_that_is_taken_back_is_not_there_afterwards(placed):
    def _change(book):
        (found,) = book.session.find(LOCKED, number="SO-2")
        savepoint = book.session.begin_nested()
        found.status = "closed"
        book.session.flush()
        savepoint.rollback()
        return found.status

    assert placed.write(_change) == "open"


def test_a_row_that_is_gone_cannot_be_changed(placed):
    def _change(book):
        (found,) = book.session.find(LOCKED, number="SO-2")
        book.session.connection().execute(ORDERS.delete().where(ORDERS.c.number == "SO-2"))
        found.status = "closed"

    with pytest.raises(StaleDataError):
        placed.write(_change)
