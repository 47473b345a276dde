"""Ours: a step with a deadline added, then completed; a unit of work and a commit each, synchronous=FULL.

`due_add.py [COUNT] [plain]`: an order of one step through the product's operations: order, step, deadline, owner told,
audit, undo record; then done. With `plain`: the same two commits by bare SQL, as the floor.
"""

import sqlite3
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from due_book import AT, book_file
from measuring import measured, tell
from workload import remove


def through_the_product(path: Path, count: int):
    from sqlmodel import func, select

    from bot.clocks import HandClock
    from reminders import Planner
    from store.book import Actor
    from store.company.loading import apply_company
    from store.company.reading import read_company
    from store.operations.orders import NewLine, NewOrder, place_orders
    from store.operations.steps import complete_step
    from store.tables import Deadline, Step
    from store.units import Units, open_engine

    units = Units(open_engine(f"sqlite:///{path}"), clock=HandClock(AT), planner=Planner())
    from due_book import company

    text = company().replace(
        "people:\n",
        "  - {key: one, name: 一步, steps: [{key: do, name: 做, owner: salesperson, within: 3d}]}\npeople:\n",
    )
    text = text.replace("    name: 标准订单\n", "    name: 标准订单\n")

    def _load(book):
        apply_company(book.session, read_company(text), now=book.now)
        book.forget_company()

    units.write(_load)
    by, promise = Actor("u00", "api"), AT.date() + timedelta(days=30)

    def _pair():
        draft = NewOrder("c00", (NewLine("LS-1", Decimal(1)),), promise, flow="one", not_repeat=True)
        order = units.write(lambda book: place_orders(book, [draft])[0], by)
        step = units.read(lambda book: book.session.exec(select(Step.id).where(Step.order_id == order.id)).one())
        units.write(lambda book: complete_step(book, step), by)

    for _ in range(10):
        _pair()
    with measured() as stretch:
        for _ in range(count):
            _pair()
    open_ones = units.read(
        lambda book: book.session.exec(
            select(func.count()).select_from(Deadline).where(Deadline.next_at.is_not(None), Deadline.order_id > 5000)
        ).one()
    )
    units.close()
    return stretch, open_ones == 0


def by_bare_sql(path: Path, count: int):
    book = sqlite3.connect(path, isolation_level=None)
    book.execute("PRAGMA journal_mode=WAL")
    book.execute("PRAGMA synchronous=FULL")
    with measured() as stretch:
        for turn in range(count):
            book.execute(
                "INSERT INTO deadline (subject, subject_key, order_id, owner, next_at, episode, state) "
                "VALUES ('step', ?, 1, 'u00', '2026-12-01 01:00:00.000000', 1, '{}')", (f"x{turn}",)
            )  # fmt: skip
            book.execute("DELETE FROM deadline WHERE subject = 'step' AND subject_key = ?", (f"x{turn}",))
    book.close()
    return stretch, True


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    path = book_file(20_000)
    try:
        stretch, right = (by_bare_sql if "plain" in sys.argv[2:] else through_the_product)(path, count)
    finally:
        remove(path)
    tell(round(1e6 * stretch.wall / count, 1), unit="us wall", count=count, right=right,
         cpu_us=round(1e6 * stretch.cpu / count, 1))  # fmt: skip


if __name__ == "__main__":
    main()
