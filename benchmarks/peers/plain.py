"""What the peers answer from: one plain table of orders in SQLite, one question, one line of an answer."""

import random
import re
import sqlite3
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from workload import folder

ORDERS = 100_000
PATTERN = r"where is order (SO-\d{6})"
_FIND = re.compile(PATTERN, re.IGNORECASE)
_STATES = ("quoted", "confirmed", "deposit paid", "in production", "inspection", "shipped", "delivered")


def plain_orders() -> sqlite3.Connection:
    """The table, built once."""
    path = folder() / "plain.db"
    if not path.exists():
        half = path.with_suffix(".half")
        half.unlink(missing_ok=True)
        book = sqlite3.connect(half)
        book.execute(
            "CREATE TABLE orders(id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, customer TEXT NOT NULL, "
            "status TEXT NOT NULL, owner TEXT NOT NULL, due_at INTEGER NOT NULL)"
        )
        chance = random.Random(7)
        rows = (
            (
                f"SO-{one:06d}",
                f"Customer {chance.randrange(5000)}",
                chance.choice(_STATES),
                f"user{chance.randrange(50)}",
                1_800_000_000 + chance.randrange(10_000_000),
            )
            for one in range(ORDERS)
        )
        book.executemany("INSERT INTO orders(number, customer, status, owner, due_at) VALUES (?, ?, ?, ?, ?)", rows)
        book.commit()
        book.close()
        half.rename(path)
    book = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    book.execute("PRAGMA journal_mode=WAL")
    book.execute("PRAGMA synchronous=NORMAL")
    return book


def question(turn: int) -> str:
    """The question of a turn."""
    return f"where is order SO-{turn * 7919 % ORDERS:06d}"


def answer(book: sqlite3.Connection, number: str) -> str:
    """The order's line."""
    row = book.execute("SELECT number, status, owner, due_at FROM orders WHERE number = ?", (number,)).fetchone()
    if row is None:
        return f"No order {number}."
    return f"Order {row[0]}: {row[1]}, with {row[2]}, due {time.strftime('%Y-%m-%d', time.gmtime(row[3]))}."


def reply_to(book: sqlite3.Connection, text: str) -> str | None:
    """The answer to a question, None for anything else."""
    found = _FIND.search(text)
    return answer(book, found[1]) if found else None
