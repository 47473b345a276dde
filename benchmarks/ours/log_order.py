"""Ours: one order logged a unit of work: order, line, steps, first owner told, deadline, audit, undo record.

`log_order.py COUNT [full|normal]`.
"""

import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from measuring import measured, tell_cpu
from workload import NOW, OWNERS, book_file, remove

from bot import collecting
from bot.clocks import HandClock
from reminders import Planner
from store.book import Actor
from store.operations.orders import NewLine, NewOrder, place_orders
from store.units import Units, open_engine


def draft(place: int) -> NewOrder:
    """The order of a turn."""
    line = NewLine("LS-1", Decimal(place % 90 + 1))
    promise = NOW.date() + timedelta(days=10 + place % 60)
    return NewOrder(f"c{place % 10_000:05d}", (line,), promise, not_repeat=True)


def main() -> None:
    collecting.seldom()
    count = int(sys.argv[1])
    path = book_file(2000)
    synchronous = sys.argv[2].upper() if len(sys.argv) > 2 else "NORMAL"
    units = Units(open_engine(f"sqlite:///{path}", synchronous=synchronous), clock=HandClock(NOW), planner=Planner())
    for place in range(20):
        units.write(lambda book, one=draft(place): place_orders(book, [one]), Actor(f"u{place % OWNERS:02}", "api"))
    collecting.settle()  # as `gendan serve` does when all stands
    with measured() as stretch:
        for place in range(20, count + 20):
            by = Actor(f"u{place % OWNERS:02}", "telegram", "登记订单")
            units.write(lambda book, one=draft(place): place_orders(book, [one]), by)
    stored = units.read(_counts)
    units.close()
    remove(path)
    tell_cpu(stretch, count, right=stored == (2020 + count, (2020 + count) * 3), synchronous=synchronous)


def _counts(book) -> tuple[int, int]:
    from sqlmodel import func, select

    from store.tables import Order, Step

    return tuple(book.session.exec(select(func.count()).select_from(table)).one() for table in (Order, Step))


if __name__ == "__main__":
    main()
