"""python-telegram-bot's send_message over its own HTTP client, 16 at a time. `ptb_send.py COUNT`."""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from load import child, free_port, wait_until_open
from measuring import measured, tell_cpu


async def run(count: int, port: int) -> None:
    from telegram import Bot
    from telegram.request import HTTPXRequest

    request = HTTPXRequest(connection_pool_size=16)
    await request.initialize()
    bot = Bot("1:a", base_url=f"http://127.0.0.1:{port}/bot", request=request)
    delivered = 0

    async def worker(numbers) -> None:
        nonlocal delivered
        for number in numbers:
            await bot.send_message(7000 + number % 50, f"Order SO-{number:06d}: shipped, with user1, due 2027-01-20.")
            delivered += 1

    await worker(range(30))
    with measured() as stretch:
        numbers = iter(range(count))
        await asyncio.gather(*(worker(numbers) for _ in range(16)))
    await request.shutdown()
    tell_cpu(stretch, count, right=delivered == count + 30)


if __name__ == "__main__":
    at = free_port()
    with child(str(Path(__file__).parents[1] / "stub_telegram.py"), str(at)):
        wait_until_open(at)
        asyncio.run(run(int(sys.argv[1]), at))
