"""Does the time of an answer tell a foreign order number from one that is not there? 500 pairs, medians compared.

Usage: python benchmarks/foreign.py [--pairs 500] [--orders 2000]

A customer's contact asks in turn for a number that is another customer's and for one that is nobody's, over the whole
desk (understanding, right, book, answer, commit). The order of the two alternates, so that neither gains by going
second. Printed: the median time of each, the median of the differences within a pair, and the same for two numbers
that are both nobody's (the noise of this machine: the floor against which the first is held).
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from conversations import Desk
from conversations.messages import Message
from store.book import Actor, Book
from store.company import apply_company, read_company
from store.migrations import upgrade
from store.operations.orders import NewLine, NewOrder, place_orders
from store.tables import Inbox
from store.units import Units, open_engine

COMPANY = Path(__file__).parent.parent / "docs" / "examples" / "pump.yaml"


class Asking:
    """A desk with a book behind it; the clock runs fast enough that nobody is slowed down for asking."""

    def __init__(self, folder: str, orders: int) -> None:
        engine = open_engine(f"sqlite:///{folder}/foreign.db", synchronous="OFF")
        upgrade(engine)
        self.now = datetime(2026, 11, 23, 1, tzinfo=UTC)
        self.units = Units(engine, clock=lambda: self.now)
        self.desk = Desk()
        self.count = 0
        company = read_company(COMPANY.read_text("utf-8"), str(COMPANY))
        self.units.write(lambda book: apply_company(book.session, company, now=book.now))
        self.numbers = [number for start in range(0, orders, 100) for number in self._place(min(100, orders - start))]

    def _place(self, count: int) -> list[str]:
        from decimal import Decimal

        day = (self.now + timedelta(days=30)).date()
        line = NewLine("CP-80", Decimal(2))
        drafts = [NewOrder("xhhg", (line,), day, fields={"ship_to": "x"}, not_repeat=True) for _ in range(count)]
        return [order.number for order in self.units.write(lambda book: place_orders(book, drafts), Actor("liu"))]

    def ask(self, number: str) -> float:
        """How long an answer takes, in milliseconds."""
        self.count += 1
        if self.count % 15 == 0:
            self.now += timedelta(minutes=21)
        message = Message("telegram", "9001", "9001", f"{number}到哪了")
        row = f"f{self.count}"

        def _answer(book: Book) -> None:
            inbox = Inbox(channel="telegram", message_id=row, conversation="9001", payload={}, received_at=book.now)
            book.session.add(inbox)
            book.session.flush()
            self.desk.answer(book, message, inbox)

        start = time.perf_counter()
        self.units.write(_answer)
        return (time.perf_counter() - start) * 1000


def compare(asking: Asking, first: list[str], second: list[str]) -> tuple[float, float, float]:
    """The medians of both, and the median of the differences within a pair, in milliseconds."""
    ones, others = [], []
    for turn, (one, other) in enumerate(zip(first, second, strict=True)):
        if turn % 2:
            others.append(asking.ask(other))
            ones.append(asking.ask(one))
        else:
            ones.append(asking.ask(one))
            others.append(asking.ask(other))
    differences = [one - other for one, other in zip(ones, others, strict=True)]
    return statistics.median(ones), statistics.median(others), statistics.median(differences)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--orders", type=int, default=2000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asking = Asking(folder, max(asked.orders, asked.pairs))
        missing = [f"SO-2611-{9_999_000 - n}" for n in range(2 * asked.pairs)]
        for number in missing[:20]:
            asking.ask(number)
        foreign, none, difference = compare(asking, asking.numbers[: asked.pairs], missing[: asked.pairs])
        *_, noise = compare(asking, missing[: asked.pairs], missing[asked.pairs :])
        asking.units.close()
    print(f"{asked.pairs} pairs, {asked.orders} orders of others")
    print(f"foreign {foreign:.2f} ms, not there {none:.2f} ms, median difference {difference:+.3f} ms")
    print(f"two that are not there: median difference {noise:+.3f} ms (the noise)")
    print("ok" if abs(difference) < 5 else "TOO FAR APART")


if __name__ == "__main__":
    main()
