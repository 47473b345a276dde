"""People for a benchmark's company beyond its fifty owners, and their accounts on the platforms."""

import json
import random
import sqlite3
from collections.abc import Callable, Mapping

from workload import OWNERS, number, owner_of

_SINCE = "2026-11-01 00:00:00.000000"


def employ(book: sqlite3.Connection, people: int, accounts: Mapping[str, Callable[[int], str]]) -> None:
    """So many people in all, the first of whom own the orders.

    Args:
        book: the book's file, open; not committed.
        people: how many.
        accounts: by channel: the account of the n-th of them.
    """
    for one in range(people):
        key = f"u{one:02}" if one < OWNERS else f"x{one:03}"
        if one >= OWNERS:
            book.execute(
                "INSERT INTO person (key, kind, position, active, name, aliases, department, roles) "
                "VALUES (?, 'staff', ?, 1, ?, '[]', 'sales', '[\"member\"]')",
                (key, one, json.dumps(key)),
            )
        for channel, account_of in accounts.items():
            book.execute(
                "INSERT INTO identity (channel, account, person, linked_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (channel, account_of(one), key, _SINCE),
            )
    mark = json.dumps({"count": 99, "mark": "staff"})
    book.execute("UPDATE company_setting SET value = ? WHERE name = 'version'", (mark,))


def question(person: int, chance: random.Random, orders: int) -> tuple[str, str]:
    """What one of them asks, and what the answer must hold: owners about their orders, the others what they have to do."""
    if person >= OWNERS:
        return "我的待办", ""
    order = next(one for one in iter(lambda: chance.randrange(1, orders), 0) if owner_of(one) == person)
    return f"帮我查一下订单{number(order)}现在什么状态", number(order)
