"""Ours: a Telegram update's bytes in, the answer's body out, everything committed; through adapter, desk and delivery.

`turn.py COUNT TOGETHER ORDERS [full|normal]`: so many updates, so many submitted at a time.
"""

import asyncio
import json
import sys
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from measuring import measured, tell_cpu
from workload import ACCOUNT, NOW, Said, book_file, messages, number, remove, update

from benchmarks.canned import CannedTelegram
from bot import collecting
from bot.clocks import HandClock
from bot.serving import Service
from bot.wiring import Assistant
from store.units import open_engine

TOKEN = "7000000001:" + "A" * 35


def expected(said: Said) -> str:
    """What the answer must hold."""
    return {"new": f"{said.quantity}箱", "list": "SO-"}.get(said.kind) or number(said.order or 0)


async def run(path: Path, count: int, together: int, orders: int, synchronous: str) -> None:
    wire = CannedTelegram()
    engine = open_engine(f"sqlite:///{path}", synchronous=synchronous)
    channels = {}
    assistant = Assistant(engine, HandClock(NOW), channels, at_once=16)
    telegram = wire.assemble(TOKEN, assistant.worker.receive)
    channels["telegram"] = telegram.channel
    service = Service(assistant)
    service.start()
    said = list(messages(count + 32, orders=orders))
    bodies = [update(turn, one) for turn, one in enumerate(said)]
    for first in range(0, 32, together):
        await _round(wire, telegram, bodies[first : first + together])
    collecting.settle()  # as `gendan serve` does when all stands
    with measured() as stretch:
        for first in range(32, len(bodies), together):
            started = time.perf_counter()
            await _round(wire, telegram, bodies[first : first + together])
            stretch.each.append(time.perf_counter() - started)
    await service.stop()
    right = check(said, wire.sent)
    assistant.close()
    tell_cpu(
        stretch,
        count,
        right=right == len(said),
        answered=f"{right}/{len(said)}",
        p50_ms=round(stretch.percentile(0.5), 2),
        p99_ms=round(stretch.percentile(0.99), 2),
        sent=len(wire.sent),
    )


async def _round(wire, telegram, bodies: list[bytes]) -> None:
    """Submit these together and wait until each has its answer."""
    wanted = wire.answers + len(bodies)
    await asyncio.gather(*(telegram.receiving.take(json.loads(body)) for body in bodies))
    await wire.wait_for(wanted)


def check(said: list[Said], sent: list[dict]) -> int:
    """How many messages have their answer among what was sent into their chat."""
    texts = defaultdict(list)
    for body in sent:
        texts[int(body["chat_id"])].append(body["text"])
    right = 0
    for one in said:
        found = any(expected(one) in text for text in texts[ACCOUNT + one.owner])
        right += found
        if not found:
            print("no answer:", one, texts[ACCOUNT + one.owner][-3:], file=sys.stderr)
    return right


def main() -> None:
    collecting.seldom()
    count, together, orders = (int(one) for one in sys.argv[1:4])
    path = book_file(orders)
    try:
        asyncio.run(run(path, count, together, orders, sys.argv[4].upper() if len(sys.argv) > 4 else "FULL"))
    finally:
        remove(path)


if __name__ == "__main__":
    main()
