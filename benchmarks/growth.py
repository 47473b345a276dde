"""How what people ask for grows with the number of orders: 1,000 to 1,000,000, on SQLite.

`python benchmarks/growth.py [ORDERS …]`: CPU milliseconds of each read, median of 30, as a table and a plot
(docs/images/growth.svg). With 100,000 and 1,000,000 among them it also judges the guard: where-is and my-overdue at a
million cost at most 1.3 times what they cost at a hundred thousand.
"""

import json
import math
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from report import DOCS
from workload import NOW, REMARK, book_file, number, owner_of, remove

from bot.clocks import HandClock
from reminders import Planner, sweep
from store.reads.board import read_board
from store.reads.lists import StepFilter, list_steps
from store.reads.search import Criteria, search
from store.reads.seeing import find_order
from store.reads.status import status_of
from store.units import Units, open_engine

SIZES = (1_000, 10_000, 100_000, 1_000_000)
RUNS = 30
LIMIT = 1.3


def where_is(book, turn: int):
    person = f"u{owner_of(7 + turn):02}"
    return status_of(book, find_order(book, person, number(7 + turn))[0])


def my_overdue(book, turn: int):
    return list_steps(book, f"u{turn % 50:02}", StepFilter(owner=f"u{turn % 50:02}", overdue=True), limit=10)


def board(book, turn: int):
    return read_board(book, f"u{turn % 50:02}")


def searched(book, turn: int):
    person = f"u{turn % 50:02}"
    return search(book, person, Criteria(owner=person))


def by_words(book, turn: int):
    """One order in a thousand holds the word; those of a person are few."""
    person = f"u{turn % 50:02}"
    return search(book, person, Criteria(words=REMARK))


READS = {"where is it": where_is, "my overdue": my_overdue, "board": board, "search": searched, "by words": by_words}


def median_ms(work) -> float:
    """CPU milliseconds of one run."""
    took = []
    for turn in range(RUNS + 3):
        started = time.process_time()
        work(turn)
        took.append((time.process_time() - started) * 1000)
    return round(statistics.median(took[3:]), 3)


def measure(orders: int) -> dict[str, float]:
    """All reads on a book of that size, and the sweep with one deadline come."""
    path = book_file(orders)
    units = Units(open_engine(f"sqlite:///{path}"), clock=HandClock(NOW), planner=Planner())
    found = {
        name: median_ms(lambda turn, read=read: units.read(lambda book: read(book, turn)))
        for name, read in READS.items()
    }
    while units.write(sweep).count:
        pass
    found["sweep, nothing due"] = median_ms(lambda _turn: units.write(sweep))
    units.close()
    remove(path)
    return found


def main() -> int:
    sizes = [int(one) for one in sys.argv[1:]] or list(SIZES)
    table = {size: measure(size) for size in sizes}
    names = list(next(iter(table.values())))
    print("orders".rjust(20), *(f"{size:>12,}" for size in sizes))
    for name in names:
        print(name.rjust(20), *(f"{table[size][name]:>12.3f}" for size in sizes), "ms CPU")
    (DOCS / "growth.json").write_text(json.dumps(table, indent=1) + "\n", "utf-8")
    (DOCS / "images" / "growth.svg").write_text(plot(table, names), "utf-8")
    if {100_000, 1_000_000} <= set(sizes):
        over = {
            name: round(table[1_000_000][name] / table[100_000][name], 2)
            for name in ("where is it", "my overdue")
            if table[1_000_000][name] > LIMIT * table[100_000][name]
        }
        print("guard:", f"beyond {LIMIT}: {over}" if over else "kept")
        return 1 if over else 0
    return 0


def plot(table: dict[int, dict[str, float]], names: list[str]) -> str:
    """Both scales logarithmic."""
    width, height, left, below = 640, 360, 60, 40
    sizes = sorted(table)
    values = [max(one, 0.01) for row in table.values() for one in row.values()]
    low, high = math.log10(min(values) / 1.5), math.log10(max(values) * 1.5)

    def x(size: int) -> float:
        span = math.log10(sizes[-1] / sizes[0]) or 1
        return left + (width - left - 150) * math.log10(size / sizes[0]) / span

    def y(value: float) -> float:
        return height - below - (height - below - 20) * (math.log10(max(value, 0.01)) - low) / (high - low)

    colours = ("#2a5f9b", "#2a8f5b", "#c98a1b", "#b8392f", "#6b4fa0", "#555")
    drawn = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
             'font-size="12"><rect width="100%" height="100%" fill="white"/>']  # fmt: skip
    drawn += [f'<text x="{x(size):.0f}" y="{height - 16}" text-anchor="middle">{size:,}</text>' for size in sizes]
    for place in range(math.floor(low), math.ceil(high) + 1):
        if low <= place <= high:
            drawn.append(f'<line x1="{left}" x2="{width - 150}" y1="{y(10**place):.0f}" y2="{y(10**place):.0f}" stroke="#ddd"/>'
                         f'<text x="{left - 6}" y="{y(10**place) + 4:.0f}" text-anchor="end">{10**place:g} ms</text>')  # fmt: skip
    for name, colour in zip(names, colours, strict=False):
        points = " ".join(f"{x(size):.1f},{y(table[size][name]):.1f}" for size in sizes)
        last = y(table[sizes[-1]][name])
        drawn.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
                     f'<text x="{width - 144}" y="{last + 4:.0f}" fill="{colour}">{name}</text>')  # fmt: skip
    return "\n".join([*drawn, "</svg>", ""])


if __name__ == "__main__":
    sys.exit(main())
