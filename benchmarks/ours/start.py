"""Ours: from exec to the answer to one Telegram update, with a migrated database and that one adapter. Wall seconds.

`start.py`: the value is the child's whole wall time; `peak_mb` its greatest memory. Nothing of a switched-off adapter
may have been imported. The company has 50 people and 100 customers. As after an installation, our modules are compiled
and the tables worked out from data files are there: one start before made them.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from measuring import tell

_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
OFF = ("slack_bolt", "slack_sdk", "nicegui", "fastapi", "openpyxl", "matplotlib", "aiohttp.web", "adapters.slack",
       "adapters.wecom", "PIL", "dateparser", "holidays", "alembic", "pypinyin")  # fmt: skip


def answer_one(path: str) -> None:
    """The child: what `gendan` does, from its first line on."""
    from bot import collecting

    collecting.seldom()

    from canned import CannedTelegram
    from workload import NOW, Said, update

    from bot.clocks import HandClock
    from bot.wiring import Assistant
    from store.migrations import upgrade
    from store.units import open_engine

    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    wire, channels = CannedTelegram(), {}
    assistant = Assistant(engine, HandClock(NOW), channels, at_once=16)
    telegram = wire.assemble("7000000001:" + "A" * 35, assistant.worker.receive)
    channels["telegram"] = telegram.channel

    async def one() -> None:
        await telegram.receiving.take(
            json.loads(update(0, Said(0, "where", "帮我查一下订单SO-000050现在什么状态", 50)))
        )
        await assistant.settle()

    asyncio.run(one())
    assistant.close()
    loaded = [name for name in OFF if name in sys.modules]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    right = not loaded and any("SO-000050" in said["text"] for said in wire.sent)
    sys.stdout.write(json.dumps({"right": right, "loaded": loaded, "peak_mb": round(peak, 1)}) + "\n")


def main() -> None:
    if sys.argv[1:2] == ["child"]:
        answer_one(sys.argv[2])
        return
    from workload import book_file, remove

    for _ in range(2):  # the first makes what an installation brings
        path = book_file(100, 100)
        started = time.perf_counter()
        child = subprocess.run(
            [sys.executable, __file__, "child", str(path)], capture_output=True, text=True, check=True, env=_ENVIRONMENT
        )
        wall = time.perf_counter() - started
        remove(path)
    tell(round(wall, 4), unit="s", **json.loads(child.stdout.strip().splitlines()[-1]))


if __name__ == "__main__":
    main()
