"""APScheduler with one job a step, memory store, AsyncIOScheduler: `aps_fire.py [JOBS]`, a thousand due at one moment.

As ours: CPU from half a second before the moment until the thousand coroutines have run. misfire_grace_time=None.
"""

import asyncio
import logging
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from measuring import cpu_s, rss_mb, tell

DUE = 1000


async def fire(jobs: int) -> None:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

    fired: list[float] = []

    async def _ping(_step: int) -> None:
        fired.append(time.time())

    scheduler = AsyncIOScheduler(timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": False})
    scheduler.start(paused=True)
    chance, empty, began = random.Random(5), rss_mb(), time.perf_counter()
    base = datetime.now(UTC) + timedelta(days=1)
    for step in range(jobs - DUE):
        run = base + timedelta(seconds=chance.randrange(90 * 86400))
        scheduler.add_job(_ping, "date", run_date=run, args=(step,), id=str(step))
    each = (time.perf_counter() - began) / max(jobs - DUE, 1)
    due = time.time() + max(6.0, 3 * DUE * each + 4)
    for step in range(jobs - DUE, jobs):
        scheduler.add_job(_ping, "date", run_date=datetime.fromtimestamp(due, UTC), args=(step,), id=str(step))
    memory = rss_mb() - empty
    scheduler.resume()
    await asyncio.sleep(due - time.time() - 0.5)
    before, until = cpu_s(), time.time() + 120
    while len(fired) < DUE and time.time() < until:  # noqa: ASYNC110  looked at from outside
        await asyncio.sleep(0.02)
    cpu = cpu_s() - before
    scheduler.shutdown()
    tell(
        round(1000 * cpu, 1), unit="ms CPU", count=len(fired), right=len(fired) == DUE, add_us=round(1e6 * each, 1),
        first_ms=round(1000 * (fired[0] - due)), last_ms=round(1000 * (fired[-1] - due)), memory_mb=round(memory, 1),
    )  # fmt: skip


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    asyncio.run(fire(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
