"""A long day: 200,000 turns through adapter, desk and delivery in one process; memory must stay flat.

`python benchmarks/soak.py [TURNS]`: memory after each tenth; ends with 1 when it grows by more than 5 MB after the first
tenth. Questions only (where is it, what is late, and noise), so that the book itself stays as it is.
"""

import asyncio
import json
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from canned import CannedTelegram
from measuring import rss_mb
from workload import NOW, book_file, messages, remove, update

from bot.clocks import HandClock
from bot.wiring import Assistant
from store.units import open_engine

GROWTH_MB, TOGETHER = 5.0, 16


async def run(path: Path, turns: int) -> list[float]:
    wire, channels = CannedTelegram(), {}
    assistant = Assistant(open_engine(f"sqlite:///{path}", synchronous="OFF"), HandClock(NOW), channels, at_once=16)
    telegram = wire.assemble("7000000001:" + "A" * 35, assistant.worker.receive)
    channels["telegram"] = telegram.channel
    asked = [one for one in messages(6000, noise=0.1, orders=1999, seed=23) if one.kind in {"where", "list", "noise"}]
    found, turn = [], 0
    for _tenth in range(10):
        for _ in range(turns // 10 // TOGETHER):
            bodies = [update(turn + one, asked[(turn + one) % len(asked)]) for one in range(TOGETHER)]
            turn += TOGETHER
            await asyncio.gather(*(telegram.receiving.take(json.loads(body)) for body in bodies))
            await assistant.settle()
        wire.sent.clear()  # the far side's own memory is none of ours
        found.append(round(rss_mb(), 1))
        print(f"{turn:>8} turns: {found[-1]} MB", flush=True)
    assistant.close()
    return found


def main() -> int:
    turns = int((sys.argv[1:2] or ["200000"])[0])
    path = book_file(2000)
    try:
        found = asyncio.run(run(path, turns))
    finally:
        remove(path)
    grown = round(found[-1] - found[0], 1)
    print(f"grown by {grown} MB after the first tenth; at most {GROWTH_MB}")
    return 1 if grown > GROWTH_MB else 0


if __name__ == "__main__":
    sys.exit(main())
