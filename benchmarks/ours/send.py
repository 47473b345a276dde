"""Ours: reminders from the outbox through delivery and the Telegram channel to a Bot API on a port, each marked sent.

`send.py COUNT`: pacing off, 16 at a time, 50 receivers. `send.py 300 strict`: pacing on, 300 chats, against a Bot API
that refuses what Telegram would; the value is the seconds it takes.
"""

import asyncio
import itertools
import json
import sys
import time
import urllib.request
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from load import child, free_port, wait_until_open
from measuring import measured, tell, tell_cpu
from workload import ACCOUNT, NOW, OWNERS, book_file, remove

from adapters.telegram.assembly import Config, Surroundings, assemble
from bot import collecting
from bot.clocks import HandClock
from bot.wiring import Assistant
from store.book import Book
from store.messages import Letter, Phrase
from store.tables import Identity, Outbox, Person
from store.units import open_engine

TOKEN = "7000000001:" + "A" * 35


def fill(book: Book, count: int, receivers: int) -> None:
    """Reminders of inspections, one of each order."""
    for one in range(OWNERS, receivers):
        key = f"x{one:03}"
        book.session.add(Person(key=key, name=key, position=one, department="sales", roles=["member"]))
        book.session.add(Identity(channel="telegram", account=str(ACCOUNT + one), person=key, linked_at=book.now))
    people = [f"u{one:02}" if one < OWNERS else f"x{one:03}" for one in range(receivers)]
    facts = {"step": "验货", "number": "SO-000001", "due": NOW + timedelta(hours=4)}
    for one in range(count):
        book.tell(people[one % receivers], Letter((Phrase("step.started", facts),)), rule="test", urgent=True)


async def run(path: Path, count: int, port: int, *, strict: bool) -> None:
    engine = open_engine(f"sqlite:///{path}")
    channels = {}
    assistant = Assistant(engine, HandClock(NOW), channels, at_once=16)
    hours = itertools.count(step=3600)
    clock = time.monotonic if strict else lambda: float(next(hours))
    telegram = assemble(
        Config(token=TOKEN, api=f"http://127.0.0.1:{port}"), Surroundings(assistant.worker.receive, clock)
    )
    channels["telegram"] = telegram.channel
    receivers = count if strict else OWNERS
    if not strict:
        assistant.units.write(lambda book: fill(book, 50, receivers))
        while await assistant.delivery.pump():
            pass
    assistant.units.write(lambda book: fill(book, count, receivers))
    collecting.settle()  # as `gendan serve` does when all stands
    with measured() as stretch:
        while await assistant.delivery.pump():
            pass
    await telegram.close()
    sent = assistant.units.read(_sent)
    assistant.close()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/count") as told:
        counts = json.loads(told.read())
    if strict:
        right = counts == {"taken": count, "refused": 0} and sent == count
        tell(round(stretch.wall, 2), unit="s", right=right, floor_s=count / 30, **counts)
    else:
        tell_cpu(stretch, count, right=sent == count + 50 == counts["taken"])


def _sent(book: Book) -> int:
    from sqlmodel import func, select

    return book.session.exec(select(func.count()).select_from(Outbox).where(Outbox.status == "sent")).one()


def main() -> None:
    collecting.seldom()
    strict = "strict" in sys.argv
    path, port = book_file(2000), free_port()
    stub = str(Path(__file__).parents[1] / "stub_telegram.py")
    try:
        with child(stub, str(port), *(["strict"] if strict else [])):
            wait_until_open(port)
            asyncio.run(run(path, int(sys.argv[1]), port, strict=strict))
    finally:
        remove(path)


if __name__ == "__main__":
    main()
