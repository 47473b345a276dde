"""Two people at once, on both databases: nothing is lost, nothing is given twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from store.book import Actor
from store.operations.changes import FieldChange, plan_change
from store.operations.changing import apply_change
from store.operations.holds import cancel_order
from store.operations.orders import place_orders
from store.operations.urging import urge
from store.reads.document import order_document
from store.reads.seeing import find_order
from store.refusals import Conflict
from tests.support.orders import draft


def together(units, *works):
    """Run each (person, work) in a thread of its own; what each gave or raised."""
    # On SQLite writers take turns from their first statement on: they may only wait for each other before it.
    inside = units.engine.dialect.name != "sqlite"
    barrier = Barrier(len(works))

    def run(one):
        person, work = one

        def unit(book):
            _seen = find_order(
                book, person, "SO-2611-0001"
            )  # what was read before the lock must not be believed after it
            if inside:
                barrier.wait(20)
            return work(book)

        if not inside:
            barrier.wait(20)
        try:
            return units.write(unit, Actor(person))
        except Conflict as refused:
            return refused

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def test_of_two_changes_of_one_field_at_once_one_holds_and_the_other_is_told_of_it(desk):
    number = desk.place(quantity=100)

    def plan(person, value):
        return desk.as_(person, plan_change, number, [FieldChange("quantity", None, value)])

    plans = {"wangli": plan("wangli", 250), "liu": plan("liu", 300)}
    results = together(
        desk.units, *((who, lambda book, plan=plan: apply_change(book, plan)) for who, plan in plans.items())
    )
    (refused,) = [one for one in results if isinstance(one, Conflict)]
    first = {"王丽": "250", "刘敏": "300"}[refused.facts["who"]]
    order = desk.look(lambda book: order_document(book, book.order(number)))
    assert order["lines"][0]["quantity"] == first
    assert len(order["changes"]) == 1


def test_two_changes_of_different_fields_at_once_both_hold(desk):
    number = desk.place(quantity=100)
    plans = [
        ("wangli", desk.as_("wangli", plan_change, number, [FieldChange("quantity", None, 250)])),
        ("liu", desk.as_("liu", plan_change, number, [FieldChange("ship_to", None, "无锡")])),
    ]
    together(desk.units, *((who, lambda book, plan=plan: apply_change(book, plan)) for who, plan in plans))
    order = desk.look(lambda book: order_document(book, book.order(number)))
    assert (order["lines"][0]["quantity"], order["fields"]["ship_to"]) == ("250", "无锡")
    assert desk.order(number).version == 3


def test_an_order_is_cancelled_once(desk):
    number = desk.place()
    results = together(
        desk.units, *((who, lambda book: cancel_order(book, number, "不要了")) for who in ("wangli", "liu", "chen"))
    )
    assert sum(isinstance(one, Conflict) for one in results) == 2
    assert desk.events(number).count("order.cancelled") == 1


@pytest.mark.parametrize("kind", ["first of the month", "later"])
def test_numbers_are_given_once_and_without_gaps(desk, kind):
    if kind == "later":
        desk.place()
    works = [("wangli", lambda book: place_orders(book, [draft(), draft()])) for _ in range(4)]
    placed = [order.seq for orders in together(desk.units, *works) for order in orders]
    start = 2 if kind == "later" else 1
    assert sorted(placed) == list(range(start, start + 8))


def test_urges_at_once_are_all_counted_and_pushed_once(desk):
    number = desk.place()
    results = together(desk.units, *(("wangli", lambda book: urge(book, number)) for _ in range(3)))
    assert sorted(one.count for one in results) == [1, 2, 3]
    assert sum(one.pushed for one in results) == 1
